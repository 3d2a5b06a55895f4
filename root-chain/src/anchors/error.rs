//! Why an anchor is not recorded, and whose fault that is.

use crypto::merkle::ProofError;
use types::{Amount, Blame, CertificateError, ChainId, Epoch, Height, Round};

/// A counter of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Messages sent.
    NextIndex,
    /// Their bytes.
    BytesOut,
    /// Their value.
    ValueOut,
    /// Messages taken.
    NextImport,
    /// Their bytes.
    BytesIn,
    /// Their value.
    ValueIn,
    /// Messages that the peer took.
    Acked,
    /// Their bytes.
    AckedBytes,
}

impl std::fmt::Display for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NextIndex => "next_index",
            Self::BytesOut => "bytes_out",
            Self::ValueOut => "value_out",
            Self::NextImport => "next_import",
            Self::BytesIn => "bytes_in",
            Self::ValueIn => "value_in",
            Self::Acked => "acked",
            Self::AckedBytes => "acked_bytes",
        })
    }
}

/// Why an anchor is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// [R9] Chains don't ascend.
    #[error("an anchor of chain {chain} after one of chain {last}; at most one a chain, ascending")]
    Order {
        /// Its chain.
        chain: ChainId,
        /// The chain before.
        last: ChainId,
    },
    /// More anchors than a block may hold.
    #[error("more than {most} anchors")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// The tip has a format that is not understood.
    #[error("the tip has version {version}")]
    Version {
        /// Its version.
        version: u16,
    },
    /// [R1] The root itself, or a chain without record or committee.
    #[error("chain {chain} does not anchor here")]
    UnknownChain {
        /// The chain.
        chain: ChainId,
    },
    /// [R1] Another committee is in office.
    #[error("the tip is of epoch {found}, the chain is in epoch {current}")]
    Epoch {
        /// The tip's epoch.
        found: Epoch,
        /// The chain's.
        current: Epoch,
    },
    /// [R1] The committee of the chain's term is not recorded.
    #[error("chain {chain} does not anchor here: it has no committee of epoch {epoch}")]
    NoCommittee {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
    },
    /// [R13] The tip's round is higher than its height allows.
    #[error("the tip is of round {round}, at its height {most} is the highest")]
    Round {
        /// Its round.
        round: Round,
        /// The highest one.
        most: Round,
    },
    /// [R10] The tip stands above a closing block.
    #[error("the tip is a tail; anchor the closing block below it")]
    TailTip,
    /// [R10] Tails above a block that does not close a term, or more than allowed.
    #[error("{tails} tails; at most 64, and only above a closing block")]
    TooManyTails {
        /// How many there are.
        tails: usize,
    },
    /// [R10] A tail does not follow the one before it.
    #[error("tail {at} does not follow the block before it")]
    Tail {
        /// Its place.
        at: usize,
    },
    /// [R11] The term was closed before the root had told that it may be.
    #[error("the tip closes its term though the next committee of chain {chain} was not ready")]
    Unready {
        /// The chain.
        chain: ChainId,
    },
    /// [R12] The chain waits for a new committee.
    #[error("chain {chain} is frozen until a new committee takes over")]
    Frozen {
        /// The chain.
        chain: ChainId,
    },
    /// [R8] Another block at the recorded height; not known to be certified.
    #[error("another block than the recorded one at height {height}")]
    Rival {
        /// The height.
        height: Height,
    },
    /// [R8] Both blocks may lie on one chain.
    #[error("it does not contradict what is recorded")]
    NotApart,
    /// [R2] Covers heights that are recorded.
    #[error("the anchor begins at {first}, recorded up to {recorded}")]
    Stale {
        /// Its lowest height.
        first: Height,
        /// The last recorded height.
        recorded: Height,
    },
    /// [R2] Leaves heights out.
    #[error("the anchor begins at {first}, recorded only up to {recorded}")]
    Gap {
        /// Its lowest height.
        first: Height,
        /// The last recorded height.
        recorded: Height,
    },
    /// [R2] Covers no height or too many.
    #[error("the anchor covers {first} to {last}; at least one height and at most 1024")]
    Run {
        /// Its lowest height.
        first: Height,
        /// Its tip's height.
        last: Height,
    },
    /// [R1] The certificates are not a confirm and a prepare certificate of the tip.
    #[error("the certificates are not a confirm and a prepare certificate of the tip")]
    OtherBlock,
    /// [R1] A certificate proves nothing.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// [R4] The cited root height moved back.
    #[error("the tip cites root height {found}, the recorded one {recorded}")]
    RootRefBack {
        /// Cited now.
        found: Height,
        /// Cited before.
        recorded: Height,
    },
    /// [R4] The cited root height is above the one that the recording block cites.
    #[error("the tip cites root height {found}, the recording block only {cited}")]
    RootRefAhead {
        /// Cited by the tip.
        found: Height,
        /// Cited by the recording block.
        cited: Height,
    },
    /// [R4] The cited root height is too old to be looked up by all.
    #[error("the tip cites root height {found}, too far below {cited}")]
    RootRefOld {
        /// Cited by the tip.
        found: Height,
        /// Cited by the recording block.
        cited: Height,
    },
    /// [R4] The cited root block is none of this root.
    #[error("the tip cites another root block than the one at height {height}")]
    OtherRoot {
        /// The cited height.
        height: Height,
    },
    /// [R4] This node does not know the root block of that height.
    #[error("the root block at height {height} is not at hand")]
    RootUnknown {
        /// The cited height.
        height: Height,
    },
    /// [R3] The history is not the recorded one, extended.
    #[error("the history does not extend the recorded one: {0}")]
    History(ProofError),
    /// [R3] The proof is about another height than the recorded one.
    #[error("the proof of the previous tip is for height {found}, recorded is {recorded}")]
    PreviousIndex {
        /// The height it is for.
        found: u64,
        /// The recorded height.
        recorded: Height,
    },
    /// [R3] The recorded tip is not in the history.
    #[error("the recorded tip is not in the history: {0}")]
    Previous(ProofError),
    /// [R5] The lanes are not those that the tip commits to.
    #[error("the lanes are not those of the tip")]
    LanesRoot,
    /// [R5] Lanes out of order, twice, or to the chain itself.
    #[error("the lane to chain {peer} is out of order, there twice, or to the chain itself")]
    LaneOrder {
        /// The lane's peer.
        peer: ChainId,
    },
    /// [R6] A lane to a chain that the root does not know.
    #[error("a lane to chain {peer}, which the root does not know")]
    UnknownPeer {
        /// The lane's peer.
        peer: ChainId,
    },
    /// [R5] I3: held + exported + burned differs from minted + imported.
    #[error("held + exported + burned is not minted + imported")]
    Unbalanced,
    /// [R5] Value was minted.
    #[error("minted is {found}, since genesis it is {recorded}")]
    Minted {
        /// What the anchor says.
        found: Amount,
        /// What is recorded.
        recorded: Amount,
    },
    /// [R7] Burned value came back.
    #[error("burned is {found}, recorded is {recorded}")]
    Unburned {
        /// What the anchor says.
        found: Amount,
        /// What is recorded.
        recorded: Amount,
    },
    /// [R7] A counter moved back.
    #[error("{counter} of the lane with chain {peer} is {found}, recorded is {recorded}")]
    Back {
        /// The lane's peer.
        peer: ChainId,
        /// The counter.
        counter: Counter,
        /// What the anchor says.
        found: u128,
        /// What is recorded.
        recorded: u128,
    },
    /// [R6] I1, I3: more than the peer's own books show.
    #[error("{counter} of the lane with chain {peer} is {claimed}, its books show {shown}")]
    MoreThanPeer {
        /// The lane's peer.
        peer: ChainId,
        /// The counter.
        counter: Counter,
        /// What the anchor says.
        claimed: u128,
        /// What the peer's books allow.
        shown: u128,
    },
}

impl AnchorError {
    /// Whoever forwards an anchor can check it, up to what depends on how far the root is.
    pub const fn blame(&self) -> Blame {
        match self {
            // Others may be ahead or behind by an anchor, an epoch or some root blocks.
            Self::Stale { .. }
            | Self::Gap { .. }
            | Self::Epoch { .. }
            | Self::NoCommittee { .. }
            | Self::Frozen { .. }
            | Self::Unready { .. }
            | Self::RootRefAhead { .. }
            | Self::RootRefOld { .. } => Blame::Nobody,
            // The forwarder may hold the recorded one for the fork; the signers are to blame.
            Self::Rival { .. } | Self::NotApart => Blame::Nobody,
            Self::RootUnknown { .. } => Blame::Ourselves,
            _ => Blame::Sender,
        }
    }
}
