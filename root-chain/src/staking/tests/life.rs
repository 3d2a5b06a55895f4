//! [S3] [S4] [S5] A staker's life, step by step.

use types::Amount;

use crate::staking::testing::{RICH, World, user};
use crate::staking::{Snapshot, StakingError, begin_term, end_term};

fn tickets(world: &World, epochs: &[u64]) -> Vec<u64> {
    let of = |epoch: &u64| Snapshot::at(&world.state, *epoch, &world.rules).of(&user(1));
    epochs.iter().map(of).collect()
}

/// What came in epoch E counts from E + 2 on, and not any more after the epoch of quitting.
#[test]
fn stake_counts_two_epochs_late_and_until_the_owner_quits() {
    let mut world = World::new(&[], 0);
    world.enter_epoch(3);
    world.register(1, 25).unwrap();
    assert_eq!(tickets(&world, &[3, 4, 5, 6]), [0, 0, 2, 2]);
    world.enter_epoch(4);
    world.add(1, 15).unwrap();
    world.add(1, 10).unwrap();
    assert_eq!(tickets(&world, &[4, 5, 6, 7]), [0, 2, 5, 5]);
    world.enter_epoch(6);
    world.add(1, 50).unwrap();
    assert_eq!(tickets(&world, &[5, 6, 7, 8]), [2, 5, 5, 10]);
    world.enter_epoch(7);
    world.quit(1).unwrap();
    // An election that is open stays as it was.
    assert_eq!(tickets(&world, &[6, 7, 8, 9]), [5, 5, 0, 0]);
}

/// The answer about an epoch is the same six epochs later, and old additions are merged.
#[test]
fn additions_are_told_apart_for_as_long_as_elections_last() {
    let mut world = World::new(&[], 0);
    world.register(1, 10).unwrap();
    for epoch in 1..30 {
        world.enter_epoch(epoch);
        world.add(1, 10).unwrap();
        let back = epoch.saturating_sub(6)..=epoch;
        let expected: Vec<u64> = back.clone().map(|e| e.saturating_sub(1)).collect();
        assert_eq!(tickets(&world, &Vec::from_iter(back)), expected);
        assert!(world.staker(1).unwrap().recent.len() <= 8);
    }
}

#[test]
fn withdrawal_waits_for_unbonding_to_the_height() {
    let mut world = World::new(&[], 0);
    world.register(1, 100).unwrap();
    assert_eq!(world.withdraw(1), Err(StakingError::HasNotQuit));
    let quit = world.height;
    world.quit(1).unwrap();
    assert_eq!(world.quit(1), Err(StakingError::HasQuit));
    assert_eq!(world.add(1, 10), Err(StakingError::HasQuit));
    let free = quit + world.rules.unbonding;
    world.height = free - 1;
    let height = free - 1;
    let early = StakingError::TooEarly { height, free };
    assert_eq!(world.withdraw(1), Err(early));
    assert_eq!(world.height, free);
    world.withdraw(1).unwrap();
    assert_eq!(world.balance(1), RICH.0);
    assert_eq!(world.staker(1), None);
    assert_eq!(world.withdraw(1), Err(StakingError::NotRegistered));
    // Account and key are free again.
    world.register(1, 10).unwrap();
}

/// Unbonding starts when the last term ends, if that is later than quitting.
#[test]
fn duties_hold_the_stake() {
    let mut world = World::new(&[], 0);
    world.register(1, 100).unwrap();
    let seats = [Some(user(1)), None];
    let chain_one = crate::staking::testing::committee(1, &[1, 1]);
    let chain_two = crate::staking::testing::committee(2, &[1, 1]);
    world.edit(|edit| begin_term(edit, &seats));
    world.edit(|edit| begin_term(edit, &seats));
    world.quit(1).unwrap();
    world.height = 200;
    let duty = |duties| Err(StakingError::OnDuty { duties });
    assert_eq!(world.withdraw(1), duty(2));
    let rules = world.rules;
    world.edit(|edit| end_term(edit, &rules, &chain_one, &seats, 150));
    assert_eq!(world.withdraw(1), duty(1));
    world.edit(|edit| end_term(edit, &rules, &chain_two, &seats, 210));
    world.height = 259;
    let (height, free) = (259, 260);
    let early = StakingError::TooEarly { height, free };
    assert_eq!(world.withdraw(1), Err(early));
    world.withdraw(1).unwrap();
    assert_eq!(world.audit().sum(), Some(Amount::ZERO));
}

/// Stakers of genesis win from the first election on.
#[test]
fn first_stakers_count_at_once() {
    let world = World::new(&[100, 5, 30], 7);
    let snapshot = Snapshot::at(&world.state, 0, &world.rules);
    assert_eq!(snapshot.total, 13);
    assert_eq!(snapshot.of(&user(10)), 10);
    assert_eq!(snapshot.of(&user(11)), 0);
    assert_eq!(snapshot.tickets.len(), 2);
    assert_eq!(world.audit().pool, Amount(7));
}

/// What `status` says on the way.
#[test]
fn a_life_in_words() {
    let mut world = World::new(&[], 0);
    let bench = crate::staking::testing::committee(1, &[1]);
    let seats = [Some(user(1))];
    let rules = world.rules;
    let says = |world: &World| {
        let staker = world.staker(1).unwrap();
        staker.stage(world.height, &world.rules).to_string()
    };
    world.register(1, 10).unwrap();
    assert_eq!(says(&world), "waiting: counts from root epoch 2 on");
    world.enter_epoch(2);
    assert_eq!(says(&world), "eligible");
    world.edit(|edit| crate::staking::jail(edit, &rules, &user(1), 20));
    assert_eq!(says(&world), "jailed until root epoch 5");
    world.enter_epoch(5);
    world.edit(|edit| begin_term(edit, &seats));
    world.quit(1).unwrap();
    assert_eq!(says(&world), "leaving: still in 1 committees");
    world.edit(|edit| end_term(edit, &rules, &bench, &seats, 55));
    assert_eq!(says(&world), "unbonding until root height 105");
    world.height = 105;
    assert_eq!(says(&world), "free to withdraw");
}

#[test]
fn a_life_that_went_wrong_in_words() {
    use crate::slashing::{Crime, convict};
    let mut world = World::new(&[], 0);
    let bench = crate::staking::testing::committee(1, &[1, 99]);
    let seats = [Some(user(1)), None];
    let says = |world: &World| {
        let staker = world.staker(1).unwrap();
        staker.stage(world.height, &world.rules).to_string()
    };
    world.register(1, 10).unwrap();
    world
        .edit(|edit| convict(edit, &bench, &seats, &[0], Crime::Contradiction, None))
        .unwrap();
    assert_eq!(says(&world), "convicted: quit to take out what is left");
    world.quit(1).unwrap();
    world.height += 50;
    world.withdraw(1).unwrap();
    assert_eq!(says(&world), "convicted and withdrawn");
    let short = World::new(&[9], 0).staker(10).unwrap();
    let stage = short.stage(1, &world.rules).to_string();
    assert_eq!(stage, "less than a ticket: add stake to win elections");
}
