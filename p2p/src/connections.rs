//! Connections: who is there, who is proven to be of our network, who is turned away.

use std::collections::BTreeSet;
use std::time::Duration;

use libp2p::core::ConnectedPoint;
use libp2p::multiaddr::Protocol as Part;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, DialError, ListenError};
use libp2p::{Multiaddr, PeerId, identify, ping};

use crate::config::peer_of;
use crate::counters::add;
use crate::gate::{Subnet, ip_of, subnet_of};
use crate::identity::NodeId;
use crate::peers::Standing;
use crate::port::{Event, Offence};
use crate::swarm::Driver;

/// Addresses of one peer that we pass on.
const ADDRESSES: usize = 8;
/// A peer over QUIC that hasn't shown within this time which network it is of is a stranger.
const PROOF_TIME: Duration = Duration::from_secs(15);

/// A connected peer.
pub(crate) struct Peer {
    pub(crate) node: NodeId,
    pub(crate) connections: u32,
    /// Those of them that we opened.
    pub(crate) dialled: u32,
    /// \[N2\] It has shown that it is of our network, and the node was told of it.
    pub(crate) proven: bool,
    pub(crate) since: Duration,
    /// Of its first connection.
    pub(crate) subnet: Option<Subnet>,
}

impl Driver {
    pub(crate) fn on_connected(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
    ) {
        let Some(node) = NodeId::from_peer_id(&peer) else {
            self.turn_away(peer);
            return;
        };
        let since = self.now();
        let fresh = Peer {
            node,
            connections: 0,
            dialled: 0,
            proven: false,
            since,
            subnet: ip_of(endpoint.get_remote_address()).and_then(subnet_of),
        };
        let known = self.peers.entry(peer).or_insert(fresh);
        known.connections += 1;
        known.dialled += u32::from(endpoint.is_dialer());
        // Privileged peers pass the limits of libp2p, so this one we keep ourselves.
        if known.connections > self.config.connections.per_peer {
            self.swarm.close_connection(connection);
        }
        self.apply_score(peer, node);
        if !is_quic(endpoint.get_remote_address()) {
            self.prove(peer);
        }
    }

    pub(crate) fn on_closed(&mut self, peer: PeerId, endpoint: &ConnectedPoint, left: u32) {
        let Some(known) = self.peers.get_mut(&peer) else {
            return;
        };
        known.connections = left;
        known.dialled -= u32::from(endpoint.is_dialer());
        if left > 0 {
            return;
        }
        let (node, proven) = (known.node, known.proven);
        self.peers.remove(&peer);
        if proven {
            self.deliver(Event::PeerDisconnected { peer: node });
        }
    }

    pub(crate) fn on_denied(&mut self, error: &ListenError) {
        add(&self.counters.denied);
        tracing::debug!(%error, "a connection was refused");
    }

    /// \[N2\] The peer has used a name that only our network has.
    pub(crate) fn prove(&mut self, peer: PeerId) {
        let Some(known) = self.peers.get_mut(&peer).filter(|known| !known.proven) else {
            return;
        };
        known.proven = true;
        let peer = known.node;
        self.deliver(Event::PeerConnected { peer });
    }

    pub(crate) fn on_identify(&mut self, event: identify::Event) {
        let identify::Event::Received { peer_id, info, .. } = event else {
            return;
        };
        if info.protocol_version != self.names.handshake() {
            self.turn_away(peer_id);
            return;
        }
        self.prove(peer_id);
        let addrs = info
            .listen_addrs
            .into_iter()
            .filter(is_useful)
            .take(ADDRESSES);
        for addr in addrs {
            self.swarm.behaviour_mut().kad.add_address(&peer_id, addr);
        }
    }

    /// A peer that reads nothing answers no ping either. What we hold for it is let go. One that
    /// doesn't speak ping has read the question.
    pub(crate) fn on_ping(&mut self, event: ping::Event) {
        match event.result {
            Ok(_) | Err(ping::Failure::Unsupported) => {}
            Err(error) => {
                tracing::debug!(peer = %event.peer, %error, "a connection is dead");
                self.swarm.close_connection(event.connection);
            }
        }
    }

