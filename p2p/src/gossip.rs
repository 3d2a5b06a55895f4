//! Gossip: topic names, the allow-list of topics, the settings and the scores of gossipsub.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use libp2p::gossipsub::{self, MessageAcceptance, PublishError};
use libp2p::gossipsub::{
    Behaviour, ConfigBuilder, IdentTopic, MaxCountSubscriptionFilter, Message, MessageAuthenticity,
    MessageId as WireId, PeerScoreParams, PeerScoreThresholds, TopicHash, TopicScoreParams,
    TopicSubscriptionFilter, ValidationMode,
};
use libp2p::identity::Keypair;

use crate::config::NetworkConfig;
use crate::counters::add;
use crate::identity::NodeId;
use crate::names::Names;
use crate::port::{Event, MAX_GOSSIP, MessageId, Offence, Topic, TopicKind, Verdict};
use crate::swarm::Driver;

/// Repeats of a message within this time are dropped, so sending again is free, and to send the
/// same bytes anew one waits this long. It must exceed the five heartbeats for which messages are
/// kept and offered, or a message could go round for ever.
pub(crate) const REPEAT_WINDOW: Duration = Duration::from_secs(10);
/// A heartbeat mends the mesh; messages don't wait for it.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Room for the envelope of a message of the largest size.
const ENVELOPE: usize = 4096;
/// Messages that may wait for one peer that reads slowly; after a few seconds they are dropped.
const PEER_QUEUE: usize = 1024;

/// The behaviour with our allow-list.
pub(crate) type Gossip =
    Behaviour<libp2p::gossipsub::IdentityTransform, MaxCountSubscriptionFilter<OurTopics>>;

/// \[N3\] Lets through the topics of our network and of chains that can exist, nothing else.
#[derive(Clone)]
pub(crate) struct OurTopics {
    names: Names,
    chains: u32,
}

impl TopicSubscriptionFilter for OurTopics {
    fn can_subscribe(&mut self, name: &TopicHash) -> bool {
        self.names
            .parse_topic(name.as_str())
            .is_some_and(|topic| topic.chain < self.chains)
    }
}

/// The settings could not be combined: a mistake of ours, found by any test that starts a network.
pub(crate) fn gossip(config: &NetworkConfig, keypair: &Keypair, names: &Names) -> Gossip {
    let filter = MaxCountSubscriptionFilter {
        filter: OurTopics {
            names: names.clone(),
            chains: config.chains,
        },
        max_subscribed_topics: config.topics_per_peer,
        max_subscriptions_per_request: config.topics_per_peer,
    };
    let mut gossip = Behaviour::new_with_subscription_filter(
        MessageAuthenticity::Signed(keypair.clone()),
        settings(config, names),
        filter,
    )
    .expect("signing goes with strict validation");
    gossip
        .with_peer_score(scores(), thresholds())
        .expect("the scores are consistent");
    gossip
}

fn settings(config: &NetworkConfig, names: &Names) -> libp2p::gossipsub::Config {
    let (network, names) = (config.network, names.clone());
    // What is no topic of ours never gets past the filter; its name only has to be harmless.
    let name = move |message: &Message| {
        let topic = names.parse_topic(message.topic.as_str());
        let topic = topic.unwrap_or(Topic {
            chain: u32::MAX,
            kind: TopicKind::Messages,
        });
        let author = message.source.as_ref().and_then(NodeId::from_peer_id);
        let author = author.unwrap_or(NodeId([0; 32]));
        WireId::new(&MessageId::of(&network, topic, &author, &message.data).0)
    };
    ConfigBuilder::default()
        .validation_mode(ValidationMode::Strict)
        .validate_messages()
        .message_id_fn(name)
        .max_transmit_size(MAX_GOSSIP + ENVELOPE)
        .duplicate_cache_time(REPEAT_WINDOW)
        .heartbeat_interval(HEARTBEAT)
        .heartbeat_initial_delay(HEARTBEAT)
        // A network of four has a mesh of three, which is below "low" and harmless: gossipsub takes
        // whom it finds. Eight keep a network of fifty at two hops.
        .mesh_n_low(4)
        .mesh_n(8)
        .mesh_n_high(12)
        .mesh_outbound_min(2)
        .gossip_lazy(6)
        .history_length(5)
        .history_gossip(3)
        .flood_publish(config.flood_publish)
        .connection_handler_queue_len(PEER_QUEUE)
        // Peer exchange would let a peer choose our peers.
        .prune_peers(0)
        .build()
        .expect("the settings are consistent")
}

