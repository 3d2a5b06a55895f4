//! A group that is lost: its beacon stands still, blocks go on, and the root gets another. T11, B7

use crypto::bls::{PublicKey, SecretKey};
use types::ChainId;

use super::{RULES, World, secret};
use crate::RootDeclaration;
use crate::beacon::{self, Lot, LotError};
use crate::elections::{self, ElectionRules, Stage};
use crate::keygen;
use crate::testing::{ONE, network};

/// The root elects at 60; without a seed until 80, lots are drawn until 86.
const HASTY: ElectionRules = ElectionRules {
    late: 20,
    root_lead: 60,
    ..RULES
};

fn seed_known(world: &World, chain: ChainId) -> bool {
    let term = elections::term(&world.state, chain).unwrap();
    match &term.stage {
        Stage::Electing(election) => election.seed.is_some(),
        _ => false,
    }
}

fn elects(world: &World, chain: ChainId) -> bool {
    let term = elections::term(&world.state, chain).unwrap();
    matches!(term.stage, Stage::Electing(_))
}

/// n = 7, t = f + 1 = 3. Six of seven release nothing: no seed can be made.
fn mute() -> World {
    let mut world = World::with_rules(7, HASTY, 1);
    world.mute = (0..6).collect();
    world.lost_seeds = true;
    world
}

/// f members withhold: not a bit of any seed changes, and nobody draws lots.
#[test]
fn exactly_f_withholding_members_change_nothing() {
    let run = |mute: &[usize]| {
        let mut world = World::with_rules(7, HASTY, 1);
        world.mute = mute.iter().copied().collect();
        world.run_to(100);
        assert_eq!(beacon::degraded(&world.state), None);
        (0..=world.head().height)
            .map(|height| beacon::seed(&world.state, height, 1))
            .collect::<Vec<_>>()
    };
    let all = run(&[]);
    let some = run(&[1, 4]);
    let both = all.len().min(some.len());
    assert!(both > 64);
    assert_eq!(all[..both], some[..both]);
}

/// Blocks go on; chain 1's election waits however long it takes; the root's own waits for `late`
/// heights, then its members draw. The next group goes on, and so does chain 1.
#[test]
fn a_silent_group_stalls_the_beacon_and_only_the_beacon() {
    let mut world = mute();
    world.run_to(81);
    assert_eq!(world.head().height, 0, "no seed");
    assert!(beacon::missing(&world.state, 80, 1) >= 80, "loudly");
    assert_eq!(beacon::degraded(&world.state).unwrap().opened, 60);
    world.run_to(87);
    let open = beacon::degraded(&world.state).unwrap();
    assert!(open.seed.is_some() && open.lots.len() >= 5, "{open:?}");
    assert!(seed_known(&world, ChainId::ROOT));
    assert!(
        elects(&world, ONE) && !seed_known(&world, ONE),
        "a seed that its last drawer may choose is not for others"
    );
    world.run_until(120, |world| world.epoch == 1);
    let ended = crate::committees::ended(&world.state, ChainId::ROOT, 0).unwrap();
    let head = world.head();
    assert_eq!((head.height, head.epoch), (ended, 1));
    assert_eq!(Some(head.seed), open.seed, "the seeds chain across");
    assert!(elects(&world, ONE) && !seed_known(&world, ONE));

    world.mute.clear();
    world.lost_seeds = false;
    world.run_until(80, |world| world.head().height > ended + 2);
    let key = beacon::public_key(&world.state, 1).unwrap();
    let key = PublicKey::from_bytes(&key).unwrap();
    let (_, signature) = beacon::seed(&world.state, ended + 1, 1).unwrap();
    let verified = beacon::verify_seed(
        &key,
        network(),
        1,
        ended + 1,
        &open.seed.unwrap(),
        &signature,
    );
    assert!(verified.is_ok());
    world.run_until(60, |world| !elects(world, ONE));
}

