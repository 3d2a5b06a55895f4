//! Questions to an account's code that change nothing.

use std::collections::BTreeMap;

use types::{AccountId, Log};

use crate::calls::run;
use crate::{Account, Context, Entry, Facts, Fault, Own, State};

/// The answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// What the code answered.
    pub answer: Vec<u8>,
    /// What it logged.
    pub logs: Vec<Log>,
    /// Gas that it took.
    pub gas: u64,
}

/// Asks an account's code in `state`, with `gas` at most.
///
/// `ctx` is that of the block after which `state` is, or of the next one.
///
/// # Errors
/// `NoCode` when the account has none; why the code failed.
pub fn view(
    state: &State,
    account: &AccountId,
    method: &str,
    data: &[u8],
    ctx: &Context,
    gas: u64,
) -> Result<View, Fault> {
    let none = Account::default();
    let found = state.account(account).unwrap_or(&none);
    let written = BTreeMap::new();
    let facts = Facts::default();
    let mut own = Own::new(*account, found, &written, facts, found.balance, gas);
    own.is_view = true;
    run(&mut own, Entry::View { method, data }, ctx)?;
    let notes = own.left.notes;
    Ok(View {
        answer: notes.answer,
        logs: notes.logs,
        gas: own.meter.work,
    })
}