/// What gossipsub itself counts. Peers lose for invalid messages and broken promises; nobody loses
/// for silence (the P3 weights are 0), because a quiet chain is not a fault.
pub(crate) fn topic_scores() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 0.5,
        time_in_mesh_weight: 0.01,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 300.0,
        first_message_deliveries_weight: 0.1,
        first_message_deliveries_decay: 0.9,
        first_message_deliveries_cap: 100.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        // With our own points for them, the fifth is a ban before gossipsub stops listening.
        invalid_message_deliveries_weight: -5.0,
        invalid_message_deliveries_decay: 0.99,
        ..TopicScoreParams::default()
    }
}

fn scores() -> PeerScoreParams {
    let loopback = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    PeerScoreParams {
        topic_score_cap: 100.0,
        // Our own book's points, at most 0; always 0 for protected peers [P1].
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: -5.0,
        ip_colocation_factor_threshold: 8.0,
        ip_colocation_factor_whitelist: loopback.into(),
        behaviour_penalty_weight: -10.0,
        // A peer that restarts re-grafts at once; that is no attack.
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: 0.9,
        slow_peer_weight: -0.2,
        slow_peer_threshold: 50.0,
        ..PeerScoreParams::default()
    }
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -40.0,
        publish_threshold: -80.0,
        graylist_threshold: -160.0,
        accept_px_threshold: 1000.0,
        opportunistic_graft_threshold: 1.0,
    }
}

/// Our name for a message of gossipsub's.
pub(crate) fn message_id(id: &WireId) -> Option<MessageId> {
    Some(MessageId(id.0.as_slice().try_into().ok()?))
}

/// Gossipsub's name for a message of ours.
pub(crate) fn wire_id(id: &MessageId) -> WireId {
    WireId::new(&id.0)
}

/// The topic as gossipsub wants it.
pub(crate) fn wire_topic(names: &Names, topic: Topic) -> IdentTopic {
    IdentTopic::new(names.topic(topic))
}

impl Driver {
    pub(crate) fn subscribe(&mut self, topic: Topic) {
        let wire = wire_topic(&self.names, topic);
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        if gossip
            .set_topic_params(wire.clone(), topic_scores())
            .is_err()
        {
            tracing::warn!(?topic, "no scores");
        }
        match gossip.subscribe(&wire) {
            Ok(_) => drop(self.topics.insert(topic)),
            Err(error) => tracing::warn!(?topic, %error, "not subscribed"),
        }
    }

    pub(crate) fn unsubscribe(&mut self, topic: Topic) {
        self.topics.remove(&topic);
        let wire = wire_topic(&self.names, topic);
        self.swarm.behaviour_mut().gossip.unsubscribe(&wire);
    }

    pub(crate) fn publish(&mut self, topic: Topic, bytes: Bytes) {
        let wire = wire_topic(&self.names, topic);
        match self
            .swarm
            .behaviour_mut()
            .gossip
            .publish(wire, Vec::from(bytes))
        {
            Ok(_) | Err(PublishError::Duplicate) => {}
            Err(PublishError::NoPeersSubscribedToTopic) => {
                tracing::debug!(?topic, "nobody to publish to");
            }
            Err(error) => {
                add(&self.counters.unpublished);
                tracing::warn!(?topic, %error, "not published");
            }
        }
    }

    pub(crate) fn judge(&mut self, id: MessageId, from: NodeId, verdict: Verdict) {
        let Some(peer) = from.peer_id() else { return };
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Reject => MessageAcceptance::Reject,
            Verdict::Ignore => MessageAcceptance::Ignore,
        };
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        let known = gossip.report_message_validation_result(&wire_id(&id), &peer, acceptance);
        // A verdict on what was never received, or was judged before, blames nobody.
        if known && verdict == Verdict::Reject {
            self.offend(from, Offence::InvalidGossip);
        }
    }

    pub(crate) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message {
                propagation_source,
                message_id: id,
                message,
            } => {
                let topic = self.names.parse_topic(message.topic.as_str());
                let from = NodeId::from_peer_id(&propagation_source);
                let (Some(topic), Some(from), Some(id)) = (topic, from, message_id(&id)) else {
                    return;
                };
                self.prove(propagation_source);
                let author = message.source.as_ref().and_then(NodeId::from_peer_id);
                let Some(author) = author.zip(message.sequence_number) else {
                    return self.judge(id, from, Verdict::Reject);
                };
                if !self.admit_gossip(author, from, topic.kind, message.data.len()) {
                    return self.judge(id, from, Verdict::Ignore);
                }
                self.deliver(Event::Gossip {
                    id,
                    from,
                    author: author.0,
                    topic,
                    bytes: message.data.into(),
                });
            }
            gossipsub::Event::SlowPeer { peer_id, .. } => {
                tracing::debug!(%peer_id, "reads too slowly; messages for it were dropped");
            }
            _ => {}
        }
    }
}
