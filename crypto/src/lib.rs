//! Hashes, signatures and Merkle proofs: everything that the protocol takes on proof.
//!
//! ```text
//!  value ──borsh──▶ hash_borsh ──▶ Hash ──▶ ed25519 / bls sign ──▶ Signature
//!                                   │                                 │
//!                                   ▼                        verify, Batch, verify_each,
//!                    Frontier / MerkleTree ──▶ root                verify_aggregate
//!                                   │            │
//!                                   └──▶ proof ──┴──▶ verify_in(root, size, leaf)
//! ```
//!
//! Everything here is a pure function of its arguments: no clock, no randomness of the system, no
//! memory between calls. Only batches and commitments use rayon, and no verdict depends on its
//! threads. All errors are the fault of whoever sent the bytes.
//!
//! # Rules
//!
//! * **\[H1\] One domain per use.** A protocol hash is `SHA3-256(len(tag) ‖ tag ‖ data)`. The
//!   length makes (tag, data) decodable, so hashes for two uses never meet.
//! * **\[H2\] One reading per hash.** `data` is borsh or parts of fixed sizes.
//! * **\[E1\] ZIP-215.** Ed25519 has one set of valid signatures, whether checked alone or in any
//!   batch. RFC 8032 leaves several choices open; nodes that choose differently fork.
//! * **\[E2\] Signatures identify nothing.** One message can have several valid signatures.
//! * **\[B1\] Points are checked.** A [`bls::PublicKey`] is checked when decoded, a
//!   [`bls::Signature`] whenever verified: on the curve, in the prime-order group, not the
//!   identity. Nothing is cached for a signature, so no path skips the check.
//! * **\[B2\] Possession first.** A key is aggregated only after its proof of possession held.
//!   This is the caller's duty at registration; without it one member signs for all.
//! * **\[B3\] One group per message, no sum that is zero.** [`bls::verify_aggregate`] refuses two
//!   groups with one message, empty groups and keys that cancel.
//! * **\[B4\] A sum proves the certificate, not the votes.** Attribute only after
//!   [`bls::verify_batch`] or [`bls::verify_each`], whose random coefficients stop errors from
//!   cancelling.
//! * **\[S1\] Coefficients come last.** They are derived from the caller's secret and from all
//!   keys, signatures and messages of the batch. Neither who sees the secret nor who chooses the
//!   batch can aim at them: the first can't choose the items after the coefficients, the second
//!   can't compute them. Either is enough; a wrong batch passes with probability about 2^-127.
//! * **\[M1\] Leaves and nodes differ.** `leaf = SHA3-256(0x00 ‖ bytes)`,
//!   `node = SHA3-256(0x01 ‖ left ‖ right)`. Tags of domains have two bytes or more, so neither
//!   prefix is the length of one (H1).
//! * **\[M2\] The shape says the length.** A proof has exactly the hashes that index and size
//!   call for. With collision resistance, one proof is accepted for a leaf at an index of a tree.
//! * **\[M3\] Sizes come from digests.** A root does not bind the number of leaves; the digest
//!   that carries the root carries the size, and [`merkle::InclusionProof::verify_in`] compares.
//! * **\[T1\] Every point of a group is checked.** Points of commitments, ephemeral keys,
//!   encryption keys and complaints are in the prime-order group and not the identity, from
//!   decoding on; no honest dealer ever makes an identity. Partial signatures fall under \[B1\].
//!   [`threshold::KeptDealing`] is for a node's own state only.
//! * **\[T2\] A commitment has exactly threshold points.** One more, and the group's polynomial has
//!   a higher degree: every share would verify and no threshold of them sign.
//! * **\[T3\] Knowledge is proved for one use.** Proofs hash network and attempt (the context),
//!   dealer, recipients and all that they go with. A dealer proves a_0, or he could cancel the
//!   others' keys, and r, or he could have another's ciphertext opened by a complaint about a copy.
//! * **\[T4\] No secret serves twice.** All secrets of a dealing come from a seed hashed with its
//!   terms, all nonces from secret and statement.
//! * **\[T5\] A combined signature is verified before it is used.** Only if it fails are partial
//!   signatures looked at one by one, and then each is ([`threshold::GroupKey::combine`]).
//! * **\[T6\] A complaint convicts by proof.** The dealer if the shared point is proved and the
//!   share bad, the accuser if the share is good, nobody if the proof fails.
//! * **\[V1\] One draw per key and input.** [`vrf`] proofs are unique and under a tag of their own;
//!   an output is made only from a proof that held, here or before, or with the secret.
//! * **\[L1\] Lengths are checked before memory is taken.** Paths have at most
//!   [`merkle::MAX_PATH`] hashes; everything else has a fixed size.
//!
//! # Sources
//!
//! FIPS 202 (SHA-3); RFC 8032 and ZIP-215 (Ed25519); RFC 9380 and draft-irtf-cfrg-bls-signature
//! (BLS12-381); Feldman 1987, Pedersen 1991, Boldyreva 2003, Schnorr 1991, Chaum and Pedersen 1992
//! (threshold); RFC 8439 (ChaCha20-Poly1305); RFC 6962 and RFC 9162 (Merkle trees). Vectors from
//! outside are in `tests/vectors`.
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
pub mod threshold;
pub mod vrf;

pub use hash::{Domain, Hash, Hasher, hash, hash_borsh};
pub use hex_text::ParseError;
