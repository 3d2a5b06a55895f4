//! Proposing: picking what a block brings in, and executing it.

use actors::{Edit, Executed, Filings, SystemError};
use bytes::Bytes;
use consensus::unsigned;
use types::{
    Anchor, Block, Body, Declaration, Height, Import, Justification, MessageId, Phase, RootRef,
    Round, Time, limits,
};

use crate::chain::Chain;
use crate::inbox::Room;
use crate::mempool::Budget;
use crate::signed::SignedMessage;
use crate::transition::{self, Frame};
use crate::tree::ExecutedBlock;

/// Bytes of a body that are left for σ, proofs and everything else.
pub(crate) const OVERHEAD: usize = 64 * 1024;
/// What a block is filled with, one try after the other until it is small enough. [C17]
const FILLS: [Fill; 5] = [
    Fill::of(true, 2),
    Fill::of(true, 1),
    Fill::of(true, 0),
    Fill::of(false, 1),
    Fill::of(false, 0),
];
/// Declarations that may be refused before nothing takes their place any more.
const REFUSED: usize = 32;

/// What is taken in.
#[derive(Clone, Copy)]
struct Fill {
    imports: bool,
    /// Halves of the room that external messages may have.
    halves: usize,
}

impl Fill {
    const fn of(imports: bool, halves: usize) -> Self {
        Self { imports, halves }
    }
}

/// A block's body, and what came of it.
struct Filled {
    candidates: Vec<SignedMessage>,
    externals: Vec<SignedMessage>,
    body: Body,
    encoded: Bytes,
    executed: Executed,
}

impl Chain {
    /// Builds a block on `parent`; what it holds always passes the verifier. [C9]
    pub(crate) fn propose(
        &mut self,
        now: Time,
        parent: &ExecutedBlock,
        round: Round,
        proposer: u16,
        justification: Justification,
    ) -> ExecutedBlock {
        let root_ref = self.root_ref(parent);
        let frame = Frame {
            round,
            justification: justification.hash(),
            root_ref,
            time: now.max(parent.header().time.after(1)),
            proposer,
            epoch: self.tenure.epoch,
            phase: self.phase_on(parent.header(), &parent.hash, root_ref.height),
        };
        if frame.phase == Phase::Tail {
            return transition::tail(&self.rules, parent, frame, justification);
        }
        let filings = self.pick_filings(parent, frame);
        let Filled {
            candidates,
            externals,
            body,
            encoded,
            executed,
        } = self.fill(parent, frame, filings, &justification);
        self.give_refused_back(&candidates, &executed);
        let ids: Vec<MessageId> = externals.iter().map(SignedMessage::id).collect();
        let sealed = (&body, &encoded[..]);
        let header = transition::seal(&self.rules, parent, frame, sealed, &ids, &executed);
        let hash = header.hash();
        let block = Block {
            header,
            justification,
            signature: unsigned(),
            body: encoded,
        };
        transition::executed_block(parent, block, hash, externals, &body.imports, executed)
    }

    /// [C17] Takes in as much as makes a block that is small enough.
    fn fill(
        &mut self,
        parent: &ExecutedBlock,
        frame: Frame,
        (anchors, declarations): (Vec<Anchor>, Vec<Declaration>),
        justification: &Justification,
    ) -> Filled {
        let filings = Filings {
            anchors: &anchors,
            declarations: &declarations,
            parent: transition::shown(justification, frame.proposer),
        };
        let [most, less @ ..] = FILLS;
        let mut filled = self.fill_with(parent, frame, filings, most);
        for fill in less {
            if filled.encoded.len() <= self.rules.body_bytes {
                break;
            }
            self.mempool.give_back(&filled.candidates);
            filled = self.fill_with(parent, frame, filings, fill);
        }
        filled
    }

