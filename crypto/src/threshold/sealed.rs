//! Encryption of one share: ChaCha20-Poly1305 under a key that is used once.

use blstrs::G1Affine;
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Nonce};
use zeroize::Zeroizing;

use super::{EncryptionKey, Seat};
use crate::hash::{Domain, Hash, hash};

const KEY: Domain = Domain::new("thinkey.dealing.key");

/// An encrypted share: 32 bytes and a tag of 16.
pub(super) type Sealed = [u8; 48];

/// What besides the shared point determines the key of a ciphertext.
pub(super) struct Envelope<'a> {
    pub(super) context: &'a Hash,
    pub(super) dealer: u16,
    pub(super) ephemeral: &'a G1Affine,
    pub(super) key: &'a EncryptionKey,
}

impl Envelope<'_> {
    /// The cipher for a seat. Its key is bound to dealing, recipient and seat, so that a
    /// ciphertext opens nowhere else, and encrypts nothing twice: the nonce is zero.
    pub(super) fn cipher(&self, shared: &G1Affine, seat: Seat) -> ChaCha20Poly1305 {
        let shared = Zeroizing::new(shared.to_compressed());
        let parts: [&[u8]; 6] = [
            &*shared,
            &self.ephemeral.to_compressed(),
            &self.key.to_bytes(),
            self.context.as_bytes(),
            &self.dealer.to_le_bytes(),
            &seat.number().to_le_bytes(),
        ];
        let key = Zeroizing::new(*hash(KEY, &parts).as_bytes());
        ChaCha20Poly1305::new(key.as_slice().into())
    }
}

pub(super) fn seal(cipher: &ChaCha20Poly1305, share: &[u8; 32]) -> Sealed {
    let sealed = cipher.encrypt(&Nonce::<ChaCha20Poly1305>::default(), share.as_slice());
    match sealed.map(Sealed::try_from) {
        Ok(Ok(sealed)) => sealed,
        _ => unreachable!("32 bytes encrypt to 48"),
    }
}

/// The share's bytes; `None` where the ciphertext is not one under this key.
pub(super) fn open(cipher: &ChaCha20Poly1305, sealed: &Sealed) -> Option<Zeroizing<[u8; 32]>> {
    let nonce = Nonce::<ChaCha20Poly1305>::default();
    let opened = cipher.decrypt(&nonce, sealed.as_slice()).ok()?;
    let opened = Zeroizing::new(opened);
    opened.as_slice().try_into().ok().map(Zeroizing::new)
}
