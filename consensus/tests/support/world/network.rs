//! The way of a message, and of a fetched block.

use consensus::{Input, Message};
use types::{BlockHash, Height};

use super::{Event, World};
use crate::support::byzantine::{Behaviour, distort};

impl World {
    pub(super) fn leave(&mut self, from: usize, twin: usize, to: Option<usize>, message: &Message) {
        let behaviour = self.nodes[from].behaviour;
        let receivers: Vec<usize> = match to {
            Some(to) => vec![to],
            None => (0..self.nodes.len()).filter(|to| *to != from).collect(),
        };
        for to in receivers {
            if behaviour == Behaviour::Twins && to % 2 != twin {
                continue;
            }
            let said = match self.nodes[from].member {
                Some(member) => distort(
                    behaviour,
                    &self.committee,
                    member,
                    message,
                    &self.seen,
                    &mut self.random,
                ),
                None => vec![message.clone()],
            };
            for message in said {
                self.travel(from, to, message);
            }
        }
    }

    pub(super) fn travel(&mut self, from: usize, to: usize, message: Message) {
        self.sent += 1;
        let weather = &self.plan.weather;
        let bad = self.now < weather.until;
        let apart = weather.partitions.iter().any(|(start, end, island)| {
            *start <= self.now && self.now < *end && island.contains(&from) != island.contains(&to)
        });
        let (delay, loss, twice) = if bad {
            (weather.delay, weather.loss, weather.twice)
        } else {
            (self.plan.weather.good, 0, 0)
        };
        if apart || self.random.chance(loss) {
            return;
        }
        let copies = if self.random.chance(twice) { 2 } else { 1 };
        for _ in 0..copies {
            let at = self.now.after(self.random.between(5, delay));
            let message = message.clone();
            self.schedule(at, Event::Deliver { to, from, message });
        }
    }

    pub(super) fn serve(
        &mut self,
        by: usize,
        to: usize,
        twin: usize,
        life: u64,
        hash: BlockHash,
        above: Height,
    ) {
        let node = &self.nodes[by];
        let alive = node
            .machines
            .iter()
            .any(|machine| machine.consensus.is_some());
        if !alive || node.behaviour == Behaviour::Silent || node.behaviour == Behaviour::Withholder
        {
            return;
        }
        let mut blocks = Vec::new();
        let mut next = hash;
        while let Some(block) = node.bodies.get(&next).filter(|b| b.header.height > above) {
            next = block.header.parent;
            blocks.push((**block).clone());
            if blocks.len() == 8 {
                break;
            }
        }
        if self.nodes[by].behaviour == Behaviour::Forger
            && let Some(block) = blocks.first_mut()
        {
            block.body = vec![0; 3].into();
        }
        let at = self.now.after(self.random.between(5, 60));
        let input = Input::Blocks { blocks };
        self.schedule(
            at,
            Event::Answer {
                to,
                twin,
                life,
                input,
            },
        );
    }
}
