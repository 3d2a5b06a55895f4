//! Seeds that this node has checked: one is judged when it arrives, when it is proposed and when
//! its block is checked, and is worth one pairing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crypto::bls::{PublicKey, Signature};
use crypto::{Domain, Hash, hash};

/// How many are remembered at most.
const MOST: usize = 1_024;

const PROVED: Domain = Domain::new("thinkey/beacon/proved");

/// Signatures that held, by a hash of key, message and signature; shared between clones. What is
/// remembered changes what a check costs and never its outcome.
#[derive(Clone, Debug, Default)]
pub(super) struct Proved(Arc<Mutex<BTreeSet<Hash>>>);

impl Proved {
    /// Whether a signature on a message holds under a key as stored.
    pub(super) fn holds(&self, key: &[u8; 96], message: &Hash, signature: &Signature) -> bool {
        let name = hash(PROVED, &[key, message.as_bytes(), signature.as_bytes()]);
        if self.set(|known| known.contains(&name)) {
            return true;
        }
        let key = PublicKey::from_bytes(key);
        let holds = key.is_ok_and(|key| key.verify(message.as_bytes(), signature).is_ok());
        if holds {
            self.set(|known| {
                if known.len() >= MOST {
                    known.clear();
                }
                known.insert(name);
            });
        }
        holds
    }

    fn set<T>(&self, act: impl FnOnce(&mut BTreeSet<Hash>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
