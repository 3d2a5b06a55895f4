//! Secrets of terms, each derived from what it is for, and gone for good after a while.
//!
//! A node that restarts derives the same keys again, so it never declares two keys for one seat.
//! That the same seed still makes them is what forward secrecy forbids. So the seed moves: that of
//! root epoch E + 1 is a hash of that of E, and once nothing of E is needed, the seed of E is
//! overwritten. Whoever steals the disk later finds no way back.
//!
//! The price: a backup of an early seed is worth all later keys. Keep none; what is lost with a
//! disk is a running term, not the stake.

use crypto::threshold::DecryptionKey;
use crypto::{Domain, Hash, bls, hash, hash_borsh};
use types::{ChainId, Epoch};
use zeroize::{Zeroize, Zeroizing};

use crate::staking::RootEpoch;

const STEP: Domain = Domain::new("thinkey/ratchet/step");
const CONSENSUS: Domain = Domain::new("thinkey/ratchet/consensus");
const DECRYPTION: Domain = Domain::new("thinkey/ratchet/decryption");
const DEALING: Domain = Domain::new("thinkey/ratchet/dealing");
const BLINDING: Domain = Domain::new("thinkey/ratchet/blinding");

/// A drawing by chain, term and attempt. Where an election is held again for a term, the one before
/// never served, so its keys may be made again.
pub type Seating = (ChainId, Epoch, u32);

/// The seed of a root epoch and of all later ones. To be kept encrypted.
#[derive(Clone, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Ratchet {
    epoch: RootEpoch,
    seed: [u8; 32],
}

impl Ratchet {
    /// Begins with 32 bytes of good randomness.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { epoch: 0, seed }
    }

    /// The earliest root epoch whose secrets can still be derived.
    pub const fn epoch(&self) -> RootEpoch {
        self.epoch
    }

    /// Makes the secrets of all root epochs below `epoch` unreachable; false when they are.
    pub fn advance(&mut self, epoch: RootEpoch) -> bool {
        let moves = self.epoch < epoch;
        while self.epoch < epoch {
            let next = hash(STEP, &[&self.seed]);
            self.seed.zeroize();
            self.seed = *next.as_bytes();
            self.epoch += 1;
        }
        moves
    }

    /// The consensus key for a drawing whose election counts stake in a root epoch; none when that
    /// is over.
    pub fn consensus_key(&self, epoch: RootEpoch, seating: Seating) -> Option<bls::SecretKey> {
        let secret = self.secret(epoch, CONSENSUS, &seating)?;
        Some(bls::SecretKey::from_seed(&secret))
    }

    /// What opens the shares dealt to the seats of that drawing.
    pub fn decryption_key(&self, epoch: RootEpoch, seating: Seating) -> Option<DecryptionKey> {
        let secret = self.secret(epoch, DECRYPTION, &seating)?;
        Some(DecryptionKey::from_seed(&secret))
    }

    /// What dealings of a key generation are made of; each is bound to its terms besides.
    pub fn dealing_seed(&self, epoch: RootEpoch, context: &Hash) -> Option<Zeroizing<[u8; 32]>> {
        self.secret(epoch, DEALING, &(ChainId::ROOT, context))
    }

    /// Unknown to everybody else; blinds batches of signature checks.
    pub(super) fn blinding(&self) -> [u8; 32] {
        *hash(BLINDING, &[&self.seed]).as_bytes()
    }

    fn secret(
        &self,
        epoch: RootEpoch,
        domain: Domain,
        purpose: &impl borsh::BorshSerialize,
    ) -> Option<Zeroizing<[u8; 32]>> {
        if epoch < self.epoch {
            return None;
        }
        let mut own = self.clone();
        own.advance(epoch);
        let seed = Zeroizing::new(own.seed);
        let purpose = borsh::to_vec(purpose).unwrap_or_default();
        let secret = hash_borsh(domain, &(&*seed, purpose));
        Some(Zeroizing::new(*secret.as_bytes()))
    }
}

impl Drop for Ratchet {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl std::fmt::Debug for Ratchet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ratchet at root epoch {}", self.epoch)
    }
}
