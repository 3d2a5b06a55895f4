//! One suite for every way of joining nodes: what holds in memory holds over TCP and QUIC.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{GENESIS, Kind, MESSAGES, VOTES, World, bytes, is_gossip, settle};
use p2p::{
    CommandError, Event, MAX_ANSWER, MAX_DIRECT, MAX_GOSSIP, MAX_REQUEST, NodeId, Offence,
    Protocol, RequestError, Topic, TopicKind, Verdict,
};

/// Runs each scenario over every kind of network.
macro_rules! over_all {
    ($($name:ident),* $(,)?) => {
        mod memory { $( #[tokio::test] async fn $name() {
            super::$name(super::World::new(super::Kind::Memory)).await;
        } )* }
        mod tcp { $( #[tokio::test] async fn $name() {
            super::$name(super::World::new(super::Kind::Tcp)).await;
        } )* }
        mod quic { $( #[tokio::test] async fn $name() {
            super::$name(super::World::new(super::Kind::Quic)).await;
        } )* }
    };
}

over_all!(
    gossip_reaches_subscribers_only,
    a_repeat_is_dropped,
    a_copy_that_another_signs_displaces_nothing,
    the_largest_message_arrives_and_a_larger_one_is_refused,
    a_question_is_answered,
    a_question_to_nobody_fails,
    many_questions_at_once,
    who_has_left_is_not_answered,
    a_direct_message_reaches_one_subscriber,
    many_direct_messages_arrive_in_any_number,
    another_network_is_never_met,
    five_rejected_messages_are_a_ban,
    a_forger_is_cut_off_and_a_protected_one_is_not,
    leaving_is_noticed,
    a_closed_network_takes_no_commands,
);

