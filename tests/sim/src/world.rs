//! The world: one thread, virtual time, one event after the other.

mod duties;
mod fork;
mod incoming;
mod life;
mod rest;
mod second;
mod shell;
mod silence;
mod stakers;
mod stall;

use std::collections::BTreeMap;
use std::sync::Arc;

use tx_chain::ExecutedBlock;
use types::{ChainId, Epoch, Height, Status, Time};

use crate::Options;
use crate::byzantine::Traitor;
use crate::dice::Dice;
use crate::events::Events;
use crate::invariants::{Oracle, Seen};
use crate::log::EventLog;
use crate::network::{Network, Parcel};
use crate::node::Node;
use crate::plan::Plan;
use crate::report::{Counters, Report};
use crate::setup::Setup;
use crate::wire::Wire;
use crate::workload::Workload;

/// Who hands in messages: no node.
pub(crate) const CLIENT: usize = usize::MAX;
/// How often users ask again, and nodes are looked at.
const RETRY_MS: u64 = 1_500;
const LOOK_MS: u64 = 250;

/// What happens.
enum Event {
    Deliver(Parcel),
    Wake {
        node: usize,
        chain: ChainId,
    },
    Act,
    Retry,
    /// Crash number so of the plan.
    Crash(usize),
    /// The node stops now, if it is still in this life and doomed.
    Stop {
        node: usize,
        life: u64,
    },
    Restart(usize),
    Checkpoint {
        node: usize,
        chain: ChainId,
        life: u64,
    },
    /// The committee of the plan stops.
    Stall,
    /// The captured committee of the plan acts.
    Fork,
    /// An owner of stake asks for something.
    Errand(usize),
    Look,
}

