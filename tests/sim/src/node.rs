//! A simulated node: machines, journals, disks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use consensus::Evidence;
use consensus::Seat;
use crypto::{Domain, Hash, bls, hash};
use root_chain::duty::{Duty, Ratchet};
use store::{FaultyDb, SimDisk};
use tx_chain::journal::{CheckpointJob, Parts, VoteParts};
use tx_chain::{Chain, Effect, Journal, JournalError, Keys, Start};
use types::{ChainId, Epoch, Height, Time};

use crate::dice::Dice;
use crate::plan::{Plan, Stop};
use crate::setup::Setup;

const KEY: Domain = Domain::new("thinkey/sim/key");

/// The disks of one chain on one node.
#[derive(Clone, Default)]
pub(crate) struct Disks {
    pub(crate) blocks: SimDisk,
    /// For each consensus key its votes and its mark.
    pub(crate) votes: BTreeMap<Hash, (SimDisk, SimDisk)>,
}

impl Disks {
    /// Where a seat writes down its votes.
    pub(crate) fn votes_of(&mut self, seat: &Seat) -> VoteParts {
        let key = hash(KEY, &[&seat.key.public().to_bytes()]);
        let (votes, mark) = self.votes.entry(key).or_default();
        (Box::new(votes.clone()), Box::new(mark.clone()), key)
    }
}

/// A chain that runs on a node.
pub(crate) struct Running {
    pub(crate) chain: Chain,
    pub(crate) journal: Journal,
    /// The wake-up that counts, in virtual time.
    pub(crate) wake: Option<Time>,
    /// A checkpoint that waits to be written.
    pub(crate) job: Option<CheckpointJob>,
    /// Final blocks since the last checkpoint.
    pub(crate) since_checkpoint: u64,
    /// The root told of a term since the last one.
    pub(crate) checkpoint_due: bool,
    /// Ticks in the current second.
    pub(crate) ticks: (u64, u64),
}

/// One node, running or not.
pub(crate) struct Node {
    pub(crate) number: usize,
    pub(crate) skew: u64,
    pub(crate) disks: BTreeMap<ChainId, Disks>,
    pub(crate) db: Arc<FaultyDb>,
    /// Empty while the node is down.
    pub(crate) running: BTreeMap<ChainId, Running>,
    /// How often it was started.
    pub(crate) life: u64,
    pub(crate) dice: Dice,
    /// What it does by itself as a staker; none for the observer, and while the node is down.
    pub(crate) duty: Option<Duty>,
    /// What it was told since it started of what others declare to the root.
    pub(crate) heard: BTreeSet<Hash>,
    /// Consensus keys, as its machines see them.
    pub(crate) keys: Arc<Keys>,
    /// The same and the secret of later ones, as they are kept over a restart.
    pub(crate) kept: BTreeMap<(ChainId, Epoch), bls::SecretKey>,
    pub(crate) ratchet: Option<Ratchet>,
    /// Evidence as it is kept over a restart.
    pub(crate) evidence: Vec<Evidence>,
    /// It stopped and does not come back by itself.
    pub(crate) gone: bool,
    /// Waits for the write that breaks it; how long it will be down.
    pub(crate) doomed: Option<u64>,
}

/// What a chain did first.
pub(crate) struct Started {
    pub(crate) chain: ChainId,
    pub(crate) effects: Vec<Effect>,
    /// The last final height that it remembered.
    pub(crate) height: Height,
}

