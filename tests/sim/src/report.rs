//! What a run found.

use std::collections::BTreeMap;

use crypto::Hash;
use serde::Serialize;

/// Violations that one run lists; it counts all.
const LISTED: usize = 20;

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which: `I1` to `I11`, `restart` or `panic`.
    pub invariant: &'static str,
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// What was seen.
    pub what: String,
}

/// Broken promises, the first ones in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Violations {
    pub(crate) listed: Vec<Violation>,
    pub(crate) count: u64,
    pub(crate) now: u64,
}

impl Violations {
    pub(crate) fn add(&mut self, invariant: &'static str, what: String) {
        self.count += 1;
        if self.listed.len() < LISTED {
            let at_ms = self.now;
            self.listed.push(Violation {
                invariant,
                at_ms,
                what,
            });
        }
    }
}

/// How often something was done, by its name.
pub type Counters = BTreeMap<&'static str, u64>;

/// The outcome of one seed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether committees changed.
    pub terms: bool,
    /// Whether users had to deploy code, or must not, whatever the seed says.
    pub code: Option<bool>,
    /// The seed.
    pub seed: u64,
    /// Hash over everything that happened, in order.
    pub hash: Hash,
    /// Broken promises: the first twenty.
    pub violations: Vec<Violation>,
    /// How many there were.
    pub violation_count: u64,
    /// Faults injected, by name.
    pub faults: Counters,
    /// Final blocks, by chain.
    pub blocks: Vec<u64>,
    /// External messages that got a receipt.
    pub messages: u64,
    /// Relay messages that were consumed on another chain than where they were made.
    pub crossed: u64,
    /// Relay messages that failed and went back.
    pub bounced: u64,
    /// Runs of code that ended well: calls, replies, bounces, time-outs.
    pub runs: [u64; 4],
    /// Virtual milliseconds until all was settled.
    pub virtual_ms: u64,
    /// How many of them passed after the network had healed.
    pub settled_ms: u64,
    /// Events handled.
    pub events: u64,
}

/// A seed that broke a promise.
#[derive(Clone, Debug, Serialize)]
pub struct Failing {
    /// The seed.
    pub seed: u64,
    /// The first promise that it broke.
    pub invariant: &'static str,
    /// How.
    pub what: String,
    /// The command that shows it again.
    pub replay: String,
}

/// The outcome of many seeds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Seeds run.
    pub seeds: u64,
    /// Seeds that broke a promise.
    pub violations: u64,
    /// Faults injected, by name, over all seeds.
    pub faults: Counters,
    /// Final blocks over all seeds and chains.
    pub blocks: u64,
    /// External messages with a receipt over all seeds.
    pub messages: u64,
    /// Relay messages consumed on another chain, over all seeds.
    pub crossed: u64,
    /// Runs of code that ended well over all seeds: calls, replies, bounces, time-outs.
    pub runs: [u64; 4],
    /// Virtual milliseconds, over all seeds.
    pub virtual_ms: u64,
    /// The longest that a seed took to come to rest after the network had healed.
    pub settled_ms: u64,
    /// The seeds that broke a promise, ascending.
    pub failing: Vec<Failing>,
}

impl Summary {
    /// Adds the outcome of one seed.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        for (name, count) in &report.faults {
            *self.faults.entry(name).or_default() += count;
        }
        self.blocks += report.blocks.iter().sum::<u64>();
        self.messages += report.messages;
        self.crossed += report.crossed;
        for (all, own) in self.runs.iter_mut().zip(report.runs) {
            *all += own;
        }
        self.virtual_ms += report.virtual_ms;
        self.settled_ms = self.settled_ms.max(report.settled_ms);
        if let Some(first) = report.violations.first() {
            self.violations += 1;
            self.failing.push(Failing {
                seed: report.seed,
                invariant: first.invariant,
                what: first.what.clone(),
                replay: replay(report.seed, report.terms, report.code),
            });
            self.failing.sort_by_key(|failing| failing.seed);
        }
    }
}

/// The command that runs a seed again and prints its hash.
pub fn replay(seed: u64, terms: bool, code: Option<bool>) -> String {
    let terms = if terms { " --terms" } else { "" };
    let code = match code {
        None => String::new(),
        Some(code) => format!(" --code {code}"),
    };
    format!("thinkey sim --seed {seed} --hash{terms}{code}")
}
