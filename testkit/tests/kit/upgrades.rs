//! Code that changes while something is under way.

use testkit::{Lane, Word, lane};
use types::FailureCode;

use crate::counter::{ask, louder, world};

/// Whichever kind of answer is on its way while the code is replaced: the new code's handler of
/// that name takes it.
#[test]
fn answers_find_their_handlers_in_the_code_that_there_is_then() {
    let kinds: [(&str, &str, Lane, &str, &[FailureCode]); 3] = [
        ("q", "add", lane(2, 1), "REPLY", &[]),
        (
            "q",
            "xplode",
            lane(2, 1),
            "BOUNCE",
            &[FailureCode::Rejected],
        ),
        ("t", "add", lane(1, 2), "TIMEOUT", &[FailureCode::Deadline]),
    ];
    for (how, method, held, handler, failures) in kinds {
        let (world, alice, [one, two]) = world(3);
        world.hold(held);
        let id = alice.call(one, how, ask(two, method)).send();
        world.settle();
        world.trace(id).assert(Word::Pending);
        let upgrade = alice.upgrade(one, &louder()).settle();
        upgrade.assert(Word::Settled);
        world.pass(4);
        world.release(held);
        world.settle();
        let trace = world.trace(id);
        assert_eq!(trace.failures(), failures, "{trace}");
        let topics: Vec<_> = trace.logs().into_iter().map(|(topic, _)| topic).collect();
        assert_eq!(topics, [handler], "{trace}");
    }
}
