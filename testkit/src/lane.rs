//! Lanes between chains, and what can happen on them. [W4]

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use types::{Amount, Bundle, ChainId, Height, RelayMessage};

/// The way of bundles from one chain to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    /// Where they leave.
    pub from: ChainId,
    /// Where they go.
    pub to: ChainId,
}

/// The lane from one chain to another.
pub const fn lane(from: u32, to: u32) -> Lane {
    Lane {
        from: ChainId(from),
        to: ChainId(to),
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.from, self.to)
    }
}

/// A bundle on its way.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) bundle: Bundle,
    pub(crate) messages: Vec<RelayMessage>,
    /// The root height from which on it can be proved.
    provable: Height,
}

#[derive(Default)]
struct Road {
    parcels: VecDeque<Parcel>,
    held: bool,
    delay: u64,
    /// What the proof of the next bundle that leaves lacks.
    withheld: u64,
}

/// All lanes.
#[derive(Default)]
pub(crate) struct Roads {
    roads: BTreeMap<Lane, Road>,
    only: Option<Lane>,
}

impl Roads {
    pub(crate) fn push(
        &mut self,
        lane: Lane,
        (bundle, messages): (Bundle, Vec<RelayMessage>),
        at: Height,
    ) {
        let road = self.roads.entry(lane).or_default();
        let withheld = std::mem::take(&mut road.withheld);
        road.parcels.push_back(Parcel {
            bundle,
            messages,
            provable: at + 1 + road.delay + withheld,
        });
    }

    /// Lanes whose next bundle may arrive.
    pub(crate) fn ready(&self, at: Height) -> Vec<Lane> {
        let ready = |road: &Road| {
            let first = road.parcels.front();
            first.is_some_and(|parcel| parcel.provable <= at)
        };
        let open = self.open().filter(|(_, road)| ready(road));
        open.map(|(lane, _)| lane).collect()
    }

    /// Whether a bundle waits for the root to rise.
    pub(crate) fn waits(&self, at: Height) -> bool {
        let late = |road: &Road| {
            let first = road.parcels.front();
            first.is_some_and(|parcel| parcel.provable > at)
        };
        self.open().any(|(_, road)| late(road))
    }

    fn open(&self) -> impl Iterator<Item = (Lane, &Road)> {
        let roads = self.roads.iter().map(|(lane, road)| (*lane, road));
        roads.filter(|(lane, road)| !road.held && self.only.is_none_or(|only| only == *lane))
    }

    /// Takes the next bundle of a lane, whatever holds it.
    pub(crate) fn take(&mut self, lane: Lane) -> Option<Parcel> {
        self.roads.get_mut(&lane)?.parcels.pop_front()
    }

    pub(crate) fn set_held(&mut self, lane: Lane, held: bool) {
        self.roads.entry(lane).or_default().held = held;
    }

    pub(crate) fn set_delay(&mut self, lane: Lane, delay: u64) {
        self.roads.entry(lane).or_default().delay = delay;
    }

    pub(crate) const fn set_only(&mut self, lane: Option<Lane>) {
        self.only = lane;
    }

    /// The next bundle's proof is not to be had for so many root heights.
    pub(crate) fn withhold(&mut self, lane: Lane, heights: u64, at: Height) {
        let road = self.roads.entry(lane).or_default();
        match road.parcels.front_mut() {
            Some(parcel) => parcel.provable = parcel.provable.max(at) + heights,
            None => road.withheld += heights,
        }
    }

    /// Holds nothing any longer.
    pub(crate) fn release_all(&mut self) {
        self.only = None;
        for road in self.roads.values_mut() {
            road.held = false;
        }
    }

    /// Bundles on a lane.
    pub(crate) fn len(&self, lane: Lane) -> usize {
        self.roads.get(&lane).map_or(0, |road| road.parcels.len())
    }

    /// Everything of value that is on the way.
    pub(crate) fn value(&self) -> Option<Amount> {
        let parcels = self.roads.values().flat_map(|road| &road.parcels);
        Amount::sum(parcels.map(|parcel| parcel.bundle.value))
    }
}
