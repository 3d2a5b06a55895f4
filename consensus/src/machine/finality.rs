//! Finality. [F1]

use std::sync::Arc;

use types::{Block, BlockHash, Certificate, Finality, Header, Justification, Round, limits};

use super::{Consensus, Last, ROUNDS_BEHIND};
use crate::{Effect, Evidence};

/// Why a certified block can't become final now.
enum Gap {
    /// A body is missing and wanted.
    Missing(BlockHash, Round),
    /// It cites a root block that is not final here yet.
    Root,
    /// It does not descend from the last final block, or is not what was certified.
    Fork,
}

impl Consensus {
    /// Makes the highest block final that has CC, PC and all bodies down to the last final one.
    pub(super) fn finalize(&mut self, out: &mut Vec<Effect>) {
        self.report_early(out);
        let mut found = None;
        let mut missing = Vec::new();
        for (round, state) in self.rounds.range(self.last.header.round + 1..).rev() {
            let (Some(confirm), Some(prepare)) = (&state.confirm, &state.prepare) else {
                continue;
            };
            let Some(hash) = confirm
                .block()
                .filter(|_| confirm.block() == prepare.block())
            else {
                continue;
            };
            let finality = Finality {
                confirm: confirm.clone(),
                prepare: prepare.clone(),
            };
            match self.path_to(hash, *round) {
                Ok(blocks) => {
                    found = Some((blocks, finality));
                    break;
                }
                Err(Gap::Missing(hash, round)) => missing.push((hash, round, finality.prepare)),
                Err(Gap::Root) => {}
                Err(Gap::Fork) => return self.halt(finality, out),
            }
        }
        for (hash, round, prepare) in missing {
            let holders = self.holders_of_any(&prepare);
            self.want(hash, round, holders, self.config.timing.delta_ms);
        }
        if let Some((blocks, finality)) = found {
            self.settle(blocks, finality, out);
        }
    }

    /// The blocks from just above the last final one up to `hash`, ascending.
    fn path_to(&self, hash: BlockHash, round: Round) -> Result<Vec<Arc<Block>>, Gap> {
        let mut path = Vec::new();
        let mut cited = 0;
        let (mut hash, mut round) = (hash, round);
        while hash != self.last.hash {
            if round <= self.last.header.round {
                return Err(Gap::Fork);
            }
            let node = self.tree.get(&hash).ok_or(Gap::Missing(hash, round))?;
            if !self.is_of(&node.block.header, round) {
                return Err(Gap::Fork);
            }
            cited = cited.max(node.block.header.root_ref.height);
            path.push(Arc::clone(&node.block));
            hash = node.block.header.parent;
            round = node.block.header.parent_round;
        }
        if round != self.last.header.round {
            return Err(Gap::Fork);
        }
        if cited > self.root {
            return Err(Gap::Root);
        }
        path.reverse();
        Ok(path)
    }

    // [F5] Of a captured committee a header may say anything.
    fn is_of(&self, header: &Header, round: Round) -> bool {
        let step = round.checked_sub(header.parent_round);
        (header.round, header.epoch) == (round, self.config.committee.epoch)
            && step.is_some_and(|step| (1..=limits::ROUND_STEP).contains(&step))
    }

    fn holders_of_any(&self, certificate: &types::Certificate) -> Vec<types::NodeId> {
        let hash = self.named(certificate);
        hash.map_or_else(Vec::new, |hash| self.holders(certificate, hash))
    }

    fn settle(&mut self, blocks: Vec<Arc<Block>>, finality: Finality, out: &mut Vec<Effect>) {
        let Some(tip) = blocks.last() else {
            return;
        };
        let header = tip.header.clone();
        self.last = Last {
            hash: header.hash(),
            header,
            finality: Some(finality.clone()),
            at: self.now,
        };
        let (height, round) = (self.last.header.height, self.last.header.round);
        self.tree.prune(height, round);
        let oldest = round.saturating_sub(ROUNDS_BEHIND);
        self.rounds = self.rounds.split_off(&oldest);
        self.dirty = true;
        out.push(Effect::Finalize { blocks, finality });
    }

    // More than f liars: nothing this node could still sign would be of use.
    fn halt(&mut self, theirs: Finality, out: &mut Vec<Effect>) {
        if !std::mem::replace(&mut self.forked, true) {
            let ours = self.last.finality.clone();
            out.extend(self.fork_evidence(&theirs).map(Effect::Blame));
            out.push(Effect::Fork { ours, theirs });
        }
    }

    /// What convicts those who made a fork. The lowest block of theirs above our last final round
    /// shows a certificate of that round that names another block or skips it, or none at all:
    /// either way more than f seats have signed what they must not.
    fn fork_evidence(&self, theirs: &Finality) -> Option<Evidence> {
        let ours = self.last.finality.as_ref()?;
        let round = self.last.header.round;
        let (mut hash, mut prepare) = (theirs.prepare.block()?, &theirs.prepare);
        loop {
            let block = &self.tree.get(&hash)?.block;
            if block.header.parent_round <= round {
                return self.fork_evidence_in(block, prepare, ours);
            }
            hash = block.header.parent;
            prepare = block.justification.parent.as_ref()?;
        }
    }

    fn fork_evidence_in(
        &self,
        block: &Block,
        prepare: &Certificate,
        ours: &Finality,
    ) -> Option<Evidence> {
        let Justification { parent, skips } = &block.justification;
        let shown = parent.iter().chain(skips);
        let of_round = shown.filter(|certificate| certificate.round == ours.confirm.round);
        let pairs = of_round.flat_map(|second| {
            let ours = [&ours.confirm, &ours.prepare];
            ours.map(|first| Evidence::Certificates {
                first: first.clone(),
                second: second.clone(),
            })
        });
        let unjustified = Evidence::Justification {
            header: Box::new(block.header.clone()),
            justification: block.justification.clone(),
            certificate: prepare.clone(),
        };
        let (committee, network) = (&self.config.committee, self.config.network);
        pairs
            .chain([unjustified])
            .find(|evidence| evidence.check(committee, network).is_ok())
    }
}
