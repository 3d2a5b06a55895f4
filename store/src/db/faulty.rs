//! A database in memory that fails and crashes on command.

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::memory::{Columns, apply};
use super::{Batch, Column, Db, DbAction, DbError, MemoryDb, Scan, Visit};

/// What goes wrong in one commit or flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbFault {
    /// No space left.
    Full,
    /// The device reports an error.
    Io,
}

/// A [`Db`] that keeps apart what is durable and what a crash may lose.
///
/// Deterministic: the caller says which operation fails and how many commits a crash keeps.
#[derive(Debug, Default)]
pub struct FaultyDb {
    live: MemoryDb,
    disk: Mutex<Disk>,
}

#[derive(Debug, Default)]
struct Disk {
    durable: Columns,
    unflushed: VecDeque<Batch>,
    /// Commits and flushes so far.
    writes: u64,
    faults: BTreeMap<u64, DbFault>,
    stopped: bool,
}

impl FaultyDb {
    /// A database without keys and faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The commit or flush after `skip` successful ones fails with `fault`.
    pub fn fail_after(&self, skip: u64, fault: DbFault) {
        let mut disk = self.disk();
        let at = disk.writes + skip;
        disk.faults.insert(at, fault);
    }

    /// How many commits are not yet flushed.
    pub fn unflushed(&self) -> usize {
        self.disk().unflushed.len()
    }

    /// How many commits and flushes there were, failed ones too.
    pub fn writes(&self) -> u64 {
        self.disk().writes
    }

    /// Power is lost: what comes back holds everything flushed and the first `keep` commits after.
    pub fn crash(&self, keep: usize) -> Self {
        let disk = self.disk();
        let mut durable = disk.durable.clone();
        for batch in disk.unflushed.iter().take(keep) {
            apply(&mut durable, batch.clone());
        }
        let live = MemoryDb::from_columns(durable.clone());
        Self {
            live,
            disk: Mutex::new(Disk {
                durable,
                ..Disk::default()
            }),
        }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    fn write(&mut self, action: DbAction) -> Result<(), DbError> {
        if self.stopped {
            return Err(DbError::Stopped);
        }
        let fault = self.faults.remove(&self.writes);
        self.writes += 1;
        self.stopped = fault.is_some();
        match fault {
            None => Ok(()),
            Some(DbFault::Full) => Err(DbError::Full),
            Some(DbFault::Io) => Err(DbError::from_io(action, ErrorKind::Other)),
        }
    }
}

impl Db for FaultyDb {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        self.live.get(column, key)
    }

    fn scan(&self, column: Column, scan: &Scan, visit: &mut Visit<'_>) -> Result<(), DbError> {
        self.live.scan(column, scan, visit)
    }

    /// A commit that fails may still be found after a crash, as on a disk.
    fn commit(&self, batch: Batch) -> Result<(), DbError> {
        let mut disk = self.disk();
        let stopped = disk.stopped;
        let result = disk.write(DbAction::Commit);
        if !stopped {
            disk.unflushed.push_back(batch.clone());
        }
        result?;
        self.live.commit(batch)
    }

    fn flush(&self) -> Result<(), DbError> {
        let mut disk = self.disk();
        disk.write(DbAction::Flush)?;
        let unflushed = std::mem::take(&mut disk.unflushed);
        for batch in unflushed {
            apply(&mut disk.durable, batch);
        }
        Ok(())
    }
}
