//! Power is lost, or the disk fails, in each operation of the block log.

use store::{BlockLogError, DiskFault, FileError, SimDisk};

use crate::{append, count, is_record, open};

const RECORDS: u64 = 24;

/// How far a run came: records that were synced, and that were begun.
#[derive(Clone, Copy, Default)]
struct Progress {
    synced: u64,
    begun: u64,
}

/// Opens the log and goes on from what is there; a sync after every third record.
fn run(disk: &SimDisk, progress: &mut Progress) -> Result<(), BlockLogError> {
    let mut log = open(disk)?;
    let there = count(&log);
    assert!(
        (progress.synced..=progress.begun).contains(&there),
        "{there} records are there"
    );
    // Opening syncs what it finds.
    *progress = Progress {
        synced: there,
        begun: there,
    };
    for n in there..RECORDS {
        progress.begun = n + 1;
        append(&mut log, n)?;
        if n % 3 == 2 {
            log.sync()?;
            progress.synced = n + 1;
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
fn a_power_loss_between_any_two_operations_loses_nothing_that_was_synced() {
    let operations = operations();
    assert!(operations > 60, "{operations}");
    for at in 0..operations {
        for seed in 0..40 {
            let disk = SimDisk::new();
            disk.fail_after(at, DiskFault::PowerLoss);
            let mut progress = Progress::default();
            assert!(run(&disk, &mut progress).is_err());
            let disk = disk.crash(seed << 32 | at);
            run(&disk, &mut progress).unwrap_or_else(|e| panic!("at {at}, seed {seed}: {e}"));
            assert_eq!(count(&open(&disk).unwrap()), RECORDS);
        }
    }
}

#[test]
fn power_losses_one_after_another_lose_nothing_either() {
    for seed in 0..400u64 {
        let mut disk = SimDisk::new();
        let mut progress = Progress::default();
        let mut round = 0;
        loop {
            // Short lives: recovery itself is cut off again and again.
            disk.fail_after((seed * 31 + round * 17) % 11, DiskFault::PowerLoss);
            match run(&disk, &mut progress) {
                Ok(()) => break,
                Err(_) => disk = disk.crash(seed << 32 | round),
            }
            round += 1;
            assert!(round < 200, "seed {seed} makes progress");
        }
    }
}

#[test]
fn pruning_cut_off_anywhere_leaves_a_log_without_gaps() {
    for at in 0..20 {
        for seed in 0..10 {
            let disk = SimDisk::new();
            run(&disk, &mut Progress::default()).unwrap();
            let mut log = open(&disk).unwrap();
            let offsets: Vec<_> = log.replay(log.start()).map(|r| r.unwrap().offset).collect();
            disk.fail_after(at, DiskFault::PowerLoss);
            let _ = log.prune(offsets[16]);
            let log = open(&disk.crash(seed)).unwrap();
            let kept: Vec<_> = log.replay(log.start()).map(Result::unwrap).collect();
            assert!(kept.len() >= 8, "at {at}, seed {seed}");
            let first = RECORDS - kept.len() as u64;
            assert!(
                kept.iter()
                    .zip(first..)
                    .all(|(found, n)| is_record(found, n))
            );
        }
    }
}

#[test]
fn a_failed_write_has_a_name_and_is_never_retried() {
    for at in 0..operations() {
        for fault in [DiskFault::Full, DiskFault::Io] {
            let disk = SimDisk::new();
            let mut log = match open(&disk) {
                Ok(log) => log,
                Err(error) => unreachable!("a healthy disk: {error}"),
            };
            disk.fail_after(at, fault);
            let (mut begun, mut synced) = (0, 0);
            let error = loop {
                let result = append(&mut log, begun).and_then(|_| {
                    if begun % 3 == 2 {
                        log.sync().map(|_| true)
                    } else {
                        Ok(false)
                    }
                });
                begun += 1;
                match result {
                    Ok(did_sync) => synced = if did_sync { begun } else { synced },
                    Err(error) => break error,
                }
            };
            let full = error == BlockLogError::File(FileError::Full);
            assert_eq!(full, fault == DiskFault::Full, "{error}");
            assert_eq!(append(&mut log, begun).err(), Some(BlockLogError::Stopped));
            assert_eq!(log.sync().err(), Some(BlockLogError::Stopped));
            assert_eq!(log.prune(u64::MAX).err(), Some(BlockLogError::Stopped));
            for seed in 0..5 {
                let found = count(&open(&disk.crash(seed)).unwrap());
                assert!(
                    (synced..=begun).contains(&found),
                    "{synced} <= {found} <= {begun}"
                );
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_wreck() {
    let wreck = |seed| {
        let disk = SimDisk::new();
        disk.fail_after(30, DiskFault::PowerLoss);
        let _ = run(&disk, &mut Progress::default());
        format!("{:?}", disk.crash(seed))
    };
    assert_eq!(wreck(5), wreck(5));
    assert!((0..20).any(|seed| wreck(seed) != wreck(5)), "seeds differ");
}

#[test]
fn what_a_killed_process_left_is_durable_once_the_log_is_open_again() {
    for seed in 0..40 {
        let disk = SimDisk::new();
        let mut log = open(&disk).unwrap();
        for n in 0..3 {
            append(&mut log, n).unwrap();
        }
        drop(log);
        // No power loss yet: all bytes are found, and what is found must not vanish later.
        let log = open(&disk).unwrap();
        assert_eq!((count(&log), log.durable()), (3, log.end()));
        assert_eq!(count(&open(&disk.crash(seed)).unwrap()), 3);
    }
}
