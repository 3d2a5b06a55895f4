//! Who may win elections, with how many tickets.

use std::collections::BTreeMap;

use super::{RootEpoch, StakerId, StakingRules, stakers};
use crate::slots::Slots;

/// The tickets of all stakers in elections that open in one root epoch. [S3]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The root epoch.
    pub epoch: RootEpoch,
    /// All tickets.
    pub total: u64,
    /// Tickets of each staker that has some, ids ascending.
    pub tickets: BTreeMap<StakerId, u64>,
}

impl Snapshot {
    /// Reads every staker once; no key is decoded.
    pub fn at(slots: &impl Slots, epoch: RootEpoch, rules: &StakingRules) -> Self {
        let all = stakers(slots).map(|staker| (staker.id, staker.tickets(epoch, rules)));
        let tickets: BTreeMap<_, _> = all.filter(|(_, tickets)| *tickets > 0).collect();
        let total = tickets
            .values()
            .fold(0, |sum: u64, n| sum.saturating_add(*n));
        Self {
            epoch,
            total,
            tickets,
        }
    }

    /// The tickets of one staker.
    pub fn of(&self, id: &StakerId) -> u64 {
        self.tickets.get(id).copied().unwrap_or(0)
    }
}
