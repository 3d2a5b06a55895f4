//! The bytes of all files, so that formats change only on purpose.
//!
//! The expected bytes were computed by a few lines of Python with `struct` and `zlib.crc32`.

use crypto::Hash;
use store::{BlockLog, BlockLogConfig, KeyUse, LogDir, SimDisk, Vote, VoteLog};

use crate::{NETWORK, VOTES};

const BLOCKS: &str = "\
    54484b424c4f434b010000000000000000000000010101010101010101010101010101010101010101010101\
    010101010101010163000000000000009c044ce926000000809c38c5400000000000000007aaaaaaaaaaaaaa\
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa626c6f636b210000002d4f1d99760000000000\
    000008bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

const VOTES_FILE: &str = "\
    54484b564f544553010000000000000000000000010101010101010101010101010101010101010101010101\
    01010101010101010202020202020202020202020202020202020202020202020202020202020202a1c2c847\
    21000000be394eaf580000000000000001000000000000000300000004000000000000000500000000000000\
    06766f7465";

const KEY_USE: &str = "\
    54484b4b45595553010000004d00000000000000010101010101010101010101010101010101010101010101\
    010101010101010102020202020202020202020202020202020202020202020202020202020202026e608247";

fn hex(disk: &SimDisk, name: &str) -> String {
    hex::encode(disk.open(name).unwrap().read_all().unwrap())
}

#[test]
fn bytes_of_the_block_log_stay() {
    let disk = SimDisk::new();
    let config = BlockLogConfig::new(NETWORK, 99);
    let mut log = BlockLog::open(Box::new(disk.clone()), config).unwrap();
    log.append(7, &Hash::new([0xaa; 32]), b"block").unwrap();
    log.sync().unwrap();
    log.append(8, &Hash::new([0xbb; 32]), b"").unwrap();
    assert_eq!(hex(&disk, "blocks-0000000000000000.log"), BLOCKS);
}

#[test]
fn bytes_of_the_vote_log_stay() {
    let disk = SimDisk::new();
    let mut log = VoteLog::create(Box::new(disk.clone()), VOTES).unwrap();
    let payload = b"vote".to_vec();
    log.append(Vote {
        chain: 3,
        epoch: 4,
        round: 5,
        kind: 6,
        payload,
    })
    .unwrap();
    assert_eq!(hex(&disk, "votes.log"), VOTES_FILE);
}

#[test]
fn bytes_of_the_key_use_mark_stay() {
    let disk = SimDisk::new();
    KeyUse::open(Box::new(disk.clone()), VOTES)
        .unwrap()
        .note(77)
        .unwrap();
    assert_eq!(hex(&disk, "key-use"), KEY_USE);
}
