//! Whole committees under seeded faults.
//!
//! Every run checks agreement, validity of final blocks and that evidence names liars only, after
//! every effect; see `support`. Each test adds what it is named after.

mod support;

use std::collections::BTreeSet;

use support::byzantine::Behaviour;
use support::plan::{Plan, Weather};
use support::random::Random;
use support::world::World;
use types::Time;

/// How many seeds to try; more than the few that fit into every day's run when asked for.
fn seeds(few: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("THINKEY_SEEDS").ok();
    0..asked.and_then(|text| text.parse().ok()).unwrap_or(few)
}

fn run(plan: Plan, seconds: u64) -> World {
    let mut world = World::new(plan);
    world.work(0, true);
    world.run_until(seconds * 1_000);
    world
}

/// Loss, duplication, reordering, a partition and crashes for `seconds`, then good weather.
fn storm(seed: u64, nodes: usize, seconds: u64) -> Weather {
    let mut random = Random::new(seed ^ 0x5707);
    let end = seconds * 1_000;
    let mut weather = Weather {
        until: Time(end),
        delay: random.between(60, 400),
        loss: random.below(31),
        twice: random.below(51),
        good: 200,
        sync: 8,
        fragile: 0,
        partitions: Vec::new(),
        crashes: Vec::new(),
    };
    for _ in 0..random.below(3) {
        let start = random.below(end);
        let stop = random.between(start, end);
        let island = (0..nodes).filter(|_| random.chance(40));
        let island: BTreeSet<usize> = island.collect();
        weather.partitions.push((Time(start), Time(stop), island));
    }
    for _ in 0..random.below(6) {
        let at = Time(random.below(end));
        let node = random.below(nodes as u64) as usize;
        weather.crashes.push((at, node, random.between(50, 1_500)));
    }
    weather
}

#[test]
fn committees_of_all_sizes_agree_at_full_speed() {
    for members in [1, 4, 7, 10] {
        let world = run(Plan::of(1, members), 3);
        let heights = world.honest_heights();
        assert!(heights[0] >= 15, "{members} members reached {heights:?}");
        assert!(world.blamed.is_empty());
        // Every round has a block: rounds follow one another without a gap.
        let mut ahead = world.rounds.iter().zip(&world.heights);
        assert!(ahead.all(|(round, height)| round == height));
        assert!(world.early.len() >= 2, "early consensus is reported");
        // It grows up to all seats, one at a time where seats are few.
        let reports: BTreeSet<_> = world.early_seats.values().copied().collect();
        assert!(reports.contains(&(members as u64)), "{reports:?}");
    }
}

#[test]
fn seats_weigh() {
    // 13 seats, f = 4: the heavy member alone can't stop the others, and counts for its seats.
    let seats = vec![4, 1, 3, 2, 3];
    let plan = Plan {
        seats: seats.clone(),
        liars: vec![(0, Behaviour::Silent)],
        ..Plan::of(3, 5)
    };
    assert!(run(plan, 12).honest_heights()[0] >= 8);
    // Without 5 seats there are 8 of the 9 needed: nothing is final, and nothing breaks.
    let plan = Plan {
        seats,
        liars: vec![(2, Behaviour::Silent), (3, Behaviour::Silent)],
        ..Plan::of(3, 5)
    };
    assert_eq!(run(plan, 6).honest_heights()[2], 0);
}

#[test]
fn storms_pass() {
    for seed in seeds(4) {
        let members = [4, 4, 7, 5][seed as usize % 4];
        let plan = Plan {
            weather: storm(seed, members, 5),
            ..Plan::of(seed, members)
        };
        let mut world = run(plan, 5);
        let before = world.honest_heights();
        world.run_until(14_000);
        let after = world.honest_heights();
        let best = before.last().copied().unwrap_or_default();
        assert!(
            after[0] >= best + 5,
            "seed {seed}: {before:?} then {after:?}"
        );
        assert!(world.blamed.is_empty());
    }
}

#[test]
fn the_whole_committee_crashes_and_comes_back() {
    for seed in seeds(2) {
        let mut random = Random::new(seed);
        let mut weather = Weather::good();
        for node in 0..4 {
            let at = Time(random.between(1_900, 2_100));
            weather.crashes.push((at, node, random.between(50, 300)));
        }
        let plan = Plan {
            weather,
            ..Plan::of(seed, 4)
        };
        let mut world = run(plan, 2);
        let before = world.honest_heights()[3];
        world.run_until(7_000);
        assert!(world.honest_heights()[0] >= before + 5, "seed {seed}");
    }
}

#[test]
fn who_crashes_while_voting_contradicts_nothing() {
    for seed in seeds(3) {
        let weather = Weather {
            until: Time(5_000),
            loss: 20,
            sync: 60,
            fragile: 15,
            ..Weather::good()
        };
        let plan = Plan {
            weather,
            ..Plan::of(seed, 4)
        };
        let mut world = run(plan, 5);
        let best = world.honest_heights()[3];
        world.run_until(9_000);
        assert!(world.honest_heights()[0] >= best + 5, "seed {seed}");
    }
}

