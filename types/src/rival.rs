//! Forks: a certified block that contradicts what the root has recorded of its chain.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;
use crypto::merkle::InclusionProof;

use crate::{ChainId, Finality, Header};

/// A certified block that neither extends the recorded block of its chain nor is extended by it.
/// Whoever holds one can show it to the root.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rival {
    /// The block.
    pub tip: Header,
    /// As in [`crate::Anchor::tails`].
    pub tails: Vec<Header>,
    /// The certificates of the tip, or of the last of the tails.
    pub finality: Finality,
    /// What shows that the two blocks do not lie on one chain.
    pub apart: Apart,
}

/// Why a certified block and the recorded one do not lie on one chain.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Apart {
    /// They are of one height, and differ.
    Beside,
    /// The block is higher, and in its history another block lies at the recorded height.
    Above {
        /// Its leaf in that history.
        leaf: Hash,
        /// That it lies in the tip's history at the recorded height.
        proof: InclusionProof,
    },
    /// The block is lower, and in the recorded history another one lies at its height.
    Below {
        /// Its leaf in that history.
        leaf: Hash,
        /// That it lies in the recorded history at the tip's height.
        proof: InclusionProof,
    },
}

impl Rival {
    /// The chain that has forked.
    pub const fn chain(&self) -> ChainId {
        self.tip.chain
    }
}