/// Everything that is.
pub(crate) struct World {
    seed: u64,
    now: Time,
    setup: Setup,
    plan: Plan,
    events: Events<Event>,
    nodes: Vec<Node>,
    traitors: BTreeMap<usize, Traitor>,
    network: Network,
    workload: Workload,
    oracle: Oracle,
    second: second::Second,
    log: EventLog,
    faults: Counters,
    dice: Dice,
    /// The observer's height of each chain.
    seen: BTreeMap<ChainId, Height>,
    /// The term in which the observer saw each chain last.
    epochs: BTreeMap<ChainId, Epoch>,
    /// Each chain's height when the network healed.
    healed: BTreeMap<ChainId, Height>,
    blocks: Vec<u64>,
    messages: u64,
    trace: bool,
    /// The chain whose committee stopped.
    stalled: Option<ChainId>,
    fork: fork::Fork,
    /// Whether the options decided over code.
    code: Option<bool>,
    errands: Vec<stakers::Errand>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let setup = Setup::new(options);
        let plan = Plan::draw(options, &setup);
        let seed = options.seed;
        let traitors: BTreeMap<usize, Traitor> = plan
            .traitors
            .iter()
            .map(|(node, faults)| (*node, Traitor::new(*node, faults, &setup, &plan, seed)))
            .collect();
        let nodes = 0..setup.nodes.len();
        let nodes = nodes.map(|number| Node::new(number, &setup, &plan, seed));
        Self {
            seed,
            now: Time(0),
            nodes: nodes.collect(),
            events: Events::default(),
            network: Network::new(seed),
            workload: Workload::new(seed, &setup, &plan),
            oracle: Oracle::new(&setup, traitors.keys().copied().collect()),
            traitors,
            second: second::Second::default(),
            log: EventLog::new(seed),
            faults: Counters::new(),
            dice: Dice::new(seed, "world"),
            seen: BTreeMap::new(),
            epochs: BTreeMap::new(),
            healed: BTreeMap::new(),
            blocks: vec![0; setup.chains as usize + 1],
            messages: 0,
            trace: options.trace,
            stalled: None,
            fork: fork::Fork::default(),
            code: options.code,
            errands: stakers::Errand::all(&setup),
            setup,
            plan,
        }
    }

    /// Runs until all has come to rest, or time is up.
    pub(crate) fn run(mut self) -> Report {
        // All nodes check the same signatures: each is computed once.
        let _remember = crypto::bls::Remember::begin();
        self.prepare();
        let mut settled = false;
        while let Some((at, event)) = self.events.pop() {
            self.now = at;
            self.oracle.bad.now = at.0;
            if let Event::Look = event {
                settled = self.look();
                if settled || at >= self.plan.end {
                    break;
                }
                continue;
            }
            self.happen(event);
        }
        self.oracle.end(settled);
        for id in &self.workload.forbidden {
            if self.oracle.once.is_consumed(id) {
                let what = format!("{id} was consumed, though it is no good");
                self.oracle.bad.add("I4", what);
            }
        }
        self.report()
    }

    fn prepare(&mut self) {
        self.say(|| format!("{:#?}", self.plan));
        for number in 0..self.nodes.len() {
            self.start(number);
        }
        self.begin_second();
        for _ in 0..self.plan.messages {
            let at = Time(self.dice.below(self.plan.gst.0));
            self.events.put(at, Event::Act);
        }
        for (number, crash) in self.plan.crashes.iter().enumerate() {
            self.events.put(crash.at, Event::Crash(number));
        }
        if let Some(stall) = &self.plan.stall {
            self.events.put(stall.at, Event::Stall);
        }
        if let Some(fork) = &self.plan.fork {
            self.events.put(fork.at, Event::Fork);
        }
        self.plan_errands();
        self.events.put(Time(RETRY_MS), Event::Retry);
        self.events.put(self.plan.gst, Event::Look);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver(parcel) => self.deliver(parcel),
            Event::Wake { node, chain } => self.wake(node, chain),
            Event::Act => {
                let requests = self.workload.act(&mut self.faults);
                self.request(requests);
            }
            Event::Retry => {
                let requests = self.workload.retry();
                self.request(requests);
                self.remind();
                self.events.put(self.now.after(RETRY_MS), Event::Retry);
            }
            Event::Crash(number) => self.doom(number),
            Event::Stop { node, life } => self.stop_doomed(node, life),
            Event::Restart(node) => self.start(node),
            Event::Checkpoint { node, chain, life } => self.checkpoint(node, chain, life),
            Event::Stall => self.stall(),
            Event::Errand(number) => self.begin_errand(number),
            Event::Fork => self.fork(),
            Event::Look => {}
        }
    }

    /// Users hand messages to some node of the chain.
    fn request(&mut self, requests: Vec<(ChainId, types::ExternalMessage)>) {
        for (chain, message) in requests {
            let members = self.reachable(chain);
            let to = *self.dice.pick(&members);
            let messages = vec![message];
            let wire = Arc::new(Wire::Externals { chain, messages });
            let from = CLIENT;
            let at = self.now.after(self.dice.below(50));
            self.events
                .put(at, Event::Deliver(Parcel { from, to, wire }));
        }
    }

    /// Whom users of a chain turn to: its committee, or all who may be in it.
    fn reachable(&self, chain: ChainId) -> Vec<usize> {
        if self.setup.terms {
            return (0..self.setup.observer()).collect();
        }
        self.setup.members(chain).collect()
    }

    /// A line for people.
    fn say(&self, line: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:>7} {}", self.now.0, line());
        }
    }

    /// Puts a message on the wire.
    fn post(&mut self, parcel: Parcel) {
        let times = self
            .network
            .arrivals(self.now, &self.plan, &parcel, &mut self.faults);
        for at in times {
            let parcel = Parcel {
                wire: parcel.wire.clone(),
                ..parcel
            };
            self.events.put(at, Event::Deliver(parcel));
        }
    }

    /// A block that the observer holds final, once.
    fn observe(&mut self, block: &Arc<ExecutedBlock>) {
        let (chain, height) = (block.header().chain, block.header().height);
        let last = self.seen.entry(chain).or_default();
        if height <= *last {
            return;
        }
        *last = height;
        self.epochs.insert(chain, block.header().epoch);
        let seen = Arc::new(Seen::new(block));
        let bytes = *seen.hash.as_bytes();
        self.log.note(self.now, 9, self.setup.observer(), &bytes);
        self.blocks[chain.0 as usize] += 1;
        self.messages += seen.externals.len() as u64;
        for receipt in seen
            .receipts
            .iter()
            .filter(|receipt| receipt.status != Status::Done)
        {
            self.say(|| {
                let text = receipt.notes.as_ref().map_or("", |notes| &notes.text);
                let (place, gas) = (seen.place(), receipt.gas);
                format!("{place}: {:?} after {gas} gas: {text}", receipt.status)
            });
        }
        if chain.is_root() {
            self.count_verdicts(block);
        }
        self.workload.learn(&seen);
        self.finish_errands(&seen);
        self.oracle.see(&seen);
        self.end_stall(&seen.news);
        let observer = self.nodes[self.setup.observer()].running.get(&chain);
        let terms = observer.map(|running| running.chain.root_view().terms());
        let seed = terms.and_then(|terms| terms.seed_at(seen.header.root_ref.height));
        self.second.see(block, seed, &mut self.oracle.bad);
    }

    /// The second executor begins where the observer does.
    fn begin_second(&mut self) {
        let observer = self.setup.observer();
        for (chain, running) in &self.nodes[observer].running {
            let keys = self.nodes[observer].keys.clone();
            let config = self.setup.config(observer, *chain, &self.plan, keys);
            let first = running.chain.last_final().clone();
            self.second.begin(config.rules, first);
        }
    }

    fn report(mut self) -> Report {
        for (name, count) in self.oracle.counted() {
            self.faults.insert(name, count);
        }
        let bad = self.oracle.bad;
        Report {
            terms: self.setup.terms,
            code: self.code,
            seed: self.seed,
            hash: self.log.hash(),
            violations: bad.listed,
            violation_count: bad.count,
            faults: self.faults,
            blocks: self.blocks,
            messages: self.messages,
            crossed: self.oracle.once.imported(),
            bounced: self.oracle.once.bounced(),
            runs: self.oracle.ledger.runs(),
            virtual_ms: self.now.0,
            settled_ms: self.now.since(self.plan.gst),
            events: self.log.events,
        }
    }
}
