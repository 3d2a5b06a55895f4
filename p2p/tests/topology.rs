//! What only shows when nodes are not all connected to all: forwarding, discovery, limits, return.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use common::{Kind, Node, VOTES, World, bytes, config, settle, start};
use p2p::{Protocol, Verdict};

/// A – B – C: A and C know only B, and may open no connection besides.
async fn line() -> [Node; 3] {
    let mut b = start(config(Kind::Tcp, 2)).await;
    let a = Node::end(config(Kind::Tcp, 1), &mut b).await;
    let c = Node::end(config(Kind::Tcp, 3), &mut b).await;
    for node in [&a, &b, &c] {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    [a, b, c]
}

#[tokio::test]
async fn only_what_is_accepted_is_forwarded() {
    let [a, mut b, mut c] = line().await;
    a.handle.publish(VOTES, bytes("bad")).await.unwrap();
    b.hear("bad", Verdict::Reject).await;
    a.handle.publish(VOTES, bytes("odd")).await.unwrap();
    b.hear("odd", Verdict::Ignore).await;
    a.handle.publish(VOTES, bytes("unjudged")).await.unwrap();
    b.until(|event| common::is_gossip(event, "unjudged")).await;
    a.handle.publish(VOTES, bytes("good")).await.unwrap();
    b.hear("good", Verdict::Accept).await;
    let event = c.hear("good", Verdict::Accept).await;
    assert!(
        matches!(event, p2p::Event::Gossip { from, author, .. } if (from, author) == (b.id, a.id)),
        "handed on by B, said by A"
    );
    c.rest(Duration::from_secs(3)).await;
    for text in ["bad", "odd", "unjudged"] {
        assert_eq!(c.heard(text), 0, "{text}");
    }
}

#[tokio::test]
async fn a_message_crosses_loopback_in_milliseconds() {
    let mut nodes = World::new(Kind::Tcp).mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    settle().await;
    let mut times = Vec::new();
    for number in 0..20 {
        let text = format!("vote {number}");
        let before = tokio::time::Instant::now();
        nodes[0].handle.publish(VOTES, bytes(&text)).await.unwrap();
        nodes[1].hear(&text, Verdict::Accept).await;
        times.push(before.elapsed());
    }
    times.sort();
    eprintln!("publish to receive, median of 20: {:?}", times[10]);
    assert!(times[10] < Duration::from_millis(50), "{times:?}");
}

/// Six nodes that know only the first. A provider is found by one that never met it.
#[tokio::test]
async fn providers_are_found_through_kademlia() {
    for kind in [Kind::Tcp, Kind::Quic] {
        let world = World::new(kind);
        let hub = world.node(1, &[]).await;
        let mut nodes = Vec::new();
        for number in 2..=6 {
            let mut node = world.node(number, &[&hub]).await;
            node.meet(hub.id).await;
            nodes.push(node);
        }
        settle().await;
        nodes[0].handle.provide(5).await.unwrap();
        nodes[1].handle.provide(6).await.unwrap();
        let searcher = nodes.pop().unwrap();
        let mut found = Vec::new();
        for _ in 0..20 {
            found = searcher.handle.find_providers(5).await.unwrap();
            if !found.is_empty() {
                break;
            }
            settle().await;
        }
        assert_eq!(found, [nodes[0].id], "{kind:?}");
        let chainless = searcher.handle.find_providers(4000).await.unwrap();
        assert_eq!(chainless, []);
    }
}

#[tokio::test]
async fn a_node_is_asked_by_its_name_alone_after_discovery() {
    let world = World::new(Kind::Tcp);
    let hub = world.node(1, &[]).await;
    let mut server = world.node(2, &[&hub]).await;
    let mut client = world.node(3, &[&hub]).await;
    server.meet(hub.id).await;
    client.meet(hub.id).await;
    client.handle.protect(vec![server.id]).await.unwrap();
    client.meet(server.id).await;
    let to = server.id;
    let serve = async {
        let event = server
            .until(|e| matches!(e, p2p::Event::Request { .. }))
            .await;
        let p2p::Event::Request { ticket, .. } = event else {
            return;
        };
        server.handle.answer(ticket, bytes("yes")).await.unwrap();
    };
    let (answer, ()) = tokio::join!(
        client.handle.request(to, Protocol::Status, bytes("?")),
        serve
    );
    assert_eq!(answer, Ok(bytes("yes")));
}

#[tokio::test]
async fn connections_are_limited_and_committee_members_still_get_in() {
    let mut limited = config(Kind::Tcp, 1);
    limited.connections.inbound = 2;
    let mut hub = start(limited).await;
    let mut guests = Vec::new();
    for number in 2..=5 {
        // Guests keep to themselves: none dials another.
        let mut config = config(Kind::Tcp, number);
        config.bootstrap = vec![hub.addr.clone()];
        config.connections.outbound = 1;
        guests.push(start(config).await);
        hub.rest(Duration::from_millis(300)).await;
    }
    hub.rest(Duration::from_millis(700)).await;
    let present = |hub: &Node| {
        let came = hub
            .seen
            .iter()
            .filter(|e| matches!(e, p2p::Event::PeerConnected { .. }));
        let left = hub
            .seen
            .iter()
            .filter(|e| matches!(e, p2p::Event::PeerDisconnected { .. }));
        came.count() - left.count()
    };
    assert_eq!(present(&hub), 2, "{:?}", hub.seen);
    assert!(hub.handle.counters().denied >= 2);
    hub.handle.protect(vec![guests[3].id]).await.unwrap();
    hub.meet(guests[3].id).await;
    assert_eq!(present(&hub), 3);
}

/// A node that reaches out to one other at most has room for all who come.
#[tokio::test]
async fn p7_who_comes_takes_no_place_out() {
    let mut narrow = config(Kind::Tcp, 1);
    narrow.connections.outbound = 1;
    let mut hub = start(narrow).await;
    let mut guests = Vec::new();
    for number in 2..=4 {
        let mut config = config(Kind::Tcp, number);
        config.bootstrap = vec![hub.addr.clone()];
        config.connections.outbound = 1;
        // Nobody can dial them, so none of their connections is the hub's.
        config.listen.clear();
        guests.push(p2p::start(config).unwrap());
    }
    for guest in &guests {
        hub.meet(guest.id()).await;
    }
    hub.rest(Duration::from_millis(2500)).await;
    let left = |event: &p2p::Event| matches!(event, p2p::Event::PeerDisconnected { .. });
    assert!(!hub.seen.iter().any(left), "{:?}", hub.seen);
}

/// A node with one place out has two friends. What is beyond its places is closed each second.
#[tokio::test]
async fn p9_friends_cost_no_stranger_its_place() {
    let mut friends = Vec::new();
    for number in [2, 3] {
        friends.push(start(config(Kind::Tcp, number)).await);
    }
    let stranger = start(config(Kind::Tcp, 4)).await;
    let mut narrow = config(Kind::Tcp, 1);
    narrow.connections.outbound = 1;
    narrow.bootstrap = friends.iter().map(|friend| friend.addr.clone()).collect();
    let mut node = start(narrow).await;
    for friend in &friends {
        node.meet(friend.id).await;
    }
    node.handle.dial(stranger.addr.clone()).await.unwrap();
    node.meet(stranger.id).await;
    node.rest(Duration::from_millis(2500)).await;
    let left = |event: &p2p::Event| matches!(event, p2p::Event::PeerDisconnected { .. });
    assert!(!node.seen.iter().any(left), "{:?}", node.seen);
}

#[tokio::test]
async fn p9_friends_leave_the_places_in_to_strangers() {
    let mut limited = config(Kind::Tcp, 1);
    limited.connections.inbound = 1;
    let mut hub = start(limited).await;
    let id = |number| p2p::NodeId::from_seed(&common::seed(number));
    hub.handle.protect(vec![id(2), id(3)]).await.unwrap();
    let mut guests = Vec::new();
    for number in 2..=4 {
        let mut config = config(Kind::Tcp, number);
        config.bootstrap = vec![hub.addr.clone()];
        config.listen.clear();
        guests.push(p2p::start(config).unwrap());
        hub.meet(id(number)).await;
    }
}

#[tokio::test]
async fn a_connection_with_an_open_question_is_not_closed() {
    let mut servers = Vec::new();
    for number in [2, 3, 4] {
        servers.push(start(config(Kind::Tcp, number)).await);
    }
    let mut narrow = config(Kind::Tcp, 1);
    narrow.connections.outbound = 1;
    let mut node = start(narrow).await;
    for server in &servers {
        node.handle.dial(server.addr.clone()).await.unwrap();
        node.meet(server.id).await;
    }
    let asked = servers.iter().map(|server| server.id);
    let ask = |id| node.handle.request(id, Protocol::Body, bytes("?"));
    let asked = futures::future::join_all(asked.map(ask));
    let serve = async {
        tokio::time::sleep(Duration::from_millis(3500)).await;
        for server in &mut servers {
            let question = |e: &p2p::Event| matches!(e, p2p::Event::Request { .. });
            if let p2p::Event::Request { ticket, .. } = server.until(question).await {
                server.handle.answer(ticket, bytes("late")).await.unwrap();
            }
        }
    };
    let (answers, ()) = tokio::join!(asked, serve);
    assert_eq!(answers, vec![Ok(bytes("late")); 3]);
    node.rest(Duration::from_millis(2500)).await;
    let left = |e: &&p2p::Event| matches!(e, p2p::Event::PeerDisconnected { .. });
    let left = node.seen.iter().filter(left).count();
    assert!(left >= 2, "then they are: {:?}", node.seen);
}

#[tokio::test]
async fn a_peer_that_restarts_is_found_again() {
    for kind in [Kind::Tcp, Kind::Quic] {
        let first = start(config(kind, 1)).await;
        let mut addr = first.addr.clone();
        addr.pop();
        let mut second = config(kind, 2);
        second.bootstrap = vec![first.addr.clone()];
        let mut second = start(second).await;
        second.meet(first.id).await;
        let id = first.id;
        first.network.shutdown().await;
        second.lose(id).await;
        second.rest(Duration::from_millis(1500)).await;
        second.forget();
        let mut again = config(kind, 1);
        again.listen = vec![addr];
        let mut again = start(again).await;
        second.meet(id).await;
        again.meet(second.id).await;
        second.handle.subscribe(VOTES).await.unwrap();
        settle().await;
        again.handle.publish(VOTES, bytes("back")).await.unwrap();
        second.hear("back", Verdict::Accept).await;
    }
}

/// Heartbeats are a second apart, so nodes with nothing to do cost next to nothing.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn idle_nodes_are_idle() {
    // The runtime of this test has one thread, so its time is that of the nodes.
    let spent = || {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        let nanos = stat.split(' ').next().unwrap().parse().unwrap();
        Duration::from_nanos(nanos)
    };
    let nodes = World::new(Kind::Tcp).mesh(4).await;
    for node in &nodes {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = spent();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let cost = spent() - before;
    eprintln!("four idle nodes for five seconds: {cost:?} of CPU");
    assert!(cost < Duration::from_millis(250), "{cost:?}");
}
