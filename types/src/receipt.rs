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
    /// What code said; `None` when it said nothing.
    pub notes: Option<Box<Notes>>,
}

/// What code said while it ran. Of a run that failed only `trap` and `text` remain.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Notes {
    /// Its log, in order; see [`limits::LOGS`](crate::limits::LOGS).
    pub logs: Vec<Log>,
    /// What it answered, at most [`limits::REPLY`](crate::limits::REPLY) bytes.
    pub answer: Vec<u8>,
    /// How it failed, as a code of its engine.
    pub trap: Option<u8>,
    /// Why it failed, at most [`limits::ABORT_TEXT`](crate::limits::ABORT_TEXT) bytes.
    pub text: String,
}

/// An entry of a message's log.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Log {
    /// What it is about.
    pub topic: Vec<u8>,
    /// The rest.
    pub data: Vec<u8>,
}
