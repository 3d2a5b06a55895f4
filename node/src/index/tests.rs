//! Three real chains report, an index answers.

mod answers;
mod early;
mod proofs;
mod restart;
mod world;

use std::sync::Arc;

use store::MemoryDb;
use types::{ChainId, FailureCode, Input, MessageId};

use super::{Index, IndexLimits};
use crate::rpc::view::{Event, Level, MessageKind, NodeStatus, Trace, TraceNode, Word};
use world::{World, feed, nobody, splitter};

fn trace(index: &Index, id: &MessageId) -> Trace {
    index
        .trace(id, None)
        .unwrap()
        .expect("the message is known")
}

fn memory() -> Arc<MemoryDb> {
    Arc::new(MemoryDb::default())
}

fn only_child(node: &TraceNode) -> &TraceNode {
    assert_eq!(node.children.len(), 1, "{node:?}");
    &node.children[0]
}

#[test]
fn a_payment_on_one_chain_settles() {
    let mut world = World::new(1);
    let to = world.account(1, 1).id;
    let id = world.pay(1, 0, to);
    let found = trace(&world.index(), &id);
    assert_eq!((found.word, found.level), (Word::Settled, Level::Settled));
    assert_eq!(found.root.kind, MessageKind::Transfer);
    let credit = only_child(&found.root);
    assert_eq!(
        (credit.kind, credit.status),
        (MessageKind::Credit, NodeStatus::Done)
    );
    assert_eq!(credit.height, found.root.height, "both in one block");
    let levels = [
        Level::Proposed,
        Level::Early,
        Level::Committed,
        Level::Anchored,
        Level::RootFinal,
        Level::Settled,
    ];
    assert_eq!(found.latency_ms.keys().copied().collect::<Vec<_>>(), levels);
    let times: Vec<_> = found.latency_ms.values().collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(found.latency_ms[&Level::Committed] < found.latency_ms[&Level::RootFinal]);
    assert_eq!(
        found.latency_ms[&Level::RootFinal],
        found.latency_ms[&Level::Settled]
    );
}

#[test]
fn a_payment_to_another_chain_is_seen_on_its_way() {
    let mut world = World::new(2);
    let to = world.account(2, 1).id;
    let id = world.pay(1, 0, to);
    let mut index = world.empty(memory(), IndexLimits::default());
    let mut seen = Vec::new();
    for report in &world.reports {
        let told = feed(&mut index, report).unwrap();
        let Some(found) = index.trace(&id, None).unwrap() else {
            continue;
        };
        let child = found.root.children.first();
        let now = (
            found.word,
            found.level,
            child.map(|node| (node.status, node.level)),
        );
        if seen.last() != Some(&now) {
            assert!(
                told.contains(&Event::Trace(id)),
                "{now:?} came without an event"
            );
            seen.push(now);
        }
    }
    use Level::{Anchored, Committed, Early, Pending, Proposed, RootFinal, Settled};
    let waiting = Some((NodeStatus::Waiting, Pending));
    let travelling = Some((NodeStatus::Travelling, Pending));
    let done = |level| Some((NodeStatus::Done, level));
    let open = |level, child| (Word::Pending, level, child);
    let expected = [
        open(Pending, None),
        open(Proposed, waiting),
        open(Early, waiting),
        open(Committed, travelling),
        open(Anchored, travelling),
        open(RootFinal, travelling),
        open(RootFinal, done(Proposed)),
        open(RootFinal, done(Early)),
        open(RootFinal, done(Committed)),
        open(RootFinal, done(Anchored)),
        (Word::Settled, Settled, done(RootFinal)),
    ];
    // With a single validator a block may be early and final in one stroke.
    let expected = expected.into_iter().filter(|step| {
        let early = step.1 == Early || step.2.is_some_and(|(_, level)| level == Early);
        !early || seen.contains(step)
    });
    assert_eq!(seen, expected.collect::<Vec<_>>());
    let found = trace(&index, &id);
    assert!(found.latency_ms[&RootFinal] < found.latency_ms[&Settled]);
    let credit = only_child(&found.root);
    assert_eq!(
        (credit.chain, credit.value),
        (ChainId(2), types::Amount(10))
    );
    assert_eq!(
        trace(&index, &credit.id),
        found,
        "a relay message leads to its tree"
    );
}

#[test]
fn what_comes_back_whole_is_refunded() {
    let mut world = World::new(3);
    let transfer = world.pay(1, 0, nobody());
    let mut call = world.call(1, 1, world.account(2, 1).id);
    call.input = Input::Call {
        method: "sing".to_owned(),
        data: vec![1; 100],
    };
    let call = world.submit(call);
    world.pass(3_000);
    let index = world.index();
    let cases = [
        (transfer, FailureCode::NoSuchAccount),
        (call, FailureCode::NoCode),
    ];
    for (id, code) in cases {
        let found = trace(&index, &id);
        assert_eq!((found.word, found.level), (Word::Refunded, Level::Settled));
        let failed = only_child(&found.root);
        assert_eq!(failed.status, NodeStatus::Failed(code));
        let back = only_child(failed);
        assert_eq!(
            (back.kind, back.status),
            (MessageKind::Bounce, NodeStatus::Done)
        );
        assert_eq!(back.chain, ChainId(1));
    }
}

