//! A chain passes from one committee to the next.

#[allow(dead_code, reason = "shared by several test files")]
mod network;

use std::cell::Cell;
use std::rc::Rc;

use consensus::Message;
use network::{CHAIN, Network, account, committee, transfer};
use tx_chain::FinalBlock;
use types::{Amount, Justification, News, Phase, Tip, VoteKind};

/// Nodes 0 to 3 run the first term, nodes 4 to 7 follow and are elected for the next.
fn elected() -> Network {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    net.root(vec![], vec![News::Elected(committee(1, 4..8))]);
    pay(&mut net, 1);
    net
}

fn ready() -> News {
    News::Ready {
        chain: CHAIN,
        epoch: 1,
    }
}

/// A payment of 10, handed in everywhere since there is no gossip.
fn pay(net: &mut Network, nonce: u64) {
    for at in 0..net.chains.len() {
        net.submit(at, transfer(1, account(2), nonce, 10));
    }
}

/// Heights without gap, one closing block, and nothing of the first term above it.
fn check_terms(finals: &[FinalBlock]) {
    let headers: Vec<_> = finals.iter().map(|block| block.executed.header()).collect();
    for pair in headers.windows(2) {
        assert_eq!(pair[0].height + 1, pair[1].height);
        assert_eq!(pair[0].hash(), pair[1].parent);
        assert!(pair[0].round < pair[1].round);
    }
    let closing = headers.iter().filter(|h| h.phase == Phase::Closing).count();
    assert_eq!(closing, 1);
    for header in &headers {
        let last = headers.iter().find(|h| h.phase == Phase::Closing).unwrap();
        assert_eq!(header.epoch, u64::from(header.height > last.height));
        assert_ne!(header.phase, Phase::Tail);
    }
}

fn received(net: &Network, at: usize) -> Amount {
    let state = &net.chains[at].last_final().state;
    Amount(state.balance(&account(2)).0 - 1_000_000_000)
}

#[test]
fn a_term_ends_as_soon_as_the_next_committee_is_ready_and_nothing_is_lost() {
    let mut net = elected();
    assert!(net.terms.iter().all(Vec::is_empty));
    net.root(vec![], vec![ready()]);
    for nonce in 2..6 {
        pay(&mut net, nonce);
    }
    net.pass(5_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(60), "node {at}");
        check_terms(&net.finals[at]);
        assert_eq!(
            net.chains[at].last_final().hash,
            net.chains[0].last_final().hash
        );
    }
}

#[test]
fn nobody_closes_a_term_before_the_root_says_that_the_next_committee_is_ready() {
    let mut net = elected();
    pay(&mut net, 2);
    net.pass(120_000);
    assert!(net.terms.iter().all(Vec::is_empty));
    let phases = net.finals[0]
        .iter()
        .map(|block| block.executed.header().phase);
    assert!(phases.into_iter().all(|phase| phase == Phase::Ordinary));
}

#[test]
fn tails_make_a_closing_block_final_and_are_dropped() {
    let mut net = elected();
    // The closing block never gets a confirm certificate of its own.
    let closing = Rc::new(Cell::new(0));
    net.lost = Box::new(move |_, _, message| match message {
        Message::Proposal(block) if block.header.phase == Phase::Closing => {
            closing.set(block.header.round);
            false
        }
        Message::Vote(vote) => vote.kind == VoteKind::Confirm && vote.round == closing.get(),
        _ => false,
    });
    net.root(vec![], vec![ready()]);
    for nonce in 2..6 {
        pay(&mut net, nonce);
    }
    net.pass(20_000);
    assert!(net.early > 0);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(60), "node {at}");
        check_terms(&net.finals[at]);
        let is_closing = |block: &&FinalBlock| block.executed.header().phase == Phase::Closing;
        let last = net.finals[at].iter().find(is_closing).unwrap();
        assert!(last.finality.is_none(), "it has no certificates of its own");
        let closed = last.closed.as_ref().unwrap();
        assert!(
            closed
                .tails
                .iter()
                .all(|tail| tail.header.phase == Phase::Tail)
        );
        let certified = closed.tails.last().unwrap().header.hash();
        assert_eq!(closed.finality.confirm.block(), Some(certified));
    }
}

