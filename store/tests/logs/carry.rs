//! A vote log that came from another machine.

use store::{LogDir, SimDisk, VoteLog, VoteLogError, VoteRecord};

use crate::{VOTES, vote};

fn record(sequence: u64) -> VoteRecord {
    VoteRecord {
        sequence,
        vote: vote(sequence),
    }
}

fn carry(disk: &SimDisk, last: u64, sequences: &[u64]) -> Result<VoteLog, VoteLogError> {
    let records = sequences.iter().copied().map(record).collect();
    VoteLog::carry(Box::new(disk.clone()), VOTES, last, records)
}

#[test]
fn a_carried_log_opens_as_any_other_and_goes_on_behind_it() {
    let disk = SimDisk::new();
    assert_eq!(VoteLog::owner(&disk).unwrap(), None);
    drop(carry(&disk, 9, &[3, 4, 8]).unwrap());
    assert_eq!(VoteLog::owner(&disk).unwrap(), Some(VOTES));
    let mut log = VoteLog::open(Box::new(disk.clone()), VOTES, Some(9)).unwrap();
    let found: Vec<_> = log.records().iter().map(|record| record.sequence).collect();
    assert_eq!((found, log.last_sequence()), (vec![3, 4, 8], 9));
    assert_eq!(log.append(vote(10)).unwrap(), 10);
    log.sync().unwrap();
    // Another one takes its place as a whole.
    drop(carry(&disk, 12, &[12]).unwrap());
    let log = VoteLog::open(Box::new(disk), VOTES, Some(12)).unwrap();
    assert_eq!((log.records().len(), log.last_sequence()), (1, 12));
}

#[test]
fn records_out_of_order_or_above_the_last_change_nothing() {
    let disk = SimDisk::new();
    drop(carry(&disk, 2, &[1, 2]).unwrap());
    for sequences in [&[2, 1][..], &[1, 1], &[0], &[1, 6]] {
        let refused = carry(&disk, 5, sequences).err();
        assert!(matches!(refused, Some(VoteLogError::Corrupt { .. })));
    }
    let log = VoteLog::open(Box::new(disk), VOTES, None).unwrap();
    assert_eq!(log.last_sequence(), 2);
}

#[test]
fn a_damaged_header_names_no_owner() {
    let disk = SimDisk::new();
    drop(carry(&disk, 1, &[1]).unwrap());
    let mut file = disk.create("votes.log.new").unwrap();
    file.append(&[0; 88]).unwrap();
    file.sync().unwrap();
    disk.rename("votes.log.new", "votes.log").unwrap();
    let refused = VoteLog::owner(&disk).err();
    assert!(matches!(refused, Some(VoteLogError::Corrupt { .. })));
}
