//! What the root's own committee earns, and what being away costs. [S7] [S8]

use std::sync::Arc;

use types::Amount;

use super::{STAKING, World, staker};
use crate::staking::{self, Staker, StakingRules};

/// Members 0 to 2 of four sign every root block; member 1 shows all certificates.
#[test]
fn the_roots_own_committee_is_paid_and_judged() {
    let rules = StakingRules {
        reward_per_block: Amount(1_000),
        presence_percent: 50,
        ..STAKING
    };
    let mut world = World::new(4);
    world.system.staking = rules;
    world.system.stakes = Arc::new(rules);
    world.present = vec![0, 1, 2];
    let record = |world: &World, number| -> Staker {
        staking::staker(&world.state, &staker(number)).unwrap()
    };
    world.run_until(200, |world| world.epoch == 1);
    let blocks = u128::from(world.height - 1);
    // Of 1,000 a block: 700 among four seats, and 200 in proportion to the seats that signed.
    assert_eq!(record(&world, 0).rewards, Amount(175 * blocks));
    assert_eq!(record(&world, 1).rewards, Amount((175 + 150) * blocks));
    assert_eq!(record(&world, 2).rewards, Amount(175 * blocks));
    let away = record(&world, 3);
    assert_eq!(away.rewards, Amount::ZERO);
    assert!(away.jailed_until > 0, "it signed nothing for a term");
    assert!((0..3).all(|number| record(&world, number).jailed_until == 0));
    assert!(staking::books(&world.state).is_some());
}