#[test]
fn a_member_that_missed_the_end_of_its_term_is_told_by_the_next_committee() {
    let mut net = elected();
    net.lost = Box::new(|_, to, _| to == 0);
    net.root(vec![], vec![ready()]);
    pay(&mut net, 2);
    net.pass(5_000);
    assert!(net.terms[0].is_empty() && net.terms[1] == [1]);
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 3);
    pay(&mut net, 4);
    net.pass(200_000);
    assert_eq!(net.terms[0], [1]);
    assert_eq!(received(&net, 0), Amount(50));
    check_terms(&net.finals[0]);
}

/// The root hands the chain to the next committee on a block, as after a fork or standstill.
fn rescue(net: &mut Network, at: usize, height: u64) {
    let block = net.finals[at].iter();
    let block = block
        .map(|block| block.executed.header())
        .find(|h| h.height == height);
    let base = Tip::of(block.unwrap());
    let committee = committee(1, 4..8);
    net.root(vec![], vec![News::Rescued { committee, base }]);
}

#[test]
fn a_rescued_chain_goes_on_from_the_block_that_the_root_names() {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    // Too many of the committee are gone: nothing becomes final any more.
    net.lost = Box::new(|from, to, _| from < 2 || to < 2);
    pay(&mut net, 1);
    net.pass(10_000);
    rescue(&mut net, 4, 1);
    pay(&mut net, 1);
    pay(&mut net, 2);
    net.pass(10_000);
    for at in 2..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(30), "node {at}");
    }
}

#[test]
fn a_frozen_chain_certifies_nothing_until_its_rescue() {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    let height = net.chains[0].last_final().header().height;
    let chain = committee(1, 4..8).chain;
    net.root(vec![], vec![News::Frozen { chain, until: 1 }]);
    pay(&mut net, 1);
    net.pass(10_000);
    for at in 0..8 {
        let last = net.chains[at].last_final().header().height;
        assert_eq!(last, height, "node {at}");
    }
    rescue(&mut net, 0, height);
    pay(&mut net, 1);
    pay(&mut net, 2);
    net.pass(10_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(30), "node {at}");
    }
}

/// What only dropped blocks held waits again: the next committee takes it, and nobody has to hand
/// it in once more.
#[test]
fn messages_of_dropped_blocks_are_taken_by_the_next_committee() {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    let height = net.chains[0].last_final().header().height;
    net.lost = Box::new(|_, _, message| matches!(message, Message::Vote(_)));
    // The next committee has the message before a leader does.
    for at in (0..8).rev() {
        net.submit(at, transfer(1, account(2), 1, 10));
    }
    for at in 4..8 {
        let mempool = net.chains[at].mempool();
        assert_eq!((mempool.len(), mempool.is_ready()), (1, false), "node {at}");
    }
    rescue(&mut net, 4, height);
    net.lost = Box::new(|_, _, _| false);
    net.pass(20_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(20), "node {at}");
    }
}

/// [J3] A member prepares a block in its second term and loses power before that is certified. What
/// it signs afterwards does not contradict what it signed before, or the others would blame it.
#[test]
fn a_member_that_starts_again_in_a_later_term_stands_by_what_it_signed() {
    let mut net = elected();
    net.root(vec![], vec![ready()]);
    net.pass(5_000);
    assert!(net.terms.iter().all(|terms| *terms == [1]));
    // Of all votes only that of node 4 arrives: it proves something, and certifies nothing.
    let open = Rc::new(Cell::new((0, 0)));
    let seen = open.clone();
    net.lost = Box::new(move |from, _, message| match message {
        Message::Proposal(block) => {
            seen.set((block.header.round, block.header.proposer));
            false
        }
        Message::Vote(_) => from != 4,
        _ => false,
    });
    pay(&mut net, 2);
    let (round, leader) = open.get();
    assert!(round > net.chains[4].last_final().header().round);
    assert_ne!(leader, 0, "a leader has its block to remind it");
    // It stays so, and nobody is shown the block again.
    net.lost = Box::new(move |from, _, message| match message {
        Message::Proposal(block) => block.header.round == round,
        Message::Vote(vote) => from != 4 && vote.round == round && vote.kind == VoteKind::Prepare,
        _ => false,
    });
    net.restart(4);
    net.pass(60_000);
    for at in 0..8 {
        assert_eq!(received(&net, at), Amount(30), "node {at}");
    }
}