async fn gossip_reaches_subscribers_only(world: World) {
    let mut nodes = world.mesh(4).await;
    for node in &nodes[1..3] {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    nodes[3].handle.subscribe(MESSAGES).await.unwrap();
    nodes[3]
        .handle
        .subscribe(Topic { chain: 2, ..VOTES })
        .await
        .unwrap();
    settle().await;
    nodes[0]
        .handle
        .publish(VOTES, bytes("a vote"))
        .await
        .unwrap();
    for node in &mut nodes[1..3] {
        let event = node.hear("a vote", Verdict::Accept).await;
        assert!(matches!(event, Event::Gossip { topic, .. } if topic == VOTES));
    }
    nodes[0].rest(Duration::from_millis(300)).await;
    nodes[3].rest(Duration::from_millis(300)).await;
    assert_eq!(nodes[0].heard("a vote"), 0, "not to oneself");
    assert_eq!(nodes[3].heard("a vote"), 0, "not to others");
    nodes[1].handle.unsubscribe(VOTES).await.unwrap();
    settle().await;
    nodes[0]
        .handle
        .publish(VOTES, bytes("the next"))
        .await
        .unwrap();
    nodes[2].hear("the next", Verdict::Accept).await;
    nodes[1].rest(Duration::from_millis(300)).await;
    assert_eq!(nodes[1].heard("the next"), 0);
}

async fn a_repeat_is_dropped(world: World) {
    let mut nodes = world.mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    nodes[1].handle.subscribe(MESSAGES).await.unwrap();
    settle().await;
    for topic in [VOTES, VOTES, MESSAGES, VOTES] {
        nodes[0]
            .handle
            .publish(topic, bytes("again"))
            .await
            .unwrap();
    }
    nodes[1].rest(Duration::from_millis(700)).await;
    assert_eq!(nodes[1].heard("again"), 2, "once on each topic");
}

/// About consensus one copy is enough, whoever signed it.
async fn a_copy_that_another_signs_displaces_nothing(world: World) {
    let mut nodes = world.mesh(3).await;
    let heard_of = |nodes: &[common::Node], wanted: Topic| {
        let on = |event: &&Event| matches!(event, Event::Gossip { topic, .. } if *topic == wanted);
        nodes[2].seen.iter().filter(on).count()
    };
    for topic in [VOTES, MESSAGES] {
        nodes[2].handle.subscribe(topic).await.unwrap();
        settle().await;
        for node in &nodes[..2] {
            node.handle.publish(topic, bytes("a copy")).await.unwrap();
        }
    }
    nodes[2].rest(Duration::from_millis(700)).await;
    assert_eq!(heard_of(&nodes, VOTES), 1);
    assert_eq!(heard_of(&nodes, MESSAGES), 2);
}

async fn the_largest_message_arrives_and_a_larger_one_is_refused(world: World) {
    let mut nodes = world.mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    settle().await;
    let of = |length: usize| p2p::Bytes::from(vec![5; length]);
    let (a, b) = (nodes[0].handle.clone(), nodes[1].id);
    a.publish(VOTES, of(MAX_GOSSIP)).await.unwrap();
    a.direct(b, VOTES, of(MAX_DIRECT)).await.unwrap();
    let whole =
        |event: &Event| matches!(event, Event::Gossip { bytes, .. } if bytes.len() == MAX_GOSSIP);
    nodes[1].until(whole).await;
    nodes[1]
        .until(|e| matches!(e, Event::Direct { bytes, .. } if bytes.len() == MAX_DIRECT))
        .await;
    let too_large = |bytes, most| Err(CommandError::TooLarge { bytes, most });
    assert_eq!(
        a.publish(VOTES, of(MAX_GOSSIP + 1)).await,
        too_large(MAX_GOSSIP + 1, MAX_GOSSIP)
    );
    assert_eq!(
        a.try_direct(b, VOTES, of(MAX_DIRECT + 1)),
        too_large(MAX_DIRECT + 1, MAX_DIRECT)
    );
    let asked = a.request(b, Protocol::Body, of(MAX_REQUEST + 1)).await;
    assert_eq!(
        asked,
        Err(RequestError::TooLarge {
            bytes: MAX_REQUEST + 1,
            most: MAX_REQUEST
        })
    );
    let answered = a.try_answer(p2p::Ticket(0), of(MAX_ANSWER + 1));
    assert_eq!(answered, too_large(MAX_ANSWER + 1, MAX_ANSWER));
}

async fn a_question_is_answered(world: World) {
    let mut nodes = world.mesh(2).await;
    let mut server = nodes.pop().unwrap();
    let (client, to) = (nodes[0].handle.clone(), server.id);
    for (protocol, length) in Protocol::ALL.into_iter().zip([1, MAX_ANSWER, 0, 1000]) {
        let (asked, ()) = tokio::join!(client.request(to, protocol, bytes("what?")), async {
            let event = server.until(|e| matches!(e, Event::Request { .. })).await;
            let Event::Request {
                from,
                protocol: about,
                bytes,
                ticket,
            } = event
            else {
                return;
            };
            assert_eq!(
                (from, about, &bytes[..]),
                (client.id(), protocol, &b"what?"[..])
            );
            server
                .handle
                .answer(ticket, vec![1; length].into())
                .await
                .unwrap();
            server.forget();
        });
        assert_eq!(asked.map(|answer| answer.len()), Ok(length), "{protocol:?}");
    }
}

async fn a_question_to_nobody_fails(world: World) {
    let nodes = world.mesh(1).await;
    let nobody = NodeId::from_seed(&[99; 32]);
    let asked = nodes[0]
        .handle
        .request(nobody, Protocol::Status, bytes("?"))
        .await;
    assert_eq!(asked, Err(RequestError::Unreachable));
    let oneself = nodes[0]
        .handle
        .request(nodes[0].id, Protocol::Status, bytes("?"))
        .await;
    assert_eq!(oneself, Err(RequestError::Unreachable));
}

async fn many_questions_at_once(world: World) {
    let mut nodes = world.mesh(2).await;
    let mut server = nodes.pop().unwrap();
    let ask = |n: u8| {
        nodes[0]
            .handle
            .request(server.id, Protocol::Status, vec![n].into())
    };
    let asked = futures::future::join_all((0..30).map(ask));
    let serve = async {
        for _ in 0..30 {
            let event = server.until(|e| matches!(e, Event::Request { .. })).await;
            server.forget();
            let Event::Request { bytes, ticket, .. } = event else {
                return;
            };
            server.handle.answer(ticket, bytes).await.unwrap();
        }
    };
    let (answers, ()) = tokio::join!(asked, serve);
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), vec![n as u8]);
    }
}

