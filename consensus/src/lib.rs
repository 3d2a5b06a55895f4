//! One committee agrees on one block a round: the pure state machine of consensus.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

#[cfg(test)]
extern crate self as consensus;
#[cfg(test)]
#[path = "../tests/support/chain.rs"]
#[allow(unreachable_pub, reason = "shared with the simulation")]
mod chain;

mod config;
mod effect;
mod evidence;
mod fault;
mod justification;
mod leader;
mod machine;
mod message;
mod round;
mod tally;
mod tree;

pub use config::{Config, Restored, Seat, Timing, unsigned};
pub use effect::{Effect, Record};
pub use evidence::{Evidence, EvidenceError, SignedHeader};
pub use fault::Fault;
pub use machine::Consensus;
pub use message::{Input, Message, Verdict};
