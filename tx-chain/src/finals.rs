//! Making blocks final: executing what was not executed, and telling everyone who waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use consensus::Closed;
use types::{Block, BlockHash, Finality, Phase, Time};

use crate::chain::Chain;
use crate::handover::cut_tails;
use crate::machine::Effect;
use crate::signed::SignedMessage;
use crate::tree::{ExecutedBlock, FinalBlock};
use crate::verifier::Flaw;

impl Chain {
    /// Makes blocks final that consensus found to be: up to a closing one, without its tails.
    pub(crate) fn finalize(
        &mut self,
        now: Time,
        blocks: Vec<Arc<Block>>,
        finality: Finality,
        out: &mut Vec<Effect>,
    ) {
        let (blocks, tails) = cut_tails(blocks);
        let closing = blocks
            .last()
            .filter(|block| block.header.phase == Phase::Closing);
        let (own, closed) = match closing {
            None => (Some(finality), None),
            Some(_) => {
                let own = Some(finality.clone()).filter(|_| tails.is_empty());
                (own, Some(Arc::new(Closed { finality, tails })))
            }
        };
        self.tenure.over |= closed.is_some();
        self.make_lot_final(now, blocks, own, closed, out);
    }

    /// Makes a whole lot final or nothing of it. `finality` and `closed` are those of the newest
    /// block.
    pub(crate) fn make_lot_final(
        &mut self,
        now: Time,
        blocks: Vec<Arc<Block>>,
        finality: Option<Finality>,
        closed: Option<Arc<Closed>>,
        out: &mut Vec<Effect>,
    ) {
        let (mut lot, tree, said) = (Vec::new(), self.tree.clone(), out.len());
        let last = blocks.last().map(|block| block.header.hash());
        for block in blocks {
            let hash = block.header.hash();
            let newest = Some(hash) == last;
            let executed = match self.make_final(&block, hash, out) {
                Ok(executed) => executed,
                Err(flaw) => {
                    // [C14] Blocks below it have no certificates of their own in this lot.
                    self.tree = tree;
                    out.truncate(said);
                    return self.diverge(&block, flaw, out);
                }
            };
            if self.id().is_root() {
                // The next block of the lot may cite this one. [H7]
                self.learn(now, &executed.root_block(), out);
            }
            lot.push(FinalBlock {
                executed,
                finality: finality.clone().filter(|_| newest),
                closed: closed.clone().filter(|_| newest),
            });
        }
        for block in &lot {
            self.record_final(now, block);
        }
        let newest = lot.last().map(|block| block.executed.state.lanes().clone());
        if let Some(lanes) = newest {
            self.inbox.forget(&lanes);
        }
        out.push(Effect::Final(lot.clone()));
        if self.id().is_root() {
            self.drop_stale_declarations(now);
            for block in &lot {
                let root = Arc::new(block.executed.root_block());
                out.push(Effect::RootFinal(root));
            }
        }
    }

    /// Executes a certified block that was never checked here, and makes it the last final one.
    pub(crate) fn make_final(
        &mut self,
        block: &Block,
        hash: BlockHash,
        out: &mut Vec<Effect>,
    ) -> Result<Arc<ExecutedBlock>, Flaw> {
        if self.tree.get(&hash).is_none() {
            let executed = Arc::new(self.replay(block)?);
            self.include(&executed);
            self.tree.insert(executed);
        }
        for gone in self.tree.finalize(&hash) {
            self.mempool.abandon(&gone.hash);
        }
        let last = self.tree.last_final().clone();
        let included: BTreeSet<_> = last.externals.iter().map(SignedMessage::id).collect();
        let mut gone = self.mempool.finalize(&hash);
        gone.retain(|id| !included.contains(id));
        if !gone.is_empty() {
            // Another message of the same nonce was included: these never will be.
            out.push(Effect::Expired(gone));
        }
        Ok(last)
    }

    pub(crate) fn record_final(&mut self, now: Time, block: &FinalBlock) {
        let executed = &block.executed;
        self.history.append(executed.hash);
        self.outbox.push(executed.header(), &executed.outbox);
        if let Some(closed) = &block.closed {
            self.tenure.note_closed(executed.header().epoch, closed);
        }
        self.anchoring.justified(&executed.block.justification);
        let finality = block.closed.as_ref().map(|closed| &closed.finality);
        if let (false, Some(finality)) = (self.id().is_root(), finality.or(block.finality.as_ref()))
        {
            let tails = block.closed.iter().flat_map(|closed| &closed.tails);
            let tails = tails.map(|block| block.header.clone()).collect();
            let lanes = executed.state.lanes();
            self.anchoring
                .finalized(now, executed.header(), (finality, tails), lanes);
        }
    }
}
