//! Whose the balance of the account is. [S6]

use actors::{Edit, State};
use types::Amount;

use super::index::{put, totals, totals_key};
use super::{Staker, account_id, put_staker, stakers};
use crate::slots::Slots;

/// The balance of the staking account, by whom it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Stake of those who stay.
    pub stakes: Amount,
    /// Stake of those who quit.
    pub unbonding: Amount,
    /// Rewards that nobody claimed yet.
    pub rewards: Amount,
    /// What is left: for rewards to come.
    pub pool: Amount,
}

impl Books {
    /// All of it; the account's balance.
    pub fn sum(&self) -> Option<Amount> {
        Amount::sum([self.stakes, self.unbonding, self.rewards, self.pool])
    }
}

/// Adds up all records. Slow; `None` when they contradict the running total or exceed the balance,
/// which is a broken invariant.
pub fn books(state: &State) -> Option<Books> {
    let mut books = Books::default();
    for staker in stakers(state) {
        let part = match staker.leaving {
            Some(_) => &mut books.unbonding,
            None => &mut books.stakes,
        };
        *part = part.plus(staker.stake)?;
        books.rewards = books.rewards.plus(staker.rewards)?;
    }
    let totals = totals(state);
    let owed = books.sum().filter(|owed| *owed == totals.owed)?;
    books.pool = state.balance(&account_id()).minus(owed)?;
    (totals.promised <= books.pool).then_some(books)
}

/// All stake that slashing ever burned.
pub fn burned(slots: &impl Slots) -> Amount {
    totals(slots).burned
}

/// Takes stake from a record: `fee` of it becomes rewards of `reporter`, the rest is burned.
/// Gives what was burned.
///
/// # Panics
/// When the account has less than its stakers own.
pub(crate) fn take(
    edit: &mut Edit<'_>,
    staker: &mut Staker,
    amount: Amount,
    fee: Option<(Staker, Amount)>,
) -> Amount {
    let paid = fee.as_ref().map_or(Amount::ZERO, |(_, fee)| *fee);
    let rest = staker.stake.minus(amount);
    let burned = amount.minus(paid);
    let (Some(rest), Some(burned)) = (rest, burned) else {
        return Amount::ZERO;
    };
    staker.stake = rest;
    put_staker(edit, staker);
    let mut totals = totals(edit);
    let (owed, all) = (totals.owed.minus(burned), totals.burned.plus(burned));
    assert!(owed.is_some() && all.is_some(), "stake is owed to stakers");
    totals.owed = owed.unwrap_or_default();
    totals.burned = all.unwrap_or_default();
    put(edit, totals_key(), &totals);
    if let Some((mut reporter, fee)) = fee {
        let rewards = reporter.rewards.plus(fee);
        assert!(rewards.is_some(), "what is owed fits in a u128");
        reporter.rewards = rewards.unwrap_or_default();
        put_staker(edit, &reporter);
    }
    let burn = edit.burn(account_id(), burned);
    assert!(burn.is_ok(), "the account has what its stakers own");
    burned
}