#[test]
fn what_comes_back_in_part_has_partly_failed() {
    let mut world = World::new(4);
    let mut call = world.call(1, 0, splitter());
    call.input = Input::Call {
        method: "split".to_owned(),
        data: Vec::new(),
    };
    let id = world.submit(call);
    world.pass(3_000);
    let found = trace(&world.index(), &id);
    assert_eq!(
        (found.word, found.level),
        (Word::PartlyFailed, Level::Settled)
    );
    let split = only_child(&found.root);
    let statuses: Vec<_> = split.children.iter().map(|n| (n.kind, n.status)).collect();
    let failed = NodeStatus::Failed(FailureCode::NoSuchAccount);
    assert!(
        statuses.contains(&(MessageKind::Credit, NodeStatus::Done)),
        "{statuses:?}"
    );
    assert!(
        statuses.contains(&(MessageKind::Credit, failed)),
        "{statuses:?}"
    );
    assert!(
        statuses.contains(&(MessageKind::Refund, NodeStatus::Done)),
        "{statuses:?}"
    );
}

#[test]
fn payments_to_and_from_the_root_settle() {
    let mut world = World::new(5);
    let (root, second) = (world.account(0, 1).id, world.account(2, 1).id);
    let to_root = world.pay(1, 0, root);
    let from_root = world.pay(0, 0, second);
    let index = world.index();
    for id in [to_root, from_root] {
        let found = trace(&index, &id);
        assert_eq!(found.word, Word::Settled, "{found:?}");
        assert_eq!(only_child(&found.root).level, Level::RootFinal);
    }
    let found = trace(&index, &from_root);
    assert_eq!(
        found.latency_ms[&Level::Committed],
        found.latency_ms[&Level::RootFinal]
    );
}

#[test]
fn what_waits_too_long_expires_unspent() {
    let mut world = World::new(6);
    let far = world.account(1, 1).id;
    let mut call = world.call(1, 5, far);
    call.expiry = 3;
    let id = world.submit(call);
    let waiting = trace(&world.index(), &id);
    assert_eq!(
        (waiting.word, waiting.level),
        (Word::Pending, Level::Pending)
    );
    for nonce in 0..5 {
        world.pay(2, nonce, far);
    }
    let found = trace(&world.index(), &id);
    assert_eq!(
        (found.word, found.root.status),
        (Word::Refunded, NodeStatus::Expired)
    );
}

#[test]
fn pending_messages_have_room_for_bytes_and_those_refused_leave() {
    let mut world = World::new(7);
    let to = world.account(2, 1).id;
    let calls: Vec<_> = (3..6).map(|nonce| world.call(1, nonce, to)).collect();
    let bytes = borsh::object_length(&calls[0]).unwrap();
    let ids: Vec<_> = calls.into_iter().map(|call| world.submit(call)).collect();
    let limits = IndexLimits {
        pending_bytes: 2 * bytes,
        ..IndexLimits::default()
    };
    let mut index = world.empty(memory(), limits);
    world::feed_all(&mut index, &world.reports);
    let held = |index: &Index| {
        let found = ids.iter().map(|id| index.trace(id, None).unwrap());
        found.map(|found| found.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(held(&index), [false, true, true], "the oldest goes");
    assert_eq!(index.refused(&ids[1]).len(), 1);
    assert_eq!(held(&index), [false, false, true]);
    assert!(index.refused(&ids[1]).is_empty());
    // A copy with another signature is refused: the one that was not stays.
    let again = |(_, told): &&world::Report| matches!(told, world::Told::Submitted(_));
    let last = world.reports.iter().rfind(again).cloned();
    world::feed_all(&mut index, &[last.unwrap()]);
    assert!(index.refused(&ids[2]).is_empty());
    assert_eq!(held(&index), [false, false, true]);
}

#[test]
fn caps_hold() {
    let mut world = World::new(7);
    let to = world.account(2, 1).id;
    let first = world.submit(world.call(1, 3, to));
    let second = world.submit(world.call(1, 4, to));
    let settled = world.pay(1, 0, to);
    let limits = IndexLimits {
        pending: 1,
        pending_bytes: usize::MAX,
        candidates: 1,
        cache_bytes: 0,
        trace_messages: 1,
    };
    let mut index = world.empty(memory(), limits);
    let told = |(_, told): &world::Report| matches!(told, world::Told::Submitted(_));
    let handed_in = world.reports.iter().position(told).unwrap();
    world::feed_all(&mut index, &world.reports[..=handed_in]);
    assert_eq!(
        index.trace(&first, None).unwrap().map(|found| found.word),
        Some(Word::Pending)
    );
    world::feed_all(&mut index, &world.reports);
    assert_eq!(index.trace(&first, None).unwrap(), None, "the oldest goes");
    assert_eq!(index.trace(&second, None).unwrap(), None);
    let cut = trace(&index, &settled);
    assert_eq!((cut.word, cut.root.children.len()), (Word::Pending, 0));
}
