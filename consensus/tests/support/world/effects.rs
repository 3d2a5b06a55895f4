//! What becomes of a machine's effects, and what must hold after each.

use std::sync::Arc;

use consensus::{Effect, Input, Message, Record, Verdict};
use types::{Block, BlockHash, Certificate, Finality, Header, Round, Time};

use super::{Event, World};
use crate::support::byzantine::Behaviour;
use crate::support::chain::{self, INVALID};

impl World {
    pub(super) fn perform(&mut self, from: usize, twin: usize, effect: Effect) {
        self.note(from, &effect);
        let life = self.nodes[from].machines[twin].life;
        match effect {
            Effect::Persist(record) => self.persist(from, twin, record),
            Effect::Broadcast(message) => self.send(from, twin, None, message),
            Effect::Send { to, message } => {
                let to = self.number_of(&to).expect("sent to a known node");
                self.send(from, twin, Some(to), message);
            }
            Effect::Build {
                round,
                parent,
                justification,
            } => {
                self.builds += 1;
                let block = self.build(from, twin, round, &parent, justification);
                self.keep(from, &Arc::new(block.clone()));
                let block = Some(block);
                self.answer(from, twin, Input::Built { round, block });
            }
            Effect::Check { block } => {
                self.keep(from, &block);
                let verdict = if block.header.gas == INVALID {
                    Verdict::Invalid
                } else {
                    Verdict::Valid
                };
                let block = block.header.hash();
                self.answer(from, twin, Input::Checked { block, verdict });
            }
            Effect::Fetch {
                hash,
                above,
                from: holders,
            } => {
                self.fetches += 1;
                let by = holders.first().and_then(|node| self.number_of(node));
                let by = by.expect("fetched from a known node");
                let at = self.now.after(self.random.between(5, 60));
                let to = from;
                let event = Event::Serve {
                    by,
                    to,
                    twin,
                    life,
                    hash,
                    above,
                };
                self.schedule(at, event);
            }
            Effect::Finalize { blocks, finality } => self.settle(from, twin, &blocks, &finality),
            Effect::Early {
                header,
                certificate,
                seats,
                of,
            } => {
                assert_eq!(of, self.committee.thresholds().seats);
                self.report(from, twin, header, &certificate, seats);
            }
            accusation => self.accuse(from, accusation),
        }
    }

    /// An early report. Like what is sent, it counts once all written before is durable.
    fn report(
        &mut self,
        node: usize,
        twin: usize,
        header: Header,
        certificate: &Certificate,
        seats: u64,
    ) {
        assert_eq!(seats, certificate.seats(&self.committee));
        let held = certificate.verify(&self.committee, chain::network(), seats);
        held.expect("an early certificate holds");
        let machine = &self.nodes[node].machines[twin];
        let (at, life) = (machine.disk.barrier(), machine.life);
        let header = Box::new(header);
        let event = Event::Report {
            node,
            twin,
            life,
            header,
            seats,
        };
        self.schedule(at, event);
    }

    fn answer(&mut self, to: usize, twin: usize, input: Input) {
        let at = self.now.after(self.random.between(1, 20));
        let life = self.nodes[to].machines[twin].life;
        let event = Event::Answer {
            to,
            twin,
            life,
            input,
        };
        self.schedule(at, event);
    }

    fn send(&mut self, from: usize, twin: usize, to: Option<usize>, message: Message) {
        let machine = &self.nodes[from].machines[twin];
        let event = Event::Leave {
            from,
            twin,
            life: machine.life,
            to,
            message,
        };
        self.schedule(machine.disk.barrier(), event);
    }

    fn synced(&mut self) -> Time {
        self.now
            .after(self.random.between(2, self.plan.weather.sync))
    }

    fn persist(&mut self, from: usize, twin: usize, record: Record) {
        match &record {
            Record::Block(block) => self.keep(from, block),
            Record::Vote(_) => self.stumble(from),
            Record::Certificate(_) => {}
        }
        let synced = self.synced();
        let disk = &mut self.nodes[from].machines[twin].disk;
        disk.persist(synced, record);
    }

    fn settle(&mut self, from: usize, twin: usize, blocks: &[Arc<Block>], finality: &Finality) {
        let tip = blocks.last().expect("some block became final");
        assert_eq!(finality.confirm.block(), Some(tip.header.hash()));
        if self.is_honest(from) {
            self.check_final(from, blocks);
        }
        let synced = self.synced();
        for block in blocks {
            self.keep(from, block);
            let disk = &mut self.nodes[from].machines[twin].disk;
            disk.finalize(synced, Arc::clone(block), finality.clone());
        }
    }

