//! What a seed has in store: drawn before anything runs.

use types::{ChainId, Time};

use crate::Options;
use crate::byzantine;
use crate::dice::Dice;
use crate::setup::Setup;

/// Blocks between checkpoints on a node that takes none.
pub(crate) const NEVER: u64 = 1_000;

/// Which links a partition cuts.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// Nothing passes between the two sides.
    Symmetric,
    /// The first side can't send to the second.
    OneWay,
    /// Nothing passes but through this node.
    Bridge(usize),
}

/// A partition.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) from: Time,
    pub(crate) until: Time,
    pub(crate) cut: Cut,
    /// For each node, whether it is on the first side.
    pub(crate) first: Vec<bool>,
}

/// The longest cut where the root may replace a committee: what members who are cut off make final
/// while the root freezes their chain and waits for what can be brought in is lost, and has to be.
const MOST_CUT_MS: u64 = 5_000;

impl Partition {
    /// The same, unless it lasts longer and nobody can send over it.
    fn at_most(mut self, ms: u64) -> Self {
        if !matches!(self.cut, Cut::Bridge(_)) {
            self.until = self.until.min(self.from.after(ms));
        }
        self
    }

    /// Whether a message from one node to another is lost at this time.
    pub(crate) fn cuts(&self, now: Time, from: usize, to: usize) -> bool {
        if now < self.from || now >= self.until || self.first[from] == self.first[to] {
            return false;
        }
        match self.cut {
            Cut::Symmetric => true,
            Cut::OneWay => self.first[from],
            Cut::Bridge(node) => from != node && to != node,
        }
    }
}

/// How a node stops.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// At once, between two inputs.
    Between,
    /// Power fails at its n-th write from now on.
    Power(u64),
    /// Its n-th write from now on finds the disk full.
    Full(u64),
    /// Its n-th write from now on fails.
    Broken(u64),
    /// Its n-th write to the database from now on fails.
    Database(u64),
}

/// A crash of some nodes.
#[derive(Clone, Debug)]
pub(crate) struct Crash {
    pub(crate) at: Time,
    pub(crate) nodes: Vec<usize>,
    pub(crate) stop: Stop,
    pub(crate) down_ms: u64,
}

/// A committee of a transaction chain stops for good.
#[derive(Clone, Debug)]
pub(crate) struct Stall {
    pub(crate) chain: ChainId,
    pub(crate) at: Time,
    /// Whether those who stopped come back once the chain has another committee.
    pub(crate) returns: bool,
}

/// A captured committee of a transaction chain certifies two blocks.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    pub(crate) chain: ChainId,
    pub(crate) at: Time,
}

/// No share of a seed leaves a node.
#[derive(Clone, Debug)]
pub(crate) struct Silence {
    pub(crate) from: Time,
    pub(crate) until: Time,
}

/// Stakers that register and one that quits.
#[derive(Clone, Debug)]
pub(crate) struct Joins {
    /// The number of the first newcomer.
    pub(crate) first: usize,
    pub(crate) at: Time,
    /// Who quits.
    pub(crate) quits: usize,
    pub(crate) quits_at: Time,
}

/// Whether in this seed stakers come and go, and how many come.
pub(crate) fn joins(options: &Options) -> Option<(usize, Joins)> {
    let mut dice = Dice::new(options.seed, "joins");
    let joins = options.terms && options.fault.is_none() && dice.chance(120);
    let first = (options.validators * (options.chains + 1)) as usize;
    let plan = Joins {
        first,
        at: Time(dice.below(4_000)),
        quits: dice.below(first as u64) as usize,
        quits_at: Time(dice.below(options.run_ms / 3)),
    };
    let others = stalls(options) || forks(options, options.run_ms).is_some();
    (joins && !others).then(|| (dice.between(1, 3) as usize, plan))
}

/// Root heights after which a chain counts as stalled, in seeds in which one stalls.
pub(crate) const SHORT_STALL: u64 = 70;

/// Whether in this seed a committee stops.
pub(crate) fn stalls(options: &Options) -> bool {
    let mut dice = Dice::new(options.seed, "stalls");
    options.terms && options.crashes && dice.chance(250)
}

/// How the network treats messages before it heals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) delay_min: u64,
    pub(crate) delay_max: u64,
    /// How many of 1,000 messages are very late, and by how much at most.
    pub(crate) slow_permille: u64,
    pub(crate) slow_ms: u64,
    pub(crate) drop_permille: u64,
    pub(crate) duplicate_permille: u64,
}

