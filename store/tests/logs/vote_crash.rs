//! Power is lost, or the disk fails, in each operation of the vote log: no vote that may have left
//! is forgotten.

use store::{DiskFault, FileError, SimDisk, VoteLog, VoteLogError};

use crate::{VOTES, vote};

const VOTE_COUNT: u64 = 12;

/// Votes that left the node (synced), and votes that were begun.
#[derive(Clone, Copy, Default, Debug)]
struct Progress {
    left: u64,
    begun: u64,
}

/// Opens the log, checks it against what left, and votes on; compacts after every fifth vote.
fn run(disk: &SimDisk, progress: &mut Progress) -> Result<(), VoteLogError> {
    let used = (progress.left > 0).then_some(progress.left);
    let mut log = VoteLog::open(Box::new(disk.clone()), VOTES, used)?;
    let there = log.last_sequence();
    assert!(
        (progress.left..=progress.begun).contains(&there),
        "{there} of {progress:?}"
    );
    assert!(
        log.records()
            .iter()
            .all(|record| record.vote == vote(record.sequence))
    );
    let newest = log.records().last().map_or(0, |record| record.sequence);
    assert_eq!(newest, there, "compaction here keeps the newest");
    *progress = Progress {
        left: there,
        begun: there,
    };
    for n in there + 1..=VOTE_COUNT {
        progress.begun = n;
        log.append(vote(n))?;
        progress.left = log.sync()?;
        if n % 5 == 0 {
            log.compact(|record| record.sequence + 2 > n)?;
        }
    }
    Ok(())
}

fn operations() -> u64 {
    let disk = SimDisk::new();
    run(&disk, &mut Progress::default()).unwrap();
    disk.writes()
}

#[test]
fn a_power_loss_between_any_two_operations_forgets_no_vote_that_left() {
    for at in 0..operations() {
        for seed in 0..60 {
            let disk = SimDisk::new();
            disk.fail_after(at, DiskFault::PowerLoss);
            let mut progress = Progress::default();
            assert!(run(&disk, &mut progress).is_err());
            let disk = disk.crash(seed << 32 | at);
            run(&disk, &mut progress).unwrap_or_else(|e| panic!("at {at}, seed {seed}: {e}"));
            assert_eq!(progress.left, VOTE_COUNT);
        }
    }
}

#[test]
fn power_losses_one_after_another_forget_nothing_either() {
    for seed in 0..400u64 {
        let (mut disk, mut progress, mut round) = (SimDisk::new(), Progress::default(), 0);
        loop {
            disk.fail_after((seed * 13 + round * 7) % 9, DiskFault::PowerLoss);
            match run(&disk, &mut progress) {
                Ok(()) => break,
                Err(_) => disk = disk.crash(seed << 32 | round),
            }
            round += 1;
            assert!(round < 300, "seed {seed} makes progress");
        }
    }
}

#[test]
fn a_failed_sync_is_final_as_a_second_one_may_lie() {
    let disk = SimDisk::new();
    let mut log = VoteLog::open(Box::new(disk.clone()), VOTES, None).unwrap();
    log.append(vote(1)).unwrap();
    log.sync().unwrap();
    log.append(vote(2)).unwrap();
    disk.fail_after(0, DiskFault::Io);
    assert!(matches!(
        log.sync().err(),
        Some(VoteLogError::File(FileError::Io { .. }))
    ));
    assert_eq!(log.sync().err(), Some(VoteLogError::Stopped));
    assert_eq!(log.append(vote(3)).err(), Some(VoteLogError::Stopped));
    assert_eq!(log.compact(|_| true).err(), Some(VoteLogError::Stopped));
    assert_eq!(log.durable_sequence(), 1);
    let lasts: Vec<u64> = (0..40)
        .map(|seed| {
            let disk = Box::new(disk.crash(seed));
            VoteLog::open(disk, VOTES, Some(1)).unwrap().last_sequence()
        })
        .collect();
    assert!(lasts.contains(&1) && lasts.contains(&2), "the disk decides");
}

#[test]
fn a_full_disk_has_a_name_at_every_operation() {
    for at in 0..operations() {
        let disk = SimDisk::new();
        disk.fail_after(at, DiskFault::Full);
        let mut progress = Progress::default();
        let error = run(&disk, &mut progress).unwrap_err();
        assert_eq!(error, VoteLogError::File(FileError::Full));
        assert!(error.to_string().contains("free some space"));
        // Space was freed and the node restarted, without a crash in between.
        run(&disk, &mut progress).unwrap();
    }
}

#[test]
fn votes_that_a_killed_process_left_are_durable_once_the_log_is_open_again() {
    for seed in 0..40 {
        let disk = SimDisk::new();
        let open = |disk: &SimDisk| VoteLog::open(Box::new(disk.clone()), VOTES, None).unwrap();
        let mut log = open(&disk);
        (1..4).for_each(|n| assert_eq!(log.append(vote(n)).unwrap(), n));
        drop(log);
        assert_eq!(open(&disk).durable_sequence(), 3);
        assert_eq!(open(&disk.crash(seed)).last_sequence(), 3);
    }
}
