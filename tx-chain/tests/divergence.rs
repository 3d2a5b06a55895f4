//! [C14] A captured committee certifies what does not execute: its chain ends, and nothing else.

#[allow(dead_code, reason = "shared by several test files")]
mod network;

use std::sync::Arc;

use borsh::BorshDeserialize;
use bytes::Bytes;
use consensus::Message;
use crypto::{Hash, bls};
use network::{CHAIN, Network, account, committee, config, key, network as id, node, transfer};
use tx_chain::{Chain, Effect, Input, SignedMessage, verifier};
use types::{
    Ack, Amount, Block, Body, Certificate, CertificateKind, ChainId, Finality, Group, News, Order,
    Phase, Signers, Statement, Time, Tip, Vote, VoteKind, limits,
};

/// Who hears nothing of the true blocks: a member, and a follower.
const APART: [usize; 2] = [3, 4];
/// The follower.
const FOLLOWER: usize = 4;

/// A payment of 10, handed in everywhere since there is no gossip.
fn pay(net: &mut Network, nonce: u64) {
    for at in 0..net.chains.len() {
        net.submit(at, transfer(1, account(2), nonce, 10));
    }
}

/// Four members and a follower at one height, and then two more blocks that some don't hear of.
fn captured() -> Network {
    let mut net = Network::new(4, 1);
    net.captured = true;
    pay(&mut net, 0);
    net.lost = Box::new(|from, to, _| APART.contains(&from) || APART.contains(&to));
    pay(&mut net, 1);
    pay(&mut net, 2);
    let height = |at: usize| net.chains[at].last_final().header().height;
    assert_eq!([height(0), height(3), height(4)], [3, 1, 1]);
    net
}

/// The true block of a height.
fn block(net: &Network, height: u64) -> Block {
    let mut finals = net.finals[0].iter();
    let found = finals.find(|block| block.executed.header().height == height);
    found.unwrap().executed.block.clone()
}

fn certify(kind: CertificateKind, block: &Block) -> Certificate {
    let said = Statement {
        network: id(),
        chain: CHAIN,
        epoch: 0,
        round: block.header.round,
        kind: kind.vote(),
        value: Some(block.header.hash()),
    };
    let mut signers = Signers::none(committee(0, 0..4).size());
    let sign = |member: u16| {
        signers.insert(member.into());
        Vote::sign(&said, member, &key(member)).signature
    };
    let signatures: Vec<_> = (0..4).map(sign).collect();
    Certificate {
        kind,
        chain: CHAIN,
        epoch: 0,
        round: block.header.round,
        groups: vec![Group {
            value: said.value,
            signers,
        }],
        signature: bls::Signature::aggregate(&signatures).unwrap(),
    }
}

/// The whole committee certifies a block, and whoever hears of it can fetch it.
fn tell(net: &mut Network, at: usize, block: &Block) {
    net.publish(block.clone());
    net.give(at, heard(finality(block)));
    net.pass(5_000);
}

fn finality(block: &Block) -> Message {
    Message::Finality(Box::new(Finality {
        confirm: certify(CertificateKind::Confirm, block),
        prepare: certify(CertificateKind::Prepare, block),
    }))
}

fn heard(message: Message) -> Input {
    let from = node(0);
    Input::Consensus { from, message }
}

fn with_body(block: &mut Block, body: Vec<u8>) {
    block.header.body = Body::hash_of(&body);
    block.header.body_bytes = body.len() as u32;
    block.body = Bytes::from(body);
}

fn edit(block: &mut Block, change: impl FnOnce(&mut Body)) {
    let mut body = Body::try_from_slice(&block.body).unwrap();
    change(&mut body);
    with_body(block, borsh::to_vec(&body).unwrap());
}

fn wrong_state(block: &mut Block) {
    block.header.state_root = Hash::new([7; 32]);
}

