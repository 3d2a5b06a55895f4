//! Bytes that were durable and are wrong: never cut off, never read as something else.

use store::{BlockLog, BlockLogConfig, BlockLogError, LogDir, SimDisk, VoteLog, VoteLogError};

use crate::{VOTES, append, config, is_record, open, vote};

/// A log of twelve synced records; returns the names of its files and its end.
fn made(disk: &SimDisk) -> (Vec<String>, u64) {
    let mut log = open(disk).unwrap();
    for n in 0..12 {
        append(&mut log, n).unwrap();
        log.sync().unwrap();
    }
    (disk.names().unwrap(), log.end())
}

fn verify(log: &BlockLog) -> Result<usize, BlockLogError> {
    let mut n = 0;
    for found in log.replay(log.start()) {
        assert!(is_record(&found?, n as u64), "a damaged record passed");
        n += 1;
    }
    Ok(n)
}

#[test]
fn a_flipped_bit_anywhere_is_found_by_opening_or_replaying() {
    let (names, end) = made(&SimDisk::new());
    let mut refused = 0;
    for name in &names {
        let disk = SimDisk::new();
        made(&disk);
        let len = disk.open(name).unwrap().len();
        for offset in 0..len {
            let mask = 1 << (offset % 8);
            disk.damage(name, offset, mask);
            let known = BlockLogConfig {
                durable: end,
                ..config()
            };
            let found = BlockLog::open(Box::new(disk.clone()), known).and_then(|log| verify(&log));
            let error = found.expect_err("damage is found");
            let named = matches!(
                error,
                BlockLogError::Corrupt { .. }
                    | BlockLogError::OtherNetwork { .. }
                    | BlockLogError::OtherVersion { .. }
            );
            assert!(named, "{name} at {offset}: {error}");
            assert_eq!(disk.open(name).unwrap().len(), len, "nothing is cut");
            disk.damage(name, offset, mask);
            refused += 1;
        }
    }
    assert!(refused > 5000);
}

#[test]
fn without_outside_knowledge_damage_before_the_last_synced_record_is_found() {
    let disk = SimDisk::new();
    let config = BlockLogConfig::new(config().network, 1);
    let mut log = BlockLog::open(Box::new(disk.clone()), config).unwrap();
    let mut sync = |n| {
        let offset = append(&mut log, n).unwrap();
        log.sync().unwrap();
        offset
    };
    let offsets = [sync(0), sync(1), sync(2)];
    let name = disk.names().unwrap().remove(0);
    for offset in [offsets[0], offsets[1]] {
        disk.damage(&name, offset + 20, 1);
        let found = BlockLog::open(Box::new(disk.clone()), config).err();
        assert_eq!(found, Some(BlockLogError::Corrupt { offset }));
        disk.damage(&name, offset + 20, 1);
    }
}

#[test]
fn a_missing_segment_is_damage() {
    let disk = SimDisk::new();
    let (names, _) = made(&disk);
    disk.remove(&names[1]).unwrap();
    assert!(matches!(
        open(&disk).err(),
        Some(BlockLogError::Corrupt { .. })
    ));
}

#[test]
fn a_flipped_bit_in_the_vote_log_is_never_a_vote() {
    let disk = SimDisk::new();
    let mut log = VoteLog::open(Box::new(disk.clone()), VOTES, None).unwrap();
    for n in 1..=6 {
        log.append(vote(n)).unwrap();
        log.sync().unwrap();
    }
    let len = disk.open("votes.log").unwrap().len();
    for offset in 0..len {
        disk.damage("votes.log", offset, 0x10);
        let error = VoteLog::open(Box::new(disk.clone()), VOTES, Some(6))
            .err()
            .unwrap();
        let named = matches!(
            error,
            VoteLogError::Corrupt { .. }
                | VoteLogError::OlderThanKey {
                    log: Some(5),
                    key: 6
                }
        );
        assert!(named, "at {offset}: {error}");
        assert_eq!(disk.open("votes.log").unwrap().len(), len, "nothing is cut");
        disk.damage("votes.log", offset, 0x10);
    }
}