async fn who_has_left_is_not_answered(world: World) {
    let mut nodes = world.mesh(2).await;
    let mut server = nodes.pop().unwrap();
    let client = nodes.pop().unwrap();
    let (asker, id) = (client.handle.clone(), client.id);
    let leave = async {
        settle().await;
        client.network.shutdown().await;
        settle().await;
    };
    let asked = asker.request(server.id, Protocol::Status, bytes("?"));
    let (asked, ()) = tokio::join!(asked, leave);
    assert!(asked.is_err(), "{asked:?}");
    server.lose(id).await;
    server.rest(Duration::from_millis(300)).await;
    let asks = |event: &Event| matches!(event, Event::Request { .. });
    assert!(!server.seen.iter().any(asks), "{:?}", server.seen);
}

async fn a_direct_message_reaches_one_subscriber(world: World) {
    let mut nodes = world.mesh(3).await;
    for node in &nodes {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    settle().await;
    let (sender, to) = (nodes[0].id, nodes[1].id);
    nodes[0]
        .handle
        .direct(to, MESSAGES, bytes("unwanted"))
        .await
        .unwrap();
    nodes[0]
        .handle
        .direct(to, VOTES, bytes("for you"))
        .await
        .unwrap();
    let event = nodes[1].until(|e| matches!(e, Event::Direct { .. })).await;
    assert_eq!(
        event,
        Event::Direct {
            from: sender,
            topic: VOTES,
            bytes: bytes("for you")
        }
    );
    for node in &mut nodes[1..] {
        node.rest(Duration::from_millis(300)).await;
    }
    let direct = |events: &[Event]| {
        events
            .iter()
            .filter(|e| matches!(e, Event::Direct { .. }))
            .count()
    };
    assert_eq!((direct(&nodes[1].seen), direct(&nodes[2].seen)), (1, 0));
}

async fn many_direct_messages_arrive_in_any_number(world: World) {
    let mut nodes = world.mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    settle().await;
    for n in 0..300u32 {
        let bytes = n.to_be_bytes().to_vec().into();
        nodes[0]
            .handle
            .direct(nodes[1].id, VOTES, bytes)
            .await
            .unwrap();
    }
    let mut got = std::collections::BTreeSet::new();
    while got.len() < 300 {
        let event = nodes[1].until(|e| matches!(e, Event::Direct { .. })).await;
        nodes[1].forget();
        if let Event::Direct { bytes, .. } = event {
            assert!(got.insert(bytes), "once");
        }
    }
}

async fn another_network_is_never_met(world: World) {
    let mut ours = world.node(1, &[]).await;
    let mut theirs = world.node_of([8; 32], 2, &[&ours]).await;
    for node in [&ours, &theirs] {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    theirs.handle.dial(ours.addr.clone()).await.unwrap();
    theirs.rest(Duration::from_millis(1500)).await;
    theirs.handle.publish(VOTES, bytes("hello")).await.unwrap();
    theirs
        .handle
        .direct(ours.id, VOTES, bytes("hello"))
        .await
        .unwrap();
    let asked = theirs
        .handle
        .request(ours.id, Protocol::Status, bytes("?"))
        .await;
    assert!(
        matches!(
            asked,
            Err(RequestError::Unreachable | RequestError::Refused)
        ),
        "{asked:?}"
    );
    ours.rest(Duration::from_millis(500)).await;
    for node in [&ours, &theirs] {
        let other = |event: &Event| !matches!(event, Event::Listening { .. });
        assert!(!node.seen.iter().any(other), "{:?}", node.seen);
    }
    assert_ne!(GENESIS, [8; 32]);
}

async fn five_rejected_messages_are_a_ban(world: World) {
    let mut nodes = world.mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    settle().await;
    let bad = nodes[0].id;
    for number in 0..5 {
        let text = format!("nonsense {number}");
        nodes[0].handle.publish(VOTES, bytes(&text)).await.unwrap();
        nodes[1].hear(&text, Verdict::Reject).await;
    }
    nodes[1].lose(bad).await;
    assert_eq!(nodes[1].handle.counters().bans, 1);
}

async fn a_forger_is_cut_off_and_a_protected_one_is_not(world: World) {
    let mut nodes = world.mesh(3).await;
    let (friend, forger) = (nodes[1].id, nodes[2].id);
    nodes[0].handle.protect(vec![friend]).await.unwrap();
    for peer in [friend, friend, forger] {
        nodes[0]
            .handle
            .report(peer, Offence::Forgery)
            .await
            .unwrap();
    }
    nodes[0].lose(forger).await;
    let addr = nodes[0].addr.clone();
    nodes[2].handle.dial(addr).await.unwrap();
    nodes[2].rest(Duration::from_millis(1500)).await;
    nodes[0].forget();
    nodes[0].rest(Duration::from_millis(300)).await;
    assert!(
        !nodes[0]
            .seen
            .contains(&Event::PeerConnected { peer: forger }),
        "the ban holds"
    );
    nodes[0].handle.subscribe(VOTES).await.unwrap();
    nodes[1]
        .handle
        .direct(nodes[0].id, VOTES, bytes("still here"))
        .await
        .unwrap();
    nodes[0]
        .until(|e| matches!(e, Event::Direct { from, .. } if *from == friend))
        .await;
    nodes[1]
        .handle
        .publish(VOTES, bytes("aloud"))
        .await
        .unwrap();
    nodes[0].hear("aloud", Verdict::Accept).await;
}

async fn leaving_is_noticed(world: World) {
    let mut nodes = world.mesh(2).await;
    let leaver = nodes.pop().unwrap();
    let id = leaver.id;
    leaver.network.shutdown().await;
    nodes[0].lose(id).await;
    let asked = nodes[0]
        .handle
        .request(id, Protocol::Status, bytes("?"))
        .await;
    assert_eq!(asked, Err(RequestError::Unreachable));
}

async fn a_closed_network_takes_no_commands(world: World) {
    let node = world.node(1, &[]).await;
    let handle = node.handle.clone();
    node.network.shutdown().await;
    assert_eq!(handle.subscribe(VOTES).await, Err(CommandError::Closed));
    assert_eq!(
        handle.try_publish(VOTES, bytes("?")),
        Err(CommandError::Closed)
    );
    let asked = handle
        .request(handle.id(), Protocol::Status, bytes("?"))
        .await;
    assert_eq!(asked, Err(RequestError::Closed));
}

#[tokio::test]
async fn providers_are_found_in_memory() {
    let nodes = World::new(Kind::Memory).mesh(4).await;
    nodes[1].handle.provide(5).await.unwrap();
    nodes[3].handle.provide(5).await.unwrap();
    let mut expected = vec![nodes[1].id, nodes[3].id];
    expected.sort();
    assert_eq!(nodes[0].handle.find_providers(5).await, Ok(expected));
    assert_eq!(
        nodes[1].handle.find_providers(5).await,
        Ok(vec![nodes[3].id]),
        "not oneself"
    );
    assert_eq!(nodes[0].handle.find_providers(6).await, Ok(vec![]));
    let _ = (is_gossip, TopicKind::ALL);
}
