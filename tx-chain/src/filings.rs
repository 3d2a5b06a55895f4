//! What is filed with the root: anchors and declarations that wait for a block.

use actors::{Context, Edit, Filings};
use types::{Anchor, Declaration, Header, Phase, Time};

use crate::chain::Chain;
use crate::machine::Effect;
use crate::transition::Frame;
use crate::tree::ExecutedBlock;

impl Chain {
    /// Keeps an anchor that the best block could be followed by; all of it is checked here. [C2]
    pub(crate) fn take_anchor(&mut self, now: Time, anchor: Anchor) {
        if !self.id().is_root() {
            return;
        }
        let best = self.tree.best();
        let chain = anchor.tip.chain;
        let newer = self
            .anchors
            .get(&chain)
            .is_none_or(|old| old.tip.height < anchor.tip.height || !self.is_next(best, old));
        if !newer || !self.is_next(best, &anchor) {
            return;
        }
        let filings = Filings {
            anchors: std::slice::from_ref(&anchor),
            declarations: &[],
            parent: None,
        };
        if self.would_record(now, best, filings, false) {
            self.anchors.insert(chain, anchor);
        }
    }

    /// Takes in what others pass on, as far as there is time to check it: what the best block could
    /// be followed by is kept and passed on.
    pub(crate) fn hear_declarations(
        &mut self,
        now: Time,
        lot: Vec<Declaration>,
        out: &mut Vec<Effect>,
    ) {
        for declaration in lot {
            let Some(subject) = self.rules.system.subject(&declaration) else {
                continue;
            };
            let weight = self.rules.system.weight(&declaration);
            if !self.declarations.has_word_on(&subject)
                && self.id().is_root()
                && self.would_declare(now, &declaration, true)
                && self.declarations.may_check(now, subject.kind, weight)
                && self.would_declare(now, &declaration, false)
                && self.declarations.insert(subject, declaration.clone())
            {
                out.push(Effect::Declare(declaration));
            }
        }
    }

    /// What this node itself declares takes the place of what it said of the same thing before, and
    /// is passed on each time.
    pub(crate) fn declare(&mut self, now: Time, declaration: Declaration, out: &mut Vec<Effect>) {
        let Some(subject) = self.rules.system.subject(&declaration) else {
            return;
        };
        let keeps = self.declarations.has(&subject, &declaration)
            || (self.id().is_root()
                && self.would_declare(now, &declaration, false)
                && self.declarations.replace(subject, declaration.clone()));
        if keeps {
            out.push(Effect::Declare(declaration));
        }
    }

    /// Whether the system would record a declaration right after the best block; signatures are
    /// believed where it is `trusted`.
    fn would_declare(&self, now: Time, declaration: &Declaration, trusted: bool) -> bool {
        let filings = Filings {
            anchors: &[],
            declarations: std::slice::from_ref(declaration),
            parent: None,
        };
        self.would_record(now, self.tree.best(), filings, trusted)
    }

    /// Whether the system would record filings right after a block.
    pub(crate) fn would_record(
        &self,
        now: Time,
        best: &ExecutedBlock,
        filings: Filings<'_>,
        certified: bool,
    ) -> bool {
        let frame = Frame {
            root_ref: self.view.latest(),
            time: now,
            epoch: self.tenure.epoch,
            phase: Phase::Ordinary,
            ..Frame::of(best.header())
        };
        let ctx = self.context(best.header(), frame, certified);
        let mut edit = Edit::new(&best.state);
        ctx.system.record(&mut edit, filings, &ctx).is_ok()
    }

    /// What the execution of a block on `parent` depends on.
    pub(crate) fn context(&self, parent: &Header, frame: Frame, certified: bool) -> Context {
        Context {
            seed: self.view.terms().seed_at(frame.root_ref.height),
            ..self.rules.context(parent, frame, certified)
        }
    }

    pub(crate) fn drop_stale_anchors(&mut self) {
        let (rules, last) = (&self.rules, self.tree.last_final());
        self.anchors.retain(|chain, anchor| {
            rules
                .recorded_height(&last.state, *chain)
                .is_some_and(|height| height < anchor.first)
        });
    }

    pub(crate) fn drop_stale_declarations(&mut self, now: Time) {
        let last = self.tree.last_final().clone();
        let mut waiting = std::mem::take(&mut self.declarations);
        waiting.retain(|declaration| {
            let filings = Filings {
                anchors: &[],
                declarations: std::slice::from_ref(declaration),
                parent: None,
            };
            self.would_record(now, &last, filings, true)
        });
        self.declarations = waiting;
    }

    pub(crate) fn is_next(&self, best: &ExecutedBlock, anchor: &Anchor) -> bool {
        let recorded = self.rules.recorded_height(&best.state, anchor.tip.chain);
        recorded.is_some_and(|height| height + 1 == anchor.first)
    }
}
