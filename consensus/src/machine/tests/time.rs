//! When a block is overdue, and what standing still does. [T1]–[T7]

use types::{Time, VoteKind};

use super::bench::*;
use crate::{Input, Message};

#[test]
fn without_a_reason_there_is_no_deadline() {
    let me = leader(3);
    let mut bench = Bench::new(me);
    bench.wait(0);
    assert_eq!(bench.machine.deadline(), None);
    bench.now = 5_000;
    bench.input(Input::Work(true));
    assert_eq!(bench.machine.deadline(), Some(Time(5_000 + TIMEOUT)));
    bench.input(Input::Work(false));
    assert_eq!(bench.machine.deadline(), None);
    // A vote of an earlier round is no reason, one of this or a later round is.
    bench.vote(others(me)[0], 0, VoteKind::Skip, None);
    assert_eq!(bench.machine.deadline(), None);
    bench.vote(others(me)[0], 2, VoteKind::Skip, None);
    assert_eq!(bench.machine.deadline(), Some(Time(5_000 + TIMEOUT)));
}

#[test]
fn time_outs_grow_until_something_is_final() {
    let me = leader(5);
    let them = others(me);
    let mut bench = Bench::new(me);
    bench.input(Input::Work(true));
    let mut waits = Vec::new();
    for round in 1..=4 {
        let due = bench.machine.deadline().expect("work is waiting");
        waits.push(due.0 - bench.now);
        bench.say(them[0], Message::Certificate(skipped(round, &them)));
    }
    assert_eq!(waits, [350, 503, 731, 1_073]);
}

#[test]
fn a_silent_leader_gets_no_time() {
    let me = 0;
    let mut bench = Bench::new(me);
    bench.input(Input::Work(true));
    let silent = 1;
    let mut instant = Vec::new();
    for round in 1..=16 {
        for member in [2, 3] {
            bench.vote(member, round, VoteKind::Skip, None);
        }
        if bench.machine.round() == round {
            let due = bench.machine.deadline().expect("work is waiting");
            if due.0 <= bench.now {
                instant.push(round);
            }
            bench.wait(due.0 - bench.now);
            assert_eq!(bench.machine.round(), round + 1);
        } else {
            // Skipped at once, with the others.
            instant.push(round);
        }
    }
    let led: Vec<u64> = (1..=16).filter(|round| leader(*round) == silent).collect();
    let expected: Vec<u64> = led.into_iter().filter(|round| *round > 9).collect();
    let of_silent = instant.iter().filter(|round| leader(**round) == silent);
    assert_eq!(of_silent.copied().collect::<Vec<_>>(), expected);
}

#[test]
fn who_stands_still_repeats_and_asks() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    let mut steps = bench.wait(STANDSTILL + 5 * DELTA);
    steps.retain(|step| !step.starts_with("log") && !step.starts_with("S(2"));
    assert_eq!(
        steps,
        ["PC(1,a)", "FC(1,a)", "P(1,a)", "C(1,a)", "send ask 0"]
    );
}

#[test]
fn a_repeated_vote_of_an_old_round_is_a_cry_for_help() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    bench.say(them[0], final_by(&a, &them));
    bench.now = 1_000;
    // The first late vote is late only.
    assert!(
        bench
            .vote(them[1], 1, VoteKind::Prepare, Some(&a))
            .is_empty()
    );
    assert_eq!(
        bench.vote(them[1], 1, VoteKind::Prepare, Some(&a)),
        ["send CC(1,a)"]
    );
    // Once in Δ.
    assert!(
        bench
            .vote(them[1], 1, VoteKind::Prepare, Some(&a))
            .is_empty()
    );
    assert_eq!(
        bench.say(them[2], Message::Ask { epoch: 5, above: 0 }),
        ["send CC(1,a)"]
    );
}
