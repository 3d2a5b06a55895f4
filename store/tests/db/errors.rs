//! What can go wrong has a name, and a failed write is never retried.

use store::{Db, DbAction, DbError, DbFault, FaultyDb, RedbDb, SledDb};

use crate::{A, batch, content, histories};

#[test]
fn a_second_opener_is_told_that_the_database_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let sled = SledDb::open(&dir.path().join("sled")).unwrap();
    let redb = RedbDb::open(&dir.path().join("redb")).unwrap();
    assert_eq!(SledDb::open(&dir.path().join("sled")).err(), Some(DbError::Locked));
    assert_eq!(RedbDb::open(&dir.path().join("redb")).err(), Some(DbError::Locked));
    drop((sled, redb));
    SledDb::open(&dir.path().join("sled")).unwrap();
    RedbDb::open(&dir.path().join("redb")).unwrap();
}

#[test]
fn a_path_that_can_not_be_a_directory_is_an_io_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"x").unwrap();
    for error in [SledDb::open(&file).err(), RedbDb::open(&file).err()] {
        assert!(matches!(error, Some(DbError::Io { action: DbAction::Open, .. })), "{error:?}");
    }
}

#[test]
fn junk_in_place_of_a_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("data.redb"), vec![0x5a; 100_000]).unwrap();
    assert_eq!(RedbDb::open(dir.path()).err(), Some(DbError::Corrupt));
}

#[test]
fn every_write_can_fail_and_stops_the_database() {
    let histories = histories(10);
    for at in 0..12 {
        for (fault, expected) in [(DbFault::Full, true), (DbFault::Io, false)] {
            let db = FaultyDb::new();
            db.fail_after(at, fault);
            let run = || {
                for n in 0..10 {
                    db.commit(batch(n))?;
                    if n % 4 == 3 {
                        db.flush()?;
                    }
                }
                Ok::<_, DbError>(())
            };
            let error = run().unwrap_err();
            assert_eq!(error == DbError::Full, expected, "{error}");
            assert_eq!(db.commit(batch(0)), Err(DbError::Stopped));
            assert_eq!(db.flush(), Err(DbError::Stopped));
            let flushed = at as usize / 5 * 4;
            for keep in 0..=db.unflushed() {
                let found = content(&db.crash(keep));
                assert_eq!(found, histories[flushed + keep]);
            }
            assert!(db.get(A, b"number").is_ok(), "reading goes on");
        }
    }
}

#[test]
fn each_error_says_what_to_do() {
    for error in [DbError::Full, DbError::Corrupt, DbError::Locked, DbError::Stopped] {
        assert!(error.to_string().contains("restart") || error.to_string().contains("stop it"));
    }
}
