//! Who sits in which committee, as the root tells it, and how many of the seats lie.

use std::collections::{BTreeMap, BTreeSet};

use types::{ChainId, Committee, Epoch, Height, News, NodeId};

use crate::setup::Setup;

/// All committees that were ever recorded, by chain and term: a term's committee is elected anew
/// when nobody of the first one gets ready.
pub(crate) struct Seating {
    committees: BTreeMap<(ChainId, Epoch), Vec<Committee>>,
    liars: BTreeSet<NodeId>,
    /// Nodes whose stakers register during the run.
    newcomers: BTreeSet<NodeId>,
    /// The root height up to which news were taken in.
    learned: Height,
}

impl Seating {
    pub(crate) fn new(setup: &Setup, traitors: &BTreeSet<usize>) -> Self {
        let first = |chain| Some(((chain, 0), vec![setup.network.committee(chain)?.clone()]));
        Self {
            committees: setup.chain_ids().filter_map(first).collect(),
            liars: traitors
                .iter()
                .map(|node| setup.nodes[*node].node)
                .collect(),
            newcomers: setup
                .joins
                .iter()
                .flat_map(|joins| {
                    let own = setup.secrets.validators.iter().skip(joins.first);
                    own.map(genesis::ValidatorSecret::node_id)
                })
                .collect(),
            learned: 0,
        }
    }

    /// A root block became final on some node; whether on the first.
    pub(crate) fn learn(&mut self, height: Height, news: &[News]) -> bool {
        if height <= self.learned {
            return false;
        }
        self.learned = height;
        for told in news {
            let (News::Elected(committee) | News::Rescued { committee, .. }) = told else {
                continue;
            };
            let place = (committee.chain, committee.epoch);
            let known = self.committees.entry(place).or_default();
            if known.last() != Some(committee) {
                known.push(committee.clone());
            }
        }
        true
    }

    /// The committee that was recorded last for a term.
    pub(crate) fn of(&self, chain: ChainId, epoch: Epoch) -> Option<&Committee> {
        self.committees.get(&(chain, epoch))?.last()
    }

    /// Seats that lie, and all.
    pub(crate) fn liars(&self, chain: ChainId, epoch: Epoch) -> Option<(u64, u64)> {
        self.of(chain, epoch).map(|committee| self.count(committee))
    }

    /// Whether some committee of the term has more Byzantine seats than it can bear.
    pub(crate) fn is_captured(&self, chain: ChainId, epoch: Epoch) -> bool {
        let known = self.committees.get(&(chain, epoch));
        known.into_iter().flatten().any(|committee| {
            let (liars, _) = self.count(committee);
            liars > committee.thresholds().faulty
        })
    }

    /// Whether the newest committee of a chain, or the one before it, is captured.
    pub(crate) fn serving(&self, chain: ChainId) -> bool {
        let all = self.committees.range((chain, 0)..=(chain, Epoch::MAX));
        let newest = all.map(|((_, epoch), _)| *epoch).next_back().unwrap_or(0);
        let both = newest.saturating_sub(1)..=newest;
        both.into_iter().any(|epoch| self.is_captured(chain, epoch))
    }

    /// Members of committees whose stakers registered during the run.
    pub(crate) fn newcomers(&self) -> usize {
        let members = self
            .committees
            .values()
            .flatten()
            .flat_map(|own| &own.members);
        let new = members.filter(|member| self.newcomers.contains(&member.node));
        new.count()
    }

    fn count(&self, committee: &Committee) -> (u64, u64) {
        let lies = |member: &&types::Member| self.liars.contains(&member.node);
        let lying = committee.members.iter().filter(lies);
        let seats = lying.map(|member| u64::from(member.seats)).sum();
        (seats, committee.thresholds().seats)
    }
}
