//! The actor.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use actix::{Actor, ActorContext, AsyncContext, Context, Handler};
use consensus::{Evidence, Record, Seat};
use root_chain::RootDeclaration;
use root_chain::evidence::Report;
use tokio::sync::{oneshot, watch};
use tracing::{debug, error, info, warn};
use tx_chain::journal::VoteParts;
use tx_chain::verifier::Flaw;
use tx_chain::{
    Chain, Effect, ExecutedBlock, FinalBlock, Input, Journal, JournalError, Opening, Refusal,
};
use types::{AccountId, Certificate, Epoch, ExternalMessage, Header, MessageId, Rival, Time};

use super::stages::Stages;
use super::twin::{Foreign, Twin};
use super::{AdmissionError, Observer, Outlet, Submitted, Timed, ToChain, refuse};
use crate::evidence::Folder;
use crate::services::clock::Clock;
use crate::services::duty::{DutySender, ToDuty};

/// Mailbox places: some rounds of a full committee and a burst of everything else.
const MAILBOX: usize = 4_096;
/// Final blocks between two checkpoints at most.
const CHECKPOINT_BLOCKS: u64 = 512;
/// Milliseconds between two checkpoints of a chain that makes blocks.
const CHECKPOINT_MS: u64 = 10_000;
/// Rounds below the last final one whose votes are still compared.
const LATE_ROUNDS: u64 = 64;
/// Bytes of one answer with blocks.
const ANSWER_BYTES: usize = 6 << 20;

/// What a chain shows to whoever reads: the last final block and what waits.
#[derive(Clone, Debug)]
pub struct Head {
    /// The last final block.
    pub block: Arc<ExecutedBlock>,
    /// The newest root-final height known.
    pub root_height: u64,
    /// External messages that wait.
    pub waiting: usize,
    /// The chain has ended on this node: its committee certified what does not execute.
    pub diverged: bool,
}

/// Opens the directories in which the votes of a seat are written down.
pub type OpenVotes = Box<dyn Fn(&Seat) -> Result<VoteParts, JournalError> + Send>;

/// What a chain's actor is made of.
pub struct Parts {
    /// The machine.
    pub chain: Chain,
    /// Its memory.
    pub journal: Journal,
    /// Opens the vote log of a seat.
    pub votes: OpenVotes,
    /// What the machine wanted when it started.
    pub effects: Vec<Effect>,
    /// Whether somebody else signs with the node's key.
    pub twin: Twin,
    /// The way out.
    pub outlet: Box<dyn Outlet>,
    /// Who watches.
    pub observer: Option<Box<dyn Observer>>,
    /// The clock.
    pub clock: Clock,
    /// Where proved misbehaviour is kept.
    pub evidence: Folder,
    /// What the node does by itself as a staker; for the root, and for evidence of any chain.
    pub duty: Option<DutySender>,
    /// Where the machine's deadline is shown.
    pub deadline: watch::Sender<Option<Time>>,
    /// Where the head is shown.
    pub head: watch::Sender<Head>,
}

/// The actor of one chain.
pub struct ChainActor {
    parts: Parts,
    waiting: BTreeMap<MessageId, Submitted>,
    stages: Stages,
    checkpoint: Checkpoint,
}

#[derive(Default)]
struct Checkpoint {
    running: bool,
    due: bool,
    blocks: u64,
    last: Time,
}

impl ChainActor {
    /// An actor that is about to start.
    pub fn new(parts: Parts) -> Self {
        let checkpoint = Checkpoint {
            last: parts.clock.now(),
            ..Checkpoint::default()
        };
        Self {
            stages: Stages::new(parts.chain.id()),
            parts,
            waiting: BTreeMap::new(),
            checkpoint,
        }
    }

    fn input(&mut self, input: Input, ctx: &mut Context<Self>) {
        let mut effects = Vec::new();
        self.parts
            .chain
            .handle(self.parts.clock.now(), input, &mut effects);
        self.run(effects, ctx);
    }

    fn run(&mut self, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        let (mut finals, mut entered) = (0, None);
        for effect in effects {
            match &effect {
                Effect::Final(lot) => finals += lot.len() as u64,
                Effect::Handover { opening, .. } => entered = Some(opening.committee.epoch),
                _ => {}
            }
            if let Err(cause) = self.perform(effect) {
                stop_the_process(&cause);
            }
        }
        if let Err(cause) = self.parts.journal.sync() {
            stop_the_process(&cause);
        }
        self.show();
        self.consider_checkpoint(finals, ctx);
        if let Some(epoch) = entered {
            self.recall(epoch, ctx);
        }
    }

