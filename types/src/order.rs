//! The order σ of a block: for each account, which messages it consumed and in what order.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, hash_borsh};
use serde::{Deserialize, Serialize};

use crate::{AccountId, domain};

/// Where a consumed message came from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub enum Source {
    /// The front of the account's mailbox as the block found it.
    Mailbox,
    /// An input message of the block: externals first, then imported relay messages in order.
    Input(u32),
    /// Output `output` of the block's step `step`; an inter relay message.
    Output {
        /// Global number of the producing step: its place in (account, sequence) order.
        step: u32,
        /// Position among that step's outputs.
        output: u32,
    },
}

/// One step: a message consumed, or several credits merged into one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Step {
    /// The messages, never none.
    pub sources: Vec<Source>,
}

/// σ_a: the steps of one account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct AccountOrder {
    /// The account.
    pub account: AccountId,
    /// Its steps, never none.
    pub steps: Vec<Step>,
}

/// σ of a block, accounts ascending.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Order {
    /// One entry for each account that consumed something.
    pub accounts: Vec<AccountOrder>,
}

impl Order {
    /// The commitment in the header.
    pub fn root(&self) -> Hash {
        hash_borsh(domain::ORDER, self)
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.accounts.iter().map(|order| order.steps.len()).sum()
    }
}
