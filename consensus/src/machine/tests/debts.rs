//! What others make a node verify in vain. [V5]

use types::limits::BODY_BYTES;
use types::{Block, Certificate, Justification};

use super::bench::{Bench, block, block_with, first, leader, others, proposal, skipped};
use crate::chain::{genesis, sign};
use crate::{Message, unsigned};

const FORGERY: [&str; 1] = ["penalize: bad certificate: certificate signature is wrong"];
const STRANGER: u16 = 9;

fn forged(round: u64) -> Message {
    let signature = unsigned();
    Message::Certificate(Certificate {
        signature,
        ..skipped(round, &[0, 1, 2])
    })
}

/// Sends forged certificates of ever later rounds until none is looked at any more.
fn exhaust(bench: &mut Bench, from: u16) -> usize {
    let refused = |round: &u64| bench.say(from, forged(*round)) == FORGERY;
    (100..200).take_while(refused).count()
}

#[test]
fn forged_certificates_of_strangers_are_verified_for_a_while_only() {
    let mut bench = Bench::new(0);
    assert_eq!(exhaust(&mut bench, STRANGER), 5, "ten pairings");
    let good = Message::Certificate(skipped(50, &[1, 2, 3]));
    let none: [&str; 0] = [];
    assert_eq!(bench.say(STRANGER + 1, good.clone()), none, "nor of others");
    assert_eq!(bench.say(2, good)[0], "log SC(50,-)", "but of members");
    let later = Message::Certificate(skipped(51, &[1, 2, 3]));
    bench.wait(1_000);
    assert_eq!(bench.say(STRANGER, later)[0], "log SC(51,-)");
}

#[test]
fn a_member_that_forges_is_not_verified_and_others_are() {
    let mut bench = Bench::new(0);
    assert_eq!(exhaust(&mut bench, 1), 5);
    let good = Message::Certificate(skipped(50, &[1, 2, 3]));
    assert!(bench.say(1, good.clone()).is_empty());
    assert_eq!(bench.say(STRANGER, good)[0], "log SC(50,-)");
}

#[test]
fn good_certificates_cost_their_sender_nothing() {
    let mut bench = Bench::new(0);
    for round in 1..100 {
        let good = Message::Certificate(skipped(round, &[1, 2, 3]));
        assert!(!bench.say(STRANGER, good).is_empty(), "round {round}");
    }
}

#[test]
fn proposals_that_the_leader_did_not_sign_are_verified_for_a_while_only() {
    let a = first();
    let mut bench = Bench::new(leader(3));
    bench.name("a", &a);
    let usurped = proposal(&Block {
        signature: unsigned(),
        ..a.clone()
    });
    let refused = (0..100).take_while(|_| {
        let steps = bench.say(STRANGER, usurped.clone());
        steps == ["penalize: wrong signature"]
    });
    assert_eq!(refused.count(), 5);
    assert_eq!(bench.propose(&a), ["check a"], "its leader is heard");
}

/// A justification whose certificates are all forged.
fn false_skips(round: u64, me: u16) -> Justification {
    let forged = |at| Certificate {
        signature: unsigned(),
        ..skipped(at, &others(me))
    };
    Justification {
        parent: None,
        skips: (1..round).map(forged).collect(),
    }
}

/// A leader signs proposals of far rounds whose justifications take long to verify: that is its
/// own fault, whoever brings them.
#[test]
fn a_justification_that_fails_is_owed_by_the_leader_that_signed_it() {
    let (liar, me) = (leader(1), leader(3));
    let mut bench = Bench::new(me);
    let rounds: Vec<u64> = (2..400).filter(|round| leader(*round) == liar).collect();
    let of = |round: u64| proposal(&block(&genesis(), round, false_skips(round, me)));
    let looked_at = |bench: &mut Bench, from: u16, round: u64| {
        let steps = bench.say(from, of(round));
        steps.contains(&"penalize: invalid proposal".to_owned())
    };
    assert!(looked_at(&mut bench, liar, rounds[3]));
    assert!(!looked_at(&mut bench, liar, rounds[4]));
    assert!(!looked_at(&mut bench, leader(2), rounds[4]));
    bench.wait(60_000);
    assert!(looked_at(&mut bench, liar, rounds[4]));
}

#[test]
fn a_proposal_that_was_refused_is_not_looked_at_again() {
    let me = leader(3);
    let mut bench = Bench::new(me);
    let bad = Justification {
        parent: None,
        skips: vec![skipped(1, &others(me)); 3],
    };
    let refused = block_with(&genesis(), 2, bad, b"");
    assert_eq!(bench.propose(&refused), ["penalize: invalid proposal"]);
    assert!(bench.propose(&refused).is_empty());
}

/// Its leader would owe the pairings, were they made.
#[test]
fn the_justification_of_a_block_that_is_too_large_is_not_verified() {
    let (liar, me) = (leader(1), leader(3));
    let mut bench = Bench::new(me);
    let rounds = (40..400).filter(|round| leader(*round) == liar);
    for round in rounds.take(3) {
        let mut large = block(&genesis(), round, false_skips(round, me));
        large.header.body_bytes = BODY_BYTES as u32 + 1;
        large.body = Vec::new().into();
        let steps = bench.propose(&sign(large));
        assert_eq!(steps, ["penalize: invalid proposal"]);
    }
}