    /// Tells the machine what its key has signed in a term that begins here.
    fn recall(&mut self, epoch: Epoch, ctx: &mut Context<Self>) {
        match self.parts.journal.said() {
            Ok((_, votes)) => self.input(Input::Recalled { epoch, votes }, ctx),
            Err(cause) => stop_the_process(&cause),
        }
    }

    /// One effect. Nothing leaves before what was written is durable. [C1]
    fn perform(&mut self, effect: Effect) -> Result<(), JournalError> {
        let chain = self.parts.chain.id();
        match effect {
            Effect::Persist(record) => {
                self.compare(&record);
                return self.parts.journal.write(&record);
            }
            Effect::Final(lot) => return self.finals(&lot),
            Effect::Handover { opening, seat } => return self.open_term(&opening, seat.as_ref()),
            _ => self.parts.journal.sync()?,
        }
        match effect {
            Effect::Broadcast(message) => self.parts.outlet.broadcast(chain, &message),
            Effect::Send { to, message } => self.parts.outlet.send(chain, to, &message),
            Effect::Fetch { hash, above, from } => {
                self.parts.outlet.fetch(chain, hash, above, from);
            }
            Effect::Pull(pull) => self.parts.outlet.pull(pull),
            Effect::Submit(anchor) => self.parts.outlet.submit(anchor),
            Effect::Declare(declaration) => self.parts.outlet.declare(declaration),
            Effect::RootFinal(block) => {
                self.observe(|observer| observer.root_final(&block));
                self.parts.outlet.root_final(block);
            }
            Effect::Proposed(block) => {
                self.stages.proposed(&block);
                self.observe(|observer| observer.proposed(chain, &block));
            }
            Effect::Early {
                header, seats, of, ..
            } => {
                self.stages.early(&header, seats, of);
                self.observe(|observer| observer.early(chain, &header, seats, of));
            }
            Effect::Admitted(answers) => self.answer(answers),
            Effect::Expired(ids) => {
                self.stages.expired(&ids);
                self.observe(|observer| observer.expired(chain, &ids));
            }
            Effect::Offence { node } => self.parts.outlet.offence(node),
            Effect::Blame(evidence) => self.blame(evidence),
            Effect::Rival { rival, shown } => self.show_rival(rival, shown),
            Effect::Checkpoint => self.checkpoint.due = true,
            Effect::Orphaned(base) => {
                let height = base.height;
                error!(
                    chain = chain.0,
                    height, "the chain goes on from another block: delete its data and start again"
                );
            }
            Effect::Fork { .. } => {
                error!(
                    chain = chain.0,
                    "two final blocks conflict, or one is not what its certificate says: more than \
                     f seats lie"
                );
            }
            Effect::Diverged { header, flaw } => self.end(&header, &flaw),
            Effect::Persist(_) | Effect::Final(_) | Effect::Handover { .. } => {}
        }
        Ok(())
    }

    /// The chain has ended here; the others of this node go on, but not without the root.
    fn end(&mut self, header: &Header, flaw: &Flaw) {
        let Header {
            height,
            epoch,
            round,
            ..
        } = header;
        let (chain, hash) = (self.parts.chain.id(), header.hash());
        let kept = self.parts.chain.last_final().header().height;
        error!(
            chain = chain.0, height, epoch, round, %hash, %flaw, kept,
            "the committee of this epoch certified a block that does not execute as its header \
             says: the chain ends on this node, with all up to `kept`; other chains go on. Report \
             it; once the root has replaced the committee below that height, delete the chain's \
             data and start again"
        );
        if chain.is_root() {
            eprintln!("thinkey: root block {height} does not execute as it is certified: {flaw}");
            std::process::exit(1)
        }
        let waiting = std::mem::take(&mut self.waiting);
        refuse(waiting.into_values(), AdmissionError::NotServed { chain });
    }

    fn blame(&self, evidence: Evidence) {
        let chain = self.parts.chain.id().0;
        warn!(chain, ?evidence, "misbehaviour proved");
        match self.parts.evidence.keep(&evidence) {
            Ok(Some(path)) => warn!(chain, file = %path.display(), "the evidence is kept"),
            Ok(None) => debug!(
                chain,
                "evidence like this is kept already, or too much of it"
            ),
            Err(cause) => error!(chain, %cause, "the evidence can't be kept"),
        }
        self.report(evidence);
    }

