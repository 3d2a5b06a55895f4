//! Chains that stand still or fork.

use types::{ChainId, News, Tip};

use super::{RULES, World, boxed, noted};
use crate::anchors;
use crate::declaration::RootDeclaration;
use crate::testing::ONE;

/// Chain 1 has recorded height 2 at root height 10 and then stands still. Without an anchor for
/// more than 100 heights it is frozen at 111.
fn stalled() -> World {
    let mut world = World::new(&[10; 6]);
    world.run_to(9);
    world.one.grow(2, 5);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    let news = world.run_to(110);
    assert_eq!(news, [], "its election waits for a seed");
    let frozen = News::Frozen {
        chain: ONE,
        until: 1,
    };
    assert_eq!(world.run_to(111), [frozen]);
    world
}

/// The seed of the open election and all candidates; gives the height at which it ends.
fn elect(world: &mut World) -> u64 {
    let opened = world.term(ONE).election().unwrap().opened;
    let seed = world.seed(opened);
    world.block(&[seed]);
    let known = world.root.height - 1;
    let declared: Vec<_> = world.all_elected(ONE).into_iter().map(boxed).collect();
    world.block(&declared);
    known + RULES.window
}

fn rescue(anchor: types::Anchor) -> RootDeclaration {
    RootDeclaration::Rescue(Box::new(anchor))
}

#[test]
fn a_chain_that_stands_still_is_rescued_at_its_highest_certified_block() {
    let mut world = stalled();
    // Blocks that were certified and never anchored, and a member that was there for none.
    world.one.grow(1, 20);
    let three = world.one.anchor(2);
    world.one.grow(1, 21);
    let four = world.one.anchor(2);
    let refused = world
        .root
        .block(std::slice::from_ref(&four), &[])
        .unwrap_err();
    assert!(refused.to_string().contains("is frozen until"), "{refused}");

    world.block(&[rescue(three.clone())]);
    world.block(&[rescue(four)]);
    let lower = world.root.block(&[], &[rescue(three)]).unwrap_err();
    assert!(lower.to_string().contains("at least as high"), "{lower}");

    let cut = elect(&mut world);
    let news = world.run_to(cut);
    let [News::Elected(committee), told] = &news[..] else {
        panic!("a committee was due: {news:?}");
    };
    let rescued = News::Rescued {
        committee: committee.clone(),
        base: Tip::of(&world.one.tip),
    };
    assert_eq!(*told, rescued);
    let record = anchors::record(&world.root.state, ONE).unwrap();
    assert_eq!((record.tip.height, record.next_epoch()), (4, 1));
    let term = world.term(ONE);
    assert_eq!((term.epoch, term.frozen.is_none()), (1, true));

    // The old committee is refused from now on, the new one goes on from the base.
    world.one.grow(1, 100);
    let late = world.one.anchor(4);
    let refused = world.root.block(&[late], &[]).unwrap_err();
    assert!(refused.to_string().contains("epoch 0"), "{refused}");
    world.one.blocks.pop();
    world.take_over(committee);
    let mut next = world.one.next(100);
    (next.epoch, next.height, next.parent) = (1, 5, record.tip.hash);
    let below = &world.one.blocks;
    next.history_root = crypto::merkle::MerkleTree::from_leaf_hashes(
        below
            .iter()
            .map(|hash| crypto::merkle::leaf_hash(hash.as_bytes()))
            .collect(),
    )
    .root();
    world.one.push(next);
    let anchor = world.one.anchor(4);
    world.root.block(&[anchor], &[]).unwrap();
}

/// The view of a node that did not execute the block shows the rescued record, too.
#[test]
fn a_rescue_is_among_the_records_of_its_block() {
    let mut world = stalled();
    let cut = elect(&mut world);
    world.run_to(cut);
    let recorded = world.root.block(&[], &[]).unwrap();
    assert!(matches!(recorded.news[..], [News::Rescued { .. }]));
    let [record] = &recorded.records[..] else {
        panic!("one record was due");
    };
    assert_eq!(
        (record.tip.height, record.closing),
        (2, true),
        "nothing was brought in"
    );
    let shown = anchors::records(&world.root.state);
    let made = shown.into_iter().filter(|r| r.recorded == cut + 1);
    assert_eq!(made.collect::<Vec<_>>(), recorded.records);
}

/// The window is kept open even when the next committee is there at once.
#[test]
fn a_rescue_waits_for_its_window() {
    let mut world = World::new(&[10; 6]);
    world.run_to(9);
    world.one.grow(2, 5);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    let committee = world.elect();
    let ready = world.ready(&committee);
    world.block(&ready);
    // Told at 60; it does not end its term until 70.
    let news = world.run_to(71);
    assert!(
        matches!(news[..], [News::Ready { .. }, News::Frozen { .. }]),
        "{news:?}"
    );
    assert_eq!(world.run_to(78), []);
    assert!(matches!(world.run_to(79)[..], [News::Rescued { .. }]));
}

/// Members that signed what was brought in, or answered, were there; the others are jailed.
#[test]
fn those_who_do_not_show_up_are_jailed() {
    // The first committee has no stakers; the second one's members are to be judged.
    let mut world = World::new(&[10; 6]);
    let committee = world.elect();
    let ready = world.ready(&committee);
    world.block(&ready);
    world.run_to(60);
    let mut closing = world.one.next(60);
    closing.phase = types::Phase::Closing;
    world.one.push(closing);
    let anchor = world.one.anchor(0);
    world.root.block(&[anchor], &[]).unwrap();
    world.take_over(&committee);
    while world.term(ONE).frozen.is_none() {
        world.block(&[]);
    }
    // What was said when the term began is no answer; one member answers for its own term.
    let old = world.ready(&committee).remove(1);
    let refused = world.root.block(&[], &[old]).unwrap_err();
    assert!(refused.to_string().contains("signature"), "{refused}");
    let answer = world.present(&committee).remove(0);
    world.block(&[answer]);
    let cut = elect(&mut world);
    let news = world.run_to(cut + RULES.rescue);
    assert!(
        matches!(news[..], [News::Elected(_), News::Rescued { .. }]),
        "{news:?}"
    );
    assert_eq!(usize::from(noted(&world.root, 3)), committee.size() - 1);
    assert!(world.term(ChainId::ROOT).frozen.is_none());
}

#[test]
fn only_frozen_chains_are_rescued() {
    let mut world = World::new(&[10; 6]);
    world.run_to(9);
    world.one.grow(2, 5);
    let refused = world
        .root
        .block(&[], &[rescue(world.one.anchor(0))])
        .unwrap_err();
    assert!(refused.to_string().contains("not frozen"), "{refused}");
}
