//! One suite for all databases, and what crashes and errors do to them.

mod conformance;
mod crash;
mod disk;
mod errors;
mod redb_power_loss;

use std::collections::BTreeMap;

use store::{Batch, Column, Db, DbError, Scan};

pub(crate) const A: Column = Column::new("a");
pub(crate) const B: Column = Column::new("ab");

/// What a database holds: per column and key.
pub(crate) type Content = BTreeMap<(Column, Vec<u8>), Vec<u8>>;

pub(crate) fn content(db: &dyn Db) -> Content {
    try_content(db).unwrap()
}

pub(crate) fn try_content(db: &dyn Db) -> Result<Content, DbError> {
    let mut content = Content::new();
    for column in [A, B] {
        for (key, value) in db.collect(column, &Scan::all(), usize::MAX)? {
            content.insert((column, key), value);
        }
    }
    Ok(content)
}

pub(crate) fn apply(content: &mut Content, batch: &Batch) {
    for write in batch.writes() {
        let key = (write.column, write.key.clone());
        match &write.value {
            Some(value) => content.insert(key, value.clone()),
            None => content.remove(&key),
        };
    }
}

/// Batch `n` of a workload: writes, overwrites and removals in both columns, one value large.
pub(crate) fn batch(n: u64) -> Batch {
    let mut batch = Batch::new();
    for i in 0..20 {
        let key = ((n * 7 + i * 13) % 97).to_be_bytes();
        let value = vec![n as u8; 10 + (i as usize * 37 + n as usize) % 300];
        match i % 5 {
            4 => batch.delete(A, key),
            3 => batch.put(B, key, value),
            _ => batch.put(A, key, value),
        }
    }
    batch.put(B, *b"large", vec![n as u8; 20_000]);
    batch.put(A, *b"number", n.to_be_bytes());
    batch
}

/// The contents after 0, 1, 2, … batches.
pub(crate) fn histories(count: u64) -> Vec<Content> {
    let mut now = Content::new();
    let mut all = vec![now.clone()];
    for n in 0..count {
        apply(&mut now, &batch(n));
        all.push(now.clone());
    }
    all
}
