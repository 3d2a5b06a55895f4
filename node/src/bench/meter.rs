//! The meter: what became of the load, seen by the first member of each committee.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tx_chain::{ExecutedBlock, FinalBlock, History, SignedMessage};
use types::{BlockHash, ChainId, Header, MessageId, RootBlock, Status, Thresholds, Time};

use crate::services::chain::Observer;
use crate::services::clock::Clock;

/// One payment in so many is timed.
const SAMPLE: u8 = 32;

/// Times of a sampled payment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    sent: Time,
    early: Option<Time>,
    committed: Option<Time>,
    anchored: Option<Time>,
    root_final: Option<Time>,
    settled: Option<Time>,
}

#[derive(Default)]
struct Counts {
    blocks: BTreeMap<ChainId, u64>,
    payments: BTreeMap<ChainId, u64>,
    failed: u64,
    samples: BTreeMap<MessageId, Times>,
    /// Sampled payments in blocks that the root has not finally recorded, by chain and height.
    open: BTreeMap<(ChainId, u64), Vec<MessageId>>,
    /// Sampled payments in proposals, by block; early consensus comes before a block is final.
    proposed: BTreeMap<BlockHash, Vec<MessageId>>,
    /// Where a sampled payment's credit is executed.
    credits: BTreeMap<(ChainId, u64), Vec<MessageId>>,
}

/// Counts and times; shared by the observers of all chains.
#[derive(Clone)]
pub(super) struct Meter {
    counts: Arc<Mutex<Counts>>,
    clock: Clock,
}

impl Meter {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            counts: Arc::default(),
            clock,
        }
    }

    /// The clock of all times here.
    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Payments are about to be handed in.
    pub(super) fn sent(&self, ids: impl Iterator<Item = MessageId>) {
        let now = self.clock.now();
        let mut counts = self.lock();
        for id in ids.filter(is_sampled) {
            counts.samples.insert(
                id,
                Times {
                    sent: now,
                    ..Times::default()
                },
            );
        }
    }

    /// Payments of a chain that are final.
    pub(super) fn payments(&self, chain: ChainId) -> u64 {
        self.lock().payments.get(&chain).copied().unwrap_or(0)
    }

    /// Final blocks of a chain.
    pub(super) fn blocks(&self, chain: ChainId) -> u64 {
        self.lock().blocks.get(&chain).copied().unwrap_or(0)
    }

    /// Payments that did not do what they should.
    pub(super) fn failed(&self) -> u64 {
        self.lock().failed
    }

    /// Sorted milliseconds from handing in to each level.
    pub(super) fn latencies(&self) -> BTreeMap<&'static str, Vec<u64>> {
        let counts = self.lock();
        let mut all: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
        for times in counts.samples.values() {
            let levels = [
                ("early", times.early),
                ("committed", times.committed),
                ("anchored", times.anchored),
                ("root_final", times.root_final),
                ("settled", times.settled),
            ];
            for (level, time) in levels {
                let ms = time.map(|time| time.since(times.sent));
                all.entry(level).or_default().extend(ms);
            }
        }
        all.values_mut().for_each(|level| level.sort_unstable());
        all
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_sampled(id: &MessageId) -> bool {
    id.as_bytes()[0].is_multiple_of(SAMPLE)
}

impl Counts {
    fn finals(&mut self, chain: ChainId, block: &ExecutedBlock, now: Time) {
        let height = block.header().height;
        *self.blocks.entry(chain).or_default() += 1;
        *self.payments.entry(chain).or_default() += block.externals.len() as u64;
        let failed = block.receipts.iter().filter(|r| r.status != Status::Done);
        self.failed += failed.count() as u64;
        for signed in block
            .externals
            .iter()
            .filter(|signed| is_sampled(&signed.id()))
        {
            if let Some(times) = self.samples.get_mut(&signed.id()) {
                times.committed.get_or_insert(now);
                self.open
                    .entry((chain, height))
                    .or_default()
                    .push(signed.id());
            }
        }
        let home = block.produced.iter().map(|letter| letter.message());
        let credits = home
            .filter(|message| !left(block, message))
            .chain(&block.imported);
        for message in credits.filter(|message| is_sampled(&message.trace)) {
            self.credits
                .entry((chain, height))
                .or_default()
                .push(message.trace);
        }
    }

    /// The root has recorded a chain up to a height.
    fn recorded(&mut self, chain: ChainId, height: u64, now: Time, is_final: bool) {
        let range = (chain, 0)..=(chain, height);
        let ids: Vec<_> = self
            .open
            .range(range.clone())
            .flat_map(|(_, ids)| ids.clone())
            .collect();
        for id in ids {
            if let Some(times) = self.samples.get_mut(&id) {
                times.anchored.get_or_insert(now);
                if is_final {
                    times.root_final.get_or_insert(now);
                }
            }
        }
        if is_final {
            let settled: Vec<_> = self.credits.range(range).map(|(key, _)| *key).collect();
            for key in settled {
                for id in self.credits.remove(&key).unwrap_or_default() {
                    if let Some(times) = self.samples.get_mut(&id) {
                        times.settled.get_or_insert(now);
                    }
                }
            }
            self.open.retain(|key, _| key.0 != chain || key.1 > height);
        }
    }
}

/// Whether a message left for another chain.
fn left(block: &ExecutedBlock, message: &types::RelayMessage) -> bool {
    block
        .outbox
        .iter()
        .any(|(_, messages)| messages.iter().any(|sent| sent.trace == message.trace))
}

impl Observer for Meter {
    fn starts(&self, _: &Header, _: &History) {}

    fn proposed(&self, chain: ChainId, block: &Arc<ExecutedBlock>) {
        if chain.is_root() {
            let now = self.clock.now();
            let mut counts = self.lock();
            for record in &block.recorded.records {
                counts.recorded(record.tip.chain, record.tip.height, now, false);
            }
        } else {
            let ids = block
                .externals
                .iter()
                .map(SignedMessage::id)
                .filter(is_sampled)
                .collect();
            self.lock().proposed.insert(block.hash, ids);
        }
    }

    fn early(&self, _: ChainId, header: &Header, seats: u64, of: u64) {
        if seats < Thresholds::of(of).early() {
            return;
        }
        let now = self.clock.now();
        let mut counts = self.lock();
        for id in counts.proposed.remove(&header.hash()).unwrap_or_default() {
            if let Some(times) = counts.samples.get_mut(&id) {
                times.early.get_or_insert(now);
            }
        }
    }

    fn finals(&self, chain: ChainId, lot: &[FinalBlock]) {
        let now = self.clock.now();
        let mut counts = self.lock();
        for block in lot {
            counts.proposed.remove(&block.executed.hash);
            counts.finals(chain, &block.executed, now);
        }
    }

    fn root_final(&self, block: &Arc<RootBlock>) {
        let now = self.clock.now();
        let mut counts = self.lock();
        for record in &block.records {
            counts.recorded(record.tip.chain, record.tip.height, now, true);
        }
    }

    fn expired(&self, _: ChainId, messages: &[MessageId]) {
        self.lock().failed += messages.len() as u64;
    }
}
