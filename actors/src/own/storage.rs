//! The account's own storage. [G11] [G13]

use std::ops::Bound;
use std::sync::Arc;

use store::Key;
use types::FailureCode;

use crate::contract::{Contract, deposit};
use crate::slots::{first_slot, key_of, slot};
use crate::{Own, Slot, gas};

impl Own<'_> {
    /// Reads a slot of a system account's storage.
    ///
    /// # Errors
    /// `OutOfGas`.
    pub fn get(&mut self, key: &Key) -> Result<Option<Arc<[u8]>>, FailureCode> {
        self.charge(gas::LOAD)?;
        let bytes = self.slot(key).map(|slot| slot.0.clone());
        self.charge(gas::bytes(bytes.as_ref().map_or(0, |bytes| bytes.len())))?;
        Ok(bytes)
    }

    /// Writes a slot of a system account's storage; `None` removes it.
    ///
    /// # Errors
    /// `OutOfGas`; `Rejected` when the account has code, whose keys are [`Self::store`]'s.
    pub fn put(&mut self, key: Key, value: Option<Vec<u8>>) -> Result<(), FailureCode> {
        if self.left.contract.is_some() {
            return Err(FailureCode::Rejected);
        }
        let length = value.as_ref().map_or(0, Vec::len);
        self.charge(gas::STORE.saturating_add(gas::bytes(length)))?;
        let slot = value.map(|bytes| Slot(bytes.into()));
        self.left.writes.insert(key, slot);
        Ok(())
    }

    /// What code stored under a key. The engine charges for it.
    pub fn load(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        self.slot(&slot(key)?).map(|slot| slot.0.clone())
    }

    /// Stores a value under a key of 1 to 31 bytes; `None` removes it. Whether there was one. The
    /// engine charges for it; the deposit is locked in the balance, or free again.
    ///
    /// # Errors
    /// `Deposit`; `Rejected` for another key, in views, and for accounts without code.
    pub fn store(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<bool, FailureCode> {
        let key = slot(key).ok_or(FailureCode::Rejected)?;
        self.set(key, value.map(|bytes| Slot(bytes.into())))
    }

    /// The least key above `after`, or of all, that begins with `prefix`.
    ///
    /// Charges for the slots that it passes over: those that are not the code's own, and those
    /// removed in this block.
    ///
    /// # Errors
    /// `OutOfGas`.
    pub fn next(
        &mut self,
        after: Option<&[u8]>,
        prefix: &[u8],
    ) -> Result<Option<Vec<u8>>, FailureCode> {
        let Some(least) = first_slot(prefix) else {
            return Ok(None);
        };
        let mut from = Bound::Included(least);
        if let Some(after) = after.and_then(slot).filter(|after| *after >= least) {
            from = Bound::Excluded(after);
        }
        let (found, passed) = self.seek(from, prefix);
        self.charge(gas::SKIP.saturating_mul(passed))?;
        Ok(found)
    }

    /// The first key from `from` on, and how many slots were passed over; gives up when gas does
    /// not pay for more.
    fn seek(&self, from: Bound<Key>, prefix: &[u8]) -> (Option<Vec<u8>>, u64) {
        let range = (from, Bound::Unbounded);
        let mut stored = self.account.storage.range(range).map(|(key, _)| key);
        let mut written = self.written.range(range).map(|(key, _)| key);
        let mut writes = self.left.writes.range(range).map(|(key, _)| key);
        let mut heads = [stored.next(), written.next(), writes.next()];
        let most = self.gas_left() / gas::SKIP + 1;
        let mut passed = 0;
        while let Some(key) = heads.iter().flatten().min().copied() {
            if !key.starts_with(prefix) {
                break;
            }
            let own = key_of(key).filter(|own| own.starts_with(prefix));
            if let (Some(own), Some(_)) = (own, self.slot(key)) {
                return (Some(own.to_vec()), passed);
            }
            passed += 1;
            if passed > most {
                break;
            }
            let [first, second, third] = &mut heads;
            step(first, key, || stored.next());
            step(second, key, || written.next());
            step(third, key, || writes.next());
        }
        (None, passed)
    }

    /// Sets a slot of an account with code, and locks or frees its deposit.
    pub(crate) fn set(&mut self, key: Key, value: Option<Slot>) -> Result<bool, FailureCode> {
        self.may_change()?;
        let before = self.slot(&key).map(|slot| slot.0.len());
        let after = value.as_ref().map(|slot| slot.0.len());
        let balance = self.left.balance;
        let contract = self.left.contract.as_deref_mut();
        let contract = contract.ok_or(FailureCode::Rejected)?;
        let mut resized: Contract = contract.clone();
        resized.resize(before, after);
        // Less than before is always allowed, even when the balance is too small for the rest.
        if resized.bytes > contract.bytes && balance < resized.locked() {
            return Err(FailureCode::Deposit);
        }
        debug_assert!(deposit(resized.bytes) <= resized.locked());
        *contract = resized;
        self.left.writes.insert(key, value);
        Ok(before.is_some())
    }
}

fn step<'k>(head: &mut Option<&'k Key>, key: &Key, next: impl FnOnce() -> Option<&'k Key>) {
    if *head == Some(key) {
        *head = next();
    }
}
