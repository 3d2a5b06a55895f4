//! What is prepared, what is skipped, what is fetched. [P1]–[P4] [B1]–[B3]

use types::{Block, Header, Justification, VoteKind};

use super::bench::*;
use crate::chain::genesis;
use crate::{Input, Message, Verdict};

#[test]
fn an_invalid_block_is_skipped_at_once() {
    let me = leader(3);
    let a = first();
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    assert_eq!(bench.propose(&a), ["check a"]);
    assert!(bench.checked(&a, Verdict::Later).is_empty());
    assert_eq!(
        bench.checked(&a, Verdict::Invalid),
        ["log S(1,-)", "S(1,-)"]
    );
}

#[test]
fn an_unwelcome_block_is_skipped_and_what_is_built_on_it_is_checked() {
    let me = leader(3);
    let a = first();
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    assert_eq!(bench.propose(&a), ["check a"]);
    assert_eq!(
        bench.checked(&a, Verdict::Unwelcome),
        ["log S(1,-)", "S(1,-)"]
    );
    // The others certify it all the same.
    let b = next(&a, &[0, 1, 2, 3]);
    bench.name("b", &b);
    let steps = bench.propose(&b);
    assert!(steps.contains(&"check b".to_owned()), "{steps:?}");
}

#[test]
fn nothing_is_prepared_after_a_skip() {
    let me = leader(3);
    let a = first();
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    assert_eq!(bench.wait(TIMEOUT), ["log S(1,-)", "S(1,-)"]);
    bench.propose(&a);
    assert!(bench.checked(&a, Verdict::Valid).is_empty());
}

#[test]
fn a_skip_declares_what_was_prepared() {
    let me = leader(3);
    let a = first();
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    assert_eq!(bench.wait(TIMEOUT), ["log S(1,a)", "S(1,a)"]);
    assert!(bench.wait(TIMEOUT).is_empty(), "once");
}

#[test]
fn a_leader_with_two_blocks_is_blamed_and_skipped() {
    let me = leader(3);
    let a = first();
    let b = block_with(&genesis(), 1, Justification::default(), b"other");
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.prepare(&a);
    let blame = format!("blame [{}]", leader(1));
    assert_eq!(bench.propose(&b), [&blame, "log S(1,a)", "S(1,a)"]);
    assert!(bench.propose(&b).is_empty());
    assert!(bench.propose(&a).is_empty());
}

#[test]
fn a_leader_that_skips_its_own_round_is_skipped() {
    let mut bench = Bench::new(leader(3));
    let steps = bench.vote(leader(1), 1, VoteKind::Skip, None);
    assert_eq!(steps, ["log S(1,-)", "S(1,-)"]);
}

#[test]
fn only_the_leader_proposes_and_signs() {
    let me = leader(3);
    let a = first();
    let mut bench = Bench::new(me);
    let usurped = Block {
        header: Header {
            proposer: leader(2),
            ..a.header.clone()
        },
        ..a.clone()
    };
    let steps = bench.say(leader(2), proposal(&usurped));
    assert_eq!(steps, ["penalize: not the leader of its round"]);
    let unsigned = Block {
        signature: crate::unsigned(),
        ..a
    };
    assert_eq!(bench.propose(&unsigned), ["penalize: wrong signature"]);
}

#[test]
fn a_proposal_may_be_brought_by_anyone() {
    let a = first();
    let mut bench = Bench::new(leader(3));
    bench.name("a", &a);
    assert_eq!(bench.say(leader(2), proposal(&a)), ["check a"]);
}

/// What the leader did not sign is no fault of the leader: a copy that was changed on its way is
/// the fault of whoever brings it, and the true one is prepared.
#[test]
fn a_proposal_that_was_changed_on_its_way_does_no_harm() {
    let me = leader(3);
    let a = block_with(&genesis(), 1, Justification::default(), b"body");
    let other_body = Block {
        body: b"evil".to_vec().into(),
        ..a.clone()
    };
    let short_body = Block {
        body: b"e".to_vec().into(),
        ..a.clone()
    };
    let other_justification = Block {
        justification: Justification {
            skips: vec![skipped(1, &others(me))],
            ..Justification::default()
        },
        ..a.clone()
    };
    for changed in [other_body, short_body, other_justification] {
        let mut bench = Bench::new(me);
        bench.name("a", &a);
        let steps = bench.say(leader(2), proposal(&changed));
        assert_eq!(steps, ["penalize: invalid proposal"]);
        assert_eq!(bench.propose(&a), ["check a"]);
        let steps = bench.checked(&a, Verdict::Valid);
        assert_eq!(steps, ["log a", "log P(1,a)", "P(1,a)"]);
    }
}

