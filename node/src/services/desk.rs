//! The desk: questions of peers, put to a chain one after another.
//!
//! A chain answers on the thread on which it takes part in consensus, so questions must not crowd
//! it. Before each chain is one question at a time; members of committees come first, askers take
//! turns; and after an answer the chain is left alone three times as long as that took. What finds
//! no place, or has waited until its asker gave up, is answered with nothing: who asks asks others.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use p2p::{REQUEST_TIMEOUT, Ticket};
use tokio::sync::Notify;
use tokio::time::Instant;
use tx_chain::Pull;
use types::{BlockHash, Height, NodeId};

/// Questions of one asker that wait.
const EACH: usize = 4;
/// Questions that wait in one line.
const ALL: usize = 512;
/// How many times as long as an answer took the chain is left alone.
const REST: u32 = 3;
/// The longest rest.
const MOST_REST: Duration = Duration::from_secs(1);

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
    /// Lets a question wait; false if there is no place for it. Members of committees go `first`.
    pub fn put(&self, from: NodeId, first: bool, ticket: Ticket, query: Query) -> bool {
        let question = Question {
            ticket,
            query,
            at: Instant::now(),
        };
        let mut lines = self.lines();
        let line = if first {
            &mut lines.members
        } else {
            &mut lines.others
        };
        let placed = line.push(from, question);
        drop(lines);
        self.news.notify_one();
        placed
    }

    /// Puts what waits to the chain, for ever: `ask` answers a question, `reply` sends the answer.
    pub async fn serve<A, R>(self, ask: impl Fn(Query) -> A, reply: impl Fn(Ticket, Vec<u8>) -> R)
    where
        A: Future<Output = Vec<u8>>,
        R: Future<Output = ()>,
    {
        loop {
            let next = self.lines().next();
            let Some(question) = next else {
                self.news.notified().await;
                continue;
            };
            if question.at.elapsed() >= REQUEST_TIMEOUT {
                reply(question.ticket, Vec::new()).await;
                continue;
            }
            let began = Instant::now();
            let answer = ask(question.query).await;
            let rest = (began.elapsed() * REST).min(MOST_REST);
            reply(question.ticket, answer).await;
            tokio::time::sleep(rest).await;
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Question {
    ticket: Ticket,
    query: Query,
    at: Instant,
}

#[derive(Default)]
struct Lines {
    members: Line,
    others: Line,
}

impl Lines {
    fn next(&mut self) -> Option<Question> {
        self.members.next().or_else(|| self.others.next())
    }
}

/// Questions by asker; askers take turns.
#[derive(Default)]
struct Line {
    askers: BTreeMap<NodeId, VecDeque<Question>>,
    waiting: usize,
    /// Whose question was taken last.
    last: Option<NodeId>,
}

impl Line {
    fn push(&mut self, from: NodeId, question: Question) -> bool {
        let own = self.askers.get(&from).map_or(0, VecDeque::len);
        let fits = own < EACH && self.waiting < ALL;
        if fits {
            self.askers.entry(from).or_default().push_back(question);
            self.waiting += 1;
        }
        fits
    }

    fn next(&mut self) -> Option<Question> {
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut later = self.askers.range((after, Bound::Unbounded));
        let turn = later.next().or_else(|| self.askers.iter().next());
        let turn = *turn?.0;
        let own = self.askers.get_mut(&turn)?;
        let question = own.pop_front();
        if own.is_empty() {
            self.askers.remove(&turn);
        }
        self.waiting -= 1;
        self.last = Some(turn);
        question
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use types::ChainId;

    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId([number; 32].into())
    }

    fn query(from: u64) -> Query {
        Query::Bundles(Pull {
            source: ChainId(1),
            destination: ChainId(2),
            from,
            tip: 0,
        })
    }

    /// A desk whose chain takes two milliseconds for an answer; and the tickets as it answers.
    fn desk() -> (Desk, mpsc::UnboundedReceiver<(u64, usize)>) {
        let (desk, (answered, answers)) = (Desk::default(), mpsc::unbounded_channel());
        let ask = |_| async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            vec![1]
        };
        let reply = move |ticket: Ticket, bytes: Vec<u8>| {
            let answered = answered.clone();
            async move { answered.send((ticket.0, bytes.len())).expect("heard") }
        };
        tokio::spawn(desk.clone().serve(ask, reply));
        (desk, answers)
    }

    #[tokio::test]
    async fn members_come_first_and_askers_take_turns() {
        let (desk, mut answers) = desk();
        for (ticket, (from, first)) in [
            (1, false),
            (1, false),
            (1, false),
            (2, false),
            (3, true),
            (4, true),
            (3, true),
        ]
        .into_iter()
        .enumerate()
        {
            assert!(desk.put(node(from), first, Ticket(ticket as u64), query(0)));
        }
        let mut order = Vec::new();
        for _ in 0..7 {
            order.push(answers.recv().await.expect("answered").0);
        }
        assert_eq!(order, [4, 5, 6, 0, 3, 1, 2]);
    }

    #[tokio::test]
    async fn the_chain_is_left_alone_most_of_the_time() {
        let (desk, mut answers) = desk();
        let began = Instant::now();
        for ticket in 0..20 {
            let from = node((ticket % 5) as u8);
            assert!(desk.put(from, false, Ticket(ticket), query(0)));
        }
        for _ in 0..20 {
            assert_eq!(answers.recv().await.expect("answered").1, 1);
        }
        assert!(began.elapsed() >= Duration::from_millis(8 * 19));
    }

    #[tokio::test]
    async fn one_asker_has_four_places() {
        let (desk, _answers) = desk();
        let placed = |from| {
            let put = |at: &u64| desk.put(node(from), false, Ticket(*at), query(0));
            (0..10).filter(put).count()
        };
        assert_eq!((placed(1), placed(2)), (EACH, EACH));
    }

    #[tokio::test]
    async fn who_gave_up_is_not_served() {
        let desk = Desk::default();
        let given_up = Question {
            ticket: Ticket(7),
            query: query(0),
            at: Instant::now() - REQUEST_TIMEOUT,
        };
        assert!(desk.lines().others.push(node(1), given_up));
        let (answered, mut answers) = mpsc::unbounded_channel();
        let reply = move |ticket: Ticket, bytes: Vec<u8>| {
            let sent = answered.send((ticket.0, bytes.len()));
            async move { sent.expect("heard") }
        };
        let ask = |_| async { panic!("nobody waits for it") };
        tokio::spawn(desk.serve(ask, reply));
        assert_eq!(answers.recv().await, Some((7, 0)));
    }
}
