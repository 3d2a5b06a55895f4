//! Traces: words, trees, what code said.

use testkit::{Kind, Status, Word};
use types::FailureCode;

use crate::counter::{ask, world};

#[test]
fn words_tell_how_trees_end() {
    let (_, alice, [one, two]) = world(1);
    alice.call(one, "add", []).settle().assert(Word::Settled);
    alice
        .call(one, "xplode", [])
        .settle()
        .assert(Word::Refunded);
    let trace = alice.call(one, "q", ask(two, "xplode")).settle();
    trace.assert(Word::PartlyFailed);
    assert_eq!(trace.failures(), [FailureCode::Rejected]);
}

#[test]
fn a_tree_shows_every_hop() {
    let (_, alice, [one, two]) = world(1);
    let trace = alice.call(one, "q", ask(two, "xplode")).settle();
    let kinds: Vec<_> = trace.nodes().iter().map(|node| node.kind.clone()).collect();
    let rejected = FailureCode::Rejected;
    let call = |name: &str| Kind::Call(name.to_owned());
    assert_eq!(
        kinds[..4],
        [
            Kind::External,
            call("q"),
            call("xplode"),
            Kind::Bounce(rejected)
        ]
    );
    let exploded = trace.calls("xplode")[0];
    assert_eq!(exploded.status, Status::Failed(rejected));
    assert_eq!(
        (exploded.text.as_str(), exploded.block.unwrap().0.0),
        ("no more", 2)
    );
    let text = trace.to_string();
    assert!(text.contains("│  └─ ") || text.contains("   └─ "), "{text}");
    assert!(
        text.contains("xplode one → two: failed (Rejected) on chain 2"),
        "{text}"
    );
    assert!(text.ends_with("partly failed"), "{text}");
}

/// Step by step: to its sender's chain, over the lane, to its recipient, and what is left back.
#[test]
fn a_message_goes_hop_by_hop() {
    let (world, alice, [_, two]) = world(1);
    let id = alice.call(two, "add", []).send();
    let statuses = || -> Vec<_> {
        let trace = world.trace(id);
        trace.nodes().iter().map(|node| node.status).collect()
    };
    let mut seen = vec![statuses()];
    while world.step() {
        seen.push(statuses());
    }
    seen.dedup();
    let (done, travelling) = (Status::Done, Status::Travelling);
    assert_eq!(
        seen,
        [
            vec![Status::Waiting],
            vec![done, travelling],
            vec![done, done, travelling],
            vec![done; 3]
        ]
    );
}

#[test]
#[should_panic(expected = "not settled")]
fn an_assertion_that_fails_prints_the_tree() {
    let (_, alice, [one, _]) = world(1);
    alice.call(one, "xplode", []).settle().assert(Word::Settled);
}
