//! The numbers of staking, as the chain spec says them.

use types::{Amount, Height};

/// A day of the root, counted in [`StakingRules::epoch_length`] heights from 0.
pub type RootEpoch = u64;

/// How many root epochs stake waits before it counts. [S3]
pub const WAIT: RootEpoch = 2;

/// The numbers of staking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakingRules {
    /// Stake of one ticket, above 0; also the least stake of a registration.
    pub ticket: Amount,
    /// Root heights of a root epoch, above 0.
    pub epoch_length: u64,
    /// U: root heights between the end of the last duty and the withdrawal. [S5]
    pub unbonding: u64,
    /// Root heights after the end of a term in which evidence about it counts. [S9]
    pub evidence_window: u64,
    /// What one anchored block pays, all shares together, as long as the pool lasts. [S7]
    pub reward_per_block: Amount,
    /// Whoever signs less than this percentage of a term's certificates was absent; 0: nobody.
    pub presence_percent: u64,
}

impl StakingRules {
    /// The root epoch of a root height.
    pub const fn epoch(&self, height: Height) -> RootEpoch {
        match height.checked_div(self.epoch_length) {
            Some(epoch) => epoch,
            None => 0,
        }
    }

    /// Tickets of an amount of stake.
    pub fn tickets(&self, stake: Amount) -> u64 {
        let tickets = stake.0.checked_div(self.ticket.0).unwrap_or(0);
        u64::try_from(tickets).unwrap_or(u64::MAX)
    }
}
