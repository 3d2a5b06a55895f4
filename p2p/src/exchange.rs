//! What all exchange with peers has in common: delivery to the node, allowances, blame.

use libp2p::PeerId;

use crate::counters::add;
use crate::identity::NodeId;
use crate::port::{Event, Offence, TopicKind, Verdict};
use crate::rates::Account;
use crate::requests::Reply;
use crate::swarm::Driver;

impl Driver {
    /// Hands an event to the node. What the queue had to let go of for it is settled at once:
    /// gossip counts as ignored, questions are answered "busy".
    pub(crate) fn deliver(&mut self, event: Event) {
        for shed in self.events.push(event) {
            match shed {
                Event::Gossip { id, from, .. } => self.judge(id, from, Verdict::Ignore),
                Event::Request { ticket, .. } => self.reply(ticket, Reply::Busy),
                _ => {}
            }
        }
    }

    /// What `from` says to us alone.
    pub(crate) fn admit(&mut self, from: NodeId, account: Account, bytes: usize) -> bool {
        let admitted = self.charge(from, &[account], bytes);
        if !admitted {
            self.offend(from, Offence::Flood);
        }
        admitted
    }

    /// \[P5\] What `from` passes on. It can't know how much of an author's reached us by others, so
    /// it is to blame only for what it says itself.
    pub(crate) fn admit_gossip(
        &mut self,
        (author, number): (NodeId, u64),
        from: NodeId,
        kind: TopicKind,
        bytes: usize,
    ) -> bool {
        let known = self.is_known(&author);
        let accounts = self.authors.accounts((author, number), from, kind, known);
        let owner = match accounts[..] {
            [Account::Author(author, _)] => author,
            _ => from,
        };
        let admitted = self.charge(owner, &accounts, bytes);
        if !admitted {
            self.tell_ignored(author, from, kind);
        }
        if !admitted && author == from {
            self.offend(from, Offence::Flood);
        }
        admitted
    }

    /// An author who doesn't reach us directly can't know of it: who looks for its messages finds
    /// them here.
    fn tell_ignored(&mut self, author: NodeId, from: NodeId, kind: TopicKind) {
        if self.authors.is_news(self.now(), &author) {
            tracing::debug!(%author, %from, ?kind, "gossip above an allowance is ignored");
        }
    }

    /// `owner` is the one node whose accounts are among these.
    fn charge(&mut self, owner: NodeId, accounts: &[Account], bytes: usize) -> bool {
        let (now, throttled) = (self.now(), self.is_throttled(&owner));
        let admitted = self.rates.admit(now, accounts, bytes, throttled);
        if !admitted {
            add(&self.counters.rate_limited);
        }
        admitted
    }

    /// Whether gossip of `author` has an account of its own. There are as many as committees have
    /// members and we have peers.
    fn is_known(&self, author: &NodeId) -> bool {
        self.authors.is_member(author)
            || self.book.is_protected(author)
            || self.is_connected(author)
    }

    pub(crate) fn know(&mut self, members: Vec<NodeId>) {
        self.authors.know(members.into_iter().collect());
    }

    pub(crate) fn tidy_allowances(&mut self) {
        self.rates.tidy(self.now());
        let (book, peers) = (&self.book, &self.peers);
        let connected =
            |node: &NodeId| node.peer_id().is_some_and(|peer| peers.contains_key(&peer));
        self.authors
            .tidy(|node| book.is_protected(node) || connected(node));
    }

    pub(crate) fn blame(&mut self, peer: PeerId, offence: Option<Offence>) {
        if let Some((node, offence)) = NodeId::from_peer_id(&peer).zip(offence) {
            self.offend(node, offence);
        }
    }
}
