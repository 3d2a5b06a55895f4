//! The accounts that a block changes, and no others. [G14]

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{AccountId, Amount, Lanes, Receipt};

use crate::actor::{Actor, Actors, Output};
use crate::queue::{rest, sum};
use crate::{Account, Letter, Parallelism, State};

/// The accounts of σ, and others that only get or hold messages.
pub(crate) struct Touched<'a> {
    state: &'a State,
    actors: Actors,
    others: BTreeMap<AccountId, Box<Actor>>,
}

impl<'a> Touched<'a> {
    pub(crate) const fn new(state: &'a State, actors: Actors) -> Self {
        Self {
            state,
            actors,
            others: BTreeMap::new(),
        }
    }

    /// An account as it is now, to look at.
    pub(crate) fn look(&self, id: &AccountId) -> Option<&Account> {
        match self.actors.binary_search_by_key(id, |actor| actor.id) {
            Ok(at) => Some(&self.actors[at].account),
            Err(_) => match self.others.get(id) {
                Some(other) => Some(&other.account),
                None => self.state.account(id),
            },
        }
    }

    /// An account to change; it will be stored again.
    pub(crate) fn get(&mut self, id: AccountId) -> &mut Account {
        let actor = match self.actors.binary_search_by_key(&id, |actor| actor.id) {
            Ok(at) => &mut self.actors[at],
            Err(_) => self
                .others
                .entry(id)
                .or_insert_with(|| Box::new(Actor::load(self.state, id))),
        };
        &mut actor.account
    }

    /// [G4] A message that was not consumed waits behind those that are there.
    pub(crate) fn deliver(&mut self, letter: Arc<Letter>) {
        let to = letter.message().to;
        self.get(to).mailbox.push(letter);
    }

    /// Gas of all steps.
    pub(crate) fn gas(&self) -> u64 {
        self.actors.iter().map(|actor| actor.gas).sum()
    }

    pub(crate) fn receipts(&mut self) -> Vec<Receipt> {
        let count = self.actors.iter().map(|actor| actor.receipts.len()).sum();
        let mut receipts = Vec::with_capacity(count);
        for actor in &mut self.actors {
            receipts.append(&mut actor.receipts);
        }
        receipts
    }

    /// All outputs in (step, output) order, and the outer ones among them; inter messages that
    /// were not consumed go to their mailboxes.
    pub(crate) fn collect(&mut self) -> (Vec<Arc<Letter>>, Vec<Arc<Letter>>) {
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

    /// [G9] `held` follows from what the changed accounts carry, `burned` from the steps, and what
    /// came and left from the lanes; together they must balance.
    pub(crate) fn balance(&self, lanes: &mut Lanes) {
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
    pub(crate) fn finish(mut self, parallelism: Parallelism) -> Vec<(AccountId, Account)> {
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
