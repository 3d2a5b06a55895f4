//! The mark next to a key: losing or restoring its vote log is noticed.

use crypto::Hash;
use store::{DiskFault, KeyUse, LogDir, SimDisk, VoteLog, VoteLogConfig, VoteLogError};

use crate::{NETWORK, VOTES, vote};

fn key_use(disk: &SimDisk) -> KeyUse {
    KeyUse::open(Box::new(disk.clone()), VOTES).unwrap()
}

/// What a node does at start: reads the mark, opens the log, notes what is in it.
fn start(keys: &SimDisk, votes: &SimDisk) -> Result<(KeyUse, VoteLog), VoteLogError> {
    let mut mark = key_use(keys);
    let log = VoteLog::open(Box::new(votes.clone()), VOTES, mark.last())?;
    mark.note(log.durable_sequence())?;
    Ok((mark, log))
}

#[test]
fn a_used_key_without_its_log_does_not_sign() {
    let keys = SimDisk::new();
    assert_eq!(key_use(&keys).last(), None);
    start(&keys, &SimDisk::new()).unwrap();
    assert_eq!(
        key_use(&keys).last(),
        Some(0),
        "used, though without a vote yet"
    );
    let refused = start(&keys, &SimDisk::new()).err();
    assert_eq!(
        refused,
        Some(VoteLogError::OlderThanKey { log: None, key: 0 })
    );
}

#[test]
fn an_old_copy_of_the_log_does_not_sign() {
    let (keys, votes) = (SimDisk::new(), SimDisk::new());
    let (mut mark, mut log) = start(&keys, &votes).unwrap();
    log.append(vote(1)).unwrap();
    log.sync().unwrap();
    let copy = votes.crash(0);
    log.append(vote(2)).unwrap();
    mark.note(log.sync().unwrap()).unwrap();
    mark.note(1).unwrap();
    assert_eq!(mark.last(), Some(2), "the mark never goes back");
    let refused = start(&keys, &copy).err();
    assert_eq!(
        refused,
        Some(VoteLogError::OlderThanKey {
            log: Some(1),
            key: 2
        })
    );
    start(&keys, &votes).unwrap();
}

#[test]
fn a_power_loss_while_noting_leaves_the_old_or_the_new_mark() {
    for at in 0..8 {
        for seed in 0..20 {
            let disk = SimDisk::new();
            key_use(&disk).note(5).unwrap();
            disk.fail_after(at, DiskFault::PowerLoss);
            let noted = key_use(&disk).note(9).is_ok();
            let mut found = key_use(&disk.crash(seed));
            assert!(found.last() == Some(9) || !noted && found.last() == Some(5));
            found.note(10).unwrap();
            assert_eq!(found.last(), Some(10));
        }
    }
}

#[test]
fn a_damaged_or_foreign_mark_is_refused() {
    let disk = SimDisk::new();
    key_use(&disk).note(5).unwrap();
    let other = VoteLogConfig {
        network: NETWORK,
        key: Hash::new([9; 32]),
    };
    let foreign = KeyUse::open(Box::new(disk.clone()), other).err();
    assert!(matches!(foreign, Some(VoteLogError::OtherKey { .. })));
    assert_eq!(disk.names().unwrap(), ["key-use"]);
    for offset in 0..88 {
        disk.damage("key-use", offset, 1);
        let damaged = KeyUse::open(Box::new(disk.clone()), VOTES).err();
        assert_eq!(damaged, Some(VoteLogError::Corrupt { offset: 0 }));
        disk.damage("key-use", offset, 1);
    }
}
