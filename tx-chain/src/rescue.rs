//! Rescue: the root lets a term begin on a block without the word of the committee before.
//!
//! From the moment at which a node learns that its chain is frozen, it takes no part in the term
//! any more: what would be certified after the rescue has ended would count for nothing, and
//! whoever held it for final could not follow. What is certified before, members tell the root,
//! who has it then as the base or below it.
//!
//! The root has closed the earlier term, so nothing that is certified in it later counts. A node
//! whose last final block is lower fetches what is missing, page by page: the root vouches for it,
//! and hashes lead down from there. A node whose last final block is not on the way can't follow:
//! what it holds for final was known to no one who told the root in time.

use std::sync::Arc;

use types::{Block, BlockHash, Body, Time, Tip};

use crate::chain::Chain;
use crate::machine::Effect;

impl Chain {
    /// Ends this node's part in a term that the root has frozen, or ended already.
    pub(crate) fn heed_freeze(&mut self) {
        let (terms, epoch) = (self.view.terms(), self.tenure.epoch);
        let ended = terms.rescue(self.id(), epoch).is_some();
        self.tenure.over |= ended || terms.is_frozen(self.id(), epoch);
    }

    /// Asks for the blocks up to the one on which the next term begins.
    pub(crate) fn follow_rescue(&mut self, now: Time, out: &mut Vec<Effect>) {
        let last = self.tree.last_final().clone();
        let term = self.view.terms().get(self.id(), self.tenure.epoch);
        let base = term.and_then(|term| term.base);
        if let Some(base) = base.filter(|base| base.hash != self.tenure.base) {
            return self.lose_way(base, out);
        }
        let rescue = self.view.terms().rescue(self.id(), self.tenure.epoch);
        let Some((epoch, base)) = rescue.filter(|(_, base)| base.hash != last.hash) else {
            self.next_fetch = None;
            return;
        };
        if base.height <= last.header().height {
            return self.lose_way(base, out);
        }
        self.tenure.over = true;
        if self.next_fetch.is_some_and(|at| at > now) {
            return;
        }
        let retry = 4 * self.template.timing.delta_ms;
        self.next_fetch = Some(now.after(retry));
        let term = self.view.terms().get(self.id(), epoch);
        let next = term.into_iter().flat_map(|term| &term.committee.members);
        let old = self.opening.as_ref().map(|opening| &opening.committee);
        let old = old.unwrap_or(&self.template.committee).members.iter();
        let mut from: Vec<_> = next.chain(old).map(|member| member.node).collect();
        let turn = (now.0 / retry.max(1)) as usize % from.len().max(1);
        from.rotate_left(turn);
        let above = last.header().height;
        let hash = self.wanted_below(&base);
        out.push(Effect::Fetch { hash, above, from });
    }

    /// The highest block on the way down from a base that is not here.
    fn wanted_below(&mut self, base: &Tip) -> BlockHash {
        let newest = self.rescued.first().map(|block| block.header.hash());
        if newest != Some(base.hash) {
            self.rescued.clear();
        }
        let lowest = self.rescued.last();
        lowest.map_or(base.hash, |block| block.header.parent)
    }

    /// The chain goes on from a block that this node's last final one does not lead to.
    fn lose_way(&mut self, base: Tip, out: &mut Vec<Effect>) {
        if !std::mem::replace(&mut self.tenure.orphaned, true) {
            self.tenure.over = true;
            out.push(Effect::Orphaned(base));
        }
    }

    /// Makes fetched blocks final that lead from the last final block to the base of the next
    /// term. Whether they did.
    pub(crate) fn take_rescued(
        &mut self,
        now: Time,
        blocks: &[Block],
        out: &mut Vec<Effect>,
    ) -> bool {
        let rescue = self.view.terms().rescue(self.id(), self.tenure.epoch);
        let Some((_, base)) = rescue.filter(|_| self.tenure.over) else {
            return false;
        };
        let wanted = self.wanted_below(&base);
        let lowest = self.take_page(wanted, blocks);
        let last = self.tree.last_final();
        let (hash, height) = (last.hash, last.header().height);
        if lowest == wanted {
            return false;
        }
        let ends = self.rescued.last();
        let ends = ends.is_some_and(|block| block.header.height == height + 1);
        if lowest == hash {
            let mut path = std::mem::take(&mut self.rescued);
            path.reverse();
            self.make_lot_final(now, path, None, None, out);
            self.hand_over(now, out);
        } else if ends {
            self.lose_way(base, out);
        } else {
            self.next_fetch = None;
            self.follow_rescue(now, out);
        }
        true
    }

    /// Takes blocks that lead on down from the wanted one, as many as an answer holds; gives the
    /// one that is wanted then.
    fn take_page(&mut self, mut wanted: BlockHash, blocks: &[Block]) -> BlockHash {
        let height = self.tree.last_final().header().height;
        for block in blocks {
            let header = &block.header;
            let whole = (Body::hash_of(&block.body) == header.body
                && block.justification.hash() == header.justification)
                || cfg!(feature = "plant-unlinked-rescue");
            if header.hash() != wanted || !whole || header.height <= height {
                break;
            }
            wanted = header.parent;
            self.rescued.push(Arc::new(block.clone()));
        }
        wanted
    }
}
