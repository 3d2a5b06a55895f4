//! Direct messages: to one node, through an outbox of its own.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use libp2p::PeerId;
use libp2p::request_response::{self, OutboundRequestId};

use crate::identity::NodeId;
use crate::port::{Event, Offence, REQUEST_TIMEOUT, Topic};
use crate::rates::Account;
use crate::requests::{Letter, Received};
use crate::swarm::Driver;

/// Direct messages on their way to one peer; the rest wait in its outbox.
const LETTERS_IN_FLIGHT: usize = 24;
/// Bytes that wait in one peer's outbox. When it is full the oldest go.
const OUTBOX_BYTES: usize = 16 * 1024 * 1024;
/// Counted for each letter besides its bytes.
const LETTER_OVERHEAD: usize = 256;

#[derive(Default)]
struct Outbox {
    in_flight: usize,
    waiting: VecDeque<Letter>,
    bytes: usize,
}

impl Outbox {
    fn push(&mut self, letter: Letter) {
        self.bytes += letter.bytes.len() + LETTER_OVERHEAD;
        self.waiting.push_back(letter);
        while self.bytes > OUTBOX_BYTES {
            self.pop();
        }
    }

    fn pop(&mut self) -> Option<Letter> {
        let letter = self.waiting.pop_front()?;
        self.bytes -= letter.bytes.len() + LETTER_OVERHEAD;
        Some(letter)
    }
}

/// Direct messages under way.
#[derive(Default)]
pub(crate) struct Letters {
    outboxes: BTreeMap<PeerId, Outbox>,
    sent: BTreeMap<OutboundRequestId, (PeerId, Duration)>,
}

impl Letters {
    /// Whether some are on their way to `peer`.
    pub(crate) fn has_some_for(&self, peer: &PeerId) -> bool {
        self.outboxes.contains_key(peer)
    }
}

impl Driver {
    pub(crate) fn send_direct(&mut self, to: NodeId, topic: Topic, bytes: Bytes) {
        let Some(peer) = to
            .peer_id()
            .filter(|peer| peer != self.swarm.local_peer_id())
        else {
            return;
        };
        self.letters
            .outboxes
            .entry(peer)
            .or_default()
            .push(Letter { topic, bytes });
        self.post(peer);
    }

    /// Sends from a peer's outbox as much as may be under way.
    fn post(&mut self, peer: PeerId) {
        let now = self.now();
        let Some(outbox) = self.letters.outboxes.get_mut(&peer) else {
            return;
        };
        while outbox.in_flight < LETTERS_IN_FLIGHT {
            let Some(letter) = outbox.pop() else { break };
            let id = self
                .swarm
                .behaviour_mut()
                .direct
                .send_request(&peer, Ok(letter));
            self.letters.sent.insert(id, (peer, now));
            outbox.in_flight += 1;
        }
        if outbox.in_flight == 0 {
            self.letters.outboxes.remove(&peer);
        }
    }

    fn posted(&mut self, id: OutboundRequestId) {
        let Some((peer, _)) = self.letters.sent.remove(&id) else {
            return;
        };
        if let Some(outbox) = self.letters.outboxes.get_mut(&peer) {
            outbox.in_flight -= 1;
        }
        self.post(peer);
    }

    pub(crate) fn on_direct(&mut self, event: request_response::Event<Received<Letter>, ()>) {
        use request_response::{Event as Direct, Message};
        match event {
            Direct::Message {
                peer,
                message:
                    Message::Request {
                        request, channel, ..
                    },
                ..
            } => {
                // The sender may have gone.
                let _ = self.swarm.behaviour_mut().direct.send_response(channel, ());
                self.on_letter(peer, request);
            }
            Direct::Message {
                message: Message::Response { request_id, .. },
                ..
            } => {
                self.posted(request_id);
            }
            Direct::OutboundFailure {
                request_id, error, ..
            } => {
                tracing::debug!(%error, "a direct message was lost");
                self.posted(request_id);
            }
            Direct::InboundFailure { .. } | Direct::ResponseSent { .. } => {}
        }
    }

    fn on_letter(&mut self, peer: PeerId, letter: Received<Letter>) {
        let Some(from) = NodeId::from_peer_id(&peer) else {
            return;
        };
        self.prove(peer);
        let Ok(Letter { topic, bytes }) = letter else {
            return self.offend(from, Offence::Malformed);
        };
        let account = Account::Direct(from, topic.kind);
        if self.admit(from, account, bytes.len()) && self.topics.contains(&topic) {
            self.deliver(Event::Direct { from, topic, bytes });
        }
    }

    /// libp2p reports the end of every message; what is overdue by far is given up all the same.
    pub(crate) fn tidy_letters(&mut self) {
        let now = self.now();
        let overdue = |since: Duration| since + REQUEST_TIMEOUT * 2 <= now;
        let lost: Vec<_> = self
            .letters
            .sent
            .iter()
            .filter(|(_, (_, since))| overdue(*since))
            .map(|(id, _)| *id)
            .collect();
        lost.into_iter().for_each(|id| self.posted(id));
    }
}
