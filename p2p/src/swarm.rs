//! Starts a network over libp2p, and the loop that drives it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use libp2p::swarm::{NetworkInfo, Swarm, SwarmEvent};
use libp2p::{Multiaddr, PeerId, SwarmBuilder, TransportError, noise, tcp, yamux};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::authors::{Authors, secret};
use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::config::{ConfigError, NetworkConfig, bootstrap_peer};
use crate::connections::Peer;
use crate::counters::Counters;
use crate::dialer::Dialer;
use crate::discovery::Searches;
use crate::handle::{Lines, Network, NetworkHandle, Port};
use crate::identity::keypair;
use crate::lanes::EventQueue;
use crate::letters::Letters;
use crate::names::Names;
use crate::peers::PeerBook;
use crate::port::{Command, Event, Topic};
use crate::questions::Questions;
use crate::rates::Rates;

/// The pace of everything that is not an answer to an event: re-dialling, pardons, clean-up.
const TICK: Duration = Duration::from_secs(1);
/// Streams of one connection. Each may buffer 256 KiB before it is read.
const YAMUX_STREAMS: usize = 256;
const QUIC_STREAM_BYTES: u32 = 4 * 1024 * 1024;
const QUIC_CONNECTION_BYTES: u32 = 8 * 1024 * 1024;
/// We close connections that we can't use ourselves (`discovery`); libp2p need not.
const IDLE: Duration = Duration::from_secs(3600);
const NEGOTIATING_STREAMS: usize = 64;
const GOODBYE: Duration = Duration::from_secs(2);

/// Why a network did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key can't be used for the handshake.
    #[error("the handshake can't be prepared")]
    Noise(#[from] noise::Error),
    /// The resolver of names can't be set up.
    #[error("the resolver of names can't be set up")]
    Dns(#[source] io::Error),
    /// An address can't be listened on.
    #[error("can't listen on {addr}")]
    Listen {
        /// The address.
        addr: Multiaddr,
        /// The reason.
        source: TransportError<io::Error>,
    },
}

/// Starts a network on the current tokio runtime.
///
/// # Panics
/// Outside a tokio runtime.
pub fn start(config: NetworkConfig) -> Result<Network, StartError> {
    config.validate()?;
    let counters = Arc::new(Counters::default());
    let events = Arc::new(EventQueue::new(config.lanes, counters.clone()));
    let (urgent, urgent_commands) = mpsc::channel(config.commands);
    let (bulk, bulk_commands) = mpsc::channel(config.commands);
    let (stop, stopped) = oneshot::channel();
    let port = Port::Swarm(Lines { urgent, bulk });
    let handle = NetworkHandle::new(config.node_id(), port, counters.clone());
    let driver = Driver::new(config, events.clone(), counters)?;
    let commands = Commands {
        urgent: urgent_commands,
        bulk: bulk_commands,
    };
    #[expect(clippy::disallowed_methods, reason = "Network::shutdown waits for it")]
    let task = tokio::spawn(driver.run(commands, stopped));
    Ok(Network::new(handle, events, Some((stop, task))))
}

struct Commands {
    urgent: mpsc::Receiver<Command>,
    bulk: mpsc::Receiver<Command>,
}

/// Everything that the task of a network owns. Its methods lie in the modules of their subject:
/// `connections`, `exchange`, `gossip`, `questions`, `letters`, `discovery`.
pub(crate) struct Driver {
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) config: NetworkConfig,
    pub(crate) names: Names,
    pub(crate) events: Arc<EventQueue>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) book: PeerBook,
    pub(crate) rates: Rates,
    pub(crate) authors: Authors,
    pub(crate) dialer: Dialer,
    pub(crate) peers: BTreeMap<PeerId, Peer>,
    pub(crate) privileged: BTreeSet<PeerId>,
    pub(crate) topics: BTreeSet<Topic>,
    pub(crate) questions: Questions,
    pub(crate) letters: Letters,
    pub(crate) searches: Searches,
    born: Instant,
}

impl Driver {
    fn new(
        config: NetworkConfig,
        events: Arc<EventQueue>,
        counters: Arc<Counters>,
    ) -> Result<Self, StartError> {
        let names = Names::new(&config.network);
        let mut driver = Self {
            swarm: build(&config, &names)?,
            rates: Rates::new(config.rates),
            authors: Authors::new(secret(&config.seed)),
            names,
            events,
            counters,
            book: PeerBook::default(),
            dialer: Dialer::default(),
            peers: BTreeMap::new(),
            privileged: BTreeSet::new(),
            topics: BTreeSet::new(),
            questions: Questions::default(),
            letters: Letters::default(),
            searches: Searches::default(),
            born: Instant::now(),
            config,
        };
        driver.listen()?;
        driver.enlist_bootstrap()?;
        Ok(driver)
    }

    fn listen(&mut self) -> Result<(), StartError> {
        for addr in self.config.listen.clone() {
            self.swarm
                .listen_on(addr.clone())
                .map_err(|source| StartError::Listen { addr, source })?;
        }
        let external = self.config.external.clone();
        external
            .into_iter()
            .for_each(|addr| self.swarm.add_external_address(addr));
        Ok(())
    }

