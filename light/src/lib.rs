//! What can be known of a network without running a node of it: which committee answers for a root
//! block, and what became of a message.
//!
//! ```text
//!  checkpoint ───────── closing block ───────── closing block ───────── head
//!  (genesis is one)     of term e               of term e+1             of term e+2
//!    │ names the          │ signed by e,          │ signed by e+1,        │ signed by e+2
//!    └ committee of e     └ its state names e+1   └ its state names e+2   │
//!                                                                         │ history
//!  fact ─ header ─ history ─ anchor ─ root block ─────────────────────────┘
//! ```
//!
//! A [`Line`] of root blocks starts at a [`Checkpoint`] and grows by one [`Handover`] for each
//! term of the root, then by a [`Head`]. Everything at or below its last block is proven by its
//! place in the history of a block of the line, so a [`ProofFile`](proof::ProofFile) checks one
//! certificate a term however much it proves.
//!
//! Pure: bytes in, verdicts out. No node, no clock: what height it is now is told by the caller.
//!
//! # Rules
//!
//! * **[L1] One start.** A checkpoint is believed: a root block and the committee of the blocks
//!   above it. It comes from the genesis file, from a line that was followed earlier, or from
//!   someone whom the caller trusts; never from the proof.
//! * **[L2] One step a term.** The next committee is the one that the state after the closing
//!   block holds in the root's account of committees, under the next term. The closing block
//!   counts when a quorum of its term's committee confirmed and prepared it, or the last of its
//!   tails. Terms rise by one; none is skipped.
//! * **[L3] One history.** Each block of a line has the one before in its history, at its height.
//!   So all lie on the checkpoint's chain, and a block that branches off below is not reached
//!   with any signatures.
//! * **[L4] Young enough.** A committee is believed for as long as its stake can be taken: once
//!   unbonding is over, whoever has its keys can sign another history and lose nothing (long
//!   range attack). So a checkpoint counts only while fewer root heights than unbonding takes lie
//!   above it, by what the caller says of the present and by what the line itself shows. Where
//!   committees are fixed nobody unbonds, and genesis counts forever.
//! * **[L5] Exact.** All shapes are checked, not only roots: index, size and length of paths, the
//!   number of tails, the certificates' round and block.
//!
//! # Safety
//!
//! By [L2] and induction the line's committee is the one that the root elected, as long as in
//! each committee at most f seats sign what they must not: the state root is part of the header
//! that q of n seats signed, at least n - 2f of them honest, and a closing block is the only end
//! of its term (see `tx_chain`'s handover). By [L4] the bound on f is one on slashable stake.
//!
//! # What it does not do
//!
//! It follows no transaction chain's committees: what it proves is root-final, and for that the
//! root's word is enough. Whether a header's *execution* was right it takes from the quorum that
//! signed it. How many root heights have passed since a checkpoint it can't know: a caller that
//! states too low a present is not protected by [L4].
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

mod certified;
pub mod checkpoint;
pub mod handover;
pub mod line;
pub mod proof;
#[cfg(test)]
mod testing;

pub use certified::{CertifiedError, Signed};
pub use checkpoint::{Checkpoint, CheckpointError, TooOld, Trust};
pub use handover::{Handover, Head, LineError};
pub use line::Line;
