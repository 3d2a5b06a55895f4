//! Proposals: whether the leader's block may be prepared. [P1]–[P4]

use std::sync::Arc;

use types::{Block, BlockHash, Certificate, Justification, NodeId, Round, limits};

use super::{Consensus, ROUNDS_AHEAD};
use crate::evidence::SignedHeader;
use crate::justification::{self, JustificationError};
use crate::round::Proposal;
use crate::tree::{State, is_whole};
use crate::{Effect, Evidence, Fault};

/// Pairings that one signature takes.
const SIGNATURE: u64 = 2;

impl Consensus {
    pub(super) fn on_proposal(&mut self, from: NodeId, block: Block, out: &mut Vec<Effect>) {
        if let Err(fault) = self.check_origin(&block) {
            out.push(Effect::Penalize { node: from, fault });
            return;
        }
        let (round, hash) = (block.header.round, block.header.hash());
        if round <= self.last.header.round {
            return;
        }
        if let Some(first) = self.rounds.get(&round).and_then(|s| s.proposal.clone()) {
            return self.on_second_proposal(from, &first, block, hash, out);
        }
        if round < self.round {
            return self.on_late_proposal(from, hash, block);
        }
        let leader = Some(block.header.proposer);
        if self.was_refused(round, hash) || !self.trusts(self.source(&from)) || !self.trusts(leader)
        {
            return;
        }
        match self.check_proposal(&block, out) {
            Ok(()) => self.take_proposal(hash, block, out),
            Err(fault) => {
                self.charge(self.source(&from), SIGNATURE);
                out.push(Effect::Penalize { node: from, fault });
            }
        }
    }

    // [V5] What a certificate vouches for needs no signature; and only the leader itself is heard.
    fn on_late_proposal(&mut self, from: NodeId, hash: BlockHash, block: Block) {
        let proposer = block.header.proposer;
        if self.node_of(proposer) == Some(from) {
            self.hear(proposer);
        }
        self.take_late_body(hash, block);
    }

    fn was_refused(&self, round: Round, hash: BlockHash) -> bool {
        let state = self.rounds.get(&round);
        let shown = state.and_then(|state| state.ineligible.as_deref());
        shown.is_some_and(|(header, _)| header.hash() == hash)
    }

    fn check_proposal(&mut self, block: &Block, out: &mut Vec<Effect>) -> Result<(), Fault> {
        if !self.is_signed(block) {
            return Err(Fault::Signature);
        }
        // [P3] Justification and body come beside what the leader signed: whoever brought them may
        // have put others in their place.
        if !is_unchanged(block) {
            return Err(Fault::Proposal);
        }
        self.hear(block.header.proposer);
        self.eligible(block)
            .inspect_err(|_| self.refuse_proposal(block, out))
    }

    /// The leader's signature tells whose it is, whoever brings it.
    fn check_origin(&mut self, block: &Block) -> Result<(), Fault> {
        let (header, committee) = (&block.header, &self.config.committee);
        if (header.chain, header.epoch) != (committee.chain, committee.epoch) {
            return Err(Fault::OtherCommittee);
        }
        if self.leaders.of(header.round) != header.proposer {
            return Err(Fault::NotTheLeader);
        }
        Ok(())
    }

    pub(super) fn is_signed(&self, block: &Block) -> bool {
        let digest = block.header.proposal_digest(self.config.network);
        let proposer = usize::from(block.header.proposer);
        let member = self.config.committee.members.get(proposer);
        member.is_some_and(|member| {
            let held = member.key.verify(digest.as_bytes(), &block.signature);
            held.is_ok()
        })
    }

    // [P3] [E1] A second header makes the leader faulty; a second copy may bring the body.
    fn on_second_proposal(
        &mut self,
        from: NodeId,
        first: &Proposal,
        block: Block,
        hash: BlockHash,
        out: &mut Vec<Effect>,
    ) {
        let round = block.header.round;
        if first.hash == hash {
            self.take_late_body(hash, block);
        } else if self.state(round).blamed.contains(&block.header.proposer) {
            // Known for a liar in this round.
        } else if !self.trusts(self.source(&from)) {
            // It made this node verify too much for nothing.
        } else if self.is_signed(&block) {
            self.on_equivocation(&first.block.clone(), &block, out);
        } else {
            self.charge(self.source(&from), SIGNATURE);
            let fault = Fault::Signature;
            out.push(Effect::Penalize { node: from, fault });
        }
    }

