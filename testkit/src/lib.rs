//! For authors of contracts: the real engine on virtual time, any number of chains in one test.
//!
//! ```text
//!  User ──call──▶ waiting ──┐                       ┌──▶ receipts ──▶ Trace, GasReport
//!                           ▼                       │
//!  lane ──bundle──▶ arrived ──▶ execute ─▶ check ───┼──▶ state ────▶ Snapshot
//!    ▲                                              │
//!    └── held, delayed, withheld ◀── bundles ───────┘
//! ```
//!
//! ```ignore
//! let world = World::new(2).seed(7);
//! let alice = world.user(1, 1_000_000_000);
//! let auction = alice.deploy(&code).init(args(&100u64)).on(2);
//! let bid = alice.call(auction, "bid", []).value(10).send();
//! world.settle();
//! world.trace(bid).assert(Word::Settled);
//! ```
//!
//! There is no consensus and no network: a chain is its state, a block is executed as a proposer
//! does and checked as a verifier does, and lanes carry bundles from block to block. The root is
//! not run; of it there is its height, the clock of deadlines, which a bundle must see rise before
//! it arrives: before that it can't be proved.
//!
//! # Rules
//!
//! * **[W1] The real engine.** Blocks run by `actors` with the Wasm code of `assembly`, under the
//!   limits of a devnet. What a test sees, a chain does.
//! * **[W2] One seed, one run.** Which chain makes a block next, which lane delivers and when the
//!   root rises follows from the seed alone. `TESTKIT_SEED` overrides the seed of a test; a test
//!   that fails prints the line that replays it.
//! * **[W3] Nothing is made or lost.** After every block its chain's books balance, all that its
//!   accounts hold is summed up anew, and over all chains and lanes minted = held + burned + on
//!   the way. No message has two receipts. A world that breaks this ends the test.
//! * **[W4] A lane keeps its order,** lanes among each other don't. Faults move in time what a
//!   network could move in time; none of them changes a message.
#![cfg_attr(not(test), warn(clippy::float_arithmetic))]

mod book;
mod chain;
mod dice;
pub mod gas_report;
pub mod lane;
mod network;
mod refusals;
pub mod replay;
pub mod snapshot;
pub mod trace;
pub mod user;
pub mod world;

pub use gas_report::{GasLine, GasReport};
pub use lane::{Lane, lane};
pub use replay::seeds;
pub use snapshot::{Change, Diff, Snapshot};
pub use trace::{Kind, Node, Status, Trace, Word};
pub use user::{Call, Deployment, User};
pub use world::World;

/// Arguments in their encoding: borsh, several as a tuple.
pub fn args(values: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(values).unwrap_or_default()
}
