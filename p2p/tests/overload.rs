//! Too much of everything: what is shed, what is refused, and that it is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{GENESIS, Kind, MESSAGES, Node, VOTES, bytes, config, seed, settle, start};
use p2p::{Event, LaneLimits, MemoryHub, NodeId, Protocol, Rate, RequestError};

const LANES: LaneLimits = LaneLimits {
    consensus: 4,
    anchors: 4,
    messages: 4,
    requests: 2,
    bytes: 64 << 20,
};

/// A client and a server with narrow lanes that has read nothing yet.
async fn narrow(kind: Kind) -> (Node, p2p::Network) {
    if kind == Kind::Memory {
        let hub = MemoryHub::default();
        let server = hub.join(NodeId::from_seed(&seed(1)), GENESIS, LANES);
        let client = hub.join(NodeId::from_seed(&seed(2)), GENESIS, LaneLimits::default());
        let mut client = Node::of(client).await;
        client.meet(server.id()).await;
        return (client, server);
    }
    let mut server = config(kind, 1);
    server.lanes = LANES;
    let server = start(server).await;
    let mut client = config(kind, 2);
    client.bootstrap = vec![server.addr.clone()];
    let mut client = start(client).await;
    client.meet(server.id).await;
    (client, server.network)
}

#[tokio::test]
async fn questions_beyond_the_lane_are_answered_busy() {
    for kind in [Kind::Memory, Kind::Tcp, Kind::Quic] {
        let (client, mut server) = narrow(kind).await;
        let ask = |n: u8| {
            client
                .handle
                .request(server.id(), Protocol::Status, vec![n].into())
        };
        let asked = futures::future::join_all((0..6).map(ask));
        let handle = server.handle();
        let serve = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            while let Some(event) = server.try_next() {
                if let Event::Request { ticket, bytes, .. } = event {
                    handle.answer(ticket, bytes).await.unwrap();
                }
            }
        };
        let (answers, ()) = tokio::join!(asked, serve);
        let busy = answers
            .iter()
            .filter(|answer| **answer == Err(RequestError::Busy))
            .count();
        let answered = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!((answered, busy), (2, 4), "{kind:?}");
        assert_eq!(handle.counters().shed_requests, 4, "{kind:?}");
    }
}

#[tokio::test]
async fn a_slow_reader_gets_the_newest_votes_and_the_first_messages() {
    for kind in [Kind::Memory, Kind::Tcp] {
        let (client, mut server) = narrow(kind).await;
        let handle = server.handle();
        handle.subscribe(VOTES).await.unwrap();
        handle.subscribe(MESSAGES).await.unwrap();
        settle().await;
        for number in 0..10 {
            for topic in [VOTES, MESSAGES] {
                client
                    .handle
                    .publish(topic, bytes(&number.to_string()))
                    .await
                    .unwrap();
            }
        }
        settle().await;
        let (mut votes, mut messages) = (Vec::new(), Vec::new());
        while let Some(event) = server.try_next() {
            match event {
                Event::Gossip {
                    topic: VOTES,
                    bytes,
                    ..
                } => votes.push(bytes),
                Event::Gossip { bytes, .. } => messages.push(bytes),
                _ => {}
            }
        }
        assert_eq!(votes, ["6", "7", "8", "9"], "{kind:?}");
        assert_eq!(messages, ["0", "1", "2", "3"], "{kind:?}");
        let counts = handle.counters();
        assert_eq!(
            (counts.shed_consensus, counts.shed_messages),
            (6, 6),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_peer_beyond_its_allowance_is_not_heard() {
    let mut server = config(Kind::Tcp, 1);
    server.rates.messages = Rate {
        messages: 5,
        bytes: 1 << 20,
    };
    let mut server = start(server).await;
    let mut client = config(Kind::Tcp, 2);
    client.bootstrap = vec![server.addr.clone()];
    let mut client = start(client).await;
    client.meet(server.id).await;
    for topic in [VOTES, MESSAGES] {
        server.handle.subscribe(topic).await.unwrap();
    }
    settle().await;
    for number in 0..100 {
        let text = number.to_string();
        client.handle.publish(MESSAGES, bytes(&text)).await.unwrap();
        client.handle.publish(VOTES, bytes(&text)).await.unwrap();
    }
    server.rest(Duration::from_millis(500)).await;
    let heard = |wanted| {
        let on = |e: &&Event| matches!(e, Event::Gossip { topic, .. } if *topic == wanted);
        server.seen.iter().filter(on).count()
    };
    assert!((10..20).contains(&heard(MESSAGES)), "{}", heard(MESSAGES));
    assert_eq!(heard(VOTES), 100, "an allowance for each kind");
    assert!(server.handle.counters().rate_limited >= 80);
    assert_eq!(server.handle.counters().bans, 0, "a burst is no crime");
}
