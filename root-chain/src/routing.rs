//! The record of the routing table, in a system account of the root.

use actors::{Account, Slot, State};
use types::{AccountId, ChainId, Route, RoutingTable};

#[cfg(test)]
mod tests;

/// Where the table stands in the account's storage.
const KEY: [u8; 32] = [0; 32];

/// The system account that holds the table.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 2)
}

/// The account with a first table.
pub fn first_account(table: &RoutingTable) -> Account {
    let encoded = borsh::to_vec(table).unwrap_or_default();
    Account {
        storage: [(KEY, Slot(encoded.into()))].into_iter().collect(),
        ..Account::default()
    }
}

/// The table that a state of the root holds; `None` in states of other chains.
pub fn read(root: &State) -> Option<RoutingTable> {
    let encoded = root.slot(&account_id(), &KEY)?;
    let routes: Vec<Route> = borsh::from_slice(encoded).ok()?;
    RoutingTable::new(routes).ok()
}
