//! The stakers of a spec, on the root from its first block on.

use assembly::{AssemblyError, Network, staking_rules};
use genesis::{ChainSpec, Secrets, devnet_with_terms, preset};
use root_chain::staking::{Snapshot, Stage, books, staker};
use types::ChainId;

fn devnet() -> (ChainSpec, Secrets) {
    devnet_with_terms(4, 2, [1; 32])
}

#[test]
fn validators_of_a_devnet_are_stakers_on_duty() {
    let (spec, secrets) = devnet();
    let network = Network::new(spec.clone()).unwrap();
    let root = &network.first(ChainId::ROOT).unwrap().state;
    let rules = staking_rules(&spec);
    for validator in &secrets.validators {
        let staker = staker(root, &validator.owner_id()).unwrap();
        assert_eq!(staker.duties, 1);
        assert_eq!(staker.node, validator.node_id());
        let key = validator.stake_key().public();
        assert_eq!(staker.key, key.to_bytes());
        assert_eq!(staker.stage(0, &rules), Stage::Eligible);
    }
    let snapshot = Snapshot::at(root, 0, &rules);
    assert_eq!(snapshot.total, 120, "twelve with ten tickets each");
}

#[test]
fn the_staking_account_holds_the_stakes_and_the_pool() {
    let (spec, _) = devnet();
    let pool = spec.staking.reward_pool;
    let network = Network::new(spec).unwrap();
    let root = &network.first(ChainId::ROOT).unwrap().state;
    let books = books(root).unwrap();
    assert_eq!(books.pool, pool);
    assert_eq!(Some(books.stakes), preset::STAKE.times(12));
    assert!(root.conserves());
}

#[test]
fn a_spec_with_a_staker_twice_gives_no_network() {
    let (spec, _) = devnet();
    let twice: [fn(&mut ChainSpec); 2] = [
        |spec| spec.staking.stakers[1].account = spec.staking.stakers[0].account,
        |spec| spec.staking.stakers[1].key = spec.staking.stakers[0].key.clone(),
    ];
    for change in twice {
        let mut spec = spec.clone();
        change(&mut spec);
        let refused = Network::new(spec).err();
        assert!(
            matches!(refused, Some(AssemblyError::Stakers)),
            "{refused:?}"
        );
    }
}
