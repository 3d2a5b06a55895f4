//! What can go wrong on lanes, at receivers, and with time.

use testkit::{Word, lane};
use types::FailureCode;

use crate::counter::{ask, count, world};

#[test]
fn a_held_lane_delivers_nothing_until_released() {
    let (world, alice, [_, two]) = world(2);
    world.hold(lane(1, 2));
    let id = alice.call(two, "add", []).send();
    world.settle();
    world.trace(id).assert(Word::Pending);
    assert_eq!((world.on_lane(lane(1, 2)), count(&world, two)), (1, 0));
    world.release(lane(1, 2));
    world.settle();
    world.trace(id).assert(Word::Settled);
    assert_eq!(count(&world, two), 1);
}

#[test]
fn one_lane_alone_delivers() {
    let world = testkit::World::new(3);
    let [a, b, c] = [1, 2, 3].map(|chain| world.user(chain, 1_000_000));
    world.deliver_only(lane(1, 3));
    let (from_a, from_b) = (a.pay(c.id(), 1), b.pay(c.id(), 2));
    world.settle();
    world.trace(from_a).assert(Word::Settled);
    world.trace(from_b).assert(Word::Pending);
    world.release_all();
    world.settle();
    world.trace(from_b).assert(Word::Settled);
}

/// Two messages to one account from two chains: whichever lane is let through first wins.
#[test]
fn lanes_overtake_one_another() {
    for first in [0, 1] {
        let (world, alice, [one, two]) = world(3);
        let bob = world.user(2, crate::counter::FUNDS);
        let lanes = [lane(1, 0), lane(2, 0)];
        let root = alice.deploy(&crate::counter::code()).on(0);
        lanes.iter().for_each(|lane| world.hold(*lane));
        let sent = [alice.call(root, "add", []), bob.call(root, "add", [])].map(|call| call.send());
        world.settle();
        for at in [first, 1 - first] {
            assert!(world.deliver(lanes[at]));
            world.block(0);
        }
        world.release_all();
        world.settle();
        let answer = |at: usize| world.trace(sent[at]).calls("add")[0].answer[0];
        assert_eq!([answer(first), answer(1 - first)], [1, 2]);
        assert_eq!([count(&world, one), count(&world, two)], [0, 0]);
    }
}

/// Root heights that a call to chain 2 takes.
fn heights(prepare: impl FnOnce(&testkit::World)) -> u64 {
    let (world, alice, [_, two]) = world(4);
    prepare(&world);
    let before = world.root_height();
    let id = alice.call(two, "add", []).send();
    while world
        .trace(id)
        .calls("add")
        .iter()
        .all(|call| call.block.is_none())
    {
        assert!(world.step());
    }
    world.root_height() - before
}

#[test]
fn delays_and_lost_proofs_take_root_heights() {
    let usual = heights(|_| {});
    assert_eq!(usual, 1);
    assert_eq!(heights(|world| world.delay(lane(1, 2), 5)), 6);
    assert_eq!(heights(|world| world.withhold(lane(1, 2), 9)), 10);
    assert_eq!(heights(|world| world.delay(lane(2, 1), 5)), 1);
}

#[test]
fn the_kth_call_of_a_receiver_fails() {
    let (world, alice, [_, two]) = world(5);
    world.refuse(two, 3);
    let mut words = Vec::new();
    for _ in 0..5 {
        words.push(alice.call(two, "add", []).value(7).settle().word());
    }
    let settled = Word::Settled;
    assert_eq!(words, [settled, settled, Word::Refunded, settled, settled]);
    assert_eq!(count(&world, two), 4);
}

#[test]
fn a_refused_call_comes_back_to_the_handler_of_bounces() {
    let (world, alice, [one, two]) = world(6);
    world.fail(two, 1, FailureCode::OutOfGas);
    let trace = alice.call(one, "q", ask(two, "add")).settle();
    trace.assert(Word::PartlyFailed);
    assert_eq!(trace.failures(), [FailureCode::OutOfGas]);
    let told = ("bounce".to_owned(), vec![FailureCode::OutOfGas as u8]);
    assert_eq!(trace.logs(), [told]);
    assert_eq!(count(&world, two), 0);
    let trace = alice.call(one, "q", ask(two, "add")).settle();
    trace.assert(Word::Settled);
    assert_eq!(trace.logs(), [("reply".to_owned(), vec![1, 0, 0, 0])]);
}

/// The call waits on its lane while the root rises above its deadline; then it is refused there,
/// and the sender's handler of time-outs runs.
#[test]
fn a_deadline_expires() {
    let (world, alice, [one, two]) = world(7);
    world.hold(lane(1, 2));
    let id = alice.call(one, "t", ask(two, "add")).send();
    world.settle();
    world.pass(4);
    world.release(lane(1, 2));
    world.settle();
    let trace = world.trace(id);
    trace.assert(Word::PartlyFailed);
    assert_eq!(trace.failures(), [FailureCode::Deadline]);
    assert_eq!(trace.logs(), [("timeout".to_owned(), Vec::new())]);
    assert_eq!(count(&world, two), 0);
}

/// Without a deadline of its own a message has that of the protocol.
#[test]
fn everything_expires_at_last() {
    let (world, alice, [_, two]) = world(8);
    world.hold(lane(1, 2));
    let before = alice.balance();
    let id = alice.call(two, "add", []).value(1_000).send();
    world.settle();
    world.expire();
    world.release_all();
    world.settle();
    world.trace(id).assert(Word::Refunded);
    let fees = before - alice.balance();
    assert!(fees < 100_000, "the value came back: {fees} are lost");
}

#[test]
fn each_epoch_has_a_seed_of_its_own() {
    let (world, alice, [one, two]) = world(9);
    let seed = |counter| {
        let trace = alice.call(counter, "seed", []).settle();
        trace.assert(Word::Settled);
        trace.calls("seed")[0].answer.clone()
    };
    let first = seed(one);
    assert_eq!(seed(two), first);
    world.cross_epoch();
    assert_ne!(seed(one), first);
    assert_eq!(seed(two), seed(one));
}
