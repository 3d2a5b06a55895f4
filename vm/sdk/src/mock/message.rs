//! Messages between the accounts of a [`super::World`].

use crate::deposit::{HANDLER, SLOT};
use crate::{AccountId, Amount, Entry};

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: [u8; 32],
    pub(crate) age: u64,
    pub(crate) trace: [u8; 32],
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) value: Amount,
    /// The last root height at which it may be executed; 0: any.
    pub(crate) deadline: u64,
    pub(crate) body: Body,
}

/// What a message asks for or answers.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Credit,
    Call {
        method: String,
        data: Vec<u8>,
        wants_reply: bool,
        /// What the handler of the answer gets back.
        note: Vec<u8>,
    },
    View {
        method: String,
        data: Vec<u8>,
    },
    Deploy {
        code: [u8; 32],
        init: Vec<u8>,
    },
    Reply {
        of: [u8; 32],
        handler: String,
        note: Vec<u8>,
        data: Vec<u8>,
    },
    Bounce {
        of: [u8; 32],
        handler: Option<String>,
        note: Vec<u8>,
        code: u8,
    },
}

impl Body {
    /// The handler that waits for the answer.
    pub(crate) fn wants_reply(&self) -> Option<String> {
        match self {
            Self::Call {
                method,
                wants_reply: true,
                ..
            } => Some(method.clone()),
            _ => None,
        }
    }

    /// Bytes of storage that the handler takes that waits for the answer, or that it frees.
    pub(crate) fn waits(&self) -> usize {
        let handler = self.wants_reply();
        let handler = handler.as_deref().or_else(|| self.handler());
        handler.map_or(0, |name| SLOT + HANDLER + name.len() + self.note().len())
    }

    /// The handler that an answer is for.
    pub(crate) fn handler(&self) -> Option<&str> {
        match self {
            Self::Reply { handler, .. } => Some(handler),
            Self::Bounce { handler, .. } => handler.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn entry(&self) -> Entry {
        match self {
            Self::Credit | Self::Call { .. } => Entry::Call,
            Self::View { .. } => Entry::View,
            Self::Deploy { .. } => Entry::Init,
            Self::Reply { .. } => Entry::Reply,
            Self::Bounce {
                code: super::LATE, ..
            } => Entry::Timeout,
            Self::Bounce { .. } => Entry::Bounce,
        }
    }

    pub(crate) fn method(&self) -> &str {
        match self {
            Self::Call { method, .. } | Self::View { method, .. } => method,
            _ => self.handler().unwrap_or_default(),
        }
    }

    pub(crate) fn input(&self) -> &[u8] {
        match self {
            Self::Call { data, .. } | Self::View { data, .. } | Self::Reply { data, .. } => data,
            Self::Deploy { init, .. } => init,
            Self::Credit | Self::Bounce { .. } => &[],
        }
    }

    /// What the handler of its answer gets back.
    pub(crate) fn note(&self) -> Vec<u8> {
        match self {
            Self::Call { note, .. } | Self::Reply { note, .. } | Self::Bounce { note, .. } => {
                note.clone()
            }
            _ => Vec::new(),
        }
    }

    /// The message that is answered.
    pub(crate) fn about(&self) -> Option<[u8; 32]> {
        match self {
            Self::Reply { of, .. } | Self::Bounce { of, .. } => Some(*of),
            _ => None,
        }
    }
}
