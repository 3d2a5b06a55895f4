//! How a chain starts: from genesis, or from a checkpoint and the log of later blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Recorded, State};
use bytes::Bytes;
use consensus::{Closed, Restored, unsigned};
use crypto::merkle::{Frontier, leaf_hash};
use types::{Block, BlockHash, Committee, Epoch, Finality, Header, Justification, RootBlock};

use crate::anchoring::Anchoring;
use crate::handover::Opening;
use crate::history::History;
use crate::keyring::Keyring;
use crate::outbox::Outbox;
use crate::root_view::RootView;
use crate::rules::Rules;
use crate::tree::ExecutedBlock;

/// What a chain is told when it starts.
#[derive(Clone)]
pub struct Config {
    /// The rules.
    pub rules: Rules,
    /// The committee of genesis, this node's seat in it, and the time-outs.
    pub consensus: consensus::Config,
    /// The node's consensus keys, for terms after the one that `consensus` tells.
    pub keyring: Arc<dyn Keyring>,
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
    pub replay: Vec<Replayed>,
    /// Votes, certificates and blocks above the last final one.
    pub restored: Restored,
    /// What ended earlier terms.
    pub closed: BTreeMap<Epoch, Arc<Closed>>,
    /// How the current term began; none in that of genesis.
    pub opening: Option<Opening>,
}

/// A final block that is read back, its own certificates, and what closed the term with it.
pub type Replayed = (Arc<Block>, Option<Finality>, Option<Closed>);

/// What a checkpoint holds of a chain. The state is shared, so taking one costs nothing.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The last final block.
    pub block: Arc<ExecutedBlock>,
    /// Its certificates; genesis has none.
    pub finality: Option<Finality>,
    /// What ended earlier terms.
    pub closed: BTreeMap<Epoch, Arc<Closed>>,
    /// How the current term began; none in that of genesis.
    pub opening: Option<Opening>,
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
            closed: BTreeMap::new(),
            opening: None,
        }
    }

    /// Takes over what the root's own start knows of the root, if that is more.
    ///
    /// Each chain has checkpoints of its own, and the root tells again only of blocks above its
    /// own one. To be called for every other chain of a node before it starts.
    pub fn follow(&mut self, root: &RootView) {
        if root.latest().height > self.view.latest().height {
            let chain = self.block.header().chain;
            self.view = root.clone().with_terms_of(chain, &self.view);
        }
    }

    /// The committee of the term that the chain is in, given that of genesis.
    pub fn committee<'a>(&'a self, genesis: &'a Committee) -> &'a Committee {
        let opening = self.opening.as_ref();
        opening.map_or(genesis, |opening| &opening.committee)
    }

    /// How consensus starts. A term that begins on the last final block has nothing to restore
    /// of that block: it was certified in the term before.
    pub(crate) fn consensus(&mut self, config: &Config) -> (consensus::Config, BlockHash) {
        let template = &config.consensus;
        let Some(opening) = &self.opening else {
            return (template.clone(), template.genesis.hash());
        };
        let base = opening.base.hash();
        let last = self.replay.last().map(|(block, ..)| &block.header);
        if last.unwrap_or_else(|| self.block.header()).hash() == base {
            self.restored.last = None;
        }
        if cfg!(feature = "plant-forgotten-term") {
            self.restored.votes.clear();
        }
        let seat = config.keyring.seat(&opening.committee);
        (opening.config(template, seat), base)
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
            closed: BTreeMap::new(),
            opening: None,
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
