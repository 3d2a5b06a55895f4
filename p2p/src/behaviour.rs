//! What a node does on a connection: libp2p's behaviours and our gate, put together.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{PeerId, allow_block_list, connection_limits, identify, kad, ping, request_response};

use crate::config::NetworkConfig;
use crate::gate::Gate;
use crate::gossip::{Gossip, gossip};
use crate::names::Names;
use crate::requests::{AskCodec, DirectCodec, ask, direct};

/// Those that refuse connections come first: they must speak before the others spend anything.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) blocked: allow_block_list::Behaviour<allow_block_list::BlockedPeers>,
    pub(crate) limits: connection_limits::Behaviour,
    pub(crate) gate: Gate,
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) kad: kad::Behaviour<MemoryStore>,
    pub(crate) gossip: Gossip,
    pub(crate) ask: request_response::Behaviour<AskCodec>,
    pub(crate) direct: request_response::Behaviour<DirectCodec>,
}

impl Behaviour {
    pub(crate) fn new(config: &NetworkConfig, keypair: &Keypair, names: &Names) -> Self {
        let limits = config.connections;
        Self {
            blocked: allow_block_list::Behaviour::default(),
            limits: connection_limits::Behaviour::new(places(config)),
            gate: Gate::new(&limits),
            identify: identify::Behaviour::new(
                identify::Config::new(names.handshake(), keypair.public())
                    .with_agent_version(concat!("thinkey/", env!("CARGO_PKG_VERSION")).into())
                    .with_push_listen_addr_updates(true)
                    .with_cache_size(0),
            ),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(PING)),
            kad: kademlia(keypair.public().to_peer_id(), names),
            gossip: gossip(config, keypair, names),
            ask: ask(names),
            direct: direct(names),
        }
    }

    /// Replaces the set of peers that limits don't concern.
    pub(crate) fn privilege(&mut self, before: &BTreeSet<PeerId>, now: BTreeSet<PeerId>) {
        before
            .iter()
            .for_each(|peer| self.limits.remove_peer_id(peer));
        now.iter().for_each(|peer| self.limits.bypass_peer_id(peer));
        self.gate.privilege(now);
    }
}

const PING: Duration = Duration::from_secs(15);

/// What libp2p counts among these it counts of privileged peers too, so totals are the gate's.
fn places(config: &NetworkConfig) -> connection_limits::ConnectionLimits {
    let limits = config.connections;
    connection_limits::ConnectionLimits::default()
        .with_max_established_per_peer(Some(limits.per_peer))
        .with_max_pending_incoming(Some(limits.pending))
        .with_max_pending_outgoing(Some(limits.pending))
}

/// \[N5\] Kademlia finds peers and providers, nothing else: records of values are not stored, and
/// records of providers only when they are ours to keep (`discovery`).
fn kademlia(peer: PeerId, names: &Names) -> kad::Behaviour<MemoryStore> {
    let mut config = kad::Config::new(names.protocol("kad"));
    config
        .set_record_filtering(kad::StoreInserts::FilterBoth)
        .set_query_timeout(Duration::from_secs(20))
        .set_parallelism(NonZeroUsize::new(3).expect("3 is not 0"))
        .set_caching(kad::Caching::Disabled)
        .set_max_packet_size(16 * 1024)
        .set_periodic_bootstrap_interval(Some(Duration::from_secs(300)));
    let mut kad = kad::Behaviour::with_config(peer, MemoryStore::new(peer), config);
    kad.set_mode(Some(kad::Mode::Server));
    kad
}
