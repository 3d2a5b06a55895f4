//! Carries root-final blocks from the root to the other chains of a node: all of them, in order.
//!
//! ```text
//!  root's actor ─▶ courier ─┬─ queue of chain 1 ─ room? ─▶ chain 1's actor
//!                           └─ queue of chain 2 ─ …
//! ```
//!
//! A chain that is slow to take them in holds up neither the root nor the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix::Recipient;
use tokio::sync::mpsc;
use types::{ChainId, RootBlock};

use super::chain::ToChain;

/// The way of root-final blocks to the courier. Never blocks, never drops.
pub type Sender = mpsc::UnboundedSender<Arc<RootBlock>>;

/// What the courier carries.
pub type Blocks = mpsc::UnboundedReceiver<Arc<RootBlock>>;

/// Carries blocks to the chains' actors until the root's actor is gone.
pub async fn carry(mut blocks: Blocks, stops: BTreeMap<ChainId, Recipient<ToChain>>) {
    let others = stops.into_iter().filter(|(chain, _)| !chain.is_root());
    let queues: Vec<_> = others
        .map(|(_, address)| {
            let (queue, waiting) = mpsc::unbounded_channel();
            tokio::spawn(serve(address, waiting));
            queue
        })
        .collect();
    while let Some(block) = blocks.recv().await {
        for queue in &queues {
            // A queue ends with the node only.
            let _ = queue.send(block.clone());
        }
    }
}

/// Tells one chain, waiting for room.
async fn serve(address: Recipient<ToChain>, mut blocks: Blocks) {
    while let Some(block) = blocks.recv().await {
        let _ = address.send(ToChain::Root(block)).await;
    }
}