    /// Closes all connections with a peer that is not one of us.
    fn turn_away(&mut self, peer: PeerId) {
        add(&self.counters.strangers);
        tracing::debug!(%peer, "of another network");
        // It may have gone already.
        let _ = self.swarm.disconnect_peer_id(peer);
    }

    pub(crate) fn turn_away_unproven(&mut self) {
        let now = self.now();
        let late = |peer: &&PeerId| {
            let known = &self.peers[*peer];
            !known.proven && known.since + PROOF_TIME <= now
        };
        let late: Vec<_> = self.peers.keys().filter(late).copied().collect();
        late.into_iter().for_each(|peer| self.turn_away(peer));
    }

    pub(crate) fn dial(&mut self, addr: Multiaddr) {
        let result = match peer_of(&addr) {
            Some(peer) => self
                .swarm
                .dial(DialOpts::peer_id(peer).addresses(vec![addr]).build()),
            None => self.swarm.dial(addr),
        };
        if let Err(error) = result {
            tracing::debug!(%error, "not dialled");
        }
    }

    /// Dials a node at `addrs` and at whatever else is known of it; asks the network where it is if
    /// nothing is.
    pub(crate) fn dial_node(&mut self, node: NodeId, addrs: Vec<Multiaddr>) {
        let Some(peer) = node.peer_id() else { return };
        let options = DialOpts::peer_id(peer)
            .addresses(addrs)
            .extend_addresses_through_behaviour();
        if let Err(DialError::NoAddresses) = self.swarm.dial(options.build()) {
            self.swarm.behaviour_mut().kad.get_closest_peers(peer);
        }
    }

    pub(crate) fn offend(&mut self, node: NodeId, offence: Offence) {
        let Some(peer) = node.peer_id() else { return };
        let standing = self
            .book
            .offend(self.now(), node, offence, self.peers.len());
        self.apply_score(peer, node);
        if let Standing::Banned { until } = standing {
            add(&self.counters.bans);
            tracing::warn!(%node, ?offence, ?until, "banned");
            let behaviour = self.swarm.behaviour_mut();
            behaviour.blocked.block_peer(peer);
            behaviour.kad.remove_peer(&peer);
        }
    }

    fn apply_score(&mut self, peer: PeerId, node: NodeId) {
        let score = self.book.gossip_score(self.now(), &node);
        self.swarm
            .behaviour_mut()
            .gossip
            .set_application_score(&peer, score as f64);
    }

    pub(crate) fn pardon(&mut self) {
        for node in self.book.pardon(self.now()) {
            if let Some(peer) = node.peer_id() {
                self.swarm.behaviour_mut().blocked.unblock_peer(peer);
            }
        }
        // Points come back with time; gossipsub has to hear of it.
        let peers: Vec<_> = self
            .peers
            .iter()
            .map(|(peer, known)| (*peer, known.node))
            .collect();
        peers
            .into_iter()
            .for_each(|(peer, node)| self.apply_score(peer, node));
    }

    pub(crate) fn is_throttled(&self, node: &NodeId) -> bool {
        self.book.standing(self.now(), node) != Standing::Good
    }

    pub(crate) fn protect(&mut self, peers: Vec<NodeId>) {
        let ours = self.config.node_id();
        let others: BTreeSet<_> = peers.into_iter().filter(|node| *node != ours).collect();
        self.dialer.want(others.iter().copied());
        self.book.protect(others);
        self.privilege();
        self.pardon();
    }

    /// Bootstrap and protected peers pass limits.
    pub(crate) fn privilege(&mut self) {
        let now: BTreeSet<_> = self.dialer.targets().filter_map(NodeId::peer_id).collect();
        let before = std::mem::replace(&mut self.privileged, now.clone());
        self.swarm.behaviour_mut().privilege(&before, now);
    }
}

fn is_quic(addr: &Multiaddr) -> bool {
    addr.iter().any(|part| matches!(part, Part::QuicV1))
}

/// Addresses that can't be dialled from anywhere are not worth keeping.
fn is_useful(addr: &Multiaddr) -> bool {
    ip_of(addr).is_none_or(|ip| !ip.is_unspecified() && !ip.is_multicast())
}
