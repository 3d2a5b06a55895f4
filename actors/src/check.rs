//! The check of σ by everyone who did not propose it. [G2] [G3] [G4]
//!
//! Inputs are checked and counted, σ is numbered and wired up, its steps are replayed, and then it
//! is clear which messages were left over and whether any overtook another.

use types::{AccountId, Blame, Order, Source};

use crate::graph::Graph;
use crate::inputs::Prepared;
use crate::replay::Replay;
use crate::settle::Ran;
use crate::{Context, Executed, InputError, Inputs, Parallelism, Refusal, State, fifo};

/// Why a block's inputs or order are not valid after a state.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The inputs are not valid.
    #[error(transparent)]
    Input(#[from] InputError),
    /// σ lists accounts out of order or twice, or without a step, or a step without a message.
    #[error("the order is malformed at account {account}")]
    Order {
        /// The account.
        account: AccountId,
    },
    /// σ consumes a message that is not there.
    #[error("the order consumes {of:?}, which does not exist")]
    Missing {
        /// What σ names.
        of: Source,
    },
    /// σ consumes a message twice.
    #[error("the order consumes {of:?} twice")]
    Twice {
        /// What σ names.
        of: Source,
    },
    /// σ lets an account consume what is not for it.
    #[error("the order gives {of:?} to an account that it is not for")]
    Recipient {
        /// What σ names.
        of: Source,
    },
    /// An external message is in the block and not consumed.
    #[error("external message {input} is not consumed")]
    ExternalLeft {
        /// Its place among the externals.
        input: usize,
    },
    /// An external message may not be included.
    #[error("external message {input} may not be included: {refusal}")]
    External {
        /// Its place among the externals.
        input: usize,
        /// Why.
        refusal: Refusal,
    },
    /// One step consumes several messages that are not all credits.
    #[error("a step of account {account} merges messages that are not credits")]
    Merge {
        /// The account.
        account: AccountId,
    },
    /// Messages overtake one another on their way to an account.
    #[error("messages to account {account} are consumed out of order")]
    Fifo {
        /// The recipient.
        account: AccountId,
    },
    /// Steps wait for each other.
    #[error("the order has a cycle through account {account}")]
    Cycle {
        /// An account on it or behind it.
        account: AccountId,
    },
    /// The steps use more gas than a block may.
    #[error("the block uses more than its {limit} gas")]
    Gas {
        /// The limit.
        limit: u64,
    },
}

impl CheckError {
    /// Whoever proposes a block can check it first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

/// Replays σ; gives what whoever wrote it must have got.
///
/// # Errors
/// When the block is not valid after `state`.
pub fn check(
    state: &State,
    inputs: &Inputs<'_>,
    order: &Order,
    ctx: &Context,
    parallelism: Parallelism,
) -> Result<Executed, CheckError> {
    let prepared = Prepared::new(state, inputs, ctx, parallelism)?;
    let graph = Graph::new(&prepared.state, inputs, &prepared.letters, order)?;
    let mut replay = Replay::new(&prepared, inputs, order, ctx, parallelism, graph);
    replay.run()?;
    let (graph, actors) = replay.finish();
    fifo::imports(&graph, &prepared.letters)?;
    fifo::outputs(&graph, &actors)?;
    let taken = graph.imports.iter().map(Option::is_some).collect();
    let ran = Ran {
        prepared,
        order: order.clone(),
        actors,
        taken,
        externals: (0..inputs.externals.len()).collect(),
        refused: Vec::new(),
    };
    Ok(ran.settle(ctx, parallelism))
}