#[test]
fn a_node_below_the_named_block_fetches_what_is_missing() {
    let mut net = Network::new(4, 4);
    net.lost = Box::new(|_, to, _| to == 3 || to == 7);
    pay(&mut net, 0);
    pay(&mut net, 1);
    assert!(net.finals[7].is_empty() && net.finals[0].len() > 1);
    let height = net.chains[0].last_final().header().height;
    rescue(&mut net, 0, height);
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 2);
    net.pass(10_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(received(&net, at), Amount(30), "node {at}");
    }
}

#[test]
fn a_rescued_block_whose_justification_is_not_its_own_is_asked_for_again() {
    let mut net = Network::new(4, 4);
    net.lost = Box::new(|_, to, _| to == 7);
    pay(&mut net, 0);
    pay(&mut net, 1);
    let served = Rc::new(Cell::new(0));
    let times = served.clone();
    net.served = Box::new(move |blocks| {
        times.set(times.get() + 1);
        let foreign = blocks.iter_mut().filter(|_| times.get() == 1);
        foreign.for_each(|block| block.justification = Justification::default());
    });
    let height = net.chains[0].last_final().header().height;
    rescue(&mut net, 0, height);
    assert!(net.finals[7].is_empty(), "nothing of it is taken");
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 2);
    net.pass(10_000);
    assert!(served.get() > 1);
    assert_eq!(net.terms[7], [1]);
    for block in &net.finals[7] {
        let block = &block.executed.block;
        assert_eq!(block.justification.hash(), block.header.justification);
    }
}

#[test]
fn a_node_above_the_named_block_says_that_it_is_orphaned_and_votes_no_more() {
    let mut net = Network::new(4, 4);
    pay(&mut net, 0);
    pay(&mut net, 1);
    assert!(net.finals[0].len() > 1);
    rescue(&mut net, 0, 1);
    assert_eq!(net.orphaned.len(), 8);
    pay(&mut net, 2);
    net.pass(10_000);
    assert_eq!(received(&net, 0), Amount(20));
    assert!(net.terms.iter().all(Vec::is_empty));
    assert_eq!(net.orphaned.len(), 8, "once each");
}

/// What the root shows of a chain at a height of which node 0 has another block final.
fn record_of_another(net: &Network, height: u64) -> types::AnchorRecord {
    let own = net.finals[0].iter().map(|block| &block.executed);
    let own = own
        .clone()
        .find(|block| block.header().height == height)
        .unwrap();
    let mut header = own.header().clone();
    header.time = header.time.after(1);
    types::AnchorRecord {
        tip: Tip::of(&header),
        epoch: 0,
        closing: false,
        root_ref: 0,
        outbox_root: header.outbox_root,
        state_root: header.state_root,
        lanes: own.state.lanes().clone(),
        recorded: 1,
    }
}

/// E.2: the root has recorded another block than the one that is final here. Each node hands out
/// its own newest certified block, with what shows that the two lie apart.
#[test]
fn nodes_show_what_contradicts_the_record() {
    use crypto::merkle::leaf_hash;
    for (height, blocks) in [(1, 2), (2, 2)] {
        let mut net = Network::new(4, 1);
        pay(&mut net, 0);
        pay(&mut net, 1);
        let newest = net.finals[0].last().unwrap().executed.header().clone();
        assert_eq!(newest.height, blocks);
        let record = record_of_another(&net, height);
        net.root(vec![record], vec![]);
        assert_eq!(net.rivals.len(), 5, "members and observers");
        let (_, rival, shown) = &net.rivals[0];
        assert_eq!(rival.tip, newest);
        assert_eq!(rival.finality.confirm.block(), Some(newest.hash()));
        assert!(shown.iter().any(|c| c.round == newest.parent_round));
        match &rival.apart {
            types::Apart::Beside => assert_eq!(height, blocks),
            types::Apart::Above { leaf, proof } => {
                let own = net.finals[0].iter().map(|block| block.executed.header());
                let own = own.clone().find(|header| header.height == height).unwrap();
                assert_eq!(*leaf, leaf_hash(own.hash().as_bytes()));
                assert_eq!(proof.index, height);
                let history = (&newest.history_root, newest.height);
                assert_eq!(proof.verify_in(history.0, history.1, leaf), Ok(()));
            }
            other => panic!("{other:?}"),
        }
    }
    // What is recorded as it is final here contradicts nothing.
    let mut net = Network::new(4, 0);
    pay(&mut net, 0);
    let mut record = record_of_another(&net, 1);
    record.tip = Tip::of(net.finals[0][0].executed.header());
    net.root(vec![record], vec![]);
    assert!(net.rivals.is_empty());
}

