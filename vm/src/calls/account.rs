//! What code learns about its account, the block and the message.

use super::Work;
use crate::host::Facts;
use crate::scope::{read, write};
use crate::{Trap, limits};

/// `-1` as an `i32`: there is none.
pub(super) const NONE: u64 = u32::MAX as u64;

impl Work<'_, '_, '_> {
    pub(super) fn facts(&self) -> &Facts {
        self.scope.run.host.facts()
    }

    /// Writes and answers 0, which functions without a result ignore.
    pub(super) fn put_out(&mut self, out: u64, bytes: &[u8]) -> Result<u64, Trap> {
        self.scope.write(out, bytes)?;
        Ok(0)
    }

    /// Writes if there is something; whether there was.
    fn put_maybe(&mut self, out: u64, bytes: Option<&[u8]>) -> Result<u64, Trap> {
        match bytes {
            Some(bytes) => self.put_out(out, bytes).map(|_| 1),
            None => Ok(0),
        }
    }

    pub(super) fn own_id(&mut self, out: u64) -> Result<u64, Trap> {
        let id = self.facts().own;
        self.put_out(out, id.as_bytes())
    }

    pub(super) fn balance(&mut self, out: u64) -> Result<u64, Trap> {
        let balance = self.scope.run.host.balance();
        self.put_out(out, &balance.0.to_le_bytes())
    }

    pub(super) fn deposit(&mut self, out: u64) -> Result<u64, Trap> {
        let deposit = self.scope.run.host.deposit();
        self.put_out(out, &deposit.0.to_le_bytes())
    }

    pub(super) fn seed(&mut self, out: u64) -> Result<u64, Trap> {
        let seed = self.scope.run.host.seed();
        self.put_maybe(out, seed.as_ref().map(|seed| &seed[..]))
    }

    pub(super) fn sender(&mut self, out: u64) -> Result<u64, Trap> {
        let id = self.facts().sender;
        self.put_out(out, id.as_bytes())
    }

    pub(super) fn value(&mut self, out: u64) -> Result<u64, Trap> {
        let value = self.facts().value;
        self.put_out(out, &value.0.to_le_bytes())
    }

    pub(super) fn method(&mut self, out: u64, cap: u64) -> Result<u64, Trap> {
        let length = self.scope.run.host.method().len() as u64;
        self.bytes(length)?;
        let scope = &mut *self.scope;
        let method = scope.run.host.method().as_bytes();
        write(scope.memory, out, read(method, 0, length.min(cap))?)?;
        Ok(length)
    }

    pub(super) fn input(&mut self, from: u64, out: u64, length: u64) -> Result<u64, Trap> {
        self.bytes(length)?;
        let scope = &mut *self.scope;
        let part = read(scope.run.host.input(), from, length).map_err(|_| Trap::Argument)?;
        write(scope.memory, out, part)?;
        Ok(0)
    }

    pub(super) fn trace(&mut self, out: u64) -> Result<u64, Trap> {
        let id = self.facts().trace;
        self.put_out(out, id.as_bytes())
    }

    pub(super) fn about(&mut self, out: u64) -> Result<u64, Trap> {
        let id = self.facts().about;
        self.put_maybe(out, id.as_ref().map(|id| &id.as_bytes()[..]))
    }

    pub(super) fn failure(&self) -> u64 {
        self.facts().failure.map_or(NONE, u64::from)
    }

    pub(super) fn remembered(&mut self, out: u64, cap: u64) -> Result<u64, Trap> {
        let length = self.scope.run.host.remembered().len() as u64;
        self.bytes(length)?;
        let scope = &mut *self.scope;
        let note = scope.run.host.remembered();
        write(scope.memory, out, read(note, 0, length.min(cap))?)?;
        Ok(length)
    }

    pub(super) fn reply(&mut self, data: u64, length: u64) -> Result<u64, Trap> {
        if length > limits::REPLY as u64 {
            return Err(Trap::Argument);
        }
        self.bytes(length)?;
        let reply = self.scope.read(data, length)?.to_vec();
        self.scope.run.reply = reply;
        Ok(0)
    }

    pub(super) fn abort(&mut self, text: u64, length: u64) -> Result<u64, Trap> {
        let length = length.min(limits::ABORT_TEXT as u64);
        self.bytes(length)?;
        let text = String::from_utf8_lossy(self.scope.read(text, length)?);
        Err(Trap::Abort(text.into()))
    }
}
