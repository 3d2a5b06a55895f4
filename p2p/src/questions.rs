//! Questions and answers: ours and others'.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use libp2p::PeerId;
use libp2p::request_response::{self, InboundRequestId, OutboundRequestId, ResponseChannel};

use crate::answers::{Answers, Asker};
use crate::counters::add;
use crate::identity::NodeId;
use crate::port::{AnswerSender, Event, Offence, Protocol, REQUEST_TIMEOUT, RequestError, Ticket};
use crate::rates::Account;
use crate::requests::{Question, Received, Reply, request_error};
use crate::swarm::Driver;

/// Our open questions to one peer. It allows twice as many streams, half of them for its own.
const ASKS_PER_PEER: usize = 32;

struct Asked {
    to: PeerId,
    answer: AnswerSender,
    since: Duration,
}

/// Questions under way.
#[derive(Default)]
pub(crate) struct Questions {
    asked: BTreeMap<OutboundRequestId, Asked>,
    tickets: BTreeMap<Ticket, Waiting>,
    answers: Answers<InboundRequestId>,
    next_ticket: u64,
}

impl Questions {
    /// How many of ours to `peer` are open.
    pub(crate) fn asked_of(&self, peer: &PeerId) -> usize {
        self.asked
            .values()
            .filter(|asked| asked.to == *peer)
            .count()
    }
}

/// A question of another's that the node has not answered.
struct Waiting {
    request: InboundRequestId,
    channel: ResponseChannel<Reply>,
}

impl Driver {
    pub(crate) fn ask(
        &mut self,
        to: NodeId,
        protocol: Protocol,
        bytes: Bytes,
        answer: AnswerSender,
    ) {
        let Some(peer) = to
            .peer_id()
            .filter(|peer| peer != self.swarm.local_peer_id())
        else {
            return refuse(answer, RequestError::Unreachable);
        };
        if self.questions.asked_of(&peer) >= ASKS_PER_PEER {
            return refuse(answer, RequestError::Busy);
        }
        let id = self
            .swarm
            .behaviour_mut()
            .ask
            .send_request(&peer, Ok(Question { protocol, bytes }));
        let since = self.now();
        self.questions.asked.insert(
            id,
            Asked {
                to: peer,
                answer,
                since,
            },
        );
    }

    pub(crate) fn answer(&mut self, ticket: Ticket, bytes: Bytes) {
        self.reply(ticket, Reply::Answer(bytes));
    }

    pub(crate) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        let Some(Waiting { request, channel }) = self.questions.tickets.remove(&ticket) else {
            return;
        };
        let reply = self.affordable(request, reply);
        let ask = &mut self.swarm.behaviour_mut().ask;
        if ask.send_response(channel, reply).is_err() {
            // Whoever asked has given up.
            self.questions.answers.close(request);
        }
    }

    fn affordable(&mut self, request: InboundRequestId, reply: Reply) -> Reply {
        match reply {
            Reply::Answer(bytes) if !self.questions.answers.answer(request, bytes.len()) => {
                add(&self.counters.shed_requests);
                Reply::Busy
            }
            reply => reply,
        }
    }

    /// Nobody waits for the answer any longer, or nobody reads it.
    fn give_up(&mut self, request: InboundRequestId) {
        self.questions.answers.close(request);
        let given_up = self
            .questions
            .tickets
            .extract_if(.., |_, waiting| waiting.request == request);
        given_up.for_each(|(ticket, _)| self.events.withdraw(ticket));
    }

    pub(crate) fn on_ask(&mut self, event: request_response::Event<Received<Question>, Reply>) {
        use request_response::{Event as Ask, Message};
        match event {
            Ask::Message {
                peer,
                message:
                    Message::Request {
                        request_id,
                        request,
                        channel,
                    },
                ..
            } => {
                let waiting = Waiting {
                    request: request_id,
                    channel,
                };
                self.on_question(peer, request, waiting);
            }
            Ask::Message {
                message:
                    Message::Response {
                        request_id,
                        response,
                    },
                ..
            } => {
                if let Some(asked) = self.questions.asked.remove(&request_id) {
                    let answered = match response {
                        Reply::Answer(bytes) => Ok(bytes),
                        Reply::Busy => Err(RequestError::Busy),
                    };
                    // Whoever asked may have given up.
                    let _ = asked.answer.send(answered);
                }
            }
            Ask::OutboundFailure {
                peer,
                request_id,
                error,
                ..
            } => {
                let error = request_error(&error);
                if let Some(asked) = self.questions.asked.remove(&request_id) {
                    refuse(asked.answer, error);
                }
                self.blame(peer, error.offence());
            }
            Ask::ResponseSent { request_id, .. } => self.questions.answers.close(request_id),
            Ask::InboundFailure { request_id, .. } => self.give_up(request_id),
        }
    }

    fn on_question(&mut self, peer: PeerId, question: Received<Question>, waiting: Waiting) {
        let Some(from) = NodeId::from_peer_id(&peer) else {
            return;
        };
        self.prove(peer);
        let Ok(question) = question else {
            return self.offend(from, Offence::Malformed);
        };
        let ticket = Ticket(self.questions.next_ticket);
        self.questions.next_ticket += 1;
        let request = waiting.request;
        self.questions.tickets.insert(ticket, waiting);
        if !self.admit(from, Account::Request(from), question.bytes.len()) {
            return self.reply(ticket, Reply::Busy);
        }
        if !self.has_room(peer, from, request) {
            add(&self.counters.shed_requests);
            return self.reply(ticket, Reply::Busy);
        }
        let Question { protocol, bytes } = question;
        self.deliver(Event::Request {
            from,
            protocol,
            bytes,
            ticket,
        });
    }

    fn has_room(&mut self, peer: PeerId, from: NodeId, request: InboundRequestId) -> bool {
        let now = self.now();
        let asker = Asker {
            node: from,
            subnet: self.peers.get(&peer).and_then(|known| known.subnet),
            protected: self.book.is_protected(&from),
        };
        let Questions {
            tickets, answers, ..
        } = &mut self.questions;
        answers.open(now, request, asker, tickets.len())
    }

    /// libp2p reports the end of every question; what is overdue by far is given up all the same.
    pub(crate) fn tidy_questions(&mut self) {
        let now = self.now();
        self.questions
            .tickets
            .retain(|_, waiting| waiting.channel.is_open());
        self.questions.answers.tidy(now);
        let overdue = |asked: &Asked| asked.since + REQUEST_TIMEOUT * 2 <= now;
        let old: Vec<_> = self
            .questions
            .asked
            .extract_if(.., |_, asked| overdue(asked))
            .collect();
        old.into_iter()
            .for_each(|(_, asked)| refuse(asked.answer, RequestError::Timeout));
    }
}

fn refuse(answer: AnswerSender, error: RequestError) {
    // Whoever asked may have given up.
    let _ = answer.send(Err(error));
}