    /// Without duties nobody is to be paid; the root hears of it all the same.
    fn report(&self, evidence: Evidence) {
        if self.parts.duty.is_some() {
            return self.tell_duty(ToDuty::Evidence(Box::new(evidence)));
        }
        let reporter = AccountId::default();
        let report = Box::new(Report { evidence, reporter });
        self.accuse(&RootDeclaration::Evidence(report));
    }

    fn show_rival(&self, rival: Box<Rival>, shown: Vec<Certificate>) {
        let (chain, height) = (rival.tip.chain.0, rival.tip.height);
        error!(
            chain,
            height, "the root has recorded another block than the one that is final here"
        );
        match self.parts.duty.is_some() {
            true => self.tell_duty(ToDuty::Rival(rival, shown)),
            false => self.accuse(&RootDeclaration::Rival(rival)),
        }
    }

    /// Declares to the root what convicts, in nobody's name.
    fn accuse(&self, accusation: &RootDeclaration) {
        if let Ok(declaration) = accusation.encode() {
            self.parts.outlet.declare(declaration);
        }
    }

    fn tell_duty(&self, message: ToDuty) {
        if let Some(duty) = &self.parts.duty {
            // It ends only with the node.
            let _ = duty.send(message);
        }
    }

    /// Looks for votes of this node's key that it did not cast.
    fn compare(&mut self, record: &Record) {
        let seen = match record {
            Record::Vote(vote) => {
                self.parts.twin.cast(vote);
                Ok(())
            }
            Record::Certificate(certificate) => self.parts.twin.look(certificate),
            Record::Block(_) => Ok(()),
        };
        self.or_stop(seen);
    }

    fn or_stop(&self, seen: Result<(), Foreign>) {
        if let Err(foreign) = seen {
            let chain = self.parts.chain.id().0;
            error!(chain, round = foreign.round, "{foreign}");
            eprintln!("thinkey: chain {chain}: {foreign}");
            std::process::exit(1)
        }
    }

    fn open_term(&mut self, opening: &Opening, seat: Option<&Seat>) -> Result<(), JournalError> {
        let votes = seat.map(|seat| (self.parts.votes)(seat)).transpose()?;
        self.parts.journal.open_term(opening, votes)?;
        let (above, votes) = self.parts.journal.said()?;
        self.parts.twin.sits(&opening.committee, seat);
        self.parts.twin.opens(opening.base.round, (above, &votes));
        self.parts.outlet.committee(&opening.committee);
        let (chain, epoch) = (opening.committee.chain.0, opening.committee.epoch);
        info!(
            chain,
            epoch,
            votes = seat.is_some(),
            "another committee took over"
        );
        Ok(())
    }

    fn finals(&mut self, lot: &[FinalBlock]) -> Result<(), JournalError> {
        let chain = self.parts.chain.id();
        // First of all: a block once written would not be looked at again after a restart.
        for block in lot {
            let justification = &block.executed.block.justification;
            let twin = &self.parts.twin;
            self.or_stop(twin.look_at(block.finality.as_ref(), justification));
        }
        self.parts.journal.finalized(lot)?;
        if let Some(last) = lot.last() {
            // Votes of rounds not long ago come again in late certificates.
            let round = last.executed.header().round;
            self.parts.twin.forget(round.saturating_sub(LATE_ROUNDS));
        }
        if chain.is_root() && self.parts.duty.is_some() {
            self.parts.journal.sync()?;
            for block in lot {
                self.tell_duty(ToDuty::Root(block.executed.clone()));
            }
        }
        self.observe(|observer| observer.finals(chain, lot));
        self.stages.finals(lot);
        Ok(())
    }

    fn observe(&self, tell: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.parts.observer {
            tell(observer.as_ref());
        }
    }

    /// Tells those who wait, and passes on what was handed in here and taken.
    fn answer(&mut self, answers: Vec<(MessageId, Result<(), Refusal>)>) {
        let mut passed: Vec<ExternalMessage> = Vec::new();
        for (id, answer) in answers {
            let Some(submitted) = self.waiting.remove(&id) else {
                continue;
            };
            let Some(waiting) = submitted.answer else {
                continue;
            };
            match &answer {
                Ok(()) => info!(chain = self.parts.chain.id().0, trace = %id, "message taken in"),
                Err(why) => {
                    debug!(chain = self.parts.chain.id().0, trace = %id, %why, "message refused");
                }
            }
            if answer.is_ok() {
                passed.push(submitted.message.message().clone());
            }
            // Who no longer waits needs no answer.
            let _ = waiting.send(answer.map(|()| id).map_err(AdmissionError::from));
        }
        if !passed.is_empty() {
            self.parts.outlet.pass_on(self.parts.chain.id(), passed);
        }
    }

