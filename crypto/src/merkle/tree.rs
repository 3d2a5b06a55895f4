//! A whole tree in memory, which gives proofs.

use std::marker::PhantomData;

use rs_merkle::PartialTree;

use super::{ConsistencyProof, InclusionProof, Sha3, TreeHash};
use crate::hash::Hash;

/// The protocol's tree.
pub type MerkleTree = Tree<Sha3>;

/// A tree of rs_merkle, which builds the layers; an odd node is promoted as it is, the same
/// shape as RFC 6962's. Some 80 bytes a leaf.
#[derive(Clone)]
pub struct Tree<H: TreeHash> {
    layers: PartialTree<Adapter<H>>,
    len: u64,
}

impl<H: TreeHash> Tree<H> {
    /// The tree over the bytes of leaves, in order.
    pub fn from_leaves(leaves: impl Iterator<Item = impl AsRef<[u8]>>) -> Self {
        Self::from_leaf_hashes(leaves.map(|leaf| H::leaf(leaf.as_ref())).collect())
    }

    /// The tree over leaf hashes, in order.
    pub fn from_leaf_hashes(leaves: Vec<Hash>) -> Self {
        let len = leaves.len() as u64;
        let leaves: Vec<[u8; 32]> = leaves.iter().map(|leaf| *leaf.as_bytes()).collect();
        let layers = PartialTree::from_leaves(&leaves);
        assert!(
            layers.is_ok(),
            "a tree of consecutive leaves has all its nodes"
        );
        Self {
            layers: layers.unwrap_or_default(),
            len,
        }
    }

    /// The root; [`TreeHash::empty`] without leaves.
    pub fn root(&self) -> Hash {
        self.layers
            .root()
            .map_or_else(H::empty, |root| Hash::new(*root))
    }

    /// Number of leaves.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True without leaves.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The proof of the leaf at `index`, or `None` outside the tree.
    pub fn prove(&self, index: u64) -> Option<InclusionProof> {
        (index < self.len).then(|| InclusionProof {
            index,
            size: self.len,
            path: self.path_from(0, index),
        })
    }

    /// The proof that the first `old_size` leaves were a tree of their own, or `None` when there
    /// are fewer leaves.
    pub fn prove_consistency(&self, old_size: u64) -> Option<ConsistencyProof> {
        if old_size > self.len {
            return None;
        }
        if old_size == 0 || old_size == self.len {
            return Some(ConsistencyProof { path: Vec::new() });
        }
        let level = old_size.trailing_zeros() as usize;
        let index = (old_size - 1) >> level;
        let seed = self
            .node(level, index)
            .filter(|_| !old_size.is_power_of_two());
        let path = seed
            .into_iter()
            .chain(self.path_from(level, index))
            .collect();
        Some(ConsistencyProof { path })
    }

    /// Neighbours of the node `index` of `level` and of its parents, lowest first.
    fn path_from(&self, level: usize, index: u64) -> Vec<Hash> {
        let neighbours = (level..u64::BITS as usize).zip(0u32..).map(|(level, up)| {
            // A neighbour that does not exist means that the node was promoted.
            self.node(level, (index >> up) ^ 1)
        });
        neighbours.flatten().collect()
    }

    fn node(&self, level: usize, index: u64) -> Option<Hash> {
        let nodes = self.layers.layers().get(level)?;
        nodes
            .get(usize::try_from(index).ok()?)
            .map(|(_, hash)| Hash::new(*hash))
    }
}

/// Our tree hash as a hasher of rs_merkle.
#[derive(Clone)]
pub(super) struct Adapter<H>(PhantomData<H>);

impl<H: TreeHash> rs_merkle::Hasher for Adapter<H> {
    type Hash = [u8; 32];

    fn hash(data: &[u8]) -> [u8; 32] {
        *H::leaf(data).as_bytes()
    }

    fn concat_and_hash(left: &[u8; 32], right: Option<&[u8; 32]>) -> [u8; 32] {
        match right {
            Some(right) => *H::node(&Hash::new(*left), &Hash::new(*right)).as_bytes(),
            None => *left,
        }
    }
}
