//! Looking whether all has come to rest after the network healed. I9

use types::{ChainId, Epoch};

use super::{Event, LOOK_MS, World};
use crate::invariants::liveness::Unsettled;

impl World {
    /// True when nothing is left to do and all honest nodes agree.
    pub(super) fn look(&mut self) -> bool {
        if self.healed.is_empty() {
            for chain in self.setup.chain_ids() {
                self.healed.insert(chain, self.oracle.agreement.tip(chain));
            }
        }
        let unsettled = self.unsettled();
        if self.now >= self.plan.end && !unsettled.is_empty() {
            let what = format!("not at rest: {unsettled:?}");
            self.oracle.bad.add("I9", what);
        }
        self.events.put(self.now.after(LOOK_MS), Event::Look);
        unsettled.is_empty()
    }

    fn unsettled(&self) -> Unsettled {
        let mut found = Unsettled {
            externals: self.workload.open(),
            relays: self.oracle.once.open(),
            ..Unsettled::default()
        };
        for (chain, healed) in &self.healed {
            let moves = self.oracle.agreement.tip(*chain) > *healed;
            let anchored = self.oracle.anchoring.recorded(*chain) >= *healed;
            if !moves || !(chain.is_root() || anchored) {
                found.chains.push(*chain);
            }
        }
        if self.setup.terms {
            let reached = |chain| self.epochs.get(&chain).copied().unwrap_or_default();
            let terms = self.setup.chain_ids().map(|chain| (chain, reached(chain)));
            // The root's terms are twice as long, and it makes a key in each. Who registers is
            // drawn some terms later.
            let joins = self.setup.joins.is_some();
            let short = |(chain, epoch): &(ChainId, Epoch)| {
                *epoch < if chain.is_root() { 1 } else { 2 } + 2 * u64::from(joins)
            };
            found.errands = !self.errands_are_done();
            found.terms = terms.filter(short).collect();
            found.forked = !self.fork_is_over();
            found.stalled = self
                .stalled
                .filter(|_| !self.faults.contains_key("committee replaced"));
        }
        for host in self.nodes.iter().filter(|host| !host.gone) {
            if !host.is_up() {
                found.down.push(host.number);
            }
            if self.oracle.honesty.is_traitor(host.number) {
                continue;
            }
            for (chain, running) in &host.running {
                let (own, tip) = (
                    running.chain.last_final().header().height,
                    self.oracle.agreement.tip(*chain),
                );
                if own < tip {
                    found.behind.push((host.number, *chain, own, tip));
                }
            }
        }
        found
    }
}
