//! After a crash: everything flushed is there, and of the rest whole batches in order.

use std::path::Path;

use store::{Db, DbError, FaultyDb, RedbDb, SledDb};

use crate::disk::{Image, image, restore, torn};
use crate::{Content, batch, content, histories};

type Open = fn(&Path) -> Result<Box<dyn Db>, DbError>;

/// How many wrecks per moment: more with `CRASH_SEEDS=100` in the environment.
fn seeds(default: u64) -> u64 {
    std::env::var("CRASH_SEEDS").map_or(default, |seeds| seeds.parse().unwrap())
}

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

/// Runs batches `warm_up..warm_up + batches` after one another with a flush after every fifth, and
/// keeps every moment after the warm-up, which makes files large enough to be reused inside.
fn run(open: Open, warm_up: usize, batches: usize) -> Vec<Moment> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path()).unwrap();
    for n in 0..warm_up {
        db.commit(batch(n as u64)).unwrap();
    }
    db.flush().unwrap();
    let moment = |flushed, committed| Moment {
        files: image(dir.path()),
        flushed,
        committed,
    };
    let mut moments = vec![moment(warm_up, warm_up)];
    for n in warm_up..warm_up + batches {
        db.commit(batch(n as u64)).unwrap();
        let flushed = moments.last().unwrap().flushed;
        moments.push(moment(flushed, n + 1));
        if n % 5 == 4 {
            db.flush().unwrap();
            moments.push(moment(n + 1, n + 1));
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
        return Err(format!(
            "{flushed} batches were flushed; found the state after {older:?}"
        ));
    };
    db.commit(batch(kept as u64))
        .map_err(|error| error.to_string())?;
    db.flush().map_err(|error| error.to_string())?;
    drop(db);
    let db = open(dir.path()).map_err(|error| format!("does not open again: {error}"))?;
    if content(db.as_ref()) == histories[kept + 1] {
        Ok(())
    } else {
        Err("lost a batch".into())
    }
}

/// The process is killed: what it wrote is there.
fn killed_at_any_moment(open: Open, warm_up: usize) {
    let (histories, moments) = (histories(warm_up as u64 + 31), run(open, warm_up, 30));
    for (i, moment) in moments.iter().enumerate() {
        let checked = check(
            open,
            &moment.files,
            moment.flushed,
            moment.committed,
            &histories,
        );
        assert_eq!(checked, Ok(()), "moment {i}");
    }
}

/// Power is lost: of what was written since the last flush any sectors arrived; also in the middle
/// of a flush, where it is the flush before that counts.
fn power_lost_at_any_moment(open: Open, warm_up: usize, default_seeds: u64) {
    let (histories, moments) = (histories(warm_up as u64 + 31), run(open, warm_up, 30));
    let mut durable = &moments[0];
    let mut failures = Vec::new();
    let seeds = seeds(default_seeds);
    for (i, moment) in moments.iter().enumerate() {
        for seed in 0..seeds {
            let wreck = torn(&durable.files, &moment.files, seed << 32 | i as u64);
            let checked = check(open, &wreck, durable.flushed, moment.committed, &histories);
            failures.extend(
                checked
                    .err()
                    .map(|e| format!("moment {i}, seed {seed}: {e}")),
            );
        }
        if moment.flushed == moment.committed {
            durable = moment;
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn sled_survives_a_kill_at_any_moment() {
    killed_at_any_moment(open_sled, 200);
}

#[test]
fn redb_survives_a_kill_at_any_moment() {
    killed_at_any_moment(open_redb, 50);
}

#[test]
fn sled_survives_a_power_loss_at_any_moment() {
    power_lost_at_any_moment(open_sled, 200, 3);
}

#[test]
fn redb_survives_a_power_loss_at_any_moment() {
    power_lost_at_any_moment(open_redb, 50, 6);
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