/// What the root records of a node's last final block.
fn record_of_last(net: &Network, at: usize) -> types::AnchorRecord {
    let last = net.chains[at].last_final();
    let header = last.header();
    types::AnchorRecord {
        tip: Tip::of(header),
        epoch: header.epoch,
        closing: false,
        root_ref: 0,
        outbox_root: header.outbox_root,
        state_root: header.state_root,
        lanes: last.state.lanes().clone(),
        recorded: 1,
    }
}

/// The root tells of every term once. A node that is two terms behind when the root records the
/// second one still needs the committee of the first.
#[test]
fn a_node_that_lags_goes_through_terms_that_the_root_has_left_behind() {
    let mut net = elected();
    net.lost = Box::new(|_, to, _| to == 3);
    net.root(vec![], vec![ready()]);
    net.root(vec![], vec![News::Elected(committee(2, 0..3))]);
    pay(&mut net, 2);
    let (chain, epoch) = (CHAIN, 2);
    net.root(vec![], vec![News::Ready { chain, epoch }]);
    net.pass(5_000);
    pay(&mut net, 3);
    net.pass(5_000);
    assert_eq!(net.chains[0].last_final().header().epoch, 2);
    net.root(vec![record_of_last(&net, 0)], vec![]);
    assert!(net.terms[3].is_empty());
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 4);
    net.pass(200_000);
    assert_eq!(net.terms[3], [1, 2]);
    assert_eq!(received(&net, 3), Amount(50));
}

/// A term that begins, makes no block and is ended by the root: the next one begins on the same
/// block.
#[test]
fn a_term_without_a_block_is_followed_by_one_that_begins_where_it_did() {
    let mut net = elected();
    net.lost = Box::new(|_, _, message| message.epoch() == 1);
    net.root(vec![], vec![ready()]);
    net.pass(5_000);
    assert!(net.terms.iter().all(|terms| *terms == [1]));
    let base = Tip::of(net.chains[0].last_final().header());
    let committee = committee(2, 0..4);
    net.root(vec![], vec![News::Rescued { committee, base }]);
    pay(&mut net, 2);
    net.pass(10_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1, 2], "node {at}");
        assert_eq!(received(&net, at), Amount(30), "node {at}");
    }
}

/// Members that learn of their term when the root has frozen the chain in it already.
#[test]
fn nobody_votes_in_a_term_that_was_frozen_before_it_was_entered() {
    let mut net = elected();
    net.lost = Box::new(|_, to, _| to >= 4);
    net.root(vec![], vec![ready()]);
    net.pass(5_000);
    assert!(net.terms[4..].iter().all(Vec::is_empty));
    let (chain, until) = (CHAIN, 2);
    net.root(vec![], vec![News::Frozen { chain, until }]);
    net.lost = Box::new(|_, _, _| false);
    pay(&mut net, 2);
    net.pass(200_000);
    for at in 0..8 {
        assert_eq!(net.terms[at], [1], "node {at}");
        assert_eq!(net.chains[at].last_final().header().epoch, 0, "node {at}");
    }
}

/// The root hands a chain to the committee that was elected before it froze, and that has begun
/// already: a node that comes later expects the same leaders as those who are there.
#[test]
fn a_term_that_begins_once_more_by_rescue_keeps_its_leaders() {
    let mut net = elected();
    net.lost = Box::new(|_, to, _| to == 3);
    net.root(vec![], vec![ready()]);
    net.pass(5_000);
    let closing = net.finals[0].iter().map(|block| block.executed.header());
    let mut closing = closing.filter(|header| header.phase == Phase::Closing);
    let base = Tip::of(closing.next().unwrap());
    let (height, seed) = (1, crypto::Hash::from([7; 32]));
    net.root(vec![], vec![News::Seed { height, seed }]);
    let committee = committee(1, 4..8);
    net.root(vec![], vec![News::Rescued { committee, base }]);
    net.lost = Box::new(|_, _, _| false);
    // Somebody would be penalised for leading, which the network does not bear.
    for nonce in 2..10 {
        pay(&mut net, nonce);
        net.pass(10_000);
    }
    assert_eq!(net.terms[3], [1]);
    assert_eq!(received(&net, 3), Amount(100));
}

