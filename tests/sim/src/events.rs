//! What happens when: a queue in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use types::Time;

/// Events by time; those of one time in the order in which they were put.
pub(crate) struct Events<T> {
    heap: BinaryHeap<Reverse<(Time, u64)>>,
    waiting: BTreeMap<u64, T>,
    next: u64,
}

impl<T> Default for Events<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            waiting: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<T> Events<T> {
    pub(crate) fn put(&mut self, at: Time, event: T) {
        self.heap.push(Reverse((at, self.next)));
        self.waiting.insert(self.next, event);
        self.next += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<(Time, T)> {
        let Reverse((at, number)) = self.heap.pop()?;
        Some((at, self.waiting.remove(&number)?))
    }
}
