//! Votes: casting one's own, holding others', counting. [V1]–[V3]

use std::sync::Arc;

use types::{BlockHash, CertificateKind, NodeId, Round, Statement, Vote, VoteKind};

use super::{Consensus, ROUNDS_AHEAD, ROUNDS_BEHIND};
use crate::evidence::{vote_clashes, votes_clash};
use crate::{Effect, Evidence, Fault, Message, Record};

const KINDS: [VoteKind; 3] = [VoteKind::Prepare, VoteKind::Skip, VoteKind::Confirm];

impl Consensus {
    /// Signs, writes down, sends and counts an own vote. `first` goes out just before it.
    pub(super) fn cast(
        &mut self,
        round: Round,
        kind: VoteKind,
        value: Option<BlockHash>,
        first: Option<Message>,
        out: &mut Vec<Effect>,
    ) {
        let Some(seat) = self.config.seat.as_ref().filter(|_| self.may_sign()) else {
            return;
        };
        let statement = Statement {
            network: self.config.network,
            chain: self.config.committee.chain,
            epoch: self.config.committee.epoch,
            round,
            kind,
            value,
        };
        let vote = Vote::sign(&statement, seat.member, &seat.key);
        let seats = self.config.committee.seats(vote.member.into());
        let state = self.state(round);
        state.own.note(vote);
        state.tally_mut(kind).insert(vote, true, seats);
        if cfg!(feature = "plant-send-before-persist") {
            self.broadcast(Message::Vote(vote), out);
        }
        // [W1] Durable before it leaves.
        out.push(Effect::Persist(Record::Vote(vote)));
        if let Some(first) = first {
            self.broadcast(first, out);
        }
        self.broadcast(Message::Vote(vote), out);
        if round >= self.round {
            self.wake();
        }
        self.count(round, kind, out);
    }

    /// P(v,h), once the body is durable. [P4]
    pub(super) fn prepare(
        &mut self,
        hash: BlockHash,
        first: Option<Message>,
        out: &mut Vec<Effect>,
    ) {
        if !self.may_sign() {
            return;
        }
        if let Some(node) = self.tree.get(&hash) {
            out.push(Effect::Persist(Record::Block(Arc::clone(&node.block))));
            self.cast(self.round, VoteKind::Prepare, Some(hash), first, out);
        }
    }

    /// S(v,prep) of the current round, unless confirmed or skipped already. [P3]
    pub(super) fn skip(&mut self, out: &mut Vec<Effect>) {
        let round = self.round;
        let own = &self.state(round).own;
        let confirmed = own.confirmed.is_some() && !cfg!(feature = "plant-confirm-and-skip");
        if confirmed || own.skipped.is_some() {
            return;
        }
        let declared = own.prepared.filter(|_| !cfg!(feature = "plant-blank-skip"));
        self.building = None;
        self.cast(round, VoteKind::Skip, declared, None, out);
    }

    /// C(v,h) upon PC(v,h), unless skipped or confirmed already. [C1]
    pub(super) fn confirm(&mut self, round: Round, hash: BlockHash, out: &mut Vec<Effect>) {
        let own = &self.state(round).own;
        let skipped = own.skipped.is_some() && !cfg!(feature = "plant-confirm-and-skip");
        if !skipped && own.confirmed.is_none() {
            self.cast(round, VoteKind::Confirm, Some(hash), None, out);
        }
    }

    pub(super) fn on_vote(&mut self, from: NodeId, vote: Vote, out: &mut Vec<Effect>) {
        if let Err(fault) = self.check_vote(from, &vote) {
            out.push(Effect::Penalize { node: from, fault });
            return;
        }
        self.hear(vote.member);
        if vote.round > self.round.saturating_add(ROUNDS_AHEAD) {
            // This node is far behind: standing still, it will ask. [M1]
            return self.wake();
        }
        if vote.round.saturating_add(ROUNDS_BEHIND) <= self.last.header.round {
            return self.help(from, vote.round.saturating_sub(1), out);
        }
        let fresh = self.hold(vote, out);
        if !fresh && vote.round < self.round {
            // Repeated although the round is over: its sender is stuck there. [T6]
            self.help(from, vote.round.saturating_sub(1), out);
        }
        if vote.round >= self.round {
            self.wake();
        }
        if fresh {
            self.notice_leader(&vote);
            self.count(vote.round, vote.kind, out);
        }
    }

    fn check_vote(&self, from: NodeId, vote: &Vote) -> Result<(), Fault> {
        let committee = &self.config.committee;
        if (vote.chain, vote.epoch) != (committee.chain, committee.epoch) {
            return Err(Fault::OtherCommittee);
        }
        // [V2] The transport says who sent it; its signature is looked at when it matters.
        if self.node_of(vote.member) != Some(from) {
            return Err(Fault::NotTheSigner);
        }
        if vote.kind != VoteKind::Skip && vote.value.is_none() {
            return Err(Fault::Malformed);
        }
        Ok(())
    }

