//! Whatever bytes decode to a message, the machine takes it: no panic, no vote that the rules
//! don't allow, bounded effects.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use consensus::{Config, Consensus, Effect, Input, Message, Record, Restored, Seat, Timing};
use crypto::Hash;
use support::chain;
use support::random::Random;
use types::{Round, Time, VoteKind};

fn member(number: u16) -> Consensus {
    let config = Config {
        network: chain::network(),
        committee: Arc::new(chain::committee(&[1; 4])),
        seat: Some(Seat {
            member: number,
            key: chain::key(number),
        }),
        timing: Timing::default(),
        leader_seed: Hash::new([9; 32]),
        early_seats: 4,
        inline_body_bytes: 1_000,
        genesis: chain::genesis(),
        batch_secret: [1; 32],
        quiet_until: Time(0),
    };
    Consensus::new(config, Restored::default(), Time(0))
}

/// What an honest committee says in its first rounds, with its senders.
fn honest_messages() -> Vec<(u16, Message)> {
    let mut machines: Vec<Consensus> = (0..4).map(member).collect();
    let mut said = Vec::new();
    let mut inputs: Vec<(u16, Input)> = (0..4).map(|to| (to, Input::Work(true))).collect();
    let mut headers = BTreeMap::from([(chain::genesis().hash(), chain::genesis())]);
    while said.len() < 60 {
        let (to, input) = inputs.remove(0);
        let mut out = Vec::new();
        machines[usize::from(to)].handle(Time(1), input, &mut out);
        for effect in out {
            match effect {
                Effect::Broadcast(message) => {
                    said.push((to, message.clone()));
                    for other in (0..4).filter(|other| *other != to) {
                        let from = chain::node(to);
                        let message = message.clone();
                        inputs.push((other, Input::Message { from, message }));
                    }
                }
                Effect::Build {
                    round,
                    parent,
                    justification,
                } => {
                    let parent = &headers[&parent];
                    let block = chain::block(parent, round, to, justification, vec![1]);
                    headers.insert(block.header.hash(), block.header.clone());
                    let block = Some(block);
                    inputs.push((to, Input::Built { round, block }));
                }
                Effect::Check { block } => {
                    let block = block.header.hash();
                    let verdict = consensus::Verdict::Valid;
                    inputs.push((to, Input::Checked { block, verdict }));
                }
                _ => {}
            }
        }
    }
    said
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.between(1, 3) {
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 2, 255][random.below(4) as usize],
            2 => bytes.truncate(at + 1),
            _ => bytes.insert(at, 0),
        }
    }
}

#[test]
fn messages_have_one_encoding() {
    for (_, message) in honest_messages() {
        let mut bytes = borsh::to_vec(&message).expect("messages have an encoding");
        assert_eq!(borsh::from_slice::<Message>(&bytes).ok(), Some(message));
        bytes.push(0);
        assert!(
            borsh::from_slice::<Message>(&bytes).is_err(),
            "a trailing byte"
        );
    }
}

#[test]
fn mutated_messages_do_no_harm() {
    let said = honest_messages();
    let mut random = Random::new(1);
    let mut machine = member(0);
    let mut votes: BTreeMap<(Round, VoteKind), usize> = BTreeMap::new();
    let mut decoded = 0;
    for turn in 0..3_000 {
        let (from, message) = &said[random.below(said.len() as u64) as usize];
        let mut bytes = borsh::to_vec(message).expect("messages have an encoding");
        if !random.chance(10) {
            mutate(&mut bytes, &mut random);
        }
        let Ok(message) = borsh::from_slice::<Message>(&bytes) else {
            continue;
        };
        decoded += 1;
        let from = chain::node(*from);
        let mut out = Vec::new();
        machine.handle(Time(turn), Input::Message { from, message }, &mut out);
        assert!(out.len() <= 64, "{} effects", out.len());
        for effect in out {
            if let Effect::Persist(Record::Vote(vote)) = effect {
                *votes.entry((vote.round, vote.kind)).or_default() += 1;
            }
        }
    }
    assert!(decoded >= 500, "{decoded}");
    assert!(!votes.is_empty());
    assert!(votes.values().all(|count| *count == 1), "{votes:?}");
}
