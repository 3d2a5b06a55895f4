//! Evidence that the node came across, and frozen chains whose blocks it has.

use std::collections::{BTreeMap, VecDeque};

use consensus::Evidence;
use types::{Anchor, ChainId};

use super::{Duty, Effect, Saying};
use crate::declaration::RootDeclaration;
use crate::elections;
use crate::evidence::{PROMISE_AGE, Promise, Report, promise_of};
use crate::staking;

/// Reports that wait at most; whoever lies so often is convicted by the first of them.
const MOST: usize = 64;

#[derive(Default)]
pub(super) struct Reports {
    waiting: VecDeque<Report>,
    /// The highest certified block of each frozen chain that the node has.
    rescues: BTreeMap<ChainId, Anchor>,
}

impl Duty {
    pub(super) fn take_evidence(&mut self, evidence: Evidence, out: &mut Vec<Effect>) {
        let reporter = self.who.staker;
        let report = Report { evidence, reporter };
        let waiting = &mut self.reports.waiting;
        if waiting.len() < MOST && !waiting.contains(&report) {
            waiting.push_back(report);
            self.report(out);
        }
    }

    /// Promises and then sends the report that waits longest; a staker promises one at a time.
    pub(super) fn report(&mut self, out: &mut Vec<Effect>) {
        while let Some(report) = self.reports.waiting.front().cloned() {
            if self
                .system
                .judges(&self.state, &report, self.height)
                .is_ok()
            {
                self.pursue(report, out);
                return;
            }
            self.reports.waiting.pop_front();
        }
    }

    fn pursue(&mut self, report: Report, out: &mut Vec<Effect>) {
        let me = self.who.staker;
        let name = report.promised();
        let paid = staking::staker(&self.state, &me).is_some_and(|staker| !staker.tombstoned);
        let promise = promise_of(&self.state, &me);
        let ripe = |height: u64| self.height + 1 >= height.saturating_add(PROMISE_AGE);
        match promise {
            Some((promised, height)) if paid && promised == name && !ripe(height) => {}
            Some((promised, height)) if paid && promised != name && !ripe(height) => {}
            Some((promised, _)) if paid && promised != name => self.promise(&report, out),
            None if paid => self.promise(&report, out),
            _ => {
                let evidence = RootDeclaration::Evidence(Box::new(report));
                self.declare(Saying::Report(name), &evidence, out);
            }
        }
    }

    fn promise(&mut self, report: &Report, out: &mut Vec<Effect>) {
        let promise = Promise::sign(report, self.system.anchors.network, &self.who.stake);
        let what = Saying::Promise(promise.report);
        self.declare(what, &RootDeclaration::Promise(promise), out);
    }

    /// Asks for what the node has of a frozen chain that it follows, and declares it while it is
    /// higher than what was brought in.
    pub(super) fn rescue(&mut self, chain: ChainId, out: &mut Vec<Effect>) {
        if chain.is_root() || !self.followed.contains(&chain) {
            return;
        }
        let best = elections::rescued(&self.state, chain);
        let best = best.map(|record| record.tip.height);
        let known = self.reports.rescues.get(&chain);
        match known.filter(|anchor| best.is_none_or(|best| best < anchor.tip.height)) {
            Some(anchor) => {
                let declaration = RootDeclaration::Rescue(Box::new(anchor.clone()));
                self.declare(Saying::Rescue(chain), &declaration, out);
            }
            None if known.is_none() && self.said.is_due(Saying::Rescue(chain), self.height) => {
                out.push(Effect::Rescue(chain));
            }
            None => {}
        }
    }

    pub(super) fn take_certified(&mut self, anchor: Anchor, out: &mut Vec<Effect>) {
        let chain = anchor.tip.chain;
        if !elections::is_frozen(&self.state, chain) || !self.followed.contains(&chain) {
            return;
        }
        let known = self.reports.rescues.get(&chain);
        if known.is_none_or(|known| known.tip.height < anchor.tip.height) {
            self.reports.rescues.insert(chain, anchor);
            self.said.0.remove(&Saying::Rescue(chain));
            self.rescue(chain, out);
        }
    }

    /// Forgets what was kept of a chain that goes on.
    pub(super) fn end_rescue(&mut self, chain: ChainId) {
        self.reports.rescues.remove(&chain);
    }
}
