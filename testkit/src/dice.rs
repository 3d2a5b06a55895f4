//! Chance that follows from a seed.

use crypto::{Domain, Hash, hash};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

const STREAM: Domain = Domain::new("thinkey/testkit/dice");

/// A stream of numbers.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let key = hash(STREAM, &[&seed.to_le_bytes()]);
        Self(ChaCha8Rng::from_seed(*key.as_bytes()))
    }

    /// A place in a list of so many, which are not none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.0.next_u64() % count.max(1) as u64) as usize
    }

    pub(crate) fn hash(&mut self) -> Hash {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        Hash::from(bytes)
    }
}
