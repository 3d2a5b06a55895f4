//! What a verifier tells: each step that held, or the first that did not.

use std::fmt;

use crypto::merkle::ProofError;
use serde::Serialize;
use types::{BlockHash, ChainId, Epoch, Height, MessageId, NetworkId, Status};

use super::FileError;
use crate::{CheckpointError, LineError, TooOld};

/// The steps, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The bytes are a proof file.
    File,
    /// The file is of the network of the genesis file.
    Genesis,
    /// The line starts from the checkpoint, which is young enough.
    Checkpoint,
    /// A committee of the root named the next.
    Handover,
    /// The root committee signed the end of the line.
    Certificate,
    /// The evidence is about the message.
    Message,
    /// The relay message is in its bundle.
    Bundle,
    /// The bundle is in the block's outbox.
    Outbox,
    /// The receipt is in the block.
    Receipt,
    /// The block is one whose format is known, of the chain that answers for it.
    Header,
    /// The block is in the history of the anchored tip.
    History,
    /// The anchor is in the root block.
    Anchor,
    /// The root block is in the history of the line.
    RootBlock,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::File => "file",
            Self::Genesis => "genesis",
            Self::Checkpoint => "checkpoint",
            Self::Handover => "handover",
            Self::Certificate => "certificate",
            Self::Message => "message",
            Self::Bundle => "bundle",
            Self::Outbox => "outbox",
            Self::Receipt => "receipt",
            Self::Header => "header",
            Self::History => "history",
            Self::Anchor => "anchor",
            Self::RootBlock => "root block",
        })
    }
}

/// A step that held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum StepReport {
    /// The line starts here.
    Checkpoint {
        /// The checkpoint's root height.
        height: Height,
        /// Its block.
        hash: BlockHash,
        /// The term of the blocks above.
        epoch: Epoch,
    },
    /// A committee named the next.
    Handover {
        /// The term that ended.
        epoch: Epoch,
        /// The root height of its closing block.
        height: Height,
        /// Seats that signed.
        seats: u64,
        /// Seats of the committee.
        of: u64,
    },
    /// The root committee signed the end of the line.
    Certificate {
        /// The root height.
        height: Height,
        /// The committee's term.
        epoch: Epoch,
        /// Seats that signed.
        seats: u64,
        /// Seats of the committee.
        of: u64,
    },
    /// The evidence is about this message.
    Message {
        /// Which piece of evidence, from 1.
        evidence: usize,
        /// The message.
        id: MessageId,
    },
    /// The relay message stands in its bundle.
    Bundle {
        /// Where the bundle goes.
        destination: ChainId,
        /// The message's number on the lane there.
        lane_index: u64,
    },
    /// The bundle is in the block's outbox.
    Outbox {
        /// The chain that it left.
        chain: ChainId,
    },
    /// The receipt is in the block.
    Receipt {
        /// How the message ended.
        status: Status,
        /// How many messages it sent.
        outputs: usize,
    },
    /// The block.
    Header {
        /// Its chain.
        chain: ChainId,
        /// Its height.
        height: Height,
        /// Its hash.
        hash: BlockHash,
    },
    /// The block is the anchored tip or below it.
    History {
        /// The tip's height.
        tip: Height,
    },
    /// The anchor is in a root block.
    Anchor {
        /// The chain that it is of.
        chain: ChainId,
        /// The height that it anchors.
        tip: Height,
    },
    /// The root block is one of the line or below one.
    RootBlock {
        /// Its height.
        height: Height,
        /// The height of the line's block above it.
        below: Height,
    },
}

