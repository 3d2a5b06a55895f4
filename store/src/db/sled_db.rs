//! The database on sled 0.34.
//!
//! One sled tree holds all columns, so that one sled batch is one batch of ours: sled batches are
//! atomic within a tree only. A key there is `u8 length of the column name ‖ name ‖ key`, which no
//! name makes ambiguous, and which keeps the order of keys inside a column.
//!
//! Two things that sled 0.34.7 leaves to its user on Linux:
//! * `flush` writes the log and calls `sync_file_range`, which by its manual page flushes neither
//!   the file's size nor the device's cache. [`SledDb::flush`] adds an fsync of the log file.
//!   \[D3\]
//! * Its file lock is released a moment after the handle is dropped, and a lock that is held comes
//!   as an error without a kind. The lock file next to it is ours and tells the two apart.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::batch::after_prefix;
use super::{Batch, Column, Db, DbAction, DbError, Scan, Visit};

/// How much sled may keep in memory; our hot state lives in the state tree.
const CACHE_BYTES: u64 = 16 << 20;

/// How often, at 20 ms each, to wait for a dropped handle to release its lock.
const LOCK_RETRIES: usize = 100;

/// A [`Db`] in a directory of its own.
pub struct SledDb {
    tree: sled::Tree,
    db: sled::Db,
    /// sled's log, opened once more to fsync it.
    log: File,
    blobs: PathBuf,
    stopped: AtomicBool,
    /// Held until the handle is dropped.
    _lock: File,
}

impl SledDb {
    /// Opens the database in the directory `path`, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        std::fs::create_dir_all(path).map_err(opening)?;
        let lock = lock(&path.join("lock"))?;
        let config = sled::Config::new()
            .path(path.join("sled"))
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None)
            .mode(sled::Mode::HighThroughput);
        let db = open_patiently(&config)?;
        let tree = db
            .open_tree("columns")
            .map_err(|e| from_sled(DbAction::Open, &e))?;
        let log = File::open(path.join("sled/db")).map_err(opening)?;
        let blobs = path.join("sled/blobs");
        let this = Self {
            tree,
            db,
            log,
            blobs,
            stopped: AtomicBool::new(false),
            _lock: lock,
        };
        this.sync_directories(path)?;
        Ok(this)
    }

    /// Makes the files themselves findable after a crash.
    fn sync_directories(&self, path: &Path) -> Result<(), DbError> {
        for directory in [path, &path.join("sled")] {
            File::open(directory)
                .and_then(|dir| dir.sync_all())
                .map_err(opening)?;
        }
        Ok(())
    }

    fn check_running(&self) -> Result<(), DbError> {
        if self.stopped.load(Ordering::SeqCst) {
            Err(DbError::Stopped)
        } else {
            Ok(())
        }
    }

    /// Remembers that a write failed. \[D4\]
    fn or_stop<T>(&self, result: Result<T, DbError>) -> Result<T, DbError> {
        if result.is_err() {
            self.stopped.store(true, Ordering::SeqCst);
        }
        result
    }

    fn write_out(&self) -> Result<(), DbError> {
        self.db
            .flush()
            .map_err(|e| from_sled(DbAction::Flush, &e))?;
        self.sync_blobs()
            .and_then(|()| self.log.sync_all())
            .map_err(flushing)
    }

    /// Values near a segment's size get files of their own, which sled does not sync either.
    fn sync_blobs(&self) -> io::Result<()> {
        let mut found = false;
        for entry in std::fs::read_dir(&self.blobs)? {
            found = true;
            match File::open(entry?.path()) {
                Ok(file) => file.sync_all()?,
                Err(gone) if gone.kind() == ErrorKind::NotFound => {}
                Err(other) => return Err(other),
            }
        }
        if found {
            File::open(&self.blobs)?.sync_all()
        } else {
            Ok(())
        }
    }
}

impl Db for SledDb {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        let value = self.tree.get(full_key(column, key));
        let value = value.map_err(|e| from_sled(DbAction::Read, &e))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, column: Column, scan: &Scan, visit: &mut Visit<'_>) -> Result<(), DbError> {
        if scan.is_empty() {
            return Ok(());
        }
        let skip = full_key(column, &[]).len();
        let mut range = self.tree.range(full_range(column, scan));
        let next = || {
            if scan.descending {
                range.next_back()
            } else {
                range.next()
            }
        };
        for item in std::iter::from_fn(next) {
            let (key, value) = item.map_err(|e| from_sled(DbAction::Read, &e))?;
            let key = key.get(skip..).ok_or(DbError::Corrupt)?;
            if visit(key, &value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn commit(&self, batch: Batch) -> Result<(), DbError> {
        self.check_running()?;
        let mut writes = sled::Batch::default();
        for write in batch.into_writes() {
            let key = full_key(write.column, &write.key);
            match write.value {
                Some(value) => writes.insert(key, value),
                None => writes.remove(key),
            }
        }
        let result = self.tree.apply_batch(writes);
        self.or_stop(result.map_err(|e| from_sled(DbAction::Commit, &e)))
    }

    fn flush(&self) -> Result<(), DbError> {
        self.check_running()?;
        self.or_stop(self.write_out())
    }
}

/// A file that says "in use" to a second opener.
fn lock(path: &Path) -> Result<File, DbError> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(opening)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DbError::Locked),
        Err(TryLockError::Error(error)) => Err(opening(error)),
    }
}

/// We hold our lock, so sled's can only be one that a dropped handle is about to release.
fn open_patiently(config: &sled::Config) -> Result<sled::Db, DbError> {
    for _ in 0..LOCK_RETRIES {
        match config.open() {
            Err(sled::Error::Io(e)) if e.kind() == ErrorKind::Other => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other.map_err(|e| from_sled(DbAction::Open, &e)),
        }
    }
    Err(DbError::Locked)
}

fn full_key(column: Column, key: &[u8]) -> Vec<u8> {
    let name = column.name().as_bytes();
    let mut full = Vec::with_capacity(1 + name.len() + key.len());
    full.push(name.len() as u8);
    full.extend_from_slice(name);
    full.extend_from_slice(key);
    full
}

fn full_range(column: Column, scan: &Scan) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let full = |key: &Vec<u8>| full_key(column, key);
    let from = match scan.from.as_ref().map(full) {
        Bound::Unbounded => Bound::Included(full_key(column, &[])),
        bound => bound,
    };
    let to = match scan.to.as_ref().map(full) {
        Bound::Unbounded => after_prefix(&full_key(column, &[])),
        bound => bound,
    };
    (from, to)
}

fn from_sled(action: DbAction, error: &sled::Error) -> DbError {
    match error {
        sled::Error::Io(e) => DbError::from_io(action, e.kind()),
        sled::Error::Corruption { .. } => DbError::Corrupt,
        sled::Error::Unsupported(_) if action == DbAction::Open => {
            DbError::OtherFormat { found: 0 }
        }
        _ => DbError::Backend,
    }
}

fn opening(error: io::Error) -> DbError {
    DbError::from_io(DbAction::Open, error.kind())
}

fn flushing(error: io::Error) -> DbError {
    DbError::from_io(DbAction::Flush, error.kind())
}
