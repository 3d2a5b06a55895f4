//! Handover: a committee's term ends with a closing block and the next committee builds on it.
//!
//! ```text
//!  term e:    … ─ B ─ B* closing ─ tail ─ tail          tails make B* final and are dropped
//!                        │
//!  term e+1:             └───────── B' ─ …              another committee, rounds go on
//! ```
//!
//! * **[H1] When.** A block may close the term once a root block at or below the one that it cites
//!   shows that the next committee is ready. Leaders close as soon as they can.
//! * **[H2] Tails.** A descendant of a closing block in the same term holds nothing and changes
//!   nothing. Whatever makes one final makes the closing block final, and no other block of the
//!   term can be: so the term's end is one block, and dropping tails loses nothing.
//! * **[H3] Start.** The next committee starts on the closing block, which needs no certificate
//!   in its term. Rounds go on from there, so a chain's rounds never repeat.
//! * **[H4] Help.** A node that is asked by one of an earlier term answers with what closed it.
//! * **[H5] One voice.** A node votes in one term at a time, each with a key of its own, and not
//!   before it was told what that key has signed: it may have been in the term before, with other
//!   blocks or on another machine.
//! * **[H6] Coming back.** A node that was away signs nothing new before it has heard of a root
//!   block made since, or the root has said nothing for 4Δ: its term may be over.
//! * **[H7] The root first.** A block is executed once the root block that it cites is final here,
//!   also when it is certified or read back: what it does may depend on the seed of that height.

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use consensus::{Closed, Consensus, Message, Restored, Seat};
use crypto::Hash;
use types::{Block, BlockHash, Committee, Epoch, Header, Height, NodeId, Phase, Time};

use crate::chain::Chain;
use crate::machine::Effect;
use crate::tree::{BlockTree, ExecutedBlock};

/// Terms whose end is remembered for others: a newcomer begins in the first one.
const CLOSED: usize = 256;
/// Nodes of other terms that are answered within Δ.
const ANSWERED: usize = 256;

/// How a term began: written down before the first vote in it.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Opening {
    /// Who runs the chain.
    pub committee: Committee,
    /// What the order of leaders is drawn from.
    pub leader_seed: Hash,
    /// The block on which it began.
    pub base: Header,
}

impl Opening {
    /// The consensus of the term, with what all terms have in common.
    pub(crate) fn config(
        &self,
        template: &consensus::Config,
        seat: Option<Seat>,
    ) -> consensus::Config {
        consensus::Config {
            committee: Arc::new(self.committee.clone()),
            leader_seed: self.leader_seed,
            genesis: self.base.clone(),
            seat,
            ..template.clone()
        }
    }
}

/// What may follow a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// An ordinary block, or a closing one.
    Open,
    /// Only a tail.
    Tail,
    /// Nothing in this term.
    Nothing,
}

/// The term that a chain is in.
#[derive(Clone, Debug)]
pub(crate) struct Tenure {
    pub(crate) epoch: Epoch,
    /// The block on which it began, as far as it is known.
    pub(crate) base: BlockHash,
    /// The last final block closes the term, and the next committee is not known here yet.
    pub(crate) over: bool,
    /// The chain goes on from a block that this node's last final block does not lead to.
    pub(crate) orphaned: bool,
    /// What ended earlier terms.
    pub(crate) closed: BTreeMap<Epoch, Arc<Closed>>,
    answered: BTreeMap<NodeId, Time>,
}

impl Tenure {
    pub(crate) fn new(epoch: Epoch, base: BlockHash, closed: BTreeMap<Epoch, Arc<Closed>>) -> Self {
        Self {
            epoch,
            base,
            over: false,
            orphaned: false,
            closed,
            answered: BTreeMap::new(),
        }
    }

    /// What may follow a block in this term. [H2]
    pub(crate) fn standing(&self, parent: &Header, hash: &BlockHash) -> Standing {
        match parent.phase {
            _ if *hash == self.base => Standing::Open,
            _ if parent.epoch != self.epoch => Standing::Nothing,
            Phase::Ordinary => Standing::Open,
            Phase::Closing | Phase::Tail => Standing::Tail,
        }
    }

    /// Remembers what closed a term.
    pub(crate) fn note_closed(&mut self, epoch: Epoch, closed: &Arc<Closed>) {
        self.closed.insert(epoch, closed.clone());
        while self.closed.len() > CLOSED {
            self.closed.pop_first();
        }
    }

    fn may_answer(&mut self, node: NodeId, now: Time, delta: u64) -> bool {
        if self.answered.len() >= ANSWERED {
            self.answered.retain(|_, at| now.since(*at) < delta);
        }
        let recent = self.answered.get(&node);
        let free = recent.is_none_or(|at| now.since(*at) >= delta);
        let may = free && self.answered.len() < ANSWERED;
        if may {
            self.answered.insert(node, now);
        }
        may
    }
}

