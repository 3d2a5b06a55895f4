//! The index on a thread of its own: chains feed it, RPC asks it, nobody shares it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::sync::broadcast;
use tracing::error;
use tx_chain::{ExecutedBlock, FinalBlock, History};
use types::{ChainId, ExternalMessage, Header, MessageId, RootBlock, Time};

use super::chain::Observer;
use super::clock::Clock;
use crate::index::{Index, IndexError};
use crate::rpc::view::Event;

/// Jobs that wait; a chain that reports more waits too: an indexing node has no seat to lose.
const WAITING: usize = 8_192;
/// Events that a slow subscriber may fall behind.
const EVENTS: usize = 4_096;

type Fed = Result<Vec<Event>, IndexError>;

type Feed = Box<dyn FnOnce(&mut Index, Time) -> Fed + Send>;

enum Job {
    Feed(Feed),
    Ask(Box<dyn FnOnce(&Index) + Send>),
}

/// Reaches the index's thread.
#[derive(Clone)]
pub struct Indexing {
    jobs: SyncSender<Job>,
    events: broadcast::Sender<Event>,
}

impl Indexing {
    /// Starts the thread; it ends when all handles are dropped.
    pub fn start(index: Index, clock: Clock) -> std::io::Result<Self> {
        let (jobs, waiting) = sync_channel(WAITING);
        let events = broadcast::Sender::new(EVENTS);
        let told = events.clone();
        std::thread::Builder::new()
            .name("index".to_owned())
            .spawn(move || work(index, clock, &waiting, &told))?;
        Ok(Self { jobs, events })
    }

    /// Asks and waits for the answer; `None` when the index is gone.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Index) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = sync_channel(1);
        let job = Job::Ask(Box::new(move |index| {
            let _ = answer.send(question(index));
        }));
        self.jobs.send(job).ok()?;
        answered.recv().ok()
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// A message was handed in here.
    pub fn submitted(&self, message: ExternalMessage) {
        self.feed(move |index, now| Ok(index.submitted(&message, now)));
    }

    /// A message that was handed in here was refused.
    pub fn refused(&self, id: MessageId) {
        self.feed(move |index, _| Ok(index.refused(&id)));
    }

    fn feed(&self, job: impl FnOnce(&mut Index, Time) -> Fed + Send + 'static) {
        // The index ends only with the node.
        let _ = self.jobs.send(Job::Feed(Box::new(job)));
    }
}

fn work(mut index: Index, clock: Clock, jobs: &Receiver<Job>, events: &broadcast::Sender<Event>) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Ask(question) => question(&index),
            Job::Feed(feed) => match feed(&mut index, clock.now()) {
                Ok(news) => news.into_iter().for_each(|event| drop(events.send(event))),
                Err(cause) => error!(%cause, "the index can't take what its chains report"),
            },
        }
    }
}

impl Observer for Indexing {
    fn starts(&self, last: &Header, history: &History) {
        let (last, history) = (last.clone(), history.clone());
        self.feed(move |index, _| index.resume(&last, &history).map(|()| Vec::new()));
    }

    fn proposed(&self, _: ChainId, block: &Arc<ExecutedBlock>) {
        let block = block.clone();
        self.feed(move |index, now| index.proposed(&block, now));
    }

    fn early(&self, _: ChainId, header: &Header, seats: u64, of: u64) {
        let header = header.clone();
        self.feed(move |index, now| index.early(&header, (seats, of), now));
    }

    fn finals(&self, _: ChainId, lot: &[FinalBlock]) {
        let lot = lot.to_vec();
        self.feed(move |index, now| index.finalized(&lot, now));
    }

    fn root_final(&self, block: &Arc<RootBlock>) {
        let block = block.clone();
        self.feed(move |index, now| index.root_final(&block, now));
    }

    fn expired(&self, _: ChainId, messages: &[MessageId]) {
        let messages = messages.to_vec();
        self.feed(move |index, _| index.expired(&messages));
    }
}
