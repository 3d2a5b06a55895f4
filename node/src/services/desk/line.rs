//! Questions that wait, by asker. Pure: time comes in.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use p2p::Ticket;
use tokio::time::Instant;
use types::NodeId;

use super::Query;

/// Questions of one asker that wait.
pub(super) const EACH: usize = 8;
/// Questions that wait in one line.
const ALL: usize = 512;
/// Of so many turns one is first for those that are no members.
const TURNS: u64 = 4;

/// A question that waits.
pub(super) type Waiting = (Ticket, Query, Instant);

/// Members of committees and others wait apart.
#[derive(Default)]
pub(super) struct Lines {
    members: Line,
    others: Line,
    turns: u64,
}

impl Lines {
    /// Gives the ticket of the question that finds no place.
    pub(super) fn push(&mut self, from: NodeId, member: bool, new: Waiting) -> Option<Ticket> {
        let line = if member {
            &mut self.members
        } else {
            &mut self.others
        };
        line.push(from, new)
    }

    pub(super) fn next(&mut self) -> Option<(Ticket, Query)> {
        self.turns = self.turns.wrapping_add(1);
        let Self {
            members, others, ..
        } = self;
        let (first, second) = if self.turns.is_multiple_of(TURNS) {
            (others, members)
        } else {
            (members, others)
        };
        let (ticket, query, _) = first.next().or_else(|| second.next())?;
        Some((ticket, query))
    }

    /// Takes out what has waited since then or longer.
    pub(super) fn waiting_since(&mut self, then: Instant) -> Vec<Ticket> {
        let lines = [&mut self.members, &mut self.others];
        lines
            .into_iter()
            .flat_map(|line| line.waiting_since(then))
            .collect()
    }
}

/// Questions by asker; askers take turns.
#[derive(Default)]
struct Line {
    askers: BTreeMap<NodeId, VecDeque<Waiting>>,
    waiting: usize,
    /// Whose question was taken last.
    last: Option<NodeId>,
}

impl Line {
    fn push(&mut self, from: NodeId, new: Waiting) -> Option<Ticket> {
        let own = self.askers.entry(from).or_default();
        if let Some(older) = own.iter_mut().find(|older| is_same_lane(&older.1, &new.1)) {
            // Whoever pulls a lane again has heard nothing; the newer question knows more.
            return Some(std::mem::replace(older, new).0);
        }
        if own.len() >= EACH || self.waiting >= ALL {
            if own.is_empty() {
                self.askers.remove(&from);
            }
            return Some(new.0);
        }
        own.push_back(new);
        self.waiting += 1;
        None
    }

    fn next(&mut self) -> Option<Waiting> {
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut later = self.askers.range((after, Bound::Unbounded));
        let turn = later.next().or_else(|| self.askers.iter().next());
        let turn = *turn?.0;
        let own = self.askers.get_mut(&turn)?;
        let question = own.pop_front();
        if own.is_empty() {
            self.askers.remove(&turn);
        }
        self.waiting -= 1;
        self.last = Some(turn);
        question
    }

    fn waiting_since(&mut self, then: Instant) -> Vec<Ticket> {
        let mut long = Vec::new();
        for own in self.askers.values_mut() {
            // A newer question may stand in an older one's place, so they are in no order of time.
            own.retain(|(ticket, _, at)| {
                let waits_on = *at > then;
                if !waits_on {
                    long.push(*ticket);
                }
                waits_on
            });
        }
        self.askers.retain(|_, own| !own.is_empty());
        self.waiting -= long.len();
        long
    }
}

fn is_same_lane(older: &Query, newer: &Query) -> bool {
    match (older, newer) {
        (Query::Bundles(older), Query::Bundles(newer)) => older.destination == newer.destination,
        _ => false,
    }
}
