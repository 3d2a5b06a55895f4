//! State that is read and written piece by piece: what is not touched costs nothing.
//!
//! Keys of an account's storage begin with the number of the field:
//!
//! ```text
//! 0                     the fields that are neither cells nor maps, as one value
//! 1 + n                 a cell: field n of the struct
//! 1 + n, key            an entry of a map; 30 bytes of the hash of what is longer
//! ```

mod key;

use alloc::vec::Vec;
use core::marker::PhantomData;

pub use key::{Key, ReadKey};

use crate::{Decode, Encode, host};

/// Bytes of a slot's name at most.
const SLOT: usize = 31;
/// Where the plain fields are.
pub(crate) const PLAIN: &[u8] = &[0];

/// A value that is read when asked for and written when set.
pub struct Cell<T> {
    field: u8,
    holds: PhantomData<T>,
}

impl<T: Encode + Decode + Default> Cell<T> {
    #[doc(hidden)]
    pub const fn new(field: u8) -> Self {
        let holds = PhantomData;
        Self { field, holds }
    }

    /// The value; the default before the first [`Self::set`].
    pub fn get(&self) -> T {
        read(&[self.field]).unwrap_or_default()
    }

    /// Writes the value.
    pub fn set(&mut self, value: &T) {
        host::put(&[self.field], &value.to_bytes());
    }

    /// Removes the value and frees its deposit.
    pub fn take(&mut self) -> T {
        let value = self.get();
        host::delete(&[self.field]);
        value
    }

    /// Changes the value.
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.get();
        let result = change(&mut value);
        self.set(&value);
        result
    }
}

/// Values by key. Each entry is a slot of its own.
pub struct Map<K, V> {
    field: u8,
    holds: PhantomData<(K, V)>,
}

impl<K: Key, V: Encode + Decode> Map<K, V> {
    #[doc(hidden)]
    pub const fn new(field: u8) -> Self {
        let holds = PhantomData;
        Self { field, holds }
    }

    fn slot(&self, key: &K) -> Vec<u8> {
        let mut slot = Vec::with_capacity(2 * SLOT);
        slot.push(self.field);
        key.write(&mut slot);
        if slot.len() > SLOT {
            let hash = host::sha3(&slot);
            slot.truncate(1);
            slot.extend_from_slice(hash.split_at(2).1);
        }
        slot
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<V> {
        read(&self.slot(key))
    }

    /// Whether there is a value.
    pub fn contains(&self, key: &K) -> bool {
        host::get(&self.slot(key)).is_some()
    }

    /// Writes a value.
    pub fn insert(&mut self, key: &K, value: &V) {
        host::put(&self.slot(key), &value.to_bytes());
    }

    /// Removes a value and frees its deposit; whether there was one.
    pub fn remove(&mut self, key: &K) -> bool {
        host::delete(&self.slot(key))
    }

    /// Removes a value and returns it.
    pub fn take(&mut self, key: &K) -> Option<V> {
        let value = self.get(key)?;
        self.remove(key);
        Some(value)
    }

    /// The value of a key, or its type's default.
    pub fn get_or_default(&self, key: &K) -> V
    where
        V: Default,
    {
        self.get(key).unwrap_or_default()
    }

    /// Changes the value of a key that has one, and keeps it whatever it becomes; `None` without
    /// one.
    pub fn change<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> Option<R> {
        let slot = self.slot(key);
        let mut value = read(&slot)?;
        let result = change(&mut value);
        host::put(&slot, &value.to_bytes());
        Some(result)
    }

    /// Changes a value that begins with its type's default. A value that ends as the default is
    /// removed, so that nobody pays a deposit for zeros.
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default + PartialEq,
    {
        let slot = self.slot(key);
        let mut value = read(&slot).unwrap_or_default();
        let result = change(&mut value);
        if value == V::default() {
            host::delete(&slot);
        } else {
            host::put(&slot, &value.to_bytes());
        }
        result
    }

    /// All values in the order of their keys' bytes, or those from a key on: each step of the
    /// iterator reads one entry. What is inserted or removed on the way is seen or not by its key.
    pub fn values(&self) -> Values<V> {
        Values {
            prefix: self.field,
            after: Vec::new(),
            holds: PhantomData,
        }
    }

    /// All entries in the order of their keys' bytes, for keys that can be read back.
    pub fn entries(&self) -> impl Iterator<Item = (K, V)> + use<K, V>
    where
        K: ReadKey,
    {
        let mut values = self.values();
        core::iter::from_fn(move || {
            let value = values.next()?;
            let key = values.after.get(1..).and_then(K::read);
            Some((key.unwrap_or_else(corrupt), value))
        })
    }
}

/// The values of a [`Map`].
pub struct Values<V> {
    prefix: u8,
    after: Vec<u8>,
    holds: PhantomData<V>,
}

impl<V: Decode> Iterator for Values<V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        self.after = host::next(&self.after, &[self.prefix])?;
        read(&self.after)
    }
}

fn read<T: Decode>(key: &[u8]) -> Option<T> {
    let bytes = host::get(key)?;
    Some(T::from_bytes(&bytes).unwrap_or_else(corrupt))
}

/// State that this code did not write, for example after an upgrade to other types.
fn corrupt<T>() -> T {
    crate::abort("state does not decode")
}
