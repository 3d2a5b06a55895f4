//! The machine: what it knows, and which part of it takes an input in.

mod blocks;
mod certificates;
mod clock;
mod early;
mod finality;
mod lead;
mod proposals;
mod repeat;
mod restore;
mod votes;

use std::collections::BTreeMap;

use types::{BlockHash, Finality, Header, Height, NodeId, Round, Thresholds, Time, Vote};

use crate::debts::Debts;
use crate::leader::Leaders;
use crate::round::RoundState;
use crate::tally::Ballot;
use crate::tree::Tree;
use crate::{Closed, Config, Effect, Input, Message, Restored};

#[cfg(test)]
mod tests;

/// Votes of rounds so far ahead are held. [M1]
const ROUNDS_AHEAD: u64 = 64;
/// Rounds below the last final one whose votes are kept, to catch liars.
const ROUNDS_BEHIND: u64 = 16;

/// One node's part in the consensus of one committee. See the crate page for the rules.
#[derive(Debug)]
pub struct Consensus {
    config: Config,
    thresholds: Thresholds,
    /// The fewest seats of early consensus that are reported.
    early: u64,
    leaders: Leaders,
    now: Time,
    /// The current round and when it was entered.
    round: Round,
    entered: Time,
    /// The leader of the current round.
    leading: u16,
    /// When a message of this or a later round was first seen. [T1]
    woken: Option<Time>,
    /// Since when the chain has something worth a block.
    work: Option<Time>,
    rounds: BTreeMap<Round, RoundState>,
    tree: Tree,
    last: Last,
    wanted: BTreeMap<BlockHash, blocks::Wanted>,
    building: Option<lead::Building>,
    /// The chain had nothing to propose; not asked again before.
    rebuild: Option<Time>,
    /// When everything undecided was last repeated. [T5]
    repeated: Time,
    /// How often a member was asked for certificates; picks the next one.
    asked: u64,
    /// The round in which certificates were last asked for in order to lead.
    asked_in: Round,
    /// What others made this node verify in vain. [V5]
    debts: Debts,
    /// When nodes were last helped.
    helped: BTreeMap<NodeId, Time>,
    /// The last round in which each member was heard. [T4]
    heard: Vec<Round>,
    /// Proved more than f liars: this node votes no more.
    forked: bool,
    /// The last root height that is final here: nothing that cites a later one becomes final. [F4]
    root: Height,
    /// Something changed that may make a rule apply.
    dirty: bool,
    /// A restart: own votes are to be sent again at once.
    resuming: bool,
    /// Whether it waits to be told what its key has signed.
    recalls: bool,
}

/// The last final block.
#[derive(Clone, Debug)]
struct Last {
    header: Header,
    hash: BlockHash,
    /// None for genesis.
    finality: Option<Finality>,
    /// When it became final here.
    at: Time,
}

impl Consensus {
    /// Starts, or starts again from what was restored. Give it a tick at once.
    pub fn new(config: Config, restored: Restored, now: Time) -> Self {
        Self::restore(config, restored, now)
    }

