//! The desk: questions of peers, put to a chain one after another.
//!
//! A chain answers on the thread on which it takes part in consensus, so questions must not crowd
//! it. Before each chain is one question at a time; askers take turns, and of four turns three are
//! first for members of committees; and after an answer the chain is left alone three times as
//! long as it worked on that. What finds no place, or has waited long, is answered with nothing,
//! well before its asker holds a time-out against this node: who asks asks others.

mod line;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use p2p::{REQUEST_TIMEOUT, Ticket};
use tokio::sync::Notify;
use tokio::time::Instant;
use tx_chain::Pull;
use types::{BlockHash, Height, NodeId};

use self::line::Lines;
use super::chain::Timed;

/// How many times as long as the chain worked it is left alone.
const REST: u32 = 3;
/// The longest rest.
const MOST_REST: Duration = Duration::from_secs(1);
/// How long a question waits. Its asker's clock has run for a while before.
const PATIENCE: Duration = Duration::from_millis(REQUEST_TIMEOUT.as_millis() as u64 / 3);
/// How often questions are looked for that waited long.
const SWEEP: Duration = Duration::from_millis(500);

/// What peers ask of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Blocks from one down to above a height.
    Blocks(BlockHash, Height),
    /// Bundles of a lane.
    Bundles(Pull),
}

/// Questions that wait for one chain.
#[derive(Clone, Default)]
pub struct Desk {
    lines: Arc<Mutex<Lines>>,
    news: Arc<Notify>,
}

impl Desk {
    /// Lets a question of a node wait that may be a `member` of a committee. Gives the ticket of
    /// the question that finds no place: of this one, or of an older one for the same lane.
    pub fn put(&self, from: NodeId, member: bool, ticket: Ticket, query: Query) -> Option<Ticket> {
        let at = Instant::now();
        let turned_away = self.lines().push(from, member, (ticket, query, at));
        self.news.notify_one();
        turned_away
    }

    /// Puts what waits to the chain, for ever: `ask` answers a question, `reply` sends the answer.
    pub async fn serve<A, R>(self, ask: impl Fn(Query) -> A, reply: impl Fn(Ticket, Vec<u8>) -> R)
    where
        A: Future<Output = Timed<Vec<u8>>>,
        R: Future<Output = ()>,
    {
        let sweep = async {
            loop {
                tokio::time::sleep(SWEEP).await;
                let long = self.lines().waiting_since(Instant::now() - PATIENCE);
                for ticket in long {
                    reply(ticket, Vec::new()).await;
                }
            }
        };
        let answer = async {
            loop {
                let next = self.lines().next();
                let Some((ticket, query)) = next else {
                    self.news.notified().await;
                    continue;
                };
                let Timed { value, took } = ask(query).await;
                reply(ticket, value).await;
                tokio::time::sleep((took * REST).min(MOST_REST)).await;
            }
        };
        tokio::join!(sweep, answer);
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
