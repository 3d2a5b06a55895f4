//! Carries root-final blocks from the root to the other chains of a node: all of them, in order.
//!
//! ```text
//!  root's actor ─▶ courier ─┬─ queue of chain 1 ─ not too far ahead? ─▶ chain 1's actor
//!                           └─ queue of chain 2 ─ …
//! ```
//!
//! A chain that is catching up is not told of the root faster than it can use it: a root block that
//! records an anchor of a later term than the next one waits until the chain is there. For what a
//! chain is told of terms it forgets once later ones are recorded, and without the committee of its
//! next term a chain can't go on. Blocks of a term cite root blocks below the anchors that record
//! them, so nothing that a chain needs in order to catch up is held back from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::Recipient;
use tokio::sync::{mpsc, watch};
use types::{ChainId, Epoch, RootBlock};

use super::chain::{Head, ToChain};

/// The way of root-final blocks to the courier. Never blocks, never drops.
pub type Sender = mpsc::UnboundedSender<Arc<RootBlock>>;

/// What the courier carries.
pub type Blocks = mpsc::UnboundedReceiver<Arc<RootBlock>>;

/// A chain that is told of the root.
pub struct Stop {
    /// The chain.
    pub chain: ChainId,
    /// Its actor.
    pub address: Recipient<ToChain>,
    /// What it shows.
    pub head: watch::Receiver<Head>,
}

/// Carries blocks until the root's actor is gone.
pub async fn carry(mut blocks: Blocks, stops: Vec<Stop>) {
    let mut queues = BTreeMap::new();
    for stop in stops.into_iter().filter(|stop| !stop.chain.is_root()) {
        let (queue, waiting) = mpsc::unbounded_channel();
        queues.insert(stop.chain, queue);
        tokio::spawn(serve(stop, waiting));
    }
    while let Some(block) = blocks.recv().await {
        for queue in queues.values() {
            // A queue ends with the node only.
            let _ = queue.send(block.clone());
        }
    }
}

/// Tells one chain, waiting for it and for room.
async fn serve(mut stop: Stop, mut blocks: Blocks) {
    while let Some(block) = blocks.recv().await {
        if let Some(recorded) = recorded(&block, stop.chain) {
            let near = |head: &Head| !is_ahead(recorded, head.block.header().epoch);
            if stop.head.wait_for(near).await.is_err() {
                return;
            }
        }
        let _ = stop.address.send(ToChain::Root(block)).await;
    }
}

/// The term that a root block records of a chain.
fn recorded(block: &RootBlock, chain: ChainId) -> Option<Epoch> {
    let mut records = block.records.iter();
    let found = records.find(|record| record.tip.chain == chain);
    found.map(|record| record.epoch)
}

/// Whether a recorded term is later than the one after a chain's own.
pub const fn is_ahead(recorded: Epoch, own: Epoch) -> bool {
    recorded > own.saturating_add(1)
}
