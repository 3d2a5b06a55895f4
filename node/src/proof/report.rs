//! What a verifier tells: each step that held, or the first that did not.

use std::fmt;

use crypto::merkle::ProofError;
use serde::Serialize;
use types::{BlockHash, CertificateError, ChainId, Epoch, Height, MessageId, NetworkId, Status};

use super::FileError;

/// The steps, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The bytes are a proof file.
    File,
    /// The file is of the network of the genesis file.
    Genesis,
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
    /// The root block is certified, or below one that is.
    RootBlock,
    /// The root committee signed.
    Certificate,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::File => "file",
            Self::Genesis => "genesis",
            Self::Message => "message",
            Self::Bundle => "bundle",
            Self::Outbox => "outbox",
            Self::Receipt => "receipt",
            Self::Header => "header",
            Self::History => "history",
            Self::Anchor => "anchor",
            Self::RootBlock => "root block",
            Self::Certificate => "certificate",
        })
    }
}

/// A step that held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum StepReport {
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
    /// The root block is certified or below a certified one.
    RootBlock {
        /// Its height.
        height: Height,
        /// The certified root block's height.
        certified: Height,
    },
    /// The root committee signed.
    Certificate {
        /// The committee's term.
        epoch: Epoch,
        /// Seats that signed.
        seats: u64,
        /// Seats of the committee.
        of: u64,
    },
}

impl StepReport {
    /// Which step.
    pub const fn name(&self) -> StepName {
        match self {
            Self::Message { .. } => StepName::Message,
            Self::Bundle { .. } => StepName::Bundle,
            Self::Outbox { .. } => StepName::Outbox,
            Self::Receipt { .. } => StepName::Receipt,
            Self::Header { .. } => StepName::Header,
            Self::History { .. } => StepName::History,
            Self::Anchor { .. } => StepName::Anchor,
            Self::RootBlock { .. } => StepName::RootBlock,
            Self::Certificate { .. } => StepName::Certificate,
        }
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::RootBlock { height, certified } if height == certified => {
                write!(f, "root height {height}")
            }
            Self::RootBlock { height, certified } => {
                write!(
                    f,
                    "root height {height}, below certified height {certified}"
                )
            }
            Self::Certificate { epoch, seats, of } => {
                write!(f, "epoch {epoch}: {seats} of {of} seats signed")
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
    /// The genesis file knows no such committee.
    #[error("the genesis file names no root committee of epoch {epoch}")]
    UnknownCommittee {
        /// The term.
        epoch: Epoch,
    },
    /// The certificates are of another block.
    #[error("the certificates are not of this root block")]
    OtherBlock,
    /// A certificate does not hold.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// The first step that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {error}")]
pub struct FailedStep {
    /// Which piece of evidence, from 1; 0 for the file as a whole.
    pub evidence: usize,
    /// Which step.
    pub step: StepName,
    /// Why.
    pub error: StepError,
    /// The steps that held before.
    pub held: Vec<StepReport>,
}
