//! A bounded cache: what was used last stays longest.

use std::collections::BTreeMap;

/// Values by key, of some size together.
#[derive(Debug)]
pub(super) struct Shelf<K, V> {
    /// The most that all may be together.
    bound: usize,
    values: BTreeMap<K, Kept<V>>,
    /// By last use.
    uses: BTreeMap<u64, K>,
    clock: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    size: usize,
    used: u64,
}

impl<K: Copy + Ord, V: Clone> Shelf<K, V> {
    pub(super) const fn new(bound: usize) -> Self {
        Self {
            bound,
            values: BTreeMap::new(),
            uses: BTreeMap::new(),
            clock: 0,
            bytes: 0,
        }
    }

    /// How many values there are, and their size together.
    pub(super) fn kept(&self) -> (usize, usize) {
        (self.values.len(), self.bytes)
    }

    pub(super) fn take(&mut self, key: &K) -> Option<V> {
        let kept = self.values.get_mut(key)?;
        self.uses.remove(&kept.used);
        self.clock += 1;
        kept.used = self.clock;
        self.uses.insert(self.clock, *key);
        Some(kept.value.clone())
    }

    /// Keeps a value unless it is larger than all may be together; drops those used longest ago.
    pub(super) fn put(&mut self, key: K, value: V, size: usize) {
        if size > self.bound || self.values.contains_key(&key) {
            return;
        }
        while self.bytes + size > self.bound {
            self.drop_oldest();
        }
        self.clock += 1;
        let used = self.clock;
        self.bytes += size;
        self.uses.insert(used, key);
        self.values.insert(key, Kept { value, size, used });
    }

    fn drop_oldest(&mut self) {
        let oldest = self.uses.pop_first();
        let kept = oldest.and_then(|(_, key)| self.values.remove(&key));
        self.bytes = kept.map_or(0, |kept| self.bytes - kept.size);
    }
}
