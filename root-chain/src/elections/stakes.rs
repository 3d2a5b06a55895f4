//! What elections ask of stake and tell it.

use actors::Edit;
use types::{AccountId, ChainId, Committee, Epoch, Height};

use crate::slashing::{self, About, Fault};
use crate::staking::{self, Certified, Snapshot, StakerId, StakingRules};

/// A staker as an election sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stake {
    /// Tickets that count.
    pub tickets: u64,
    /// The stake key, compressed; it proved its possession.
    pub key: [u8; 96],
}

/// Who may win elections that open at a root height, and who has duties. The tickets for one
/// height stay the same for as long as an election may last, but for stakers that are punished.
pub trait Stakes: Send + Sync {
    /// All tickets.
    fn total(&self, edit: &Edit<'_>, opened: Height) -> u64;

    /// One staker; none without tickets.
    fn of(&self, edit: &Edit<'_>, staker: &AccountId, opened: Height) -> Option<Stake>;

    /// A committee was elected: its members have duties until its term ends.
    fn begin(&self, edit: &mut Edit<'_>, holders: &[Option<StakerId>]);

    /// Its term ended, or it was dropped before it began.
    fn end(
        &self,
        edit: &mut Edit<'_>,
        committee: &Committee,
        holders: &[Option<StakerId>],
        now: Height,
    );

    /// It certified blocks that are recorded now.
    fn reward(&self, edit: &mut Edit<'_>, certified: &Certified<'_>);

    /// A member of a committee that had to be replaced did not show up.
    fn absent(&self, edit: &mut Edit<'_>, staker: &StakerId, of: (ChainId, Epoch), now: Height);
}

/// Stake as the staking account holds it.
impl Stakes for StakingRules {
    fn total(&self, edit: &Edit<'_>, opened: Height) -> u64 {
        Snapshot::at(edit, self.epoch(opened), self).total
    }

    fn of(&self, edit: &Edit<'_>, staker: &AccountId, opened: Height) -> Option<Stake> {
        let found = staking::staker(edit, staker)?;
        let tickets = found.tickets(self.epoch(opened), self);
        let key = found.key;
        (tickets > 0).then_some(Stake { tickets, key })
    }

    fn begin(&self, edit: &mut Edit<'_>, holders: &[Option<StakerId>]) {
        staking::begin_term(edit, holders);
    }

    fn end(
        &self,
        edit: &mut Edit<'_>,
        committee: &Committee,
        holders: &[Option<StakerId>],
        now: Height,
    ) {
        staking::end_term(edit, self, committee, holders, now);
    }

    fn reward(&self, edit: &mut Edit<'_>, certified: &Certified<'_>) {
        staking::reward(edit, self, certified);
    }

    fn absent(
        &self,
        edit: &mut Edit<'_>,
        staker: &StakerId,
        (chain, epoch): (ChainId, Epoch),
        now: Height,
    ) {
        let about = About {
            chain,
            epoch,
            number: 0,
        };
        // A term is replaced once.
        let _ = slashing::punish(edit, staker, Fault::RescueAbsence, about, None);
        staking::jail(edit, self, staker, now);
    }
}
