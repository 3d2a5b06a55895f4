//! What members send each other, and what the machine is told.

use borsh::{BorshDeserialize, BorshSerialize};
use types::{Block, BlockHash, Certificate, Epoch, Finality, NodeId, Round, Vote};

/// A message between nodes. Borsh, trailing bytes refused.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// The leader's block. Its body may be detached: empty here, to be fetched by hash.
    Proposal(Box<Block>),
    /// A vote; only its member may be the sender.
    Vote(Vote),
    /// A prepare, skip or early certificate; anyone may send it.
    Certificate(Certificate),
    /// A confirm certificate with its prepare certificate; anyone may send it.
    Finality(Box<Finality>),
    /// "Send me your certificates of rounds above this one."
    Ask {
        /// The term that the sender is in.
        epoch: Epoch,
        /// The last round that the sender knows to be final.
        above: Round,
    },
    /// That a term is over, for a node that is still in it.
    Closed(Box<Closed>),
}

/// A term's end: what makes its closing block final.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Closed {
    /// Certificates of the closing block, or of the last of the tails.
    pub finality: Finality,
    /// Blocks from just above the closing block up to the certified one, ascending.
    pub tails: Vec<Block>,
}

impl Message {
    /// The term that the message belongs to.
    pub const fn epoch(&self) -> Epoch {
        match self {
            Self::Proposal(block) => block.header.epoch,
            Self::Vote(vote) => vote.epoch,
            Self::Certificate(certificate) => certificate.epoch,
            Self::Finality(finality) => finality.confirm.epoch,
            Self::Ask { epoch, .. } => *epoch,
            Self::Closed(closed) => closed.finality.confirm.epoch,
        }
    }
}

/// What the machine is told.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "moved once, from the caller to the machine"
)]
pub enum Input {
    /// The deadline passed. Harmless at any other time.
    Tick,
    /// A message arrived.
    Message {
        /// Who made it; authenticated, not the last hop.
        from: NodeId,
        /// The message.
        message: Message,
    },
    /// The chain has, or no longer has, something worth a block.
    Work(bool),
    /// Answer to [`Effect::Build`](crate::Effect::Build).
    ///
    /// The header's round, parent, justification and proposer must be those asked for; the
    /// machine writes the signature, so [`unsigned`](crate::unsigned) is put there.
    Built {
        /// The round asked for.
        round: Round,
        /// The block, built, executed and so known to be valid; none when there is nothing to
        /// propose or it can't be built now. The machine may ask again.
        block: Option<Block>,
    },
    /// Answer to [`Effect::Check`](crate::Effect::Check).
    Checked {
        /// The block.
        block: BlockHash,
        /// What the chain found.
        verdict: Verdict,
    },
    /// Answer to [`Effect::Fetch`](crate::Effect::Fetch): blocks with bodies, newest first, each
    /// the parent of the one before. From anyone, so nothing in it is believed.
    Blocks {
        /// The blocks; fewer than asked for is fine.
        blocks: Vec<Block>,
    },
}

/// What the chain found a block to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Executed, every root matches.
    Valid,
    /// It is valid, but this node does not vote for it: what others certify all the same can be
    /// built upon.
    Unwelcome,
    /// No honest leader can have made it.
    Invalid,
    /// Can't be told yet, such as before the root block it cites is known. Answered again later.
    Later,
}
