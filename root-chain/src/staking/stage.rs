//! Where a staker stands, in a word, for people.

use std::fmt;

use types::Height;

use super::{RootEpoch, Staker, StakingRules, WAIT};

/// Where a staker stands at a root height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its stake does not count yet. [S3]
    Waiting {
        /// The first root epoch in whose elections a ticket counts.
        until: RootEpoch,
    },
    /// It has less than a ticket.
    Short,
    /// Its tickets count.
    Eligible,
    /// It wins no election below an epoch. [S4]
    Jailed {
        /// The first root epoch in whose elections it may win again.
        until: RootEpoch,
    },
    /// It quit and serves out its terms. [S5]
    Leaving {
        /// Committees that it is still in.
        duties: u32,
    },
    /// It quit and waits. [S5]
    Unbonding {
        /// The root height from which it may withdraw.
        until: Height,
    },
    /// It may withdraw.
    Free,
    /// It was convicted; what is left can be taken out by quitting and withdrawing.
    Convicted,
    /// It was convicted and has withdrawn.
    Gone,
}

impl Staker {
    /// Where it stands at a root height.
    pub fn stage(&self, height: Height, rules: &StakingRules) -> Stage {
        if self.withdrawn {
            return Stage::Gone;
        }
        if self.leaving.is_some() {
            return self.way_out(height, rules);
        }
        let epoch = rules.epoch(height);
        if self.tombstoned {
            return Stage::Convicted;
        }
        if epoch < self.jailed_until {
            let until = self.jailed_until;
            return Stage::Jailed { until };
        }
        if self.tickets(epoch, rules) > 0 {
            return Stage::Eligible;
        }
        let counts = |wait: &RootEpoch| rules.tickets(self.counted(epoch + wait)) > 0;
        let first = (1..=WAIT).find(counts).map(|wait| epoch + wait);
        first.map_or(Stage::Short, |until| Stage::Waiting { until })
    }

    fn way_out(&self, height: Height, rules: &StakingRules) -> Stage {
        let duties = self.duties;
        match self.free_at(rules) {
            None => Stage::Leaving { duties },
            Some(until) if height < until => Stage::Unbonding { until },
            Some(_) => Stage::Free,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { until } => write!(f, "waiting: counts from root epoch {until} on"),
            Self::Short => f.write_str("less than a ticket: add stake to win elections"),
            Self::Eligible => f.write_str("eligible"),
            Self::Jailed { until } => write!(f, "jailed until root epoch {until}"),
            Self::Leaving { duties } => write!(f, "leaving: still in {duties} committees"),
            Self::Unbonding { until } => write!(f, "unbonding until root height {until}"),
            Self::Free => f.write_str("free to withdraw"),
            Self::Convicted => f.write_str("convicted: quit to take out what is left"),
            Self::Gone => f.write_str("convicted and withdrawn"),
        }
    }
}
