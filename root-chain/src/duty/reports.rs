//! Evidence that the node came across, and frozen chains whose blocks it has.

use std::collections::{BTreeMap, VecDeque};

use consensus::Evidence;
use crypto::Hash;
use types::{Anchor, Certificate, ChainId, Finality, Rival};

use super::{Duty, Effect, Saying};
use crate::declaration::RootDeclaration;
use crate::elections::{self, Term};
use crate::evidence::{Ballots, PROMISE_AGE, PROMISE_LASTS, Promise, Report, promise_of};
use crate::staking;

/// Reports that wait at most; whoever lies so often is convicted by the first of them.
const MOST: usize = 64;

/// Something that may convict somebody.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Accusation {
    /// E1 to E7.
    Report(Box<Report>),
    /// E9.
    Ballots(Box<Ballots>),
}

impl Accusation {
    fn promised(&self) -> Hash {
        match self {
            Self::Report(report) => report.promised(),
            Self::Ballots(ballots) => ballots.promised(),
        }
    }

    fn declaration(self) -> RootDeclaration {
        match self {
            Self::Report(report) => RootDeclaration::Evidence(report),
            Self::Ballots(ballots) => RootDeclaration::Ballots(ballots),
        }
    }
}

#[derive(Default)]
pub(super) struct Reports {
    waiting: VecDeque<Accusation>,
    /// The highest certified block of each frozen chain that the node has.
    rescues: BTreeMap<ChainId, Anchor>,
    /// Certified blocks that contradict what is recorded, and what their ancestors show.
    rivals: BTreeMap<ChainId, (Rival, Vec<Certificate>)>,
    /// What was compared with what is recorded of each frozen chain.
    compared: BTreeMap<ChainId, Vec<Finality>>,
}

impl Duty {
    pub(super) fn take_evidence(&mut self, evidence: Evidence, out: &mut Vec<Effect>) {
        let reporter = self.who.staker;
        let report = Box::new(Report { evidence, reporter });
        self.accuse(Accusation::Report(report), out);
    }

    pub(super) fn accuse(&mut self, accusation: Accusation, out: &mut Vec<Effect>) {
        let waiting = &self.reports.waiting;
        let fresh = waiting.len() < MOST && !waiting.contains(&accusation);
        // What no declaration holds can't be reported, and nothing may wait behind it.
        let fits = || accusation.clone().declaration().encode().is_ok();
        if fresh && fits() && self.holds(&accusation) {
            if let Accusation::Report(report) = &accusation {
                out.push(Effect::Keep(Box::new(report.evidence.clone())));
            }
            self.reports.waiting.push_back(accusation);
            self.report(out);
        }
    }

    /// Promises and then sends the report that waits longest; a staker promises one at a time.
    pub(super) fn report(&mut self, out: &mut Vec<Effect>) {
        while let Some(accusation) = self.reports.waiting.front().cloned() {
            if self.holds(&accusation) {
                self.pursue(accusation, out);
                return;
            }
            self.reports.waiting.pop_front();
        }
    }

    /// Whether the root would convict somebody now.
    fn holds(&self, accusation: &Accusation) -> bool {
        let (system, state) = (&self.system, &self.state);
        match accusation {
            Accusation::Report(report) => system.judges(state, report, self.height).is_ok(),
            Accusation::Ballots(ballots) => {
                system.judges_ballots(state, ballots, self.height).is_ok()
            }
        }
    }

    fn pursue(&mut self, accusation: Accusation, out: &mut Vec<Effect>) {
        let me = self.who.staker;
        let name = accusation.promised();
        let paid = staking::staker(&self.state, &me).is_some_and(|staker| !staker.tombstoned);
        let promise = promise_of(&self.state, &me);
        let promise = promise.and_then(|known| Some((known.report?, known.height)));
        let ripe = |height: u64| self.height + 1 >= height.saturating_add(PROMISE_AGE);
        match promise {
            Some((promised, height)) if paid && promised == name && !ripe(height) => {}
            Some((promised, height)) if paid && promised != name && !ripe(height) => {}
            Some((promised, _)) if paid && promised != name => self.promise(name, out),
            None if paid => self.promise(name, out),
            _ => self.declare(Saying::Report(name), &accusation.declaration(), out),
        }
    }

    fn promise(&mut self, report: Hash, out: &mut Vec<Effect>) {
        let (network, key) = (self.system.anchors.network, &self.who.stake);
        let until = self.height.saturating_add(PROMISE_LASTS);
        let promise = Promise::of(self.who.staker, (report, until), network, key);
        let what = Saying::Promise(promise.report);
        self.declare(what, &RootDeclaration::Promise(promise), out);
    }

