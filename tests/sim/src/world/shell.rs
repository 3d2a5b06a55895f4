//! Doing what a machine wants, as the shell of a real node does. [C1]

use std::collections::VecDeque;
use std::sync::Arc;

use consensus::Message;
use tx_chain::{Effect, ExecutedBlock, FinalBlock, Input, JournalError, Pull};
use types::{ChainId, Height, Time};

use super::{Event, World};
use crate::byzantine;
use crate::invariants::bounds;
use crate::network::Parcel;
use crate::wire::Wire;

impl World {
    /// Gives a machine an input and does all that follows from it on this node.
    pub(super) fn feed(&mut self, node: usize, chain: ChainId, input: Input) {
        self.feed_all(node, vec![(chain, input)]);
    }

    /// The same with some inputs, in order: what follows from the first comes after the last.
    pub(super) fn feed_all(&mut self, node: usize, inputs: Vec<(ChainId, Input)>) {
        let mut queue = VecDeque::from(inputs);
        while let Some((chain, input)) = queue.pop_front() {
            if let Input::Declarations(heard) = &input {
                queue.extend(self.hear(node, heard));
            }
            let clock = self.nodes[node].clock(self.now);
            let Some(running) = self.nodes[node].running.get_mut(&chain) else {
                continue;
            };
            let mut effects = Vec::new();
            running.chain.handle(clock, input, &mut effects);
            bounds::check(node, &running.chain, &mut self.oracle.bad);
            match self.perform(node, chain, effects) {
                Ok(inputs) => queue.extend(inputs),
                // The disk failed: the node stops where it stands.
                Err(error) => return self.broke(node, &error),
            }
            self.reschedule(node, chain);
        }
    }

    /// The next wake-up of a machine, never at once again.
    pub(super) fn reschedule(&mut self, node: usize, chain: ChainId) {
        let host = &mut self.nodes[node];
        let Some(deadline) = host.running.get(&chain).and_then(|r| r.chain.deadline()) else {
            return;
        };
        let at = host.when(deadline).max(self.now.after(1));
        let Some(running) = host.running.get_mut(&chain) else {
            return;
        };
        if running.wake != Some(at) {
            running.wake = Some(at);
            self.events.put(at, Event::Wake { node, chain });
        }
    }

    pub(super) fn wake(&mut self, node: usize, chain: ChainId) {
        let now = self.now;
        let Some(running) = self.nodes[node].running.get_mut(&chain) else {
            return;
        };
        if running.wake != Some(now) {
            return;
        }
        running.wake = None;
        bounds::tick(node, running, now.0, &mut self.oracle.bad);
        self.log.note(now, 1, node, &[chain.0 as u8]);
        self.feed(node, chain, Input::Tick);
    }

