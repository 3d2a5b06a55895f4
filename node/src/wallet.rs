//! The wallet: makes, signs and sends messages, and waits for what becomes of them.
//!
//! ```text
//! key file ─ password ─┐
//!                      ├─ draft ─ sign ─ [file ─] submit ─ wait for a level ─ Outcome
//! node: nonce, gas ────┘
//! ```
//!
//! # Rules
//!
//! * **[W1]** A key never leaves this process; a node sees signed messages only.
//! * **[W2]** Nothing is signed for a network that the key, the recipient or a given genesis file
//!   is not of.
//! * **[W3]** The trace is subscribed to before the message is handed in, and read now and then
//!   as well, so that no change is missed.

mod draft;
mod signed;
mod wait;

pub use draft::{Draft, DraftError, EXPIRY_HEIGHTS};
pub use signed::{SignedFile, SignedFileError};
pub use wait::{Goal, Outcome, submit, wait_for};
