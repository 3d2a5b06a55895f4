//! The twin: networks in one process, joined by a hub, behind the same port.
//!
//! Nothing is copied and no task runs: a command takes the hub's lock and puts its events straight
//! into the queues of those it concerns. What is the same as over libp2p: subscriptions, one copy
//! of a message within the repeat window, verdicts (they only count against the sender, since there
//! is no second hop), bounded queues with the same policies, questions that time out, bans,
//! protection, and the wall between networks. What is not: time on the wire, loss, connections,
//! allowances, answers that nobody reads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol as Part;
use tokio::time::Instant;

use crate::counters::{Counters, add};
use crate::gossip::REPEAT_WINDOW;
use crate::handle::{CommandError, Network, NetworkHandle, Port};
use crate::identity::NodeId;
use crate::lanes::{EventQueue, LaneLimits};
use crate::peers::{PeerBook, Standing};
use crate::port::{
    AnswerSender, Command, Event, MessageId, Offence, Protocol, REQUEST_TIMEOUT, RequestError,
    Ticket, Topic, Verdict,
};

/// Joins networks. Cheap to clone.
#[derive(Clone)]
pub struct MemoryHub {
    hub: Arc<Mutex<Hub>>,
}

impl Default for MemoryHub {
    fn default() -> Self {
        let hub = Hub {
            members: BTreeMap::new(),
            questions: BTreeMap::new(),
            next_ticket: 0,
            seen: BTreeSet::new(),
            seen_order: VecDeque::new(),
            born: Instant::now(),
        };
        Self {
            hub: Arc::new(Mutex::new(hub)),
        }
    }
}

impl MemoryHub {
    /// A node joins `network`. It is at once connected to all others of the same network.
    ///
    /// # Panics
    /// If the node is here already.
    pub fn join(&self, id: NodeId, network: [u8; 32], lanes: LaneLimits) -> Network {
        let counters = Arc::new(Counters::default());
        let events = Arc::new(EventQueue::new(lanes, counters.clone()));
        let seat = Arc::new(Seat {
            hub: self.hub.clone(),
            id,
        });
        let member = Member {
            network,
            events: events.clone(),
            counters: counters.clone(),
            topics: BTreeSet::new(),
            provides: BTreeSet::new(),
            book: PeerBook::default(),
            connected: BTreeSet::new(),
        };
        seat.lock().enter(id, member);
        let handle = NetworkHandle::new(id, Port::Memory(seat), counters);
        Network::new(handle, events, None)
    }
}

/// A node's place at the hub.
pub(crate) struct Seat {
    hub: Arc<Mutex<Hub>>,
    id: NodeId,
}

impl Seat {
    pub(crate) fn submit(&self, command: Command) -> Result<(), CommandError> {
        let mut hub = self.lock();
        if !hub.members.contains_key(&self.id) {
            return Err(CommandError::Closed);
        }
        hub.expire();
        hub.execute(self.id, command);
        Ok(())
    }

    pub(crate) fn leave(&self) {
        self.lock().leave(self.id);
    }

    fn lock(&self) -> MutexGuard<'_, Hub> {
        self.hub
            .lock()
            .expect("no thread panics while it holds the hub")
    }
}

struct Member {
    network: [u8; 32],
    events: Arc<EventQueue>,
    counters: Arc<Counters>,
    topics: BTreeSet<Topic>,
    provides: BTreeSet<u32>,
    book: PeerBook,
    connected: BTreeSet<NodeId>,
}

struct Asked {
    by: NodeId,
    to: NodeId,
    answer: AnswerSender,
    deadline: Duration,
}

struct Hub {
    members: BTreeMap<NodeId, Member>,
    questions: BTreeMap<Ticket, Asked>,
    next_ticket: u64,
    seen: BTreeSet<MessageId>,
    seen_order: VecDeque<(Duration, MessageId)>,
    born: Instant,
}

impl Hub {
    fn now(&self) -> Duration {
        self.born.elapsed()
    }

    fn enter(&mut self, id: NodeId, member: Member) {
        let addr = Multiaddr::empty().with(Part::Memory(address(&id)));
        let addr = match id.peer_id() {
            Some(peer) => addr.with(Part::P2p(peer)),
            None => addr,
        };
        member.events.push(Event::Listening { addr });
        let known = self.members.insert(id, member);
        assert!(known.is_none(), "a node joins once");
        let all: Vec<_> = self.members.keys().copied().collect();
        all.into_iter().for_each(|other| self.link(id, other));
    }

