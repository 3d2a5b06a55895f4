//! The bridge between a node's chains and the network.
//!
//! Votes go straight to the members of the committee, so their author is the transport's peer.
//! Proposals, certificates, external messages and anchors are gossip; each proves itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use actix::Recipient;
use borsh::BorshDeserialize;
use bytes::Bytes;
use consensus::Message;
use p2p::{Event, Network, NetworkHandle, Offence, Protocol, Topic, TopicKind, Verdict};
use tokio::sync::oneshot;
use tracing::debug;
use tx_chain::{Input, Pull};
use types::{
    Anchor, Block, BlockHash, ChainId, Committee, Declaration, ExternalMessage, Height, Import,
    NodeId, RootBlock,
};

use super::admission::{Admission, Lot, Origin};
use super::chain::{Outlet, Timed, ToChain};
use super::courier;
use super::desk::{Desk, Query};
use super::duty::{self, DutySender, SHARES, ToDuty};

/// External messages in one gossip message at most.
const GOSSIP_MESSAGES: usize = 1_024;
/// Nodes that one question is put to before it is given up.
const TRIES: usize = 3;

/// The chains of a node, set once all are started.
pub type Locals = Arc<OnceLock<BTreeMap<ChainId, Recipient<ToChain>>>>;

/// A question for blocks.
type BlockQuestion = (ChainId, BlockHash, Height);

/// What goes to the root besides messages.
#[derive(borsh::BorshSerialize, BorshDeserialize)]
enum Filing {
    Anchor(Box<Anchor>),
    Declaration(Declaration),
}

impl Filing {
    fn into_input(self) -> Input {
        match self {
            Self::Anchor(anchor) => Input::Anchor(anchor),
            Self::Declaration(declaration) => Input::Declarations(vec![declaration]),
        }
    }
}

/// A chain's way out of the node.
#[derive(Clone)]
pub struct NetworkOutlet {
    /// Commands the network.
    pub network: NetworkHandle,
    /// Members of each chain's committee.
    pub committees: Arc<RwLock<BTreeMap<ChainId, Vec<NodeId>>>>,
    /// The chains of this node.
    pub locals: Locals,
    /// Carries root-final blocks to the other chains, in order; never drops one.
    pub courier: courier::Sender,
    /// How often each lane, by source and destination, was pulled.
    pub attempts: Arc<Mutex<BTreeMap<(ChainId, ChainId), usize>>>,
    /// Held while the network is told of committees.
    pub telling: Arc<tokio::sync::Mutex<()>>,
    /// Where questions run.
    pub runtime: tokio::runtime::Handle,
}

impl NetworkOutlet {
    fn publish(&self, chain: ChainId, kind: TopicKind, bytes: Vec<u8>) {
        let topic = Topic {
            chain: chain.0,
            kind,
        };
        if let Err(cause) = self.network.try_publish(topic, bytes.into()) {
            debug!(%cause, ?topic, "not published");
        }
    }

    fn direct(&self, chain: ChainId, to: NodeId, bytes: Bytes) {
        let topic = Topic {
            chain: chain.0,
            kind: TopicKind::Consensus,
        };
        if let Err(cause) = self.network.try_direct(peer(to), topic, bytes) {
            debug!(%cause, %to, "not sent");
        }
    }

    fn local(&self, chain: ChainId) -> Option<&Recipient<ToChain>> {
        self.locals.get()?.get(&chain)
    }

    /// Members of all committees that this node is in: those whom it must reach.
    fn colleagues(&self) -> Vec<p2p::NodeId> {
        let own = self.network.id();
        let committees = self.committees.read();
        let committees = committees.unwrap_or_else(PoisonError::into_inner);
        let ours = committees.values();
        let ours = ours.filter(|members| members.iter().any(|member| peer(*member) == own));
        ours.flatten().map(|member| peer(*member)).collect()
    }

    /// The number of a lane's next pull: each begins with another member, for one may lie; and each
    /// node with another, so that not all ask the same.
    fn attempt(&self, pull: &Pull) -> usize {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let own = usize::from(self.network.id().0[0]);
        let lane = (pull.source, pull.destination);
        let first = own.wrapping_add(pull.destination.0 as usize);
        let attempt = attempts.entry(lane).or_insert(first);
        *attempt = attempt.wrapping_add(1);
        *attempt
    }

