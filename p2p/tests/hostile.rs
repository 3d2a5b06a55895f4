//! Peers that send noise, break frames, or don't read: the node goes on serving the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::io;
use std::time::Duration;

use common::{GENESIS, Kind, Node, VOTES, World, bytes, config, seed, settle, start};
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt as _, StreamExt as _};
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol as Part;
use libp2p::request_response::{self, Codec, ProtocolSupport};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, StreamProtocol, Swarm, SwarmBuilder, noise, yamux};
use p2p::{Event, MAX_ANSWER, NodeId, Protocol, Verdict};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

/// A stream of bytes from a seed (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let length = self.next() % (most + 1);
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }
}

fn port(addr: &Multiaddr) -> u16 {
    let port = addr.iter().find_map(|part| match part {
        Part::Tcp(port) | Part::Udp(port) => Some(port),
        _ => None,
    });
    port.expect("an address with a port")
}

/// `node` and `friend` still hear each other, and a newcomer is let in.
async fn still_serves(node: &mut Node, friend: &mut Node, newcomer: u8) {
    let text = format!("after the storm {newcomer}");
    node.handle.publish(VOTES, bytes(&text)).await.unwrap();
    friend.hear(&text, Verdict::Accept).await;
    let mut config = config(Kind::Tcp, newcomer);
    config.bootstrap = vec![node.addr.clone()];
    let mut guest = start(config).await;
    guest.meet(node.id).await;
    node.meet(guest.id).await;
    guest.network.shutdown().await;
}

async fn pair() -> (Node, Node) {
    let mut nodes = World::new(Kind::Tcp).mesh(2).await;
    for node in &nodes {
        node.handle.subscribe(VOTES).await.unwrap();
    }
    settle().await;
    let friend = nodes.pop().unwrap();
    (nodes.pop().unwrap(), friend)
}

#[tokio::test]
async fn noise_on_the_tcp_port() {
    let (mut node, mut friend) = pair().await;
    let target = ("127.0.0.1", port(&node.addr));
    let mut noise = Noise(1);
    let openings: [&[u8]; 4] = [
        b"",
        b"\x13/multistream/1.0.0\n",
        b"\x13/multistream/1.0.0\n\x07/noise\n",
        b"\x13/multistream/1.0.0\n\x0d/yamux/1.0.0\n",
    ];
    let mut silent = Vec::new();
    for number in 0..200 {
        let Ok(mut stream) = TcpStream::connect(target).await else {
            continue;
        };
        let opening = openings[number % openings.len()];
        let _ = stream.write_all(opening).await;
        let _ = stream.write_all(&noise.bytes(4000)).await;
        if number % 8 == 0 {
            silent.push(stream);
        }
    }
    node.rest(Duration::from_millis(500)).await;
    still_serves(&mut node, &mut friend, 50).await;
    assert!(node.handle.counters().denied > 0, "the noise was noticed");
}

#[tokio::test]
async fn noise_on_the_quic_port() {
    let mut nodes = World::new(Kind::Quic).mesh(2).await;
    nodes[1].handle.subscribe(VOTES).await.unwrap();
    settle().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = ("127.0.0.1", port(&nodes[0].addr));
    let mut noise = Noise(2);
    for _ in 0..500 {
        let mut datagram = noise.bytes(1300);
        if let Some(first) = datagram.first_mut() {
            // The long header with the fixed bit: it looks like the beginning of a connection.
            *first |= 0xC0;
        }
        let _ = socket.send_to(&datagram, target).await;
    }
    nodes[0]
        .handle
        .publish(VOTES, bytes("still here"))
        .await
        .unwrap();
    nodes[1].hear("still here", Verdict::Accept).await;
}

/// Writes what it is told, and reads nothing.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, _: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        Ok(Vec::new())
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, _: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        Ok(Vec::new())
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }
}

/// A peer of our network, by its handshake, that says on `protocol` whatever it likes.
fn liar(number: u8, protocol: &str) -> Swarm<request_response::Behaviour<Raw>> {
    let keypair = Keypair::ed25519_from_bytes(seed(number)).unwrap();
    let security = |keypair: &Keypair| {
        let prologue = format!("thinkey/{}/1", "07".repeat(8)).into_bytes();
        noise::Config::new(keypair).map(|noise| noise.with_prologue(prologue))
    };
    let protocol = StreamProtocol::try_from_owned(protocol.to_owned()).unwrap();
    SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(
            libp2p::tcp::Config::default(),
            security,
            yamux::Config::default,
        )
        .unwrap()
        .with_behaviour(|_| {
            request_response::Behaviour::new(
                [(protocol, ProtocolSupport::Full)],
                request_response::Config::default(),
            )
        })
        .unwrap()
        .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(Duration::from_secs(60)))
        .build()
}

