//! Checking a proposal, and replaying a certified block.

use actors::Context;
use borsh::BorshDeserialize;
use crypto::Hash;
use types::{Block, Body, ExternalMessage, Height, Import, Phase, Round, Time, limits};

use crate::chain::Chain;
use crate::inbox::{ImportError, anchored_tip, check_import};
use crate::overdue::ignored;
use crate::root_view::Cited;
use crate::rules::Rules;
use crate::signed::SignedMessage;
use crate::transition::{self, Frame};
use crate::tree::ExecutedBlock;

/// What checking a proposal found.
#[derive(Debug)]
pub(crate) enum Finding {
    /// Everything in it is right.
    Valid(Box<ExecutedBlock>),
    /// Everything in it is right, but it takes nothing though a lane has waited for long, or is
    /// ahead of this node's clock: no vote for it, but what others certify all the same can be
    /// built upon. What other nodes may see otherwise never makes a block invalid. [C6]
    /// [C12]
    Unwelcome(Box<ExecutedBlock>),
    /// No honest leader can have made it.
    Invalid(#[allow(dead_code, reason = "read in tests and logs")] Flaw),
    /// It cites a root block that is not final here yet.
    Later,
}

/// What is wrong with a proposal.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// Its parent was never executed here.
    #[error("the parent is unknown")]
    Parent,
    /// The body is no body, or not the only encoding of it.
    #[error("the body does not decode")]
    Body,
    /// Larger than allowed.
    #[error("the body is larger than {most} bytes")]
    Size {
        /// The limit.
        most: usize,
    },
    /// The term's end is not where the header says, or it is of another term.
    #[error("the block is not in the phase of its committee's term that it says")]
    Phase,
    /// A tail holds something.
    #[error("a block above a closing block holds something")]
    Tail,
    /// Its round is not above its parent's, too far above it, or one that nothing can follow.
    #[error("the block's round is not above its parent's, or too far above it")]
    Round,
    /// Its time is not after its parent's.
    #[error("the block's time is not after its parent's")]
    Time,
    /// It cites a root block that is not root-final, or one older than its parent's.
    #[error("the cited root block is wrong")]
    RootRef,
    /// An external message's signature is wrong.
    #[error("the signature of external message {at} is wrong")]
    Signature {
        /// Its position.
        at: usize,
    },
    /// A bundle can't be taken.
    #[error("import {at}: {error}")]
    Import {
        /// Its position.
        at: usize,
        /// Why.
        error: ImportError,
    },
    /// Acknowledgements are not those that the root shows.
    #[error("the acknowledgements are not those that the root shows")]
    Acks,
    /// Execution finds an error.
    #[error(transparent)]
    Execution(#[from] actors::CheckError),
    /// A commitment in the header differs from what execution gives.
    #[error("the header does not match the execution")]
    Header,
}

impl Chain {
    /// Checks a proposal whose consensus fields were checked before.
    pub(crate) fn check(&self, now: Time, block: &Block) -> Finding {
        let root_ref = &block.header.root_ref;
        match self.view.cited(root_ref) {
            Cited::NotYet => return Finding::Later,
            Cited::Wrong => return Finding::Invalid(Flaw::RootRef),
            Cited::Final => {}
        }
        match self.check_fully(now, block) {
            Ok((executed, false)) => Finding::Valid(Box::new(executed)),
            Ok((executed, true)) => Finding::Unwelcome(Box::new(executed)),
            Err(flaw) => Finding::Invalid(flaw),
        }
    }

    /// Executes a block that its committee has certified; what that vouches for is not checked
    /// again, but every commitment is.
    ///
    /// # Errors
    /// When execution does not give what the committee signed: then this node has diverged or
    /// more than f seats lie, and going on would spread the damage. [C14]
    pub(crate) fn replay(&self, block: &Block) -> Result<ExecutedBlock, Flaw> {
        let parent = self.tree.get(&block.header.parent).ok_or(Flaw::Parent)?;
        let body = self.decode(block)?;
        let externals = trusted(&self.rules, &body);
        self.run(parent, block, &body, externals, true)
    }

    /// The executed block, and whether it is unwelcome.
    fn check_fully(&self, now: Time, block: &Block) -> Result<(ExecutedBlock, bool), Flaw> {
        let header = &block.header;
        let parent = self.tree.get(&header.parent).ok_or(Flaw::Parent)?;
        if header.time <= parent.header().time {
            return Err(Flaw::Time);
        }
        let is_early = header.time > now.after(self.rules.drift_ms);
        if header.root_ref.height < parent.header().root_ref.height {
            return Err(Flaw::RootRef);
        }
        if !self.is_phase_right(header, parent.header()) {
            return Err(Flaw::Phase);
        }
        let body = self.decode(block)?;
        let at = header.root_ref.height;
        if header.phase == Phase::Tail {
            let executed = self.run(parent, block, &body, Vec::new(), false)?;
            return Ok((executed, is_early));
        }
        if body.acks != transition::acks(&self.rules, parent, &self.view, at) {
            return Err(Flaw::Acks);
        }
        self.check_imports(parent, &body.imports, at)?;
        let books = self.books(parent, at);
        let ignores = ignored(&self.view, at, books, &self.inbox, &body.imports).is_some();
        let externals = self.check_signatures(&body.externals)?;
        let executed = self.run(parent, block, &body, externals, false)?;
        Ok((executed, ignores || is_early))
    }