    /// Whether a node is in some committee.
    fn knows(&self, node: NodeId) -> bool {
        let committees = self.committees.read();
        let committees = committees.unwrap_or_else(PoisonError::into_inner);
        committees.values().any(|members| members.contains(&node))
    }

    /// Members of all committees that this node knows of.
    fn everybody(&self) -> Vec<p2p::NodeId> {
        let committees = self.committees.read();
        let committees = committees.unwrap_or_else(PoisonError::into_inner);
        let members = committees.values().flatten();
        members.map(|member| peer(*member)).collect()
    }

    fn members(&self, chain: ChainId) -> Vec<NodeId> {
        let committees = self.committees.read();
        let committees = committees.unwrap_or_else(PoisonError::into_inner);
        committees.get(&chain).cloned().unwrap_or_default()
    }

    async fn ask(&self, nodes: &[NodeId], protocol: Protocol, question: Bytes) -> Option<Bytes> {
        let others = nodes
            .iter()
            .map(|node| peer(*node))
            .filter(|node| *node != self.network.id());
        for node in others.take(TRIES) {
            match self.network.request(node, protocol, question.clone()).await {
                Ok(answer) if answer.len() > 4 => return Some(answer),
                Ok(_) => {}
                Err(cause) => debug!(%cause, ?protocol, "no answer"),
            }
        }
        None
    }

    async fn bundles(&self, pull: Pull) -> Vec<Import> {
        // A chain of this node may be behind, or have ended here: others may know more.
        if let Some(source) = self.local(pull.source) {
            let (answer, found) = oneshot::channel();
            if source.try_send(ToChain::Pull(pull, answer)).is_ok()
                && let Ok(found) = found.await
                && !found.value.is_empty()
            {
                return found.value;
            }
        }
        let question: Bytes = encode(&pull).into();
        let mut nodes = self.members(pull.source);
        let by = self.attempt(&pull) % nodes.len().max(1);
        nodes.rotate_left(by);
        let mut answer = self.ask(&nodes, Protocol::Bundle, question.clone()).await;
        if answer.is_none() {
            // The committee can't be reached: whoever else serves the chain will do.
            let found = self
                .network
                .find_providers(pull.source.0)
                .await
                .unwrap_or_default();
            let found: Vec<_> = found.into_iter().map(node).collect();
            answer = self.ask(&found, Protocol::Bundle, question).await;
        }
        answer
            .and_then(|bytes| Vec::try_from_slice(&bytes).ok())
            .unwrap_or_default()
    }
}

impl Outlet for NetworkOutlet {
    fn broadcast(&self, chain: ChainId, message: &Message) {
        let bytes = encode(message);
        if !matches!(message, Message::Vote(_)) {
            return self.publish(chain, TopicKind::Consensus, bytes);
        }
        let bytes = Bytes::from(bytes);
        for member in self.members(chain) {
            if peer(member) != self.network.id() {
                self.direct(chain, member, bytes.clone());
            }
        }
    }

    fn send(&self, chain: ChainId, to: NodeId, message: &Message) {
        self.direct(chain, to, encode(message).into());
    }

    fn committee(&self, committee: &Committee) {
        let members = committee.members.iter().map(|member| member.node).collect();
        let committees = self.committees.write();
        let mut committees = committees.unwrap_or_else(PoisonError::into_inner);
        committees.insert(committee.chain, members);
        drop(committees);
        let outlet = self.clone();
        self.runtime.spawn(async move {
            // Read and told in one go, or an older word could be the last.
            let _turn = outlet.telling.lock().await;
            let (everybody, colleagues) = (outlet.everybody(), outlet.colleagues());
            // It ends only with the node.
            let _ = outlet.network.know(everybody).await;
            let _ = outlet.network.protect(colleagues).await;
        });
    }

