//! The list of stakers, over pages.

use std::collections::BTreeSet;
use std::time::Instant;

use actors::State;
use crypto::{Hash, bls};
use types::{AccountId, Amount, NodeId};

use crate::staking::testing::{RULES, World, user};
use crate::staking::{
    FirstStaker, Snapshot, account_id, first_account, staker_ids, staker_of_key, stakers,
};

fn listed(world: &World) -> BTreeSet<types::AccountId> {
    let ids = staker_ids(&world.state);
    for (place, staker) in stakers(&world.state).enumerate() {
        assert_eq!(staker.id, ids[place]);
        assert_eq!(staker.place as usize, place);
        let owner = staker_of_key(&world.state, &staker.key);
        assert_eq!(owner, Some(staker.id));
    }
    assert_eq!(stakers(&world.state).count(), ids.len());
    ids.into_iter().collect()
}

/// 63 stakers of genesis; users come and go over the end of the first page.
#[test]
fn the_list_has_no_gaps_whoever_goes() {
    let mut world = World::new(&[10; 63], 0);
    let mut expected: BTreeSet<_> = (10..73).map(user).collect();
    for who in 1..6 {
        world.register(who, 10).unwrap();
        expected.insert(user(who));
        assert_eq!(listed(&world), expected);
    }
    for who in 1..6 {
        world.quit(who).unwrap();
    }
    world.height += 50;
    for who in [3, 1, 5, 4, 2] {
        world.withdraw(who).unwrap();
        expected.remove(&user(who));
        assert_eq!(listed(&world), expected, "after {who}");
    }
    world.register(7, 10).unwrap();
    expected.insert(user(7));
    assert_eq!(listed(&world), expected);
}

/// Issue: elections of a root block take at most 100 ms with 1,000 stakers. The snapshot is a small
/// part of that, because it decodes no keys: a thousand subgroup checks take that long alone.
#[test]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn a_snapshot_of_a_thousand_stakers_is_cheap() {
    let stakers = (0..1_000_u32).map(|n| {
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&n.to_le_bytes());
        FirstStaker {
            id: AccountId(Hash::new(seed)),
            node: NodeId(Hash::new(seed)),
            key: bls::SecretKey::from_seed(&seed).public(),
            stake: Amount(1_000),
            duties: 0,
        }
    });
    let account = first_account(stakers, Amount::ZERO).unwrap();
    let state = State::genesis([(account_id(), account)]).unwrap();
    let began = Instant::now();
    let snapshot = Snapshot::at(&state, 0, &RULES);
    let took = began.elapsed();
    assert_eq!((snapshot.total, snapshot.tickets.len()), (100_000, 1_000));
    println!("a snapshot of 1,000 stakers: {took:?}");
    assert!(took.as_millis() < 50, "{took:?}");
}
