//! Blocks above the last final one, with their bodies.

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{Block, BlockHash, Body, Height, Round, limits};

/// Blocks held at most; more are left to whoever synchronizes the chain. [M2]
const BLOCKS: usize = 16_384;
/// Bytes of bodies held at most.
const BYTES: usize = 512 * 1024 * 1024;

/// What is known of a block's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its parent is not known to be valid yet.
    Unchecked,
    /// The chain was asked.
    Checking,
    /// The chain said so, or this node built it.
    Valid,
    /// The chain said that it is valid and should not be voted for.
    Unwelcome,
    /// No honest leader made it.
    Invalid,
}

/// A block and its state.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) block: Arc<Block>,
    pub(crate) state: State,
}

/// The blocks by hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: BTreeMap<BlockHash, Node>,
    bytes: usize,
}

/// Whether the body is the one that the header commits to.
pub(crate) fn is_whole(block: &Block) -> bool {
    block.body.len() == block.header.body_bytes as usize
        && block.body.len() <= limits::BODY_BYTES
        && Body::hash_of(&block.body) == block.header.body
        && block.justification.hash() == block.header.justification
}

impl Tree {
    pub(crate) fn get(&self, hash: &BlockHash) -> Option<&Node> {
        self.nodes.get(hash)
    }

    pub(crate) fn set(&mut self, hash: &BlockHash, state: State) -> bool {
        let node = self.nodes.get_mut(hash);
        node.is_some_and(|node| std::mem::replace(&mut node.state, state) != state)
    }

    pub(crate) fn has_room(&self, block: &Block) -> bool {
        self.nodes.len() < BLOCKS && self.bytes + block.body.len() <= BYTES
    }

    /// Keeps a whole block; false when it was there.
    pub(crate) fn insert(&mut self, hash: BlockHash, block: Arc<Block>, state: State) -> bool {
        if self.nodes.contains_key(&hash) {
            return false;
        }
        self.bytes += block.body.len();
        self.nodes.insert(hash, Node { block, state });
        true
    }

    /// Blocks that nobody checked yet.
    pub(crate) fn unchecked(&self) -> impl Iterator<Item = (&BlockHash, &Node)> {
        self.nodes
            .iter()
            .filter(|(_, node)| node.state == State::Unchecked)
    }

    /// Forgets what a final block decided.
    pub(crate) fn prune(&mut self, height: Height, round: Round) {
        self.nodes
            .retain(|_, node| node.block.header.height > height && node.block.header.round > round);
        self.bytes = self.nodes.values().map(|n| n.block.body.len()).sum();
    }
}
