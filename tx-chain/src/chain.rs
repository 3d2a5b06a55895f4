//! The machine of one chain on one node: consensus, mempool, execution, lanes and anchors.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use consensus::{Consensus, Seat, Verdict};
use types::{
    Ack, Anchor, Blame, Block, BlockHash, ChainId, Height, Import, Justification, Phase, Round,
    Time,
};

use crate::anchoring::{Anchoring, Turn};
use crate::books::Books;
use crate::declarations::Declarations;
use crate::handover::{Opening, Standing, Tenure};
use crate::history::History;
use crate::inbox::Inbox;
use crate::keyring::Keyring;
use crate::listening::Listening;
use crate::machine::{Effect, Input};
use crate::mempool::Mempool;
use crate::outbox::{Outbox, Pull};
use crate::proposer::OVERHEAD;
use crate::root_view::RootView;
use crate::rules::Rules;
use crate::signed::SignedMessage;
use crate::start::{Config, Replayed, Snapshot, Start};
use crate::transition;
use crate::tree::{BlockTree, ExecutedBlock};
use crate::verifier::Finding;

/// How much waits in a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// External messages.
    pub messages: usize,
    /// Bundles from other chains that no block has taken.
    pub imports: usize,
    /// Bundles that other chains have not taken.
    pub exports: usize,
    /// Executed blocks from the last final one on.
    pub blocks: usize,
    /// Proposals that can't be judged yet.
    pub later: usize,
}

/// One chain on one node. Pure: input and time in, effects out.
pub struct Chain {
    pub(crate) rules: Arc<Rules>,
    pub(crate) tree: BlockTree,
    pub(crate) view: RootView,
    pub(crate) mempool: Mempool,
    pub(crate) inbox: Inbox,
    /// Anchors handed in, by chain; on the root only.
    pub(crate) anchors: BTreeMap<ChainId, Anchor>,
    pub(crate) declarations: Declarations,
    pub(crate) consensus: Consensus,
    pub(crate) seat: Option<Seat>,
    pub(crate) members: u16,
    pub(crate) tenure: Tenure,
    pub(crate) opening: Option<Opening>,
    pub(crate) keyring: Arc<dyn Keyring>,
    /// What the consensus of every term has in common.
    pub(crate) template: consensus::Config,
    pub(crate) delta: u64,
    always_work: bool,
    pub(crate) history: History,
    pub(crate) outbox: Outbox,
    pub(crate) anchoring: Anchoring,
    /// Proposals whose cited root block is not final here yet.
    pub(crate) later: Vec<Arc<Block>>,
    pub(crate) work: bool,
    next_pull: Option<Time>,
    /// When blocks below the base of the next term are asked for again.
    pub(crate) next_fetch: Option<Time>,
    /// Blocks from that base down, as far as they were fetched.
    pub(crate) rescued: Vec<Arc<Block>>,
    pub(crate) listening: Listening,
    /// The committee certified a block that does not execute: the chain has ended here. [C14]
    pub(crate) diverged: bool,
    /// Final blocks of before the restart that cite root blocks which are told of again. Until all
    /// are executed the chain takes no part in anything. [H7]
    pub(crate) replay: VecDeque<Replayed>,
}

impl Chain {
    /// Starts a chain from genesis or from where it stopped. Blocks that are replayed come out
    /// as [`Effect::Final`] again, so that whoever indexes them can catch up.
    pub fn new(config: Config, mut start: Start, now: Time, out: &mut Vec<Effect>) -> Self {
        let (first, base) = start.consensus(&config);
        let Start {
            block,
            history,
            outbox,
            anchoring,
            view,
            replay,
            restored,
            closed,
            opening,
        } = start;
        let (committee, seat) = (first.committee.clone(), first.seat.clone());
        let fresh = block.header().height == 0 && replay.is_empty() && opening.is_none();
        let fresh = fresh && restored.votes.is_empty();
        let consensus = Consensus::new(first, restored, now);
        let mut chain = Self {
            mempool: Mempool::new(config.rules.mempool),
            rules: Arc::new(config.rules),
            tree: BlockTree::new(block),
            view,
            inbox: Inbox::default(),
            anchors: BTreeMap::new(),
            declarations: Declarations::default(),
            consensus,
            members: committee.size() as u16,
            tenure: Tenure::new(committee.epoch, base, closed),
            opening,
            keyring: config.keyring,
            delta: config.consensus.timing.delta_ms,
            template: config.consensus,
            always_work: config.always_work,
            seat,
            history,
            outbox,
            anchoring,
            later: Vec::new(),
            work: false,
            next_pull: None,
            next_fetch: None,
            rescued: Vec::new(),
            listening: Listening::default(),
            diverged: false,
            replay: replay.into(),
        };
        if !fresh && !chain.id().is_root() {
            chain.listening = Listening::from(now, chain.patience());
            chain.keep_quiet();
        }
        for root in chain.view.blocks() {
            (chain.rules.root_final)(&root);
        }
        chain.tell_root();
        if chain.read_back(now, out) {
            chain.begin(now, out);
        }
        chain.cut_after_divergence(out);
        chain
    }

