//! The vote log: numbering, refusals, compaction.

use crypto::Hash;
use store::vote_log::MAX_VOTE_PAYLOAD;
use store::{LogDir, SimDisk, Vote, VoteLog, VoteLogConfig, VoteLogError};

use crate::{KEY, NETWORK, VOTES, vote};

fn open(disk: &SimDisk, last_used: Option<u64>) -> Result<VoteLog, VoteLogError> {
    VoteLog::open(Box::new(disk.clone()), VOTES, last_used)
}

/// A disk with a log of `count` synced votes.
fn with_votes(count: u64) -> SimDisk {
    let disk = SimDisk::new();
    let mut log = open(&disk, None).unwrap();
    (1..=count).for_each(|n| assert_eq!(log.append(vote(n)).unwrap(), n));
    log.sync().unwrap();
    disk
}

#[test]
fn votes_are_numbered_and_found_again() {
    let disk = with_votes(5);
    let mut log = open(&disk, Some(5)).unwrap();
    let found: Vec<(u64, Vote)> = log
        .records()
        .iter()
        .map(|record| (record.sequence, record.vote.clone()))
        .collect();
    assert_eq!(found, (1..=5).map(|n| (n, vote(n))).collect::<Vec<_>>());
    assert_eq!(log.append(vote(6)).unwrap(), 6);
    assert_eq!((log.last_sequence(), log.durable_sequence()), (6, 5));
    assert_eq!(log.sync().unwrap(), 6);
    assert_eq!(log.durable_sequence(), 6);
}

#[test]
fn a_log_missing_or_older_than_its_key_is_refused() {
    let cases = [
        // votes in the log, key used up to, opens
        (None, None, true),
        (None, Some(0), false),
        (None, Some(3), false),
        (Some(0), None, true),
        (Some(0), Some(0), true),
        (Some(3), None, true),
        (Some(3), Some(2), true),
        (Some(3), Some(3), true),
        (Some(3), Some(4), false),
    ];
    for (votes, key, opens) in cases {
        let disk = votes.map_or_else(SimDisk::new, with_votes);
        let opened = open(&disk, key);
        assert_eq!(opened.is_ok(), opens, "{votes:?} {key:?}");
        if let (Err(error), Some(key)) = (opened, key) {
            assert_eq!(error, VoteLogError::OlderThanKey { log: votes, key });
            let said = error.to_string();
            assert!(
                said.contains("will not sign") && said.contains("fresh key"),
                "{said}"
            );
            assert_eq!(
                disk.names().unwrap().len(),
                usize::from(votes.is_some()),
                "not begun"
            );
        }
    }
}

#[test]
fn a_log_of_another_network_or_key_is_refused() {
    let disk = with_votes(1);
    let other = Hash::new([9; 32]);
    let network = VoteLogConfig {
        network: other,
        key: KEY,
    };
    let refused = VoteLog::open(Box::new(disk.clone()), network, None).err();
    assert_eq!(
        refused,
        Some(VoteLogError::OtherNetwork {
            found: NETWORK,
            expected: other
        })
    );
    let key = VoteLogConfig {
        network: NETWORK,
        key: other,
    };
    let refused = VoteLog::open(Box::new(disk.clone()), key, None).err();
    assert_eq!(
        refused,
        Some(VoteLogError::OtherKey {
            found: KEY,
            expected: other
        })
    );
    let again = VoteLog::create(Box::new(disk), VOTES).err();
    assert_eq!(again, Some(VoteLogError::Exists));
}

#[test]
fn compaction_drops_votes_but_not_their_numbers() {
    let disk = with_votes(9);
    let before = disk.open("votes.log").unwrap().len();
    let mut log = open(&disk, Some(9)).unwrap();
    log.append(vote(10)).unwrap();
    log.compact(|record| record.sequence % 4 == 0).unwrap();
    assert_eq!(log.durable_sequence(), 10, "compaction syncs");
    assert_eq!(log.append(vote(11)).unwrap(), 11);
    log.sync().unwrap();
    let log = open(&disk, Some(11)).unwrap();
    let kept: Vec<u64> = log.records().iter().map(|record| record.sequence).collect();
    assert_eq!(kept, [4, 8, 11]);
    assert!(
        log.records()
            .iter()
            .all(|record| record.vote == vote(record.sequence))
    );
    assert!(disk.open("votes.log").unwrap().len() < before);
    assert_eq!(disk.names().unwrap(), ["votes.log"]);

    let mut log = open(&disk, Some(11)).unwrap();
    log.compact(|_| false).unwrap();
    let mut log = open(&disk, Some(11)).unwrap();
    assert_eq!((log.records().len(), log.last_sequence()), (0, 11));
    assert_eq!(log.append(vote(12)).unwrap(), 12);
}

#[test]
fn a_vote_too_large_is_refused_without_stopping() {
    let mut log = open(&SimDisk::new(), None).unwrap();
    let bytes = MAX_VOTE_PAYLOAD + 1;
    let large = Vote {
        payload: vec![0; bytes],
        ..vote(1)
    };
    assert_eq!(
        log.append(large).err(),
        Some(VoteLogError::TooLarge { bytes })
    );
    assert_eq!(log.append(vote(1)).unwrap(), 1);
}
