//! What is found after a crash.

#[allow(dead_code, reason = "shared by several test files")]
mod network;

use std::sync::Arc;

use consensus::Record;
use network::{CHAIN, Disk, Network, account, committee, config, network as id, transfer};
use tx_chain::Effect;
use types::{Statement, Vote, VoteKind};

/// [J3] A member that crashes while it prepares its own block: whatever is left of both logs, a
/// vote that is found names a block that is found. Nobody else has that block, and a committee that
/// is told of the vote may not go on without it.
#[test]
fn a_vote_that_outlives_a_crash_names_a_block_that_does() {
    let mut net = Network::new(4, 0);
    for at in 0..4 {
        net.submit(at, transfer(1, account(2), 0, 10));
    }
    let block = net.finals[0].last().unwrap().executed.block.clone();
    let config = config(0, &Arc::new(committee(0, 0..4)));
    let seat = config.consensus.seat.clone().unwrap();
    let value = Some(block.header.hash());
    let said = Statement {
        network: id(),
        chain: CHAIN,
        epoch: 0,
        round: block.header.round,
        kind: VoteKind::Prepare,
        value,
    };
    let vote = Vote::sign(&said, 0, &seat.key);
    let mut left = [0, 0];
    for seed in 0..400 {
        let mut disk = Disk::new();
        disk.open(&config);
        disk.keep(&Effect::Persist(Record::Block(Arc::new(block.clone()))));
        disk.keep(&Effect::Persist(Record::Vote(vote)));
        disk.crash_to(seed / 20, seed % 20);
        let restored = disk.open(&config).restored;
        let blocks = restored.blocks.iter().map(|block| block.header.hash());
        let voted = restored.votes.iter().any(|vote| vote.value == value);
        assert!(!voted || blocks.clone().any(|hash| Some(hash) == value));
        left[usize::from(voted)] += 1;
    }
    assert!(left.iter().all(|count| *count > 0), "{left:?}");
}