    /// Runs effects in order; returns what other machines of the node are to be told.
    pub(super) fn perform(
        &mut self,
        node: usize,
        chain: ChainId,
        effects: Vec<Effect>,
    ) -> Result<Vec<(ChainId, Input)>, JournalError> {
        let mut inputs = Vec::new();
        for effect in effects {
            match effect {
                Effect::Persist(record) => self.journal(node, chain, |j| j.write(&record))?,
                Effect::Broadcast(message) => {
                    self.journal(node, chain, tx_chain::Journal::sync)?;
                    self.broadcast(node, chain, message);
                }
                Effect::Send { to, message } => {
                    self.journal(node, chain, tx_chain::Journal::sync)?;
                    let to = self.setup.node_of(&to);
                    let wire = self.consensus(node, chain, message);
                    self.leave(node, to.into_iter().collect(), wire);
                }
                Effect::Fetch { hash, above, from } => {
                    let from = from.iter().filter_map(|id| self.setup.node_of(id));
                    let to: Vec<usize> = from.filter(|to| *to != node).take(1).collect();
                    self.leave(node, to, Wire::Fetch { chain, hash, above });
                }
                Effect::Pull(pull) => self.pull(node, pull),
                Effect::Submit(anchor) => {
                    self.journal(node, chain, tx_chain::Journal::sync)?;
                    let to = self.recorders(node);
                    self.leave(node, to, Wire::Anchor(anchor));
                }
                Effect::Declare(declaration) => {
                    let to = self.recorders(node);
                    self.leave(node, to, Wire::Declaration(declaration));
                }
                Effect::Handover { opening, seat } => {
                    inputs.push((chain, self.hand_over(node, chain, &opening, seat)?));
                }
                Effect::Final(lot) => {
                    self.finalized(node, chain, &lot)?;
                    inputs.extend(self.serve(node, chain, &lot));
                }
                Effect::RootFinal(block) => {
                    let host = &self.nodes[node];
                    let others = host.disks.keys().filter(|other| !other.is_root());
                    inputs.extend(others.map(|other| (*other, Input::Root(block.clone()))));
                }
                Effect::Blame(evidence) => {
                    self.witness(node, chain, Effect::Blame(evidence.clone()));
                    let told = root_chain::duty::Input::Evidence(Box::new(evidence));
                    inputs.extend(self.duty(node, told));
                }
                Effect::Rival { rival, shown } => {
                    let told = root_chain::duty::Input::Rival { rival, shown };
                    inputs.extend(self.duty(node, told));
                }
                Effect::Checkpoint => self.want_checkpoint(node, chain),
                // Who acts on it must not find it undone by a crash.
                early @ Effect::Early { .. } => {
                    self.journal(node, chain, tx_chain::Journal::sync)?;
                    self.witness(node, chain, early);
                }
                other => self.witness(node, chain, other),
            }
        }
        self.plan_checkpoint(node, chain);
        Ok(inputs)
    }

    /// A term begins on a node, with a seat or without; what its key has signed in it.
    fn hand_over(
        &mut self,
        node: usize,
        chain: ChainId,
        opening: &tx_chain::Opening,
        seat: Option<consensus::Seat>,
    ) -> Result<Input, JournalError> {
        let epoch = opening.committee.epoch;
        let place = (chain, opening.committee.epoch);
        if let (Some(traitor), Some(seat)) = (self.traitors.get_mut(&node), &seat) {
            traitor.sit(place, seat);
        }
        *self.faults.entry("handover").or_default() += 1;
        let disks = self.nodes[node].disks.entry(chain).or_default();
        let votes = seat.map(|seat| disks.votes_of(&seat));
        let said = self.journal(node, chain, |journal| {
            journal.open_term(opening, votes)?;
            journal.said()
        });
        said.map(|(_, votes)| Input::Recalled { epoch, votes })
    }

    /// What the oracle wants to know and the network does not.
    fn witness(&mut self, node: usize, chain: ChainId, effect: Effect) {
        if let (Effect::Proposed(block), Some(traitor)) = (&effect, self.traitors.get_mut(&node)) {
            traitor.learn(block);
        }
        if self.oracle.honesty.is_traitor(node) {
            return;
        }
        self.say(|| match &effect {
            Effect::Offence { node: who } => {
                format!("{node} is offended by {:?}", self.setup.node_of(who))
            }
            Effect::Admitted(answers) => format!("{node} chain {chain} admits {answers:?}"),
            Effect::Proposed(block) => {
                let (round, height) = (block.header().round, block.header().height);
                format!("{node} holds r{round} h{height} of chain {chain} valid")
            }
            _ => String::new(),
        });
        let bad = &mut self.oracle.bad;
        match effect {
            Effect::Orphaned(base) => {
                let what = format!("node {node} can't follow chain {chain} from {base:?}");
                bad.add("I8", what);
            }
            Effect::Blame(evidence) => {
                *self.faults.entry("evidence").or_default() += 1;
                let (honesty, seating) = (&self.oracle.honesty, &self.oracle.seating);
                honesty.blamed(&self.setup, node, &evidence, seating, bad);
            }
            Effect::Offence { node: who } => {
                *self.faults.entry("offence").or_default() += 1;
                let who = self.setup.node_of(&who);
                self.oracle.honesty.offended(node, chain, who, bad);
            }
            Effect::Early {
                header, seats, of, ..
            } => {
                let liars = self.oracle.seating.liars(chain, header.epoch);
                let counts = (seats, of, liars.map_or(0, |(liars, _)| liars));
                self.oracle.agreement.early(node, &header, counts, bad);
            }
            Effect::Fork { .. } => bad.add("I1", format!("node {node} sees chain {chain} forked")),
            // No committee of a simulation certifies what does not execute: the code errs.
            Effect::Diverged { header, flaw } => {
                let height = header.height;
                let what = format!("node {node} chain {chain}: block {height} diverges: {flaw}");
                bad.add("I2", what);
            }
            _ => {}
        }
    }

