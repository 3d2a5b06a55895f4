//! A disk in memory: without faults a plain memory directory, with faults a bad disk.
//!
//! Deterministic: the caller says which operation fails, and seeds what a crash keeps.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{FileAction, FileError, LogDir, LogFile};

/// What a sector is to a disk: written whole or not at all.
const SECTOR: usize = 512;

/// What goes wrong in one operation that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// No space left; an append writes half of its bytes.
    Full,
    /// The device reports an error. A sync that fails has lost what was not synced for good, even
    /// if a later one succeeds.
    Io,
    /// Power fails right after the operation: it and all later ones fail until [`SimDisk::crash`].
    PowerLoss,
}

/// A simulated disk with one directory; clones are handles to the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<u64, Bytes>,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    /// What names were after each operation since the last directory sync.
    unsynced_names: Vec<BTreeMap<String, u64>>,
    next_file: u64,
    writes: u64,
    faults: BTreeMap<u64, DiskFault>,
    power_lost: bool,
}

/// The bytes of one file.
#[derive(Clone, Debug, Default)]
struct Bytes {
    live: Vec<u8>,
    synced: usize,
    /// What was durable before an unsynced cut.
    before_cut: Option<Vec<u8>>,
    /// A failed sync lost everything from here on, whatever later syncs say. \[F3\]
    lost_from: Option<usize>,
}

impl SimDisk {
    /// An empty disk without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The operation that writes after `skip` more of them fails with `fault`.
    pub fn fail_after(&self, skip: u64, fault: DiskFault) {
        let mut state = self.state();
        let at = state.writes + skip;
        state.faults.insert(at, fault);
    }

    /// How many operations that write there were: made, named, appended, cut, synced.
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// Flips bits of a file, synced or not: a bad disk.
    pub fn damage(&self, name: &str, offset: u64, mask: u8) {
        let mut state = self.state();
        let bytes = state
            .names
            .get(name)
            .copied()
            .and_then(|id| state.files.get_mut(&id));
        if let Some(byte) = bytes.and_then(|bytes| bytes.live.get_mut(offset as usize)) {
            *byte ^= mask;
        }
    }

