//! Reading storage of system accounts, before a block's messages run or while its system records.

use actors::{Edit, State};
use types::AccountId;

/// Whatever shows the storage of accounts: a state, or one that is being written to.
pub trait Slots {
    /// One slot of an account's storage.
    fn slot(&self, account: &AccountId, key: &[u8; 32]) -> Option<&[u8]>;
}

impl Slots for State {
    fn slot(&self, account: &AccountId, key: &[u8; 32]) -> Option<&[u8]> {
        Self::slot(self, account, key)
    }
}

impl Slots for Edit<'_> {
    fn slot(&self, account: &AccountId, key: &[u8; 32]) -> Option<&[u8]> {
        self.get(account, key)
    }
}
