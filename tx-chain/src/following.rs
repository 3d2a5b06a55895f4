//! What a chain takes from the root: its blocks in order, and what follows from them. [H6] [H7]

use std::sync::Arc;

use types::{News, RootBlock, Time, Tip};

use crate::chain::Chain;
use crate::machine::Effect;
use crate::root_view::KEPT;
use crate::start::Replayed;
use crate::terms::Viewer;

impl Chain {
    pub(crate) fn follow_root(&mut self, now: Time, block: &RootBlock, out: &mut Vec<Effect>) {
        if self.id().is_root() {
            return;
        }
        let reads_back = !self.replay.is_empty();
        self.learn(now, block, out);
        self.tell_root();
        if reads_back {
            if self.read_back(now, out) {
                self.begin(now, out);
            }
            return;
        }
        self.heed_freeze();
        self.step(now, consensus::Input::Tick, out);
        for input in self.judge_again(now, out) {
            self.step(now, input, out);
        }
        self.follow_rescue(now, out);
        self.hand_over(now, out);
    }

    /// Takes in a root-final block: what it acknowledges, anchors and lets expire.
    pub(crate) fn learn(&mut self, now: Time, block: &RootBlock, out: &mut Vec<Effect>) {
        let viewer = Viewer {
            chain: self.id(),
            epoch: self.tenure.epoch,
            cited: self.tree.last_final().header().root_ref.height,
        };
        if !self.view.push(block, viewer) {
            return;
        }
        (self.rules.root_final)(&self.view.latest());
        let (drift, patience) = (self.rules.drift_ms, self.patience());
        self.listening.hears(block.time(), drift, now, patience);
        self.keep_quiet();
        let at = self.view.latest().height;
        for record in &block.records {
            if record.tip.chain == self.id() {
                self.note_record(now, &record.tip, out);
            }
        }
        for lane in &self.tree.last_final().state.lanes().lanes {
            if let Some(lanes) = self.view.lanes_at(lane.peer, at) {
                self.outbox
                    .acknowledge(lane.peer, lanes.lane(self.rules.chain).next_import);
            }
        }
        let own = |news: &News| match news {
            News::Elected(committee) | News::Rescued { committee, .. } => {
                committee.chain == self.id()
            }
            _ => false,
        };
        // The root's checkpoint reaches no further back than what is kept.
        if block.news.iter().any(own) || at.is_multiple_of(KEPT / 4) {
            out.push(Effect::Checkpoint);
        }
        let expired = self.mempool.expire(at);
        if !expired.is_empty() {
            out.push(Effect::Expired(expired));
        }
    }

    /// How long the root may say nothing to a node that comes back: a question and its answer, and
    /// both again.
    pub(crate) const fn patience(&self) -> u64 {
        4 * self.delta
    }

    /// Tells consensus until when nothing new is signed. [H6] [W3]
    pub(crate) fn keep_quiet(&mut self) {
        let until = self.listening.until().max(self.template.quiet_until);
        self.consensus.keep_quiet(until);
    }

    /// The root has recorded a block of this chain. [C11]
    fn note_record(&mut self, now: Time, tip: &Tip, out: &mut Vec<Effect>) {
        match self.anchoring.rival(tip, &self.history) {
            Some(rival) => out.push(Effect::Rival {
                rival: Box::new(rival),
                shown: self.anchoring.shown(),
            }),
            None => self.anchoring.recorded(now, tip.height),
        }
    }

    /// Executes blocks of before the restart, as far as the root is known again. Whether the chain
    /// can take part: all are, and none diverges.
    pub(crate) fn read_back(&mut self, now: Time, out: &mut Vec<Effect>) -> bool {
        let (is_root, known) = (self.id().is_root(), self.view.latest().height);
        let is_known = |(block, ..): &Replayed| block.header.root_ref.height <= known;
        while let Some((block, finality, closed)) =
            self.replay.pop_front_if(|read| is_root || is_known(read))
        {
            let closed = closed.map(Arc::new);
            // The node stopped before it wrote down that the next term began.
            self.tenure.over |= closed.is_some() && block.header.epoch == self.tenure.epoch;
            self.make_lot_final(now, vec![block], finality, closed, out);
            if self.diverged {
                return false;
            }
        }
        self.replay.is_empty()
    }

    /// All is read back: the chain takes part.
    pub(crate) fn begin(&mut self, now: Time, out: &mut Vec<Effect>) {
        let root = self.view.latest().height;
        if let Some(tip) = self.view.tip_at(self.id(), root) {
            self.note_record(now, &tip, out);
        }
        self.heed_freeze();
        if !self.id().is_root() {
            self.follow_rescue(now, out);
        }
        self.hand_over(now, out);
        self.settle(now, out);
    }

    /// Tells consensus which root blocks are known. [F4]
    pub(crate) fn tell_root(&mut self) {
        if !self.id().is_root() {
            self.consensus.knows_root(self.view.latest().height);
        }
    }
}
