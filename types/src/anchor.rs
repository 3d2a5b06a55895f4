//! Anchors: a chain's digest for the root, and what the root remembers of it.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{
    Hash, hash_borsh,
    merkle::{ConsistencyProof, InclusionProof},
};
use serde::{Deserialize, Serialize};

use crate::{BlockHash, ChainId, Epoch, Finality, Header, Height, Lanes, News, Time, domain};

/// A chain's digest: its newest certified block and how it extends the last anchored one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Anchor {
    /// The lowest height covered: one above the last anchored.
    pub first: Height,
    /// The newest block, itself certified.
    pub tip: Header,
    /// Above a closing tip without certificates of its own: its descendants up to the one that
    /// has them, each with the phase tail. Empty otherwise.
    pub tails: Vec<Header>,
    /// The certificates of the tip, or of the last of the tails.
    pub finality: Finality,
    /// That the tip's history extends the recorded history root.
    pub consistency: ConsistencyProof,
    /// That the last anchored tip lies in the tip's history.
    pub previous: InclusionProof,
    /// The ledger and lanes that the tip commits to.
    pub lanes: Lanes,
}

impl Anchor {
    /// The leaf in a root block's inputs.
    pub fn hash(&self) -> Hash {
        hash_borsh(domain::ANCHOR, self)
    }
}

/// A block and the history below it, against which proofs are checked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Tip {
    /// The chain.
    pub chain: ChainId,
    /// The block's height: also how many blocks lie below it.
    pub height: Height,
    /// The block.
    pub hash: BlockHash,
    /// Merkle root over the hashes of the blocks below.
    pub history_root: Hash,
}

impl Tip {
    /// The tip that a header is.
    pub fn of(header: &Header) -> Self {
        Self {
            chain: header.chain,
            height: header.height,
            hash: header.hash(),
            history_root: header.history_root,
        }
    }
}

/// What the root keeps of a chain's last anchor.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct AnchorRecord {
    /// The anchored block.
    pub tip: Tip,
    /// The term of the committee that certified it.
    pub epoch: Epoch,
    /// Whether that term ended with it.
    pub closing: bool,
    /// Root height that its block cites.
    pub root_ref: Height,
    /// Its outbox root.
    pub outbox_root: Hash,
    /// Its state root.
    pub state_root: Hash,
    /// Its ledger and lanes.
    pub lanes: Lanes,
    /// The root height that recorded it.
    pub recorded: Height,
}

/// A root-final root block, as every chain of a node is told of it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RootBlock {
    /// The root block's header.
    pub header: Header,
    /// The root's own ledger and lanes after it.
    pub lanes: Lanes,
    /// The anchors that it recorded.
    pub records: Vec<AnchorRecord>,
    /// What it tells of committees and seeds.
    pub news: Vec<News>,
}

impl AnchorRecord {
    /// The term of the blocks that follow.
    pub const fn next_epoch(&self) -> Epoch {
        if self.closing {
            self.epoch.saturating_add(1)
        } else {
            self.epoch
        }
    }
}

impl RootBlock {
    /// The root height.
    pub const fn height(&self) -> Height {
        self.header.height
    }

    /// The root block's time.
    pub const fn time(&self) -> Time {
        self.header.time
    }
}
