//! The account's storage: an ordered map of short keys.

use super::Work;
use super::account::NONE;
use crate::scope::{Scope, read, write};
use crate::{StorageKey, Trap, limits};

/// A pointer and a length.
pub(super) type Place = (u64, u64);

impl Scope<'_, '_> {
    fn key(&self, (pointer, length): Place) -> Result<StorageKey, Trap> {
        if length > limits::STORAGE_KEY as u64 {
            return Err(Trap::Argument);
        }
        StorageKey::new(self.read(pointer, length)?).ok_or(Trap::Argument)
    }
}

impl Work<'_, '_, '_> {
    pub(super) fn get(&mut self, key: Place, (out, cap): Place) -> Result<u64, Trap> {
        let key = self.scope.key(key)?;
        let Some(value) = self.scope.run.host.get(&key) else {
            return Ok(NONE);
        };
        let length = value.len() as u64;
        self.bytes(length)?;
        self.scope.write(out, read(&value, 0, length.min(cap))?)?;
        Ok(length)
    }

    pub(super) fn put(&mut self, key: Place, (value, length): Place) -> Result<u64, Trap> {
        if length > limits::STORAGE_VALUE as u64 {
            return Err(Trap::Argument);
        }
        self.bytes(length)?;
        let key = self.scope.key(key)?;
        let scope = &mut *self.scope;
        let value = read(scope.memory, value, length)?;
        scope.run.host.put(&key, value).map_err(Trap::HostRefused)?;
        Ok(0)
    }

    pub(super) fn delete(&mut self, key: Place) -> Result<u64, Trap> {
        let key = self.scope.key(key)?;
        let was = self.scope.run.host.delete(&key);
        was.map(u64::from).map_err(Trap::HostRefused)
    }

    pub(super) fn next(&mut self, after: Place, prefix: Place, out: u64) -> Result<u64, Trap> {
        let after = match after.1 {
            0 => None,
            _ => Some(self.scope.key(after)?),
        };
        if prefix.1 > limits::STORAGE_KEY as u64 {
            return Err(Trap::Argument);
        }
        let scope = &mut *self.scope;
        let prefix = read(scope.memory, prefix.0, prefix.1)?;
        let found = scope.run.host.next(after.as_ref(), prefix, scope.gas);
        let (key, gas) = found.map_err(Trap::HostRefused)?;
        scope.charge(gas)?;
        let Some(key) = key else {
            return Ok(NONE);
        };
        write(scope.memory, out, key.bytes())?;
        Ok(key.bytes().len() as u64)
    }
}
