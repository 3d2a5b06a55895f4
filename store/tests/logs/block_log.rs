//! The block log when nothing goes wrong, and what it refuses.

use crypto::Hash;
use store::block_log::MAX_PAYLOAD;
use store::{BlockLog, BlockLogConfig, BlockLogError, LogDir, SimDisk};

use crate::{append, config, count, is_record, open, record};

#[test]
fn records_are_found_again_in_order_and_by_offset() {
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    assert_eq!((log.start(), log.end(), count(&log)), (64, 64, 0));
    let offsets: Vec<u64> = (0..40).map(|n| append(&mut log, n).unwrap()).collect();
    assert!(log.durable() < log.end());
    assert_eq!(log.sync().unwrap(), log.end());
    let log = open(&disk).unwrap();
    assert_eq!(count(&log), 40);
    assert!(disk.names().unwrap().len() > 5, "the log has many segments");
    for (n, offset) in offsets.iter().enumerate() {
        let found = log.read(*offset).unwrap();
        assert!(is_record(&found, n as u64));
        let rest = log.replay(found.end).map(Result::unwrap).count();
        assert_eq!(rest, 39 - n, "an end is where replay can go on");
    }
}

#[test]
fn only_the_start_of_a_record_is_one() {
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    let offsets: Vec<u64> = (0..4).map(|n| append(&mut log, n).unwrap()).collect();
    for offset in 0..log.end() + 100 {
        assert_eq!(
            log.read(offset).is_ok(),
            offsets.contains(&offset),
            "offset {offset}"
        );
    }
    assert_eq!(
        log.read(u64::MAX).err(),
        Some(BlockLogError::NoRecord { offset: u64::MAX })
    );
}

#[test]
fn pruning_removes_whole_segments_before_an_offset() {
    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    let offsets: Vec<u64> = (0..40).map(|n| append(&mut log, n).unwrap()).collect();
    log.sync().unwrap();
    let segments = disk.names().unwrap().len();
    log.prune(offsets[20]).unwrap();
    assert!(disk.names().unwrap().len() < segments);
    let reopened = open(&disk).unwrap();
    for log in [&log, &reopened] {
        assert!(log.start() <= offsets[20]);
        assert_eq!(log.replay(offsets[20]).map(Result::unwrap).count(), 20);
        assert_eq!(
            log.read(offsets[0]).err(),
            Some(BlockLogError::NoRecord { offset: 64 })
        );
    }
    log.prune(u64::MAX).unwrap();
    assert_eq!(disk.names().unwrap().len(), 1, "the open segment stays");
    append(&mut log, 40).unwrap();
}

#[test]
fn a_log_of_another_network_is_refused() {
    let disk = SimDisk::new();
    append(&mut open(&disk).unwrap(), 0).unwrap();
    let expected = Hash::new([9; 32]);
    let other = BlockLogConfig {
        network: expected,
        ..config()
    };
    let refused = BlockLog::open(Box::new(disk.clone()), other).err();
    let found = config().network;
    assert_eq!(
        refused,
        Some(BlockLogError::OtherNetwork { found, expected })
    );
    assert_eq!(count(&open(&disk).unwrap()), 1, "refusing changes nothing");
}

#[test]
fn a_log_that_lost_durable_bytes_is_refused() {
    let disk = SimDisk::new();
    let known = |durable| BlockLogConfig {
        durable,
        ..config()
    };
    let mut log = open(&disk).unwrap();
    append(&mut log, 0).unwrap();
    let end = log.sync().unwrap();
    assert!(BlockLog::open(Box::new(disk.clone()), known(end)).is_ok());
    let refused = BlockLog::open(Box::new(disk), known(end + 1)).err();
    assert_eq!(
        refused,
        Some(BlockLogError::TooShort {
            end,
            durable: end + 1
        })
    );
    let missing = BlockLog::open(Box::new(SimDisk::new()), known(end)).err();
    assert_eq!(
        missing,
        Some(BlockLogError::TooShort {
            end: 64,
            durable: end
        })
    );
}

#[test]
fn a_payload_too_large_is_refused_without_stopping() {
    let mut log = open(&SimDisk::new()).unwrap();
    let bytes = MAX_PAYLOAD + 1;
    let refused = log.append(0, &Hash::ZERO, &vec![0; bytes]).err();
    assert_eq!(refused, Some(BlockLogError::TooLarge { bytes }));
    let (kind, key, payload) = record(0);
    log.append(kind, &key, &payload).unwrap();
    assert_eq!(count(&log), 1);
}

/// Opens a torn log whose record carries bytes that pose as records of a log with nonce `guess`.
fn posing(guess: u64) -> Result<BlockLog, BlockLogError> {
    let strange = SimDisk::new();
    let guess = BlockLogConfig {
        nonce: guess,
        ..config()
    };
    let mut log = BlockLog::open(Box::new(strange.clone()), guess).unwrap();
    log.append(0, &Hash::ZERO, &[0; 49]).unwrap();
    log.sync().unwrap();
    log.append(0, &Hash::ZERO, b"posing").unwrap();
    let name = strange.names().unwrap().remove(0);
    let bytes = strange.open(&name).unwrap().read_all().unwrap();

    let disk = SimDisk::new();
    let mut log = open(&disk).unwrap();
    log.append(0, &Hash::ZERO, &bytes[64 + 16 + 33..]).unwrap();
    disk.damage(&name, 64, 1);
    open(&disk)
}

#[test]
fn a_nonce_keeps_a_payload_from_posing_as_records() {
    let knowing = posing(config().nonce).err();
    assert_eq!(
        knowing,
        Some(BlockLogError::Corrupt { offset: 64 }),
        "who knows it can do harm"
    );
    assert_eq!(count(&posing(7).unwrap()), 0, "torn, not damaged");
}
