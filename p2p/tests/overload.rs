//! Too much of everything: what is shed, what is refused, and that it is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{GENESIS, Kind, MESSAGES, Node, VOTES, bytes, config, seed, settle, start};
use p2p::{Event, LaneLimits, MemoryHub, NodeId, Protocol, Rate, RequestError, Verdict};

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
    for number in 0..5 {
        let letter = bytes(&number.to_string());
        client
            .handle
            .direct(server.id, MESSAGES, letter)
            .await
            .unwrap();
    }
    server.rest(Duration::from_millis(300)).await;
    let direct = |e: &&Event| matches!(e, Event::Direct { .. });
    assert_eq!(
        server.seen.iter().filter(direct).count(),
        5,
        "and for what is sent to us alone"
    );
    assert!(server.handle.counters().rate_limited >= 80);
    assert_eq!(server.handle.counters().bans, 0, "a burst is no crime");
}

/// A node that knows only `hub`, with so much of an allowance for each peer.
async fn end(number: u8, hub: &mut Node, rate: Rate) -> Node {
    let mut config = config(Kind::Tcp, number);
    config.rates.messages = rate;
    let node = Node::end(config, hub).await;
    node.handle.subscribe(MESSAGES).await.unwrap();
    node
}

/// Accepts all that comes within `time`.
async fn pass_on(hub: &mut Node, time: Duration) {
    hub.forget();
    hub.rest(time).await;
    for event in std::mem::take(&mut hub.seen) {
        if let Event::Gossip { id, from, .. } = event {
            hub.handle.verdict(id, from, Verdict::Accept).await.unwrap();
        }
    }
}

/// Flooder and member – hub – end. The hub has room for all that it hears; the end has not.
#[tokio::test]
async fn p5_a_flood_harms_neither_who_passes_it_on_nor_other_authors() {
    let narrow = Rate {
        messages: 8,
        bytes: 1 << 20,
    };
    let mut hub = start(config(Kind::Tcp, 1)).await;
    hub.handle.subscribe(MESSAGES).await.unwrap();
    let flooder = end(2, &mut hub, narrow).await;
    let member = end(3, &mut hub, narrow).await;
    let mut far = end(4, &mut hub, narrow).await;
    far.handle.know(vec![member.id]).await.unwrap();
    hub.rest(Duration::from_millis(1500)).await;
    for number in 0..1500 {
        let text = bytes(&format!("flood {number}"));
        flooder.handle.publish(MESSAGES, text).await.unwrap();
        if number % 50 == 49 {
            pass_on(&mut hub, Duration::from_millis(20)).await;
        }
    }
    for number in 0..10 {
        let text = bytes(&format!("member {number}"));
        member.handle.publish(MESSAGES, text).await.unwrap();
    }
    pass_on(&mut hub, Duration::from_millis(300)).await;
    far.rest(Duration::from_millis(500)).await;
    let of = |wanted: NodeId| {
        let by = |e: &&Event| matches!(e, Event::Gossip { author, .. } if *author == wanted);
        far.seen.iter().filter(by).count()
    };
    assert_eq!(of(member.id), 10, "its allowance is its own");
    assert!((2..20).contains(&of(flooder.id)), "{}", of(flooder.id));
    let counts = far.handle.counters();
    assert!(counts.rate_limited > 1000, "{counts:?}");
    assert_eq!(counts.bans, 0, "whoever passed it on is not to blame");
}
