//! Old messages again, and others' messages as its own.

use std::collections::VecDeque;
use std::sync::Arc;

use consensus::Message;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// Remembers what it has heard and said, and says it again.
#[derive(Default)]
pub(crate) struct Stale {
    heard: VecDeque<Arc<Wire>>,
}

impl Stale {
    fn keep(&mut self, wire: Wire) {
        self.heard.push_back(Arc::new(wire));
        if self.heard.len() > 200 {
            self.heard.pop_front();
        }
    }
}

impl Fault for Stale {
    fn name(&self) -> &'static str {
        "stale messages"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        self.keep((*letter.1).clone());
        let mut letters = vec![letter.clone()];
        if hands.dice.chance(300) {
            hands.fired += 1;
            let at = hands.dice.below(self.heard.len() as u64) as usize;
            letters.extend(self.heard.get(at).map(|wire| (letter.0, wire.clone())));
        }
        letters
    }

    fn hear(&mut self, hands: &mut Hands, wire: &Wire) -> bool {
        if let Wire::Consensus { chain, message, .. } = wire {
            let mut message = message.clone();
            // Another time as its own vote, with the other's signature.
            if let Message::Vote(vote) = &mut message
                && hands.dice.chance(500)
            {
                vote.member = hands.member;
            }
            self.keep(Wire::Consensus {
                chain: *chain,
                from: hands.node,
                message,
            });
        }
        true
    }
}
