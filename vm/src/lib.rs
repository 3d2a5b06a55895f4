//! Runs an account's Wasm code: deterministic, metered, bounded.
//!
//! ```text
//!             deploy                                   a message
//!   code ──▶ validate ──▶ instrument ──▶ Engine::compile ──▶ Vm (cache) ──▶ Engine::run
//!            features,     gas and stack   translates in      by hash and     fresh instance
//!            bounds,       counters in     linear time        versions           │
//!            imports       the code                                              ▼
//!              │                                             code ◀─ Outcome { gas, reply | Trap }
//!              ▼                                               │ ▲
//!           Invalid { function, offset, reason }     abi::HostCall: bounds, price, then
//!                                                              ▼ │
//!                                                        Host (the account model)
//! ```
//!
//! The crate knows nothing of accounts but [`Host`], the trait that the account model implements.
//!
//! # Rules
//!
//! * **\[V1\] What is not named is refused.** Wasm 1.0, mutable globals, sign extension, multiple
//!   values, bulk memory and saturating conversions. An instruction without a class in
//!   `instruction.rs` has no price, so it is refused, whatever the parser learns one day. Imports
//!   come from one table, [`abi`]. There is no start function: code runs when a message arrives.
//! * **\[V2\] Counts before contents.** Everything that a module can have many of has a bound in
//!   [`limits`], compared before anything is read, validated or compiled. Checking, metering and
//!   compiling take time linear in the module's bytes. A function that may become too long for the
//!   engine's conditional jumps has them rewritten, or is refused (`validate/words.rs`).
//! * **\[V3\] One result.** Floats are allowed: the metering makes every NaN that an operation
//!   can make the canonical one. The memory's maximum is written into the module, the
//!   table can't grow, segments that lie outside are refused at deploy, so that making an instance
//!   can't fail.
//! * **\[V4\] Paid before done.** Gas is counted by the module itself ([`mod@instrument`]): each
//!   block of instructions takes its price where it is entered, ranges take theirs by length.
//!   Whoever runs it looks at the counter first: below zero, the run is out of gas, whatever else
//!   happened. So the verdict does not depend on the engine, nor on where it notices.
//! * **\[V5\] A stack of our own.** Calls take slots of a counted stack by their parameters,
//!   locals, operands and constants, which engines keep in the frame, and pay for them. It is full
//!   long before that of any engine, so a stack overflow is the same trap at the same call
//!   everywhere. The interpreter never recurses on the native stack.
//! * **\[V6\] Versions.** A compiled module is known by its code's hash, the version of the engine
//!   and that of the [`GasSchedule`]: a change of prices never meets modules with old ones. What
//!   was metered is kept longer than what was translated; translated again, a function is so when
//!   it is first called. So nobody makes nodes work by calling many contracts in turn.
//! * **\[V7\] One message, one instance.** Each run has a fresh instance and drops it. After a trap
//!   the host discards what the run did: no state, no output, no event; the value goes back.
//! * **\[V8\] Bounds, price, effect.** A host function checks its arguments and takes its whole
//!   price before the account model sees anything. A view may call none that acts.
//!
//! # Why this is safe
//!
//! *Termination.* Every loop and every call checks the counter and takes from it; code between two
//! checks only runs forwards, through bounded code. *Memory.* The module bounds its own memory,
//! table and stack; the host bounds replies, outputs and events; the cache is bounded by bytes.
//! *Agreement.* The outcome is a function of code, versions, entry, gas and the host's answers:
//! there is no clock, no thread, no address and no uninitialised memory that code could see.
//! *Nothing is lost.* A trap is an answer like any other, and carries a stable code.
//!
//! # Sources
//!
//! WebAssembly core specification 2.0 and the deterministic profile of 3.0; FIPS 180-4 and 202;
//! ZIP-215; draft-irtf-cfrg-bls-signature.
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
#[cfg(test)]
mod tests;
pub mod trap;
pub mod validate;
pub mod vm;

pub use abi::{Entry, HostCall};
pub use engine::{Engine, Extent, Outcome};
pub use host::{Creation, Facts, Host, Output, Sent, StorageKey};
pub use instrument::instrument;
pub use interpreter::Interpreter;
pub use schedule::{GasSchedule, Price};
pub use trap::{Refusal, Trap};
pub use validate::{Checked, Invalid, validate};
pub use vm::{Bounds, Vm};
