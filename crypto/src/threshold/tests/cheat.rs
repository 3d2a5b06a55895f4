//! A dealer who writes what he likes, with a proof that holds.

use blstrs::{G1Affine, Scalar};
use borsh::{BorshDeserialize, BorshSerialize};
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit};
use group::prime::PrimeCurveAffine;

use super::*;
use crate::hash::{Domain, Hash, hash, hash_borsh};
use crate::threshold::proof::prove_dealer;
use crate::threshold::scalar::{SecretScalar, hash_to_scalar};

pub(super) const CONTEXT: Hash = Hash::new([0xc0; 32]);
pub(super) const DEALER: u16 = 3;

const PROOF: Domain = Domain::new("thinkey.dealing.proof");
const KEY: Domain = Domain::new("thinkey.dealing.key");

/// A dealing with its fields open, encoded like the real one.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
pub(super) struct Forged {
    pub(super) commitment: Vec<[u8; 96]>,
    pub(super) ephemeral: [u8; 48],
    pub(super) proof: [u8; 96],
    pub(super) ciphertexts: Vec<[u8; 48]>,
}

pub(super) fn recipients(seats: u8) -> (Vec<DecryptionKey>, Vec<EncryptionKey>) {
    let secrets: Vec<_> = (1..=seats)
        .map(|seed| DecryptionKey::from_seed(&[seed; 32]))
        .collect();
    let keys = secrets.iter().map(|secret| *secret.public()).collect();
    (secrets, keys)
}

pub(super) fn terms(threshold: u16, keys: &[EncryptionKey]) -> Terms<'_> {
    Terms {
        context: &CONTEXT,
        dealer: DEALER,
        threshold,
        keys,
    }
}

/// The secret of the ephemeral key of all forged dealings.
pub(super) fn ephemeral_secret() -> SecretScalar {
    let domain = Domain::new("thinkey.test.ephemeral");
    SecretScalar::new(hash_to_scalar(domain, &[]))
}

impl Forged {
    /// What an honest dealer with this polynomial would send, written down independently.
    pub(super) fn honest(polynomial: &Polynomial, terms: &Terms<'_>) -> Self {
        let r = ephemeral_secret();
        let ephemeral = G1Affine::from(G1Affine::generator() * *r);
        let mut forged = Self {
            commitment: polynomial.commit().to_points(),
            ephemeral: ephemeral.to_compressed(),
            proof: [0; 96],
            ciphertexts: vec![[0; 48]; terms.keys.len()],
        };
        for (seat, _) in (1..).zip(terms.keys) {
            let share = polynomial.share(super::seat(seat)).unwrap();
            forged.seal(terms, seat, &share.to_bytes());
        }
        forged.prove(polynomial.secret(), &r, terms);
        forged
    }

    /// Encrypts any 32 bytes to a seat.
    pub(super) fn seal(&mut self, terms: &Terms<'_>, seat: u16, plain: &[u8; 32]) {
        let key = &terms.keys[usize::from(seat) - 1];
        let point = G1Affine::from_compressed(&key.to_bytes()).unwrap();
        let shared = G1Affine::from(point * *ephemeral_secret()).to_compressed();
        let context = terms.context.as_bytes();
        let (dealer, number) = (terms.dealer.to_le_bytes(), seat.to_le_bytes());
        let ek = key.to_bytes();
        let parts: [&[u8]; 6] = [&shared, &self.ephemeral, &ek, context, &dealer, &number];
        let cipher = ChaCha20Poly1305::new(hash(KEY, &parts).as_bytes().into());
        let sealed = cipher.encrypt(&[0; 12].into(), plain.as_slice()).unwrap();
        self.ciphertexts[usize::from(seat) - 1] = sealed.try_into().unwrap();
    }

    /// Proves as well as it can be done with these secrets.
    pub(super) fn prove(&mut self, a: SecretScalar, r: &SecretScalar, terms: &Terms<'_>) {
        let parts = (&self.commitment, &self.ephemeral, &self.ciphertexts);
        let whom = (terms.context, terms.dealer, terms.keys);
        let statement = hash_borsh(PROOF, &(whom, parts));
        self.proof = *prove_dealer(PROOF, &a, r, &[statement.as_bytes()]).as_bytes();
    }

    pub(super) fn dealing(&self) -> Dealing {
        borsh::from_slice(&borsh::to_vec(self).unwrap()).unwrap()
    }
}

pub(super) fn open(dealing: &Dealing) -> Forged {
    borsh::from_slice(&borsh::to_vec(dealing).unwrap()).unwrap()
}

pub(super) fn zero() -> SecretScalar {
    SecretScalar::new(Scalar::from(0))
}
