//! I5: what a chain takes from another one left there, in that order, in a block that the root
//! had recorded.

use std::collections::BTreeMap;

use types::{ChainId, Height, MessageId, RelayMessage, RoutingTable};

use super::Seen;
use crate::report::Violations;

/// One lane: what left and what was taken, each in order.
#[derive(Default)]
struct Lane {
    left: Vec<(RelayMessage, Height)>,
    /// With the root height that the taking block cites.
    taken: Vec<(RelayMessage, Height)>,
    /// So many of both were compared.
    compared: usize,
}

/// All lanes, by source and destination.
pub(crate) struct Authenticity {
    lanes: BTreeMap<(ChainId, ChainId), Lane>,
    /// Recorded height of each chain by root height.
    recorded: BTreeMap<ChainId, BTreeMap<Height, Height>>,
    routing: RoutingTable,
}

impl Authenticity {
    pub(crate) fn new(routing: RoutingTable) -> Self {
        Self {
            lanes: BTreeMap::new(),
            recorded: BTreeMap::new(),
            routing,
        }
    }

    pub(crate) fn see(&mut self, seen: &Seen, bad: &mut Violations) {
        for record in &seen.records {
            let heights = self.recorded.entry(record.tip.chain).or_default();
            heights.insert(seen.height, record.tip.height);
        }
        for (to, message) in &seen.exported {
            let lane = self.lanes.entry((seen.chain, *to)).or_default();
            lane.left.push((message.clone(), seen.height));
        }
        for message in &seen.imported {
            let from = self.routing.home(&message.from);
            let lane = self.lanes.entry((from, seen.chain)).or_default();
            let cited = seen.header.root_ref.height;
            lane.taken.push((message.clone(), cited));
        }
        for ((from, to), lane) in &mut self.lanes {
            for id in lane.compare() {
                bad.add(
                    "I5",
                    format!("lane {from} to {to}: {id} is not what left there"),
                );
            }
        }
    }

    /// By now the observer has seen every source.
    pub(crate) fn end(&self, settled: bool, bad: &mut Violations) {
        for ((from, to), lane) in &self.lanes {
            let (left, taken) = (lane.left.len(), lane.taken.len());
            if settled && left != taken {
                bad.add(
                    "I5",
                    format!("lane {from} to {to}: {left} left, {taken} were taken"),
                );
            }
            for ((message, left_at), (_, cited)) in lane.left.iter().zip(&lane.taken) {
                if self.recorded_by(*from, *cited) < *left_at {
                    let what =
                        format!("lane {from} to {to}: {} was taken unrecorded", message.id());
                    bad.add("I5", what);
                }
            }
        }
    }

    /// The height of a chain that the root has recorded at a root height.
    fn recorded_by(&self, chain: ChainId, root: Height) -> Height {
        if chain.is_root() {
            return root;
        }
        let heights = self.recorded.get(&chain);
        let newest = heights.and_then(|heights| heights.range(..=root).next_back());
        newest.map_or(0, |(_, height)| *height)
    }
}

impl Lane {
    /// Compares what can be compared by now; the ids that differ.
    fn compare(&mut self) -> Vec<MessageId> {
        let pairs = self.left.iter().zip(&self.taken).skip(self.compared);
        let wrong = pairs
            .filter(|((left, _), (taken, _))| left != taken)
            .map(|(_, (taken, _))| taken.id())
            .collect();
        self.compared = self.left.len().min(self.taken.len());
        wrong
    }
}
