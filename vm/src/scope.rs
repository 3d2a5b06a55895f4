//! A run's state outside of its instance, and access to the instance's memory.

use crate::{Entry, Host, Trap};

/// What a run has besides its instance.
pub(crate) struct Run<'h> {
    pub(crate) host: &'h mut dyn Host,
    pub(crate) entry: Entry,
    /// What `reply` set.
    pub(crate) reply: Vec<u8>,
    /// Why a host function ended the run.
    pub(crate) trap: Option<Trap>,
    /// Gas given to outputs.
    pub(crate) given: u64,
    pub(crate) outputs: u32,
    pub(crate) events: u32,
}

impl<'h> Run<'h> {
    pub(crate) fn new(host: &'h mut dyn Host, entry: Entry) -> Self {
        Self {
            host,
            entry,
            reply: Vec::new(),
            trap: None,
            given: 0,
            outputs: 0,
            events: 0,
        }
    }
}

/// What one call of a host function works on; the same for every engine.
pub(crate) struct Scope<'a, 'h> {
    pub(crate) memory: &'a mut [u8],
    /// What is left; never below zero here.
    pub(crate) gas: u64,
    pub(crate) run: &'a mut Run<'h>,
}

impl Scope<'_, '_> {
    /// Takes gas.
    pub(crate) fn charge(&mut self, gas: u64) -> Result<(), Trap> {
        self.gas = self.gas.checked_sub(gas).ok_or(Trap::OutOfGas)?;
        Ok(())
    }

    /// Bytes of the memory.
    pub(crate) fn read(&self, pointer: u64, length: u64) -> Result<&[u8], Trap> {
        read(self.memory, pointer, length)
    }

    /// Bytes of the memory, as many as the result has.
    pub(crate) fn read_array<const N: usize>(&self, pointer: u64) -> Result<[u8; N], Trap> {
        let bytes = self.read(pointer, N as u64)?;
        bytes.try_into().map_err(|_| Trap::MemoryOutOfBounds)
    }

    /// Writes to the memory.
    pub(crate) fn write(&mut self, pointer: u64, bytes: &[u8]) -> Result<(), Trap> {
        write(self.memory, pointer, bytes)
    }
}

/// Bytes of a memory.
pub(crate) fn read(memory: &[u8], pointer: u64, length: u64) -> Result<&[u8], Trap> {
    let range = range(pointer, length)?;
    memory.get(range).ok_or(Trap::MemoryOutOfBounds)
}

/// Writes to a memory.
pub(crate) fn write(memory: &mut [u8], pointer: u64, bytes: &[u8]) -> Result<(), Trap> {
    let range = range(pointer, bytes.len() as u64)?;
    let place = memory.get_mut(range).ok_or(Trap::MemoryOutOfBounds)?;
    place.copy_from_slice(bytes);
    Ok(())
}

fn range(pointer: u64, length: u64) -> Result<std::ops::Range<usize>, Trap> {
    let end = pointer.checked_add(length);
    let end = end.and_then(|end| usize::try_from(end).ok());
    let start = usize::try_from(pointer).ok();
    start
        .zip(end)
        .map(|(start, end)| start..end)
        .ok_or(Trap::MemoryOutOfBounds)
}