    #[expect(clippy::panic, reason = "a broken invariant aborts")]
    fn fill_with(
        &mut self,
        parent: &ExecutedBlock,
        frame: Frame,
        filings: Filings<'_>,
        fill: Fill,
    ) -> Filled {
        let imports = match fill.imports {
            true => self.pick_imports(parent, frame.root_ref.height),
            false => Vec::new(),
        };
        let candidates = self.pick_externals(&imports, fill.halves);
        let acks = transition::acks(&self.rules, parent, &self.view, frame.root_ref.height);
        let ctx = self.context(parent.header(), frame, true);
        let messages = candidates
            .iter()
            .map(|signed| (signed.id(), signed.message()))
            .collect();
        let inputs = transition::inputs(messages, &imports, filings, &acks);
        let executed = actors::execute(&parent.state, &inputs, &ctx, self.rules.parallelism);
        // Imports, anchors and acknowledgements were checked before they were picked.
        let executed = executed.unwrap_or_else(|error| panic!("own inputs are refused: {error}"));
        let included = executed.externals.iter();
        let externals: Vec<_> = included
            .filter_map(|at| candidates.get(*at).cloned())
            .collect();
        let messages = externals.iter().map(|signed| signed.message().clone());
        let body = Body {
            externals: messages.collect(),
            imports,
            anchors: filings.anchors.to_vec(),
            declarations: filings.declarations.to_vec(),
            acks,
            order: executed.order.clone(),
        };
        Filled {
            candidates,
            externals,
            encoded: body.encode(),
            body,
            executed,
        }
    }

    /// The newest root-final block, but never below the parent's.
    fn root_ref(&self, parent: &ExecutedBlock) -> RootRef {
        let latest = self.view.latest();
        if latest.height < parent.header().root_ref.height {
            parent.header().root_ref
        } else {
            latest
        }
    }

    fn pick_imports(&self, parent: &ExecutedBlock, at: Height) -> Vec<Import> {
        let behind = self.view.latest().height < at;
        if behind {
            return Vec::new();
        }
        let room = Room {
            messages: limits::LANE_MESSAGES as usize,
            bytes: (self.rules.body_bytes / 2) as u64,
        };
        let lanes = parent.state.lanes();
        self.inbox
            .ready(self.books(parent, at), lanes, parent.header().height, room)
    }

    /// The anchors and declarations that can be recorded on `parent`: what the system refuses is
    /// left out, so that a bad one stops no other, and others take its place.
    fn pick_filings(
        &self,
        parent: &ExecutedBlock,
        frame: Frame,
    ) -> (Vec<Anchor>, Vec<Declaration>) {
        let ctx = self.context(parent.header(), frame, true);
        let next = self
            .anchors
            .values()
            .filter(|anchor| self.is_next(parent, anchor));
        let mut anchors: Vec<_> = next.cloned().collect();
        let mut waiting = self.declarations.pick(&parent.hash);
        let mut refused = 0;
        loop {
            let mut declarations = waiting.clone();
            ctx.system.fit(&mut declarations);
            let filings = Filings {
                anchors: &anchors,
                declarations: &declarations,
                parent: None,
            };
            let mut edit = Edit::new(&parent.state);
            match ctx.system.record(&mut edit, filings, &ctx) {
                Err(SystemError::Anchor { at, .. }) if at < anchors.len() => {
                    anchors.remove(at);
                }
                Err(SystemError::Declaration { at, .. }) if at < declarations.len() => {
                    let bad = declarations.remove(at);
                    refused += 1;
                    if refused < REFUSED {
                        waiting.retain(|other| *other != bad);
                    } else {
                        waiting = declarations;
                    }
                }
                Ok(_) => return (anchors, declarations),
                Err(_) => return Default::default(),
            }
        }
    }

    fn pick_externals(&mut self, imports: &[Import], halves: usize) -> Vec<SignedMessage> {
        let imported: u64 = imports.iter().map(|import| import.bundle.bytes).sum();
        let bytes = self
            .rules
            .body_bytes
            .saturating_sub(imported as usize + OVERHEAD);
        // While anything is waiting from other chains, it gets at least half of the gas. [C6]
        let gas = if imports.is_empty() {
            self.rules.gas_limit
        } else {
            self.rules.gas_limit / 2
        };
        self.mempool.take(Budget {
            messages: self.rules.block_messages,
            bytes: bytes / 2 * halves,
            gas,
        })
    }

    /// Candidates that the block does not hold wait on or are dropped.
    fn give_refused_back(&mut self, candidates: &[SignedMessage], executed: &Executed) {
        for (at, refusal) in &executed.refused {
            let Some(message) = candidates.get(*at) else {
                continue;
            };
            self.mempool.give_back([message]);
            let call = &message.message().call;
            let waits = matches!(
                refusal,
                actors::Refusal::BlockFull
                    | actors::Refusal::NonceAhead { .. }
                    | actors::Refusal::NonceUsed { .. }
            );
            if !waits {
                self.mempool.drop_message(&call.from, call.nonce);
            }
        }
    }
}
