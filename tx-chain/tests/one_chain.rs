//! One committee, no other chains: from message to final block.

#[allow(dead_code, reason = "shared by several test files")]
mod network;

use consensus::Message;
use network::{Network, account, transfer};
use tx_chain::{Input, SignedMessage};
use types::{AccountId, Amount, ChainId, Status, Time, VoteKind};

#[test]
fn a_transfer_handed_in_anywhere_becomes_final_everywhere() {
    for at in 0..5 {
        let mut net = Network::new(4, 1);
        net.submit(at, transfer(1, account(2), 0, 500));
        // The observer and members that don't lead pass messages on by gossip, which is not here.
        for other in (0..5).filter(|other| *other != at) {
            net.submit(other, transfer(1, account(2), 0, 500));
        }
        for (node, finals) in net.finals.iter().enumerate() {
            assert_eq!(finals.len(), 1, "node {node}");
            let state = &finals[0].executed.state;
            assert_eq!(state.balance(&account(2)), Amount(1_000_000_500));
            assert!(state.conserves());
        }
        let hashes: Vec<_> = net
            .finals
            .iter()
            .map(|finals| finals[0].executed.hash)
            .collect();
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

/// [C17] σ takes more than what is kept free for it: each payment is to another account.
#[test]
fn messages_that_fill_a_block_to_the_brim_stop_nothing() {
    const COUNT: u64 = 1_600;
    let mut net = Network::with(4, 0, |rules| {
        rules.block_messages = 2 * COUNT as usize;
        rules.mempool.per_sender = COUNT as usize;
        // As much as the messages, which take 218 bytes each, and what is kept free.
        rules.body_bytes = 420_000;
    });
    let payments = (0..COUNT).map(|nonce| {
        let mut to = [0xff; 32];
        to[24..].copy_from_slice(&nonce.to_be_bytes());
        transfer(1, AccountId(to.into()), nonce, 1)
    });
    let signed = SignedMessage::check(network::network(), payments.collect(), [1; 32]);
    let good: Vec<_> = signed.into_iter().flatten().collect();
    for at in 0..4 {
        net.give(at, Input::Externals(good.clone()));
    }
    net.pass(20_000);
    for finals in &net.finals {
        let state = &finals.last().expect("blocks").executed.state;
        assert_eq!(state.nonce(&account(1)), COUNT);
        let sizes = finals.iter().map(|block| block.executed.block.body.len());
        assert!(sizes.clone().all(|size| size <= 420_000) && sizes.max() > Some(200_000));
    }
}

#[test]
fn nothing_happens_when_there_is_nothing_to_do() {
    let mut net = Network::new(4, 1);
    net.pass(30_000);
    assert!(net.finals.iter().all(Vec::is_empty));
}

#[test]
fn one_member_is_committee_enough() {
    let mut net = Network::new(1, 1);
    for nonce in 0..5 {
        net.submit(0, transfer(1, account(3), nonce, 10));
    }
    assert_eq!(net.finals[0].len(), net.finals[1].len());
    let state = &net.finals[1].last().unwrap().executed.state;
    assert_eq!(
        (state.nonce(&account(1)), state.balance(&account(3))),
        (5, Amount(1_000_000_050))
    );
}

#[test]
fn a_silent_leader_costs_time_and_not_the_message() {
    let mut net = Network::new(4, 0);
    // Known to one member only, who need not be the leader: the others stay idle until it asks.
    net.submit(2, transfer(1, account(2), 0, 500));
    net.pass(60_000);
    assert!(net.finals.iter().all(|finals| !finals.is_empty()));
    let last = net.finals[0].last().unwrap();
    assert_eq!(
        last.executed.state.balance(&account(2)),
        Amount(1_000_000_500)
    );
}

/// A leader may send a block whose time is right for some clocks and early for others.
#[test]
fn a_block_that_was_early_for_a_member_can_be_built_upon() {
    for (late, silent) in [(0, 1), (1, 2), (2, 3), (3, 0)] {
        let mut net = Network::new(4, 0);
        net.now = Time(10_000);
        net.late = Some((late, 5_000));
        // The others prepare it, and nobody hears enough to make it final.
        net.lost = Box::new(|_, _, message| match message {
            Message::Vote(vote) => vote.kind == VoteKind::Confirm,
            _ => false,
        });
        for at in 0..4 {
            net.submit(at, transfer(1, account(2), 0, 500));
        }
        net.late = None;
        net.lost = Box::new(move |from, to, _| [from, to].contains(&silent));
        net.pass(60_000);
        for at in (0..4).filter(|at| *at != silent) {
            let last = net.finals[at].last().expect("the chain goes on");
            let balance = last.executed.state.balance(&account(2));
            assert_eq!(balance, Amount(1_000_000_500));
        }
    }
}

#[test]
fn a_message_in_a_block_that_was_only_fetched_stops_waiting() {
    let mut net = Network::new(4, 1);
    net.deaf = Some(4);
    for at in 0..5 {
        net.submit(at, transfer(1, account(2), 0, 500));
    }
    let block = net.finals[0][0].executed.block.clone();
    assert!(net.finals[4].is_empty() && net.chains[4].mempool().is_ready());
    net.give(4, Input::Blocks(vec![block]));
    assert_eq!(net.finals[4].len(), 1);
    assert!(net.chains.iter().all(|chain| chain.mempool().is_empty()));
}

#[test]
fn a_transfer_to_a_system_account_that_is_not_there_comes_back() {
    let mut net = Network::new(4, 0);
    for at in 0..4 {
        net.submit(
            at,
            transfer(1, AccountId::system(network::CHAIN, 99), 0, 500),
        );
    }
    net.pass(10_000);
    let receipts: Vec<_> = net.finals[0]
        .iter()
        .flat_map(|block| &block.executed.receipts)
        .collect();
    let failed = receipts
        .iter()
        .filter(|receipt| matches!(receipt.status, Status::Failed(_)));
    assert_eq!((receipts.len(), failed.count()), (3, 1));
    let state = &net.finals[0].last().unwrap().executed.state;
    assert!(state.balance(&account(1)) > Amount(1_000_000_000 - 20_000));
}

#[test]
fn a_transfer_to_another_chain_leaves_in_the_outbox() {
    let mut net = Network::new(4, 0);
    for at in 0..4 {
        net.submit(
            at,
            transfer(1, AccountId::system(ChainId::ROOT, 99), 0, 500),
        );
    }
    let block = &net.finals[0][0].executed;
    let (bundle, messages) = &block.outbox[0];
    assert_eq!(
        (bundle.destination, bundle.first_index, bundle.count),
        (ChainId::ROOT, 0, 1)
    );
    assert_eq!((bundle.value, messages.len()), (Amount(500), 1));
    assert!(block.state.lanes().balances());
}

#[test]
fn many_messages_of_many_senders_all_arrive_once() {
    let mut net = Network::new(4, 1);
    for nonce in 0..20 {
        for from in 1..=4 {
            for at in 0..5 {
                net.submit(at, transfer(from, account(from % 4 + 1), nonce, 7));
            }
        }
    }
    net.pass(5_000);
    let state = &net.finals[4].last().unwrap().executed.state;
    for user in 1..=4 {
        assert_eq!(state.nonce(&account(user)), 20);
    }
    assert!(state.conserves());
    assert!(net.chains.iter().all(|chain| chain.mempool().is_empty()));
}
