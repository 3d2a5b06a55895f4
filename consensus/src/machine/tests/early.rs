//! Early consensus that grows with every vote. [F2] [F3]

use crypto::Hash;
use types::CertificateKind::Early;
use types::VoteKind::{Confirm, Prepare};
use types::{Block, Justification};

use super::bench::*;
use crate::chain::{committee, genesis, sign};
use crate::leader::Leaders;
use crate::{Input, Message, Restored, Verdict};

/// The block of round 1 in a committee of single seats, whose leader is also returned.
fn first_among(seats: usize) -> (Block, u16) {
    let mut leaders = Leaders::new(Hash::new([9; 32]), &committee(&vec![1; seats]));
    let leader = leaders.of(1);
    let header = Justification::default();
    let block = crate::chain::block(&genesis(), 1, leader, header, b"body".to_vec());
    (sign(block), leader)
}

/// A bench that has prepared the first block of its committee, and the others but the leader.
fn prepared_among(seats: usize, early: u64) -> (Bench, Block, Vec<u16>) {
    let (a, leader) = first_among(seats);
    let me = (leader + 1) % seats as u16;
    let mut bench = Bench::among(seats, me, early);
    bench.name("a", &a);
    bench.propose(&a);
    bench.checked(&a, Verdict::Valid);
    let others = (0..seats as u16).filter(|member| *member != me);
    (bench, a, others.collect())
}

/// What a vote makes the machine report.
fn reported(steps: &[String]) -> Vec<&str> {
    let steps = steps.iter().map(String::as_str);
    steps.filter(|step| step.starts_with("early")).collect()
}

#[test]
fn each_number_of_seats_is_reported_once() {
    let (mut bench, a, others) = prepared_among(7, 0);
    let mut all = Vec::new();
    for member in others {
        let steps = bench.vote(member, 1, Prepare, Some(&a));
        all.push(reported(&steps).join(", "));
        assert!(
            bench
                .wait(1_000)
                .iter()
                .all(|step| !step.starts_with("early"))
        );
    }
    let expected = ["", "", "", "early a by 5", "early a by 6", "early a by 7"];
    assert_eq!(all, expected);
}

#[test]
fn fewer_seats_than_configured_are_no_news() {
    let (mut bench, a, others) = prepared_among(7, 7);
    let mut all = Vec::new();
    for member in others {
        let steps = bench.vote(member, 1, Prepare, Some(&a));
        all.extend(reported(&steps).into_iter().map(str::to_owned));
    }
    assert_eq!(all, ["early a by 7"]);
}

#[test]
fn votes_of_a_round_that_is_over_count_until_it_is_final() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    for last in [false, true] {
        let mut bench = Bench::new(me);
        bench.name("a", &a);
        bench.prepare(&a);
        bench.vote(them[0], 1, Prepare, Some(&a));
        bench.vote(them[1], 1, Prepare, Some(&a));
        assert_eq!(bench.machine.round(), 2);
        bench.vote(them[0], 1, Confirm, Some(&a));
        if last {
            let steps = bench.vote(them[1], 1, Confirm, Some(&a));
            assert_eq!(steps.last().map(String::as_str), Some("final a"));
        }
        let steps = bench.vote(them[2], 1, Prepare, Some(&a));
        assert_eq!(reported(&steps).is_empty(), last, "{steps:?}");
        assert_eq!(bench.machine.round(), 2);
    }
}

#[test]
fn a_dishonest_vote_does_not_stop_the_others() {
    let (mut bench, a, others) = prepared_among(7, 0);
    for member in &others[..4] {
        bench.vote(*member, 1, Prepare, Some(&a));
    }
    let mut forged = vote(others[4], 9, Prepare, Some(a.header.hash()));
    forged.round = 1;
    let steps = bench.say(others[4], Message::Vote(forged));
    assert_eq!(steps, ["penalize: wrong signature"]);
    let steps = bench.vote(others[5], 1, Prepare, Some(&a));
    assert_eq!(reported(&steps), ["early a by 6"]);
    // Nor does one who prepares something else; and who was false is heard no more.
    let steps = bench.vote(others[4], 1, Prepare, Some(&a));
    assert!(steps.is_empty(), "{steps:?}");
}

