//! A node's consensus keys: one for each term and chain in which it has a seat.

use std::sync::{PoisonError, RwLock};

use consensus::Seat;
use crypto::bls;
use types::Committee;

/// The consensus keys of a node.
pub trait Keyring: Send + Sync {
    /// The node's seat in a committee, if it has the key of one of its members.
    fn seat(&self, committee: &Committee) -> Option<Seat>;
}

/// Keys in memory, shared between those that make them and those that vote with them.
#[derive(Debug, Default)]
pub struct Keys(RwLock<Vec<(bls::PublicKey, bls::SecretKey)>>);

impl Keys {
    /// Keys that are known from the start.
    pub fn of(keys: impl IntoIterator<Item = bls::SecretKey>) -> Self {
        let pairs = keys.into_iter().map(|key| (key.public(), key));
        Self(RwLock::new(pairs.collect()))
    }

    /// Adds a key, before the committee that it is for is known here.
    pub fn add(&self, key: bls::SecretKey) {
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.push((key.public(), key));
    }

    /// Forgets a key: nothing can be signed with it any more.
    pub fn erase(&self, key: &bls::PublicKey) {
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|(public, _)| public != key);
    }
}

impl Keyring for Keys {
    fn seat(&self, committee: &Committee) -> Option<Seat> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find_map(|(public, key)| {
            let member = u16::try_from(committee.member_of(public)?).ok()?;
            let key = key.clone();
            Some(Seat { member, key })
        })
    }
}
