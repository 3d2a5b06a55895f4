//! From an entry of a module to a method of a contract.

use alloc::vec::Vec;

use crate::storage::PLAIN;
use crate::{abort, host};

/// Why code runs; the exports of a module.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_family = "wasm"), derive(Debug))]
pub enum Entry {
    /// The account begins.
    Init,
    /// A message.
    Call,
    /// The answer to a call that asked for one.
    Reply,
    /// A call failed, and its value came back.
    Bounce,
    /// A call was not executed by its deadline, and its value came back.
    Timeout,
    /// A question that changes nothing.
    View,
}

/// What `#[account]` writes: how an account's fields become storage.
pub trait Account: Sized {
    /// Whether there are fields that are neither cells nor maps.
    const HAS_PLAIN: bool;

    /// The fields of the plain value; what it lacks has its default, so that an upgrade may append
    /// fields. `None` when it is malformed.
    fn load(plain: &mut &[u8]) -> Option<Self>;

    /// Appends the plain value.
    fn save(&self, out: &mut Vec<u8>);
}

/// What `#[contract]` writes: which method answers what.
pub trait Contract: Account {
    /// The account's page of the ABI, a line of JSON; see [`crate::abi`].
    const ABI: &'static str;

    /// Runs the method or handler; `false` if there is none.
    fn dispatch(&mut self, entry: Entry, method: &[u8], input: &[u8]) -> bool;
}

/// Runs an entry: loads the state, lets the contract answer, saves what changed.
pub fn run<C: Contract>(entry: Entry) {
    let before = plain::<C>();
    let mut bytes = before.as_slice();
    let contract = C::load(&mut bytes).filter(|_| bytes.is_empty());
    let mut contract = contract.unwrap_or_else(|| abort("state does not decode"));
    let input = host::input();
    let method = host::method();
    if !contract.dispatch(entry, &method, &input) {
        unanswered(entry, &input);
    }
    if C::HAS_PLAIN && entry != Entry::View {
        let mut after = Vec::with_capacity(before.len());
        contract.save(&mut after);
        if after != before {
            host::put(PLAIN, &after);
        }
    }
}

fn plain<C: Contract>() -> Vec<u8> {
    if C::HAS_PLAIN {
        host::get(PLAIN).unwrap_or_default()
    } else {
        Vec::new()
    }
}

/// What nobody handles: a beginning without arguments and answers may go unanswered.
fn unanswered(entry: Entry, input: &[u8]) {
    match entry {
        Entry::Call | Entry::View => abort("no such method"),
        Entry::Init if !input.is_empty() => abort("takes no arguments"),
        Entry::Init => {}
        Entry::Reply | Entry::Bounce | Entry::Timeout => {}
    }
}

/// Aborts if value came along that the method does not take.
#[doc(hidden)]
pub fn refuse_value() {
    if host::value() > 0 {
        abort("takes no value");
    }
}

/// The note of the call that is answered, as the handler's last argument.
#[doc(hidden)]
pub fn remembered<T: crate::Decode>() -> T {
    T::from_bytes(&host::remembered()).unwrap_or_else(|| abort("nothing such was remembered"))
}

/// What a message returns goes to the caller.
#[doc(hidden)]
pub trait Answer {
    fn answer(self);
}

impl<T: crate::Encode> Answer for T {
    fn answer(self) {
        let bytes = self.to_bytes();
        if !bytes.is_empty() {
            host::reply(&bytes);
        }
    }
}
