use std::collections::BTreeSet;

use types::ChainId;

use super::{ACCOUNTS, devnet, devnet_for_rehearsal, devnet_with_terms};
use crate::safety;

#[test]
fn a_devnet_is_accepted_with_warnings_about_its_size() {
    let (spec, _) = devnet(4, 2, [7; 32]);
    let report = safety::check(&spec);
    assert!(report.is_accepted(), "{report}");
    assert_eq!(report.warnings().count(), 3, "one for each chain");
}

#[test]
fn short_terms_are_accepted_for_small_roots() {
    for validators in [1, 4, 15] {
        let (spec, _) = devnet_with_terms(validators, 2, [7; 32]);
        let report = safety::check(&spec);
        assert!(report.is_accepted(), "{report}");
    }
    let (large, _) = devnet_with_terms(16, 2, [7; 32]);
    assert!(!safety::check(&large).is_accepted());
}

/// The shortest of everything, and not a height less than evidence needs.
#[test]
fn a_rehearsal_keeps_stake_slashable_for_as_long_as_evidence_counts() {
    for validators in [1, 4, 9] {
        let (mut spec, _) = devnet_for_rehearsal(validators, 1, [7; 32]);
        let report = safety::check(&spec);
        assert!(report.is_accepted(), "{report}");
        spec.staking.unbonding -= 1;
        assert!(!safety::check(&spec).is_accepted());
    }
    let (large, _) = devnet_for_rehearsal(10, 1, [7; 32]);
    assert!(!safety::check(&large).is_accepted());
}

/// The defaults are those of a public network with its committees.
#[test]
fn default_terms_fit_their_seats() {
    let (mut spec, _) = devnet(4, 1, [7; 32]);
    spec.terms = crate::Terms::default();
    spec.staking = crate::Staking::default();
    spec.timing = crate::Timing::default();
    let report = safety::check(&spec);
    assert!(report.is_accepted(), "{report}");
}

#[test]
fn secrets_belong_to_the_spec() {
    let (spec, secrets) = devnet(4, 2, [7; 32]);
    assert_eq!(secrets.validators.len(), 12);
    for (at, validator) in secrets.validators.iter().enumerate() {
        let committee = spec.committee(validator.chain, 0).unwrap();
        let member = &committee.members[usize::from(validator.member)];
        assert_eq!(validator.node as usize, at);
        assert_eq!(member.node, validator.node_id());
        assert_eq!(member.key, validator.bls_key().public());
        let staker = &spec.staking.stakers[at];
        assert_eq!(staker.key, validator.stake_key().public());
        let holders = spec.holders(validator.chain);
        let holder = holders[usize::from(validator.member)];
        assert_eq!(holder, Some(validator.owner_id()));
    }
    assert_eq!(secrets.accounts.len() as u32, 3 * ACCOUNTS);
    for account in &secrets.accounts {
        assert_eq!(
            account.id,
            types::AccountId::of_key(&account.key().public())
        );
        assert_eq!(spec.home(&account.id), account.chain);
    }
}

#[test]
fn every_secret_differs_from_every_other() {
    let (_, secrets) = devnet(7, 3, [7; 32]);
    let seeds = secrets.validators.iter().flat_map(|v| {
        let own = [v.node_seed, v.bls_seed, v.stake_seed, v.owner_seed];
        own.into_iter().chain([v.share_seed, v.duty_seed])
    });
    let seeds: Vec<_> = seeds
        .chain(secrets.accounts.iter().map(|a| a.seed))
        .collect();
    assert_eq!(seeds.iter().collect::<BTreeSet<_>>().len(), seeds.len());
}

#[test]
fn the_seed_decides_the_network() {
    let id = |seed| devnet(1, 1, [seed; 32]).0.network_id();
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn a_root_alone_is_a_network() {
    let (spec, secrets) = devnet(1, 0, [0; 32]);
    assert_eq!(spec.chain_ids(), [ChainId::ROOT]);
    assert_eq!(secrets.accounts.len() as u32, ACCOUNTS);
    assert!(spec.check_form().is_ok());
}
