//! Coefficients of batch verification.
//!
//! A batch adds up its equations, each multiplied by a coefficient of its own. That proves every
//! equation only if whoever chose the signatures could not know the coefficients. This crate
//! takes no randomness from the system, so they come from SHA3-256 in counter mode, keyed by
//! H(secret ‖ all items of the batch). Sound for two independent reasons:
//!
//! * who does not know the caller's secret can't predict any output, even for a batch that he
//!   chose whole;
//! * if the secret leaks, or is a constant in a simulation, the coefficients are still fixed only
//!   after every key, signature and message is (Fiat–Shamir): errors that cancel are found by
//!   trying some 2^127 batches.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

use crate::hash::{Domain, Hash, hash};

#[cfg(test)]
mod tests;

const SEED: Domain = Domain::new("thinkey.batch.seed");
const STREAM: Domain = Domain::new("thinkey.batch.stream");

/// The stream of coefficients of one batch.
pub(crate) struct Coefficients {
    seed: Hash,
    blocks: u64,
}

impl Coefficients {
    /// The stream for items with these digests; a digest binds key, signature and message.
    pub(crate) fn new<'a>(secret: &[u8; 32], items: impl Iterator<Item = &'a Hash>) -> Self {
        let mut hasher = crate::Hasher::new(SEED);
        hasher.update(secret);
        for digest in items {
            hasher.update(digest.as_bytes());
        }
        Self {
            seed: hasher.finish(),
            blocks: 0,
        }
    }

    fn next_block(&mut self) -> Hash {
        let block = hash(STREAM, &[self.seed.as_bytes(), &self.blocks.to_le_bytes()]);
        self.blocks += 1;
        block
    }
}

impl TryRng for Coefficients {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let block = self.next_block();
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Coefficients {}
