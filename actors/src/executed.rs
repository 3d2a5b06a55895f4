//! What executing a block gives.

use crypto::{
    Hash,
    merkle::{MerkleTree, leaf_hash},
};
use std::sync::Arc;
use types::{Bundle, Order, Receipt, RelayMessage};

use crate::{Letter, Recorded, Refusal, State};

/// A block's execution: the state after it and everything that its header commits to.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The state after the block.
    pub state: State,
    /// σ.
    pub order: Order,
    /// For a proposer: which candidates are the block's externals, as places in
    /// [`Inputs::externals`](crate::Inputs::externals), ascending. For a verifier: all.
    pub externals: Vec<usize>,
    /// For a proposer: the candidates left out, ascending.
    pub refused: Vec<(usize, Refusal)>,
    /// One for each consumed message, in global step order.
    pub receipts: Vec<Receipt>,
    /// All messages produced, in (step, output) order.
    pub messages: Vec<Arc<Letter>>,
    /// What leaves for other chains, destinations ascending.
    pub outbox: Vec<(Bundle, Vec<RelayMessage>)>,
    /// What the system recorded.
    pub recorded: Recorded,
    /// Gas of all steps.
    pub gas: u64,
}

impl Executed {
    /// Merkle root over all messages produced.
    pub fn message_root(&self) -> Hash {
        let leaves = self.messages.iter().map(|letter| letter.leaf()).collect();
        MerkleTree::from_leaf_hashes(leaves).root()
    }

    /// Merkle root over the receipts.
    pub fn receipt_root(&self) -> Hash {
        receipt_tree(&self.receipts).root()
    }

    /// Merkle root over the bundles.
    pub fn outbox_root(&self) -> Hash {
        let bundles: Vec<_> = self.outbox.iter().map(|(bundle, _)| *bundle).collect();
        Bundle::outbox_root(&bundles)
    }
}

/// The tree under a header's receipt root; its leaves are the encoded receipts in step order.
pub fn receipt_tree(receipts: &[Receipt]) -> MerkleTree {
    let mut encoded = Vec::with_capacity(128);
    let leaves = receipts.iter().map(|receipt| {
        encoded.clear();
        let written = borsh::to_writer(&mut encoded, receipt);
        assert!(written.is_ok(), "a receipt has an encoding");
        leaf_hash(&encoded)
    });
    MerkleTree::from_leaf_hashes(leaves.collect())
}
