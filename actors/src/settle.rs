//! What remains to do once all steps ran: leftovers, lanes, the ledger, the new state.

use std::collections::VecDeque;
use std::sync::Arc;

use types::{Bundle, ChainId, Lanes, Order, RelayMessage};

use crate::actor::Actors;
use crate::inputs::Prepared;
use crate::outgoing::Outgoing;
use crate::touched::Touched;
use crate::{AccountSet, Context, Executed, Letter, Parallelism, Refusal, State};

/// Waiting messages of one account that a lane takes before others have their turn: a small part
/// of a bundle, so that nobody fills one alone while others wait.
const LANE_TURN: u32 = 16;

/// A block all of whose steps ran.
pub(crate) struct Ran {
    pub(crate) prepared: Prepared,
    pub(crate) order: Order,
    /// The accounts of σ, ascending.
    pub(crate) actors: Actors,
    /// Which imported messages were consumed.
    pub(crate) taken: Vec<bool>,
    pub(crate) externals: Vec<usize>,
    pub(crate) refused: Vec<(usize, Refusal)>,
}

impl Ran {
    /// Turns what the steps left into the state after the block.
    pub(crate) fn settle(self, ctx: &Context, parallelism: Parallelism) -> Executed {
        let Prepared {
            state,
            recorded,
            mut lanes,
            letters,
        } = self.prepared;
        let mut touched = Touched::new(&state, self.actors);
        let gas = touched.gas();
        let receipts = touched.receipts();
        for (letter, taken) in letters.into_iter().zip(&self.taken) {
            if !taken {
                touched.deliver(letter);
            }
        }
        let (messages, outer) = touched.collect();
        let outbox = leave(&state, &mut touched, &mut lanes, outer, ctx);
        touched.balance(&mut lanes);
        let changed = touched.finish(parallelism);
        Executed {
            state: state.with(changed, lanes),
            order: self.order,
            externals: self.externals,
            refused: self.refused,
            receipts,
            messages,
            outbox,
            recorded,
            gas,
        }
    }
}

/// [G8] Places waiting and then new outer messages on their lanes.
fn leave(
    state: &State,
    touched: &mut Touched<'_>,
    lanes: &mut Lanes,
    outer: Vec<Arc<Letter>>,
    ctx: &Context,
) -> Vec<(Bundle, Vec<RelayMessage>)> {
    let mut outgoing = Outgoing::new(lanes);
    for (peer, waiting) in state.outboxes() {
        place_waiting(touched, &mut outgoing, *peer, waiting, ctx);
    }
    for letter in outer {
        let peer = ctx.home(&letter.message().to);
        if !outgoing.place(peer, &letter) {
            let from = letter.message().from;
            touched.get(from).outbox.push(peer, letter);
        }
    }
    outgoing.finish()
}

/// [G8] Places what waits for one lane until it has no more room. [G14] Then accounts whose turn
/// did not come are not even looked at.
fn place_waiting(
    touched: &mut Touched<'_>,
    outgoing: &mut Outgoing<'_>,
    peer: ChainId,
    waiting: &AccountSet,
    ctx: &Context,
) {
    let mut first = waiting.in_turn(&ctx.rotation).fuse();
    let mut again = VecDeque::new();
    while let Some(id) = first.next().or_else(|| again.pop_front()) {
        let front = |touched: &Touched<'_>| {
            let queue = touched.look(&id)?.outbox.lane(peer)?;
            queue.front().cloned()
        };
        for _ in 0..ctx.quota.clamp(1, LANE_TURN) {
            let Some(letter) = front(touched) else {
                break;
            };
            if !outgoing.place(peer, &letter) {
                return;
            }
            touched.get(id).outbox.pop(peer);
        }
        if front(touched).is_some() {
            again.push_back(id);
        }
    }
}

#[cfg(test)]
mod tests;