impl Node {
    pub(crate) fn new(number: usize, setup: &Setup, plan: &Plan, seed: u64) -> Self {
        let follows = &setup.nodes[number].follows;
        Self {
            number,
            skew: plan.skew[number],
            disks: follows
                .iter()
                .map(|chain| (*chain, Disks::default()))
                .collect(),
            db: Arc::new(FaultyDb::new()),
            running: BTreeMap::new(),
            life: 0,
            dice: Dice::new(seed, &format!("node {number}")),
            duty: None,
            evidence: Vec::new(),
            heard: BTreeSet::new(),
            keys: Arc::default(),
            kept: BTreeMap::new(),
            ratchet: None,
            gone: false,
            doomed: None,
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        !self.running.is_empty()
    }

    /// What the node's own clock shows.
    pub(crate) const fn clock(&self, now: Time) -> Time {
        now.after(self.skew)
    }

    /// When its clock will show a time.
    pub(crate) const fn when(&self, local: Time) -> Time {
        Time(local.0.saturating_sub(self.skew))
    }

    /// Opens the journals and starts the machines, the root's last.
    pub(crate) fn start(
        &mut self,
        now: Time,
        setup: &Setup,
        plan: &Plan,
    ) -> Result<Vec<Started>, JournalError> {
        self.life += 1;
        let keys = setup.first_keys(self.number);
        self.keys = Arc::new(Keys::of(keys.chain(self.kept.values().cloned())));
        self.duty = setup.duty(self.number, self.ratchet.as_ref());
        let mut all = Vec::new();
        for chain in &setup.nodes[self.number].follows {
            let parts = self.parts(*chain);
            let beginning = setup.network.beginning(*chain);
            let beginning = beginning.expect("every node follows chains that are there");
            let (mut journal, mut start) = Journal::open(parts, beginning)?;
            let config = setup.config(self.number, *chain, plan, self.keys.clone());
            let committee = start.committee(&config.consensus.committee);
            if let Some(seat) = config.keyring.seat(committee) {
                let votes = self.disks.entry(*chain).or_default().votes_of(&seat);
                journal.vote_with(votes, &mut start)?;
            }
            all.push((*chain, journal, start));
        }
        let mut started = Vec::new();
        let root = all.last().map(|(_, _, start)| start.view.clone());
        for (chain, journal, mut start) in all {
            root.iter().for_each(|root| start.follow(root));
            let height = height_of(&start);
            let config = setup.config(self.number, chain, plan, self.keys.clone());
            let mut effects = Vec::new();
            let machine = Chain::new(config, start, self.clock(now), &mut effects);
            let running = Running {
                chain: machine,
                journal,
                wake: None,
                job: None,
                since_checkpoint: 0,
                checkpoint_due: false,
                ticks: (0, 0),
            };
            self.running.insert(chain, running);
            started.push(Started {
                chain,
                effects,
                height,
            });
        }
        Ok(started)
    }

    fn parts(&mut self, chain: ChainId) -> Parts {
        Parts {
            blocks: Box::new(self.disks[&chain].blocks.clone()),
            db: self.db.clone(),
            nonce: self.dice.number(),
        }
    }

    /// Arms the disks, so that some write from now on breaks.
    pub(crate) fn doom(&mut self, stop: Stop, down_ms: u64) {
        self.doomed = Some(down_ms);
        let fault = match stop {
            Stop::Between => return,
            Stop::Database(skip) => return self.db.fail_after(skip, store::DbFault::Io),
            Stop::Power(skip) => (skip, store::DiskFault::PowerLoss),
            Stop::Full(skip) => (skip, store::DiskFault::Full),
            Stop::Broken(skip) => (skip, store::DiskFault::Io),
        };
        let chains: Vec<ChainId> = self.disks.keys().copied().collect();
        let chain = *self.dice.pick(&chains);
        let disks = &self.disks[&chain];
        let votes = self.dice.chance(400);
        let newest = disks.votes.values().next_back().map(|(votes, _)| votes);
        let disk = newest.filter(|_| votes).unwrap_or(&disks.blocks);
        disk.fail_after(fault.0, fault.1);
    }

    /// The node stops: memory is gone, and of what was not synced some or all.
    pub(crate) fn crash(&mut self) {
        self.running.clear();
        self.duty = None;
        self.heard.clear();
        self.doomed = None;
        for disks in self.disks.values_mut() {
            disks.blocks = disks.blocks.crash(self.dice.number());
            for (votes, mark) in disks.votes.values_mut() {
                *votes = votes.crash(self.dice.number());
                *mark = mark.crash(self.dice.number());
            }
        }
        let keep = self.dice.below(self.db.unflushed() as u64 + 1);
        self.db = Arc::new(self.db.crash(keep as usize));
    }
}

/// The last final height of a start.
fn height_of(start: &Start) -> Height {
    start
        .replay
        .last()
        .map_or_else(|| start.block.header().height, |(b, ..)| b.header.height)
}