/// A group that comes back before enough lots are there makes the seed itself, and all others that
/// it owes: the beacon's chain has no gap.
#[test]
fn a_seed_of_the_group_ends_the_drawing() {
    let mut world = mute();
    world.lots_lost = true;
    world.run_to(82);
    assert!(beacon::degraded(&world.state).unwrap().is_open());
    world.mute.clear();
    world.lost_seeds = false;
    world.run_until(40, |world| !elects(world, ChainId::ROOT));
    world.lots_lost = false;
    world.run_until(120, |world| world.epoch == 1);
    let ended = crate::committees::ended(&world.state, ChainId::ROOT, 0).unwrap();
    world.run_until(60, |world| world.head().height > ended);
    let seeds = 1..=ended;
    assert!(
        seeds
            .into_iter()
            .all(|height| beacon::seed(&world.state, height, 1).is_some())
    );
    assert_eq!(beacon::degraded(&world.state).unwrap().seed, None);
}

/// A group that comes back after the lots were drawn, and whose seeds nobody records, is forgotten
/// at the end of the term: also by members that have combined seeds of their own.
#[test]
fn what_was_combined_and_not_recorded_ends_with_the_term() {
    let mut world = mute();
    world.run_to(87);
    assert!(beacon::degraded(&world.state).unwrap().seed.is_some());
    world.mute.clear();
    world.run_until(120, |world| world.epoch == 1);
    let ended = world.head().height;
    assert!(world.head().epoch == 1 && ended > 87);
    world.lost_seeds = false;
    world.run_until(60, |world| world.head().height > ended + 2);
}

/// Fewer lots than a quorum give nothing; the window is opened again until there are enough.
#[test]
fn lots_of_fewer_than_a_quorum_are_not_enough() {
    let mut world = mute();
    world.lost = [0, 1, 2].into();
    world.run_to(100);
    let open = beacon::degraded(&world.state).unwrap();
    assert!(
        open.is_open() && open.lots.len() == 4 && open.until > 100,
        "{open:?}"
    );
    world.lost.clear();
    world.run_until(30, |world| seed_known(world, ChainId::ROOT));
}

/// The first group never makes its key: after five failures lots elect another committee, and its
/// key begins the beacon.
#[test]
fn a_first_group_that_never_is_gets_replaced() {
    let mut world = World::begin(4, HASTY, 1, None);
    world.undealt = true;
    world.run_until(500, |world| {
        beacon::degraded(&world.state).is_some_and(|made| made.seed.is_some())
    });
    assert!(keygen::run(&world.state).unwrap().degraded, "not before");
    world.undealt = false;
    world.run_until(200, |world| world.epoch == 1);
    let begun = world.head();
    assert_eq!(begun.epoch, 1);
    world.run_until(80, |world| world.head().height > begun.height + 2);
}

/// What is refused, and why.
#[test]
fn bad_lots_are_refused() {
    let mut world = mute();
    world.lots_lost = true;
    let key = |member| SecretKey::from_seed(&secret(3, member));
    world.run_to(70);
    let early = Lot {
        epoch: 0,
        opened: 60,
        member: 0,
        proof: crypto::vrf::prove(&key(0), &crypto::Hash::ZERO).1,
    };
    assert_eq!(refuse(&world, early), LotError::Closed { opened: 60 });
    world.run_to(82);
    let open = beacon::degraded(&world.state).unwrap();
    let good = Lot::draw(&open, network(), 0, &key(0));
    let table = [
        (Lot { opened: 59, ..good }, LotError::Closed { opened: 59 }),
        (Lot { epoch: 1, ..good }, LotError::Closed { opened: 60 }),
        (Lot { member: 7, ..good }, LotError::NoMember { member: 7 }),
        (Lot { member: 1, ..good }, LotError::Proof { member: 1 }),
        (early, LotError::Proof { member: 0 }),
        (
            Lot::draw(&open, types::NetworkId::default(), 0, &key(0)),
            LotError::Proof { member: 0 },
        ),
    ];
    for (lot, expected) in table {
        assert_eq!(refuse(&world, lot), expected);
    }
    let said = RootDeclaration::Lot(good).encode().unwrap();
    world.pool.insert(said.hash(), said);
    world.block();
    let lots = beacon::degraded(&world.state).unwrap().lots;
    assert_eq!(lots.len(), 1);
    assert_eq!(refuse(&world, good), LotError::Repeated { member: 0 });
}

fn refuse(world: &World, lot: Lot) -> LotError {
    let mut edit = actors::Edit::new(&world.state);
    let committees = &world.system.anchors.committees;
    let committee = committees.get(&edit, ChainId::ROOT, 0);
    let taken = beacon::degraded::take(&mut edit, &lot, committee.as_deref(), network(), false);
    taken.unwrap_err()
}