    fn run(
        &self,
        parent: &ExecutedBlock,
        block: &Block,
        body: &Body,
        externals: Vec<SignedMessage>,
        certified: bool,
    ) -> Result<ExecutedBlock, Flaw> {
        let ctx = self.context(parent.header(), Frame::of(&block.header), certified);
        run(&self.rules, &ctx, parent, block, body, externals)
    }

    fn decode(&self, block: &Block) -> Result<Body, Flaw> {
        decode(&self.rules, block)
    }

    fn check_imports(
        &self,
        parent: &ExecutedBlock,
        imports: &[Import],
        at: Height,
    ) -> Result<(), Flaw> {
        let mut books = self.books(parent, at);
        for (place, import) in imports.iter().enumerate() {
            // What is held was proved, but perhaps under an anchor newer than the cited root block.
            let checked = if self.inbox.holds(import) {
                anchored_tip(import, &self.view, at).map(drop)
            } else {
                check_import(
                    import,
                    self.rules.chain,
                    &self.rules.routing,
                    &self.view,
                    at,
                )
            };
            let booked = books.take(import).then_some(()).ok_or(ImportError::Books);
            checked
                .and(booked)
                .map_err(|error| Flaw::Import { at: place, error })?;
        }
        Ok(())
    }

    /// Checks what this node has not checked at admission, in one batch. [C2]
    fn check_signatures(&self, messages: &[ExternalMessage]) -> Result<Vec<SignedMessage>, Flaw> {
        let network = self.rules.network;
        let mut checked: Vec<Option<SignedMessage>> = Vec::with_capacity(messages.len());
        let mut unknown = Vec::new();
        for message in messages {
            let known = self.mempool.get(&message.id(network));
            let same = known.filter(|known| known.message() == message);
            if same.is_none() {
                unknown.push((checked.len(), message.clone()));
            }
            checked.push(same.cloned());
        }
        let (places, messages): (Vec<_>, Vec<_>) = unknown.into_iter().unzip();
        let verdicts = SignedMessage::check(network, messages, self.rules.secret);
        for (at, verdict) in places.into_iter().zip(verdicts) {
            let signed = verdict.ok_or(Flaw::Signature { at })?;
            if let Some(slot) = checked.get_mut(at) {
                *slot = Some(signed);
            }
        }
        Ok(checked.into_iter().flatten().collect())
    }
}

/// Executes a certified block again after its parent, by rules that may differ in all that must
/// not matter: threads, and what a cache holds. `seed` is the beacon's newest at the cited root
/// height, and where it is from.
///
/// # Errors
/// When it does not give what the committee signed.
pub fn repeat(
    rules: &Rules,
    seed: Option<(Height, Hash)>,
    parent: &ExecutedBlock,
    block: &Block,
) -> Result<ExecutedBlock, Flaw> {
    let body = decode(rules, block)?;
    let ctx = Context {
        seed,
        ..rules.context(parent.header(), Frame::of(&block.header), true)
    };
    run(rules, &ctx, parent, block, &body, trusted(rules, &body))
}

fn run(
    rules: &Rules,
    ctx: &Context,
    parent: &ExecutedBlock,
    block: &Block,
    body: &Body,
    externals: Vec<SignedMessage>,
) -> Result<ExecutedBlock, Flaw> {
    let header = &block.header;
    if !is_round_right(header.round, parent.header().round) {
        return Err(Flaw::Round);
    }
    let frame = Frame::of(header);
    let executed = match header.phase {
        Phase::Tail if *body != Body::default() => return Err(Flaw::Tail),
        Phase::Tail => transition::unchanged(parent),
        _ => {
            let shown = transition::shown(&block.justification, header.proposer);
            transition::check_body(rules, parent, ctx, (body, shown), &externals)?
        }
    };
    let ids: Vec<_> = externals.iter().map(SignedMessage::id).collect();
    let sealed = (body, &block.body[..]);
    let expected = transition::seal(rules, parent, frame, sealed, &ids, &executed);
    if expected != *header {
        return Err(Flaw::Header);
    }
    let hash = header.hash();
    let imports = &body.imports;
    let block = block.clone();
    Ok(transition::executed_block(
        parent, block, hash, externals, imports, executed,
    ))
}

// A certificate vouches for a round, but a captured committee would leave the next one none. [C16]
fn is_round_right(round: Round, parent: Round) -> bool {
    let step = round.checked_sub(parent);
    round <= limits::ROUNDS && step.is_some_and(|step| (1..=limits::ROUND_STEP).contains(&step))
}

fn decode(rules: &Rules, block: &Block) -> Result<Body, Flaw> {
    if block.body.len() > rules.body_bytes {
        return Err(Flaw::Size {
            most: rules.body_bytes,
        });
    }
    Body::try_from_slice(&block.body).map_err(|_| Flaw::Body)
}

/// The external messages of a body whose signatures its committee vouches for.
fn trusted(rules: &Rules, body: &Body) -> Vec<SignedMessage> {
    let network = rules.network;
    let trusted =
        |message: &ExternalMessage| SignedMessage::trusted(message.id(network), message.clone());
    body.externals.iter().map(trusted).collect()
}
