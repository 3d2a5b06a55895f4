//! Two different things to different nodes.

use consensus::Message;
use types::{BlockHash, VoteKind};

use super::{Fault, Hands, Letter, proposal, vote};

/// Proposes two valid blocks in a round.
pub(crate) struct Leader;

impl Fault for Leader {
    fn name(&self) -> &'static str {
        "equivocating leader"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Some(block) = proposal(hands, &wire).filter(|_| hands.dice.chance(600)) else {
            return vec![(to, wire)];
        };
        hands.fired += 1;
        // Nothing but the time differs, so both pass every check.
        let mut other = block.clone();
        other.header.time = other.header.time.after(1);
        let digest = other.header.proposal_digest(hands.network);
        other.signature = hands.key.sign(digest.as_bytes());
        let both = hands.dice.chance(200);
        let (some, mut rest) = hands.halves(to);
        if both {
            rest.extend(&some);
        }
        let other = hands.wire(Message::Proposal(Box::new(other)));
        vec![(some, wire), (rest, other)]
    }
}

/// Votes for two blocks, or for one and against it.
pub(crate) struct Voter;

impl Fault for Voter {
    fn name(&self) -> &'static str {
        "equivocating voter"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Some(own) = vote(hands, &wire).filter(|_| hands.dice.chance(500)) else {
            return vec![(to, wire)];
        };
        hands.fired += 1;
        let round = own.round;
        let rivals = hands.blocks.values();
        let rival = rivals
            .filter(|block| block.header().round == round && Some(block.hash) != own.value)
            .map(|block| block.hash)
            .next();
        let invented = BlockHash(crypto::Hash::from(hands.dice.bytes()));
        let kinds = [VoteKind::Prepare, VoteKind::Skip, VoteKind::Confirm];
        let kind = *hands.dice.pick(&kinds);
        let value = match kind {
            VoteKind::Skip if hands.dice.chance(500) => None,
            _ if hands.dice.chance(500) => own.value,
            _ => Some(rival.unwrap_or(invented)),
        };
        let other = match kind {
            VoteKind::Prepare | VoteKind::Confirm if value.is_none() => Some(invented),
            _ => value,
        };
        let other = hands.vote(own, kind, other);
        let both = hands.dice.chance(300);
        let (some, mut rest) = hands.halves(to);
        if both {
            rest.extend(&some);
        }
        vec![(some, wire), (rest, hands.wire(Message::Vote(other)))]
    }
}
