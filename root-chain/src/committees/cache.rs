//! Decoded committees: a key of 96 bytes costs a subgroup check, and the same committees certify
//! anchor after anchor.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use types::{ChainId, Committee, Epoch};

use super::{MEMBERS, account_id, key};
use crate::slots::Slots;

/// Committees that are kept decoded at most.
const MOST: usize = 512;

type Decoded = BTreeMap<(Epoch, ChainId), (Box<[u8]>, Arc<Committee>)>;

/// Committees decoded before, shared between clones.
///
/// What is given out always has the encoding that the state at hand holds, so states that differ,
/// as those of competing blocks do, never get each other's.
#[derive(Clone, Debug, Default)]
pub struct CommitteeCache(Arc<Mutex<Decoded>>);

impl CommitteeCache {
    /// The committee of a chain's epoch as `slots` hold it.
    pub fn get(&self, slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Option<Arc<Committee>> {
        let encoded = slots.slot(&account_id(), &key(MEMBERS, chain, epoch))?;
        let mut decoded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((bytes, committee)) = decoded.get(&(epoch, chain))
            && **bytes == *encoded
        {
            return Some(committee.clone());
        }
        let committee: Arc<Committee> = Arc::new(borsh::from_slice(encoded).ok()?);
        decoded.insert((epoch, chain), (encoded.into(), committee.clone()));
        if decoded.len() > MOST {
            decoded.pop_first();
        }
        Some(committee)
    }
}
