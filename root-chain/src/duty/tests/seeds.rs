//! The beacon between nodes. T11

use types::{ChainId, Height, News};

use super::{FIRST_SEED, RULES, World, node};
use crate::beacon::{self, RUN};
use crate::duty::{Effect, Input, SeedShares};
use crate::elections::ElectionRules;
use crate::testing::network;

/// No election opens in the first 2,000 heights.
const QUIET: ElectionRules = ElectionRules {
    chain_epoch: 2_100,
    root_epoch: 2_100,
    lead: 50,
    root_lead: 60,
    ..RULES
};

#[test]
fn seeds_are_declared_in_order_and_anyone_can_verify_them() {
    let mut world = World::with_rules(4, QUIET, 1);
    world.run_to(60);
    let key = beacon::public_key(&world.state, 0).unwrap();
    let key = crypto::bls::PublicKey::from_bytes(&key).unwrap();
    let mut previous = FIRST_SEED;
    let head = world.head();
    assert!(head.height >= 32, "{head:?}");
    for height in 1..=head.height {
        let (seed, signature) = beacon::seed(&world.state, height, 1).unwrap();
        let verified = beacon::verify_seed(&key, network(), 0, height, &previous, &signature);
        assert_eq!(verified, Ok(seed), "height {height}");
        let other = beacon::verify_seed(&key, network(), 1, height, &previous, &signature);
        assert!(other.is_err(), "another term");
        previous = seed;
    }
    let told = world.news.iter().filter_map(|news| match news {
        News::Seed { height, .. } => Some(*height),
        _ => None,
    });
    let all: Vec<Height> = told.collect();
    assert_eq!(all, (1..=head.height).collect::<Vec<_>>());
}

/// [D6] Without an election nothing is declared until many seeds are missing.
#[test]
fn seeds_alone_are_no_work_until_many_are_missing() {
    let mut world = World::with_rules(4, QUIET, 1);
    world.run_to(RUN as Height - 1);
    assert!(world.pool.is_empty());
    world.run_to(RUN as Height);
    assert_eq!(world.pool.len(), 1, "all nodes declare the same bytes");
    world.block();
    assert_eq!(world.head().height, RUN as Height);
    assert!(world.pool.is_empty());
}

#[test]
fn a_beacon_that_runs_at_every_third_height() {
    let mut world = World::with_rules(4, QUIET, 3);
    world.run_to(60);
    assert_eq!(world.head().height, 48);
    assert!(beacon::seed(&world.state, 48, 3).is_some());
    assert!(beacon::seed(&world.state, 47, 3).is_none());
}

/// f of n = 7 hold back: not a bit changes.
#[test]
fn shares_withheld_by_f_change_nothing() {
    let mut all = World::with_rules(7, QUIET, 1);
    all.run_to(40);
    let mut some = World::with_rules(7, QUIET, 1);
    some.mute = [0, 6].into();
    some.run_to(40);
    assert_eq!(some.head(), all.head());
    assert!(all.head().height >= 32);
}

/// One more than n - t: the beacon stands still, blocks go on; and it catches up.
#[test]
fn too_few_shares_stall_the_beacon_and_nothing_else() {
    let mut world = World::with_rules(7, QUIET, 1);
    // n = 7, t = f + 1 = 3: with five of seven silent two are left.
    world.mute = (0..5).collect();
    world.run_to(50);
    // A mute node hears others: with its own shares it knows three.
    world.lost = (0..5).collect();
    assert_eq!(world.height, 51);
    let declared: Vec<_> = world.declared(5);
    assert!(declared.is_empty(), "two shares are too few: {declared:?}");
    assert_eq!(
        beacon::missing(&world.state, 50, 1),
        50 - world.head().height
    );
    assert!(beacon::missing(&world.state, 50, 1) > RUN as u64);
    world.mute.clear();
    world.lost.clear();
    world.run_to(100);
    assert!(world.head().height >= 80, "{:?}", world.head());
}

/// [D4] Nothing of a height leaves before the height is final.
#[test]
fn no_share_leaves_before_its_height_is_final() {
    let mut world = World::with_rules(4, QUIET, 1);
    world.run_to(30);
    let mut released = 0;
    for (_, at, effect) in &world.left {
        if let Effect::Share { shares, .. } = effect {
            assert!(shares.height <= *at, "{} at {at}", shares.height);
            released += 1;
        }
    }
    assert!(released >= 4 * 30);
}

/// Shares that do not hold are dropped and told of; those in another's name never count.
#[test]
fn bad_shares_are_left_out_and_told_of() {
    let mut world = World::with_rules(4, QUIET, 1);
    world.mute = [2, 3].into();
    world.run_to(3);
    let good = world
        .left
        .iter()
        .rev()
        .find_map(|(from, _, effect)| match effect {
            Effect::Share { shares, .. } if *from == 3 => Some(shares.clone()),
            _ => None,
        });
    let good = good.unwrap();
    assert_eq!(good.height, 3);
    // Node 3 sends its share of height 3 as that of height 4, before node 1 releases its own.
    world.mute = [0, 2, 3].into();
    let bad = SeedShares { height: 4, ..good };
    let mut out = Vec::new();
    let share = |from, shares: &SeedShares| Input::Share {
        from: node(from),
        shares: shares.clone(),
    };
    let now = types::Time(0);
    world.duties[0].handle(now, share(3, &bad), &mut out);
    world.duties[0].handle(now, share(2, &bad), &mut out);
    world.apply(0, out);
    world.block();
    let offences = world
        .left
        .iter()
        .filter_map(|(at, _, effect)| match effect {
            Effect::Offence { node } => Some((*at, *node)),
            _ => None,
        });
    assert_eq!(offences.collect::<Vec<_>>(), [(0, node(3))]);
    world.mute.clear();
    world.run_to(40);
    assert!(world.head().height >= 16);
}

/// The next committee can't choose between two seeds: what is left of a term is its own group's.
#[test]
fn heights_belong_to_the_term_of_their_block() {
    let mut world = World::with_rules(4, QUIET, 1);
    world.run_to(20);
    let head = world.head();
    assert_eq!(beacon::epoch_at(&world.state, &head, 30), 0);
    let mut edit = actors::Edit::new(&world.state);
    crate::committees::put_end(&mut edit, ChainId::ROOT, 0, 25);
    assert_eq!(beacon::epoch_at(&edit, &head, 25), 0);
    assert_eq!(beacon::epoch_at(&edit, &head, 26), 1);
}