/// What a seed has in store.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// When the network heals and nobody crashes any more.
    pub(crate) gst: Time,
    /// When all must be settled.
    pub(crate) end: Time,
    pub(crate) before: Weather,
    pub(crate) after: Weather,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) crashes: Vec<Crash>,
    pub(crate) stall: Option<Stall>,
    pub(crate) fork: Option<Fork>,
    pub(crate) silence: Option<Silence>,
    /// Milliseconds that each node's clock is ahead of the slowest possible one.
    pub(crate) skew: Vec<u64>,
    /// Byzantine nodes and what they do.
    pub(crate) traitors: Vec<(usize, Vec<&'static str>)>,
    pub(crate) messages: u32,
    /// How many of 1,000 transfers go to another chain.
    pub(crate) cross_permille: u64,
    /// Whether those without a seat get votes too.
    pub(crate) votes_to_all: bool,
    /// Final blocks between two checkpoints.
    pub(crate) checkpoint_every: u64,
    pub(crate) early_seats: u64,
    pub(crate) inline_body_bytes: usize,
}

/// Milliseconds after healing in which all must be settled.
const DRAIN_MS: u64 = 60_000;
/// The same where code sends trees of messages back and forth between chains.
const CODE_MS: u64 = 120_000;
/// The same where committees change: some terms of a network with little to do.
const TERMS_MS: u64 = 400_000;
/// The most that a clock may be ahead of another one.
const SKEW_MS: u64 = 200;

impl Plan {
    pub(crate) fn draw(options: &Options, setup: &Setup) -> Self {
        let mut dice = Dice::new(options.seed, "plan");
        let run = dice.between(options.run_ms / 3, options.run_ms);
        let nodes = setup.nodes.len();
        let after = Weather {
            delay_min: dice.between(1, 40),
            delay_max: dice.between(60, 160),
            slow_permille: 0,
            slow_ms: 0,
            drop_permille: 0,
            duplicate_permille: 0,
        };
        let before = if options.network {
            weather(&mut dice)
        } else {
            after
        };
        let mut plan = Self {
            gst: Time(run),
            end: Time(run + drain(options, setup)),
            before,
            after,
            partitions: Vec::new(),
            crashes: Vec::new(),
            stall: stalls(options).then(|| stall(options, run)),
            fork: forks(options, run),
            silence: silence(options, run),
            skew: (0..nodes).map(|_| dice.below(SKEW_MS)).collect(),
            traitors: Vec::new(),
            messages: dice.between(u64::from(options.messages) / 4, options.messages.into()) as u32,
            cross_permille: *dice.pick(&[0, 200, 500, 800, 1_000]),
            votes_to_all: dice.chance(200),
            checkpoint_every: *dice.pick(&[2, 5, 12, NEVER]),
            early_seats: dice.below(6),
            inline_body_bytes: *dice.pick(&[0, 512, 1 << 20]),
        };
        if options.network {
            let count = dice.below(6);
            let most = if options.terms { MOST_CUT_MS } else { run };
            plan.partitions = (0..count)
                .map(|_| partition(&mut dice, run, nodes).at_most(most))
                .collect();
        }
        if options.byzantine && options.terms {
            plan.traitors = traitor_stakers(options, setup);
        } else if options.byzantine {
            plan.traitors = traitors(&mut dice, options, setup);
        }
        if options.crashes {
            let count = dice.below(9);
            plan.crashes = (0..count).map(|_| crash(&mut dice, run, setup)).collect();
            plan.crashes.extend(storm(options.seed, run, setup));
        }
        plan
    }
}

const fn drain(options: &Options, setup: &Setup) -> u64 {
    match (options.terms, setup.code) {
        (true, _) => TERMS_MS,
        (false, true) => CODE_MS,
        (false, false) => DRAIN_MS,
    }
}

fn weather(dice: &mut Dice) -> Weather {
    let delay_min = dice.between(1, 60);
    Weather {
        delay_min,
        delay_max: delay_min + dice.between(20, 400),
        slow_permille: *dice.pick(&[0, 0, 5, 20]),
        slow_ms: *dice.pick(&[500, 2_000, 10_000]),
        drop_permille: *dice.pick(&[0, 0, 20, 100, 300]),
        duplicate_permille: *dice.pick(&[0, 50, 200, 500]),
    }
}

fn partition(dice: &mut Dice, run: u64, nodes: usize) -> Partition {
    let from = dice.below(run);
    let until = run.min(from + dice.between(200, run / 2 + 200));
    let cut = match dice.below(3) {
        0 => Cut::Symmetric,
        1 => Cut::OneWay,
        _ => Cut::Bridge(dice.below(nodes as u64) as usize),
    };
    let share = *dice.pick(&[100, 250, 500]);
    Partition {
        from: Time(from),
        until: Time(until),
        cut,
        first: (0..nodes).map(|_| dice.chance(share)).collect(),
    }
}

