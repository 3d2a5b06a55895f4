//! Ways to lie.

use consensus::Message;
use types::{BlockHash, Committee, Round, Statement, Vote, VoteKind};

use super::chain::{key, network};
use super::random::Random;

/// How a member behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// As the rules say.
    Honest,
    /// Not at all.
    Silent,
    /// Runs twice with one key; each twin speaks to one half of the others. So it equivocates as
    /// leader and votes for two blocks.
    Twins,
    /// Votes for everything that it hears of, and skips and confirms besides.
    DoubleVoter,
    /// Sends what it says to some of the others only.
    Withholder,
    /// Declares in its skip votes what it did not prepare.
    SkipLiar,
    /// Its signatures are false.
    Forger,
    /// Its blocks are invalid.
    InvalidLeader,
}

fn vote(
    committee: &Committee,
    member: u16,
    round: Round,
    kind: VoteKind,
    value: Option<BlockHash>,
) -> Vote {
    let statement = Statement {
        network: network(),
        chain: committee.chain,
        epoch: committee.epoch,
        round,
        kind,
        value,
    };
    Vote::sign(&statement, member, &key(member))
}

/// What a Byzantine member sends instead of an honest message, for one receiver.
pub fn distort(
    behaviour: Behaviour,
    committee: &Committee,
    member: u16,
    message: &Message,
    seen: &[(Round, BlockHash)],
    random: &mut Random,
) -> Vec<Message> {
    let again = |kind, round, value| Message::Vote(vote(committee, member, round, kind, value));
    match (behaviour, message) {
        (Behaviour::Silent, _) => Vec::new(),
        (Behaviour::Withholder, _) if random.chance(50) => Vec::new(),
        (Behaviour::SkipLiar, Message::Vote(v)) if v.kind == VoteKind::Skip => {
            let lie = match v.value {
                Some(_) => None,
                None => seen
                    .iter()
                    .rev()
                    .find(|(r, _)| *r == v.round)
                    .map(|(_, h)| *h),
            };
            vec![again(VoteKind::Skip, v.round, lie)]
        }
        (Behaviour::SkipLiar, Message::Vote(v)) if v.kind == VoteKind::Prepare => {
            vec![message.clone(), again(VoteKind::Skip, v.round, None)]
        }
        (Behaviour::Forger, Message::Vote(v)) => {
            let mut forged = vote(committee, member, v.round + 1_000, v.kind, v.value);
            forged.round = v.round;
            vec![Message::Vote(forged)]
        }
        (Behaviour::DoubleVoter, Message::Vote(v)) => {
            let mut said = vec![message.clone(), again(VoteKind::Skip, v.round, None)];
            for (round, hash) in seen.iter().rev().take(4) {
                said.push(again(VoteKind::Prepare, *round, Some(*hash)));
                said.push(again(VoteKind::Confirm, *round, Some(*hash)));
                said.push(again(VoteKind::Skip, *round, Some(*hash)));
            }
            random.shuffle(&mut said);
            said
        }
        _ => vec![message.clone()],
    }
}