    fn leave(&mut self, id: NodeId) {
        let Some(member) = self.members.remove(&id) else {
            return;
        };
        member.events.close();
        for other in member.connected {
            if let Some(other) = self.members.get_mut(&other) {
                other.connected.remove(&id);
                other.events.push(Event::PeerDisconnected { peer: id });
            }
        }
        let open = |asked: &mut Asked| asked.by == id || asked.to == id;
        let open: Vec<_> = self
            .questions
            .extract_if(.., |_, asked| open(asked))
            .collect();
        for (ticket, asked) in open {
            self.withdraw(&asked.to, ticket);
            refuse(asked.answer, RequestError::Unreachable);
        }
    }

    /// Connects two members if both are of one network and neither has banned the other.
    fn link(&mut self, a: NodeId, b: NodeId) {
        let now = self.now();
        let (Some(first), Some(second)) = (self.members.get(&a), self.members.get(&b)) else {
            return;
        };
        let banned = is_banned(first, now, &b) || is_banned(second, now, &a);
        if a == b || first.network != second.network || banned || first.connected.contains(&b) {
            return;
        }
        for (id, other) in [(a, b), (b, a)] {
            if let Some(member) = self.members.get_mut(&id) {
                member.connected.insert(other);
                member.events.push(Event::PeerConnected { peer: other });
            }
        }
    }

    fn unlink(&mut self, a: NodeId, b: NodeId) {
        for (id, other) in [(a, b), (b, a)] {
            if let Some(member) = self.members.get_mut(&id)
                && member.connected.remove(&other)
            {
                member.events.push(Event::PeerDisconnected { peer: other });
            }
        }
    }

