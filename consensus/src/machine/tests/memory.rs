//! What a restarted node must not forget. [W1] [W2]

use types::{Justification, VoteKind};

use super::bench::*;
use crate::chain::genesis;
use crate::{Input, Message, Restored, Verdict};

#[test]
fn a_restarted_node_repeats_its_votes_and_contradicts_none() {
    let me = leader(3);
    let a = first();
    let b = block_with(&genesis(), 1, Justification::default(), b"other");
    let own = vote(me, 1, VoteKind::Prepare, Some(a.header.hash()));
    let restored = Restored {
        votes: vec![own],
        blocks: vec![std::sync::Arc::new(a.clone())],
        ..Restored::default()
    };
    let mut bench = Bench::restored(Some(me), restored);
    bench.name("a", &a);
    bench.name("b", &b);
    assert_eq!(bench.input(Input::Tick), ["P(1,a)", "check a"]);
    assert_eq!(bench.propose(&b), ["check b"]);
    assert!(
        bench.checked(&b, Verdict::Valid).is_empty(),
        "prepared a before"
    );
    assert_eq!(bench.wait(TIMEOUT), ["log S(1,a)", "S(1,a)"]);
}

#[test]
fn a_restarted_node_that_skipped_neither_prepares_nor_confirms() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let restored = Restored {
        votes: vec![vote(me, 1, VoteKind::Skip, None)],
        ..Restored::default()
    };
    let mut bench = Bench::restored(Some(me), restored);
    bench.name("a", &a);
    bench.propose(&a);
    assert!(bench.checked(&a, Verdict::Valid).is_empty());
    let steps = bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    assert_eq!(steps, ["log PC(1,a)", "PC(1,a)"]);
}

#[test]
fn certificates_bring_a_restarted_node_back_to_its_round() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let restored = Restored {
        votes: vec![vote(me, 1, VoteKind::Prepare, Some(a.header.hash()))],
        certificates: vec![prepared(&a, &them), skipped(2, &them)],
        blocks: vec![std::sync::Arc::new(a)],
        last: None,
    };
    let bench = Bench::restored(Some(me), restored);
    assert_eq!(bench.machine.round(), 3);
}

#[test]
fn a_restarted_node_fetches_what_it_had_not_written_down() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let named = Restored {
        certificates: vec![prepared(&a, &them)],
        ..Restored::default()
    };
    let justification = Justification {
        parent: Some(prepared(&a, &them)),
        skips: Vec::new(),
    };
    let child = block_with(&a.header, 2, justification, b"child");
    let orphaned = Restored {
        blocks: vec![std::sync::Arc::new(child)],
        ..Restored::default()
    };
    for restored in [named, orphaned] {
        let mut bench = Bench::restored(Some(me), restored);
        bench.name("a", &a);
        let steps = bench.input(Input::Tick);
        assert!(steps.iter().any(|step| step == "fetch a"), "{steps:?}");
    }
}
