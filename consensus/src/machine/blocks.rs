//! Bodies: keeping, checking, and fetching what is missing. [B1]–[B3]

use std::sync::Arc;

use types::{Block, BlockHash, Certificate, CertificateKind, NodeId, Round, Time};

use super::Consensus;
use crate::tree::{State, is_whole};
use crate::{Effect, Verdict};

/// Bodies wanted at once. [M3]
const WANTED: usize = 1_024;
/// Doublings of the time between two attempts.
const DOUBLINGS: u32 = 6;

/// A block that a certificate or a leader's signature vouches for, and that is not here.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Not wanted any more when something at or above this round is final.
    round: Round,
    /// Who should have it.
    holders: Vec<NodeId>,
    /// When to ask next.
    pub(super) next: Time,
    tries: u32,
}

impl Consensus {
    /// Keeps a whole block that a signature or certificate vouches for.
    pub(super) fn keep_block(&mut self, hash: BlockHash, block: Arc<Block>) {
        if !self.tree.has_room(&block) {
            return;
        }
        let (parent, round) = (block.header.parent, block.header.parent_round);
        if self.tree.insert(hash, block, State::Unchecked) {
            self.dirty = true;
        }
        if let Some(done) = self.wanted.remove(&hash) {
            self.want(parent, round, done.holders, 0);
        }
    }

    /// Asks for a block unless it is here, final or asked for already.
    pub(super) fn want(
        &mut self,
        hash: BlockHash,
        round: Round,
        mut holders: Vec<NodeId>,
        delay: u64,
    ) {
        holders.retain(|node| !self.is_me(node));
        let here = self.tree.get(&hash).is_some();
        if here || round <= self.last.header.round || holders.is_empty() {
            return;
        }
        let next = self.now.after(delay);
        let room = self.wanted.len() < WANTED;
        match self.wanted.get_mut(&hash) {
            Some(wanted) => {
                let fresh = holders.into_iter().filter(|h| !wanted.holders.contains(h));
                let fresh: Vec<NodeId> = fresh.collect();
                wanted.holders.extend(fresh);
                if wanted.tries == 0 {
                    wanted.next = wanted.next.min(next);
                }
            }
            None if room => {
                let wanted = Wanted {
                    round,
                    holders,
                    next,
                    tries: 0,
                };
                self.wanted.insert(hash, wanted);
            }
            None => {}
        }
    }

    /// Wants the block of a certificate, unless the proposal arrives within Δ. [B2]
    pub(super) fn want_certified(&mut self, certificate: &Certificate, hash: BlockHash) {
        let holders = self.holders(certificate, hash);
        self.want(
            hash,
            certificate.round,
            holders,
            self.config.timing.delta_ms,
        );
    }

    /// Members that said they hold a block; confirmers may not, but are then the ones to ask.
    pub(super) fn holders(&self, certificate: &Certificate, hash: BlockHash) -> Vec<NodeId> {
        let groups = certificate
            .groups
            .iter()
            .filter(|group| group.value == Some(hash));
        groups
            .flat_map(|group| group.signers.iter())
            .filter_map(|member| self.node_of(u16::try_from(member).ok()?))
            .collect()
    }

    /// Sends the fetches that are due. [B2]
    pub(super) fn repair(&mut self, out: &mut Vec<Effect>) {
        let last = &self.last.header;
        self.wanted.retain(|_, wanted| wanted.round > last.round);
        let delta = self.config.timing.delta_ms.max(1);
        for (hash, wanted) in &mut self.wanted {
            if wanted.next > self.now {
                continue;
            }
            let mut from = wanted.holders.clone();
            from.rotate_left(wanted.tries as usize % wanted.holders.len().max(1));
            wanted.tries = wanted.tries.saturating_add(1);
            let wait = delta.saturating_mul(1 << wanted.tries.min(DOUBLINGS));
            wanted.next = self.now.after(wait);
            out.push(Effect::Fetch {
                hash: *hash,
                above: last.height,
                from,
            });
        }
    }

    /// Takes a fetched chain as far as hashes vouch for it. [B3]
    pub(super) fn on_blocks(&mut self, blocks: Vec<Block>, out: &mut Vec<Effect>) {
        let mut expected: Option<BlockHash> = None;
        for block in blocks {
            let hash = block.header.hash();
            let vouched = expected.map_or_else(
                || self.wanted.contains_key(&hash) || self.tree.get(&hash).is_some(),
                |expected| expected == hash,
            );
            if !vouched || !is_whole(&block) || block.header.height <= self.last.header.height {
                return;
            }
            expected = Some(block.header.parent);
            self.notice_rival(&block, hash, out);
            self.keep_block(hash, Arc::new(block));
        }
    }

    // [E1] A certified block other than the one that the leader sent here.
    fn notice_rival(&mut self, block: &Block, hash: BlockHash, out: &mut Vec<Effect>) {
        let Some(state) = self.rounds.get(&block.header.round) else {
            return;
        };
        let rival = state.proposal.clone().filter(|first| first.hash != hash);
        let blamed = state.blamed.contains(&block.header.proposer);
        if let Some(first) = rival
            && !blamed
            && self.is_signed(block)
        {
            self.on_equivocation(&first.block, block, out);
        }
    }

    /// Has every block checked whose parent is valid or final. [B1]
    pub(super) fn request_checks(&mut self, out: &mut Vec<Effect>) {
        loop {
            let ready = self.tree.unchecked().find_map(|(hash, node)| {
                let verdict = self.judge_place(&node.block)?;
                Some((*hash, Arc::clone(&node.block), verdict))
            });
            let Some((hash, block, state)) = ready else {
                return;
            };
            self.tree.set(&hash, state);
            if state == State::Checking {
                out.push(Effect::Check { block });
            }
        }
    }

    // Checking once the parent is known to be valid; Invalid when it does not follow it.
    fn judge_place(&self, block: &Block) -> Option<State> {
        let header = &block.header;
        let parent = if header.parent == self.last.hash {
            &self.last.header
        } else {
            let node = self.tree.get(&header.parent)?;
            match node.state {
                State::Valid | State::Unwelcome => &node.block.header,
                State::Invalid => return Some(State::Invalid),
                State::Unchecked | State::Checking => return None,
            }
        };
        let follows = header.height == parent.height + 1 && header.parent_round == parent.round;
        Some(if follows {
            State::Checking
        } else {
            State::Invalid
        })
    }

    pub(super) fn on_checked(&mut self, block: BlockHash, verdict: Verdict) {
        let state = match verdict {
            Verdict::Valid => State::Valid,
            Verdict::Unwelcome => State::Unwelcome,
            Verdict::Invalid => State::Invalid,
            Verdict::Later => return,
        };
        let asked = self.tree.get(&block).map(|node| node.state) == Some(State::Checking);
        if asked && self.tree.set(&block, state) {
            self.dirty = true;
        }
    }

    /// The block that a certificate certifies or pins.
    pub(super) fn named(&self, certificate: &Certificate) -> Option<BlockHash> {
        match certificate.kind {
            CertificateKind::Skip => certificate.pinned(&self.config.committee),
            _ => certificate.block(),
        }
    }
}