    fn execute(&mut self, id: NodeId, command: Command) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        match command {
            Command::Subscribe(topic) => {
                member.topics.insert(topic);
            }
            Command::Unsubscribe(topic) => {
                member.topics.remove(&topic);
            }
            Command::Publish { topic, bytes } => self.publish(id, topic, &bytes),
            Command::Verdict {
                id: message,
                from,
                verdict: Verdict::Reject,
            } => {
                if self.seen.contains(&message) {
                    self.offend(id, from, Offence::InvalidGossip);
                }
            }
            Command::Verdict { .. } | Command::Know { .. } => {}
            Command::Request {
                to,
                protocol,
                bytes,
                answer,
            } => {
                self.ask(id, to, protocol, bytes, answer);
            }
            Command::Answer { ticket, bytes } => self.answer(id, ticket, bytes),
            Command::Direct { to, topic, bytes } => self.direct(id, to, topic, bytes),
            Command::Provide { chain } => {
                member.provides.insert(chain);
            }
            Command::FindProviders { chain, answer } => {
                // Whoever searched may have given up.
                let _ = answer.send(self.providers(id, chain));
            }
            Command::Dial { addr } => self.dial(id, &addr),
            Command::Report { peer, offence } => self.offend(id, peer, offence),
            Command::Protect { peers } => self.protect(id, peers),
        }
    }

    fn publish(&mut self, from: NodeId, topic: Topic, bytes: &Bytes) {
        let Some(sender) = self.members.get(&from) else {
            return;
        };
        let id = MessageId::of(&sender.network, topic, &from, bytes);
        let readers = sender
            .connected
            .iter()
            .filter_map(|other| self.members.get(other));
        let readers: Vec<_> = readers
            .filter(|other| other.topics.contains(&topic))
            .collect();
        if readers.is_empty() || self.seen.contains(&id) {
            return;
        }
        for reader in readers {
            reader.events.push(Event::Gossip {
                id,
                from,
                author: from,
                topic,
                bytes: bytes.clone(),
            });
        }
        self.seen.insert(id);
        self.seen_order.push_back((self.now() + REPEAT_WINDOW, id));
    }

    fn ask(
        &mut self,
        by: NodeId,
        to: NodeId,
        protocol: Protocol,
        bytes: Bytes,
        answer: AnswerSender,
    ) {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let Some(other) = self.peer(&by, &to) else {
            return refuse(answer, RequestError::Unreachable);
        };
        let shed = other.events.push(Event::Request {
            from: by,
            protocol,
            bytes,
            ticket,
        });
        if !shed.is_empty() {
            return refuse(answer, RequestError::Busy);
        }
        let deadline = self.now() + REQUEST_TIMEOUT;
        self.questions.insert(
            ticket,
            Asked {
                by,
                to,
                answer,
                deadline,
            },
        );
    }

    fn answer(&mut self, by: NodeId, ticket: Ticket, bytes: Bytes) {
        if self
            .questions
            .get(&ticket)
            .is_some_and(|asked| asked.to == by)
            && let Some(asked) = self.questions.remove(&ticket)
        {
            // Whoever asked may have given up.
            let _ = asked.answer.send(Ok(bytes));
        }
    }

    fn direct(&mut self, from: NodeId, to: NodeId, topic: Topic, bytes: Bytes) {
        if let Some(other) = self
            .peer(&from, &to)
            .filter(|other| other.topics.contains(&topic))
        {
            other.events.push(Event::Direct { from, topic, bytes });
        }
    }

    fn providers(&self, id: NodeId, chain: u32) -> Vec<NodeId> {
        let Some(member) = self.members.get(&id) else {
            return Vec::new();
        };
        let provides = |other: &&NodeId| {
            self.members
                .get(other)
                .is_some_and(|other| other.provides.contains(&chain))
        };
        member.connected.iter().filter(provides).copied().collect()
    }

    fn dial(&mut self, id: NodeId, addr: &Multiaddr) {
        let Some(Part::Memory(number)) = addr.iter().next() else {
            return;
        };
        let other = self
            .members
            .keys()
            .find(|other| address(other) == number)
            .copied();
        if let Some(other) = other {
            self.link(id, other);
        }
    }

    fn offend(&mut self, id: NodeId, peer: NodeId, offence: Offence) {
        let now = self.now();
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let present = member.connected.len();
        if let Standing::Banned { .. } = member.book.offend(now, peer, offence, present) {
            add(&member.counters.bans);
            self.unlink(id, peer);
        }
    }

    fn protect(&mut self, id: NodeId, peers: Vec<NodeId>) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        member.book.protect(peers.into_iter().collect());
        self.pardon(id);
    }

    fn pardon(&mut self, id: NodeId) {
        let now = self.now();
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let pardoned = member.book.pardon(now);
        pardoned.into_iter().for_each(|other| self.link(id, other));
    }

    /// Forgets what is over. There is no timer: time passes when somebody does something.
    fn expire(&mut self) {
        let now = self.now();
        while let Some((_, id)) = self.seen_order.pop_front_if(|(until, _)| *until <= now) {
            self.seen.remove(&id);
        }
        // Tickets are given in order of time, and all wait equally long.
        while let Some(first) = self
            .questions
            .first_entry()
            .filter(|e| e.get().deadline <= now)
        {
            let (ticket, asked) = first.remove_entry();
            self.withdraw(&asked.to, ticket);
            refuse(asked.answer, RequestError::Timeout);
        }
        let banning = |(_, member): &(&NodeId, &Member)| member.book.has_bans();
        let banning: Vec<_> = self
            .members
            .iter()
            .filter(banning)
            .map(|(id, _)| *id)
            .collect();
        banning.into_iter().for_each(|id| self.pardon(id));
    }

    /// Nobody waits for the answer any longer.
    fn withdraw(&self, to: &NodeId, ticket: Ticket) {
        if let Some(other) = self.members.get(to) {
            other.events.withdraw(ticket);
        }
    }

    fn peer(&self, id: &NodeId, other: &NodeId) -> Option<&Member> {
        let connected = self.members.get(id)?.connected.contains(other);
        if connected {
            self.members.get(other)
        } else {
            None
        }
    }
}

fn is_banned(member: &Member, now: Duration, peer: &NodeId) -> bool {
    matches!(member.book.standing(now, peer), Standing::Banned { .. })
}

/// The number in a node's `/memory/…` address.
fn address(id: &NodeId) -> u64 {
    id.0.iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn refuse(answer: AnswerSender, error: RequestError) {
    // Whoever asked may have given up.
    let _ = answer.send(Err(error));
}