    /// Takes one input; appends what it wants done.
    pub fn handle(&mut self, now: Time, input: Input, out: &mut Vec<Effect>) {
        if self.diverged {
            return;
        }
        let reads_back = !self.replay.is_empty();
        match input {
            Input::Tick | Input::Consensus { .. } | Input::Blocks(_) if reads_back => {}
            Input::Tick => {
                self.step(now, consensus::Input::Tick, out);
                self.follow_rescue(now, out);
            }
            Input::Consensus { from, message } => {
                self.hear(now, from, message, out);
            }
            Input::Blocks(blocks) => {
                if !self.take_rescued(now, &blocks, out) {
                    self.step(now, consensus::Input::Blocks { blocks }, out);
                }
            }
            Input::Externals(messages) => self.admit(messages, out),
            Input::Anchor(anchor) => self.take_anchor(now, *anchor),
            Input::Declarations(lot) => self.hear_declarations(now, lot, out),
            Input::Declare(declaration) => self.declare(now, declaration, out),
            Input::Imports(imports) => self.take_imports(imports),
            Input::Recalled { epoch, votes } if epoch == self.tenure.epoch => {
                self.consensus.recall(votes);
                self.step(now, consensus::Input::Tick, out);
            }
            Input::Recalled { .. } => {}
            Input::Root(block) => self.follow_root(now, &block, out),
        }
        if self.replay.is_empty() {
            self.settle(now, out);
        }
        self.cut_after_divergence(out);
    }

    /// When to call [`Chain::handle`] with [`Input::Tick`] at the latest.
    pub fn deadline(&self) -> Option<Time> {
        if self.diverged || !self.replay.is_empty() {
            return None;
        }
        let anchored = self.view.tip_at(self.id(), self.view.latest().height);
        let turn = anchored.and_then(|_| self.turn());
        let anchor = turn.and_then(|turn| self.anchoring.when(turn));
        let consensus = self.consensus.deadline().filter(|_| !self.tenure.over);
        [consensus, self.next_pull, self.next_fetch, anchor]
            .into_iter()
            .flatten()
            .min()
    }

    /// The chain's id.
    pub fn id(&self) -> ChainId {
        self.rules.chain
    }

    /// The last final block.
    pub const fn last_final(&self) -> &Arc<ExecutedBlock> {
        self.tree.last_final()
    }

    /// What this node knows of the root.
    pub const fn root_view(&self) -> &RootView {
        &self.view
    }

    /// The hashes of all final blocks.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The anchor of the newest certified block, given what the root has recorded: what rescues a
    /// chain whose committee is gone.
    pub fn newest_anchor(&self) -> Option<Anchor> {
        let root = self.view.latest().height;
        let last = self.view.tip_at(self.id(), root)?;
        self.anchoring.newest(&last, &self.history)
    }

    /// External messages that wait.
    pub const fn mempool(&self) -> &Mempool {
        &self.mempool
    }

    /// How much waits here.
    pub fn load(&self) -> Load {
        Load {
            messages: self.mempool.len(),
            imports: self.inbox.len(),
            exports: self.outbox.len(),
            blocks: self.tree.len(),
            later: self.later.len(),
        }
    }

    /// Bundles for a destination that asks, each with its proof.
    pub fn answer(&self, pull: &Pull) -> Vec<Import> {
        if pull.source == self.id() {
            self.outbox.answer(pull, &self.history)
        } else {
            Vec::new()
        }
    }

