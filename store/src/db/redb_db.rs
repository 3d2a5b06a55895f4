//! The database on redb: one file, copy-on-write, one redb table per column.
//!
//! Commits use `Durability::None`; a flush is an empty commit with `Durability::Immediate`, which
//! makes all commits before it durable together. \[D2\] \[D3\]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{
    Database, DatabaseError, Durability, ReadOnlyTable, ReadableDatabase, StorageBackend,
    StorageError, Table, TableDefinition, TableError,
};

use super::{Batch, Column, Db, DbAction, DbError, Scan, Visit};

/// How much redb may keep in memory.
const CACHE_BYTES: usize = 16 << 20;

/// A [`Db`] in one file.
pub struct RedbDb {
    db: Database,
    stopped: AtomicBool,
}

type Bytes = &'static [u8];
type Keys = TableDefinition<'static, Bytes, Bytes>;

impl RedbDb {
    /// Opens the database in the directory `path`, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let made = std::fs::create_dir_all(path);
        made.map_err(|e| DbError::from_io(DbAction::Open, e.kind()))?;
        Self::new(builder().create(path.join("data.redb")))
    }

    /// Opens the database on storage of the caller's, such as a simulated disk.
    pub fn on(backend: impl StorageBackend) -> Result<Self, DbError> {
        Self::new(builder().create_with_backend(backend))
    }

    fn new(opened: Result<Database, DatabaseError>) -> Result<Self, DbError> {
        let db = opened.map_err(from_database)?;
        Ok(Self {
            db,
            stopped: AtomicBool::new(false),
        })
    }

    /// Runs a write unless one failed before, and remembers if this one fails. \[D4\]
    fn writing(
        &self,
        write: impl FnOnce(&Database) -> Result<(), redb::Error>,
        action: DbAction,
    ) -> Result<(), DbError> {
        if self.stopped.load(Ordering::SeqCst) {
            return Err(DbError::Stopped);
        }
        write(&self.db).map_err(|error| {
            self.stopped.store(true, Ordering::SeqCst);
            from_redb(action, error)
        })
    }
}

fn builder() -> redb::Builder {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn keys(column: Column) -> Keys {
    TableDefinition::new(column.name())
}

fn commit(db: &Database, batch: &Batch, durability: Durability) -> Result<(), redb::Error> {
    let mut transaction = db.begin_write()?;
    transaction.set_durability(durability)?;
    let mut columns: Vec<Column> = batch.writes().iter().map(|write| write.column).collect();
    columns.sort_unstable();
    columns.dedup();
    for column in columns {
        let mut table = transaction.open_table(keys(column))?;
        write_column(&mut table, column, batch)?;
    }
    Ok(transaction.commit()?)
}

fn write_column(
    table: &mut Table<'_, Bytes, Bytes>,
    column: Column,
    batch: &Batch,
) -> Result<(), StorageError> {
    for write in batch.writes().iter().filter(|write| write.column == column) {
        match &write.value {
            Some(value) => table.insert(write.key.as_slice(), value.as_slice())?,
            None => table.remove(write.key.as_slice())?,
        };
    }
    Ok(())
}

/// The column's table as last committed; `None` if nothing was ever written to it.
fn open_column(
    db: &Database,
    column: Column,
) -> Result<Option<ReadOnlyTable<Bytes, Bytes>>, redb::Error> {
    match db.begin_read()?.open_table(keys(column)) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read(db: &Database, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, redb::Error> {
    let Some(table) = open_column(db, column)? else {
        return Ok(None);
    };
    Ok(table.get(key)?.map(|value| value.value().to_vec()))
}

fn visit_all(
    db: &Database,
    column: Column,
    scan: &Scan,
    visit: &mut Visit<'_>,
) -> Result<(), redb::Error> {
    let Some(table) = open_column(db, column)? else {
        return Ok(());
    };
    let from = scan.from.as_ref().map(Vec::as_slice);
    let mut range = table.range::<&[u8]>((from, scan.to.as_ref().map(Vec::as_slice)))?;
    let next = || {
        if scan.descending {
            range.next_back()
        } else {
            range.next()
        }
    };
    for item in std::iter::from_fn(next) {
        let (key, value) = item?;
        if visit(key.value(), value.value()).is_break() {
            break;
        }
    }
    Ok(())
}

impl Db for RedbDb {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        read(&self.db, column, key).map_err(|e| from_redb(DbAction::Read, e))
    }

    fn scan(&self, column: Column, scan: &Scan, visit: &mut Visit<'_>) -> Result<(), DbError> {
        if scan.is_empty() {
            return Ok(());
        }
        visit_all(&self.db, column, scan, visit).map_err(|e| from_redb(DbAction::Read, e))
    }

    fn commit(&self, batch: Batch) -> Result<(), DbError> {
        self.writing(|db| commit(db, &batch, Durability::None), DbAction::Commit)
    }

    fn flush(&self) -> Result<(), DbError> {
        self.writing(
            |db| commit(db, &Batch::new(), Durability::Immediate),
            DbAction::Flush,
        )
    }
}

fn from_database(error: DatabaseError) -> DbError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => DbError::Locked,
        DatabaseError::UpgradeRequired(found) => DbError::OtherFormat {
            found: found.into(),
        },
        other => from_redb(DbAction::Open, other.into()),
    }
}

fn from_redb(action: DbAction, error: redb::Error) -> DbError {
    match error {
        redb::Error::Io(e) => DbError::from_io(action, e.kind()),
        redb::Error::Corrupted(_) => DbError::Corrupt,
        redb::Error::PreviousIo => DbError::Stopped,
        redb::Error::DatabaseAlreadyOpen => DbError::Locked,
        _ => DbError::Backend,
    }
}
