//! The read model of a node that serves RPC: what became of each message, and the proof of it.
//!
//! ```text
//!  submitted ─▶ pending ──────────────┐
//!  proposed, early ─▶ candidates ─────┤            ┌─▶ trace  (tree, levels, one word)
//!  finalized ─▶ blocks, contents, ────┼─▶ find ────┼─▶ prove  (proof file)
//!               places, anchors       │            └─▶ block
//!  finalized(root) ─▶ root-final ─────┘
//! ```
//!
//! Fed with what the node's chains report, in the order in which they report it; answers what
//! RPC asks. It decides nothing and no chain depends on it. No clock: time is handed in.
//!
//! # Rules
//!
//! * **[X1] Derived.** All of it follows from final blocks, but for the times at which this node
//!   saw them. Blocks that chains report again after a restart change nothing.
//! * **[X2] Blind writes.** Records of final blocks are written once and never read to be changed,
//!   but for a block's times. Nothing is counted per tree: a tree is walked when it is asked for.
//!   So the work for a block grows with the block alone.
//! * **[X3] Levels.** A message's level is that of the block that executed it. A block of a chain
//!   is anchored when an executed root block records a tip at or above it, which may be undone;
//!   root-final when such a root block is final. A root block that is final is root-final.
//! * **[X4] Words.** A tree has ended when each of its messages has a receipt in a root-final
//!   block. It is *settled* if no receipt says failed; *refunded* if something failed and no
//!   credit or call was done, so all that was sent came back, or if the external message itself
//!   failed or expired, so that nothing was sent; else *partly failed*. Fees stay paid.
//! * **[X5] Times.** A level's time is when this node first saw that level or a higher one, as each
//!   level holds what those below it promise. A tree settles with the last root-final block of
//!   its messages.
//! * **[X6] Bounded.** Pending messages, candidates, cached blocks and the nodes of a trace have
//!   caps. What grows is the database, by a constant part of what final blocks weigh.
//! * **[X7] Whole history.** Proofs need the hashes of all blocks of a chain. If the index missed
//!   blocks (its last writes were lost, or it is new), the chain's own history stands in, see
//!   [`Index::resume`]; messages of the missed blocks stay unknown.
//! * **[X8] Early.** Early consensus grows with every seat that prepares a block. Each number of
//!   seats is kept with its time, until the block is final; who asks says how many are enough.
//!   A level above holds what early consensus of any number promises.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use store::{Batch, Db};
use tx_chain::History;
use types::{ChainId, Committee, Header, Height, NetworkId, RoutingTable};

mod candidates;
mod error;
mod feed;
mod find;
mod growth;
mod heads;
mod line;
mod prove;
mod record;
mod tables;
#[cfg(test)]
mod tests;
mod trace;

pub use error::IndexError;
pub use heads::Heads;

use candidates::{Candidates, Pending};
use record::{Content, Head, Row, Spot};
use tables::Tables;

/// What the index must know of the network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Its name: what addresses begin with.
    pub name: String,
    /// Which chain each account lives on.
    pub routing: RoutingTable,
    /// The first headers of all chains that are indexed, the root's among them.
    pub genesis: Vec<Header>,
    /// The first committee of the root.
    pub committee: Option<Committee>,
}

impl Network {
    /// What the index must know of a network, with all its chains.
    pub fn of(network: &assembly::Network) -> Self {
        let firsts = network.chains().filter_map(|chain| network.first(chain));
        Self {
            committee: network.committee(ChainId::ROOT).cloned(),
            id: network.id(),
            name: network.spec().name.clone(),
            routing: network.spec().routing.clone(),
            genesis: firsts.map(|first| first.header.clone()).collect(),
        }
    }
}

/// Bounds of the index. [X6]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexLimits {
    /// External messages that no final block holds.
    pub pending: usize,
    /// Bytes of them.
    pub pending_bytes: usize,
    /// Proposals that are not final, of each chain.
    pub candidates: usize,
    /// Bytes of recent final blocks that are kept in memory.
    pub cache_bytes: usize,
    /// Messages of one trace; a larger tree is cut and its word stays pending.
    pub trace_messages: usize,
}

impl Default for IndexLimits {
    fn default() -> Self {
        Self {
            pending: 100_000,
            pending_bytes: 64 << 20,
            candidates: 64,
            cache_bytes: 64 << 20,
            trace_messages: 4_096,
        }
    }
}

/// The read model. See the module page for its rules.
pub struct Index {
    tables: Tables,
    network: Network,
    limits: IndexLimits,
    chains: BTreeMap<ChainId, Chain>,
    candidates: Candidates,
    pending: Pending,
    recent: Recent,
}

/// How far a chain is indexed.
struct Chain {
    /// The last final block.
    head: Header,
    /// All blocks up to the head; none when the index missed some and was not told of them.
    history: Option<History>,
    /// Blocks up to here are anchored by some executed root block.
    anchored: Height,
    /// The newest root-final anchor's height; may be above the head.
    tip: Height,
    /// Blocks up to here are marked root-final.
    root_final: Height,
}

