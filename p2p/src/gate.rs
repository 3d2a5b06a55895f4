//! The gate: refuses connections by how many there are and by where they come from or go to.
//!
//! \[P3\] At most a few inbound connections share an address, handshakes included, so that one
//! machine can't take all places. An IPv6 machine has a whole /64 of addresses: they count as one.
//! At most a quarter of the inbound places go to one subnet. [P4] At most two outbound connections
//! go into one subnet, so that whoever owns a subnet is not all we see. Loopback is exempt from
//! what is said of addresses, private networks from what is said of subnets: there, many honest
//! nodes share one.
//!
//! \[P9\] Privileged peers (bootstrap and committee) take nobody's place: once the handshake
//! has shown who they are, their connections pass and count for nothing here. What bounds them is
//! how many such peers there are, and how many connections one of them may have (`connections`).

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::task::{Context, Poll};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol as Part;
use libp2p::swarm::behaviour::FromSwarm;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent,
    ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use thiserror::Error;

use crate::config::ConnectionLimits;

/// Of the inbound places, one in so many for each subnet.
const INBOUND_SHARE: u32 = 4;
/// Outbound places beyond the limit, for the short connections of Kademlia's searches.
const SEARCH_PLACES: u32 = 8;

/// Why the gate stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Crowded {
    #[error("too many connections from {ip}")]
    Address { ip: IpAddr },
    #[error("too many connections with the subnet of {ip}")]
    Subnet { ip: IpAddr },
    #[error("all {places} places are taken")]
    Full { places: usize },
}

/// One connection.
#[derive(Default)]
struct Place {
    /// Unknown during the handshake.
    peer: Option<PeerId>,
    site: Option<IpAddr>,
    subnet: Option<Subnet>,
}

type Places = BTreeMap<ConnectionId, Place>;

/// How many places there are, and how many of them for one subnet.
#[derive(Clone, Copy)]
struct Room {
    places: usize,
    per_subnet: usize,
}

/// See the module's page.
pub(crate) struct Gate {
    per_ip: usize,
    room_in: Room,
    room_out: Room,
    /// Handshakes included.
    inbound: Places,
    outbound: Places,
    privileged: BTreeSet<PeerId>,
}

impl Gate {
    pub(crate) fn new(limits: &ConnectionLimits) -> Self {
        Self {
            per_ip: limits.per_ip as usize,
            room_in: Room {
                places: limits.inbound as usize,
                per_subnet: limits.inbound.div_ceil(INBOUND_SHARE) as usize,
            },
            room_out: Room {
                places: limits.outbound.saturating_add(SEARCH_PLACES) as usize,
                per_subnet: limits.per_subnet as usize,
            },
            inbound: Places::new(),
            outbound: Places::new(),
            privileged: BTreeSet::new(),
        }
    }

    /// \[P9\] Replaces the set of peers that pass. Connections that there are count, or cease to.
    pub(crate) fn privilege(&mut self, peers: BTreeSet<PeerId>) {
        self.privileged = peers;
    }

    fn admit_inbound(&mut self, connection: ConnectionId, from: &Multiaddr) -> Result<(), Crowded> {
        let ip = ip_of(from).filter(|ip| !ip.is_loopback());
        let site = ip.map(site_of);
        if let Some(ip) = ip {
            let places = self.inbound.values();
            let same = places.filter(|place| place.site == site && !self.passes(place));
            if same.count() >= self.per_ip {
                return Err(Crowded::Address { ip });
            }
        }
        let place = Place {
            site,
            ..Place::default()
        };
        self.inbound.insert(connection, place);
        Ok(())
    }

    /// The handshake is over, so we know who it is.
    fn establish_inbound(
        &mut self,
        connection: ConnectionId,
        peer: &PeerId,
        from: &Multiaddr,
    ) -> Result<(), Crowded> {
        self.check(&self.inbound, self.room_in, peer, from)?;
        let place = self.inbound.entry(connection).or_default();
        place.peer = Some(*peer);
        place.subnet = ip_of(from).and_then(subnet_of);
        Ok(())
    }

    fn admit_outbound(
        &mut self,
        connection: ConnectionId,
        peer: &PeerId,
        to: &Multiaddr,
    ) -> Result<(), Crowded> {
        self.check(&self.outbound, self.room_out, peer, to)?;
        let place = Place {
            peer: Some(*peer),
            site: None,
            subnet: ip_of(to).and_then(subnet_of),
        };
        self.outbound.insert(connection, place);
        Ok(())
    }

    /// Whether among `places` there is one for `peer` at `addr`.
    fn check(
        &self,
        places: &Places,
        room: Room,
        peer: &PeerId,
        addr: &Multiaddr,
    ) -> Result<(), Crowded> {
        if self.privileged.contains(peer) {
            return Ok(());
        }
        let taken = |place: &&Place| place.peer.is_some() && !self.passes(place);
        let taken = places.values().filter(taken);
        if taken.clone().count() >= room.places {
            return Err(Crowded::Full {
                places: room.places,
            });
        }
        let Some((ip, subnet)) = place_of(addr) else {
            return Ok(());
        };
        match taken.filter(|place| place.subnet == Some(subnet)).count() {
            same if same >= room.per_subnet => Err(Crowded::Subnet { ip }),
            _ => Ok(()),
        }
    }

    fn passes(&self, place: &Place) -> bool {
        place
            .peer
            .is_some_and(|peer| self.privileged.contains(&peer))
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.inbound.remove(&connection);
        self.outbound.remove(&connection);
    }
}

/// What one machine has: an IPv4 address, or an IPv6 network of 64 bits.
fn site_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

/// Where an address is, if its subnet matters.
fn place_of(addr: &Multiaddr) -> Option<(IpAddr, Subnet)> {
    let ip = ip_of(addr)?;
    Some((ip, subnet_of(ip)?))
}

/// The first two bytes of an IPv4 address, the first four of an IPv6 one.
pub(crate) type Subnet = [u8; 5];

pub(crate) fn subnet_of(ip: IpAddr) -> Option<Subnet> {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let local = ip.is_loopback() || ip.is_private() || ip.is_link_local();
            (!local).then_some([4, a, b, 0, 0])
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.octets();
            let local = ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local();
            (!local).then_some([6, a, b, c, d])
        }
    }
}

/// The address a connection comes from or goes to. IPv4 within IPv6 is IPv4.
pub(crate) fn ip_of(addr: &Multiaddr) -> Option<IpAddr> {
    match addr.iter().next()? {
        Part::Ip4(ip) => Some(IpAddr::V4(ip)),
        Part::Ip6(ip) => Some(IpAddr::V6(ip).to_canonical()),
        _ => None,
    }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.admit_inbound(connection, remote)
            .map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.establish_inbound(connection, &peer, remote)
            .map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        addr: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit_outbound(connection, &peer, addr)
            .map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionClosed(closed) => self.forget(closed.connection_id),
            FromSwarm::ListenFailure(failed) => self.forget(failed.connection_id),
            FromSwarm::DialFailure(failed) => self.forget(failed.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;
