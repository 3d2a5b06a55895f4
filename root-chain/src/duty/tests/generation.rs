//! Key generation by nodes: honest ones, and each way to cheat. T10

use crypto::bls::PublicKey;
use crypto::threshold::{Complaint, Dealing, DecryptionKey, Seat};
use types::{Amount, ChainId, News};

use super::{RULES, World, identity, secret, staker};
use crate::RootDeclaration;
use crate::beacon;
use crate::committees;
use crate::duty::{Genesis, Ratchet};
use crate::elections::ElectionRules;
use crate::keygen::{self, Complained, Dealt, Run, Stage};
use crate::staking;

fn run(world: &World) -> Run {
    keygen::run(&world.state).unwrap()
}

fn is_done(world: &World) -> bool {
    keygen::run(&world.state).is_some_and(|run| run.stage == Stage::Done)
}

fn stake(world: &World, number: usize) -> Amount {
    staking::staker(&world.state, &staker(number))
        .unwrap()
        .stake
}

fn member_key(number: usize) -> crypto::bls::SecretKey {
    crypto::bls::SecretKey::from_seed(&secret(3, number))
}

/// What a member of the first committee deals by hand; `victim` gets a bad share.
fn dealt(world: &World, number: usize, seed: u8, victim: Option<u16>) -> RootDeclaration {
    let run = run(world);
    let context = run.context(crate::testing::network());
    let keygen = world.system.keygen.as_ref().unwrap();
    let roster = keygen.roster(&world.state, 0).unwrap();
    let terms = roster.terms(&context, number as u16);
    let seed = [seed; 32];
    let dealing = match victim {
        Some(victim) => Dealing::create_cheating(&seed, &terms, Seat::new(victim).unwrap()),
        None => Dealing::create(&seed, &terms),
    };
    let place = (0, run.attempt, number as u16);
    let dealt = Dealt::sign(place, dealing.unwrap(), &context, &member_key(number));
    RootDeclaration::Dealt(Box::new(dealt))
}

fn declare(world: &mut World, said: &RootDeclaration) {
    let encoded = said.encode().unwrap();
    world.pool.insert(encoded.hash(), encoded);
}

/// Nodes that say nothing of a kind by themselves, because they say what the test wants.
fn silence(world: &mut World, number: usize) {
    world.lost.insert(number);
}

#[test]
fn the_first_committee_makes_its_key_and_seeds_begin() {
    let mut world = World::without_dealer(4);
    world.run_until(30, is_done);
    let at = world.height - 1;
    assert_eq!(world.head().height, at, "the chain of seeds begins");
    assert!(world.pool.is_empty() || world.height < 20);
    world.run_to(70);
    let head = world.head();
    assert!(head.height > at, "{head:?}");
    let key = beacon::public_key(&world.state, 0).unwrap();
    let key = PublicKey::from_bytes(&key).unwrap();
    let mut previous = super::FIRST_SEED;
    for height in at + 1..=head.height {
        let (seed, signature) = beacon::seed(&world.state, height, 1).unwrap();
        let network = crate::testing::network();
        let verified = beacon::verify_seed(&key, network, 0, height, &previous, &signature);
        assert_eq!(verified, Ok(seed));
        previous = seed;
    }
    assert!((0..4).all(|number| stake(&world, number) == Amount(100)));
}

/// The whole life of the root's own committee: elected by tickets, key made, term handed over,
/// seeds of the next term under the new key, and the old keys gone.
#[test]
fn the_next_committee_makes_its_key_before_it_takes_over() {
    let mut world = World::new(4);
    world.run_until(200, |world| world.epoch == 1);
    assert!(is_done(&world));
    assert!(world.height > RULES.root_epoch);
    let ready = world
        .news
        .iter()
        .any(|news| matches!(news, News::Ready { chain, epoch: 1 } if chain.is_root()));
    assert!(ready);
    let old = beacon::public_key(&world.state, 0).unwrap();
    let new = beacon::public_key(&world.state, 1).unwrap();
    assert_ne!(old, new);
    let closed = committees::ended(&world.state, ChainId::ROOT, 0).unwrap();
    world.run_until(80, |world| world.head().height > closed + 4);
    let head = world.head();
    assert_eq!(head.epoch, 1);
    let network = crate::testing::network();
    for (height, epoch, key) in [(closed, 0, old), (closed + 1, 1, new)] {
        let (_, before) = (height, beacon::seed(&world.state, height - 1, 1).unwrap().0);
        let (seed, signature) = beacon::seed(&world.state, height, 1).unwrap();
        let key = PublicKey::from_bytes(&key).unwrap();
        let verified = beacon::verify_seed(&key, network, epoch, height, &before, &signature);
        assert_eq!(verified, Ok(seed), "height {height}");
    }
}

/// E10: the victim complains by itself, the dealer is out and pays, the key is made without it.
#[test]
fn a_wrong_share_excludes_its_dealer_and_costs_it() {
    let mut world = World::without_dealer(4);
    world.block();
    silence(&mut world, 3);
    let bad = dealt(&world, 3, 9, Some(1));
    declare(&mut world, &bad);
    world.run_until(40, is_done);
    assert!(run(&world).guilty.contains(3));
    assert_eq!(stake(&world, 3), Amount(98), "two percent");
    assert_eq!(stake(&world, 0), Amount(100));
    let (_, qualified) = keygen::qualified(&world.state, 0).unwrap();
    assert_eq!(qualified.iter().collect::<Vec<_>>(), [0, 1, 2]);
    let start = world.head().height;
    world.run_to(70);
    assert!(world.head().height > start, "the key works");
}