    /// Accusations name liars only.
    fn accuse(&mut self, from: usize, effect: Effect) {
        match effect {
            Effect::Blame(evidence) => {
                let members = evidence.check(&self.committee, chain::network());
                for member in members.expect("evidence holds") {
                    let honest = self.is_honest(member.into());
                    assert!(!honest, "{member} blamed: {evidence:?}");
                    self.blamed.insert(member);
                }
            }
            Effect::Penalize { node, fault } => {
                let number = self.number_of(&node).expect("a known node");
                assert!(!self.is_honest(number), "{number} penalized for {fault}");
            }
            Effect::Fork { ours, theirs } => {
                assert!(!self.is_honest(from), "forked: {ours:?} {theirs:?}");
            }
            other => panic!("not an accusation: {other:?}"),
        }
    }

    pub(super) fn keep(&mut self, node: usize, block: &Arc<Block>) {
        let hash = block.header.hash();
        self.headers.insert(hash, block.header.clone());
        self.seen.push((block.header.round, hash));
        self.nodes[node].bodies.insert(hash, Arc::clone(block));
    }

    pub(super) fn note(&mut self, from: usize, effect: &Effect) {
        self.log.update(&self.now.0.to_le_bytes());
        self.log.update(&(from as u64).to_le_bytes());
        match effect {
            Effect::Broadcast(message) | Effect::Send { message, .. } => {
                self.log
                    .update(&borsh::to_vec(message).expect("messages have an encoding"));
            }
            Effect::Finalize { finality, .. } => {
                self.log
                    .update(&borsh::to_vec(finality).expect("finality has an encoding"));
            }
            other => self
                .log
                .update(format!("{:?}", std::mem::discriminant(other)).as_bytes()),
        }
    }

    /// Seats grow, and what few enough seats could have faked becomes final.
    pub(super) fn check_early(&mut self, node: usize, header: &Header, seats: u64) {
        let (height, hash) = (header.height, header.hash());
        let life = self.nodes[node].machines[0].life;
        let before = self.early_seats.insert((node, life, hash), seats);
        if !self.is_honest(node) {
            return;
        }
        assert!(
            before.is_none_or(|before| before < seats),
            "{before:?} then {seats}"
        );
        let liars = self
            .plan
            .liars
            .iter()
            .map(|(liar, _)| u64::from(self.plan.seats[*liar]));
        if self.committee.thresholds().early_tolerance(seats) >= Some(liars.sum()) {
            let agreed = *self.early.entry(height).or_insert(hash);
            assert_eq!(agreed, hash, "two early blocks of height {height}");
            let settled = self.finals.get(&height).copied().unwrap_or(hash);
            assert_eq!(settled, hash, "another block is final than was early");
        }
    }

    /// Agreement and validity.
    pub(super) fn check_final(&mut self, node: usize, blocks: &[Arc<Block>]) {
        for block in blocks {
            let (height, hash) = (block.header.height, block.header.hash());
            let agreed = *self.finals.entry(height).or_insert(hash);
            assert_eq!(agreed, hash, "two final blocks of height {height}");
            let early = self.early.get(&height).copied().unwrap_or(hash);
            assert_eq!(early, hash, "another block is final than was early");
            assert_ne!(block.header.gas, INVALID, "an invalid block is final");
            let parent = height
                .checked_sub(2)
                .and_then(|_| self.finals.get(&(height - 1)));
            assert!(parent.is_none_or(|parent| *parent == block.header.parent));
            self.heights[node] = self.heights[node].max(height);
            self.rounds[node] = self.rounds[node].max(block.header.round);
        }
    }

    pub(super) fn build(
        &mut self,
        from: usize,
        twin: usize,
        round: Round,
        parent: &BlockHash,
        justification: types::Justification,
    ) -> Block {
        self.built += 1;
        let mut body = vec![twin as u8; self.plan.body];
        body.extend(self.built.to_le_bytes());
        let parent = self.headers.get(parent).expect("a known parent").clone();
        let mut block = chain::block(&parent, round, from as u16, justification, body);
        if self.nodes[from].behaviour == Behaviour::InvalidLeader {
            block.header.gas = INVALID;
        }
        block
    }
}
