//! The network between nodes: late, lossy, repeating, out of order, and sometimes cut.

use std::sync::Arc;

use types::Time;

use crate::dice::Dice;
use crate::plan::{Plan, Weather};
use crate::report::Counters;
use crate::wire::Wire;

/// A message to one node.
pub(crate) struct Parcel {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) wire: Arc<Wire>,
}

/// Decides when messages arrive.
pub(crate) struct Network {
    dice: Dice,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed, "network"),
        }
    }

    /// When the parcel arrives: never, once or twice.
    pub(crate) fn arrivals(
        &mut self,
        now: Time,
        plan: &Plan,
        parcel: &Parcel,
        faults: &mut Counters,
    ) -> Vec<Time> {
        let stormy = now < plan.gst;
        let weather = if stormy { &plan.before } else { &plan.after };
        let mut cuts = plan.partitions.iter();
        if stormy && cuts.any(|cut| cut.cuts(now, parcel.from, parcel.to)) {
            *faults.entry("partition").or_default() += 1;
            return Vec::new();
        }
        if self.dice.chance(weather.drop_permille) {
            *faults.entry("loss").or_default() += 1;
            return Vec::new();
        }
        let mut arrivals = vec![now.after(self.delay(weather, faults))];
        if self.dice.chance(weather.duplicate_permille) {
            *faults.entry("duplicate").or_default() += 1;
            arrivals.push(now.after(self.delay(weather, faults)));
        }
        arrivals
    }

    fn delay(&mut self, weather: &Weather, faults: &mut Counters) -> u64 {
        let delay = self.dice.between(weather.delay_min, weather.delay_max);
        if self.dice.chance(weather.slow_permille) {
            *faults.entry("delay").or_default() += 1;
            return delay + self.dice.below(weather.slow_ms);
        }
        delay
    }
}