#[test]
fn a_silent_dealer_is_left_out_and_pays_nothing() {
    let mut world = World::without_dealer(4);
    silence(&mut world, 2);
    world.run_until(40, is_done);
    let (_, qualified) = keygen::qualified(&world.state, 0).unwrap();
    assert_eq!(qualified.iter().collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!(stake(&world, 2), Amount(100));
}

#[test]
fn two_dealings_of_one_dealer_exclude_it_and_cost_it() {
    let mut world = World::without_dealer(4);
    world.block();
    silence(&mut world, 1);
    for seed in [7, 8] {
        let one = dealt(&world, 1, seed, None);
        declare(&mut world, &one);
        world.block();
    }
    assert!(run(&world).guilty.contains(1));
    assert_eq!(stake(&world, 1), Amount(98));
    world.run_until(40, is_done);
    let (_, qualified) = keygen::qualified(&world.state, 0).unwrap();
    assert!(!qualified.contains(1));
}

/// Who complains of a good share pays once; the dealer stays.
#[test]
fn a_false_complaint_costs_its_maker() {
    let mut world = World::without_dealer(4);
    world.run_until(20, |world| {
        keygen::run(&world.state).is_some_and(|run| run.stage == Stage::Complaining)
    });
    let key = DecryptionKey::from_seed(&secret(5, 2));
    let (_, kept) = keygen::dealing(&world.state, 0, 0).unwrap();
    let checked = kept.restore().unwrap();
    let seat = Seat::new(3).unwrap();
    let said = Complained {
        epoch: 0,
        attempt: 0,
        dealer: 0,
        seat: 3,
        complaint: Complaint::create(&checked, &key, seat),
    };
    let said = RootDeclaration::Complained(Box::new(said));
    declare(&mut world, &said);
    world.block();
    assert_eq!(stake(&world, 2), Amount(98));
    assert!(!run(&world).guilty.contains(0));
    declare(&mut world, &said);
    world.block();
    assert_eq!(stake(&world, 2), Amount(98), "once");
    world.run_until(40, is_done);
}

/// [K6] Too few deal: again, with windows twice as long; then it goes well.
#[test]
fn what_fails_is_tried_again_with_longer_windows() {
    let mut world = World::without_dealer(4);
    world.lost = [0, 1, 2].into();
    world.run_until(30, |world| {
        keygen::run(&world.state).is_some_and(|run| run.attempt == 1)
    });
    let first = run(&world);
    assert_eq!(first.start, 13, "dealing and complaints, from 1 on");
    world.run_until(40, |world| run(world).attempt == 2);
    assert_eq!(run(&world).start, 13 + 24);
    world.lost.clear();
    world.run_until(60, is_done);
    assert!(!run(&world).degraded);
}

#[test]
fn after_five_failures_it_is_degraded_and_goes_on_trying() {
    let mut world = World::without_dealer(4);
    world.lost = [0, 1, 2, 3].into();
    world.run_until(500, |world| {
        keygen::run(&world.state).is_some_and(|run| run.degraded)
    });
    let failed = run(&world);
    assert_eq!(failed.attempt, keygen::ATTEMPTS);
    assert_eq!(failed.start, 1 + 12 * (1 + 2 + 4 + 8 + 16));
    world.lost.clear();
    world.run_until(300, is_done);
    // This committee's key or, where its members drew lots meanwhile, the next one's.
    assert!(beacon::is_ready(&world.state, run(&world).epoch));
}

/// Without a key the old committee and its beacon go on, and another committee is elected. Who
/// declares itself in both elections has not contradicted itself. [K6]
#[test]
fn a_committee_that_never_makes_a_key_is_replaced() {
    let rules = ElectionRules { late: 20, ..RULES };
    let mut world = World::with_rules(4, rules, 1);
    world.undealt = true;
    world.run_to(150);
    assert_eq!(world.epoch, 0);
    assert!(world.head().height > RULES.root_epoch, "{:?}", world.head());
    let said = world
        .declared(0)
        .into_iter()
        .filter_map(|(_, said)| match said {
            RootDeclaration::Elected(elected) if elected.draw.chain.is_root() => Some(*elected),
            _ => None,
        });
    let said: Vec<_> = said.collect();
    let (first, last) = (said.first().unwrap(), said.last().unwrap());
    assert_eq!(first.draw.attempt, last.draw.attempt);
    assert!(first.draw.opened < last.draw.opened);
    let key = crypto::bls::SecretKey::from_seed(&secret(1, 0)).public();
    assert!(!first.contradicts(last, crate::testing::network(), &key));
    world.undealt = false;
    world.run_until(200, |world| world.epoch == 1);
}

/// A node that begins again in each stage finds its dealing and its shares again.
#[test]
fn restarts_in_the_middle_find_the_same_keys() {
    let mut straight = World::without_dealer(4);
    straight.run_to(40);
    let mut restarted = World::without_dealer(4);
    for height in [2, 5, 8, 11, 14, 30] {
        restarted.run_to(height);
        for number in 0..3 {
            restarted.restart(number, identity(number, None));
        }
    }
    restarted.run_to(40);
    let key = |world: &World| beacon::public_key(&world.state, 0).unwrap();
    assert_eq!(key(&restarted), key(&straight));
    assert!(run(&restarted).guilty.iter().next().is_none());
    restarted.run_to(80);
    assert!(restarted.head().height > 40);
}

/// The seats that a staker of genesis has lost its secrets for stay silent.
#[test]
fn without_its_secrets_a_node_says_nothing() {
    let mut world = World::without_dealer(4);
    let mut poor = identity(0, None);
    poor.genesis = Genesis::default();
    poor.ratchet = Ratchet::new([0xaa; 32]);
    world.restart(0, poor);
    world.run_until(40, is_done);
    assert!(!run(&world).dealt.contains(0));
}
