//! Time-outs: when a block is overdue. [T1]–[T5]

use types::Time;

use super::Consensus;
use crate::Effect;

impl Consensus {
    /// Δ_v: grows by half with every round since the last final block, up to its maximum. [T3]
    fn delta(&self) -> u64 {
        let timing = &self.config.timing;
        let mut delta = timing.delta_ms;
        for _ in self.last.header.round + 1..self.round {
            if delta >= timing.delta_max_ms {
                break;
            }
            delta = delta.saturating_add(delta / 2).saturating_add(1);
        }
        delta.min(timing.delta_max_ms)
    }

    /// When an empty block is due. [T1]
    ///
    /// Not while one that may become final is there: it is the heartbeat.
    fn heartbeat(&self) -> Option<Time> {
        let every = self.config.timing.heartbeat_ms;
        let due = every > 0 && !self.has_open_block();
        due.then(|| self.last.at.after(every).max(self.entered))
    }

    fn has_open_block(&self) -> bool {
        let mut above = self.rounds.range(self.last.header.round + 1..);
        above.any(|(_, state)| state.has_block())
    }

    /// When a block is due because another one is certified and not final. [T1]
    ///
    /// Not at once: its confirm votes are on their way, and it needs no child to become final.
    fn unfinished(&self) -> Option<Time> {
        self.has_open_block()
            .then(|| self.entered.after(2 * self.delta()))
    }

    /// Since when, or from when on, a block is expected in this round. [T1]
    fn expected_since(&self) -> Option<Time> {
        let work = self.work.map(|since| since.max(self.entered));
        let reasons = [work, self.woken, self.unfinished(), self.heartbeat()];
        reasons.into_iter().flatten().min()
    }

    /// When this node, leading, has a reason to build. [R2]
    pub(super) fn build_time(&self) -> Option<Time> {
        let work = self.work.map(|since| since.max(self.entered));
        let reasons = [work, self.unfinished(), self.heartbeat()];
        let due = reasons.into_iter().flatten().min()?;
        Some(self.rebuild.map_or(due, |rebuild| due.max(rebuild)))
    }

    // [T4] Silent for 2n rounds while a quorum was not.
    fn leader_is_silent(&self) -> bool {
        let leader = self.leading;
        let span = 2 * self.thresholds.seats;
        let Some(oldest) = self.round.checked_sub(span) else {
            return false;
        };
        let is_active = |member: usize| self.heard.get(member).is_some_and(|r| *r >= oldest);
        if Some(leader) == self.member() || is_active(leader.into()) {
            return false;
        }
        let committee = &self.config.committee;
        let own = self.member().map_or(0, |m| committee.seats(m.into()));
        let others = (0..committee.size()).filter(|m| is_active(*m));
        let others = others.filter(|m| self.member().map(usize::from) != Some(*m));
        let active: u64 = others.map(|member| committee.seats(member)).sum();
        active + own >= self.thresholds.quorum
    }

    /// When T_v runs out; none when nothing is expected or nothing could be said. [T2]
    fn expiry(&self) -> Option<Time> {
        self.config.seat.as_ref().filter(|_| self.may_sign())?;
        let own = self.rounds.get(&self.round).map(|state| &state.own);
        let spoken = own.is_some_and(|own| own.skipped.is_some() || own.confirmed.is_some());
        if spoken {
            return None;
        }
        let start = self.expected_since()?;
        if self.leader_is_silent() {
            return Some(start);
        }
        let wait = 3 * self.delta() + self.config.timing.execution_ms;
        Some(start.after(wait))
    }

    /// Skips when T_v has run out.
    pub(super) fn expire(&mut self, out: &mut Vec<Effect>) {
        if self.expiry().is_some_and(|expiry| expiry <= self.now) {
            self.skip(out);
        }
    }

    /// When a quiet member may sign again. [W3]
    fn silence(&self) -> Option<Time> {
        let until = self.config.quiet_until;
        (self.config.seat.is_some() && self.now < until).then_some(until)
    }

    /// When to repeat everything undecided. [T5]
    fn standstill(&self) -> Option<Time> {
        let since = self.expected_since()?;
        let since = since.max(self.repeated).max(self.last.at);
        Some(since.after(self.config.timing.standstill_ms.max(1)))
    }

    /// Repeats everything undecided when nothing became final for too long. [T5]
    pub(super) fn break_standstill(&mut self, out: &mut Vec<Effect>) {
        if self.standstill().is_some_and(|due| due <= self.now) {
            self.repeat(out);
            self.ask(out);
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        if self.dirty || self.resuming {
            return Some(self.now);
        }
        let fetch = self.wanted.values().map(|wanted| wanted.next).min();
        let build = self
            .build_time()
            .filter(|due| self.may_propose() && *due > self.now);
        [
            self.expiry(),
            build,
            self.standstill(),
            fetch,
            self.growth(),
            self.silence(),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
