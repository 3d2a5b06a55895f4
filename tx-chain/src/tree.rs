//! The blocks that this node has executed: the last final one and what was built on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Letter, Recorded, State};
use consensus::Closed;
use crypto::merkle::Frontier;
use types::{Block, BlockHash, Bundle, Finality, Header, Receipt, RelayMessage, RootBlock};

use crate::signed::SignedMessage;

/// A block with what its execution made.
#[derive(Debug)]
pub struct ExecutedBlock {
    /// Its hash.
    pub hash: BlockHash,
    /// The block; its body is empty for genesis.
    pub block: Block,
    /// External messages that it holds.
    pub externals: Vec<SignedMessage>,
    /// The state after it.
    pub state: State,
    /// One receipt for each consumed message, in step order.
    pub receipts: Vec<Receipt>,
    /// Relay messages that it took from other chains, in input order.
    pub imported: Vec<RelayMessage>,
    /// Relay messages that its steps produced, in (step, output) order.
    pub produced: Vec<Arc<Letter>>,
    /// What leaves the chain, destinations ascending.
    pub outbox: Vec<(Bundle, Vec<RelayMessage>)>,
    /// What it recorded of filings; on the root only.
    pub recorded: Recorded,
    /// The hashes of all blocks up to and with this one.
    pub history: Frontier,
}

impl ExecutedBlock {
    /// The header.
    pub const fn header(&self) -> &Header {
        &self.block.header
    }

    /// The block as other chains are told of it, once it is root-final.
    pub fn root_block(&self) -> RootBlock {
        RootBlock {
            header: self.header().clone(),
            lanes: self.state.lanes().clone(),
            records: self.recorded.records.clone(),
            news: self.recorded.news.clone(),
        }
    }
}

/// A block that can no longer be undone.
#[derive(Clone, Debug)]
pub struct FinalBlock {
    /// The block.
    pub executed: Arc<ExecutedBlock>,
    /// Its own certificates; blocks below the newest of a lot may have none.
    pub finality: Option<Finality>,
    /// For a closing block: what makes it final.
    pub closed: Option<Arc<Closed>>,
}

/// Executed blocks by hash, all at or above the last final one.
#[derive(Clone, Debug)]
pub struct BlockTree {
    blocks: BTreeMap<BlockHash, Arc<ExecutedBlock>>,
    last_final: Arc<ExecutedBlock>,
    best: BlockHash,
}

impl BlockTree {
    /// A tree that grows from a final block.
    pub fn new(root: Arc<ExecutedBlock>) -> Self {
        let best = root.hash;
        Self {
            blocks: BTreeMap::from([(best, root.clone())]),
            last_final: root,
            best,
        }
    }

    /// An executed block.
    pub fn get(&self, hash: &BlockHash) -> Option<&Arc<ExecutedBlock>> {
        self.blocks.get(hash)
    }

    /// How many blocks are here; the last final one always is.
    #[expect(clippy::len_without_is_empty, reason = "it never is")]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The last final block.
    pub const fn last_final(&self) -> &Arc<ExecutedBlock> {
        &self.last_final
    }

    /// The block on which the next one will most likely be built: the one of the highest round.
    pub fn best(&self) -> &Arc<ExecutedBlock> {
        self.blocks.get(&self.best).unwrap_or(&self.last_final)
    }

    /// Adds a block whose parent is here.
    pub fn insert(&mut self, block: Arc<ExecutedBlock>) {
        if block.header().round >= self.best().header().round {
            self.best = block.hash;
        }
        self.blocks.insert(block.hash, block);
    }

    /// Makes a block here the last final one; returns the blocks that can never be final now.
    pub fn finalize(&mut self, hash: &BlockHash) -> Vec<Arc<ExecutedBlock>> {
        let Some(block) = self.blocks.get(hash).cloned() else {
            return Vec::new();
        };
        self.last_final = block;
        let mut kept = BTreeMap::new();
        let mut gone = Vec::new();
        let mut rest: Vec<_> = std::mem::take(&mut self.blocks).into_values().collect();
        rest.sort_by_key(|block| block.header().height);
        for block in rest {
            let parent = block.header().parent;
            if block.hash == *hash || kept.contains_key(&parent) {
                kept.insert(block.hash, block);
            } else if block.header().height >= self.last_final.header().height {
                gone.push(block);
            }
        }
        self.blocks = kept;
        if !self.blocks.contains_key(&self.best) {
            let newest = self
                .blocks
                .values()
                .max_by_key(|block| block.header().round);
            self.best = newest.map_or(*hash, |block| block.hash);
        }
        gone
    }
}