fn crash(dice: &mut Dice, run: u64, setup: &Setup) -> Crash {
    let all = setup.nodes.len() as u64 - 1;
    let validators = u64::from(setup.validators);
    let nodes = match dice.below(8) {
        // A whole committee at once, or everybody.
        0 => {
            let chain = dice.below(all / validators);
            (chain * validators..(chain + 1) * validators).collect()
        }
        1 => (0..all).collect(),
        2..4 => vec![dice.below(all), dice.below(all)],
        _ => vec![dice.below(all)],
    };
    let skip = dice.below(12);
    let stop = match dice.below(8) {
        0..2 => Stop::Between,
        2..6 => Stop::Power(skip),
        6 if dice.chance(500) => Stop::Full(skip),
        6 => Stop::Broken(skip),
        _ => Stop::Database(skip % 3),
    };
    Crash {
        at: Time(dice.below(run)),
        nodes: nodes.into_iter().map(|node| node as usize).collect(),
        stop,
        down_ms: dice.between(50, 3_000),
    }
}

fn stall(options: &Options, run: u64) -> Stall {
    let mut dice = Dice::new(options.seed, "stall");
    Stall {
        chain: ChainId(dice.between(1, options.chains.max(1).into()) as u32),
        at: Time(dice.between(run / 3, run)),
        returns: dice.chance(500),
    }
}

/// Not where a committee stops: then too few would be left.
fn forks(options: &Options, run: u64) -> Option<Fork> {
    let mut dice = Dice::new(options.seed, "fork");
    let forks = options.terms && options.byzantine && options.fault.is_none();
    (forks && dice.chance(130) && !stalls(options)).then(|| Fork {
        chain: ChainId(dice.between(1, options.chains.max(1).into()) as u32),
        at: Time(dice.between(run / 3, run)),
    })
}

/// Where a committee stops the root needs seeds to replace it.
fn silence(options: &Options, run: u64) -> Option<Silence> {
    let mut dice = Dice::new(options.seed, "silence");
    let falls = options.terms && options.network && options.fault.is_none();
    let from = dice.below(run / 2);
    (falls && dice.chance(120) && !stalls(options)).then(|| Silence {
        from: Time(from),
        until: Time(from + dice.between(run / 8, run / 2)),
    })
}

/// In some seeds one committee stumbles again and again, as it votes: what was sent and not
/// written would soon be contradicted.
fn storm(seed: u64, run: u64, setup: &Setup) -> Vec<Crash> {
    let mut dice = Dice::new(seed, "storm");
    if !dice.chance(300) {
        return Vec::new();
    }
    let chain = dice.below(u64::from(setup.chains) + 1) as u32;
    let members: Vec<usize> = setup.members(ChainId(chain)).collect();
    let count = dice.between(6, 24);
    let stumble = |_| Crash {
        at: Time(dice.below(run)),
        nodes: (0..3).map(|_| *dice.pick(&members)).collect(),
        stop: Stop::Power(dice.below(4)),
        down_ms: dice.between(20, 400),
    };
    (0..count).map(stumble).collect()
}

/// At most two stakers, of different first committees; none in some seeds.
fn traitor_stakers(options: &Options, setup: &Setup) -> Vec<(usize, Vec<&'static str>)> {
    let mut dice = Dice::new(options.seed, "traitor stakers");
    let known = byzantine::NAMES.iter().chain(byzantine::LIARS);
    let named = known
        .clone()
        .find(|name| options.fault.as_deref() == Some(**name));
    let count = match named {
        Some(_) => 2,
        None => *dice.pick(&[0, 1, 1, 1, 2]),
    };
    let mut chains: Vec<u64> = (0..=u64::from(setup.chains)).collect();
    dice.shuffle(&mut chains);
    let mut draw = |chain: u64| {
        let member = dice.below(setup.validators.into());
        let node = (chain * u64::from(setup.validators) + member) as usize;
        let faults = match named {
            Some(name) => vec![*name],
            None => (0..dice.between(1, 3))
                .map(|_| match dice.chance(500) {
                    true => *dice.pick(byzantine::LIARS),
                    false => *dice.pick(byzantine::NAMES),
                })
                .collect(),
        };
        (node, faults)
    };
    chains.into_iter().take(count).map(&mut draw).collect()
}

/// At most f in each committee; none in some.
fn traitors(dice: &mut Dice, options: &Options, setup: &Setup) -> Vec<(usize, Vec<&'static str>)> {
    let faulty = u64::from(setup.validators.saturating_sub(1) / 3);
    let mut traitors = Vec::new();
    for chain in 0..=u64::from(setup.chains) {
        let named = byzantine::NAMES
            .iter()
            .find(|name| options.fault.as_deref() == Some(**name));
        let count = match named {
            Some(_) => faulty,
            None => dice.between(0, faulty).max(dice.between(0, faulty)),
        };
        let mut members: Vec<u64> = (0..u64::from(setup.validators)).collect();
        dice.shuffle(&mut members);
        for member in members.into_iter().take(count as usize) {
            let node = (chain * u64::from(setup.validators) + member) as usize;
            let mut faults = match named {
                Some(name) => vec![*name],
                None => (0..dice.between(1, 3))
                    .map(|_| *dice.pick(byzantine::NAMES))
                    .collect(),
            };
            faults.dedup();
            traitors.push((node, faults));
        }
    }
    traitors
}
