//! What sets an account with code apart.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;
use types::{AccountId, Amount};

use crate::queue::{rest, sum};

/// What each byte of an account's storage locks of its balance. [G13]
pub const DEPOSIT_BYTE: u128 = 1_000;
/// Bytes that each slot counts on top of its key and value: what the tree needs for it.
pub const SLOT_BYTES: u64 = 64;

/// What sets an account with code apart from others.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Contract {
    /// Hash of the code that answers the next message.
    pub code: Hash,
    /// Who may change the code from outside.
    pub owner: Option<AccountId>,
    /// Bytes of storage that the account pays a deposit for.
    pub bytes: u64,
    /// Value set aside for handlers that wait; a part of the balance. [G12]
    pub reserved: Amount,
}

impl Contract {
    /// An account that begins with code and has nothing stored.
    pub const fn new(code: Hash, owner: Option<AccountId>) -> Self {
        Self {
            code,
            owner,
            bytes: 0,
            reserved: Amount::ZERO,
        }
    }

    /// What the balance may not fall below: the deposit, and what is reserved.
    pub fn locked(&self) -> Amount {
        sum(self.reserved, self.deposit())
    }

    /// What the storage locks. [G13]
    pub const fn deposit(&self) -> Amount {
        deposit(self.bytes)
    }

    /// Replaces a slot of so many bytes by one of so many.
    pub(crate) fn resize(&mut self, before: Option<usize>, after: Option<usize>) {
        let old = slot_bytes(before);
        assert!(self.bytes >= old, "the slot was counted when written");
        self.bytes = self.bytes - old + slot_bytes(after);
    }

    pub(crate) fn reserve(&mut self, value: Amount) {
        self.reserved = sum(self.reserved, value);
    }

    pub(crate) fn release(&mut self, value: Amount) {
        self.reserved = rest(self.reserved, value);
    }
}

/// What so many bytes of storage lock; fits, since a `u64` times the price does.
pub const fn deposit(bytes: u64) -> Amount {
    Amount(bytes as u128 * DEPOSIT_BYTE)
}

fn slot_bytes(value: Option<usize>) -> u64 {
    value.map_or(0, |length| SLOT_BYTES + length as u64)
}
