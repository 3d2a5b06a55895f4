//! How a chain starts: from genesis, or from a checkpoint and the log of later blocks.

use std::sync::Arc;

use actors::{Recorded, State};
use bytes::Bytes;
use consensus::{Restored, unsigned};
use crypto::merkle::{Frontier, leaf_hash};
use types::{Block, BlockHash, Finality, Header, Justification, RootBlock};

use crate::anchoring::Anchoring;
use crate::history::History;
use crate::outbox::Outbox;
use crate::root_view::RootView;
use crate::rules::Rules;
use crate::tree::ExecutedBlock;

/// What a chain is told when it starts.
#[derive(Clone)]
pub struct Config {
    /// The rules.
    pub rules: Rules,
    /// The committee, this node's seat and the time-outs.
    pub consensus: consensus::Config,
    /// Propose without end, even empty blocks; for measuring.
    pub always_work: bool,
}

/// Where a chain starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The last block of the checkpoint, executed.
    pub block: Arc<ExecutedBlock>,
    /// The hashes of all blocks up to and with that one.
    pub history: History,
    /// Bundles that wait for their destination.
    pub outbox: Outbox,
    /// Final blocks that the root has not recorded.
    pub anchoring: Anchoring,
    /// What is known of the root.
    pub view: RootView,
    /// Final blocks above the checkpoint, lowest first, with the certificates of those that
    /// have their own.
    pub replay: Vec<(Arc<Block>, Option<Finality>)>,
    /// Votes, certificates and blocks above the last final one.
    pub restored: Restored,
}

/// What a checkpoint holds of a chain. The state is shared, so taking one costs nothing.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The last final block.
    pub block: Arc<ExecutedBlock>,
    /// Its certificates; genesis has none.
    pub finality: Option<Finality>,
    /// Bundles that wait for their destination.
    pub outbox: Outbox,
    /// Final blocks that the root has not recorded.
    pub anchoring: Anchoring,
    /// What is known of the root.
    pub view: RootView,
}

impl Start {
    /// A chain's beginning: its genesis header and state, and the root's genesis as every chain
    /// is told of it.
    pub fn genesis(header: Header, state: State, root: &RootBlock) -> Self {
        let history = History::of([header.hash()]);
        Self {
            block: Arc::new(ExecutedBlock::bare(header, state, Frontier::new())),
            history,
            outbox: Outbox::default(),
            anchoring: Anchoring::default(),
            view: RootView::genesis(root),
            replay: Vec::new(),
            restored: Restored::default(),
        }
    }

    /// Takes over what the root's own start knows of the root, if that is more.
    ///
    /// Each chain has checkpoints of its own, and the root tells again only of blocks above its
    /// own one. To be called for every other chain of a node before it starts.
    pub fn follow(&mut self, root: &RootView) {
        if root.latest().height > self.view.latest().height {
            self.view = root.clone();
        }
    }

    /// A checkpoint read back; `blocks` are the hashes of all blocks up to and with `header`.
    pub fn checkpoint(
        header: Header,
        state: State,
        blocks: &[BlockHash],
        parts: (Outbox, Anchoring, RootView),
    ) -> Self {
        let mut below = Frontier::new();
        for block in blocks.iter().take(blocks.len().saturating_sub(1)) {
            below.append(leaf_hash(block.as_bytes()));
        }
        let (outbox, anchoring, view) = parts;
        Self {
            block: Arc::new(ExecutedBlock::bare(header, state, below)),
            history: History::of(blocks.iter().copied()),
            outbox,
            anchoring,
            view,
            replay: Vec::new(),
            restored: Restored::default(),
        }
    }
}

impl ExecutedBlock {
    /// A block of which only header and state are known. `below` holds the blocks before it.
    fn bare(header: Header, state: State, mut below: Frontier) -> Self {
        let hash = header.hash();
        below.append(leaf_hash(hash.as_bytes()));
        let block = Block {
            header,
            justification: Justification::default(),
            signature: unsigned(),
            body: Bytes::new(),
        };
        Self {
            hash,
            block,
            externals: Vec::new(),
            imported: Vec::new(),
            state,
            receipts: Vec::new(),
            produced: Vec::new(),
            outbox: Vec::new(),
            recorded: Recorded::default(),
            history: below,
        }
    }
}