#[test]
fn in_a_large_committee_votes_are_added_in_lots() {
    // n = 31, q = 21: 10 seats are missing when the round ends.
    let (mut bench, a, others) = prepared_among(31, 0);
    let mut at = Vec::new();
    for (number, member) in others.iter().enumerate() {
        let steps = bench.vote(*member, 1, Prepare, Some(&a));
        at.extend(reported(&steps).into_iter().map(|_| number + 2));
    }
    // Half of what is missing each time, and single seats at the end.
    assert_eq!(at, [21, 26, 29, 30, 31]);
}

#[test]
fn votes_that_are_too_few_for_a_lot_wait_a_moment() {
    let (mut bench, a, others) = prepared_among(31, 0);
    for member in &others[..20] {
        bench.vote(*member, 1, Prepare, Some(&a));
    }
    for member in &others[20..23] {
        assert!(bench.vote(*member, 1, Prepare, Some(&a)).is_empty());
    }
    assert_eq!(bench.machine.deadline().map(|due| due.0), Some(DELTA / 4));
    assert!(bench.wait(DELTA / 4 - 1).is_empty());
    assert_eq!(bench.wait(1), ["early a by 24"]);
    // Nothing waits any more: nothing is sent, and no timer runs for it.
    assert_eq!(
        bench.machine.deadline().map(|due| due.0 > DELTA),
        Some(true)
    );
}

#[test]
fn a_leader_of_whom_nobody_asks_grows_certificates_for_others() {
    let (a, leader) = first_among(7);
    let mut bench = Bench::among(7, leader, u64::MAX);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    let (round, block) = (1, Some(a.clone()));
    bench.input(Input::Built { round, block });
    let others = (0..7).filter(|member| *member != leader);
    let steps: Vec<_> = others
        .map(|member| bench.vote(member, 1, Prepare, Some(&a)).join(", "))
        .collect();
    let quorum = "log PC(1,a), PC(1,a), log C(1,a), C(1,a)";
    let expected = ["", "", "", quorum, "FC(1,a)", "FC(1,a), early a by 7"];
    assert_eq!(steps, expected);
}

#[test]
fn the_leader_passes_growth_on_and_larger_certificates_only_are_looked_at() {
    let me = leader(1);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::among(4, me, 0);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    let (round, block) = (1, Some(a.clone()));
    bench.input(Input::Built { round, block });
    let mine = [them[0], them[1], me];
    bench.say(them[0], Message::Certificate(prepared(&a, &mine)));
    let steps = bench.vote(them[2], 1, Prepare, Some(&a));
    assert_eq!(steps, ["FC(1,a)", "early a by 4"]);

    // An observer learns of it, from whoever says so, and of nothing smaller.
    let mut observer = Bench::restored(None, Restored::default());
    observer.name("a", &a);
    observer.propose(&a);
    let value = Some(a.header.hash());
    let early = |members: &[u16]| certificate(Early, 1, &[(value, members)]);
    let mut false_three = early(&them);
    false_three.signature = skipped(1, &them).signature;
    // Fewer seats than are reported here: dropped unseen.
    let steps = observer.say(me, Message::Certificate(false_three));
    assert!(steps.is_empty(), "{steps:?}");
    let four = early(&[0, 1, 2, 3]);
    let steps = observer.say(them[0], Message::Certificate(four.clone()));
    assert_eq!(reported(&steps), ["early a by 4"]);
    let mut false_four = four;
    false_four.signature = skipped(1, &them).signature;
    assert!(
        observer
            .say(me, Message::Certificate(false_four))
            .is_empty()
    );
}
