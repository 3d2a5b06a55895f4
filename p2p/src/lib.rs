#![doc = include_str!("../README.md")]

mod behaviour;
mod config;
mod connections;
mod counters;
mod dialer;
mod discovery;
mod exchange;
mod gate;
mod gossip;
mod handle;
mod identity;
mod lanes;
mod letters;
mod memory;
mod names;
mod peers;
mod port;
mod questions;
mod rates;
mod requests;
mod swarm;

pub use bytes::Bytes;
pub use config::{ConfigError, ConnectionLimits, NetworkConfig};
pub use counters::{CounterSnapshot, Counters};
pub use handle::{CommandError, Network, NetworkHandle};
pub use identity::NodeId;
pub use lanes::LaneLimits;
pub use libp2p::{Multiaddr, PeerId};
pub use memory::MemoryHub;
pub use port::{
    AnswerSender, Command, Event, MAX_ANSWER, MAX_DIRECT, MAX_GOSSIP, MAX_REQUEST, MessageId,
    Offence, Protocol, REQUEST_TIMEOUT, RequestError, Ticket, Topic, TopicKind, Verdict,
};
pub use rates::{Rate, RateLimits};
pub use swarm::{StartError, start};
