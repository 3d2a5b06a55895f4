//! I7 and I3 of stake: no honest staker loses any, but for what it missed while it was down, and
//! the staking account has what it owes.

use std::collections::{BTreeMap, BTreeSet};

use types::{AccountId, News, NodeId};

use super::Seating;
use crate::report::Violations;
use crate::setup::Setup;

/// What absence at a rescue costs, in thousandths, restated.
const ABSENCE: u128 = 10;

/// A staker's record in the root's state, as the oracle reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StakerSeen {
    pub(crate) id: AccountId,
    pub(crate) node: NodeId,
    pub(crate) stake: u128,
    pub(crate) rewards: u128,
    pub(crate) jailed: bool,
    pub(crate) tombstoned: bool,
    pub(crate) leaving: bool,
}

/// What stakers had after the last root block.
pub(crate) struct Stakes {
    honest: BTreeSet<NodeId>,
    stakes: BTreeMap<AccountId, u128>,
    /// Honest stakers that did not answer when their chain called for rescue.
    absent: BTreeSet<AccountId>,
    convicted: BTreeSet<AccountId>,
    /// Convicted, and without stake.
    ruined: BTreeSet<NodeId>,
    /// Stakers of genesis.
    first: usize,
    /// Stakers that registered later, and that quit.
    came_and_went: (usize, usize),
}

impl Stakes {
    pub(crate) fn new(setup: &Setup, traitors: &BTreeSet<usize>) -> Self {
        let nodes = setup.nodes.iter().enumerate();
        let honest = nodes.filter(|(number, _)| !traitors.contains(number));
        Self {
            honest: honest.map(|(_, identity)| identity.node).collect(),
            stakes: BTreeMap::new(),
            absent: BTreeSet::new(),
            convicted: BTreeSet::new(),
            ruined: BTreeSet::new(),
            first: setup.network.spec().staking.stakers.len(),
            came_and_went: (0, 0),
        }
    }

    /// The observer made a root block final; `balance` is that of the staking account.
    pub(crate) fn see(
        &mut self,
        place: &str,
        stakers: &[StakerSeen],
        balance: u128,
        (news, seating): (&[News], &Seating),
        bad: &mut Violations,
    ) {
        let owed: u128 = stakers.iter().map(|own| own.stake + own.rewards).sum();
        if owed > balance {
            let what = format!("{place}: stakers are owed {owed}, the account has {balance}");
            bad.add("I3", what);
        }
        let left = stakers.iter().filter(|own| own.leaving).count();
        self.came_and_went = (stakers.len().saturating_sub(self.first), left);
        let convicted = stakers.iter().filter(|own| own.tombstoned);
        self.convicted.extend(convicted.clone().map(|own| own.id));
        let ruined = convicted.filter(|own| own.stake == 0);
        self.ruined.extend(ruined.map(|own| own.node));
        for own in stakers.iter().filter(|own| self.honest.contains(&own.node)) {
            let before = self.stakes.insert(own.id, own.stake).unwrap_or(own.stake);
            if own.stake < before {
                let called = rescues_of(news, seating, &own.node);
                let bearable = (0..called).fold(before, |rest, _| rest - rest * ABSENCE / 1_000);
                if own.stake < bearable || called == 0 {
                    let what = format!(
                        "{place}: honest staker {} had {before}, has {}",
                        own.id, own.stake
                    );
                    bad.add("I7", what);
                }
                self.absent.insert(own.id);
            }
            if own.tombstoned || own.jailed && !self.absent.contains(&own.id) {
                let what = format!("{place}: honest staker {} is convicted: {own:?}", own.id);
                bad.add("I7", what);
            }
        }
    }

    /// A staker is honest no more.
    pub(crate) fn corrupt(&mut self, node: &NodeId) {
        self.honest.remove(node);
    }

    /// Whether these nodes' stakers were convicted and have nothing left.
    pub(crate) fn have_lost_all(&self, nodes: &BTreeSet<NodeId>) -> bool {
        nodes.iter().all(|node| self.ruined.contains(node))
    }

    /// Stakers that registered after genesis, and stakers that quit.
    pub(crate) const fn came_and_went(&self) -> (usize, usize) {
        self.came_and_went
    }

    /// Stakers that were convicted.
    pub(crate) fn convicted(&self) -> usize {
        self.convicted.len()
    }

    /// Honest stakers that missed a rescue.
    pub(crate) fn absent(&self) -> usize {
        self.absent.len()
    }
}

/// Chains that were rescued in this block from a committee with this member.
fn rescues_of(news: &[News], seating: &Seating, node: &NodeId) -> usize {
    let rescued = news.iter().filter_map(|told| match told {
        News::Rescued { committee, .. } => Some((committee.chain, committee.epoch)),
        _ => None,
    });
    let had = |(chain, epoch): &(types::ChainId, types::Epoch)| {
        let before = epoch.checked_sub(1);
        let old = before.and_then(|epoch| seating.of(*chain, epoch));
        old.is_some_and(|old| old.members.iter().any(|member| member.node == *node))
    };
    rescued.filter(had).count()
}
