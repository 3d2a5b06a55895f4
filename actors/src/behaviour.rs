//! The seam for code: how an account answers a message.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use types::{AccountId, FailureCode, MessageId, Notes, RelayMessage, limits};

use crate::{Context, Own};

/// Code of a system account, a part of the node.
pub trait Behaviour: std::marker::Send + Sync {
    /// Handles a call. Whatever it does to `own` counts only if it returns `Ok`. [G6]
    ///
    /// Must depend on its arguments alone, and end: it charges gas for its work.
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), FailureCode>;

    /// [`Self::handle`] for those who say in a word why they refuse; it stands in the receipt, so
    /// its text is a part of the protocol.
    fn handle_or_say(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), Fault> {
        Ok(self.handle(own, message, ctx)?)
    }
}

/// What runs the code that accounts hold. [G11]
pub trait CodeEngine: std::marker::Send + Sync {
    /// Whether an account may begin with the code, or get it.
    ///
    /// # Errors
    /// `BadCode`, and why.
    fn check(&self, code: &Code) -> Result<(), Fault>;

    /// Runs code that was checked. Whatever it does to `own` counts only if it returns `Ok`.
    ///
    /// Must depend on its arguments alone, and end: it charges gas for its work, with
    /// [`Own::charge`] what its own meter counted.
    fn run(
        &self,
        code: &Code,
        entry: Entry<'_>,
        own: &mut Own<'_>,
        ctx: &Context,
    ) -> Result<(), Fault>;
}

/// Code that an account holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its hash; what a cache goes by.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// Why code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// The account was made with the code; runs once in its life.
    Init {
        /// Encoded arguments.
        data: &'a [u8],
    },
    /// A call.
    Call {
        /// Method's name.
        method: &'a str,
        /// Encoded arguments.
        data: &'a [u8],
    },
    /// A call of its own was executed.
    Reply {
        /// The handler that it named when it sent the call.
        handler: &'a str,
        /// What it wanted to remember.
        context: &'a [u8],
        /// The call.
        of: MessageId,
        /// What the callee answered.
        data: &'a [u8],
    },
    /// A call of its own failed; its value is back. A code of `Deadline` is a time-out.
    Bounce {
        /// The handler that it named when it sent the call.
        handler: &'a str,
        /// What it wanted to remember.
        context: &'a [u8],
        /// The call.
        of: MessageId,
        /// Why it failed.
        code: FailureCode,
    },
    /// A question; may change nothing.
    View {
        /// Method's name.
        method: &'a str,
        /// Encoded arguments.
        data: &'a [u8],
    },
}

/// How code failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {text}")]
pub struct Fault {
    /// What the sender is told.
    pub code: FailureCode,
    /// The engine's own code, for the receipt.
    pub trap: Option<u8>,
    /// Why, for the receipt; empty when there is nothing to say.
    pub text: String,
}

impl Fault {
    /// The receipt's notes of it.
    pub(crate) fn notes(mut self) -> Option<Box<Notes>> {
        if self.trap.is_none() && self.text.is_empty() {
            return None;
        }
        let cut = self.text.floor_char_boundary(limits::ABORT_TEXT);
        self.text.truncate(cut);
        Some(Box::new(Notes {
            trap: self.trap,
            text: self.text,
            ..Notes::default()
        }))
    }
}

impl From<FailureCode> for Fault {
    fn from(code: FailureCode) -> Self {
        Self {
            code,
            trap: None,
            text: String::new(),
        }
    }
}

/// Who answers for which account.
#[derive(Clone, Default)]
pub struct Registry {
    accounts: BTreeMap<AccountId, Arc<dyn Behaviour>>,
    engine: Option<Arc<dyn CodeEngine>>,
}

impl Registry {
    /// The registry with the behaviour of one account.
    #[must_use]
    pub fn with(mut self, account: AccountId, behaviour: Arc<dyn Behaviour>) -> Self {
        self.accounts.insert(account, behaviour);
        self
    }

    /// The registry with what runs the code of all accounts that hold some.
    #[must_use]
    pub fn with_engine(mut self, engine: Arc<dyn CodeEngine>) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Whether the account has a behaviour of its own.
    pub fn has(&self, account: &AccountId) -> bool {
        self.accounts.contains_key(account)
    }

    /// The behaviour of a system account.
    pub fn find(&self, id: &AccountId) -> Option<&dyn Behaviour> {
        self.accounts.get(id).map(AsRef::as_ref)
    }

    /// What runs code; without one no account can get any.
    pub fn engine(&self) -> Option<&dyn CodeEngine> {
        self.engine.as_deref()
    }
}