/// [H6] Who was away listens to the root for a while before it votes.
#[test]
fn a_member_that_comes_back_listens_before_it_signs() {
    let mut net = Network::new(4, 0);
    pay(&mut net, 0);
    net.restart(0);
    let voted = Rc::new(Cell::new(false));
    let seen = voted.clone();
    net.lost = Box::new(move |from, _, message| {
        seen.set(seen.get() || from == 0 && matches!(message, Message::Vote(_)));
        false
    });
    pay(&mut net, 1);
    assert_eq!(received(&net, 0), Amount(20), "it follows");
    assert!(!voted.get());
    net.pass(1_000);
    pay(&mut net, 2);
    assert!(voted.get());
}

/// [H7] A node that hears of the chain and not of the root holds nothing for final whose effects it
/// can't know.
#[test]
fn a_block_is_final_once_the_root_block_that_it_cites_is() {
    let mut net = Network::new(4, 1);
    net.rootless = Some(4);
    net.root(vec![], vec![]);
    pay(&mut net, 0);
    net.pass(2_000);
    assert_eq!(net.chains[0].last_final().header().root_ref.height, 1);
    assert_eq!(net.chains[4].last_final().header().root_ref.height, 0);
    assert_eq!(received(&net, 4), Amount(0));
    net.tell_root(4);
    assert_eq!(received(&net, 4), Amount(10));
}

/// [H7] After a restart the root tells again of what its checkpoint does not cover. Until then a
/// chain reads nothing back that cites it, and takes no part.
#[test]
fn what_is_read_back_waits_for_the_root_too() {
    let mut net = Network::new(4, 0);
    net.root(vec![], vec![]);
    pay(&mut net, 0);
    let height = net.chains[1].last_final().header().height;
    assert!(height > 0);
    net.restart_with(1, &tx_chain::RootView::default());
    assert_eq!(received(&net, 1), Amount(0));
    assert!(net.chains[1].snapshot().is_none(), "no checkpoint of it");
    pay(&mut net, 1);
    net.pass(2_000);
    assert_eq!(received(&net, 0), Amount(20));
    assert_eq!(received(&net, 1), Amount(0));
    net.tell_root(1);
    assert!(received(&net, 1) >= Amount(10), "what it had written down");
    assert!(net.chains[1].snapshot().is_some());
    pay(&mut net, 2);
    net.pass(20_000);
    assert_eq!(received(&net, 1), Amount(30));
}

/// An answer holds so many blocks and no more: a node that is far below the named block asks on.
#[test]
fn a_rescue_is_fetched_page_by_page() {
    let mut net = Network::new(4, 4);
    net.lost = Box::new(|_, to, _| to == 7);
    for nonce in 0..5 {
        pay(&mut net, nonce);
    }
    let height = net.chains[0].last_final().header().height;
    assert!(height > 3 && net.finals[7].is_empty());
    let pages = Rc::new(Cell::new(0));
    let served = pages.clone();
    net.served = Box::new(move |blocks| {
        served.set(served.get() + 1);
        blocks.truncate(2);
    });
    rescue(&mut net, 0, height);
    assert!(pages.get() >= 3);
    assert_eq!(net.terms[7], [1]);
    assert_eq!(received(&net, 7), Amount(50));
}

/// The root lets a term begin below the block on which a node has begun it.
#[test]
fn a_node_that_began_the_term_on_another_block_says_that_it_is_orphaned() {
    let mut net = elected();
    net.root(vec![], vec![ready()]);
    net.pass(5_000);
    assert!(net.terms.iter().all(|terms| *terms == [1]));
    rescue(&mut net, 0, 1);
    assert_eq!(net.orphaned.len(), 8);
}
