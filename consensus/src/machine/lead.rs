//! Leading a round. [R2] [R3]

use std::sync::Arc;

use crypto::Hash;
use types::{Block, BlockHash, Body, Certificate, Justification, Round};

use super::Consensus;
use crate::round::Proposal;
use crate::tree::State;
use crate::{Effect, Message};

/// A block that the chain was asked to build.
#[derive(Clone, Debug)]
pub(super) struct Building {
    round: Round,
    parent: BlockHash,
    justification: Hash,
}

/// What the leader can build upon.
enum Base {
    Ready {
        parent: BlockHash,
        justification: Justification,
    },
    /// The block to build upon is being fetched or checked.
    Waiting,
    /// Some round was left through a certificate that is not here.
    Unknown,
}

impl Consensus {
    /// Asks for a block when this node leads the round, may still propose and has a reason to.
    pub(super) fn lead(&mut self, out: &mut Vec<Effect>) {
        if !self.may_propose() || self.build_time().is_none_or(|due| due > self.now) {
            return;
        }
        match self.base() {
            Base::Ready {
                parent,
                justification,
            } => {
                self.building = Some(Building {
                    round: self.round,
                    parent,
                    justification: justification.hash(),
                });
                out.push(Effect::Build {
                    round: self.round,
                    parent,
                    justification,
                });
            }
            Base::Unknown if self.asked_in < self.round => {
                self.asked_in = self.round;
                self.ask(out);
            }
            Base::Unknown | Base::Waiting => {}
        }
    }

    pub(super) fn may_propose(&self) -> bool {
        let leads = self.member() == Some(self.leading);
        let open = self.rounds.get(&self.round).is_none_or(|state| {
            let own = &state.own;
            let silent = own.prepared.is_none() && own.skipped.is_none() && own.confirmed.is_none();
            silent && state.proposal.is_none() && !state.faulty
        });
        leads && open && self.building.is_none() && self.may_sign()
    }

    // [R2] The block of the highest round left through PC or a pinning SC, or the last final one;
    // every round above it was left through an unpinned SC.
    fn base(&self) -> Base {
        let mut skips: Vec<Certificate> = Vec::new();
        for round in (self.last.header.round + 1..self.round).rev() {
            let Some(state) = self.rounds.get(&round) else {
                return Base::Unknown;
            };
            let parent = state.prepare.as_ref().or(state.pinned.as_ref());
            let named = parent.and_then(|certificate| self.named(certificate));
            if let (Some(certificate), Some(hash)) = (parent, named) {
                if self.is_valid(&hash) {
                    return ready(hash, Some(certificate.clone()), skips);
                }
                if state.unpinned.is_none() {
                    return Base::Waiting;
                }
            }
            match &state.unpinned {
                Some(skip) => skips.push(skip.clone()),
                None if cfg!(feature = "plant-missing-skip") => {}
                None => return Base::Unknown,
            }
        }
        let finality = self.last.finality.as_ref();
        let certificate = finality.map(|finality| finality.prepare.clone());
        ready(self.last.hash, certificate, skips)
    }

    fn is_valid(&self, hash: &BlockHash) -> bool {
        let node = self.tree.get(hash);
        node.is_some_and(|node| matches!(node.state, State::Valid | State::Unwelcome))
    }

    pub(super) fn on_built(&mut self, round: Round, block: Option<Block>, out: &mut Vec<Effect>) {
        let building = match self.building.take() {
            Some(building) if building.round == round => building,
            other => {
                self.building = other;
                return;
            }
        };
        match block {
            Some(block) => self.propose(&building, block, out),
            None => {
                // [R2] Not now: asked again after Δ, or when work comes anew.
                self.rebuild = Some(self.now.after(self.config.timing.delta_ms.max(1)));
                self.dirty = true;
            }
        }
    }

    // [R3] Block and vote are durable before either leaves.
    fn propose(&mut self, building: &Building, mut block: Block, out: &mut Vec<Effect>) {
        let Some(seat) = self
            .config
            .seat
            .as_ref()
            .filter(|_| building.round == self.round)
        else {
            return;
        };
        let header = &block.header;
        assert!(
            (header.round, header.parent) == (building.round, building.parent)
                && header.proposer == seat.member
                && header.justification == building.justification
                && block.justification.hash() == building.justification
                && header.body == Body::hash_of(&block.body)
                && header.body_bytes as usize == block.body.len(),
            "the chain built the block that was asked for"
        );
        let digest = header.proposal_digest(self.config.network);
        block.signature = seat.key.sign(digest.as_bytes());
        let hash = header.hash();
        let mut sent = block.clone();
        if sent.body.len() > self.config.inline_body_bytes {
            sent.body.clear();
        }
        let block = Arc::new(block);
        self.state(building.round).proposal = Some(Proposal {
            hash,
            block: Arc::clone(&block),
        });
        self.tree.insert(hash, block, State::Valid);
        let message = Message::Proposal(Box::new(sent));
        self.prepare(hash, Some(message), out);
    }
}

fn ready(parent: BlockHash, certificate: Option<Certificate>, skips: Vec<Certificate>) -> Base {
    Base::Ready {
        parent,
        justification: Justification {
            parent: certificate,
            skips: skips.into_iter().rev().collect(),
        },
    }
}
