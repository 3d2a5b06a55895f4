//! Discovery: providers of chains through Kademlia, and a steady number of connections.

use std::collections::BTreeSet;
#[expect(clippy::disallowed_types, reason = "libp2p's query ids have no order")]
use std::collections::HashMap;

use libp2p::kad::store::RecordStore;
use libp2p::kad::{self, GetProvidersOk, InboundRequest, QueryId, QueryResult};
use libp2p::{Multiaddr, PeerId};
use tokio::sync::oneshot;

use crate::dialer::{Reach, reach};
use crate::identity::NodeId;
use crate::swarm::Driver;

/// Searches at once.
const SEARCHES: usize = 64;
/// Found providers that we connect to at once.
const GREETED: usize = 4;
/// Strangers dialled per tick, until half of the outbound places are taken.
const DIALS_PER_TICK: usize = 2;

struct Search {
    found: BTreeSet<NodeId>,
    answer: oneshot::Sender<Vec<NodeId>>,
}

/// Searches for providers under way.
#[derive(Default)]
#[expect(clippy::disallowed_types, reason = "libp2p's query ids have no order")]
pub(crate) struct Searches(HashMap<QueryId, Search>);

impl Driver {
    pub(crate) fn provide(&mut self, chain: u32) {
        let key = self.names.provider_key(chain);
        if let Err(error) = self.swarm.behaviour_mut().kad.start_providing(key) {
            tracing::warn!(chain, %error, "not announced");
        }
    }

    pub(crate) fn find_providers(&mut self, chain: u32, answer: oneshot::Sender<Vec<NodeId>>) {
        self.searches
            .0
            .retain(|_, search| !search.answer.is_closed());
        if self.searches.0.len() >= SEARCHES {
            // Nothing found is a true answer of a search that didn't take place.
            let _ = answer.send(Vec::new());
            return;
        }
        let key = self.names.provider_key(chain);
        let id = self.swarm.behaviour_mut().kad.get_providers(key);
        self.searches.0.insert(
            id,
            Search {
                found: BTreeSet::new(),
                answer,
            },
        );
    }

    pub(crate) fn on_kad(&mut self, event: kad::Event) {
        match event {
            kad::Event::OutboundQueryProgressed {
                id,
                result: QueryResult::GetProviders(result),
                step,
                ..
            } => {
                if let Ok(GetProvidersOk::FoundProviders { providers, .. }) = result {
                    self.on_found(id, providers);
                }
                if step.last {
                    self.finish_search(id);
                }
            }
            kad::Event::InboundRequest {
                request:
                    InboundRequest::AddProvider {
                        record: Some(record),
                    },
            } => self.keep_provider(record),
            _ => {}
        }
    }

    /// Kademlia knows the addresses of what it finds only while it searches, so we connect now.
    fn on_found(&mut self, id: QueryId, providers: impl IntoIterator<Item = PeerId>) {
        let ours = self.config.node_id();
        let nodes = providers
            .into_iter()
            .filter_map(|peer| NodeId::from_peer_id(&peer));
        let nodes: Vec<_> = nodes.filter(|node| *node != ours).collect();
        if let Some(search) = self.searches.0.get_mut(&id) {
            search.found.extend(nodes.iter().copied());
        }
        let strangers = nodes.into_iter().filter(|node| !self.is_connected(node));
        let strangers: Vec<_> = strangers.take(GREETED).collect();
        strangers.into_iter().for_each(|node| self.dial_known(node));
    }

    fn finish_search(&mut self, id: QueryId) {
        if let Some(search) = self.searches.0.remove(&id) {
            // Whoever searched may have given up.
            let _ = search.answer.send(search.found.into_iter().collect());
        }
    }

    /// \[N5\] Only chains that can exist have providers.
    fn keep_provider(&mut self, record: kad::ProviderRecord) {
        if !self.names.is_provider_key(&record.key, self.config.chains) {
            return;
        }
        if let Err(error) = self
            .swarm
            .behaviour_mut()
            .kad
            .store_mut()
            .add_provider(record)
        {
            tracing::debug!(%error, "a provider was not kept");
        }
    }

    pub(crate) fn is_connected(&self, node: &NodeId) -> bool {
        node.peer_id()
            .is_some_and(|peer| self.peers.contains_key(&peer))
    }

    /// Re-dials whom we want, fills half of the outbound places with strangers, and gives back the
    /// places that searches took. [P9] Whom we want takes no stranger's place.
    pub(crate) fn keep_connected(&mut self) {
        self.turn_away_unproven();
        let now = self.now();
        let peers = &self.peers;
        let connected =
            |node: &NodeId| node.peer_id().is_some_and(|peer| peers.contains_key(&peer));
        let due: Vec<(NodeId, Vec<Multiaddr>)> = self.dialer.due(now, connected);
        due.into_iter()
            .for_each(|(node, addrs)| self.dial_node(node, addrs));
        let strangers = self.peers.iter();
        let strangers = strangers.filter(|(peer, _)| !self.privileged.contains(peer));
        let dialled = strangers.map(|(_, known)| known.dialled > 0);
        match reach(dialled, self.config.connections.outbound as usize) {
            Reach::TooFar(count) => self.prune(count),
            Reach::Enough => {}
            Reach::TooNear => self.meet_strangers(),
        }
    }

    fn meet_strangers(&mut self) {
        let table = self.swarm.behaviour_mut().kad.kbuckets();
        let mut known: Vec<PeerId> = table
            .flat_map(|bucket| {
                bucket
                    .iter()
                    .map(|e| *e.node.key.preimage())
                    .collect::<Vec<_>>()
            })
            .collect();
        // Not always the same first: some refuse for ever.
        let turn = self.now().as_secs() as usize * DIALS_PER_TICK;
        let first = turn % known.len().max(1);
        known.rotate_left(first);
        let strangers = known
            .into_iter()
            .filter_map(|peer| NodeId::from_peer_id(&peer));
        let strangers =
            strangers.filter(|node| !self.is_connected(node) && !self.dialer.wants(node));
        let strangers: Vec<_> = strangers.take(DIALS_PER_TICK).collect();
        strangers.into_iter().for_each(|node| self.dial_known(node));
    }

    /// Dials a node at whatever addresses are known; nothing happens if there are none.
    fn dial_known(&mut self, node: NodeId) {
        let Some(peer) = node.peer_id() else { return };
        if let Err(error) = self.swarm.dial(peer) {
            tracing::debug!(%node, %error, "not dialled");
        }
    }

    /// Closes `count` outbound connections that no mesh uses and nobody wants, the oldest first.
    fn prune(&mut self, count: usize) {
        let gossip = &self.swarm.behaviour().gossip;
        let meshed: BTreeSet<PeerId> = gossip.all_mesh_peers().copied().collect();
        let spare = |peer: &PeerId| {
            !meshed.contains(peer) && !self.privileged.contains(peer) && !self.is_in_use(peer)
        };
        let mut idle: Vec<_> = self
            .peers
            .iter()
            .filter(|(peer, known)| known.dialled > 0 && spare(peer))
            .map(|(peer, known)| (known.since, *peer))
            .collect();
        idle.sort_unstable();
        for (_, peer) in idle.into_iter().take(count) {
            // It may have gone already.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    /// Whether a question or a letter of ours to `peer` is under way.
    fn is_in_use(&self, peer: &PeerId) -> bool {
        self.questions.asked_of(peer) > 0 || self.letters.has_some_for(peer)
    }
}