    /// Power is lost and comes back: the disk that is found then, and healthy.
    ///
    /// What was synced is there. Of what was not, `seed` decides: nothing, the first part, some
    /// sectors with zeros between them, or all with some bits flipped. Names that were not synced
    /// are those after some earlier operation.
    pub fn crash(&self, seed: u64) -> Self {
        let state = self.state();
        let mut dice = Dice(seed);
        let pick = dice.below(state.unsynced_names.len() + 1);
        let names = match pick.checked_sub(1) {
            Some(kept) => state
                .unsynced_names
                .get(kept)
                .unwrap_or(&state.durable_names),
            None => &state.durable_names,
        };
        let mut survived = State {
            names: names.clone(),
            ..State::default()
        };
        survived.durable_names = survived.names.clone();
        survived.next_file = state.next_file;
        for (id, bytes) in &state.files {
            let after = bytes.after_crash(&mut dice);
            survived.files.insert(*id, after);
        }
        Self {
            state: Arc::new(Mutex::new(survived)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an operation that writes, and says what goes wrong in it.
    fn fault(&mut self) -> Option<DiskFault> {
        let fault = self.faults.remove(&self.writes);
        self.writes += 1;
        if self.power_lost || fault == Some(DiskFault::PowerLoss) {
            let first = !self.power_lost;
            self.power_lost = true;
            return first
                .then_some(DiskFault::PowerLoss)
                .or(Some(DiskFault::Io));
        }
        fault
    }

    /// Runs an operation on names; one that is cut off by a power loss may still have happened.
    fn name_operation<T>(
        &mut self,
        action: FileAction,
        operation: impl FnOnce(&mut Self) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        match self.fault() {
            Some(DiskFault::PowerLoss) => drop(operation(self)?),
            Some(fault) => return Err(fault.error(action)),
            None => {
                let done = operation(self)?;
                self.unsynced_names.push(self.names.clone());
                return Ok(done);
            }
        }
        self.unsynced_names.push(self.names.clone());
        Err(DiskFault::PowerLoss.error(action))
    }
}

impl DiskFault {
    fn error(self, action: FileAction) -> FileError {
        match self {
            Self::Full => FileError::Full,
            Self::Io | Self::PowerLoss => FileError::Io {
                action,
                kind: ErrorKind::Other,
            },
        }
    }
}

impl Bytes {
    fn after_crash(&self, dice: &mut Dice) -> Self {
        if let Some(before) = self.before_cut.as_ref().filter(|_| dice.below(2) == 0) {
            return Self::durable(before.clone());
        }
        let safe = self.lost_from.unwrap_or(self.synced).min(self.synced);
        let (kept, tail) = self.live.split_at(safe.min(self.live.len()));
        Self::durable([kept, &torn(tail, safe, dice)].concat())
    }

    fn durable(live: Vec<u8>) -> Self {
        Self {
            synced: live.len(),
            live,
            ..Self::default()
        }
    }
}

/// What is left of unsynced bytes that begin at `offset` of their file.
fn torn(tail: &[u8], offset: usize, dice: &mut Dice) -> Vec<u8> {
    let mut left = tail.to_vec();
    match dice.below(4) {
        0 => left.clear(),
        1 => left.truncate(dice.below(tail.len() + 1)),
        2 => {
            let mut lost = false;
            for (i, byte) in left.iter_mut().enumerate() {
                if i == 0 || (offset + i).is_multiple_of(SECTOR) {
                    lost = dice.below(2) == 0;
                }
                *byte = if lost { 0 } else { *byte };
            }
        }
        _ => {
            for _ in 0..dice.below(4) {
                let at = dice.below(left.len().max(1));
                let mask = 1 << dice.below(8);
                left.iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|byte| *byte ^= mask);
            }
        }
    }
    left
}

impl LogDir for SimDisk {
    fn names(&self) -> Result<Vec<String>, FileError> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> Result<Box<dyn LogFile>, FileError> {
        let id = self.state().names.get(name).copied();
        let id = id.ok_or(FileError::Missing {
            action: FileAction::Open,
        })?;
        Ok(Box::new(SimFile {
            disk: self.clone(),
            id,
        }))
    }

    fn create(&self, name: &str) -> Result<Box<dyn LogFile>, FileError> {
        let id = self.state().name_operation(FileAction::Create, |state| {
            if state.names.contains_key(name) {
                return Err(FileError::Exists);
            }
            let id = state.next_file;
            state.next_file += 1;
            state.files.insert(id, Bytes::default());
            state.names.insert(name.to_owned(), id);
            Ok(id)
        })?;
        Ok(Box::new(SimFile {
            disk: self.clone(),
            id,
        }))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        self.state().name_operation(FileAction::Rename, |state| {
            let id = state.names.remove(from);
            let id = id.ok_or(FileError::Missing {
                action: FileAction::Rename,
            })?;
            state.names.insert(to.to_owned(), id);
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        self.state().name_operation(FileAction::Remove, |state| {
            let removed = state.names.remove(name);
            removed.map(drop).ok_or(FileError::Missing {
                action: FileAction::Remove,
            })
        })
    }

    fn sync(&self) -> Result<(), FileError> {
        let mut state = self.state();
        if let Some(fault) = state.fault() {
            return Err(fault.error(FileAction::Sync));
        }
        state.durable_names = state.names.clone();
        state.unsynced_names.clear();
        Ok(())
    }
}

/// A handle to one file.
struct SimFile {
    disk: SimDisk,
    id: u64,
}

impl SimFile {
    /// Runs an operation on the bytes after counting it.
    fn write(
        &self,
        action: FileAction,
        operation: impl FnOnce(&mut Bytes, Option<DiskFault>),
    ) -> Result<(), FileError> {
        let mut state = self.disk.state();
        let dead = state.power_lost;
        let fault = state.fault();
        let bytes = state.files.get_mut(&self.id).filter(|_| !dead);
        if let Some(bytes) = bytes {
            operation(bytes, fault);
        }
        fault.map_or(Ok(()), |fault| Err(fault.error(action)))
    }

    fn bytes<T>(&self, read: impl FnOnce(&Bytes) -> T) -> Option<T> {
        self.disk.state().files.get(&self.id).map(read)
    }
}

impl LogFile for SimFile {
    fn len(&self) -> u64 {
        self.bytes(|bytes| bytes.live.len() as u64).unwrap_or(0)
    }

    fn append(&mut self, new: &[u8]) -> Result<(), FileError> {
        self.write(FileAction::Append, |bytes, fault| {
            let written = match fault {
                None | Some(DiskFault::PowerLoss) => new.len(),
                Some(DiskFault::Full | DiskFault::Io) => new.len() / 2,
            };
            bytes.live.extend(new.iter().take(written));
        })
    }

    fn sync(&mut self) -> Result<(), FileError> {
        self.write(FileAction::Sync, |bytes, fault| match fault {
            None => {
                bytes.synced = bytes.live.len();
                bytes.before_cut = None;
            }
            Some(DiskFault::PowerLoss) => {}
            Some(_) => {
                bytes.lost_from.get_or_insert(bytes.synced);
            }
        })
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), FileError> {
        let read = self.bytes(|bytes| {
            let from = usize::try_from(offset).ok()?;
            let found = bytes.live.get(from..from.checked_add(out.len())?)?;
            out.copy_from_slice(found);
            Some(())
        });
        let action = FileAction::Read;
        read.flatten().ok_or(FileError::Io {
            action,
            kind: ErrorKind::UnexpectedEof,
        })
    }

    fn truncate(&mut self, len: u64) -> Result<(), FileError> {
        self.write(FileAction::Truncate, |bytes, fault| {
            if matches!(fault, Some(DiskFault::Full | DiskFault::Io)) {
                return;
            }
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            if len < bytes.synced {
                let durable = bytes.live.iter().take(bytes.synced).copied().collect();
                bytes.before_cut.get_or_insert(durable);
                bytes.synced = len;
            }
            bytes.live.truncate(len);
        })
    }
}

/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is at least 1.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
