//! More than f seats of a transaction chain's committee stop for good, and the root replaces it.
//!
//! Who serves is drawn, so those who stop are picked when it is time: enough of the chain to stop
//! it, few enough of every other committee not to. What they have final, others have too, as no
//! promise is made to the dead; and one member of the committee stays to tell the root.

use std::collections::BTreeSet;

use root_chain::elections::{self, Stage};
use types::{ChainId, Committee, News, NodeId};

use super::{Event, World};

/// How often it is tried, if the committees do not allow for it.
const AGAIN_MS: u64 = 400;
/// So long after the network healed it is tried no more.
const GIVE_UP_MS: u64 = 60_000;
/// How long those take to come back that do.
const BACK_MS: u64 = 3_000;

impl World {
    /// Stops a committee, or tries again later.
    pub(super) fn stall(&mut self) {
        let Some(stall) = self.plan.stall.clone() else {
            return;
        };
        match self.pick_stopped(stall.chain) {
            Some(nodes) => {
                self.say(|| format!("{nodes:?} stop for good: chain {} stalls", stall.chain));
                *self.faults.entry("committee stopped").or_default() += 1;
                for node in &nodes {
                    self.log.note(self.now, 4, *node, &[]);
                    self.nodes[*node].crash();
                    self.nodes[*node].gone = true;
                }
                self.stalled = Some(stall.chain);
            }
            None if self.now < self.plan.gst.after(GIVE_UP_MS) => {
                self.events.put(self.now.after(AGAIN_MS), Event::Stall);
            }
            None => {}
        }
    }

    /// A chain was rescued: some of those who had stopped come back.
    pub(super) fn end_stall(&mut self, news: &[News]) {
        let rescued = |told: &News| match told {
            News::Rescued { committee, .. } => Some(committee.chain) == self.stalled,
            _ => false,
        };
        if !news.iter().any(rescued) {
            return;
        }
        *self.faults.entry("committee replaced").or_default() += 1;
        let returns = self.plan.stall.as_ref().is_some_and(|stall| stall.returns);
        for node in 0..self.nodes.len() {
            if returns && std::mem::take(&mut self.nodes[node].gone) {
                let back = self.now.after(self.dice.below(BACK_MS));
                self.events.put(back, Event::Restart(node));
            }
        }
    }

    /// Members with more than f seats of the chain, none of whom is missed elsewhere.
    fn pick_stopped(&mut self, chain: ChainId) -> Option<Vec<usize>> {
        let state = self.newest_root()?.state.clone();
        // Whoever declared itself is soon a member.
        let chains = || self.setup.chain_ids();
        let term = |chain| elections::term(&state, chain);
        if chains().any(|chain| term(chain).is_none_or(|term| term.election().is_some())) {
            return None;
        }
        // A chain that may close its term can be ahead of what the root has recorded of it.
        let term_of_chain = term(chain)?;
        if let Stage::Elected(successor) = &term_of_chain.stage
            && successor.told.is_some()
        {
            return None;
        }
        let committee = self.oracle.seating.of(chain, term_of_chain.epoch)?.clone();
        let mut members: Vec<NodeId> = committee.members.iter().map(|m| m.node).collect();
        self.dice.shuffle(&mut members);
        let mut stopped = BTreeSet::new();
        while self.seats(&committee, &stopped, false) <= committee.thresholds().faulty {
            stopped.insert(members.pop()?);
        }
        for other in chains() {
            let epoch = term(other)?.epoch;
            for epoch in [epoch, epoch + 1] {
                let found = self.oracle.seating.of(other, epoch);
                let Some(found) = found.filter(|_| (other, epoch) != (chain, committee.epoch))
                else {
                    continue;
                };
                if self.seats(found, &stopped, true) > found.thresholds().faulty {
                    return None;
                }
            }
        }
        let nodes = stopped.iter().filter_map(|node| self.setup.node_of(node));
        let nodes: Vec<usize> = nodes.collect();
        let survivors: Vec<usize> = members
            .iter()
            .filter_map(|node| self.setup.node_of(node))
            .filter(|node| self.nodes[*node].is_up() && !self.oracle.honesty.is_traitor(*node))
            .collect();
        let up = nodes.iter().all(|node| self.nodes[*node].is_up());
        (up && self.leaves_nothing(chain, &nodes, &survivors)).then_some(nodes)
    }

    /// Seats of some nodes in a committee, with those of liars if asked for.
    fn seats(&self, committee: &Committee, of: &BTreeSet<NodeId>, liars: bool) -> u64 {
        let counts = |node: &NodeId| {
            let number = self.setup.node_of(node);
            of.contains(node)
                || liars && number.is_some_and(|node| self.oracle.honesty.is_traitor(node))
        };
        let members = committee.members.iter();
        let counted = members.filter(|member| counts(&member.node));
        counted.map(|member| u64::from(member.seats)).sum()
    }

    /// Whether all that is final on these nodes is final on others too: on the chain at hand on a
    /// member that stays, as the root hears of it from members.
    fn leaves_nothing(&self, chain: ChainId, gone: &[usize], members: &[usize]) -> bool {
        let height = |node: &usize, chain: ChainId| {
            let running = self.nodes[*node].running.get(&chain);
            running.map_or(0, |running| running.chain.last_final().header().height)
        };
        let stays = |node: &usize| !gone.contains(node) && !self.nodes[*node].gone;
        let all: Vec<usize> = (0..self.nodes.len()).filter(stays).collect();
        self.setup.chain_ids().all(|one| {
            let witnesses = if one == chain { members } else { &all[..] };
            let known = witnesses.iter().map(|node| height(node, one)).max();
            gone.iter().all(|node| Some(height(node, one)) <= known)
        })
    }
}