    fn fetch(&self, chain: ChainId, hash: BlockHash, above: Height, from: Vec<NodeId>) {
        let outlet = self.clone();
        self.runtime.spawn(async move {
            let question: Bytes = encode(&(chain, hash, above)).into();
            let answer = outlet.ask(&from, Protocol::Block, question).await;
            let blocks = answer.and_then(|bytes| Vec::<Block>::try_from_slice(&bytes).ok());
            if let (Some(blocks), Some(local)) = (blocks, outlet.local(chain)) {
                let _ = local.try_send(ToChain::Input(Input::Blocks(blocks)));
            }
        });
    }

    fn pull(&self, pull: Pull) {
        let outlet = self.clone();
        self.runtime.spawn(async move {
            let imports = outlet.bundles(pull).await;
            if let Some(local) = outlet
                .local(pull.destination)
                .filter(|_| !imports.is_empty())
            {
                let _ = local.try_send(ToChain::Input(Input::Imports(imports)));
            }
        });
    }

    fn submit(&self, anchor: Box<Anchor>) {
        let filing = Filing::Anchor(anchor);
        self.publish(ChainId::ROOT, TopicKind::Anchors, encode(&filing));
        if let Some(root) = self.local(ChainId::ROOT) {
            let _ = root.try_send(ToChain::Input(filing.into_input()));
        }
    }

    fn declare(&self, declaration: Declaration) {
        let filing = Filing::Declaration(declaration);
        self.publish(ChainId::ROOT, TopicKind::Anchors, encode(&filing));
    }

    fn pass_on(&self, chain: ChainId, messages: Vec<ExternalMessage>) {
        for lot in messages.chunks(GOSSIP_MESSAGES) {
            self.publish(chain, TopicKind::Messages, encode(&lot.to_vec()));
        }
    }

    fn root_final(&self, block: Arc<RootBlock>) {
        // The courier ends only with the node.
        let _ = self.courier.send(block);
    }

    fn offence(&self, node: NodeId) {
        let (network, to) = (self.network.clone(), peer(node));
        self.runtime.spawn(async move {
            let _ = network.report(to, Offence::InvalidGossip).await;
        });
    }
}

/// Takes what the network brings until it closes.
pub async fn listen(
    mut network: Network,
    outlet: NetworkOutlet,
    admission: Admission,
    duty: Option<DutySender>,
) {
    let handle = network.handle();
    let Some(chains) = outlet.locals.get() else {
        return;
    };
    let desks = desks(chains, &handle);
    while let Some(event) = network.next().await {
        match event {
            Event::Gossip {
                id,
                from,
                author,
                topic,
                bytes,
            } => {
                let judge = Judge {
                    handle: handle.clone(),
                    id,
                    from,
                };
                gossip(chains, &admission, judge, (author, topic), &bytes);
            }
            Event::Direct { from, topic, bytes } if topic == SHARES => {
                if let (Some(to), Some(shares)) = (&duty, duty::shares(&bytes)) {
                    let _ = to.send(ToDuty::Shares(node(from), shares));
                }
            }
            Event::Direct { from, topic, bytes } => {
                if let Ok(message) = Message::try_from_slice(&bytes) {
                    to_consensus(chains, ChainId(topic.chain), node(from), message);
                }
            }
            Event::Request {
                from,
                protocol,
                bytes,
                ticket,
            } => {
                let from = node(from);
                let desk = question(protocol, &bytes)
                    .and_then(|(chain, query)| Some((desks.get(&chain)?, query)));
                let turned_away = match desk {
                    Some((desk, query)) => desk.put(from, outlet.knows(from), ticket, query),
                    None => Some(ticket),
                };
                if let Some(ticket) = turned_away {
                    let _ = handle.try_answer(ticket, Bytes::new());
                }
            }
            Event::Listening { addr } => tracing::info!(%addr, "listening"),
            Event::PeerConnected { peer } => debug!(?peer, "connected"),
            Event::PeerDisconnected { peer } => debug!(?peer, "disconnected"),
        }
    }
}

/// Who judges a gossip message.
struct Judge {
    handle: NetworkHandle,
    id: p2p::MessageId,
    from: p2p::NodeId,
}

