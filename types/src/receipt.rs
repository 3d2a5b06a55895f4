//! Receipts: what became of a message.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{FailureCode, MessageId};

/// How the execution of a message ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did what it asked.
    Done,
    /// It did nothing; its value went back, or never left.
    Failed(FailureCode),
}

/// The record of one executed message. Every consumed message has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub message: MessageId,
    /// How it ended.
    pub status: Status,
    /// Gas used.
    pub gas: u64,
    /// Ids of the messages that it sent, in order.
    pub outputs: Vec<MessageId>,
}
