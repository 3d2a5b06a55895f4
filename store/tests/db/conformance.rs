//! What every database does, run against all of them.

use std::ops::{Bound, ControlFlow};

use store::{Batch, Db, FaultyDb, MemoryDb, RedbDb, Scan, SledDb};

use crate::{A, B, batch, content, histories};

macro_rules! suite {
    ($($test:ident),* $(,)?) => {
        mod memory { $(#[test] fn $test() { super::$test(&super::MemoryDb::new()); })* }
        mod faulty { $(#[test] fn $test() { super::$test(&super::FaultyDb::new()); })* }
        mod sled {
            $(#[test] fn $test() {
                let dir = tempfile::tempdir().unwrap();
                super::$test(&super::SledDb::open(dir.path()).unwrap());
            })*
        }
        mod redb {
            $(#[test] fn $test() {
                let dir = tempfile::tempdir().unwrap();
                super::$test(&super::RedbDb::open(dir.path()).unwrap());
            })*
        }
    };
}

suite! {
    columns_are_apart,
    later_writes_of_a_batch_win,
    scans_are_ordered_and_bounded,
    prefixes_of_ff_bytes_have_an_end,
    odd_keys_and_values_are_kept,
    a_workload_matches_an_ordered_map,
    readers_and_a_writer_share_it,
}

fn put(db: &dyn Db, pairs: &[(&[u8], &[u8])]) {
    let mut batch = Batch::new();
    pairs
        .iter()
        .for_each(|(key, value)| batch.put(A, *key, *value));
    db.commit(batch).unwrap();
}

fn keys(db: &dyn Db, scan: &Scan) -> Vec<Vec<u8>> {
    db.collect(A, scan, usize::MAX)
        .unwrap()
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

fn columns_are_apart(db: &dyn Db) {
    let mut batch = Batch::new();
    // With names glued to keys, ("a", "bx") and ("ab", "x") would be one.
    batch.put(A, *b"bx", *b"1");
    batch.put(B, *b"x", *b"2");
    db.commit(batch).unwrap();
    assert_eq!(db.get(A, b"bx").unwrap().unwrap(), b"1");
    assert_eq!(db.get(B, b"x").unwrap().unwrap(), b"2");
    assert_eq!(db.get(A, b"x").unwrap(), None);
    assert_eq!(keys(db, &Scan::all()), [b"bx"]);
    assert_eq!(keys(db, &Scan::all().descending()), [b"bx"]);
}

fn later_writes_of_a_batch_win(db: &dyn Db) {
    let mut batch = Batch::new();
    batch.put(A, *b"k", *b"1");
    batch.delete(A, *b"k");
    batch.delete(A, *b"other");
    batch.put(A, *b"other", *b"2");
    batch.put(A, *b"other", *b"3");
    db.commit(batch).unwrap();
    assert_eq!(db.get(A, b"k").unwrap(), None);
    assert_eq!(db.get(A, b"other").unwrap().unwrap(), b"3");
    db.commit(Batch::new()).unwrap();
    db.flush().unwrap();
    db.flush().unwrap();
}

fn scans_are_ordered_and_bounded(db: &dyn Db) {
    assert_eq!(keys(db, &Scan::all()), Vec::<Vec<u8>>::new());
    put(
        db,
        &[
            (b"b", b""),
            (b"a", b""),
            (b"ba", b""),
            (b"c", b""),
            (b"bb", b""),
        ],
    );
    assert_eq!(
        keys(db, &Scan::all()),
        [&b"a"[..], b"b", b"ba", b"bb", b"c"]
    );
    assert_eq!(keys(db, &Scan::prefix(b"b")), [&b"b"[..], b"ba", b"bb"]);
    assert_eq!(
        keys(db, &Scan::prefix(b"b").descending()),
        [&b"bb"[..], b"ba", b"b"]
    );
    assert_eq!(keys(db, &Scan::range(b"b", b"bb")), [&b"b"[..], b"ba"]);
    assert_eq!(keys(db, &Scan::range(b"c", b"a")), Vec::<Vec<u8>>::new());
    assert_eq!(keys(db, &Scan::range(b"b", b"b")), Vec::<Vec<u8>>::new());
    let open = Scan {
        from: Bound::Excluded(b"b".to_vec()),
        to: Bound::Included(b"bb".to_vec()),
        descending: false,
    };
    assert_eq!(keys(db, &open), [b"ba", b"bb"]);
    assert_eq!(db.first(A, &Scan::all()).unwrap().unwrap().0, b"a");
    assert_eq!(
        db.first(A, &Scan::all().descending()).unwrap().unwrap().0,
        b"c"
    );
    assert_eq!(db.collect(A, &Scan::all(), 2).unwrap().len(), 2);
    assert_eq!(db.collect(A, &Scan::all(), 0).unwrap().len(), 0);
    let mut seen = 0;
    db.scan(A, &Scan::all(), &mut |_, _| {
        seen += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(seen, 1);
}

fn prefixes_of_ff_bytes_have_an_end(db: &dyn Db) {
    put(
        db,
        &[
            (&[0xfe], b""),
            (&[0xff], b""),
            (&[0xff, 0xff], b""),
            (&[0xff, 0xff, 1], b""),
        ],
    );
    assert_eq!(keys(db, &Scan::prefix(&[0xff, 0xff])).len(), 2);
    assert_eq!(keys(db, &Scan::prefix(&[0xff])).len(), 3);
    assert_eq!(keys(db, &Scan::prefix(&[0xfe])), [[0xfe]]);
    assert_eq!(keys(db, &Scan::prefix(&[])).len(), 4);
}

fn odd_keys_and_values_are_kept(db: &dyn Db) {
    let long = vec![7; 1000];
    let large = vec![9; 3 << 20];
    put(
        db,
        &[
            (b"", b"empty key"),
            (b"empty value", b""),
            (&long, &large),
            (&[0], &[0, 0]),
        ],
    );
    db.flush().unwrap();
    assert_eq!(db.get(A, b"").unwrap().unwrap(), b"empty key");
    assert_eq!(db.get(A, b"empty value").unwrap().unwrap(), b"");
    assert_eq!(db.get(A, &long).unwrap().unwrap(), large);
    assert_eq!(db.get(A, &[0]).unwrap().unwrap(), [0, 0]);
    assert_eq!(keys(db, &Scan::all()).len(), 4);
}

fn a_workload_matches_an_ordered_map(db: &dyn Db) {
    for (n, expected) in histories(60).iter().enumerate() {
        assert_eq!(&content(db), expected);
        db.commit(batch(n as u64)).unwrap();
        if n % 7 == 0 {
            db.flush().unwrap();
        }
    }
}

fn readers_and_a_writer_share_it(db: &dyn Db) {
    db.commit(batch(0)).unwrap();
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                for _ in 0..50 {
                    let number = db.get(A, b"number").unwrap().unwrap();
                    assert!(u64::from_be_bytes(number.try_into().unwrap()) < 50);
                }
            });
        }
        (1..50).for_each(|n| db.commit(batch(n)).unwrap());
    });
    assert_eq!(db.get(A, b"number").unwrap().unwrap(), 49u64.to_be_bytes());
}
