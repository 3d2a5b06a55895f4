//! Execution by whoever proposes a block: any schedule is valid, its order is written down.
//!
//! Relay messages run first, alone, for up to half of the block's gas: nobody who sends external
//! messages can keep out what came from other chains.

use crate::inputs::Prepared;
use crate::runner::Turn;
use crate::schedule::Schedule;
use crate::{Context, Executed, InputError, Inputs, Parallelism, State};

/// Makes a block out of the candidates: runs what fits, and says why the others were left out.
///
/// All imports are taken in; what gas does not allow waits in mailboxes. [G4]
///
/// # Errors
/// When imports, acknowledgements or anchors are no valid inputs after `state`.
pub fn execute(
    state: &State,
    inputs: &Inputs<'_>,
    ctx: &Context,
    parallelism: Parallelism,
) -> Result<Executed, InputError> {
    let prepared = Prepared::new(state, inputs, ctx, parallelism)?;
    let mailboxes = prepared.state.mailboxes().clone();
    let mut schedule = Schedule::new(mailboxes, parallelism);
    let turn = |externals, last| Turn {
        state: &prepared.state,
        inputs,
        ctx,
        externals,
        last,
    };
    schedule.fill(&prepared, inputs);
    if !prepared.letters.is_empty() || !prepared.state.mailboxes().is_empty() {
        schedule.phase(&turn(false, false), ctx.gas_limit / 2);
    }
    schedule.phase(&turn(true, false), ctx.gas_limit);
    while schedule.phase(&turn(true, true), ctx.gas_limit) {}
    Ok(schedule.finish(prepared).settle(ctx, parallelism))
}
