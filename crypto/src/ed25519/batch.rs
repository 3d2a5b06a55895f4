//! Many signatures at once.

use ed25519_zebra::VerificationKeyBytes;
use ed25519_zebra::batch::{Item, Verifier};
use rayon::prelude::*;

use super::{PublicKey, Signature, SignatureError};
use crate::coefficients::Coefficients;
use crate::hash::{Domain, Hash, hash};

const ITEM: Domain = Domain::new("thinkey.batch.ed25519");

/// From this many signatures on, the work is spread over rayon's threads.
const PARALLEL_FROM: usize = 256;

/// Chunks between these sizes: large ones cost less per signature, many share better.
const CHUNK: std::ops::RangeInclusive<usize> = 128..=1024;

/// A batch that fails is narrowed to parts of this size, and the parts that fail to singles.
///
/// Halving would cost a spammer less than us: two bad signatures in a hundred, evenly spread,
/// keep every half failing for five rounds. In one step, the worst case is bounded (see
/// [`Batch::verify_each`]) and one bad signature in a thousand costs the same as halving.
const PART: usize = 32;

/// Signatures waiting to be checked together, two to three times faster than one by one.
///
/// The verdict is the same as of [`PublicKey::verify`] on each, but for errors made to cancel,
/// which succeed with probability 2^-128 (see the `coefficients` module for why, though nothing
/// here is random). The order of additions inside the library depends on its hash map; sums
/// don't.
pub struct Batch {
    secret: [u8; 32],
    items: Vec<Queued>,
}

#[derive(Clone)]
struct Queued {
    digest: Hash,
    item: Item,
}

impl Batch {
    /// An empty batch. `secret` is something that senders of signatures don't know, such as 32
    /// random bytes drawn when the node starts; it may serve any number of batches.
    pub fn new(secret: [u8; 32]) -> Self {
        Self {
            secret,
            items: Vec::new(),
        }
    }

    /// Adds one signature. The message is hashed here and not kept.
    pub fn push(&mut self, key: PublicKey, signature: Signature, message: &[u8]) {
        let digest = hash(ITEM, &[&key.0, &signature.0, message]);
        let item = Item::from((
            VerificationKeyBytes::from(key.0),
            signature.decoded(),
            message,
        ));
        self.items.push(Queued { digest, item });
    }

    /// Signatures added.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True without signatures.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Checks that all signatures hold; an empty batch does.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] if any does not; nothing says which.
    pub fn verify(self) -> Result<(), SignatureError> {
        let all = self.chunks().all(|chunk| self.holds(chunk));
        if all {
            Ok(())
        } else {
            Err(SignatureError::Invalid)
        }
    }

    /// Checks each signature: one verdict per [`push`](Self::push), in order.
    ///
    /// A batch that fails is narrowed to the bad ones. At worst, a bad one in each part of 32,
    /// the batches cost about as much again as checking one by one.
    pub fn verify_each(self) -> Vec<bool> {
        self.chunks()
            .flat_map_iter(|chunk| self.judge(chunk))
            .collect()
    }

    fn chunks(&self) -> rayon::slice::Chunks<'_, Queued> {
        let size = match self.items.len() {
            few @ 0..PARALLEL_FROM => few.max(1),
            many => many
                .div_ceil(rayon::current_num_threads())
                .clamp(*CHUNK.start(), *CHUNK.end()),
        };
        self.items.par_chunks(size)
    }

    fn judge(&self, items: &[Queued]) -> Vec<bool> {
        if self.holds(items) {
            return vec![true; items.len()];
        }
        items
            .chunks(PART)
            .flat_map(|part| self.judge_part(part))
            .collect()
    }

    fn judge_part(&self, part: &[Queued]) -> Vec<bool> {
        if self.holds(part) {
            return vec![true; part.len()];
        }
        part.iter()
            .map(|queued| queued.item.clone().verify_single().is_ok())
            .collect()
    }

    fn holds(&self, items: &[Queued]) -> bool {
        let coefficients = Coefficients::new(&self.secret, items.iter().map(|q| &q.digest));
        let mut verifier = Verifier::new();
        for queued in items {
            verifier.queue(queued.item.clone());
        }
        verifier.verify(coefficients).is_ok()
    }
}
