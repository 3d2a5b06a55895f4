//! What all exchange with peers has in common: delivery to the node, allowances, blame.

use libp2p::PeerId;

use crate::counters::add;
use crate::identity::NodeId;
use crate::port::{Event, Offence, Verdict};
use crate::rates::Class;
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

    pub(crate) fn admit(&mut self, from: NodeId, class: Class, bytes: usize) -> bool {
        let (now, throttled) = (self.now(), self.is_throttled(&from));
        let admitted = self.rates.admit(now, from, class, bytes, throttled);
        if !admitted {
            add(&self.counters.rate_limited);
            self.offend(from, Offence::Flood);
        }
        admitted
    }

    pub(crate) fn blame(&mut self, peer: PeerId, offence: Option<Offence>) {
        if let Some((node, offence)) = NodeId::from_peer_id(&peer).zip(offence) {
            self.offend(node, offence);
        }
    }
}
