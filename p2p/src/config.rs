//! What an operator chooses, checked as a whole before anything starts.

use std::fmt;

use libp2p::multiaddr::Protocol as Part;
use libp2p::{Multiaddr, PeerId};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::identity::NodeId;
use crate::lanes::LaneLimits;
use crate::rates::RateLimits;

/// Connections: how many, and from where. Those with bootstrap and protected peers don't count,
/// but for `per_peer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Established connections that others opened. A quarter of them may come from one subnet.
    pub inbound: u32,
    /// Established connections that we opened.
    pub outbound: u32,
    /// Connections with one peer.
    pub per_peer: u32,
    /// Inbound connections from one IPv4 address or IPv6 /64; loopback is exempt.
    pub per_ip: u32,
    /// Outbound connections into one IPv4 /16 or IPv6 /32; private addresses are exempt.
    pub per_subnet: u32,
    /// Handshakes in progress, in each direction.
    pub pending: u32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            inbound: 50,
            outbound: 16,
            per_peer: 2,
            per_ip: 4,
            per_subnet: 2,
            pending: 64,
        }
    }
}

/// Everything that a [`crate::start`] needs.
#[derive(Clone)]
pub struct NetworkConfig {
    /// The secret behind this node's identity.
    pub seed: Zeroizing<[u8; 32]>,
    /// The network: the hash of its genesis. Nodes of other networks never connect.
    pub network: [u8; 32],
    /// Where to listen: `/ip4/…/tcp/…` and `/ip4/…/udp/…/quic-v1`; port 0 picks one.
    pub listen: Vec<Multiaddr>,
    /// Addresses to tell others besides those we listen on.
    pub external: Vec<Multiaddr>,
    /// Nodes to connect to and stay connected to; each ends in `/p2p/…`.
    pub bootstrap: Vec<Multiaddr>,
    /// Chain numbers are below this; topics of others are refused.
    pub chains: u32,
    /// Topics that one peer may subscribe to.
    pub topics_per_peer: usize,
    /// Whether our own messages go to all subscribers that we are connected to and not only to our
    /// mesh. Right for up to about fifty nodes: one hop, at the price of upload.
    pub flood_publish: bool,
    /// Connections.
    pub connections: ConnectionLimits,
    /// Queue of events.
    pub lanes: LaneLimits,
    /// Allowances of each author and of each peer.
    pub rates: RateLimits,
    /// Commands that may wait, on each of two queues.
    pub commands: usize,
}

impl NetworkConfig {
    /// A configuration with the defaults, no address to listen on and nobody to connect to.
    pub fn new(seed: [u8; 32], network: [u8; 32]) -> Self {
        Self {
            seed: Zeroizing::new(seed),
            network,
            listen: Vec::new(),
            external: Vec::new(),
            bootstrap: Vec::new(),
            chains: 1024,
            topics_per_peer: 3 * 1024,
            flood_publish: true,
            connections: ConnectionLimits::default(),
            lanes: LaneLimits::default(),
            rates: RateLimits::default(),
            commands: 1024,
        }
    }

    /// The identity of this node.
    pub fn node_id(&self) -> NodeId {
        NodeId::from_seed(&self.seed)
    }

    /// Whether the whole makes sense.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if let Some(addr) = self.listen.iter().find(|addr| !is_transport(addr)) {
            return Err(ConfigError::Listen { addr: addr.clone() });
        }
        self.bootstrap
            .iter()
            .try_for_each(|addr| bootstrap_peer(addr).map(drop))?;
        let counts = [
            ("chains", u64::from(self.chains)),
            ("topics_per_peer", self.topics_per_peer as u64),
            ("connections.inbound", self.connections.inbound.into()),
            ("connections.outbound", self.connections.outbound.into()),
            ("connections.per_peer", self.connections.per_peer.into()),
            ("connections.per_ip", self.connections.per_ip.into()),
            ("connections.per_subnet", self.connections.per_subnet.into()),
            ("connections.pending", self.connections.pending.into()),
            ("lanes.consensus", self.lanes.consensus as u64),
            ("lanes.anchors", self.lanes.anchors as u64),
            ("lanes.messages", self.lanes.messages as u64),
            ("lanes.requests", self.lanes.requests as u64),
            ("rates.consensus", self.rates.consensus.messages.into()),
            ("rates.anchors", self.rates.anchors.messages.into()),
            ("rates.messages", self.rates.messages.messages.into()),
            ("rates.requests", self.rates.requests.messages.into()),
            ("commands", self.commands as u64),
        ];
        match counts.iter().find(|(_, count)| *count == 0) {
            Some((field, _)) => Err(ConfigError::Zero { field }),
            None => self.validate_sizes(),
        }
    }

    fn validate_sizes(&self) -> Result<(), ConfigError> {
        let largest = crate::port::MAX_GOSSIP;
        match self.lanes.bytes < largest {
            true => Err(ConfigError::LaneBytes {
                least: largest,
                got: self.lanes.bytes,
            }),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for NetworkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkConfig")
            .field("node", &self.node_id())
            .field("listen", &self.listen)
            .field("bootstrap", &self.bootstrap)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// Neither TCP nor QUIC.
    #[error("{addr} is neither /tcp/… nor /udp/…/quic-v1")]
    Listen {
        /// The address.
        addr: Multiaddr,
    },
    /// A node to connect to has no name, so anybody could stand in for it.
    #[error("{addr} doesn't end in /p2p/<the node's ed25519 peer id>")]
    Bootstrap {
        /// The address.
        addr: Multiaddr,
    },
    /// A limit of nothing.
    #[error("{field} must be at least 1")]
    Zero {
        /// The field.
        field: &'static str,
    },
    /// A lane that could never take a message of the largest size.
    #[error("lanes.bytes is {got}, below one message of {least}")]
    LaneBytes {
        /// The least.
        least: usize,
        /// The figure given.
        got: usize,
    },
}

/// The peer and the node named at the end of a bootstrap address.
pub(crate) fn bootstrap_peer(addr: &Multiaddr) -> Result<(PeerId, NodeId), ConfigError> {
    let named = peer_of(addr).and_then(|peer| Some((peer, NodeId::from_peer_id(&peer)?)));
    named.ok_or_else(|| ConfigError::Bootstrap { addr: addr.clone() })
}

/// The peer named at the end of an address.
pub(crate) fn peer_of(addr: &Multiaddr) -> Option<PeerId> {
    match addr.iter().last() {
        Some(Part::P2p(peer)) => Some(peer),
        _ => None,
    }
}

fn is_transport(addr: &Multiaddr) -> bool {
    let parts: Vec<_> = addr.iter().collect();
    let host = matches!(parts.first(), Some(Part::Ip4(_) | Part::Ip6(_)));
    let tcp = matches!(parts.get(1..), Some([Part::Tcp(_)]));
    let quic = matches!(parts.get(1..), Some([Part::Udp(_), Part::QuicV1]));
    host && (tcp || quic)
}

#[cfg(test)]
mod tests;
