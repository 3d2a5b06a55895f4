//! How a world is made: who is in it, and what befalls it.

use std::collections::BTreeSet;

use consensus::Timing;
use types::Time;

use super::byzantine::Behaviour;

/// The network's manners until `until`; afterwards it is good.
#[derive(Clone, Debug)]
pub struct Weather {
    /// When it clears up.
    pub until: Time,
    /// Longest delay in milliseconds before that; the shortest is 5.
    pub delay: u64,
    /// Longest delay afterwards.
    pub good: u64,
    /// Percent of messages lost.
    pub loss: u64,
    /// Percent of messages that arrive twice.
    pub twice: u64,
    /// Longest time in milliseconds until what is written is durable.
    pub sync: u64,
    /// Percent of votes that make their node crash as it writes or sends them.
    pub fragile: u64,
    /// Nodes that hear only one another, and from when to when.
    pub partitions: Vec<(Time, Time, BTreeSet<usize>)>,
    /// Who crashes when, and for how long.
    pub crashes: Vec<(Time, usize, u64)>,
}

impl Weather {
    /// Good from the start.
    pub fn good() -> Self {
        Self {
            until: Time(0),
            delay: 60,
            good: 60,
            loss: 0,
            twice: 0,
            sync: 8,
            fragile: 0,
            partitions: Vec::new(),
            crashes: Vec::new(),
        }
    }
}

/// How a world is made.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub seats: Vec<u32>,
    pub observers: usize,
    pub liars: Vec<(usize, Behaviour)>,
    pub weather: Weather,
    pub timing: Timing,
    pub body: usize,
    pub inline: usize,
}

impl Plan {
    /// Honest members with one seat each.
    pub fn of(seed: u64, members: usize) -> Self {
        Self {
            seed,
            seats: vec![1; members],
            observers: 0,
            liars: Vec::new(),
            weather: Weather::good(),
            timing: Timing {
                delta_ms: 150,
                delta_max_ms: 3_000,
                execution_ms: 100,
                standstill_ms: 1_500,
                heartbeat_ms: 0,
            },
            body: 40,
            inline: 1_000,
        }
    }
}
