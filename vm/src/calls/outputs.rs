//! What leaves the account: messages, new accounts, new code, events.

use std::str;

use crypto::Hash;
use types::{AccountId, Amount};

use super::Work;
use super::storage::Place;
use crate::abi::{HANDLER_GAS_UNIT, WANTS_REPLY};
use crate::host::{Creation, Output, Sent};
use crate::scope::{Scope, read};
use crate::{Refusal, Trap, limits};

impl Scope<'_, '_> {
    fn hash(&self, pointer: u64) -> Result<Hash, Trap> {
        Ok(Hash::new(self.read_array(pointer)?))
    }

    fn amount(&self, pointer: u64) -> Result<Amount, Trap> {
        Ok(Amount(u128::from_le_bytes(self.read_array(pointer)?)))
    }

    /// Takes the gas that leaves with an output.
    fn give(&mut self, sent: Sent) -> Result<u64, Trap> {
        let left = self.gas.checked_sub(sent.gas);
        self.gas = left.ok_or(Trap::HostRefused(Refusal::Gas))?;
        self.run.given += sent.gas;
        Ok(sent.index.into())
    }
}

impl Work<'_, '_, '_> {
    /// One more output: there may be so many, of so many bytes.
    fn output(&mut self, bytes: u64) -> Result<(), Trap> {
        self.scope.run.outputs += 1;
        if self.scope.run.outputs > limits::OUTPUTS {
            return Err(Trap::HostRefused(Refusal::TooMany));
        }
        if bytes > limits::DATA as u64 {
            return Err(Trap::Argument);
        }
        self.bytes(bytes)
    }

    pub(super) fn send(&mut self, a: [u64; 9]) -> Result<u64, Trap> {
        let [
            to,
            value,
            gas,
            deadline,
            method,
            method_length,
            data,
            length,
            flags,
        ] = a;
        let wants_reply = flags & u64::from(WANTS_REPLY) != 0;
        let handler_gas = (flags >> 1).saturating_mul(HANDLER_GAS_UNIT);
        if method_length > limits::METHOD as u64 || (handler_gas > 0 && !wants_reply) {
            return Err(Trap::Argument);
        }
        self.output(length)?;
        let to = AccountId(self.scope.hash(to)?);
        let value = self.scope.amount(value)?;
        let scope = &mut *self.scope;
        let method = read(scope.memory, method, method_length)?;
        let output = Output {
            to,
            value,
            gas,
            deadline,
            method: str::from_utf8(method).map_err(|_| Trap::Argument)?,
            data: read(scope.memory, data, length)?,
            wants_reply,
            handler_gas,
        };
        let sent = scope.run.host.send(output, scope.gas);
        scope.give(sent.map_err(Trap::HostRefused)?)
    }

    pub(super) fn create(&mut self, a: [u64; 9]) -> Result<u64, Trap> {
        let [code, salt, value, gas, init, length, out, ..] = a;
        self.output(length)?;
        let code = self.scope.hash(code)?;
        let salt = self.scope.read_array(salt)?;
        let value = self.scope.amount(value)?;
        let scope = &mut *self.scope;
        let creation = Creation {
            code,
            salt,
            value,
            gas,
            init: read(scope.memory, init, length)?,
        };
        let created = scope.run.host.create(creation, scope.gas);
        let (id, sent) = created.map_err(Trap::HostRefused)?;
        scope.write(out, id.as_bytes())?;
        scope.give(sent)
    }

    pub(super) fn output_id(&mut self, index: u64, out: u64) -> Result<u64, Trap> {
        let index = u32::try_from(index).map_err(|_| Trap::Argument)?;
        let id = self.scope.run.host.output_id(index);
        let id = id.ok_or(Trap::HostRefused(Refusal::NoSuchOutput))?;
        self.put_out(out, id.as_bytes())
    }

    pub(super) fn remember(&mut self, index: u64, note: Place) -> Result<u64, Trap> {
        let index = u32::try_from(index).map_err(|_| Trap::Argument)?;
        if note.1 > limits::NOTE as u64 {
            return Err(Trap::Argument);
        }
        self.bytes(note.1)?;
        let scope = &mut *self.scope;
        let note = read(scope.memory, note.0, note.1)?;
        let remembers = scope.run.host.remember(index, note);
        remembers.map(|()| 0).map_err(Trap::HostRefused)
    }

    pub(super) fn become_code(&mut self, code: u64) -> Result<u64, Trap> {
        let code = self.scope.hash(code)?;
        let become_code = self.scope.run.host.become_code(code);
        become_code.map(|()| 0).map_err(Trap::HostRefused)
    }

    pub(super) fn drop_code(&mut self, code: u64) -> Result<u64, Trap> {
        let code = self.scope.hash(code)?;
        let dropped = self.scope.run.host.drop_code(code);
        dropped.map(|()| 0).map_err(Trap::HostRefused)
    }

    pub(super) fn emit(&mut self, topic: Place, data: Place) -> Result<u64, Trap> {
        if topic.1 > limits::TOPIC as u64 || data.1 > limits::EVENT as u64 {
            return Err(Trap::Argument);
        }
        self.scope.run.events += 1;
        if self.scope.run.events > limits::EVENTS {
            return Err(Trap::HostRefused(Refusal::TooMany));
        }
        self.bytes(topic.1 + data.1)?;
        let scope = &mut *self.scope;
        let topic = read(scope.memory, topic.0, topic.1)?;
        let data = read(scope.memory, data.0, data.1)?;
        let emitted = scope.run.host.emit(topic, data, scope.gas);
        scope.charge(emitted.map_err(Trap::HostRefused)?)?;
        Ok(0)
    }
}
