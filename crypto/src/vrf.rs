//! Verifiable randomness of one key: what a BLS signature hashes to.
//!
//! [V1] A key has one signature per input, nobody foretells its hash without the secret, and anyone
//! checks it with the public key. Stakers draw their tickets so. Proofs are made under a tag of
//! their own: no vote is a proof, and no proof a vote ([B2] holds for the keys all the same).

mod batch;
#[cfg(test)]
mod tests;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::bls::{PublicKey, SecretKey, Signature, SignatureError};
use crate::hash::{Domain, Hash, hash};
use crate::hex_text::plain_bytes;

pub use batch::verify_each;

/// Domain separation tag of proofs.
const DST: &[u8] = b"THINKEY_VRF_BLS12381G1_XMD:SHA-256_SSWU_RO_";

const OUTPUT: Domain = Domain::new("thinkey.vrf.output");

/// Proof of an output: a compressed point of G1. Any 48 bytes travel as one; only [`verify`] says
/// whether they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Proof([u8; 48]);

plain_bytes!(Proof, 48);

/// What a key draws for an input: looks random to all who lack its secret, and is only ever
/// this. Made from a checked proof or with the secret itself, but for [`Output::claimed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output(Hash);

impl Output {
    /// Its 32 bytes.
    pub const fn as_hash(&self) -> &Hash {
        &self.0
    }

    /// The output that a proof stands for, if it holds: for checks that come before the pairing,
    /// and for proofs that were verified before.
    pub fn claimed(proof: &Proof) -> Self {
        Self::of(proof)
    }

    fn of(proof: &Proof) -> Self {
        Self(hash(OUTPUT, &[&proof.0]))
    }
}

/// The key's output for `input`, and its proof.
pub fn prove(secret: &SecretKey, input: &Hash) -> (Output, Proof) {
    let proof = Proof(*secret.sign_with(input.as_bytes(), DST).as_bytes());
    (Output::of(&proof), proof)
}

/// The key's output for `input`, if `proof` is its proof.
///
/// # Errors
/// What is wrong with the proof; see [`SignatureError`].
pub fn verify(key: &PublicKey, input: &Hash, proof: &Proof) -> Result<Output, SignatureError> {
    key.verify_with(input.as_bytes(), &Signature::from(proof.0), DST)?;
    Ok(Output::of(proof))
}