    /// Two headers signed by the leader of a round. [E1]
    pub(super) fn on_equivocation(&mut self, a: &Block, b: &Block, out: &mut Vec<Effect>) {
        let signed = |block: &Block| {
            Box::new(SignedHeader {
                header: block.header.clone(),
                signature: block.signature,
            })
        };
        let state = self.state(a.header.round);
        state.blamed.insert(a.header.proposer);
        state.faulty = true;
        self.dirty = true;
        out.push(Effect::Blame(Evidence::Proposals {
            first: signed(a),
            second: signed(b),
        }));
    }

    // [P2] [V5]
    fn eligible(&mut self, block: &Block) -> Result<(), Fault> {
        // What is refused anyway must not cost the pairings of a whole justification.
        if block.header.body_bytes as usize > limits::BODY_BYTES {
            return Err(Fault::Proposal);
        }
        let genesis = (self.config.genesis.hash(), self.config.genesis.round);
        let checked = justification::check(
            &block.header,
            &block.justification,
            genesis,
            &self.config.committee,
            self.config.network,
            |certificate| self.knows(certificate),
        );
        if matches!(checked, Err(JustificationError::Certificate(_))) {
            let Justification { parent, skips } = &block.justification;
            let pairings = parent.iter().chain(skips).map(Certificate::pairings).sum();
            self.charge(Some(block.header.proposer), pairings);
        }
        checked.map_err(|_| Fault::Proposal)
    }

    fn refuse_proposal(&mut self, block: &Block, out: &mut Vec<Effect>) {
        let round = block.header.round;
        if round > self.round.saturating_add(ROUNDS_AHEAD) {
            return;
        }
        let shown = (block.header.clone(), block.justification.clone());
        let hash = block.header.hash();
        let state = self.state(round);
        state.faulty = true;
        state.ineligible = Some(Box::new(shown));
        let prepared = state
            .prepare
            .clone()
            .filter(|certificate| certificate.block() == Some(hash));
        if let Some(certificate) = prepared {
            self.convict_signers(&certificate, out);
        }
        self.wake();
    }

    fn take_proposal(&mut self, hash: BlockHash, block: Block, out: &mut Vec<Effect>) {
        let round = block.header.round;
        let shown = block.justification.clone();
        let parent = (block.header.parent, block.header.parent_round);
        let leader = self.node_of(block.header.proposer);
        let detached = is_detached(&block);
        let block = Arc::new(block);
        self.state(round).proposal = Some(Proposal {
            hash,
            block: Arc::clone(&block),
        });
        // [T7] Its justification brings this node up to its round.
        let parent_holders = shown.parent.as_ref().map(|c| self.holders(c, parent.0));
        for certificate in shown.parent.into_iter().chain(shown.skips) {
            self.adopt(certificate, false, out);
        }
        let leader: Vec<NodeId> = leader.into_iter().collect();
        if detached {
            self.want(hash, round, leader.clone(), 0);
        } else {
            self.keep_block(hash, block);
        }
        let holders = parent_holders.into_iter().flatten();
        self.want(
            parent.0,
            parent.1,
            leader.into_iter().chain(holders).collect(),
            0,
        );
        self.wake();
    }

    // A certificate or another proposal may wait for the body.
    fn take_late_body(&mut self, hash: BlockHash, block: Block) {
        if self.wanted.contains_key(&hash) && is_whole(&block) {
            self.keep_block(hash, Arc::new(block));
        }
    }

    /// Votes on the current round's proposal, when it is ready to be judged. [P3] [P4]
    pub(super) fn judge_proposal(&mut self, out: &mut Vec<Effect>) {
        let round: Round = self.round;
        let Some(state) = self.rounds.get(&round) else {
            return;
        };
        if state.faulty {
            return self.skip(out);
        }
        let own = &state.own;
        let skipped = own.skipped.is_some() && !cfg!(feature = "plant-vote-after-skip");
        if own.prepared.is_some() || skipped || own.confirmed.is_some() {
            return;
        }
        let Some(hash) = state.proposal.as_ref().map(|proposal| proposal.hash) else {
            return;
        };
        match self.tree.get(&hash).map(|node| node.state) {
            Some(State::Valid) => self.prepare(hash, None, out),
            Some(State::Invalid | State::Unwelcome) => {
                self.state(round).faulty = true;
                self.skip(out);
            }
            _ => {}
        }
    }
}

/// Whether justification and body, if it is there, are those that the header commits to.
fn is_unchanged(block: &Block) -> bool {
    block.header.justification == block.justification.hash()
        && (is_detached(block) || is_whole(block))
}

fn is_detached(block: &Block) -> bool {
    block.body.is_empty() && block.header.body_bytes > 0
}
