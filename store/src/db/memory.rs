//! A database in memory, for tests and the simulator.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Batch, Column, Db, DbError, Scan, Visit};

/// The columns and their keys.
pub(super) type Columns = BTreeMap<Column, BTreeMap<Vec<u8>, Vec<u8>>>;

/// A [`Db`] that lives and dies with the process.
#[derive(Debug, Default)]
pub struct MemoryDb {
    columns: Mutex<Columns>,
}

impl MemoryDb {
    /// A database without keys.
    pub const fn new() -> Self {
        Self {
            columns: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn from_columns(columns: Columns) -> Self {
        Self {
            columns: Mutex::new(columns),
        }
    }

    pub(super) fn columns(&self) -> MutexGuard<'_, Columns> {
        self.columns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn apply(columns: &mut Columns, batch: Batch) {
    for write in batch.into_writes() {
        let column = columns.entry(write.column).or_default();
        match write.value {
            Some(value) => column.insert(write.key, value),
            None => column.remove(&write.key),
        };
    }
}

impl Db for MemoryDb {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        Ok(self
            .columns()
            .get(&column)
            .and_then(|keys| keys.get(key).cloned()))
    }

    fn scan(&self, column: Column, scan: &Scan, visit: &mut Visit<'_>) -> Result<(), DbError> {
        let columns = self.columns();
        let Some(keys) = columns.get(&column).filter(|_| !scan.is_empty()) else {
            return Ok(());
        };
        let range = keys.range((scan.from.clone(), scan.to.clone()));
        let mut visit = |(key, value): (&Vec<u8>, &Vec<u8>)| visit(key, value);
        let _ = if scan.descending {
            range.rev().try_for_each(&mut visit)
        } else {
            { range }.try_for_each(&mut visit)
        };
        Ok(())
    }

    fn commit(&self, batch: Batch) -> Result<(), DbError> {
        apply(&mut self.columns(), batch);
        Ok(())
    }

    fn flush(&self) -> Result<(), DbError> {
        Ok(())
    }
}
