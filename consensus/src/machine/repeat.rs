//! Saying again what may have been lost, and helping those who fell behind. [T5]–[T7]

use types::{NodeId, Round};

use super::Consensus;
use crate::{Effect, Message};

/// Nodes remembered as helped. [M4]
const HELPED: usize = 1_024;
/// Rounds whose certificates one answer carries.
const HELP_ROUNDS: usize = 256;

impl Consensus {
    /// Repeats own votes and proposal and all certificates above the last final block.
    pub(super) fn repeat(&mut self, out: &mut Vec<Effect>) {
        self.repeated = self.now;
        if let Some(finality) = self.last.finality.clone() {
            self.broadcast(Message::Finality(Box::new(finality)), out);
        }
        let mut messages = Vec::new();
        for (round, state) in self.rounds.range(self.last.header.round + 1..) {
            let certificates = state.certificates().cloned();
            messages.extend(certificates.map(Message::Certificate));
            if *round == self.round
                && let Some(proposal) = &state.proposal
                && Some(proposal.block.header.proposer) == self.member()
            {
                let mut block = (*proposal.block).clone();
                if block.body.len() > self.config.inline_body_bytes {
                    block.body.clear();
                }
                messages.push(Message::Proposal(Box::new(block)));
            }
            messages.extend(state.own.cast.iter().copied().map(Message::Vote));
        }
        for message in messages {
            self.broadcast(message, out);
        }
    }

    /// Asks the next member for the certificates above the last final block.
    pub(super) fn ask(&mut self, out: &mut Vec<Effect>) {
        let members = &self.config.committee.members;
        for _ in 0..members.len() {
            self.asked = self.asked.wrapping_add(1);
            // Each node starts elsewhere, so that not all ask the same member.
            let start = u64::from(self.member().unwrap_or_default());
            let number = (self.asked + start) % members.len() as u64;
            let node = self.node_of(number as u16);
            if let Some(to) = node.filter(|node| !self.is_me(node)) {
                let above = self.last.header.round;
                let epoch = self.config.committee.epoch;
                let message = Message::Ask { epoch, above };
                out.push(Effect::Send { to, message });
                return;
            }
        }
    }

    /// Sends what brings a node up from round `above`, once in Δ. [T6]
    pub(super) fn help(&mut self, to: NodeId, above: Round, out: &mut Vec<Effect>) {
        if !self.may_help(to) {
            return;
        }
        let last = self.last.header.round;
        let finality = self.last.finality.clone().filter(|_| last > above);
        let mut messages: Vec<Message> = finality
            .map(|finality| Message::Finality(Box::new(finality)))
            .into_iter()
            .collect();
        let from = above.max(last).saturating_add(1);
        for (_, state) in self.rounds.range(from..).take(HELP_ROUNDS) {
            messages.extend(state.certificates().cloned().map(Message::Certificate));
        }
        out.extend(
            messages
                .into_iter()
                .map(|message| Effect::Send { to, message }),
        );
    }

    fn may_help(&mut self, to: NodeId) -> bool {
        let delta = self.config.timing.delta_ms;
        let now = self.now;
        if self.helped.len() >= HELPED {
            self.helped.retain(|_, at| now.since(*at) < delta);
        }
        let recent = self
            .helped
            .get(&to)
            .is_some_and(|at| now.since(*at) < delta);
        if recent || self.helped.len() >= HELPED {
            return false;
        }
        self.helped.insert(to, now);
        true
    }
}