    // [P3] The leader's own skip.
    fn notice_leader(&mut self, vote: &Vote) {
        if vote.kind == VoteKind::Skip
            && vote.round >= self.round
            && self.leaders.of(vote.round) == vote.member
        {
            self.state(vote.round).faulty = true;
        }
    }

    /// Puts a vote into its slot; false when the same one was there.
    fn hold(&mut self, vote: Vote, out: &mut Vec<Effect>) -> bool {
        let held = self.state(vote.round).tally(vote.kind).get(vote.member);
        if held.is_some_and(|held| held.value == vote.value) {
            return false;
        }
        let empty = held.is_none();
        self.detect(&vote, out);
        if empty {
            let seats = self.config.committee.seats(vote.member.into());
            let tally = self.state(vote.round).tally_mut(vote.kind);
            tally.insert(vote, false, seats);
        }
        true
    }

    /// Looks for what a member must not have said besides this vote. [E2]–[E6]
    fn detect(&mut self, vote: &Vote, out: &mut Vec<Effect>) {
        let state = self.state(vote.round);
        if state.blamed.contains(&vote.member) || state.tally(vote.kind).is_muted(vote.member) {
            return;
        }
        let other = KINDS
            .iter()
            .filter_map(|kind| state.tally(*kind).get(vote.member))
            .find(|other| votes_clash(other, vote))
            .copied();
        let certificate = state
            .certificates()
            .find(|certificate| vote_clashes(vote, certificate))
            .cloned();
        if (other.is_none() && certificate.is_none()) || !self.holds_or_mute(vote, out) {
            return;
        }
        let evidence = match (certificate, other) {
            (Some(certificate), _) => Evidence::VoteAndCertificate {
                vote: *vote,
                certificate,
            },
            (None, Some(first)) if self.holds_or_mute(&first, out) => Evidence::Votes {
                first,
                second: *vote,
            },
            _ => return,
        };
        self.state(vote.round).blamed.insert(vote.member);
        out.push(Effect::Blame(evidence));
    }

    pub(super) fn holds_or_mute(&mut self, vote: &Vote, out: &mut Vec<Effect>) -> bool {
        let good = self.ballot().holds(vote);
        if !good {
            self.mute(vote.round, vote.kind, vote.member, out);
        }
        good
    }

    pub(super) fn mute(
        &mut self,
        round: Round,
        kind: VoteKind,
        member: u16,
        out: &mut Vec<Effect>,
    ) {
        let seats = self.config.committee.seats(member.into());
        self.state(round).tally_mut(kind).mute(member, seats);
        if let Some(node) = self.node_of(member) {
            out.push(Effect::Penalize {
                node,
                fault: Fault::Signature,
            });
        }
    }

    /// Forms the certificates that the votes of a round are enough for.
    pub(super) fn count(&mut self, round: Round, kind: VoteKind, out: &mut Vec<Effect>) {
        if round <= self.last.header.round {
            return;
        }
        let quorum = if cfg!(feature = "plant-low-quorum") {
            self.thresholds.faulty + 1
        } else {
            self.thresholds.quorum
        };
        match kind {
            VoteKind::Prepare => {
                self.form(round, CertificateKind::Prepare, quorum, out);
                self.grow(round, out);
            }
            VoteKind::Skip => self.form(round, CertificateKind::Skip, quorum, out),
            VoteKind::Confirm => self.form(round, CertificateKind::Confirm, quorum, out),
        }
    }

    // [V3] One verification for all; liars are found by bisection only when it fails.
    fn form(&mut self, round: Round, kind: CertificateKind, needed: u64, out: &mut Vec<Effect>) {
        loop {
            let state = self.state(round);
            let tally = state.tally(kind.vote());
            let (held, value) = match kind {
                CertificateKind::Prepare | CertificateKind::Early => {
                    (state.prepare.is_some(), tally.winner(needed))
                }
                CertificateKind::Confirm => (state.confirm.is_some(), tally.winner(needed)),
                CertificateKind::Skip => (
                    state.unpinned.is_some() || state.pinned.is_some(),
                    Some(None).filter(|_| tally.all_seats() >= needed),
                ),
            };
            let Some(value) = value.filter(|_| !held) else {
                return;
            };
            let value = Some(value).filter(|_| kind != CertificateKind::Skip);
            let mut tally = std::mem::take(self.state(round).tally_mut(kind.vote()));
            let result = tally.certify(kind, value, &self.ballot());
            *self.state(round).tally_mut(kind.vote()) = tally;
            match result {
                Ok(certificate) => return self.adopt(certificate, true, out),
                Err(liars) if liars.is_empty() => return,
                Err(liars) => {
                    for member in liars {
                        self.mute(round, kind.vote(), member, out);
                    }
                }
            }
        }
    }
}
