//! The logs on files of the operating system.

use std::fs;

use store::{FileError, FsDir, LogDir, SimDisk, VoteLog};

use crate::{VOTES, append, count, open, vote};

fn bytes(dir: &dyn LogDir) -> Vec<(String, Vec<u8>)> {
    let names = dir.names().unwrap().into_iter();
    names
        .map(|name| (name.clone(), dir.open(&name).unwrap().read_all().unwrap()))
        .collect()
}

#[test]
fn the_same_writes_give_the_same_bytes_as_on_the_simulated_disk() {
    let (temp, disk) = (tempfile::tempdir().unwrap(), SimDisk::new());
    let dir = FsDir::open(&temp.path().join("a/log")).unwrap();
    let (mut on_files, mut simulated) = (open(&dir).unwrap(), open(&disk).unwrap());
    for log in [&mut on_files, &mut simulated] {
        for n in 0..20 {
            append(log, n).unwrap();
            if n % 4 == 3 {
                log.sync().unwrap();
            }
        }
        log.prune(5000).unwrap();
    }
    for dir in [
        Box::new(dir.clone()) as Box<dyn LogDir>,
        Box::new(disk.clone()),
    ] {
        let mut log = VoteLog::open(dir, VOTES, None).unwrap();
        (1..8).for_each(|n| assert_eq!(log.append(vote(n)).unwrap(), n));
        log.compact(|record| record.sequence > 3).unwrap();
        log.append(vote(8)).unwrap();
    }
    assert!(dir.names().unwrap().len() > 3);
    assert_eq!(bytes(&dir), bytes(&disk));
}

#[test]
fn a_file_cut_anywhere_in_its_unsynced_tail_opens() {
    let temp = tempfile::tempdir().unwrap();
    let dir = FsDir::open(temp.path()).unwrap();
    let mut log = open(&dir).unwrap();
    append(&mut log, 0).unwrap();
    append(&mut log, 1).unwrap();
    let synced = log.sync().unwrap();
    append(&mut log, 2).unwrap();
    let end = log.end();
    let name = dir.names().unwrap().remove(0);
    let whole = fs::read(temp.path().join(&name)).unwrap();
    for len in (synced..=end).rev() {
        fs::write(temp.path().join(&name), &whole[..len as usize]).unwrap();
        let mut log = open(&dir).unwrap();
        let found = count(&log);
        assert_eq!(found, if len == end { 3 } else { 2 });
        append(&mut log, found).unwrap();
        fs::write(temp.path().join(&name), &whole).unwrap();
    }
}

#[test]
fn names_and_their_errors() {
    let temp = tempfile::tempdir().unwrap();
    let dir = FsDir::open(temp.path()).unwrap();
    let sim = SimDisk::new();
    for dir in [&dir as &dyn LogDir, &sim] {
        dir.create("b").unwrap().append(b"bytes").unwrap();
        dir.create("a").unwrap();
        assert_eq!(dir.create("a").err(), Some(FileError::Exists));
        assert!(matches!(
            dir.open("c").err(),
            Some(FileError::Missing { .. })
        ));
        assert!(matches!(
            dir.remove("c").err(),
            Some(FileError::Missing { .. })
        ));
        assert!(matches!(
            dir.rename("c", "d").err(),
            Some(FileError::Missing { .. })
        ));
        assert_eq!(dir.names().unwrap(), ["a", "b"]);
        dir.rename("b", "a").unwrap();
        dir.sync().unwrap();
        assert_eq!(dir.names().unwrap(), ["a"]);
        let mut file = dir.open("a").unwrap();
        assert_eq!(file.read_all().unwrap(), b"bytes");
        assert!(file.read(3, &mut [0; 3]).is_err());
        file.truncate(2).unwrap();
        file.append(b"!").unwrap();
        file.sync().unwrap();
        assert_eq!((file.len(), file.read_all().unwrap()), (3, b"by!".to_vec()));
        dir.remove("a").unwrap();
        assert!(dir.names().unwrap().is_empty());
    }
}

#[test]
fn a_path_that_is_a_file_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("file"), b"x").unwrap();
    assert!(FsDir::open(&temp.path().join("file")).is_err());
}
