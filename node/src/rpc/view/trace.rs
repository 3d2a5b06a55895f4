//! Traces: the tree of messages that one external message grew into.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::{Amount, ChainId, FailureCode, MessageId, Thresholds};

use super::{AddressText, LogView, U64};

/// How far a message has come; each level holds for good what the ones before promise.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A node has it; no block yet.
    #[value(skip)]
    Pending,
    /// In a block that a leader proposed.
    #[value(skip)]
    Proposed,
    /// More seats than a quorum prepared its block: as many as were asked for, or the usual
    /// number.
    Early,
    /// Its block is final on its chain.
    Committed,
    /// Its block's anchor is in a root block.
    Anchored,
    /// That root block is final: other chains act on it.
    RootFinal,
    /// It and all that followed from it have ended.
    Settled,
}

impl Level {
    /// The word in JSON and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Proposed => "proposed",
            Self::Early => "early",
            Self::Committed => "committed",
            Self::Anchored => "anchored",
            Self::RootFinal => "root-final",
            Self::Settled => "settled",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What became of a whole tree, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Something is still under way.
    Pending,
    /// Every message did what it asked.
    Settled,
    /// Some did, some failed and gave their value back.
    PartlyFailed,
    /// Nothing was done; the value is back at, or never left, its sender.
    Refunded,
}

impl Word {
    /// The word for people.
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settled => "settled",
            Self::PartlyFailed => "partly failed",
            Self::Refunded => "refunded",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.spoken())
    }
}

/// What a message of a trace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// External: move value.
    Transfer,
    /// External: change the key of an account.
    RotateKey,
    /// External or relay: call code.
    Call,
    /// Relay: value alone.
    Credit,
    /// Relay: a failed message's value on its way back.
    Bounce,
    /// Relay: unused gas on its way back.
    Refund,
    /// External or relay: make an account with code.
    Deploy,
    /// External or relay: give code to an account.
    Upgrade,
    /// Relay: the answer to a call, with the gas that it did not use.
    Reply,
}

impl MessageKind {
    /// The word for people and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::RotateKey => "rotate_key",
            Self::Call => "call",
            Self::Credit => "credit",
            Self::Bounce => "bounce",
            Self::Refund => "refund",
            Self::Deploy => "deploy",
            Self::Upgrade => "upgrade",
            Self::Reply => "reply",
        }
    }
}

/// Where one message of a trace stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum NodeStatus {
    /// In the mempool, or produced in a block that is not final.
    Waiting,
    /// It left its chain and is not yet taken in at its destination.
    Travelling,
    /// In its recipient's mailbox.
    Arrived,
    /// Executed; it did what it asked.
    Done,
    /// Executed; it did nothing.
    Failed(#[schemars(with = "String")] FailureCode),
    /// It never got into a block, and can't any more.
    Expired,
}

/// Seats that prepared a block before it was final.
///
/// A block that F of n seats prepared will be final if at most F − q of the seats lie, where q
/// is the quorum, n − ⌊(n−1)/3⌋.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EarlySeats {
    /// Seats that prepared it, F.
    pub seats: u32,
    /// All seats of the committee, n.
    pub of: u32,
    /// Seats that may lie, F − q.
    pub tolerance: u32,
}

impl EarlySeats {
    /// `None` when `seats` of `of` are no quorum, so no early consensus.
    pub fn of(seats: u64, of: u64) -> Option<Self> {
        let tolerance = Thresholds::of(of).early_tolerance(seats)?;
        let small = |number| u32::try_from(number).ok();
        let (seats, of) = (small(seats).filter(|seats| *seats > 0)?, small(of)?);
        Some(Self {
            seats,
            of,
            tolerance: small(tolerance)?,
        })
    }
}

impl fmt::Display for EarlySeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seats,
            of,
            tolerance,
        } = self;
        write!(
            f,
            "{seats} of {of} seats prepared it, {tolerance} of them may lie"
        )
    }
}

/// One message of a trace and what it sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceNode {
    /// The message.
    #[schemars(with = "String")]
    pub id: MessageId,
    /// Who sent it.
    pub from: AddressText,
    /// Whom it goes to.
    pub to: AddressText,
    /// The chain that executes it.
    #[schemars(with = "u32")]
    pub chain: ChainId,
    /// What it is.
    pub kind: MessageKind,
    /// Value that it moves.
    #[schemars(with = "String")]
    pub value: Amount,
    /// Where it stands.
    pub status: NodeStatus,
    /// How final the block is that executed it.
    pub level: Level,
    /// The seats that prepared that block, as far as this node saw it before it was final.
    pub early: Option<EarlySeats>,
    /// Height of the block that executed it.
    pub height: Option<U64>,
    /// Gas that it used.
    pub gas: U64,
    /// Gas that it was given, for itself and for what it sends; none for what comes back, which
    /// is paid ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gas_limit: Option<U64>,
    /// What code was asked and what it said, where code ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunView>,
    /// Why it failed, in the words of the code that refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The messages that it sent, in order.
    pub children: Vec<Self>,
}

/// Why code ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunEntry {
    /// The account began.
    Init,
    /// A call.
    Message,
    /// A call of its own was executed: its handler.
    Reply,
    /// A call of its own failed: its handler.
    Bounce,
    /// A call of its own was not executed by its deadline: its handler.
    Timeout,
}

/// What code was asked and what it said. Names and values are there where the account's code
/// describes them: its description is that of the code that it has now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunView {
    /// Why it ran.
    pub entry: RunEntry,
    /// The method: the one that was called, and for handlers the one of the call that ended.
    pub method: String,
    /// The handler's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// Why the call failed that a handler was told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub failure: Option<FailureCode>,
    /// What it was given, hexadecimal.
    pub input: String,
    /// The arguments, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<serde_json::Value>,
    /// What it answered, hexadecimal.
    pub answer: String,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<serde_json::Value>,
    /// What it logged, in order.
    pub logs: Vec<LogView>,
    /// How it failed, as a code of its engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trap: Option<u8>,
    /// Whether something is left out because the trace became too large.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Milliseconds from submission to each level, for the message itself; `settled` for the tree.
pub type Latencies = BTreeMap<Level, u32>;

/// An external message and everything that followed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// The external message.
    #[schemars(with = "String")]
    pub id: MessageId,
    /// What became of the tree.
    pub word: Word,
    /// How far the external message has come; `settled` once the whole tree has ended.
    pub level: Level,
    /// Milliseconds from submission to each level reached so far.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub latency_ms: Latencies,
    /// The tree.
    pub root: TraceNode,
}

/// A word that is no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a level: write early, committed, anchored, root-final or settled")]
pub struct NoLevel;

impl FromStr for Level {
    type Err = NoLevel;

    fn from_str(text: &str) -> Result<Self, NoLevel> {
        let all = [
            Self::Pending,
            Self::Proposed,
            Self::Early,
            Self::Committed,
            Self::Anchored,
            Self::RootFinal,
            Self::Settled,
        ];
        let found = all.into_iter().find(|level| level.word() == text);
        found.ok_or(NoLevel)
    }
}
