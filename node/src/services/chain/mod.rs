//! The actor of one chain: runs the chain's machine and its effects, in order.
//!
//! ```text
//!  mailbox ─▶ Chain::handle ─▶ effects ─┬─ Persist ─▶ journal (synced before anything leaves)
//!   (bounded)      ▲                    ├─ Broadcast, Send, Fetch, Pull, Submit ─▶ outlet
//!   clock ─ Tick ──┘                    └─ Final, Proposed, Early ─▶ observer
//! ```
//!
//! A failed write is fatal: the process stops, and the next start reads what is really there.

mod actor;
mod message;
mod ports;
mod stages;
#[cfg(test)]
mod tests;
mod twin;

pub use actor::{ChainActor, Head, OpenVotes, Parts};
pub use message::{AdmissionError, Answer, Submitted, Timed, ToChain, refuse};
pub use ports::{Observer, Outlet};
pub use twin::{Foreign, Twin};
