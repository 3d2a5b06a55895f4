//! The block log and the vote log on good disks, bad disks, and disks that lose power.

mod block_crash;
mod block_log;
mod bytes;
mod carry;
mod damage;
mod files;
mod key_use;
mod vote_crash;
mod vote_log;

use crypto::Hash;
use store::{BlockLog, BlockLogConfig, BlockLogError, BlockRecord, LogDir, Vote, VoteLogConfig};

pub(crate) const NETWORK: Hash = Hash::new([1; 32]);
pub(crate) const KEY: Hash = Hash::new([2; 32]);
pub(crate) const VOTES: VoteLogConfig = VoteLogConfig {
    network: NETWORK,
    key: KEY,
};

/// Segments of 2,000 bytes, so that short tests have many.
pub(crate) fn config() -> BlockLogConfig {
    BlockLogConfig {
        segment_bytes: 2000,
        ..BlockLogConfig::new(NETWORK, 99)
    }
}

pub(crate) fn open(dir: &(impl LogDir + Clone + 'static)) -> Result<BlockLog, BlockLogError> {
    BlockLog::open(Box::new(dir.clone()), config())
}

/// Record `n` of a workload: sizes from nothing to more than two sectors.
pub(crate) fn record(n: u64) -> (u8, Hash, Vec<u8>) {
    let size = (n * 211 % 1300) as usize;
    (
        n as u8,
        Hash::new([n as u8 ^ 0x55; 32]),
        vec![n as u8 | 1; size],
    )
}

pub(crate) fn append(log: &mut BlockLog, n: u64) -> Result<u64, BlockLogError> {
    let (kind, key, payload) = record(n);
    log.append(kind, &key, &payload)
}

pub(crate) fn is_record(found: &BlockRecord, n: u64) -> bool {
    (found.kind, found.key, found.payload.clone()) == record(n)
}

/// How many records there are, all of which are those of the workload.
pub(crate) fn count(log: &BlockLog) -> u64 {
    let mut count = 0;
    for found in log.replay(log.start()) {
        assert!(is_record(&found.unwrap(), count), "record {count}");
        count += 1;
    }
    count
}

pub(crate) fn vote(n: u64) -> Vote {
    let payload = vec![n as u8; (n * 97 % 700) as usize];
    Vote {
        chain: n as u32 % 3,
        epoch: n / 10,
        round: n,
        kind: n as u8 % 4,
        payload,
    }
}
