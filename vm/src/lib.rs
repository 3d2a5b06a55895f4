//! Runs an account's Wasm code: deterministic, metered, bounded.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod abi;
mod calls;
pub mod engine;
pub mod host;
mod instruction;
pub mod instrument;
pub mod interpreter;
pub mod limits;
pub mod schedule;
mod scope;
pub mod trap;
pub mod validate;

pub use abi::{Entry, HostCall};
pub use engine::{Engine, Outcome};
pub use host::{Creation, Facts, Host, Output, Sent, StorageKey};
pub use instrument::instrument;
pub use interpreter::Interpreter;
pub use schedule::{GasSchedule, Price};
pub use trap::{Refusal, Trap};
pub use validate::{Checked, Invalid, validate};
