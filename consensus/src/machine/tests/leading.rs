//! Leading. [R1]–[R3]

use std::sync::Arc;

use types::Justification;

use super::bench::*;
use crate::chain::{self, genesis};
use crate::{Input, Message, Restored, Verdict};

fn built(block: &types::Block) -> Input {
    Input::Built {
        round: block.header.round,
        block: Some(types::Block {
            signature: crate::unsigned(),
            ..block.clone()
        }),
    }
}

#[test]
fn a_leader_builds_when_there_is_work_and_not_before() {
    let a = first();
    let mut bench = Bench::new(leader(1));
    bench.name("a", &a);
    assert!(bench.wait(1).is_empty());
    assert_eq!(bench.machine.deadline(), None);
    assert_eq!(bench.input(Input::Work(true)), ["build 1 on genesis"]);
    // One barrier for block and vote, then both leave.
    let steps = bench.input(built(&a));
    assert_eq!(steps, ["log a", "log P(1,a)", "propose a", "P(1,a)"]);
    assert!(bench.input(built(&a)).is_empty());
}

#[test]
fn a_leader_with_nothing_to_propose_is_asked_again() {
    let mut bench = Bench::new(leader(1));
    bench.input(Input::Work(true));
    let nothing = Input::Built {
        round: 1,
        block: None,
    };
    assert!(bench.input(nothing).is_empty());
    assert_eq!(bench.wait(DELTA), ["build 1 on genesis"]);
}

#[test]
fn the_next_leader_builds_on_the_prepare_certificate() {
    let me = leader(2);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    bench.prepare(&a);
    let steps = bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    let expected = [
        "log PC(1,a)",
        "PC(1,a)",
        "log C(1,a)",
        "C(1,a)",
        "early a by 4",
        "build 2 on a",
    ];
    assert_eq!(steps, expected);
}

#[test]
fn after_a_skip_the_leader_builds_on_what_is_left() {
    let me = leader(2);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    let steps = bench.say(them[0], Message::Certificate(skipped(1, &them)));
    assert_eq!(steps, ["log SC(1,-)", "SC(1,-)", "build 2 on genesis"]);
    // Pinned: only once the pinned block is here and valid.
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    let hash = Some(a.header.hash());
    let pinning = certificate(types::CertificateKind::Skip, 1, &[(hash, &them)]);
    let steps = bench.say(them[0], Message::Certificate(pinning));
    assert_eq!(steps, ["log SC(1,a)", "SC(1,a)"]);
    assert_eq!(bench.wait(DELTA), ["fetch a"]);
    let blocks = vec![a.clone()];
    assert_eq!(bench.input(Input::Blocks { blocks }), ["check a"]);
    assert_eq!(bench.checked(&a, Verdict::Valid), ["build 2 on a"]);
}

#[test]
fn a_leader_that_lacks_certificates_asks() {
    let me = leader(3);
    let them = others(me);
    let mut bench = Bench::new(me);
    bench.input(Input::Work(true));
    let steps = bench.say(them[0], Message::Certificate(skipped(2, &them)));
    assert_eq!(steps, ["log SC(2,-)", "SC(2,-)", "send ask 0"]);
    let steps = bench.say(them[0], Message::Certificate(skipped(1, &them)));
    assert_eq!(steps, ["log SC(1,-)", "SC(1,-)", "build 3 on genesis"]);
}

#[test]
fn a_leader_that_restarts_proposes_the_same_block() {
    let a = first();
    let restored = Restored {
        blocks: vec![Arc::new(a.clone())],
        ..Restored::default()
    };
    let mut bench = Bench::restored(Some(leader(1)), restored);
    bench.name("a", &a);
    assert_eq!(bench.input(Input::Work(true)), ["propose a", "check a"]);
    let steps = bench.checked(&a, Verdict::Valid);
    assert_eq!(steps, ["log a", "log P(1,a)", "P(1,a)"]);
}

#[test]
fn a_certified_block_without_work_gets_a_child_after_a_while() {
    let me = leader(2);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    assert_eq!(bench.machine.round(), 2);
    let wait = bench.machine.deadline().map_or(0, |due| due.0 - bench.now);
    assert!((2 * DELTA..4 * DELTA).contains(&wait), "{wait}");
    assert_eq!(bench.wait(wait), ["build 2 on a"]);
}

#[test]
#[should_panic(expected = "the chain built the block that was asked for")]
fn a_chain_that_builds_something_else_is_a_bug() {
    let mut bench = Bench::new(leader(1));
    bench.input(Input::Work(true));
    let other = chain::block(&genesis(), 1, leader(2), Justification::default(), vec![]);
    bench.input(Input::Built {
        round: 1,
        block: Some(other),
    });
}
