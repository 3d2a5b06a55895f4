//! Whose a data directory is, and that only one node uses it.

use std::fs;
use std::io::ErrorKind;

use crypto::Hash;
use store::{DataDir, DataDirError};

const OURS: Hash = Hash::new([1; 32]);
const OTHER: Hash = Hash::new([2; 32]);

#[test]
fn a_new_directory_belongs_to_its_first_network() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("data");
    drop(DataDir::open(&path, &OURS).unwrap());
    drop(DataDir::open(&path, &OURS).unwrap());
    let refused = DataDir::open(&path, &OTHER).unwrap_err();
    let expected = DataDirError::OtherNetwork {
        path: path.clone(),
        found: OURS,
        expected: OTHER,
    };
    assert_eq!(refused, expected);
    assert!(
        refused
            .to_string()
            .contains("choose another data directory")
    );
    let bytes = fs::read(path.join("IDENTITY")).unwrap();
    assert_eq!(
        (bytes.len(), &bytes[..8], &bytes[12..44]),
        (48, &b"THINKEY\0"[..], &[1; 32][..])
    );
}

#[test]
fn two_nodes_do_not_share_a_directory() {
    let temp = tempfile::tempdir().unwrap();
    let first = DataDir::open(temp.path(), &OURS).unwrap();
    let path = temp.path().to_owned();
    assert_eq!(
        DataDir::open(temp.path(), &OURS).unwrap_err(),
        DataDirError::Locked { path }
    );
    drop(first);
    DataDir::open(temp.path(), &OURS).unwrap();
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("letter"), b"dear").unwrap();
    let path = temp.path().to_owned();
    assert_eq!(
        DataDir::open(temp.path(), &OURS).unwrap_err(),
        DataDirError::Foreign { path }
    );
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    let file = temp.path().join("letter");
    let refused = DataDir::open(&file, &OURS).unwrap_err();
    assert!(matches!(
        refused,
        DataDirError::Io {
            kind: ErrorKind::AlreadyExists,
            ..
        }
    ));
}

#[test]
fn a_crash_while_it_is_made_is_no_harm() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("LOCK"), b"").unwrap();
    fs::write(temp.path().join("IDENTITY.new"), b"THI").unwrap();
    DataDir::open(temp.path(), &OURS).unwrap();
}

#[test]
fn a_damaged_identity_and_a_newer_format_are_named() {
    let temp = tempfile::tempdir().unwrap();
    drop(DataDir::open(temp.path(), &OURS).unwrap());
    let (file, path) = (temp.path().join("IDENTITY"), temp.path().to_owned());
    let good = fs::read(&file).unwrap();
    for offset in 0..good.len() {
        let mut bad = good.clone();
        bad[offset] ^= 1;
        fs::write(&file, &bad).unwrap();
        let refused = DataDir::open(temp.path(), &OURS).unwrap_err();
        assert_eq!(refused, DataDirError::Corrupt { path: path.clone() });
    }
    for len in 0..good.len() {
        fs::write(&file, &good[..len]).unwrap();
        assert!(DataDir::open(temp.path(), &OURS).is_err());
    }
    let mut newer = good[..44].to_vec();
    newer[8] = 2;
    let crc = crc32fast::hash(&newer);
    newer.extend_from_slice(&crc.to_le_bytes());
    fs::write(&file, &newer).unwrap();
    let refused = DataDir::open(temp.path(), &OURS).unwrap_err();
    assert_eq!(refused, DataDirError::OtherVersion { path, found: 2 });
}

#[test]
fn a_reserve_is_kept_once_and_given_back() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(temp.path(), &OURS).unwrap();
    dir.reserve(100_000).unwrap();
    dir.reserve(50_000).unwrap();
    assert_eq!(fs::metadata(dir.join("RESERVE")).unwrap().len(), 100_000);
    dir.release_reserve().unwrap();
    dir.release_reserve().unwrap();
    assert!(!dir.join("RESERVE").exists());
    assert_eq!(dir.path(), temp.path());
}
