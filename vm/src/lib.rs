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
pub mod host;
pub mod limits;
pub mod schedule;
pub mod trap;

pub use abi::{Entry, HostCall};
pub use host::{Creation, Facts, Host, Output, Sent, StorageKey};
pub use trap::{Refusal, Trap};
