//! The database behind one trait: named columns of ordered keys, atomic batches, lazy durability.
//!
//! * **\[D1\] Atomic.** After any crash a batch is there whole or not at all, across all columns.
//! * **\[D2\] In order.** If a batch survives a crash, every batch before it does.
//! * **\[D3\] Flush.** Once [`Db::flush`] returns, all earlier batches survive any crash. Without
//!   it a commit may be lost: the block log is what makes blocks durable, the database is a
//!   checkpoint from which the log is replayed.
//! * **\[D4\] An error in writing is final.** The handle then refuses all writes and flushes with
//!   [`DbError::Stopped`]; it is never retried, as a second fsync may succeed without the data.
//! * **\[D5\] Not a witness.** Against bad disks the backends promise little: after damage to a
//!   file sled opens with an earlier state and no error, redb returns values as they are. Whoever
//!   loads a checkpoint checks it against its state root, and replays the log from the offset that
//!   is in the checkpoint itself.

mod batch;
mod error;
mod faulty;
mod memory;
mod redb_db;
mod sled_db;

use std::ops::ControlFlow;

pub use batch::{Batch, Column, Scan, Write};
pub use error::{DbAction, DbError};
pub use faulty::{DbFault, FaultyDb};
pub use memory::MemoryDb;
pub use redb_db::RedbDb;
pub use sled_db::SledDb;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Called by [`Db::scan`] for each key and value.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// A store of named columns; shared by reference between threads.
pub trait Db: Send + Sync {
    /// The value of a key.
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DbError>;

    /// Visits keys and values in key order until the range ends or `visit` breaks.
    ///
    /// Whether writes that run at the same time are seen is not defined.
    fn scan(&self, column: Column, scan: &Scan, visit: &mut Visit<'_>) -> Result<(), DbError>;

    /// Applies all writes together; visible at once, durable after the next flush. \[D1\] \[D2\]
    fn commit(&self, batch: Batch) -> Result<(), DbError>;

    /// Makes all earlier commits durable. \[D3\]
    fn flush(&self) -> Result<(), DbError>;

    /// The keys and values of a range, at most `limit` of them.
    fn collect(&self, column: Column, scan: &Scan, limit: usize) -> Result<Vec<Pair>, DbError> {
        let mut out = Vec::new();
        if limit == 0 {
            return Ok(out);
        }
        self.scan(column, scan, &mut |key, value| {
            out.push((key.to_vec(), value.to_vec()));
            if out.len() < limit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(out)
    }

    /// The smallest key of a range with its value; with [`Scan::descending`] the largest.
    fn first(&self, column: Column, scan: &Scan) -> Result<Option<Pair>, DbError> {
        Ok(self.collect(column, scan, 1)?.pop())
    }
}