fn with_liars(seed: u64, members: usize, liars: &[Behaviour]) -> World {
    let liars = liars.iter().enumerate();
    let plan = Plan {
        weather: storm(seed, members, 3),
        liars: liars.map(|(number, lie)| (number * 2 + 1, *lie)).collect(),
        ..Plan::of(seed, members)
    };
    let mut world = run(plan, 3);
    let before = world.honest_heights();
    world.run_until(12_000);
    let after = world.honest_heights();
    assert!(
        after[0] >= before[before.len() - 1] + 4,
        "{seed}: {before:?} {after:?}"
    );
    world
}

#[test]
fn twins_neither_fork_nor_stall() {
    let mut blamed = BTreeSet::new();
    for seed in seeds(2) {
        blamed.extend(with_liars(seed, 4, &[Behaviour::Twins]).blamed);
    }
    assert_eq!(blamed, BTreeSet::from([1]), "twins are caught");
}

#[test]
fn double_voters_neither_fork_nor_stall() {
    let mut blamed = BTreeSet::new();
    for seed in seeds(2) {
        blamed.extend(with_liars(seed, 4, &[Behaviour::DoubleVoter]).blamed);
    }
    assert_eq!(blamed, BTreeSet::from([1]), "double voters are caught");
}

#[test]
fn skip_liars_neither_fork_nor_stall() {
    for seed in seeds(2) {
        with_liars(seed, 4, &[Behaviour::SkipLiar]);
    }
}

#[test]
fn withholders_forgers_and_the_silent_do_not_stall() {
    for seed in seeds(1) {
        with_liars(seed, 4, &[Behaviour::Withholder]);
        with_liars(seed, 4, &[Behaviour::Forger]);
        with_liars(seed, 4, &[Behaviour::Silent]);
        with_liars(seed, 4, &[Behaviour::InvalidLeader]);
    }
}

#[test]
fn different_liars_together_neither_fork_nor_stall() {
    for seed in seeds(1) {
        with_liars(seed, 7, &[Behaviour::Twins, Behaviour::DoubleVoter]);
        with_liars(seed, 7, &[Behaviour::SkipLiar, Behaviour::Twins]);
    }
}

#[test]
fn one_seed_is_one_run() {
    let plan = |seed| Plan {
        weather: storm(seed, 4, 3),
        liars: vec![(2, Behaviour::Twins)],
        ..Plan::of(seed, 4)
    };
    assert_eq!(run(plan(5), 6).hash(), run(plan(5), 6).hash());
    assert_ne!(run(plan(5), 6).hash(), run(plan(6), 6).hash());
}

#[test]
fn observers_follow() {
    let plan = Plan {
        observers: 2,
        weather: storm(11, 6, 4),
        ..Plan::of(11, 4)
    };
    let world = run(plan, 16);
    let best = world.honest_heights()[5];
    assert!(best >= 20);
    for observer in [4, 5] {
        assert!(world.heights[observer] + 5 >= best, "{:?}", world.heights);
    }
}

#[test]
fn large_bodies_are_fetched() {
    let plan = Plan {
        body: 5_000,
        inline: 1_000,
        ..Plan::of(2, 4)
    };
    let world = run(plan, 8);
    assert!(world.fetches >= 30);
    assert!(world.honest_heights()[0] >= 15);
}

#[test]
fn who_was_cut_off_catches_up() {
    let plan = Plan {
        weather: Weather {
            until: Time(6_000),
            partitions: vec![(Time(0), Time(6_000), BTreeSet::from([2]))],
            ..Weather::good()
        },
        ..Plan::of(4, 4)
    };
    let mut world = run(plan, 6);
    assert_eq!(world.heights[2], 0);
    let best = world.honest_heights()[3];
    assert!(best >= 20);
    world.run_until(9_000);
    assert!(world.heights[2] > best, "{:?}", world.heights);
}

#[test]
fn without_work_nothing_happens() {
    let mut world = World::new(Plan::of(1, 4));
    world.work(0, true);
    world.work(1_000, false);
    world.run_until(3_000);
    let (sent, builds) = (world.sent, world.builds);
    let heights = world.honest_heights();
    assert!(heights[0] >= 2 && heights[0] == heights[3]);
    world.run_until(4 * 3_600_000);
    assert_eq!((world.sent, world.builds), (sent, builds));
    // And work wakes it up.
    world.work(world.now.0, true);
    let later = world.now.0 + 2_000;
    world.run_until(later);
    assert!(world.honest_heights()[0] > heights[0]);
}

#[test]
fn heartbeats_are_all_that_happens_without_work() {
    let mut plan = Plan::of(1, 4);
    plan.timing.heartbeat_ms = 600_000;
    let mut world = World::new(plan);
    world.run_until(3_600_000);
    let heights = world.honest_heights();
    assert!((5..=6).contains(&heights[0]), "{heights:?}");
    assert_eq!(world.builds, heights[3], "one block a heartbeat");
}

#[test]
fn one_node_with_work_gets_it_done() {
    let mut world = World::new(Plan::of(1, 4));
    world.work_at(2, true);
    world.run_until(20_000);
    assert!(world.honest_heights()[0] >= 1, "{:?}", world.heights);
}