    fn externals(&mut self, messages: Vec<Submitted>, ctx: &mut Context<Self>) {
        if self.parts.chain.has_diverged() {
            let chain = self.parts.chain.id();
            return refuse(messages, AdmissionError::NotServed { chain });
        }
        let mut signed = Vec::with_capacity(messages.len());
        for submitted in messages {
            signed.push(submitted.message.clone());
            if submitted.answer.is_some() {
                self.waiting.insert(submitted.message.id(), submitted);
            }
        }
        self.input(Input::Externals(signed), ctx);
    }

    fn show(&self) {
        let chain = &self.parts.chain;
        self.parts.deadline.send_if_modified(|shown| {
            let deadline = chain.deadline();
            std::mem::replace(shown, deadline) != deadline
        });
        self.parts.head.send_modify(|head| {
            *head = Head {
                block: chain.last_final().clone(),
                root_height: chain.root_view().latest().height,
                waiting: chain.mempool().len(),
                diverged: chain.has_diverged(),
            };
        });
    }

    /// Writes a checkpoint on another thread once enough has become final.
    fn consider_checkpoint(&mut self, finals: u64, ctx: &mut Context<Self>) {
        let now = self.parts.clock.now();
        let state = &mut self.checkpoint;
        state.blocks += finals;
        let due = state.due
            || state.blocks >= CHECKPOINT_BLOCKS
            || (state.blocks > 0 && now.since(state.last) >= CHECKPOINT_MS);
        if state.running || !due {
            return;
        }
        let Some(snapshot) = self.parts.chain.snapshot() else {
            return;
        };
        (state.running, state.due, state.blocks, state.last) = (true, false, 0, now);
        let job = self.parts.journal.checkpoint(snapshot);
        let address = ctx.address();
        actix::spawn(async move {
            if let Ok(done) = tokio::task::spawn_blocking(|| job.run()).await {
                let _ = address.send(ToChain::Checkpointed(done)).await;
            }
        });
    }

    /// Nothing is written any more once this is answered, so the directory may be removed.
    fn stop(&mut self, done: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        if let Err(cause) = self.parts.journal.sync() {
            stop_the_process(&cause);
        }
        ctx.stop();
        let _ = done.send(());
    }
}

impl Actor for ChainActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let effects = std::mem::take(&mut self.parts.effects);
        self.run(effects, ctx);
        let head = self.parts.chain.last_final().header();
        info!(chain = head.chain.0, height = head.height, "chain started");
    }
}

impl Handler<ToChain> for ChainActor {
    type Result = ();

    fn handle(&mut self, message: ToChain, ctx: &mut Self::Context) {
        match message {
            ToChain::Input(input) => {
                if let Input::Declarations(heard) = &input {
                    self.tell_duty(ToDuty::Heard(heard.clone()));
                }
                self.input(input, ctx);
            }
            ToChain::Externals(messages) => self.externals(messages, ctx),
            ToChain::Root(block) => self.input(Input::Root(block), ctx),
            ToChain::Evidence(evidence) => self.report(*evidence),
            ToChain::Tick => self.input(Input::Tick, ctx),
            ToChain::Pull(pull, answer) => {
                let found = timed(|| self.parts.chain.answer(&pull));
                let _ = answer.send(found);
            }
            ToChain::Blocks(hash, above, answer) => {
                let journal = &self.parts.journal;
                let found = timed(|| journal.chain_down(&hash, above, ANSWER_BYTES));
                let _ = answer.send(found.map(Result::unwrap_or_default));
            }
            ToChain::NextNonce(account, answer) => {
                let chain = &self.parts.chain;
                let nonce = chain.last_final().state.nonce(&account);
                let _ = answer.send(chain.mempool().next_nonce(&account, nonce));
            }
            ToChain::NewestAnchor(answer) => {
                let _ = answer.send(self.parts.chain.newest_anchor());
            }
            ToChain::Checkpointed(done) => {
                self.checkpoint.running = false;
                if let Err(cause) = done.and_then(|done| self.parts.journal.checkpointed(done)) {
                    stop_the_process(&cause);
                }
            }
            ToChain::Stop(done) => self.stop(done, ctx),
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Timed<T> {
    let began = Instant::now();
    let value = work();
    let took = began.elapsed();
    Timed { value, took }
}

/// What is written must be read back at the next start; going on would promise what is not kept.
fn stop_the_process(cause: &JournalError) -> ! {
    error!(%cause, "the data directory can't be written; stopping before anything is lost");
    eprintln!("thinkey: {cause}");
    std::process::exit(1)
}