    /// All that a restart needs beside the log of later blocks; cheap, shares the state. `None`
    /// while blocks are read back, and once the chain has ended here: consensus is beyond the last
    /// final block then. [C14]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let whole = self.replay.is_empty() && !self.diverged;
        whole.then(|| Snapshot {
            block: self.tree.last_final().clone(),
            finality: self.consensus.last().1.cloned(),
            closed: self.tenure.closed.clone(),
            opening: self.opening.clone(),
            outbox: self.outbox.clone(),
            anchoring: self.anchoring.clone(),
            view: self.view.clone(),
        })
    }

    /// Runs consensus until it has no more questions to this chain.
    pub(crate) fn step(&mut self, now: Time, input: consensus::Input, out: &mut Vec<Effect>) {
        let mut queue = VecDeque::from([input]);
        while let Some(input) = queue.pop_front().filter(|_| !self.tenure.over) {
            let mut effects = Vec::new();
            self.consensus.handle(now, input, &mut effects);
            for effect in effects {
                queue.extend(self.apply(now, effect, out));
                if self.diverged {
                    return;
                }
            }
            let epoch = self.tenure.epoch;
            self.hand_over(now, out);
            if self.tenure.epoch != epoch {
                // What is left concerns the term that is over.
                queue.clear();
            }
        }
    }

    /// Does what consensus wants, or passes it on. Once the term is over nothing is built or
    /// checked in it. Returns the answer that consensus awaits.
    fn apply(
        &mut self,
        now: Time,
        effect: consensus::Effect,
        out: &mut Vec<Effect>,
    ) -> Vec<consensus::Input> {
        use consensus::Effect as Wanted;
        match effect {
            Wanted::Persist(record) => out.push(Effect::Persist(record)),
            Wanted::Broadcast(message) => out.push(Effect::Broadcast(message)),
            Wanted::Send { to, message } => out.push(Effect::Send { to, message }),
            Wanted::Fetch { hash, above, from } => out.push(Effect::Fetch { hash, above, from }),
            // A tail will be dropped, however sure it is. [H2]
            Wanted::Early { header, .. } if header.phase == Phase::Tail => {}
            Wanted::Early {
                header,
                certificate,
                seats,
                of,
            } => out.push(Effect::Early {
                header,
                certificate,
                seats,
                of,
            }),
            Wanted::Blame(evidence) => out.push(Effect::Blame(evidence)),
            // A vote of the term before was right when it left.
            Wanted::Penalize { fault, .. } if fault.blame() == Blame::Nobody => {}
            Wanted::Penalize { node, .. } => out.push(Effect::Offence { node }),
            Wanted::Fork { ours, theirs } => out.push(Effect::Fork { ours, theirs }),
            Wanted::Build { .. } | Wanted::Check { .. } if self.tenure.over => {}
            Wanted::Build {
                round,
                parent,
                justification,
            } => return self.answer_build(now, round, parent, justification, out),
            Wanted::Check { block } => return vec![self.judge(now, block, out)],
            Wanted::Finalize { blocks, finality } => {
                self.finalize(now, blocks, finality, out);
                return self.judge_again(now, out);
            }
        }
        Vec::new()
    }

    /// Builds, unless the work that consensus was told of is done by now: then it is told so
    /// first, or a chain would go on with empty blocks. A heartbeat is asked for without work.
    fn answer_build(
        &mut self,
        now: Time,
        round: Round,
        parent: BlockHash,
        justification: Justification,
        out: &mut Vec<Effect>,
    ) -> Vec<consensus::Input> {
        if self.work && !self.always_work && !self.has_work() {
            self.work = false;
            let none = consensus::Input::Built { round, block: None };
            return vec![consensus::Input::Work(false), none];
        }
        let block = self.build(now, round, parent, justification, out);
        vec![consensus::Input::Built { round, block }]
    }

    fn build(
        &mut self,
        now: Time,
        round: Round,
        parent: BlockHash,
        justification: Justification,
        out: &mut Vec<Effect>,
    ) -> Option<Block> {
        let member = self.seat.as_ref()?.member;
        let parent = self.tree.get(&parent)?.clone();
        let executed = self.propose(now, &parent, round, member, justification);
        let block = executed.block.clone();
        self.keep(Arc::new(executed), out);
        Some(block)
    }

    fn judge(&mut self, now: Time, block: Arc<Block>, out: &mut Vec<Effect>) -> consensus::Input {
        let hash = block.header.hash();
        let verdict = match self.check(now, &block) {
            _ if self.tree.get(&hash).is_some() => Verdict::Valid,
            Finding::Valid(executed) => {
                self.keep(Arc::new(*executed), out);
                Verdict::Valid
            }
            Finding::Unwelcome(executed) => {
                self.keep(Arc::new(*executed), out);
                Verdict::Unwelcome
            }
            Finding::Invalid(_) => Verdict::Invalid,
            Finding::Later => {
                self.later.push(block);
                Verdict::Later
            }
        };
        consensus::Input::Checked {
            block: hash,
            verdict,
        }
    }

    pub(crate) fn judge_again(
        &mut self,
        now: Time,
        out: &mut Vec<Effect>,
    ) -> Vec<consensus::Input> {
        let last = self.tree.last_final().header().round;
        let later = std::mem::take(&mut self.later);
        let open = later.into_iter().filter(|block| block.header.round > last);
        open.collect::<Vec<_>>()
            .into_iter()
            .map(|block| self.judge(now, block, out))
            .collect()
    }

    /// Remembers an executed block on which others can be built.
    fn keep(&mut self, executed: Arc<ExecutedBlock>, out: &mut Vec<Effect>) {
        self.include(&executed);
        self.tree.insert(executed.clone());
        out.push(Effect::Proposed(executed));
    }

    /// Tells the mempool what a block holds; when it is final, that leaves. [C3]
    pub(crate) fn include(&mut self, executed: &ExecutedBlock) {
        let externals = executed
            .externals
            .iter()
            .map(|signed| &signed.message().call);
        self.mempool.include(
            executed.hash,
            externals.map(|call| (&call.from, call.nonce)),
        );
    }

    fn admit(&mut self, messages: Vec<SignedMessage>, out: &mut Vec<Effect>) {
        let root_height = self.view.latest().height;
        let final_state = &self.tree.last_final().state;
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            let id = message.id();
            let sender = self.rules.sender_of(final_state, &message);
            let answer = sender.and_then(|sender| self.mempool.admit(message, sender, root_height));
            answers.push((id, answer));
        }
        out.push(Effect::Admitted(answers));
    }

    fn take_imports(&mut self, imports: Vec<Import>) {
        let place = (self.rules.chain, &*self.rules.routing);
        let lanes = self.tree.last_final().state.lanes();
        let most = self.rules.body_bytes.saturating_sub(OVERHEAD) as u64;
        for import in imports {
            // A source that lies can book what no block here holds: its lane waits, not this chain.
            let fits = import.bundle.bytes <= most;
            if !fits || self.inbox.offer(import, place, &self.view, lanes).is_err() {
                break;
            }
        }
    }

    /// After every input: is there work, is there something to ask for, is an anchor due?
    pub(crate) fn settle(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.drop_stale_anchors();
        let work = self.always_work || self.has_work();
        if work != self.work {
            self.work = work;
            self.step(now, consensus::Input::Work(work), out);
        }
        self.pull(now, out);
        self.submit(now, out);
    }

    fn has_work(&self) -> bool {
        let best = self.tree.best();
        if self.tenure.standing(best.header(), &best.hash) != Standing::Open {
            // Only a closing block's finality is wanted now, and consensus sees to that.
            return false;
        }
        self.mempool.is_ready()
            || self.may_close(self.view.latest().height)
            || !self.declarations.is_empty()
            || !best.state.mailboxes().is_empty()
            || self.inbox.is_ready(
                self.books(best, self.view.latest().height),
                best.state.lanes(),
            )
            || self.has_useful_ack(best)
            || self
                .anchors
                .values()
                .any(|anchor| self.is_next(best, anchor))
    }

    fn pull(&mut self, now: Time, out: &mut Vec<Effect>) {
        let retry = 4 * self.delta;
        let state = self.tree.best().state.clone();
        let pulls = self
            .inbox
            .wanted(self.rules.chain, &self.view, state.lanes(), now, retry);
        out.extend(pulls.into_iter().map(Effect::Pull));
        let waiting = self
            .inbox
            .is_waiting(self.rules.chain, &self.view, state.lanes());
        self.next_pull = waiting.then(|| now.after(retry));
    }

    fn submit(&mut self, now: Time, out: &mut Vec<Effect>) {
        let Some(turn) = self.turn() else { return };
        let root = self.view.latest().height;
        let Some(last) = self.view.tip_at(self.rules.chain, root) else {
            return;
        };
        if let Some(anchor) = self.anchoring.due(now, turn, &last, &self.history) {
            out.push(Effect::Submit(Box::new(anchor)));
        }
    }

    fn turn(&self) -> Option<Turn> {
        let member = self.seat.as_ref()?.member;
        Some(Turn {
            member,
            members: self.members,
            patience: 4 * self.delta,
        })
    }

    /// The books of the lanes to this chain for a block on `parent`.
    pub(crate) fn books<'a>(&'a self, parent: &'a ExecutedBlock, at: Height) -> Books<'a> {
        Books::new(self.rules.chain, &self.view, at, parent.state.lanes())
    }

    /// Whether messages that wait for room on a lane could go now.
    fn has_useful_ack(&self, best: &ExecutedBlock) -> bool {
        let at = self.view.latest().height;
        let waiting = best.state.outboxes();
        let useful = |ack: &Ack| waiting.contains_key(&ack.peer);
        !waiting.is_empty()
            && transition::acks(&self.rules, best, &self.view, at)
                .iter()
                .any(useful)
    }
}