/// Sends each frame on a stream of its own. Returns whether we were thrown out.
async fn lie(number: u8, protocol: &str, node: &Node, frames: Vec<Vec<u8>>) -> bool {
    let mut swarm = liar(number, protocol);
    swarm.dial(node.addr.clone()).unwrap();
    let victim = node.id.peer_id().unwrap();
    let mut frames = frames.into_iter();
    let quiet = Duration::from_millis(400);
    while let Ok(event) = tokio::time::timeout(quiet, swarm.select_next_some()).await {
        match event {
            SwarmEvent::ConnectionClosed { .. } => return true,
            SwarmEvent::ConnectionEstablished { .. } => {
                for frame in frames.by_ref() {
                    swarm.behaviour_mut().send_request(&victim, frame);
                }
            }
            _ => {}
        }
    }
    false
}

#[tokio::test]
async fn noise_on_every_protocol_after_the_handshake() {
    assert_eq!(GENESIS, [7; 32], "the liars' prologue is of this network");
    let (mut node, mut friend) = pair().await;
    let ours = |what: &str| format!("/thinkey/{}/{what}/1", "07".repeat(8));
    let protocols = [
        ours("ask"),
        ours("direct"),
        ours("kad"),
        "/meshsub/1.0.0".to_owned(),
        "/meshsub/1.1.0".to_owned(),
        "/meshsub/1.2.0".to_owned(),
        "/meshsub/1.3.0".to_owned(),
        "/ipfs/id/1.0.0".to_owned(),
        "/ipfs/id/push/1.0.0".to_owned(),
        "/ipfs/ping/1.0.0".to_owned(),
    ];
    let mut noise = Noise(3);
    for (number, protocol) in (100..).zip(&protocols) {
        let frames = (0..40).map(|_| {
            let mut frame = noise.bytes(300);
            // A length that fits, so that what follows is parsed.
            if noise.next().is_multiple_of(2) && frame.len() > 2 {
                frame[0] = u8::try_from((frame.len() - 1).min(127)).unwrap();
            }
            frame
        });
        lie(number, protocol, &node, frames.collect()).await;
    }
    still_serves(&mut node, &mut friend, 51).await;
}

#[tokio::test]
async fn frames_that_are_too_long_cost_the_sender_its_place() {
    let (mut node, mut friend) = pair().await;
    let ask = format!("/thinkey/{}/ask/1", "07".repeat(8));
    let too_long = vec![0, 0, 1, 0, 1];
    let banned = lie(120, &ask, &node, vec![too_long.clone(), too_long]).await;
    assert!(banned, "two malformed frames are a hundred points");
    assert_eq!(node.handle.counters().bans, 1);
    let liar = NodeId::from_seed(&seed(120));
    node.rest(Duration::from_millis(200)).await;
    let count = |event: Event| node.seen.iter().filter(|seen| **seen == event).count();
    let (came, left) = (
        count(Event::PeerConnected { peer: liar }),
        count(Event::PeerDisconnected { peer: liar }),
    );
    assert_eq!(came, left, "it is gone");
    still_serves(&mut node, &mut friend, 52).await;
}

const QUESTIONS: usize = 30;

/// A node in a runtime that stops running: its sockets stay open and nobody reads from them. It may
/// ask something before.
fn frozen(addr: Multiaddr, questions: Option<NodeId>) -> std::sync::mpsc::Receiver<()> {
    let (ready, frozen) = std::sync::mpsc::channel();
    #[expect(
        clippy::disallowed_methods,
        reason = "a runtime that stops needs a thread to sit on"
    )]
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let node = runtime.block_on(async {
            let mut config = config(Kind::Tcp, 60);
            config.bootstrap = vec![addr.clone()];
            let node = start(config).await;
            node.handle.subscribe(VOTES).await.unwrap();
            let pause = Duration::from_millis(1500);
            match questions {
                Some(to) => {
                    let ask = |_| node.handle.request(to, Protocol::Body, bytes("?"));
                    let asked = futures::future::join_all((0..QUESTIONS).map(ask));
                    let _ = tokio::time::timeout(pause, asked).await;
                }
                None => tokio::time::sleep(pause).await,
            }
            node
        });
        ready.send(()).unwrap();
        std::thread::park();
        drop(node);
    });
    frozen
}