impl StepReport {
    /// Which step.
    pub const fn name(&self) -> StepName {
        match self {
            Self::Checkpoint { .. } => StepName::Checkpoint,
            Self::Handover { .. } => StepName::Handover,
            Self::Certificate { .. } => StepName::Certificate,
            Self::Message { .. } => StepName::Message,
            Self::Bundle { .. } => StepName::Bundle,
            Self::Outbox { .. } => StepName::Outbox,
            Self::Receipt { .. } => StepName::Receipt,
            Self::Header { .. } => StepName::Header,
            Self::History { .. } => StepName::History,
            Self::Anchor { .. } => StepName::Anchor,
            Self::RootBlock { .. } => StepName::RootBlock,
        }
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint {
                height,
                hash,
                epoch,
            } => write!(f, "root height {height}, {hash}, then epoch {epoch}"),
            Self::Handover {
                epoch,
                height,
                seats,
                of,
            } => write!(
                f,
                "epoch {epoch} ends at root height {height}: {seats} of {of} seats signed"
            ),
            Self::Certificate {
                height,
                epoch,
                seats,
                of,
            } => write!(
                f,
                "root height {height}, epoch {epoch}: {seats} of {of} seats signed"
            ),
            Self::Message { id, .. } => write!(f, "{id}"),
            Self::Bundle {
                destination,
                lane_index,
            } => write!(f, "message {lane_index} on the lane to chain {destination}"),
            Self::Outbox { chain } => write!(f, "left chain {chain}"),
            Self::Receipt {
                status: Status::Done,
                outputs,
            } => write!(f, "done, sent {outputs}"),
            Self::Receipt {
                status: Status::Failed(code),
                ..
            } => write!(f, "failed: {code:?}"),
            Self::Header {
                chain,
                height,
                hash,
            } => write!(f, "chain {chain}, height {height}, {hash}"),
            Self::History { tip } => write!(f, "at or below the anchored height {tip}"),
            Self::Anchor { chain, tip } => write!(f, "chain {chain} at height {tip}"),
            Self::RootBlock { height, below } if height == below => {
                write!(f, "root height {height}")
            }
            Self::RootBlock { height, below } => {
                write!(f, "root height {height}, in the history of {below}")
            }
        }
    }
}

/// Why a step does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The bytes are no proof file, or were changed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The proof is of another network than the genesis file.
    #[error("the proof is of network {found}, the genesis file of {expected}")]
    OtherNetwork {
        /// The file's.
        found: NetworkId,
        /// The genesis file's.
        expected: NetworkId,
    },
    /// The evidence is about a message that nothing before it names.
    #[error("evidence about message {found}, which is neither asked for nor sent by one proven")]
    OtherMessage {
        /// The message.
        found: MessageId,
    },
    /// A Merkle proof leads elsewhere.
    #[error("{0}")]
    Proof(#[from] ProofError),
    /// The block is of an unknown version.
    #[error("block of version {found}, only 1 is known")]
    BlockVersion {
        /// Its version.
        found: u16,
    },
    /// A block of one chain where one of another must be.
    #[error("a block of chain {found} where one of chain {expected} must be")]
    OtherChain {
        /// The block's chain.
        found: ChainId,
        /// The needed chain.
        expected: ChainId,
    },
    /// A block of the root comes with an anchor, or one of another chain without.
    #[error("chain {chain} is tied to the root in a way that it can't be")]
    Tie {
        /// The block's chain.
        chain: ChainId,
    },
    /// The block is not in the tip's history.
    #[error(transparent)]
    History(#[from] types::bundle::BundleProofError),
    /// The checkpoint has no meaning.
    #[error("the checkpoint can't be used: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is too old to be believed.
    #[error(transparent)]
    TooOld(#[from] TooOld),
    /// The file was made for another checkpoint.
    #[error("the proof starts from root height {found}, the checkpoint is at {expected}")]
    OtherStart {
        /// Where the file starts.
        found: Height,
        /// The checkpoint's height.
        expected: Height,
    },
    /// A step between two terms does not hold.
    #[error("from epoch {epoch} to the next: {source}")]
    Handover {
        /// The term that should end.
        epoch: Epoch,
        /// Why.
        source: LineError,
    },
    /// The end of the line is not certified, or the root block is not in its history.
    #[error(transparent)]
    Line(#[from] LineError),
}

/// The first step that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {error}")]
pub struct FailedStep {
    /// Which piece of evidence, from 1; 0 for the file as a whole.
    pub evidence: usize,
    /// Which step.
    pub step: StepName,
    /// Why. Boxed, so that results stay small.
    pub error: Box<StepError>,
    /// The steps that held before.
    pub held: Vec<StepReport>,
}