    fn enlist_bootstrap(&mut self) -> Result<(), ConfigError> {
        for addr in self.config.bootstrap.clone() {
            let (peer, node) = bootstrap_peer(&addr)?;
            if peer != *self.swarm.local_peer_id() {
                self.dialer.bootstrap(node, addr.clone());
                self.swarm.behaviour_mut().kad.add_address(&peer, addr);
            }
        }
        self.privilege();
        Ok(())
    }

    /// Time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.born.elapsed()
    }

    async fn run(mut self, mut commands: Commands, mut stop: oneshot::Receiver<()>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut stop => break,
                event = self.swarm.select_next_some() => self.on_event(event),
                Some(command) = commands.urgent.recv() => self.on_command(command),
                Some(command) = commands.bulk.recv() => self.on_command(command),
                _ = tick.tick() => self.on_tick(),
            }
        }
        // A command that comes now is answered with "closed", not with silence.
        drop(commands);
        let _ = tokio::time::timeout(GOODBYE, self.say_goodbye()).await;
        self.events.close();
    }

    async fn say_goodbye(&mut self) {
        let peers: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in peers {
            // It may have gone already.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        while NetworkInfo::connection_counters(&self.swarm.network_info()).num_established() > 0 {
            self.swarm.select_next_some().await;
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Subscribe(topic) => self.subscribe(topic),
            Command::Unsubscribe(topic) => self.unsubscribe(topic),
            Command::Publish { topic, bytes } => self.publish(topic, bytes),
            Command::Verdict { id, from, verdict } => self.judge(id, from, verdict),
            Command::Request {
                to,
                protocol,
                bytes,
                answer,
            } => {
                self.ask(to, protocol, bytes, answer);
            }
            Command::Answer { ticket, bytes } => self.answer(ticket, bytes),
            Command::Direct { to, topic, bytes } => self.send_direct(to, topic, bytes),
            Command::Provide { chain } => self.provide(chain),
            Command::FindProviders { chain, answer } => self.find_providers(chain, answer),
            Command::Dial { addr } => self.dial(addr),
            Command::Report { peer, offence } => self.offend(peer, offence),
            Command::Protect { peers } => self.protect(peers),
            Command::Know { members } => self.know(members),
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            } => {
                self.on_connected(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed {
                peer_id,
                endpoint,
                num_established,
                ..
            } => {
                self.on_closed(peer_id, &endpoint, num_established);
            }
            SwarmEvent::IncomingConnectionError { error, .. } => self.on_denied(&error),
            SwarmEvent::OutgoingConnectionError { peer_id, error, .. } => {
                tracing::debug!(?peer_id, %error, "dialling failed");
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                let addr = address.with_p2p(*self.swarm.local_peer_id());
                let addr = addr.unwrap_or_else(|addr| addr);
                self.deliver(Event::Listening { addr });
            }
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(event) => self.on_identify(event),
            BehaviourEvent::Kad(event) => self.on_kad(event),
            BehaviourEvent::Gossip(event) => self.on_gossip(event),
            BehaviourEvent::Ask(event) => self.on_ask(event),
            BehaviourEvent::Direct(event) => self.on_direct(event),
            BehaviourEvent::Ping(event) => self.on_ping(event),
        }
    }

    fn on_tick(&mut self) {
        self.tidy_questions();
        self.tidy_letters();
        self.tidy_allowances();
        self.pardon();
        self.keep_connected();
    }
}

/// TCP and QUIC, both with names resolved. [N1] The network's name is part of the noise handshake,
/// so over TCP a node of another network fails to connect at all.
fn build(config: &NetworkConfig, names: &Names) -> Result<Swarm<Behaviour>, StartError> {
    let keypair = keypair(&config.seed);
    let prologue = names.handshake().into_bytes();
    let security = move |keypair: &libp2p::identity::Keypair| {
        noise::Config::new(keypair).map(|noise| noise.with_prologue(prologue))
    };
    let muxer = || {
        let mut yamux = yamux::Config::default();
        yamux.set_max_num_streams(YAMUX_STREAMS);
        yamux
    };
    let builder = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), security, muxer)?
        .with_quic_config(|mut quic| {
            quic.max_stream_data = QUIC_STREAM_BYTES;
            quic.max_connection_data = QUIC_CONNECTION_BYTES;
            quic.max_concurrent_stream_limit = YAMUX_STREAMS as u32;
            quic
        })
        .with_dns()
        .map_err(StartError::Dns)?;
    let swarm = builder
        .with_behaviour(|keypair| Behaviour::new(config, keypair, names))
        .unwrap_or_else(|never| match never {})
        .with_swarm_config(|swarm| {
            swarm
                .with_idle_connection_timeout(IDLE)
                .with_max_negotiating_inbound_streams(NEGOTIATING_STREAMS)
        })
        .build();
    Ok(swarm)
}
