//! Votes and the certificates they make. [V1]–[V4] [C1] [C2]

use types::VoteKind::{Confirm, Prepare, Skip};

use super::bench::*;
use crate::Message;
use crate::chain::node;
use crate::{Fault, Input, Restored};

#[test]
fn a_quorum_of_prepares_is_confirmed_and_ends_the_round() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    assert_eq!(bench.propose(&a), ["check a"]);
    let steps = bench.checked(&a, crate::Verdict::Valid);
    assert_eq!(steps, ["log a", "log P(1,a)", "P(1,a)"]);
    assert!(bench.vote(them[0], 1, Prepare, Some(&a)).is_empty());
    let steps = bench.vote(them[1], 1, Prepare, Some(&a));
    assert_eq!(steps, ["log PC(1,a)", "PC(1,a)", "log C(1,a)", "C(1,a)"]);
    assert_eq!(bench.machine.round(), 2);
    // The last prepare makes it early; nothing else happens twice.
    assert_eq!(bench.vote(them[2], 1, Prepare, Some(&a)), ["early a by 4"]);
    assert!(bench.vote(them[0], 1, Confirm, Some(&a)).is_empty());
    let steps = bench.vote(them[1], 1, Confirm, Some(&a));
    assert_eq!(steps, ["log CC(1,a)", "CC(1,a)", "final a"]);
    assert!(bench.vote(them[2], 1, Confirm, Some(&a)).is_empty());
}

#[test]
fn a_prepare_certificate_is_not_confirmed_after_a_skip() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    assert_eq!(bench.wait(TIMEOUT), ["log S(1,-)", "S(1,-)"]);
    let steps = bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    assert_eq!(steps, ["log PC(1,a)", "PC(1,a)"]);
    assert_eq!(bench.machine.round(), 2);
}

#[test]
fn a_late_prepare_certificate_is_confirmed_unless_skipped() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    let steps = bench.say(them[0], Message::Certificate(skipped(1, &them)));
    assert_eq!(steps, ["log SC(1,-)", "SC(1,-)"]);
    assert_eq!(bench.machine.round(), 2);
    // Three signed both: that convicts them, and this node may still confirm.
    let steps = bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    let convicted = format!("blame {them:?}");
    assert_eq!(
        steps,
        [&convicted, "log PC(1,a)", "PC(1,a)", "log C(1,a)", "C(1,a)"]
    );
}

#[test]
fn skips_make_a_certificate_that_pins_or_not() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    // (what the three others declare, what the certificate pins): pinned from m - f = 2 on.
    for (declared, pins) in [
        ([None, None, None], "-"),
        ([Some(&a), None, None], "-"),
        ([Some(&a), Some(&a), None], "a"),
        ([Some(&a), Some(&a), Some(&a)], "a"),
    ] {
        let mut bench = Bench::new(me);
        bench.name("a", &a);
        assert!(bench.vote(them[0], 1, Skip, declared[0]).len() <= 2);
        assert!(bench.vote(them[1], 1, Skip, declared[1]).len() <= 2);
        let steps = bench.vote(them[2], 1, Skip, declared[2]);
        let text = format!("SC(1,{pins})");
        assert!(steps.contains(&text), "{declared:?}: {steps:?}");
        assert_eq!(bench.machine.round(), 2);
    }
}

#[test]
fn fewer_than_a_quorum_is_nothing() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    for kind in [Prepare, Confirm] {
        for member in &them[..2] {
            assert!(bench.vote(*member, 1, kind, Some(&a)).is_empty());
        }
    }
    assert_eq!(bench.machine.round(), 1);
    let short = Message::Certificate(prepared(&a, &them[..2]));
    let steps = bench.say(them[0], short);
    assert_eq!(
        steps,
        ["penalize: bad certificate: certificate of 2 seats, 3 needed"]
    );
}

#[test]
fn only_the_member_sends_its_vote() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    let vote = vote(them[0], 1, Prepare, Some(a.header.hash()));
    let steps = bench.say(them[1], Message::Vote(vote));
    assert_eq!(steps, [format!("penalize: {}", Fault::NotTheSigner)]);
    let mut foreign = vote;
    foreign.epoch += 1;
    let steps = bench.say(them[0], Message::Vote(foreign));
    assert_eq!(steps, [format!("penalize: {}", Fault::OtherCommittee)]);
    let blank = super::bench::vote(them[0], 1, Confirm, None);
    let steps = bench.say(them[0], Message::Vote(blank));
    assert_eq!(steps, [format!("penalize: {}", Fault::Malformed)]);
}

#[test]
fn a_forged_vote_is_found_when_it_matters_and_counts_no_more() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.name("a", &a);
    let mut forged = vote(them[0], 7, Prepare, Some(a.header.hash()));
    forged.round = 1;
    assert!(bench.say(them[0], Message::Vote(forged)).is_empty());
    assert!(bench.vote(them[1], 1, Prepare, Some(&a)).is_empty());
    let steps = bench.vote(them[2], 1, Prepare, Some(&a));
    assert_eq!(steps, ["penalize: wrong signature"]);
    assert!(bench.say(them[0], Message::Vote(forged)).is_empty());
    assert_eq!(bench.machine.round(), 1);
    // The own vote completes the quorum.
    let steps = bench.prepare(&a);
    assert!(steps.contains(&"PC(1,a)".to_owned()), "{steps:?}");
}

