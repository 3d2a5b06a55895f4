//! Why a run ended early. The codes are part of the protocol: they go into receipts.

use std::fmt;

/// Why a run ended early. Whatever it did before is void. [V7]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trap {
    /// The gas did not suffice.
    OutOfGas,
    /// Code reached `unreachable`.
    Unreachable,
    /// An access outside of the memory, by code or by a pointer given to a host function.
    MemoryOutOfBounds,
    /// An access outside of the table.
    TableOutOfBounds,
    /// An indirect call of an empty table slot.
    IndirectCallNull,
    /// An indirect call of a function with another signature.
    IndirectCallType,
    /// Integer division by zero.
    DivideByZero,
    /// Integer overflow: the least number divided by -1.
    IntegerOverflow,
    /// A float that is no integer of the wanted type.
    BadConversion,
    /// Calls nested too deeply.
    StackOverflow,
    /// The module does not export the entry.
    NoEntry,
    /// A view tried to change something.
    ReadOnly,
    /// An argument of a host function is outside of its bound, or not UTF-8 where it must be.
    Argument,
    /// The code gave up, and why: at most [`limits::ABORT_TEXT`](crate::limits::ABORT_TEXT) bytes.
    Abort(Box<str>),
    /// The account model refused.
    HostRefused(Refusal),
}

impl Trap {
    /// The stable code: 1 to 63, or 64 and the refusal's code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::OutOfGas => 1,
            Self::Unreachable => 2,
            Self::MemoryOutOfBounds => 3,
            Self::TableOutOfBounds => 4,
            Self::IndirectCallNull => 5,
            Self::IndirectCallType => 6,
            Self::DivideByZero => 7,
            Self::IntegerOverflow => 8,
            Self::BadConversion => 9,
            Self::StackOverflow => 10,
            Self::NoEntry => 11,
            Self::ReadOnly => 12,
            Self::Argument => 13,
            Self::Abort(_) => 14,
            Self::HostRefused(refusal) => 64 + *refusal as u8,
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfGas => "out of gas",
            Self::Unreachable => "unreachable code was reached",
            Self::MemoryOutOfBounds => "access outside of the memory",
            Self::TableOutOfBounds => "access outside of the table",
            Self::IndirectCallNull => "indirect call of an empty table slot",
            Self::IndirectCallType => "indirect call with the wrong signature",
            Self::DivideByZero => "division by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::BadConversion => "float out of the integer's range",
            Self::StackOverflow => "calls nested too deeply",
            Self::NoEntry => "the code does not handle this kind of message",
            Self::ReadOnly => "a view may not change anything",
            Self::Argument => "argument of a host function out of bounds",
            Self::Abort(text) => return write!(f, "aborted: {text}"),
            Self::HostRefused(refusal) => return refusal.fmt(f),
        })
    }
}

impl std::error::Error for Trap {}

/// What the account model refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[repr(u8)]
pub enum Refusal {
    /// The balance is smaller than the value to send.
    #[error("the balance is too small")]
    Balance = 1,
    /// Too little gas is left, or was given, for the output.
    #[error("too little gas for an output")]
    Gas = 2,
    /// The tree of messages is too deep for another output.
    #[error("the tree of messages is too deep")]
    Depth = 3,
    /// The balance can't cover the deposit for the storage.
    #[error("the balance does not cover the storage deposit")]
    Deposit = 4,
    /// There is no code with this hash.
    #[error("no code has this hash")]
    UnknownCode = 5,
    /// There is no output with this index.
    #[error("no output has this index")]
    NoSuchOutput = 6,
    /// More outputs or events than one message may make.
    #[error("too many outputs or events")]
    TooMany = 7,
    /// The recipient can't be sent to.
    #[error("the recipient can't be sent to")]
    Recipient = 8,
    /// The account to create exists.
    #[error("the account exists")]
    Exists = 9,
    /// The deadline is too far away.
    #[error("the deadline is too far away")]
    Deadline = 10,
    /// The message may not do this, for example become other code while being created.
    #[error("not allowed here")]
    Forbidden = 11,
}
