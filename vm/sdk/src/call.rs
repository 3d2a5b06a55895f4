//! Messages to other accounts.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::gas::{self, HANDLER_UNIT};
use crate::{AccountId, Amount, Encode, env, host};

pub use crate::gas::{CALL as CALL_GAS, HANDLER as HANDLER_GAS};

/// A call that is not sent yet; `R` is what the method answers.
///
/// ```ignore
/// Ledger::at(id).credit(holder, amount).gas(200_000).remember(&note).send();
/// ```
#[must_use = "a call that is not sent does nothing"]
pub struct Call<R = ()> {
    to: AccountId,
    method: Cow<'static, str>,
    data: Vec<u8>,
    value: Amount,
    /// None: [`CALL_GAS`].
    gas: Option<u64>,
    deadline: u64,
    flags: u32,
    remembered: Option<Vec<u8>>,
    answers: PhantomData<R>,
}

impl<R> Call<R> {
    /// A call by name, for accounts whose code gives no handle.
    pub fn new(to: AccountId, method: impl Into<Cow<'static, str>>, data: Vec<u8>) -> Self {
        Self {
            to,
            method: method.into(),
            data,
            value: 0,
            gas: None,
            deadline: 0,
            flags: 0,
            remembered: None,
            answers: PhantomData,
        }
    }

    /// The value that goes with it; comes back if the call fails.
    pub fn value(mut self, value: Amount) -> Self {
        self.value = value;
        self
    }

    /// The gas that goes with it, instead of [`CALL_GAS`]. Whoever sends many calls should say how
    /// much each gets, for example by [`crate::env::share`].
    pub fn gas(mut self, gas: u64) -> Self {
        self.gas = Some(gas);
        self
    }

    /// Root heights, from the block's, at which it may still be executed.
    pub fn deadline(mut self, heights: u64) -> Self {
        self.deadline = heights;
        self
    }

    /// Asks for the answer: `#[reply(method)]`, `#[bounce(method)]` or `#[timeout(method)]` of
    /// this account will handle it. Exactly one of them runs, once, with
    /// [`HANDLER_GAS`] that is set aside now; what it leaves of it goes back to whoever paid.
    pub fn reply(mut self) -> Self {
        self.flags |= 1;
        self
    }

    /// Like [`Self::reply`], with so much gas set aside for the handler, in whole thousands.
    pub fn reply_with_gas(mut self, gas: u64) -> Self {
        let thousands = u32::try_from(gas.div_ceil(HANDLER_UNIT)).unwrap_or(u32::MAX);
        self.flags = thousands << 1 | 1;
        self
    }

    /// Like [`Self::reply`], and the handler gets `note` as its last argument. At most 1 KiB, which
    /// waits with the handler: when the answer comes it is gone, whatever becomes of the handler.
    pub fn remember(mut self, note: &impl Encode) -> Self {
        self.remembered = Some(note.to_bytes());
        self.reply()
    }

    /// Sends it when the message that is handled has run to its end. Returns where it stands
    /// among what is sent.
    pub fn send(self) -> Sent {
        let index = host::send(&host::Send {
            to: &self.to.0,
            value: self.value,
            gas: self.gas.unwrap_or_else(usual),
            deadline: self.deadline,
            method: &self.method,
            data: &self.data,
            flags: self.flags,
        });
        if let Some(note) = self.remembered {
            host::remember(index, &note);
        }
        Sent(index)
    }
}

/// Gas of a message that does not say.
fn usual() -> u64 {
    env::share(1).min(gas::CALL)
}

/// A message that was sent.
#[derive(Clone, Copy)]
pub struct Sent(u32);

impl Sent {
    /// Its id: what [`env::about`] is in the handler of its answer.
    pub fn id(self) -> [u8; 32] {
        host::output_id(self.0)
    }
}

/// An account that is not created yet.
#[must_use = "an account that is not created does nothing"]
pub struct Create {
    code: [u8; 32],
    salt: [u8; 32],
    value: Amount,
    /// None: [`CALL_GAS`].
    gas: Option<u64>,
    init: Vec<u8>,
}

impl Create {
    /// An account with code that this account holds. The salt tells accounts of one code apart
    /// and so chooses the chain.
    pub const fn new(code: [u8; 32], salt: [u8; 32]) -> Self {
        Self {
            code,
            salt,
            value: 0,
            gas: None,
            init: Vec::new(),
        }
    }

    /// The value that goes with it, its deposit for the code included.
    pub const fn value(mut self, value: Amount) -> Self {
        self.value = value;
        self
    }

    /// The gas that goes with it, instead of [`CALL_GAS`].
    pub const fn gas(mut self, gas: u64) -> Self {
        self.gas = Some(gas);
        self
    }

    /// The arguments of its `#[init]`, as a tuple.
    pub fn init(mut self, arguments: &impl Encode) -> Self {
        self.init = arguments.to_bytes();
        self
    }

    /// Creates it when the message that is handled has run to its end.
    pub fn send(self) -> AccountId {
        AccountId(host::create(&host::Create {
            code: &self.code,
            salt: &self.salt,
            value: self.value,
            gas: self.gas.unwrap_or_else(usual),
            init: &self.init,
        }))
    }
}

/// A question to a view, for whoever is outside: code can't ask.
pub struct Question<R> {
    to: AccountId,
    method: &'static str,
    data: Vec<u8>,
    answers: PhantomData<R>,
}

impl<R> Question<R> {
    /// A question by name.
    pub const fn new(to: AccountId, method: &'static str, data: Vec<u8>) -> Self {
        let answers = PhantomData;
        Self {
            to,
            method,
            data,
            answers,
        }
    }

    /// Whom, what, and with which encoded arguments.
    pub fn into_parts(self) -> (AccountId, String, Vec<u8>) {
        (self.to, self.method.into(), self.data)
    }
}

#[cfg(not(target_family = "wasm"))]
impl<R> Call<R> {
    pub(crate) fn into_parts(self) -> (AccountId, Amount, crate::mock::Body) {
        let body = crate::mock::Body::Call {
            method: self.method.into_owned(),
            data: self.data,
            wants_reply: false,
            note: Vec::new(),
        };
        (self.to, self.value, body)
    }

    /// The method and the encoded arguments, for whoever sends it by other means.
    pub fn payload(&self) -> (&str, &[u8]) {
        (&self.method, &self.data)
    }
}