/// Recent final blocks in memory, the oldest first.
#[derive(Default)]
struct Recent {
    contents: BTreeMap<Spot, Arc<Content>>,
    order: VecDeque<(Spot, usize)>,
    bytes: usize,
}

impl Recent {
    fn push(&mut self, spot: Spot, content: Arc<Content>, bytes: usize, cap: usize) {
        self.contents.insert(spot, content);
        self.order.push_back((spot, bytes));
        self.bytes += bytes;
        while self.bytes > cap
            && let Some((spot, bytes)) = self.order.pop_front()
        {
            self.contents.remove(&spot);
            self.bytes -= bytes;
        }
    }
}

impl Index {
    /// Opens the index; costs a short read for each block that was ever final.
    ///
    /// # Errors
    /// When the database fails or holds records without meaning.
    pub fn open(
        db: Arc<dyn Db>,
        network: Network,
        limits: IndexLimits,
    ) -> Result<Self, IndexError> {
        let mut index = Self {
            tables: Tables { db },
            chains: BTreeMap::new(),
            candidates: Candidates::default(),
            pending: Pending::default(),
            recent: Recent::default(),
            network,
            limits,
        };
        for genesis in index.network.genesis.clone() {
            let chain = index.open_chain(&genesis)?;
            index.chains.insert(genesis.chain, chain);
        }
        Ok(index)
    }

    /// The next height that the index needs of a chain; `None` when it has no such chain.
    pub fn next(&self, chain: ChainId) -> Option<Height> {
        self.chains.get(&chain).map(|chain| chain.head.height + 1)
    }

    /// Tells where a chain starts from, before its blocks: its checkpoint's last block, and the
    /// history up to and with that one. Fills what the index missed. [X7]
    ///
    /// # Errors
    /// When the chain is unknown or the database fails.
    pub fn resume(&mut self, last: &Header, history: &History) -> Result<(), IndexError> {
        let id = last.chain;
        let chain = self.chains.get_mut(&id);
        let chain = chain.ok_or(IndexError::UnknownChain { chain: id })?;
        if chain.head.height >= last.height {
            if chain.history.is_none() {
                let mut whole = history.clone();
                let above = Spot {
                    chain: id,
                    height: last.height + 1,
                };
                let hashes = self.tables.hashes(above)?;
                hashes.into_iter().for_each(|hash| whole.append(hash));
                chain.history = Some(whole).filter(|whole| whole.size() == chain.head.height + 1);
            }
            return Ok(());
        }
        chain.head = last.clone();
        chain.history = Some(history.clone()).filter(|whole| whole.size() == last.height + 1);
        chain.root_final = chain.tip.min(last.height);
        chain.anchored = chain.root_final;
        let head = Head {
            committed: last.height,
            root_final: chain.root_final,
        };
        let mut batch = Batch::new();
        put_first(&mut batch, last);
        tables::put_head(&mut batch, id, head);
        self.tables.commit(batch)
    }

    fn open_chain(&self, genesis: &Header) -> Result<Chain, IndexError> {
        let id = genesis.chain;
        let Some(head) = self.tables.head(id)? else {
            return self.first_chain(genesis);
        };
        let first = Spot {
            chain: id,
            height: 0,
        };
        let top = Spot {
            chain: id,
            height: head.committed,
        };
        let known = self.tables.row(first)?;
        if known.is_none_or(|row| row.hash != genesis.hash()) {
            return Err(IndexError::Fork {
                chain: id,
                height: 0,
            });
        }
        let history = History::of(self.tables.hashes(first)?);
        let newest = self.tables.last_anchor(id)?;
        let last = self.content(top)?;
        Ok(Chain {
            head: last.ok_or(tables::LOST)?.header.clone(),
            history: Some(history).filter(|whole| whole.size() == head.committed + 1),
            anchored: head.root_final,
            tip: newest.map_or(head.root_final, |row| row.anchor.tip.height),
            root_final: head.root_final,
        })
    }

    fn first_chain(&self, genesis: &Header) -> Result<Chain, IndexError> {
        let head = Head {
            committed: 0,
            root_final: 0,
        };
        let mut batch = Batch::new();
        put_first(&mut batch, genesis);
        tables::put_head(&mut batch, genesis.chain, head);
        self.tables.commit(batch)?;
        Ok(Chain {
            head: genesis.clone(),
            history: Some(History::of([genesis.hash()])),
            anchored: 0,
            tip: 0,
            root_final: 0,
        })
    }

    fn content(&self, spot: Spot) -> Result<Option<Arc<Content>>, IndexError> {
        if let Some(content) = self.recent.contents.get(&spot) {
            return Ok(Some(content.clone()));
        }
        Ok(self.tables.content(spot)?.map(Arc::new))
    }
}

/// Records a block of which nothing but the header is known.
fn put_first(batch: &mut Batch, header: &Header) {
    let hash = header.hash();
    let row = Row {
        hash,
        ..Row::default()
    };
    tables::put_row(batch, Spot::of(header), &row);
    tables::put_content(batch, &hash, &Content::bare(header.clone()));
}