    fn journal<T: Default>(
        &mut self,
        node: usize,
        chain: ChainId,
        run: impl FnOnce(&mut tx_chain::Journal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match self.nodes[node].running.get_mut(&chain) {
            Some(running) => run(&mut running.journal),
            None => Ok(T::default()),
        }
    }

    fn finalized(
        &mut self,
        node: usize,
        chain: ChainId,
        lot: &[FinalBlock],
    ) -> Result<(), JournalError> {
        self.journal(node, chain, |journal| {
            journal.finalized(lot)?;
            journal.sync()
        })?;
        self.oracle.reported(node, chain, lot);
        let newest = lot.last().map(|block| block.executed.header().height);
        self.say(|| format!("{node} has chain {chain} final up to {newest:?}"));
        if node == self.setup.observer() {
            for block in lot {
                self.observe(&block.executed);
            }
        }
        if let Some(traitor) = self.traitors.get_mut(&node) {
            lot.iter().for_each(|block| traitor.learn(&block.executed));
        }
        if let Some(running) = self.nodes[node].running.get_mut(&chain) {
            running.since_checkpoint += lot.len() as u64;
        }
        Ok(())
    }

    fn consensus(&self, node: usize, chain: ChainId, message: Message) -> Wire {
        let from = self.setup.nodes[node].node;
        Wire::Consensus {
            chain,
            from,
            message,
        }
    }

    /// To the chain's committee and to all others who follow it.
    fn broadcast(&mut self, node: usize, chain: ChainId, message: Message) {
        let wire = self.consensus(node, chain, message);
        let members = self.setup.members(chain);
        let all = !wire.is_vote() || self.plan.votes_to_all || self.setup.terms;
        let to = (0..self.nodes.len()).filter(|to| {
            let follows = self.setup.nodes[*to].follows.contains(&chain);
            *to != node && follows && (all || members.contains(to))
        });
        let to = to.collect();
        self.leave(node, to, wire);
    }

    /// Whom anchors and declarations go to: the root's committee, or all who may be in it.
    pub(super) fn recorders(&self, node: usize) -> Vec<usize> {
        let all = 0..self.setup.observer();
        let mut to: Vec<usize> = if self.setup.terms {
            all.collect()
        } else {
            self.setup.members(ChainId::ROOT).collect()
        };
        // An anchor that a member of the root hands in comes back to it like to the others.
        to.retain(|other| *other != node || !self.setup.terms);
        to
    }

    /// Asks one who follows the source chain.
    fn pull(&mut self, node: usize, pull: Pull) {
        let mut who: Vec<usize> = self.setup.members(pull.source).collect();
        if self.setup.terms {
            who = (0..self.setup.observer()).collect();
        }
        who.push(self.setup.observer());
        who.retain(|other| *other != node);
        let to = *self.dice.pick(&who);
        self.leave(node, vec![to], Wire::Pull(pull));
    }

    /// Something leaves the node, if it is honest as it is.
    pub(super) fn leave(&mut self, node: usize, to: Vec<usize>, wire: Wire) {
        let wire = Arc::new(wire);
        self.say(|| format!("{node} to {to:?}: {}", wire.line()));
        let Some(mut traitor) = self.traitors.remove(&node) else {
            self.note_anchor(&wire);
            let known = self.root_final(node);
            self.oracle.sent(node, &wire, known);
            return self.post_all(node, &to, &wire);
        };
        if self.behaves(&wire) {
            self.post_all(node, &to, &wire);
            self.traitors.insert(node, traitor);
            return;
        }
        for (to, wire) in traitor.distort(to, wire, self.now, &mut self.faults) {
            self.say(|| format!("{node} twists, to {to:?}: {}", wire.line()));
            self.post_all(node, &to, &wire);
        }
        self.traitors.insert(node, traitor);
    }

    /// The newest root block that is final on any node; each alone may be cut off.
    pub(super) fn newest_root(&self) -> Option<&ExecutedBlock> {
        let roots = self
            .nodes
            .iter()
            .filter_map(|host| host.running.get(&ChainId::ROOT));
        let finals = roots.map(|root| &**root.chain.last_final());
        finals.max_by_key(|block| block.header().height)
    }

    /// The last root height that is final on a node.
    fn root_final(&self, node: usize) -> Height {
        let root = self.nodes[node].running.get(&ChainId::ROOT);
        root.map_or(0, |root| root.chain.last_final().header().height)
    }

    /// Committees are drawn, and one with more traitors than it can bear promises nothing. There
    /// they do what else they may do: behave.
    pub(super) fn behaves(&mut self, wire: &Wire) -> bool {
        let seating = &self.oracle.seating;
        let captured = self.setup.terms
            && match byzantine::place(wire) {
                Some((chain, epoch)) => seating.is_captured(chain, epoch),
                None => seating.serving(wire.chain()),
            };
        if captured {
            *self
                .faults
                .entry("behaves in a captured committee")
                .or_default() += 1;
        }
        captured
    }

    pub(super) fn post_all(&mut self, from: usize, to: &[usize], wire: &Arc<Wire>) {
        for to in to {
            self.post(Parcel {
                from,
                to: *to,
                wire: wire.clone(),
            });
        }
    }

    fn want_checkpoint(&mut self, node: usize, chain: ChainId) {
        if let Some(running) = self.nodes[node].running.get_mut(&chain) {
            running.checkpoint_due = true;
        }
    }

    /// Takes a snapshot after so many final blocks; it is written later, while the chain goes on.
    /// Between two steps of the machine only: the journal has all then that the machine has.
    fn plan_checkpoint(&mut self, node: usize, chain: ChainId) {
        let host = &mut self.nodes[node];
        let life = host.life;
        let Some(running) = host.running.get_mut(&chain) else {
            return;
        };
        // A node that never takes one is told by the root of everything again.
        let every = self.plan.checkpoint_every;
        let told = running.checkpoint_due && every < crate::plan::NEVER;
        let due = told || running.since_checkpoint >= every;
        if !due || running.job.is_some() {
            return;
        }
        let Some(snapshot) = running.chain.snapshot() else {
            return;
        };
        (running.since_checkpoint, running.checkpoint_due) = (0, false);
        running.job = Some(running.journal.checkpoint(snapshot));
        let at: Time = self.now.after(self.dice.between(1, 300));
        self.events.put(at, Event::Checkpoint { node, chain, life });
    }

    /// Writes the checkpoint that waits.
    pub(super) fn checkpoint(&mut self, node: usize, chain: ChainId, life: u64) {
        let host = &mut self.nodes[node];
        let running = host.running.get_mut(&chain).filter(|_| host.life == life);
        let Some(running) = running else { return };
        let Some(job) = running.job.take() else {
            return;
        };
        let done = job.run();
        let noted = done.and_then(|done| running.journal.checkpointed(done));
        *self.faults.entry("checkpoint").or_default() += 1;
        if let Err(error) = noted {
            self.broke(node, &error);
        }
    }
}
