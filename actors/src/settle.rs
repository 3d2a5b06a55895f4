//! What remains to do once all steps ran: leftovers, lanes, the ledger, the new state.

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{AccountId, Amount, Bundle, Lanes, Order, Receipt, RelayMessage};

use crate::actor::{Actor, Actors, Output};
use crate::inputs::Prepared;
use crate::outgoing::Outgoing;
use crate::queue::{rest, sum};
use crate::{Account, Context, Executed, Letter, Parallelism, Refusal, State};

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
        let gas = touched.actors.iter().map(|actor| actor.gas).sum();
        let receipts = touched.receipts();
        for (letter, taken) in letters.into_iter().zip(&self.taken) {
            if !taken {
                touched.deliver(letter);
            }
        }
        let (messages, outer) = touched.collect();
        let outbox = leave(&mut touched, &mut lanes, outer, ctx);
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
    touched: &mut Touched<'_>,
    lanes: &mut Lanes,
    outer: Vec<Arc<Letter>>,
    ctx: &Context,
) -> Vec<(Bundle, Vec<RelayMessage>)> {
    let mut outgoing = Outgoing::new(lanes, ctx);
    let waiting = touched.drain_outboxes();
    for (id, letters) in outgoing.place_waiting(waiting) {
        let outbox = &mut touched.get(id).account.outbox;
        letters.into_iter().for_each(|letter| outbox.push(letter));
    }
    for letter in outer {
        if let Err(letter) = outgoing.place(letter) {
            let from = letter.message().from;
            touched.get(from).account.outbox.push(letter);
        }
    }
    outgoing.finish()
}

/// The accounts that change: those of σ, and others that only get or hold messages.
struct Touched<'a> {
    state: &'a State,
    actors: Actors,
    others: BTreeMap<AccountId, Box<Actor>>,
}

impl<'a> Touched<'a> {
    const fn new(state: &'a State, actors: Actors) -> Self {
        Self {
            state,
            actors,
            others: BTreeMap::new(),
        }
    }

    fn get(&mut self, id: AccountId) -> &mut Actor {
        match self.actors.binary_search_by_key(&id, |actor| actor.id) {
            Ok(at) => &mut self.actors[at],
            Err(_) => self
                .others
                .entry(id)
                .or_insert_with(|| Box::new(Actor::load(self.state, id))),
        }
    }

    /// [G4] A message that was not consumed waits behind those that are there.
    fn deliver(&mut self, letter: Arc<Letter>) {
        let to = letter.message().to;
        self.get(to).account.mailbox.push(letter);
    }

    fn receipts(&mut self) -> Vec<Receipt> {
        let count = self.actors.iter().map(|actor| actor.receipts.len()).sum();
        let mut receipts = Vec::with_capacity(count);
        for actor in &mut self.actors {
            receipts.append(&mut actor.receipts);
        }
        receipts
    }

    /// All outputs in (step, output) order, and the outer ones among them; inter messages that
    /// were not consumed go to their mailboxes.
    fn collect(&mut self) -> (Vec<Arc<Letter>>, Vec<Arc<Letter>>) {
        let (mut all, mut outer, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for actor in &mut self.actors {
            for output in actor.outputs.drain(..) {
                let Output {
                    letter,
                    inter,
                    consumed,
                } = output;
                match (inter, consumed) {
                    (true, true) => {}
                    (true, false) => left.push(Arc::clone(&letter)),
                    (false, _) => outer.push(Arc::clone(&letter)),
                }
                all.push(letter);
            }
        }
        left.into_iter().for_each(|letter| self.deliver(letter));
        (all, outer)
    }

    fn drain_outboxes(&mut self) -> Vec<(AccountId, std::collections::VecDeque<Arc<Letter>>)> {
        let ids: Vec<_> = self.state.outboxes().iter().copied().collect();
        let drain = |id| {
            let outbox = std::mem::take(&mut self.get(id).account.outbox);
            (id, outbox.into_letters())
        };
        ids.into_iter().map(drain).collect()
    }

    /// [G9] `held` follows from what the changed accounts carry, `burned` from the steps, and what
    /// came and left from the lanes; together they must balance.
    fn balance(&self, lanes: &mut Lanes) {
        let others = || self.others.values().map(AsRef::as_ref);
        let all = || self.actors.iter().map(AsRef::as_ref).chain(others());
        let before = all().fold(Amount::ZERO, |total, actor| sum(total, actor.before));
        let after = all().fold(Amount::ZERO, |total, actor| {
            sum(total, actor.account.carried())
        });
        let burned = all().fold(Amount::ZERO, |total, actor| sum(total, actor.burned));
        lanes.ledger.held = sum(rest(lanes.ledger.held, before), after);
        lanes.ledger.burned = sum(lanes.ledger.burned, burned);
        assert!(lanes.balances(), "a block made or lost value");
    }

    /// The changed accounts, ascending.
    fn finish(mut self, parallelism: Parallelism) -> Vec<(AccountId, Account)> {
        let storing = |actor: &mut Box<Actor>| actor.store();
        parallelism.each(&mut self.actors, storing);
        let mut changed = Vec::with_capacity(self.actors.len() + self.others.len());
        let mut others = self.others.into_iter().peekable();
        for actor in self.actors {
            while let Some((id, other)) = others.next_if(|(id, _)| *id < actor.id) {
                changed.push((id, other.account));
            }
            changed.push((actor.id, actor.account));
        }
        changed.extend(others.map(|(id, other)| (id, other.account)));
        changed
    }
}
