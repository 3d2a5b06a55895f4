use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::identity::NodeId;
use crate::port::{MessageId, Protocol, Ticket, Topic};

fn gossip(kind: TopicKind, number: u8) -> Event {
    let topic = Topic { chain: 1, kind };
    let bytes = Bytes::copy_from_slice(&[number; 10]);
    Event::Gossip {
        id: MessageId([number; 32]),
        from: NodeId([0; 32]),
        author: NodeId([0; 32]),
        topic,
        bytes,
    }
}

fn request(number: u64) -> Event {
    let (from, protocol) = (NodeId([0; 32]), Protocol::Status);
    Event::Request {
        from,
        protocol,
        bytes: Bytes::new(),
        ticket: Ticket(number),
    }
}

fn queue(limits: LaneLimits) -> (EventQueue, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    (EventQueue::new(limits, counters.clone()), counters)
}

fn small() -> LaneLimits {
    LaneLimits {
        consensus: 2,
        anchors: 2,
        messages: 2,
        requests: 2,
        bytes: 1000,
    }
}

#[test]
fn a_full_consensus_lane_drops_the_oldest() {
    let (queue, counters) = queue(small());
    let votes: Vec<_> = (0..3).map(|n| gossip(TopicKind::Consensus, n)).collect();
    assert!(queue.push(votes[0].clone()).is_empty());
    assert!(queue.push(votes[1].clone()).is_empty());
    assert_eq!(queue.push(votes[2].clone()), [votes[0].clone()]);
    assert_eq!(queue.try_pop().as_ref(), Some(&votes[1]));
    assert_eq!(queue.try_pop().as_ref(), Some(&votes[2]));
    assert_eq!(counters.snapshot().shed_consensus, 1);
}

#[test]
fn full_messages_and_requests_lanes_refuse_the_newest() {
    let (queue, counters) = queue(small());
    for n in 0..2 {
        assert!(queue.push(gossip(TopicKind::Messages, n)).is_empty());
        assert!(queue.push(request(n.into())).is_empty());
    }
    let (late, busy) = (gossip(TopicKind::Messages, 9), request(9));
    assert_eq!(queue.push(late.clone()), [late]);
    assert_eq!(queue.push(busy.clone()), [busy]);
    let counts = counters.snapshot();
    assert_eq!((counts.shed_messages, counts.shed_requests), (1, 1));
}

#[test]
fn bytes_count_as_well_as_events() {
    let (queue, _) = queue(LaneLimits {
        bytes: 15,
        consensus: 100,
        ..small()
    });
    queue.push(gossip(TopicKind::Consensus, 1));
    assert_eq!(queue.push(gossip(TopicKind::Consensus, 2)).len(), 1);
    let (tiny, _) = self::queue(LaneLimits {
        bytes: 5,
        ..small()
    });
    assert_eq!(
        tiny.push(gossip(TopicKind::Consensus, 1)).len(),
        1,
        "never fits"
    );
    assert_eq!(tiny.try_pop(), None);
}

#[test]
fn consensus_goes_first_but_starves_nobody() {
    let (queue, _) = queue(LaneLimits {
        consensus: 100,
        messages: 100,
        ..small()
    });
    for n in 0..30 {
        queue.push(gossip(TopicKind::Messages, n));
        queue.push(gossip(TopicKind::Consensus, n));
    }
    let kinds: Vec<_> = std::iter::from_fn(|| queue.try_pop())
        .map(|event| match event {
            Event::Gossip { topic, .. } => topic.kind,
            _ => unreachable!(),
        })
        .collect();
    assert!(kinds[..7].iter().all(|kind| *kind == TopicKind::Consensus));
    assert_eq!(kinds[7], TopicKind::Messages);
    assert_eq!(kinds.len(), 60);
}

#[test]
fn unread_news_of_a_peer_merge() {
    let (queue, _) = queue(small());
    let peer = NodeId([1; 32]);
    for _ in 0..1000 {
        queue.push(Event::PeerConnected { peer });
        queue.push(Event::PeerDisconnected { peer });
    }
    assert_eq!(queue.try_pop(), None);
    queue.push(Event::PeerConnected { peer });
    queue.push(Event::PeerConnected { peer });
    assert_eq!(queue.try_pop(), Some(Event::PeerConnected { peer }));
    assert_eq!(queue.try_pop(), None);
}

#[tokio::test]
async fn a_closed_queue_is_read_to_its_end() {
    let (queue, _) = queue(small());
    queue.push(request(1));
    queue.close();
    assert!(queue.pop().await.is_some());
    assert_eq!(queue.pop().await, None);
    assert_eq!(queue.push(request(2)).len(), 1);
}

#[test]
fn a_question_that_is_withdrawn_frees_its_place() {
    let (queue, counters) = queue(small());
    assert!((0..2).all(|number| queue.push(request(number)).is_empty()));
    queue.withdraw(Ticket(0));
    queue.withdraw(Ticket(7));
    assert!(queue.push(request(2)).is_empty());
    let left: Vec<_> = std::iter::from_fn(|| queue.try_pop()).collect();
    assert_eq!(left, [request(1), request(2)]);
    assert_eq!(counters.snapshot().shed_requests, 0);
}
