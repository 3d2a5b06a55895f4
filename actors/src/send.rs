//! What code asks to be sent.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;
use types::{AccountId, Amount, FailureCode, Gas, Height, RelayBody};

use crate::Slot;

/// A message that code sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Send {
    /// Value alone.
    Credit {
        /// Recipient.
        to: AccountId,
        /// Value, taken from the account's balance.
        value: Amount,
    },
    /// A call.
    Call {
        /// Recipient.
        to: AccountId,
        /// Value, taken from the account's balance.
        value: Amount,
        /// Gas that travels with it, taken from what the handled message brought.
        gas: u64,
        /// Method's name.
        method: String,
        /// Encoded arguments.
        data: Vec<u8>,
    },
    /// An account to be made, [`AccountId::of_code`] of this one.
    Deploy {
        /// Hash of its code, which this account must hold.
        code: Hash,
        /// Tells accounts with the same code apart.
        salt: [u8; 32],
        /// Input of its first run.
        init: Vec<u8>,
        /// Who may change its code from outside.
        owner: Option<AccountId>,
        /// Value, taken from the account's balance.
        value: Amount,
        /// Gas that travels with it, at least [`validation`](crate::gas::validation).
        gas: u64,
    },
}

/// How it is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The last root height at which it may be executed; the default, and the most, is the
    /// handled message's own deadline or
    /// [`DEADLINE_HEIGHTS`](types::limits::DEADLINE_HEIGHTS) from now. Value alone that code sends
    /// has none unless it says one.
    pub deadline: Option<Height>,
    /// Who handles its answer, for calls and deploys of accounts with code. [G12]
    pub reply: Option<Wish>,
}

/// A wish to hear how a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The handler's name, at most [`METHOD_NAME`](types::limits::METHOD_NAME) bytes.
    pub handler: String,
    /// What it is to be reminded of, at most
    /// [`HANDLER_CONTEXT`](types::limits::HANDLER_CONTEXT) bytes.
    pub context: Vec<u8>,
    /// Gas that is set aside for it, at least [`HANDLER`](crate::gas::HANDLER).
    pub gas: u64,
}

/// A handler that waits for an answer, as the account stores it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Handler {
    pub(crate) name: String,
    pub(crate) context: Vec<u8>,
    /// What the message carried besides gas; comes back with a bounce.
    pub(crate) value: Amount,
    /// Set aside for the handler.
    pub(crate) gas: Gas,
}

impl Handler {
    pub(crate) fn slot(&self) -> Result<Slot, FailureCode> {
        let encoded = borsh::to_vec(self).map_err(|_| FailureCode::Rejected)?;
        Ok(Slot(encoded.into()))
    }
}

/// A message ready to be sent; value and gas are debited already.
pub(crate) struct Sending {
    pub(crate) to: AccountId,
    pub(crate) value: Amount,
    /// Gas that travels with it.
    pub(crate) gas: u64,
    /// `Height::MAX` for the longest.
    pub(crate) deadline: Height,
    pub(crate) body: RelayBody,
}