    /// Asks for what the node has of a frozen chain, and declares it while it is higher than what
    /// was brought in. Members stop voting and counting votes when they hear of the freeze, so the
    /// last certified block may be known only to somebody else. The window is short, and what is
    /// not recorded in it is lost: it is said at every height.
    pub(super) fn rescue(&mut self, chain: ChainId, out: &mut Vec<Effect>) {
        if chain.is_root() {
            return;
        }
        let best = elections::rescued(&self.state, chain);
        let best = best.map(|record| record.tip.height);
        let known = self.reports.rescues.get(&chain);
        let known = known.filter(|anchor| self.extends_record(anchor));
        match known.filter(|anchor| best.is_none_or(|best| best < anchor.tip.height)) {
            Some(anchor) => {
                let declaration = RootDeclaration::Rescue(Box::new(anchor.clone()));
                out.extend(declaration.encode().ok().map(Effect::Declare));
            }
            None => out.push(Effect::Rescue(chain)),
        }
    }

    pub(super) fn take_certified(&mut self, anchor: Anchor, out: &mut Vec<Effect>) {
        let chain = anchor.tip.chain;
        if !elections::is_frozen(&self.state, chain) || !self.extends_record(&anchor) {
            return;
        }
        let known = self.reports.rescues.get(&chain);
        let known = known.filter(|known| self.extends_record(known));
        if known.is_none_or(|known| known.tip.height < anchor.tip.height) {
            self.reports.rescues.insert(chain, anchor);
            self.rescue(chain, out);
        }
    }

    /// Whether an anchor begins where the root's record of its chain ends. The last one before the
    /// chain froze may have been recorded after the anchor was made.
    fn extends_record(&self, anchor: &Anchor) -> bool {
        let record = crate::record(&self.state, anchor.tip.chain);
        record.is_some_and(|record| record.tip.height.saturating_add(1) == anchor.first)
    }

    /// Forgets what was kept of a chain that goes on.
    pub(super) fn end_rescue(&mut self, chain: ChainId) {
        self.reports.rescues.remove(&chain);
        self.reports.compared.remove(&chain);
    }

    pub(super) fn take_rival(
        &mut self,
        rival: Rival,
        shown: Vec<Certificate>,
        out: &mut Vec<Effect>,
    ) {
        let chain = rival.chain();
        self.reports.rivals.insert(chain, (rival, shown));
        self.said.0.remove(&Saying::Rival(chain));
        if let Some(term) = elections::term(&self.state, chain) {
            self.show_fork(chain, &term, out);
        }
    }

    /// Shows a fork until the chain is frozen. [D7]
    pub(super) fn show_fork(&mut self, chain: ChainId, term: &Term, out: &mut Vec<Effect>) {
        let Some((rival, _)) = self.reports.rivals.get(&chain) else {
            return;
        };
        if rival.tip.epoch != term.epoch {
            self.reports.rivals.remove(&chain);
        } else if term.frozen.is_none() {
            let declaration = RootDeclaration::Rival(Box::new(rival.clone()));
            self.declare(Saying::Rival(chain), &declaration, out);
        }
    }

    /// Compares what is recorded of a frozen chain with the rival that the root was shown and with
    /// the node's own one, each once: whoever signed both sides is at fault. The root is shown no
    /// rival of a chain that other lies have frozen before. [D7] [E12]
    pub(super) fn compare_fork(&mut self, chain: ChainId, out: &mut Vec<Effect>) {
        let Some(recorded) = elections::certified(&self.state, chain) else {
            return;
        };
        let reports = &mut self.reports;
        let own = reports.rivals.get(&chain).cloned();
        let own = own.map(|(rival, shown)| (rival.finality, shown));
        let shown_to_root = elections::rival(&self.state, chain).map(|found| (found, Vec::new()));
        let compared = reports.compared.entry(chain).or_default();
        let mut others = Vec::new();
        for (finality, shown) in own.into_iter().chain(shown_to_root) {
            if !compared.contains(&finality) {
                compared.push(finality.clone());
                others.extend([finality.confirm, finality.prepare]);
                others.extend(shown);
            }
        }
        for first in [recorded.confirm, recorded.prepare] {
            let same_round = others.iter().filter(|other| other.round == first.round);
            let pairs = same_round.map(|second| Evidence::Certificates {
                first: first.clone(),
                second: second.clone(),
            });
            pairs.for_each(|evidence| self.take_evidence(evidence, out));
        }
    }
}