/// Splits what became final at a closing block: what stands, and the tails above. [H2]
pub(crate) fn cut_tails(mut blocks: Vec<Arc<Block>>) -> (Vec<Arc<Block>>, Vec<Block>) {
    let closing = blocks
        .iter()
        .position(|block| block.header.phase == Phase::Closing)
        .filter(|_| !cfg!(feature = "plant-counted-tail"));
    let tails = closing.map_or_else(Vec::new, |at| blocks.split_off(at + 1));
    let tails = tails.iter().map(|block| block.as_ref().clone()).collect();
    (blocks, tails)
}

impl Chain {
    /// The phase of a block on `parent` that cites root height `at`. [H1] [H2]
    pub(crate) fn phase_on(&self, parent: &Header, hash: &BlockHash, at: Height) -> Phase {
        let ends = match self.tenure.standing(parent, hash) {
            Standing::Tail => return Phase::Tail,
            Standing::Nothing => false,
            Standing::Open => self.may_close(at),
        };
        if ends {
            Phase::Closing
        } else {
            Phase::Ordinary
        }
    }

    /// Whether a block that cites root height `at` may close the term. [H1]
    pub(crate) fn may_close(&self, at: Height) -> bool {
        let next = self.tenure.epoch.saturating_add(1);
        if cfg!(feature = "plant-early-close") && at > 0 {
            return true;
        }
        self.view.terms().is_ready(self.id(), next, at)
    }

    /// Whether a block may be in the phase that its header tells.
    pub(crate) fn is_phase_right(&self, header: &Header, parent: &Header) -> bool {
        if header.epoch != self.tenure.epoch {
            return false;
        }
        match self.tenure.standing(parent, &header.parent) {
            Standing::Tail => header.phase == Phase::Tail,
            Standing::Nothing => false,
            Standing::Open => match header.phase {
                Phase::Ordinary => true,
                Phase::Closing => self.may_close(header.root_ref.height),
                Phase::Tail => false,
            },
        }
    }

    /// The term of the blocks that follow the last final one. Terms may have begun on it one after
    /// the other without a block of their own.
    fn epoch_after(&self, last: &ExecutedBlock) -> Epoch {
        let header = last.header();
        let begun = last.hash == self.tenure.base;
        let epoch = if begun {
            self.tenure.epoch
        } else {
            header.epoch
        };
        match self.view.terms().rescue(self.id(), epoch) {
            Some((rescued, base)) if base.hash == last.hash => rescued,
            _ if header.phase == Phase::Closing && !begun => epoch.saturating_add(1),
            _ => epoch,
        }
    }

    /// Starts the next term once its committee is known, and those after it that begin on the same
    /// block. [H3] [H5]
    pub(crate) fn hand_over(&mut self, now: Time, out: &mut Vec<Effect>) {
        while self.begin_next(now, out) {
            self.follow_rescue(now, out);
        }
    }

    /// Whether another term began. The root may have ended that one too in the meantime.
    fn begin_next(&mut self, now: Time, out: &mut Vec<Effect>) -> bool {
        let last = self.tree.last_final().clone();
        let epoch = self.epoch_after(&last);
        if epoch == self.tenure.epoch || self.tenure.orphaned {
            return false;
        }
        self.tenure.over = true;
        self.next_fetch = None;
        self.rescued.clear();
        self.later.clear();
        let Some(term) = self.view.terms().get(self.id(), epoch).cloned() else {
            return false;
        };
        let opening = Opening {
            leader_seed: term.leader_seed(&self.template.leader_seed),
            committee: term.committee,
            base: last.header().clone(),
        };
        let seat = self.keyring.seat(&opening.committee);
        let config = opening.config(&self.template, seat.clone());
        self.opening = Some(opening.clone());
        out.push(Effect::Handover { opening, seat });
        self.tree = BlockTree::new(last.clone());
        // Where a term ended without a closing block, open blocks of it held messages.
        self.mempool.abandon_all();
        self.tenure = Tenure::new(epoch, last.hash, std::mem::take(&mut self.tenure.closed));
        self.members = config.committee.size() as u16;
        self.seat.clone_from(&config.seat);
        self.work = false;
        self.consensus = Consensus::new(config, Restored::default(), now);
        self.consensus.await_recall();
        self.keep_quiet();
        self.tell_root();
        self.heed_freeze();
        true
    }

    /// A consensus message of any term. [H4]
    pub(crate) fn hear(
        &mut self,
        now: Time,
        from: NodeId,
        message: Message,
        out: &mut Vec<Effect>,
    ) {
        let epoch = message.epoch();
        if epoch == self.tenure.epoch && !self.tenure.over {
            return self.step(now, consensus::Input::Message { from, message }, out);
        }
        let answer = if epoch > self.tenure.epoch {
            let above = self.tree.last_final().header().round;
            let epoch = self.tenure.epoch;
            (!self.tenure.over).then_some(Message::Ask { epoch, above })
        } else {
            let closed = self.tenure.closed.get(&epoch);
            closed.map(|closed| Message::Closed(Box::new(closed.as_ref().clone())))
        };
        if let Some(message) = answer
            && self
                .tenure
                .may_answer(from, now, self.template.timing.delta_ms)
        {
            out.push(Effect::Send { to: from, message });
        }
    }
}
