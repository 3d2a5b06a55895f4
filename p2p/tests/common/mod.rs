//! What the tests of the network share: a node, and patience.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::time::Duration;

use p2p::{
    Bytes, Event, LaneLimits, MemoryHub, Multiaddr, Network, NetworkConfig, NetworkHandle, NodeId,
    Topic, TopicKind, Verdict,
};

pub const GENESIS: [u8; 32] = [7; 32];
pub const VOTES: Topic = Topic {
    chain: 1,
    kind: TopicKind::Consensus,
};
pub const MESSAGES: Topic = Topic {
    chain: 1,
    kind: TopicKind::Messages,
};
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn seed(number: u8) -> [u8; 32] {
    [number; 32]
}

pub fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// How the nodes of a test are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Memory,
    Tcp,
    Quic,
}

impl Kind {
    pub fn listen(self) -> Multiaddr {
        let text = match self {
            Self::Quic => "/ip4/127.0.0.1/udp/0/quic-v1",
            _ => "/ip4/127.0.0.1/tcp/0",
        };
        text.parse().expect("an address")
    }
}

/// A place where nodes of one kind meet.
pub struct World {
    pub kind: Kind,
    hub: MemoryHub,
}

impl World {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            hub: MemoryHub::default(),
        }
    }

    /// A node of the test's network that knows `friends`.
    pub async fn node(&self, number: u8, friends: &[&Node]) -> Node {
        self.node_of(GENESIS, number, friends).await
    }

    pub async fn node_of(&self, network: [u8; 32], number: u8, friends: &[&Node]) -> Node {
        if self.kind == Kind::Memory {
            let id = NodeId::from_seed(&seed(number));
            return Node::of(self.hub.join(id, network, LaneLimits::default())).await;
        }
        let mut config = config(self.kind, number);
        config.network = network;
        config.bootstrap = friends.iter().map(|friend| friend.addr.clone()).collect();
        start(config).await
    }

    /// `count` nodes, each connected to all before it.
    pub async fn mesh(&self, count: u8) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        for number in 1..=count {
            let friends: Vec<_> = nodes.iter().collect();
            let node = self.node(number, &friends).await;
            nodes.push(node);
        }
        let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
        for node in &mut nodes {
            for id in ids
                .iter()
                .filter(|id| **id != node.id)
                .copied()
                .collect::<Vec<_>>()
            {
                node.meet(id).await;
            }
        }
        nodes
    }
}

pub fn config(kind: Kind, number: u8) -> NetworkConfig {
    let mut config = NetworkConfig::new(seed(number), GENESIS);
    config.listen = vec![kind.listen()];
    config
}

pub async fn start(config: NetworkConfig) -> Node {
    Node::of(p2p::start(config).expect("it starts")).await
}

/// A node that remembers every event it has seen.
pub struct Node {
    pub id: NodeId,
    pub addr: Multiaddr,
    pub handle: NetworkHandle,
    pub network: Network,
    pub seen: Vec<Event>,
}

impl Node {
    /// A node that knows only `hub`, may open no connection besides, and that nobody can dial.
    pub async fn end(mut config: NetworkConfig, hub: &mut Self) -> Self {
        config.connections.outbound = 1;
        config.listen.clear();
        config.bootstrap = vec![hub.addr.clone()];
        let mut node = Self::new(p2p::start(config).expect("it starts"));
        node.meet(hub.id).await;
        hub.meet(node.id).await;
        node
    }

    pub async fn of(network: Network) -> Self {
        let mut node = Self::new(network);
        let listening = node
            .until(|event| matches!(event, Event::Listening { .. }))
            .await;
        if let Event::Listening { addr } = listening {
            node.addr = addr;
        }
        node
    }

    fn new(network: Network) -> Self {
        Self {
            id: network.id(),
            addr: Multiaddr::empty(),
            handle: network.handle(),
            network,
            seen: Vec::new(),
        }
    }

    /// The first event, seen or to come, that `wanted` says is it.
    pub async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        if let Some(event) = self.seen.iter().find(|event| wanted(event)) {
            return event.clone();
        }
        let search = async {
            loop {
                let event = self.network.next().await.expect("the network is open");
                self.seen.push(event.clone());
                if wanted(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search)
            .await
            .expect("it happens in time")
    }

    /// Lets `time` pass and remembers what happens.
    pub async fn rest(&mut self, time: Duration) {
        let read = async {
            while let Some(event) = self.network.next().await {
                self.seen.push(event);
            }
        };
        let _ = tokio::time::timeout(time, read).await;
    }

    pub async fn meet(&mut self, peer: NodeId) {
        self.until(|event| *event == Event::PeerConnected { peer })
            .await;
    }

    pub async fn lose(&mut self, peer: NodeId) {
        self.until(|event| *event == Event::PeerDisconnected { peer })
            .await;
    }

    /// Forgets what was seen.
    pub fn forget(&mut self) {
        self.seen.clear();
    }

    /// Waits for gossip with these bytes, and judges it.
    pub async fn hear(&mut self, text: &str, verdict: Verdict) -> Event {
        let event = self.until(|event| is_gossip(event, text)).await;
        if let Event::Gossip { id, from, .. } = &event {
            self.handle
                .verdict(*id, *from, verdict)
                .await
                .expect("open");
        }
        event
    }

    pub fn heard(&self, text: &str) -> usize {
        self.seen
            .iter()
            .filter(|event| is_gossip(event, text))
            .count()
    }
}

pub fn is_gossip(event: &Event, text: &str) -> bool {
    matches!(event, Event::Gossip { bytes, .. } if bytes == text)
}

/// Subscriptions travel apart from messages; this lets them arrive.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}
