//! What becomes of messages, for the log: a line at level debug whenever one changes stage.
//!
//! Each line names the chain, the external message at the top of the tree (`trace`) and the
//! message itself (`id`), so that all lines of a trace id, of all chains, tell its path:
//!
//! ```text
//!  proposed ─▶ early ─▶ final ─▶ sent ─ ─ ▶ proposed ─▶ early ─▶ imported ─▶ executed
//!  (external message, its chain)           (relay message, its destination)
//! ```

use std::collections::{BTreeMap, VecDeque};

use tracing::{Level, debug, enabled};
use tx_chain::{ExecutedBlock, FinalBlock};
use types::{BlockHash, ChainId, Header, Height, MessageId};

/// Proposals that are remembered until they are final or early.
const PROPOSALS: usize = 64;

/// A message and the tree that it belongs to.
#[derive(Clone, Copy)]
struct Named {
    trace: MessageId,
    id: MessageId,
}

/// Writes about the messages of one chain. Without level debug it does nothing.
pub(super) struct Stages {
    chain: u32,
    proposals: VecDeque<(BlockHash, Height, Vec<Named>)>,
}

impl Stages {
    /// Nothing was proposed yet.
    pub(super) const fn new(chain: ChainId) -> Self {
        Self {
            chain: chain.0,
            proposals: VecDeque::new(),
        }
    }

    /// A proposal was executed.
    pub(super) fn proposed(&mut self, block: &ExecutedBlock) {
        if !enabled!(Level::DEBUG) {
            return;
        }
        let (chain, height) = (self.chain, block.header().height);
        let taken: Vec<_> = externals(block).chain(imported(block)).collect();
        for Named { trace, id } in &taken {
            debug!(chain, height, %trace, %id, "message proposed");
        }
        if self.proposals.len() >= PROPOSALS {
            self.proposals.pop_front();
        }
        self.proposals.push_back((block.hash, height, taken));
    }

    /// A block reached early consensus of some seats.
    pub(super) fn early(&self, header: &Header, seats: u64, of: u64) {
        if !enabled!(Level::DEBUG) {
            return;
        }
        let (chain, hash) = (self.chain, header.hash());
        let proposals = self.proposals.iter();
        for (_, height, taken) in proposals.filter(|(proposed, ..)| *proposed == hash) {
            for Named { trace, id } in taken {
                debug!(chain, height, seats, of, %trace, %id, "message early");
            }
        }
    }

    /// Blocks became final.
    pub(super) fn finals(&mut self, lot: &[FinalBlock]) {
        if !enabled!(Level::DEBUG) {
            return;
        }
        for block in lot {
            self.is_final(&block.executed);
        }
    }

    /// Messages left the mempool for good.
    pub(super) fn expired(&self, ids: &[MessageId]) {
        for trace in ids {
            debug!(chain = self.chain, %trace, id = %trace, "message expired");
        }
    }

    fn is_final(&mut self, block: &ExecutedBlock) {
        let (chain, height) = (self.chain, block.header().height);
        self.proposals.retain(|(_, proposed, _)| *proposed > height);
        for Named { trace, id } in externals(block) {
            debug!(chain, height, %trace, %id, "message final");
        }
        for Named { trace, id } in imported(block) {
            debug!(chain, height, %trace, %id, "message imported");
        }
        self.executed(block);
        for (bundle, messages) in &block.outbox {
            let to = bundle.destination.0;
            for relay in messages {
                let (trace, id) = (relay.trace, relay.id());
                debug!(chain, height, to, %trace, %id, "message sent");
            }
        }
        let receipts = block.receipts.len();
        debug!(chain, height, receipts, "final");
    }

    /// Receipts name no trace: it is known of messages that came or were made in the same block.
    fn executed(&self, block: &ExecutedBlock) {
        let (chain, height) = (self.chain, block.header().height);
        let produced = block.produced.iter().map(|letter| letter.message());
        let relays = produced.chain(&block.imported);
        let traces = relays.map(|relay| (relay.id(), relay.trace));
        let own = externals(block).map(|named| (named.id, named.trace));
        let traces: BTreeMap<_, _> = traces.chain(own).collect();
        for receipt in &block.receipts {
            let (id, status) = (receipt.message, &receipt.status);
            match traces.get(&id) {
                Some(trace) => {
                    debug!(chain, height, %trace, %id, ?status, "message executed");
                }
                None => debug!(chain, height, %id, ?status, "message executed"),
            }
        }
    }
}

fn externals(block: &ExecutedBlock) -> impl Iterator<Item = Named> {
    block.externals.iter().map(|signed| Named {
        trace: signed.id(),
        id: signed.id(),
    })
}

fn imported(block: &ExecutedBlock) -> impl Iterator<Item = Named> {
    block.imported.iter().map(|relay| Named {
        trace: relay.trace,
        id: relay.id(),
    })
}
