//! All balances and storage at one time, and what changed between two.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use actors::Account;
use actors::slots::{is_handler, key_of};
use store::Key;
use types::AccountId;

use crate::network::Network;

/// All balances and storage at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    accounts: BTreeMap<AccountId, Account>,
    names: BTreeMap<AccountId, String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A balance.
    Balance {
        /// Whose.
        account: AccountId,
        /// What it was.
        before: u128,
        /// What it is.
        after: u128,
    },
    /// What code keeps under a key.
    Slot {
        /// Whose.
        account: AccountId,
        /// The key.
        key: Vec<u8>,
        /// What was there.
        before: Option<Vec<u8>>,
        /// What is there.
        after: Option<Vec<u8>>,
    },
    /// Code that an account holds.
    Code {
        /// Whose.
        account: AccountId,
    },
    /// A handler that waits for an answer, or did.
    Handler {
        /// Whose.
        account: AccountId,
        /// Whether it waits now.
        waits: bool,
    },
}

/// All differences, accounts ascending; prints one line for each.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The differences.
    pub changes: Vec<Change>,
    names: BTreeMap<AccountId, String>,
}

impl Snapshot {
    pub(crate) fn of(network: &Network) -> Self {
        let mut accounts = BTreeMap::new();
        for chain in network.chains.values() {
            let all = chain.state.accounts().iter();
            accounts.extend(all.map(|(key, account)| (AccountId((*key).into()), account.clone())));
        }
        let names = accounts.keys().map(|id| (*id, network.name_of(id)));
        let names = names.collect();
        Self { accounts, names }
    }

    /// What changed since an earlier one.
    pub fn since(&self, before: &Self) -> Diff {
        let ids: BTreeSet<_> = before.accounts.keys().chain(self.accounts.keys()).collect();
        let none = Account::default();
        let mut changes = Vec::new();
        for id in ids {
            let old = before.accounts.get(id).unwrap_or(&none);
            let new = self.accounts.get(id).unwrap_or(&none);
            compare(*id, old, new, &mut changes);
        }
        let mut names = before.names.clone();
        names.extend(self.names.clone());
        Diff { changes, names }
    }
}

fn compare(account: AccountId, old: &Account, new: &Account, changes: &mut Vec<Change>) {
    if old.balance != new.balance {
        changes.push(Change::Balance {
            account,
            before: old.balance.0,
            after: new.balance.0,
        });
    }
    let slots = |of: &Account| -> BTreeMap<Key, Vec<u8>> {
        let slots = of.storage.iter();
        slots.map(|(key, slot)| (*key, slot.0.to_vec())).collect()
    };
    let (old, new) = (slots(old), slots(new));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (before, after) = (old.get(key).cloned(), new.get(key).cloned());
        if before == after {
            continue;
        }
        changes.push(match key_of(key) {
            Some(key) => Change::Slot {
                account,
                key: key.to_vec(),
                before,
                after,
            },
            None if is_handler(key) => Change::Handler {
                account,
                waits: after.is_some(),
            },
            None => Change::Code { account },
        });
    }
}

impl Diff {
    /// Whether nothing changed.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What an account gained, or lost if negative.
    pub fn gained(&self, of: AccountId) -> i128 {
        let gains = self.changes.iter().filter_map(|change| match change {
            Change::Balance {
                account,
                before,
                after,
            } if *account == of => Some(*after as i128 - *before as i128),
            _ => None,
        });
        gains.sum()
    }

    /// The keys under which an account's code keeps something else now.
    pub fn keys(&self, of: AccountId) -> Vec<&[u8]> {
        let keys = self.changes.iter().filter_map(|change| match change {
            Change::Slot { account, key, .. } if *account == of => Some(key.as_slice()),
            _ => None,
        });
        keys.collect()
    }

    fn name(&self, account: &AccountId) -> &str {
        self.names.get(account).map_or("", String::as_str)
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            match change {
                Change::Balance {
                    account,
                    before,
                    after,
                } => writeln!(f, "{}: balance {before} → {after}", self.name(account))?,
                Change::Slot {
                    account,
                    key,
                    before,
                    after,
                } => {
                    let (key, before, after) = (text(key), shown(before), shown(after));
                    writeln!(f, "{}: {key} {before} → {after}", self.name(account))?;
                }
                Change::Code { account } => writeln!(f, "{}: code", self.name(account))?,
                Change::Handler { account, waits } => {
                    let word = if *waits { "waits" } else { "is done" };
                    writeln!(f, "{}: a handler {word}", self.name(account))?;
                }
            }
        }
        Ok(())
    }
}

fn shown(value: &Option<Vec<u8>>) -> String {
    value
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), |bytes| hex(bytes))
}

/// A key as text if it is some, and in hexadecimal digits if not.
fn text(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.contains(char::is_control) => format!("{text:?}"),
        _ => hex(key),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