    /// Takes an input in and appends what is to be done, in order.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Effect>) {
        self.now = now.max(self.now);
        match input {
            Input::Tick => self.dirty = true,
            Input::Message { from, message } => self.on_message(from, message, out),
            Input::Work(work) => self.on_work(work),
            Input::Built { round, block } => self.on_built(round, block, out),
            Input::Checked { block, verdict } => self.on_checked(block, verdict),
            Input::Blocks { blocks } => self.on_blocks(blocks, out),
        }
        self.apply_rules(out);
    }

    /// When to call [`handle`](Self::handle) with [`Input::Tick`], if nothing comes before.
    pub fn deadline(&self) -> Option<Time> {
        self.next_deadline()
    }

    /// Signs nothing new before `until`, which may be over already. [W3]
    pub fn keep_quiet(&mut self, until: Time) {
        self.dirty |= until != self.config.quiet_until;
        self.config.quiet_until = until;
    }

    /// Signs nothing new until [`Self::recall`]: nobody has looked yet what its key has signed.
    /// [W2]
    pub const fn await_recall(&mut self) {
        self.recalls = self.config.seat.is_some();
    }

    /// What the key of this term has signed before, on this machine or on another. [W2]
    pub fn recall(&mut self, votes: Vec<Vote>) {
        self.recalls = false;
        self.dirty = true;
        if !votes.is_empty() {
            self.resuming = true;
            votes.into_iter().for_each(|vote| self.restore_vote(vote));
            self.resume_round();
        }
    }

    /// Root blocks up to this height are final here. Until the first call all count as known. [F4]
    pub fn knows_root(&mut self, height: Height) {
        self.dirty |= height != self.root;
        self.root = height;
    }

    /// The current round.
    pub const fn round(&self) -> Round {
        self.round
    }

    /// The last final block's header and, unless it is genesis, its finality.
    pub const fn last(&self) -> (&Header, Option<&Finality>) {
        (&self.last.header, self.last.finality.as_ref())
    }

    /// The member that leads a round.
    pub fn leader(&mut self, round: Round) -> u16 {
        self.leaders.of(round)
    }

    fn on_message(&mut self, from: NodeId, message: Message, out: &mut Vec<Effect>) {
        if self.is_me(&from) {
            return;
        }
        match message {
            Message::Proposal(block) => self.on_proposal(from, *block, out),
            Message::Vote(vote) => self.on_vote(from, vote, out),
            Message::Certificate(certificate) => self.on_certificate(from, certificate, out),
            Message::Finality(finality) => self.on_finality(from, *finality, out),
            Message::Ask { epoch, above } if epoch == self.config.committee.epoch => {
                self.help(from, above, out);
            }
            Message::Ask { .. } => {}
            Message::Closed(closed) => {
                let Closed { finality, tails } = *closed;
                self.on_finality(from, finality, out);
                self.on_blocks(tails.into_iter().rev().collect(), out);
            }
        }
    }

    fn on_work(&mut self, work: bool) {
        if !work {
            self.work = None;
        } else if self.work.is_none() {
            self.work = Some(self.now);
            self.rebuild = None;
        }
        self.dirty = true;
    }

    /// Applies rules until none applies.
    fn apply_rules(&mut self, out: &mut Vec<Effect>) {
        if std::mem::take(&mut self.resuming) {
            self.repeat(out);
        }
        while std::mem::take(&mut self.dirty) {
            self.grow_late(out);
            self.finalize(out);
            self.request_checks(out);
            self.judge_proposal(out);
            self.lead(out);
            self.expire(out);
        }
        self.repair(out);
        self.break_standstill(out);
    }

    /// Enters a round, if it is later than the current one.
    fn enter(&mut self, round: Round) {
        if round <= self.round {
            return;
        }
        let jump = round - self.round - 1;
        // Nobody could be heard in rounds that this node jumped over.
        for heard in &mut self.heard {
            *heard += jump;
        }
        self.round = round;
        self.leading = self.leaders.of(round);
        self.entered = self.now;
        let awake = self.rounds.range(round..).any(|(_, s)| !s.is_quiet());
        self.woken = awake.then_some(self.now);
        self.building = None;
        self.rebuild = None;
        self.dirty = true;
    }

    fn wake(&mut self) {
        self.woken.get_or_insert(self.now);
        self.dirty = true;
    }

    fn state(&mut self, round: Round) -> &mut RoundState {
        self.rounds.entry(round).or_default()
    }

    fn hear(&mut self, member: u16) {
        if let Some(heard) = self.heard.get_mut(usize::from(member)) {
            *heard = self.round;
        }
    }

    fn ballot(&self) -> Ballot<'_> {
        Ballot {
            committee: &self.config.committee,
            network: self.config.network,
            secret: self.config.batch_secret,
        }
    }

    /// This node's member number.
    fn member(&self) -> Option<u16> {
        self.config.seat.as_ref().map(|seat| seat.member)
    }

    /// Whether this node signs anything new. [W3]
    fn may_sign(&self) -> bool {
        let quiet = self.now < self.config.quiet_until;
        self.config.seat.is_some() && !self.forked && !self.recalls && !quiet
    }

    fn node_of(&self, member: u16) -> Option<NodeId> {
        let members = &self.config.committee.members;
        members.get(usize::from(member)).map(|record| record.node)
    }

    fn is_me(&self, node: &NodeId) -> bool {
        self.member().and_then(|member| self.node_of(member)) == Some(*node)
    }

    /// The member that a node is; none for all who aren't one.
    fn source(&self, node: &NodeId) -> Option<u16> {
        let members = &self.config.committee.members;
        let at = members.iter().position(|member| member.node == *node)?;
        u16::try_from(at).ok()
    }

    fn trusts(&mut self, source: Option<u16>) -> bool {
        self.debts.trusts(source, self.now)
    }

    fn charge(&mut self, source: Option<u16>, pairings: u64) {
        self.debts.charge(source, pairings, self.now);
    }

    /// Sends to everyone; observers stay silent.
    fn broadcast(&self, message: Message, out: &mut Vec<Effect>) {
        if self.config.seat.is_some() {
            out.push(Effect::Broadcast(message));
        }
    }
}
