//! The port: all that the rest of a node knows of the network. Commands go in, events come out.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use libp2p::Multiaddr;
use sha3::{Digest, Sha3_256};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::identity::NodeId;

/// Most bytes of a published message.
pub const MAX_GOSSIP: usize = 1024 * 1024;
/// Most bytes of a message sent to one node.
pub const MAX_DIRECT: usize = 1024 * 1024;
/// Most bytes of a question.
pub const MAX_REQUEST: usize = 64 * 1024;
/// Most bytes of an answer.
pub const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// How long a question waits for its answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What a gossip topic carries. The order is that of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TopicKind {
    /// Proposals, votes, certificates. When the reader is slow, the newest are kept.
    Consensus = 0,
    /// Digests of blocks on their way to the root chain. When the reader is slow, the newest are
    /// kept.
    Anchors = 1,
    /// Messages of users. When the reader is slow, newcomers are shed.
    Messages = 2,
}

impl TopicKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Consensus, Self::Anchors, Self::Messages];

    /// The kind with number `tag`.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == tag)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Consensus => "consensus",
            Self::Anchors => "anchors",
            Self::Messages => "messages",
        }
    }
}

/// A gossip topic: one kind of traffic of one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// The chain's number; 0 is the root chain.
    pub chain: u32,
    /// The kind of traffic.
    pub kind: TopicKind,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Protocol {
    /// The body of a block whose header is known.
    Body = 0,
    /// A range of blocks, to catch up.
    Block = 1,
    /// A bundle of relay messages with its proof.
    Bundle = 2,
    /// How far the other node is.
    Status = 3,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 4] = [Self::Body, Self::Block, Self::Bundle, Self::Status];

    /// The protocol with number `tag`.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| *protocol as u8 == tag)
    }
}

/// The name of a gossip message, the same on every node: a hash of its topic, its author and its
/// bytes. About consensus, where all say the same certificates and one copy will do, the author is
/// left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 32]);

impl MessageId {
    /// The name of `author`'s `bytes` on `topic` in the network `network`.
    pub fn of(network: &[u8; 32], topic: Topic, author: &NodeId, bytes: &[u8]) -> Self {
        let mut hash = Sha3_256::new();
        hash.update(b"thinkey/p2p/message-id/2");
        hash.update(network);
        hash.update(topic.chain.to_be_bytes());
        hash.update([topic.kind as u8]);
        // [P6] A copy that another signed can't take the place of the message.
        if topic.kind != TopicKind::Consensus {
            hash.update(author.0);
        }
        hash.update(bytes);
        Self(hash.finalize().into())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageId(")?;
        self.0
            .iter()
            .take(8)
            .try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// What the node makes of a gossip message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good: pass it on.
    Accept,
    /// Bad, and the sender could have known: don't pass it on, count it against the sender.
    Reject,
    /// Of no use here, nobody's fault: don't pass it on.
    Ignore,
}

/// Names one open question to us, so that [`Command::Answer`] finds its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a peer did wrong. Each has a price in points; at −100 a peer is banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offence {
    /// A signature or a proof that is false: nobody sends one by accident (100).
    Forgery,
    /// A frame that doesn't parse, or is longer than allowed (50).
    Malformed,
    /// Gossip that the node rejected (24).
    InvalidGossip,
    /// An answer that is not an answer to the question (24).
    BadAnswer,
    /// A question left unanswered (2, and never below −20).
    Unanswered,
    /// A message above the peer's allowance (a tenth).
    Flood,
}

/// Why a question got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The other node has too much to do, or we have: try another.
    #[error("busy")]
    Busy,
    /// No answer within [`REQUEST_TIMEOUT`].
    #[error("no answer in time")]
    Timeout,
    /// No connection, and none could be made.
    #[error("the node can't be reached")]
    Unreachable,
    /// The answer was longer than [`MAX_ANSWER`] or didn't parse.
    #[error("the answer is malformed")]
    Malformed,
    /// The other node doesn't speak this protocol, or closed without an answer.
    #[error("the node refused")]
    Refused,
    /// Our own network is shutting down.
    #[error("the network is closed")]
    Closed,
    /// The question is longer than [`MAX_REQUEST`].
    #[error("{bytes} bytes are more than the {most} allowed")]
    TooLarge {
        /// Length of the question.
        bytes: usize,
        /// The limit.
        most: usize,
    },
}