#[tokio::test]
async fn a_peer_that_does_not_read_delays_nobody() {
    let (mut node, mut friend) = pair().await;
    let slow = NodeId::from_seed(&seed(60));
    let frozen = frozen(node.addr.clone(), None);
    node.meet(slow).await;
    while frozen.try_recv().is_err() {
        node.rest(Duration::from_millis(100)).await;
    }
    for number in 0..40u8 {
        let message: p2p::Bytes = vec![number; 512 * 1024].into();
        node.handle.publish(VOTES, message.clone()).await.unwrap();
        node.handle
            .try_direct(slow, VOTES, message.clone())
            .unwrap();
        let same =
            |event: &Event| matches!(event, Event::Gossip { bytes, .. } if *bytes == message);
        friend.until(same).await;
        friend.forget();
    }
    still_serves(&mut node, &mut friend, 53).await;
}

#[tokio::test]
async fn answers_that_nobody_reads_are_few() {
    let (mut node, mut friend) = pair().await;
    let slow = NodeId::from_seed(&seed(60));
    let frozen = frozen(node.addr.clone(), Some(node.id));
    node.meet(slow).await;
    while frozen.try_recv().is_err() {
        node.rest(Duration::from_millis(100)).await;
    }
    let answer = p2p::Bytes::from(vec![1; MAX_ANSWER]);
    let mut asked = 0;
    for event in std::mem::take(&mut node.seen) {
        if let Event::Request { ticket, .. } = event {
            node.handle.answer(ticket, answer.clone()).await.unwrap();
            asked += 1;
        }
    }
    node.rest(Duration::from_millis(300)).await;
    assert_eq!(asked, QUESTIONS);
    let shed = node.handle.counters().shed_requests;
    assert_eq!(shed, QUESTIONS as u64 - 4, "four answers are held");
    still_serves(&mut node, &mut friend, 55).await;
}

/// A protobuf field: number, wire type 2, length, bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![(number << 3) | 2];
    out.extend(varint(bytes.len() as u64));
    out.extend(bytes);
    out
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// An RPC of gossipsub with this control message, as it goes over the wire.
fn control(message: &[u8]) -> Vec<u8> {
    let rpc = field(3, message);
    [varint(rpc.len() as u64), rpc].concat()
}

/// The frames behind known holes of gossipsub: PRUNE with a back-off that overflows a clock
/// (CVE-2026-33040, -34219), GRAFT for topics without number (-95859), IHAVE and IWANT in heaps.
#[tokio::test]
async fn control_frames_that_broke_others() {
    let (mut node, mut friend) = pair().await;
    let topic = format!("/thinkey/{}/1/consensus", "07".repeat(8));
    let prune = |backoff: u64| {
        let body = [field(1, topic.as_bytes()), vec![3 << 3], varint(backoff)].concat();
        control(&field(4, &body))
    };
    let prunes: Vec<u8> = [
        u64::MAX,
        u64::MAX / 2,
        i64::MAX as u64,
        u64::MAX / 1_000_000_000,
        1 << 62,
        0,
    ]
    .into_iter()
    .flat_map(prune)
    .collect();
    let graft = |number: u32| field(3, &field(1, format!("{topic}{number}").as_bytes()));
    let grafts = (0..200u32).flat_map(|rpc| {
        let many: Vec<u8> = (0..200).flat_map(|n| graft(rpc * 200 + n)).collect();
        control(&many)
    });
    let ids: Vec<u8> = (0..400u32)
        .flat_map(|n| field(2, &n.to_be_bytes()))
        .collect();
    let ihave = control(&field(
        1,
        &[field(1, topic.as_bytes()), ids.clone()].concat(),
    ));
    let iwant = control(&field(
        2,
        &(0..400u32)
            .flat_map(|n| field(1, &n.to_be_bytes()))
            .collect::<Vec<_>>(),
    ));
    let heaps = [ihave.repeat(50), iwant.repeat(50)].concat();
    let subscriptions: Vec<u8> = (0..200u32)
        .flat_map(|n| {
            field(
                1,
                &[vec![8, 1], field(2, format!("/elsewhere/{n}").as_bytes())].concat(),
            )
        })
        .collect();
    let subscriptions = [varint(subscriptions.len() as u64), subscriptions].concat();
    let frames = [prunes, grafts.collect(), heaps, subscriptions.repeat(20)];
    for (number, frame) in (130..).zip(frames) {
        for version in ["1.1.0", "1.2.0"] {
            lie(
                number,
                &format!("/meshsub/{version}"),
                &node,
                vec![frame.clone()],
            )
            .await;
        }
    }
    // A heartbeat passes over whatever was planted.
    node.rest(Duration::from_millis(2500)).await;
    still_serves(&mut node, &mut friend, 54).await;
}