#[test]
fn what_is_certified_is_not_verified_again() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    let good = prepared(&a, &them);
    bench.say(them[0], Message::Certificate(good.clone()));
    let mut bad = good;
    bad.signature = skipped(1, &them).signature;
    // Dropped before its pairing, or it would be penalized.
    assert!(
        bench
            .say(them[0], Message::Certificate(bad.clone()))
            .is_empty()
    );
    bad.round = 2;
    let steps = bench.say(them[0], Message::Certificate(bad));
    assert_eq!(
        steps,
        ["penalize: bad certificate: certificate signature is wrong"]
    );
}

/// [V4] It is not held, so only the blame tells that it was verified.
#[test]
fn what_contradicts_a_certificate_is_verified_until_its_liars_are_blamed() {
    let me = leader(4);
    let (a, them) = (first(), others(me));
    let rival = block_with(&crate::chain::genesis(), 1, Default::default(), b"other");
    let blame = [format!("blame {them:?}")];
    for is_final in [false, true] {
        let mut bench = Bench::new(me);
        bench.prepare(&a);
        bench.say(them[0], Message::Certificate(prepared(&a, &them)));
        if is_final {
            bench.say(them[0], final_by(&a, &them));
        }
        let bad = prepared(&rival, &them);
        assert_eq!(bench.say(9, Message::Certificate(bad.clone())), blame);
        assert!(bench.say(9, Message::Certificate(bad.clone())).is_empty());
        let mut forged = bad;
        forged.signature = skipped(1, &them).signature;
        // Dropped before its pairing, or it would be penalized.
        assert!(bench.say(9, Message::Certificate(forged)).is_empty());
    }
}

/// A member that no certificate shows may be shown by its own vote.
#[test]
fn what_contradicts_a_vote_is_verified_though_the_certificate_shows_nobody_new() {
    let a = first();
    let rival = block_with(&crate::chain::genesis(), 1, Default::default(), b"other");
    let mut bench = Bench::restored(None, Restored::default());
    bench.say(0, Message::Certificate(prepared(&a, &[0, 1, 2])));
    bench.vote(3, 1, Skip, None);
    let of = |members: &[u16]| Message::Certificate(prepared(&rival, members));
    assert_eq!(bench.say(9, of(&[0, 1, 2])), ["blame [0, 1, 2]"]);
    assert_eq!(bench.say(9, of(&[1, 2, 3])), ["blame [3]"]);
    assert!(bench.say(9, of(&[1, 2, 3])).is_empty());
}

#[test]
fn votes_that_clash_are_blamed_whichever_comes_first() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let b = block_with(&crate::chain::genesis(), 1, Default::default(), b"other");
    let liar = them[0];
    let table = [
        ((Prepare, Some(&a)), (Prepare, Some(&b)), true),
        ((Skip, None), (Skip, Some(&a)), true),
        ((Prepare, Some(&a)), (Skip, Some(&b)), true),
        ((Prepare, Some(&a)), (Skip, None), true),
        ((Prepare, Some(&a)), (Skip, Some(&a)), false),
        ((Confirm, Some(&a)), (Skip, Some(&a)), true),
        ((Confirm, Some(&a)), (Confirm, Some(&b)), true),
        ((Prepare, Some(&a)), (Confirm, Some(&b)), false),
    ];
    for (one, other, lies) in table {
        for ((kind, value), (kind2, value2)) in [(one, other), (other, one)] {
            let mut bench = Bench::new(me);
            bench.vote(liar, 1, kind, value);
            let steps = bench.vote(liar, 1, kind2, value2);
            let blamed = steps.contains(&format!("blame [{liar}]"));
            assert_eq!(blamed, lies, "{kind:?} {kind2:?}: {steps:?}");
        }
    }
}

#[test]
fn a_vote_against_a_signed_certificate_is_blamed() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::new(me);
    bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    let steps = bench.vote(them[1], 1, Skip, None);
    assert_eq!(steps, [format!("blame [{}]", them[1])]);
    // Nobody is blamed twice for a round.
    assert!(bench.vote(them[1], 1, Skip, Some(&a)).is_empty());
    assert_ne!(node(me), node(them[1]));
}

#[test]
fn a_quiet_member_follows_and_signs_nothing_until_its_time() {
    let me = leader(3);
    let (a, them) = (first(), others(me));
    let mut bench = Bench::quiet(me, crate::Restored::default(), 5_000);
    bench.name("a", &a);
    bench.input(Input::Work(true));
    assert_eq!(bench.propose(&a), ["check a"]);
    assert!(bench.checked(&a, crate::Verdict::Valid).is_empty());
    assert!(bench.wait(TIMEOUT).is_empty());
    let steps = bench.say(them[0], Message::Certificate(prepared(&a, &them)));
    assert_eq!(steps, ["log PC(1,a)", "PC(1,a)"]);
    // Round 3 is its own to lead, and it does not.
    bench.say(them[0], Message::Certificate(skipped(2, &them)));
    assert_eq!((bench.machine.round(), bench.wait(100)), (3, Vec::new()));
    let due = bench.machine.deadline().unwrap();
    assert!(due.0 <= 5_000, "{due:?}");
    let steps = bench.wait(5_000 - bench.now);
    assert!(
        steps.iter().any(|step| step.starts_with("build")),
        "{steps:?}"
    );
}

#[test]
fn a_quiet_member_still_repeats_what_it_had_signed() {
    let me = leader(3);
    let restored = crate::Restored {
        votes: vec![vote(me, 1, Skip, None)],
        ..crate::Restored::default()
    };
    let mut bench = Bench::quiet(me, restored, 5_000);
    assert_eq!(bench.wait(0), ["S(1,-)"]);
}