impl RequestError {
    /// What the other node is guilty of, if anything.
    pub fn offence(&self) -> Option<Offence> {
        match self {
            Self::Malformed => Some(Offence::Malformed),
            Self::Timeout => Some(Offence::Unanswered),
            _ => None,
        }
    }
}

/// Where the answer to a question goes.
pub type AnswerSender = oneshot::Sender<Result<Bytes, RequestError>>;

/// What a node asks of the network.
#[derive(Debug)]
pub enum Command {
    /// Take part in a topic: receive it, and pass it on.
    Subscribe(Topic),
    /// Leave a topic.
    Unsubscribe(Topic),
    /// Send to every subscriber of a topic; one need not be subscribed oneself.
    Publish {
        /// Where to.
        topic: Topic,
        /// At most [`MAX_GOSSIP`].
        bytes: Bytes,
    },
    /// Judge a message that came as [`Event::Gossip`]. Until then it is not passed on.
    Verdict {
        /// The message.
        id: MessageId,
        /// The peer that handed it to us.
        from: NodeId,
        /// The judgement.
        verdict: Verdict,
    },
    /// Ask one node; dials it if there is no connection and an address is known.
    Request {
        /// Whom.
        to: NodeId,
        /// About what.
        protocol: Protocol,
        /// At most [`MAX_REQUEST`].
        bytes: Bytes,
        /// Where the answer goes.
        answer: AnswerSender,
    },
    /// Answer a question that came as [`Event::Request`].
    Answer {
        /// Which.
        ticket: Ticket,
        /// At most [`MAX_ANSWER`].
        bytes: Bytes,
    },
    /// Send to one node, without knowing whether it arrives.
    Direct {
        /// Whom.
        to: NodeId,
        /// The topic it belongs to; the other node drops it unless subscribed.
        topic: Topic,
        /// At most [`MAX_DIRECT`].
        bytes: Bytes,
    },
    /// Tell the network that this node serves a chain.
    Provide {
        /// The chain.
        chain: u32,
    },
    /// Look for nodes that serve a chain, and connect to some of them.
    FindProviders {
        /// The chain.
        chain: u32,
        /// Gets what was found, ourselves excluded, when the search ends.
        answer: oneshot::Sender<Vec<NodeId>>,
    },
    /// Connect to an address.
    Dial {
        /// The address; with `/p2p/…` at the end only that node will do.
        addr: Multiaddr,
    },
    /// Count something against a peer.
    Report {
        /// The peer.
        peer: NodeId,
        /// What it did.
        offence: Offence,
    },
    /// Replaces the set of nodes whose gossip has an allowance of its own, whether they are
    /// connected to us or not: the members of all committees that we know of. Protected ones are
    /// among them without being named.
    Know {
        /// The whole new set.
        members: Vec<NodeId>,
    },
    /// Replaces the set of nodes that are never banned, always let in, and re-dialled when lost:
    /// the members of our committees.
    Protect {
        /// The whole new set.
        peers: Vec<NodeId>,
    },
}

/// What the network tells a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message on a topic that we subscribe to. It waits for our [`Command::Verdict`], which must
    /// come within five seconds; after that the message is forgotten.
    Gossip {
        /// Its name.
        id: MessageId,
        /// Who handed it to us; answers for passing on what is not worth it.
        from: NodeId,
        /// Who signed it and sent it first; answers for what it says.
        author: NodeId,
        /// Where.
        topic: Topic,
        /// What.
        bytes: Bytes,
    },
    /// A message sent to us alone. Needs no verdict.
    Direct {
        /// The sender.
        from: NodeId,
        /// What it belongs to.
        topic: Topic,
        /// What.
        bytes: Bytes,
    },
    /// A question to us.
    Request {
        /// Who asks.
        from: NodeId,
        /// About what.
        protocol: Protocol,
        /// The question.
        bytes: Bytes,
        /// For the answer.
        ticket: Ticket,
    },
    /// A node of our network is connected.
    PeerConnected {
        /// The node.
        peer: NodeId,
    },
    /// The last connection to a node is gone.
    PeerDisconnected {
        /// The node.
        peer: NodeId,
    },
    /// We can be reached at an address.
    Listening {
        /// The address.
        addr: Multiaddr,
    },
}
