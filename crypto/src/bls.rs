//! BLS12-381 signatures of committees, in the "minimal signature" arrangement: public keys in G2
//! (96 bytes), signatures in G1 (48 bytes), suite `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`
//! of draft-irtf-cfrg-bls-signature with the hashing of RFC 9380.
//!
//! Signatures add up. That is what makes certificates small, and it is what three attacks use:
//!
//! * *Rogue key*: a key chosen as the difference of others "co-signs" for them. Stopped by the
//!   proof of possession: no key is aggregated before [`PublicKey::verify_possession`] held.
//! * *Identity and small subgroups*: keys are checked when decoded, signatures whenever verified,
//!   aggregate keys when formed; the identity is refused in all three places.
//! * *Cancelling errors*: a valid sum says nothing about its parts. [`verify_aggregate`] proves
//!   certificates; whoever attributes, rewards or bans uses [`verify_batch`] or [`verify_each`].

mod aggregate;
mod batch;
mod error;
mod key;
mod proved;
mod signature;
#[cfg(test)]
mod tests;

pub use aggregate::verify_aggregate;
pub use batch::{verify_batch, verify_each};
pub use error::{AggregateError, SignatureError};
pub use key::{PublicKey, SecretKey};
pub use proved::Remember;
pub use signature::{ProofOfPossession, Signature};

/// Bit of the first byte of a compressed point that marks the identity.
const IDENTITY_FLAG: u8 = 0x40;

/// Domain separation tag of messages.
pub(crate) const MESSAGE_DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/// Domain separation tag of proofs of possession.
pub(crate) const POSSESSION_DST: &[u8] = b"BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
