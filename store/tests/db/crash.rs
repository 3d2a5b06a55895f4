//! After a crash: everything flushed is there, and of the rest whole batches in order.

use std::path::Path;

use store::{Db, DbError, FaultyDb, RedbDb, SledDb};

use crate::disk::{Image, image, restore, torn};
use crate::{Content, batch, content, histories};

type Open = fn(&Path) -> Result<Box<dyn Db>, DbError>;

fn open_sled(path: &Path) -> Result<Box<dyn Db>, DbError> {
    Ok(Box::new(SledDb::open(path)?))
}

fn open_redb(path: &Path) -> Result<Box<dyn Db>, DbError> {
    Ok(Box::new(RedbDb::open(path)?))
}

/// A moment of a run: the files, and how many batches were flushed and committed.
struct Moment {
    files: Image,
    flushed: usize,
    committed: usize,
}

/// Runs the workload with a flush after every fifth batch, and keeps every moment.
fn run(open: Open, batches: usize) -> Vec<Moment> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path()).unwrap();
    db.flush().unwrap();
    let mut moments = vec![Moment { files: image(dir.path()), flushed: 0, committed: 0 }];
    for n in 0..batches {
        db.commit(batch(n as u64)).unwrap();
        let flushed = moments.last().unwrap().flushed;
        moments.push(Moment { files: image(dir.path()), flushed, committed: n + 1 });
        if n % 5 == 4 {
            db.flush().unwrap();
            let (flushed, committed) = (n + 1, n + 1);
            moments.push(Moment { files: image(dir.path()), flushed, committed });
        }
    }
    moments
}

/// Opens the files and checks that they hold the state after `flushed..=committed` batches, and
/// that the database goes on from there.
fn check(
    open: Open,
    files: &Image,
    flushed: usize,
    committed: usize,
    histories: &[Content],
) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    restore(files, dir.path());
    let db = open(dir.path()).map_err(|error| format!("does not open: {error}"))?;
    let found = content(db.as_ref());
    let kept = (flushed..=committed).rev().find(|n| histories[*n] == found);
    let Some(kept) = kept else {
        let older = histories.iter().rposition(|state| *state == found);
        return Err(format!("{flushed} batches were flushed; found the state after {older:?}"));
    };
    db.commit(batch(kept as u64)).map_err(|error| error.to_string())?;
    db.flush().map_err(|error| error.to_string())?;
    drop(db);
    let db = open(dir.path()).map_err(|error| format!("does not open again: {error}"))?;
    if content(db.as_ref()) == histories[kept + 1] { Ok(()) } else { Err("lost a batch".into()) }
}

/// The process is killed: what it wrote is there.
fn killed_at_any_moment(open: Open) {
    let (histories, moments) = (histories(31), run(open, 30));
    for (i, moment) in moments.iter().enumerate() {
        let checked =
            check(open, &moment.files, moment.flushed, moment.committed, &histories);
        assert_eq!(checked, Ok(()), "moment {i}");
    }
}

/// Power is lost: of what was written since the last flush any sectors arrived.
fn power_lost_at_any_moment(open: Open, seeds: u64) {
    let (histories, moments) = (histories(31), run(open, 30));
    let mut durable = &moments[0];
    let mut failures = Vec::new();
    for (i, moment) in moments.iter().enumerate() {
        if moment.flushed == moment.committed {
            durable = moment;
        }
        for seed in 0..seeds {
            let wreck = torn(&durable.files, &moment.files, seed << 32 | i as u64);
            let checked = check(open, &wreck, moment.flushed, moment.committed, &histories);
            failures.extend(checked.err().map(|e| format!("moment {i}, seed {seed}: {e}")));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn sled_survives_a_kill_at_any_moment() {
    killed_at_any_moment(open_sled);
}

#[test]
fn redb_survives_a_kill_at_any_moment() {
    killed_at_any_moment(open_redb);
}

#[test]
fn sled_survives_a_power_loss_at_any_moment() {
    power_lost_at_any_moment(open_sled, 8);
}

#[test]
fn redb_survives_a_power_loss_at_any_moment() {
    power_lost_at_any_moment(open_redb, 8);
}

#[test]
fn the_faulty_database_keeps_the_same_promise() {
    let histories = histories(31);
    let db = FaultyDb::new();
    for n in 0..30 {
        db.commit(batch(n)).unwrap();
        if n % 5 == 4 {
            db.flush().unwrap();
        }
        let flushed = (n as usize + 1) / 5 * 5;
        assert_eq!(db.unflushed(), n as usize + 1 - flushed);
        for keep in 0..=db.unflushed() {
            assert_eq!(content(&db.crash(keep)), histories[flushed + keep]);
        }
    }
}
