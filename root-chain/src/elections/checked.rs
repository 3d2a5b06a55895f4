//! Signatures that held before.
//!
//! A node meets a declaration when it takes it in, when it proposes it and when it checks a block
//! that holds it. Whether its signatures hold depends on nothing but what is hashed here, so the
//! pairings are computed once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crypto::Hash;

/// Statements that are remembered at most: all that may wait to be recorded, twice.
const MOST: usize = 8_192;

#[derive(Debug, Default)]
struct Remembered {
    held: BTreeSet<Hash>,
    order: VecDeque<Hash>,
}

/// What held, shared between clones; the oldest is forgotten first.
#[derive(Clone, Debug, Default)]
pub struct Checked(Arc<Mutex<Remembered>>);

impl Checked {
    /// Whether a statement held before or holds now. `statement` covers all that `check` reads.
    pub(crate) fn holds<E>(
        &self,
        statement: Hash,
        check: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let known = |memory: &Remembered| memory.held.contains(&statement);
        if known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        // Not under the lock: pairings take milliseconds.
        check()?;
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.held.insert(statement) {
            memory.order.push_back(statement);
        }
        if memory.order.len() > MOST
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.held.remove(&oldest);
        }
        Ok(())
    }
}
