//! Gas reports and what changed between two snapshots.

use testkit::Change;

use crate::counter::{ask, world};

#[test]
fn gas_is_reported_by_method() {
    let (world, alice, [one, two]) = world(1);
    for _ in 0..3 {
        alice.call(one, "add", []).settle();
    }
    alice.call(one, "xplode", []).settle();
    alice.call(one, "q", ask(two, "add")).settle();
    let report = world.gas_report();
    let add = report.line("one", "add");
    assert_eq!((add.calls(), add.failed), (3, 0));
    assert!(add.least() > 10_000 && add.least() <= add.median() && add.median() <= add.most());
    assert_eq!(report.line("one", "xplode").failed, 1);
    assert_eq!(report.line("two", "add").calls(), 1);
    assert_eq!(report.line("one", "(deploy)").calls(), 1);
    assert_eq!(report.line("one", "(reply)").calls(), 1);
    let text = report.to_string();
    assert!(text.contains("xplode"), "{text}");
}

#[test]
fn a_snapshot_tells_what_changed() {
    let (world, alice, [one, two]) = world(1);
    alice.call(one, "add", []).settle();
    let before = world.snapshot();
    assert!(world.snapshot().since(&before).is_empty());
    alice.call(one, "add", []).value(50).settle();
    let diff = world.snapshot().since(&before);
    assert_eq!((diff.gained(one), diff.gained(two)), (50, 0));
    assert!(diff.gained(alice.id()) < -50);
    assert_eq!(diff.keys(one), [b"n"]);
    let slot = Change::Slot {
        account: one,
        key: b"n".to_vec(),
        before: Some(vec![1, 0, 0, 0]),
        after: Some(vec![2, 0, 0, 0]),
    };
    assert!(diff.changes.contains(&slot), "{diff}");
    assert!(
        diff.to_string().contains("one: \"n\" 01000000 → 02000000"),
        "{diff}"
    );
}

#[test]
fn a_handler_that_waits_is_seen() {
    let (world, alice, [one, two]) = world(1);
    let before = world.snapshot();
    world.hold(testkit::lane(2, 1));
    alice.call(one, "q", ask(two, "add")).settle();
    let waits = |waits| Change::Handler {
        account: one,
        waits,
    };
    let diff = world.snapshot().since(&before);
    assert!(diff.changes.contains(&waits(true)), "{diff}");
    let between = world.snapshot();
    world.release_all();
    world.settle();
    let diff = world.snapshot().since(&between);
    assert!(diff.changes.contains(&waits(false)), "{diff}");
}
