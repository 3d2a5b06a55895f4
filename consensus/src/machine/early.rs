//! Early consensus: certificates that grow, reports of each growth. [F2] [F3]

use std::sync::Arc;

use types::{Certificate, CertificateKind, Round, Time, VoteKind};

use super::Consensus;
use crate::{Effect, Message};

/// With so few seats missing, a certificate grows at every vote.
const GROWS_AT_ONCE: u64 = 4;

impl Consensus {
    /// A certificate of prepare votes came or grew: it may grow further.
    pub(super) fn on_grown(&mut self, round: Round, out: &mut Vec<Effect>) {
        let now = self.now;
        self.state(round).grown = now;
        self.grow(round, out);
    }

    // [F2] Members make their own; the leader sends one along for observers.
    pub(super) fn on_early(
        &mut self,
        certificate: Certificate,
        formed: bool,
        out: &mut Vec<Effect>,
    ) {
        let round = certificate.round;
        let leader = self.leaders.of(round);
        if formed && Some(leader) == self.member() {
            self.broadcast(Message::Certificate(certificate), out);
        }
        self.on_grown(round, out);
    }

    /// Adds the prepare votes that PC or FC lacks, when they are many or waited long. [F3]
    pub(super) fn grow(&mut self, round: Round, out: &mut Vec<Effect>) {
        if round <= self.last.header.round {
            return;
        }
        let committee = Arc::clone(&self.config.committee);
        let leads = Some(self.leaders.of(round)) == self.member();
        loop {
            let (now, state) = (self.now, self.rounds.entry(round).or_default());
            state.grow_at = None;
            let Some((held, seats)) = state.widest(&committee) else {
                return;
            };
            let held = held.clone();
            let tally = state.tally(VoteKind::Prepare);
            let more = tally.seats_beyond(&held, &committee);
            // The leader grows it for those who can't.
            let worth = leads || seats + more >= self.early;
            if more == 0 || !worth {
                return;
            }
            let lacking = self.thresholds.seats.saturating_sub(seats);
            let due = state.grown.after(self.config.timing.delta_ms / 4);
            if lacking > GROWS_AT_ONCE && 2 * more < lacking && due > now {
                state.grow_at = Some(due);
                return;
            }
            let mut tally = std::mem::take(state.tally_mut(VoteKind::Prepare));
            let result = tally.grow(&held, &self.ballot());
            *self.state(round).tally_mut(VoteKind::Prepare) = tally;
            match result {
                Ok(grown) => return self.adopt(grown, true, out),
                Err(liars) if liars.is_empty() => return,
                Err(liars) => {
                    for member in liars {
                        self.mute(round, VoteKind::Prepare, member, out);
                    }
                }
            }
        }
    }

    /// Grows what has waited for long enough. [F3]
    pub(super) fn grow_late(&mut self, out: &mut Vec<Effect>) {
        let now = self.now;
        let open = self.rounds.range(self.last.header.round + 1..);
        let due = open.filter(|(_, state)| state.grow_at.is_some_and(|at| at <= now));
        let due: Vec<Round> = due.map(|(round, _)| *round).collect();
        for round in due {
            self.grow(round, out);
        }
    }

    /// When a certificate is to grow with the votes that wait. [F3]
    pub(super) fn growth(&self) -> Option<Time> {
        let open = self.rounds.range(self.last.header.round + 1..);
        open.filter_map(|(_, state)| state.grow_at).min()
    }

    /// Whether this is early consensus of fewer seats than are reported here. [V4]
    pub(super) fn is_too_small(&self, certificate: &Certificate) -> bool {
        let seats = certificate.seats(&self.config.committee);
        certificate.kind == CertificateKind::Early
            && (self.thresholds.quorum..self.early).contains(&seats)
    }

    // [F2] Each number of seats once, as soon as the block's header is known.
    pub(super) fn report_early(&mut self, out: &mut Vec<Effect>) {
        let (above, of) = (self.last.header.round + 1, self.thresholds.seats);
        for state in self.rounds.range_mut(above..).map(|(_, state)| state) {
            if state.reported == of {
                continue;
            }
            let Some((certificate, seats)) = state.widest(&self.config.committee) else {
                continue;
            };
            let Some(hash) = certificate.block() else {
                continue;
            };
            if seats < self.early || seats <= state.reported {
                continue;
            }
            let proposed = state.proposal.as_ref().filter(|p| p.hash == hash);
            let fetched = self.tree.get(&hash).map(|node| &node.block);
            let Some(block) = proposed.map(|p| &p.block).or(fetched) else {
                continue;
            };
            out.push(Effect::Early {
                header: block.header.clone(),
                certificate: Certificate {
                    kind: CertificateKind::Early,
                    ..certificate.clone()
                },
                seats,
                of,
            });
            state.reported = seats;
        }
    }
}
