//! What is found after a crash, and what comes along from another machine.

#[allow(dead_code, reason = "shared by several test files")]
mod network;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use consensus::{Message, Record};
use crypto::Hash;
use network::{CHAIN, Disk, Network, account, committee, config, network as id, transfer};
use tx_chain::Effect;
use types::{Amount, BlockHash, News, Statement, Vote, VoteKind};

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

/// A payment of 10, handed in everywhere since there is no gossip.
fn pay(net: &mut Network, nonce: u64) {
    for at in 0..net.chains.len() {
        net.submit(at, transfer(1, account(2), nonce, 10));
    }
}

/// [H5] A validator that moved brings along what its key has signed in a term that has not begun
/// yet on the new machine, and contradicts none of it.
#[test]
fn a_key_that_has_signed_elsewhere_contradicts_nothing() {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    net.root(vec![], vec![News::Elected(committee(1, 4..8))]);
    pay(&mut net, 1);
    let of_term = Arc::new(committee(1, 4..8));
    let seat = config(4, &of_term).consensus.seat.unwrap();
    let last = net.chains[0].last_final().header().round;
    let said = (last + 1..last + 12).map(|round| {
        let said = Statement {
            network: id(),
            chain: CHAIN,
            epoch: 1,
            round,
            kind: VoteKind::Prepare,
            value: Some(BlockHash(Hash::new([9; 32]))),
        };
        Vote::sign(&said, seat.member, &seat.key)
    });
    let said: Vec<_> = said.collect();
    net.disks[4].import(&seat, &said);
    let spoken = Rc::new(RefCell::new(Vec::new()));
    let heard = spoken.clone();
    net.lost = Box::new(move |from, _, message| {
        if let (4, Message::Vote(vote)) = (from, message) {
            heard.borrow_mut().push(*vote);
        }
        false
    });
    let ready = News::Ready {
        chain: CHAIN,
        epoch: 1,
    };
    net.root(vec![], vec![ready]);
    for nonce in 2..6 {
        pay(&mut net, nonce);
    }
    net.pass(60_000);
    let paid = net.chains[5].last_final().state.balance(&account(2));
    assert_eq!(paid, Amount(1_000_000_060), "the others go on");
    let clashes = |vote: &&Vote| {
        let same_round = said.iter().find(|old| old.round == vote.round);
        same_round.is_some_and(|old| vote.kind != VoteKind::Confirm && vote.value != old.value)
    };
    let spoken = spoken.borrow();
    assert_eq!(spoken.iter().find(clashes), None);
}