/// What is wrong, and how.
type Lie = (&'static str, fn(&mut Block));

const LIES: [Lie; 14] = [
    ("state", wrong_state),
    ("receipts", |b| b.header.receipt_root = Hash::new([7; 32])),
    ("outbox", |b| b.header.outbox_root = Hash::new([7; 32])),
    ("history", |b| b.header.history_root = Hash::new([7; 32])),
    ("lanes", |b| b.header.lanes_root = Hash::new([7; 32])),
    ("gas", |b| b.header.gas += 1),
    ("version", |b| b.header.version = 9),
    ("chain", |b| b.header.chain = ChainId(7)),
    ("height", |b| b.header.height = u64::MAX),
    ("no body", |b| with_body(b, vec![9; 40])),
    ("a longer body", |b| {
        with_body(b, [&b.body[..], &[0]].concat());
    }),
    ("a large body", |b| with_body(b, vec![0; (1 << 20) + 1])),
    ("no order", |b| {
        edit(b, |body| body.order = Order::default())
    }),
    ("acknowledgements", |b| {
        let ack = Ack {
            peer: ChainId(9),
            messages: 5,
            bytes: 5,
        };
        edit(b, |body| body.acks.push(ack));
    }),
];

#[test]
fn a_certified_lie_ends_the_chain_where_it_was() {
    for (name, lie) in LIES {
        for at in APART {
            let mut net = captured();
            let before = net.chains[at].last_final().hash;
            let mut lying = block(&net, 2);
            lie(&mut lying);
            tell(&mut net, at, &lying);
            assert_eq!(net.diverged, [(at, lying.header)], "{name}");
            assert!(net.chains[at].has_diverged(), "{name}");
            assert_eq!(net.chains[at].last_final().hash, before, "{name}");
            assert_eq!(net.finals[at].len(), 1, "{name}");
        }
    }
}

/// A tail holds nothing.
#[test]
fn a_tail_that_holds_something_is_a_lie() {
    let mut net = captured();
    let mut lying = block(&net, 2);
    lying.header.phase = Phase::Tail;
    tell(&mut net, FOLLOWER, &lying);
    assert_eq!(net.diverged.len(), 1);
}

/// [C16] Rescued blocks, and those that are read back, come past the consensus of their term.
#[test]
fn a_block_far_above_its_parent_does_not_execute() {
    let net = captured();
    let parent = &net.finals[0][0].executed;
    let at = |round| {
        let mut far = block(&net, 2);
        far.header.round = round;
        verifier::repeat(&network::rules(), None, parent, &far).is_ok()
    };
    let round = parent.header().round;
    assert!(at(round + 1) && at(round + limits::ROUND_STEP));
    assert!(!at(round) && !at(round + limits::ROUND_STEP + 1));
}

/// What is true below the lie has no certificates of its own: nothing of the lot is final.
#[test]
fn nothing_of_a_lot_that_ends_in_a_lie_is_final() {
    let mut net = captured();
    let mut lying = block(&net, 3);
    wrong_state(&mut lying);
    tell(&mut net, FOLLOWER, &lying);
    assert_eq!(net.diverged, [(FOLLOWER, lying.header)]);
    let chain = &net.chains[FOLLOWER];
    assert_eq!(chain.last_final().header().height, 1);
    assert_eq!(chain.history().size(), 2);
    assert_eq!((net.finals[FOLLOWER].len(), chain.load().blocks), (1, 1));
    assert_eq!(
        chain.last_final().state.balance(&account(2)),
        Amount(1_000_000_010)
    );
}

/// Also not what was due at the same moment: here, a member's anchor.
#[test]
fn nothing_leaves_after_the_word_that_the_chain_has_ended() {
    for lies in [false, true] {
        let mut net = captured();
        let mut last = block(&net, 2);
        Some(&mut last).filter(|_| lies).map(wrong_state);
        let (now, mut out) = (net.now, Vec::new());
        let chain = &mut net.chains[3];
        chain.handle(now, heard(finality(&last)), &mut out);
        chain.handle(now.after(60_000), Input::Blocks(vec![last]), &mut out);
        let anchor = |effect: &Effect| matches!(effect, Effect::Submit(_));
        assert_eq!(out.iter().any(anchor), !lies);
        assert_eq!(matches!(out.last(), Some(Effect::Diverged { .. })), lies);
    }
}

/// What the blocks below a lie would have led to is not said either: here, that another message
/// used the nonce of one that waits.
#[test]
fn nothing_is_said_of_a_lot_that_ends_in_a_lie() {
    for lies in [false, true] {
        let mut net = Network::new(4, 1);
        net.lost = Box::new(|_, to, _| to == FOLLOWER);
        for nonce in 0..2 {
            (0..4).for_each(|at| net.submit(at, transfer(1, account(2), nonce, 10)));
        }
        net.submit(FOLLOWER, transfer(1, account(3), 0, 10));
        let mut blocks = vec![block(&net, 2), block(&net, 1)];
        blocks[..1]
            .iter_mut()
            .filter(|_| lies)
            .for_each(wrong_state);
        let (now, mut out) = (net.now, Vec::new());
        let chain = &mut net.chains[FOLLOWER];
        chain.handle(now, heard(finality(&blocks[0])), &mut out);
        chain.handle(now, Input::Blocks(blocks), &mut out);
        let expired = |effect: &Effect| matches!(effect, Effect::Expired(_));
        assert_eq!(out.iter().any(expired), !lies);
        assert_eq!(matches!(out.last(), Some(Effect::Diverged { .. })), lies);
    }
}

/// As after an error of this node's own: its code has changed, and what it wrote down as final
/// does not execute any more.
#[test]
fn what_is_read_back_and_does_not_execute_ends_the_chain_once() {
    let mut net = Network::new(4, 1);
    (0..3).for_each(|nonce| pay(&mut net, nonce));
    let mut config = config(FOLLOWER as u16, &Arc::new(committee(0, 0..4)));
    config.rules.gas_limit = 1;
    let start = net.disks[FOLLOWER].open(&config);
    assert_eq!(start.replay.len(), 3);
    let mut out = Vec::new();
    let mut chain = Chain::new(config, start, net.now, &mut out);
    assert!(matches!(out[..], [Effect::Diverged { .. }]), "{out:?}");
    assert_eq!(chain.last_final().header().height, 0);
    chain.handle(net.now, Input::Tick, &mut out);
    assert_eq!((out.len(), chain.deadline()), (1, None));
}

/// What may come in afterwards.
fn inputs(net: &Network) -> Vec<Input> {
    let truth = block(net, 2);
    let finality = net.finals[0][1].finality.clone().unwrap();
    let message = SignedMessage::check(id(), vec![transfer(3, account(4), 0, 1)], [1; 32]);
    let said = Statement {
        network: id(),
        chain: CHAIN,
        epoch: 0,
        round: truth.header.round + 1,
        kind: VoteKind::Prepare,
        value: Some(truth.header.hash()),
    };
    vec![
        Input::Tick,
        heard(Message::Proposal(Box::new(truth.clone()))),
        heard(Message::Finality(Box::new(finality))),
        heard(Message::Vote(Vote::sign(&said, 0, &key(0)))),
        heard(Message::Ask { epoch: 0, above: 0 }),
        heard(Message::Ask { epoch: 1, above: 0 }),
        Input::Blocks(vec![truth]),
        Input::Externals(message.into_iter().flatten().collect()),
        Input::Imports(vec![]),
        Input::Declarations(vec![]),
        Input::Recalled {
            epoch: 0,
            votes: vec![],
        },
    ]
}

#[test]
fn a_chain_that_has_ended_takes_nothing_in_and_wants_nothing() {
    for at in APART {
        let mut net = captured();
        let mut lying = block(&net, 2);
        wrong_state(&mut lying);
        tell(&mut net, at, &lying);
        for input in inputs(&net) {
            let (told, mut out) = (format!("{input:?}"), Vec::new());
            net.chains[at].handle(Time(90_000), input, &mut out);
            assert!(out.is_empty(), "{told}: {out:?}");
        }
        // Another term, also one that begins on the block that is final here.
        let known = net.chains[at].root_view().latest();
        let of_term = committee(1, 0..4);
        net.root(vec![], vec![News::Elected(of_term)]);
        let next = News::Ready {
            chain: CHAIN,
            epoch: 1,
        };
        net.root(vec![], vec![next]);
        let chain = &net.chains[at];
        assert_eq!(chain.root_view().latest(), known);
        assert_eq!((chain.deadline(), chain.mempool().len()), (None, 2));
        assert!(chain.snapshot().is_none(), "consensus is further than it");
        assert!(net.terms[at].is_empty());
        assert_eq!(chain.last_final().header().height, 1);
    }
}

/// The certificates are written down when they come in, so a restart finds them, and fetches the
/// block that they name.
#[test]
fn a_restart_comes_to_the_same_end() {
    for at in APART {
        let mut net = captured();
        let mut lying = block(&net, 3);
        wrong_state(&mut lying);
        tell(&mut net, at, &lying);
        // As the shell does after every input.
        net.disks[at].keep(&Effect::Final(vec![]));
        let before = net.chains[at].last_final().hash;
        for again in 2..4 {
            net.restart(at);
            net.pass(60_000);
            assert_eq!(net.diverged.len(), again, "node {at}");
            let chain = &net.chains[at];
            assert_eq!((chain.last_final().hash, chain.deadline()), (before, None));
            assert_eq!(chain.history().size(), 2, "node {at}");
        }
    }
}

/// Nothing of the lie outlives it: whoever lost the certificates and hears the truth follows it.
#[test]
fn a_node_that_forgot_the_lie_can_follow_the_truth() {
    let mut net = captured();
    let mut lying = block(&net, 2);
    wrong_state(&mut lying);
    tell(&mut net, FOLLOWER, &lying);
    net.restart(FOLLOWER);
    let last = net.finals[0].last().unwrap();
    let finality = last.finality.clone().unwrap();
    net.give(FOLLOWER, heard(Message::Finality(Box::new(finality))));
    net.pass(5_000);
    assert_eq!(net.diverged.len(), 1);
    assert_eq!(
        net.chains[FOLLOWER].last_final().hash,
        net.chains[0].last_final().hash
    );
}

/// The other members, who never heard of the lie, are another chain as far as this node goes.
#[test]
fn other_machines_of_the_process_go_on() {
    let mut net = captured();
    let mut lying = block(&net, 2);
    wrong_state(&mut lying);
    tell(&mut net, FOLLOWER, &lying);
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 3);
    net.pass(10_000);
    for at in 0..4 {
        let paid = net.chains[at].last_final().state.balance(&account(2));
        assert_eq!(paid, Amount(1_000_000_040), "node {at}");
    }
    assert_eq!(net.chains[FOLLOWER].last_final().header().height, 1);
}

/// What the next term would count on from.
#[test]
fn a_rescued_block_of_a_round_that_nothing_can_follow_is_a_lie() {
    let mut net = captured();
    let mut lying = block(&net, 2);
    lying.header.round = u64::MAX;
    net.publish(lying.clone());
    let news = News::Rescued {
        committee: committee(1, 0..4),
        base: Tip::of(&lying.header),
    };
    net.root(vec![], vec![news]);
    net.pass(5_000);
    let lied = net.diverged.iter().filter(|(at, _)| *at == FOLLOWER);
    assert_eq!(lied.count(), 1);
    assert!(net.terms[FOLLOWER].is_empty());
}
