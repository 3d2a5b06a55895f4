//! What a node keeps: the authenticated state tree, a database behind a trait, and the logs.

#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod state_tree;

pub use state_tree::{KEY_BITS, Key, Prefix, StateProof, StateProofError, StateTree, Value};
