//! What a contract is written with: accounts whose methods are messages.
//!
//! ```ignore
//! #[account]
//! struct Payment {
//!     balance: Amount,
//! }
//!
//! #[contract]
//! impl Payment {
//!     /// Sends a part of the balance to another account.
//!     #[message]
//!     fn tran(&mut self, to: AccountId, bill: Amount) {
//!         if self.balance >= bill {
//!             self.balance -= bill;
//!             Payment::at(to).add(bill).send();
//!         }
//!     }
//!
//!     /// What another account sent.
//!     #[message]
//!     fn add(&mut self, bill: Amount) {
//!         self.balance += bill;
//!     }
//! }
//! ```
//!
//! ```text
//!   thinkey_call ─▶ run: plain fields ─▶ dispatch by name ─▶ #[message] fn ─▶ fields, if changed
//!   thinkey_reply, _bounce, _timeout         ─▶ #[reply(m)], #[bounce(m)], #[timeout(m)]
//!   thinkey_view                             ─▶ #[view] fn(&self)
//! ```
//!
//! # Rules
//!
//! * **\[K1\] One message, one run.** State is loaded before a method and saved after it. Whoever
//!   panics, overflows or [`abort`]s leaves the account as it was; the value goes back.
//! * **\[K2\] State.** Fields that are neither [`Cell`] nor [`Map`] are one value, read with each
//!   message and written when it changed; cells and maps cost what is touched. Fields need a
//!   default; new ones may be appended in an upgrade, and cells and maps keep their places as long
//!   as they keep their order.
//! * **\[K3\] Value is named.** A message without `(payable)` refuses value; only `#[init]` always
//!   takes some, for the deposit. Amounts are checked: modules are built with overflow checks.
//! * **\[K4\] Nothing vanishes.** A call with [`Call::reply`] or [`Call::remember`] is answered
//!   exactly once, by name: `#[reply(m)]` with what `m` returned, or `#[bounce(m)]` after its
//!   failure, or `#[timeout(m)]` after its deadline (`#[bounce(m)]` when there is none). A call
//!   without gets its value back and runs nothing.
//! * **\[K5\] Handlers can't refuse.** The answer is there, and its value is credited already: a
//!   handler that aborts loses what it wanted to write and what was remembered for it, nothing
//!   else. What bounces must be booked back in `#[bounce(m)]`, so handlers do no more than that.
//! * **\[K6\] Gas that is left.** What a call or a handler does not use goes back to the user who
//!   paid for the whole tree, never to the accounts in between. A call gets a million by itself, or
//!   half of what is left if that is less; whoever sends many says what each needs.
//! * **\[K7\] No formatting.** A panic shows its text only if it is fixed; [`ensure!`] and
//!   [`abort`] take fixed ones. Formatting costs a module ten kilobytes.
//! * **\[K8\] Storage has a price.** What an account stores locks a part of its balance,
//!   [`env::deposit`], value that it keeps for others included. A method that stores something for
//!   whoever calls has him pay what the deposit grows by, and gives it back when it is freed; else
//!   strangers use up the balance, and nothing more can be stored or paid.
//!
//! Natively the same code runs against [`mock`], with any number of accounts and chains.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

pub mod abi;
mod account_id;
pub mod call;
pub mod codec;
mod deposit;
pub mod entry;
pub mod env;
mod gas;
#[cfg(target_family = "wasm")]
mod heap;
mod host;
#[cfg(not(target_family = "wasm"))]
pub mod mock;
mod name;
pub mod storage;

pub use alloc::string::String;
pub use alloc::vec::Vec;

pub use account_id::AccountId;
pub use call::{Call, Create, Sent};
pub use codec::{Decode, Encode};
pub use entry::{Account, Contract, Entry};
pub use storage::{Cell, Map};
pub use thinkey_sdk_macros::{Codec, account, contract, interface};

/// The smallest unit of value, or of a token; 16 bytes.
pub type Amount = u128;

/// What contracts begin with: `use thinkey_sdk::prelude::*;`.
pub mod prelude {
    pub use crate::env::*;
    pub use crate::{
        AccountId, Amount, Call, Cell, Codec, Create, Map, Sent, String, Vec, abort, account,
        contract, ensure, interface, log,
    };
}

/// Gives up: nothing that was done counts, the value goes back, the text is in the trace.
pub fn abort(text: &str) -> ! {
    host::abort(text)
}

/// Gives up with a fixed text unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $text:literal) => {
        if !$condition {
            $crate::abort($text);
        }
    };
}

/// Shows an event in the trace: a topic, then up to six values, encoded one after another.
///
/// ```ignore
/// log!("sold", kitty, price);
/// ```
///
/// What is logged is `sold(u64,u128)` and the values, so that whoever reads the trace knows what
/// they are; topic and types together have at most 64 bytes.
#[macro_export]
macro_rules! log {
    ($topic:literal $(, $value:expr)* $(,)?) => {{
        struct Topic;
        impl $crate::env::Topic for Topic {
            const TEXT: &'static str = $topic;
        }
        $crate::env::log(Topic, &($($value,)*))
    }};
}
