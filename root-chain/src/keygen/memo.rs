//! What was computed before, by a hash of all that it was computed from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crypto::Hash;

#[derive(Debug)]
struct Known<T> {
    values: BTreeMap<Hash, Arc<T>>,
    order: VecDeque<Hash>,
}

/// Values that cost much, shared between clones; the oldest is forgotten first. What is remembered
/// changes what a question costs and never its answer.
#[derive(Debug)]
pub(super) struct Memo<T> {
    most: usize,
    known: Arc<Mutex<Known<T>>>,
}

impl<T> Memo<T> {
    /// Holds so many at most.
    pub(super) fn holding(most: usize) -> Self {
        let known = Known {
            values: BTreeMap::new(),
            order: VecDeque::new(),
        };
        Self {
            most,
            known: Arc::new(Mutex::new(known)),
        }
    }

    /// The value of a name, made where it is not known; a failure is not remembered.
    pub(super) fn get<E>(
        &self,
        name: Hash,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = lock().values.get(&name) {
            return Ok(value.clone());
        }
        // Not under the lock: it takes milliseconds.
        let value = Arc::new(make()?);
        let mut known = lock();
        if known.values.insert(name, value.clone()).is_none() {
            known.order.push_back(name);
        }
        if known.order.len() > self.most
            && let Some(oldest) = known.order.pop_front()
        {
            known.values.remove(&oldest);
        }
        Ok(value)
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        Self {
            most: self.most,
            known: self.known.clone(),
        }
    }
}
