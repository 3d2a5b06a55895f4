//! What is asked of a run.

use serde::{Deserialize, Serialize};

/// One run. The same options give the same events, bit for bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Everything that is left to chance follows from it.
    pub seed: u64,
    /// Transaction chains beside the root.
    pub chains: u32,
    /// Validators of each chain.
    pub validators: u32,
    /// External messages at most; each seed takes some part of it.
    pub messages: u32,
    /// Virtual milliseconds with faults at most; each seed takes some part of it.
    pub run_ms: u64,
    /// Bad networks: delay, loss, duplicates, partitions.
    pub network: bool,
    /// Crashes, torn writes, full disks.
    pub crashes: bool,
    /// Up to f Byzantine members in each committee.
    pub byzantine: bool,
    /// Only this Byzantine fault, in every committee; all of them when none is named.
    pub fault: Option<String>,
    /// Short terms: a beacon, elections and committees that hand over.
    pub terms: bool,
    /// Whether users deploy code and call it; in some seeds when it is left open.
    pub code: Option<bool>,
    /// Print every message that leaves a node, and what nodes do, to standard error.
    pub trace: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            chains: 2,
            validators: 4,
            messages: 320,
            run_ms: 12_000,
            network: true,
            crashes: true,
            byzantine: true,
            fault: None,
            terms: false,
            code: None,
            trace: false,
        }
    }
}

impl Options {
    /// The default run of a seed.
    pub fn seed(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// A run in which committees change: it rests when every chain has passed through two
    /// handovers, and the root through one. Which nodes serve is drawn: where more traitors are
    /// drawn into a committee than it can bear, they behave in its name.
    pub fn terms(seed: u64) -> Self {
        Self {
            terms: true,
            run_ms: 60_000,
            messages: 400,
            ..Self::seed(seed)
        }
    }

    /// A run without any fault.
    pub fn calm(seed: u64) -> Self {
        Self {
            network: false,
            crashes: false,
            byzantine: false,
            ..Self::seed(seed)
        }
    }
}