impl Judge {
    fn say(self, good: bool) {
        let verdict = if good {
            Verdict::Accept
        } else {
            Verdict::Reject
        };
        let _ = self.handle.try_verdict(self.id, self.from, verdict);
    }
}

type Chains = BTreeMap<ChainId, Recipient<ToChain>>;

fn gossip(
    chains: &Chains,
    admission: &Admission,
    judge: Judge,
    (author, topic): (p2p::NodeId, Topic),
    bytes: &[u8],
) {
    let chain = ChainId(topic.chain);
    match topic.kind {
        TopicKind::Consensus => {
            let message = Message::try_from_slice(bytes);
            judge.say(message.is_ok());
            if let Ok(message) = message {
                to_consensus(chains, chain, node(author), message);
            }
        }
        TopicKind::Anchors => {
            let filing = Filing::try_from_slice(bytes);
            judge.say(filing.is_ok());
            if let (Ok(filing), Some(root)) = (filing, chains.get(&ChainId::ROOT)) {
                let _ = root.try_send(ToChain::Input(filing.into_input()));
            }
        }
        TopicKind::Messages => match Vec::<ExternalMessage>::try_from_slice(bytes) {
            Ok(messages) if messages.len() <= GOSSIP_MESSAGES => {
                let origin = Origin::Gossip(Box::new(move |good| judge.say(good)));
                admission.offer(Lot { messages, origin });
            }
            _ => judge.say(false),
        },
    }
}

fn to_consensus(chains: &Chains, chain: ChainId, from: NodeId, message: Message) {
    if let Some(local) = chains.get(&chain) {
        let _ = local.try_send(ToChain::Input(Input::Consensus { from, message }));
    }
}

/// What a peer asks, and of which chain.
fn question(protocol: Protocol, bytes: &[u8]) -> Option<(ChainId, Query)> {
    match protocol {
        Protocol::Block | Protocol::Body => {
            let (chain, hash, above) = BlockQuestion::try_from_slice(bytes).ok()?;
            Some((chain, Query::Blocks(hash, above)))
        }
        Protocol::Bundle => {
            let pull = Pull::try_from_slice(bytes).ok()?;
            Some((pull.source, Query::Bundles(pull)))
        }
        Protocol::Status => None,
    }
}

/// A desk for each chain, where peers' questions wait.
fn desks(chains: &Chains, handle: &NetworkHandle) -> BTreeMap<ChainId, Desk> {
    let open = |(chain, local): (&ChainId, &Recipient<ToChain>)| {
        let (desk, local, handle) = (Desk::default(), local.clone(), handle.clone());
        let ask = move |query| answer(local.clone(), query);
        let reply = move |ticket, bytes: Vec<u8>| {
            let handle = handle.clone();
            async move {
                // The asker may have gone.
                let _ = handle.answer(ticket, bytes.into()).await;
            }
        };
        tokio::spawn(desk.clone().serve(ask, reply));
        (*chain, desk)
    };
    chains.iter().map(open).collect()
}

/// A chain's answer, encoded; nothing if the chain has ended.
async fn answer(chain: Recipient<ToChain>, query: Query) -> Timed<Vec<u8>> {
    let nothing = || Timed {
        value: Vec::new(),
        took: Duration::ZERO,
    };
    match query {
        Query::Blocks(hash, above) => {
            let (answer, found) = oneshot::channel();
            let _ = chain.send(ToChain::Blocks(hash, above, answer)).await;
            let found = found.await;
            found.map_or_else(|_| nothing(), |found| found.map(|blocks| encode(&blocks)))
        }
        Query::Bundles(pull) => {
            let (answer, found) = oneshot::channel();
            let _ = chain.send(ToChain::Pull(pull, answer)).await;
            let found = found.await;
            found.map_or_else(|_| nothing(), |found| found.map(|imports| encode(&imports)))
        }
    }
}

fn encode(value: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}

/// A node's name as the network knows it.
pub fn peer(node: NodeId) -> p2p::NodeId {
    p2p::NodeId(*node.0.as_bytes())
}

/// A node's name as the chains know it.
pub fn node(peer: p2p::NodeId) -> NodeId {
    NodeId(peer.0.into())
}