#[test]
fn every_round_between_needs_its_skip_certificate() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let parent = Some(prepared(&a, &them));
    let pinning = types::CertificateKind::Skip;
    let pinned = certificate(pinning, 2, &[(Some(a.header.hash()), &them)]);
    let table: Vec<(&str, Justification, bool)> = vec![
        (
            "complete",
            Justification {
                parent: parent.clone(),
                skips: vec![skipped(2, &them)],
            },
            true,
        ),
        (
            "round 2 is missing",
            Justification {
                parent: parent.clone(),
                skips: Vec::new(),
            },
            false,
        ),
        (
            "round 2 is pinned",
            Justification {
                parent: parent.clone(),
                skips: vec![pinned],
            },
            false,
        ),
        (
            "too few seats",
            Justification {
                parent: parent.clone(),
                skips: vec![skipped(2, &them[..2])],
            },
            false,
        ),
        (
            "no parent",
            Justification {
                parent: None,
                skips: vec![skipped(2, &them)],
            },
            false,
        ),
        (
            "a confirm certificate",
            Justification {
                parent: Some(confirmed(&a, &them)),
                skips: vec![skipped(2, &them)],
            },
            false,
        ),
        (
            "one too many",
            Justification {
                parent,
                skips: vec![skipped(2, &them), skipped(3, &them)],
            },
            false,
        ),
    ];
    for (name, justification, good) in table {
        let mut bench = Bench::new(me);
        bench.prepare(&a);
        bench.say(them[0], Message::Certificate(prepared(&a, &them)));
        bench.say(them[0], Message::Certificate(skipped(2, &them)));
        assert_eq!(bench.machine.round(), 3);
        let c = block(&a.header, 3, justification);
        bench.name("c", &c);
        let steps = bench.propose(&c);
        if good {
            assert_eq!(steps, ["check c"], "{name}");
        } else {
            let expected = ["penalize: invalid proposal", "log S(3,-)", "S(3,-)"];
            let (mut steps, mut expected) = (steps, expected.map(str::to_owned).to_vec());
            steps.sort();
            expected.sort();
            assert_eq!(steps, expected, "{name}");
        }
    }
}

#[test]
fn a_pinned_block_may_be_extended() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let hash = Some(a.header.hash());
    let pinning = certificate(
        types::CertificateKind::Skip,
        1,
        &[(hash, &them[..2]), (None, &them[2..])],
    );
    let justification = Justification {
        parent: Some(pinning),
        skips: Vec::new(),
    };
    let b = block(&a.header, 2, justification);
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.name("b", &b);
    // The proposal brings the certificate along, and with it the round; the parent is fetched.
    let steps = bench.propose(&b);
    assert_eq!(steps, ["log SC(1,a)", "SC(1,a)", "fetch a"]);
    assert_eq!(bench.machine.round(), 2);
    let blocks = vec![a.clone()];
    assert_eq!(bench.input(Input::Blocks { blocks }), ["check a"]);
    assert_eq!(bench.checked(&a, Verdict::Valid), ["check b"]);
    let steps = bench.checked(&b, Verdict::Valid);
    assert_eq!(steps, ["log b", "log P(2,b)", "P(2,b)"]);
}

#[test]
fn a_detached_body_is_fetched_from_the_leader() {
    let me = leader(3);
    let body = vec![5; 200];
    let a = block_with(&genesis(), 1, Justification::default(), &body);
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    let mut detached = a.clone();
    detached.body.clear();
    assert_eq!(bench.propose(&detached), ["fetch a"]);
    let mut false_body = a.clone();
    false_body.body = vec![6; 200].into();
    let blocks = vec![false_body];
    assert!(bench.input(Input::Blocks { blocks }).is_empty());
    assert_eq!(bench.wait(2 * DELTA), ["fetch a"], "again after a while");
    let blocks = vec![a.clone()];
    assert_eq!(bench.input(Input::Blocks { blocks }), ["check a"]);
    let unasked = next(&a, &others(me));
    let blocks = vec![unasked];
    assert!(bench.input(Input::Blocks { blocks }).is_empty());
}

#[test]
fn a_block_that_does_not_follow_its_parent_is_invalid() {
    let me = leader(3);
    let mut a = first();
    a.header.height = 2;
    let a = crate::chain::sign(a);
    let mut bench = Bench::new(me);
    assert_eq!(bench.propose(&a), ["log S(1,-)", "S(1,-)"]);
}
