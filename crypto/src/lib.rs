//! Hashes, signatures and Merkle proofs.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod bls;
mod coefficients;
pub mod ed25519;
pub mod hash;
mod hex_text;
pub mod merkle;

pub use hash::{Domain, Hash, Hasher, hash, hash_borsh};
pub use hex_text::ParseError;
