//! The beacon of a spec: its first key, its rules, and who takes part.

use std::collections::BTreeMap;

use actors::Account;
use crypto::threshold::deal_trusted;
use genesis::{ChainSpec, ValidatorSecret};
use root_chain::duty::{Genesis, Identity, Ratchet};
use root_chain::{Committees, KeygenRules, RootSystem, ThresholdBeacon, beacon, keygen};
use types::{AccountId, ChainId, NetworkId};

use crate::AssemblyError;

/// The beacon's accounts in the root's first state; none where nothing is elected.
pub(crate) fn first_accounts(
    spec: &ChainSpec,
    committees: &Committees,
) -> Result<Vec<(AccountId, Account)>, AssemblyError> {
    let group = committees.first(ChainId::ROOT).and_then(beacon::group_size);
    let Some((threshold, seats)) = group.filter(|_| !spec.terms.is_fixed()) else {
        return Ok(Vec::new());
    };
    let dealer = spec.beacon.insecure_dealer_seed;
    let dealt = dealer.map(|seed| deal_trusted(seed.as_bytes(), threshold, seats));
    let dealt = dealt.transpose()?.map(|(group, _)| group);
    let account = beacon::first_account(spec.seed, dealt.as_ref());
    let keys: Vec<_> = spec.beacon.share_keys.iter().map(|own| own.key).collect();
    Ok(vec![
        (beacon::account_id(), account),
        (keygen::account_id(), keygen::first_account(&keys)),
    ])
}

/// Adds the beacon to the root's system; none where nothing is elected.
pub(crate) fn with_beacon(system: RootSystem, spec: &ChainSpec, network: NetworkId) -> RootSystem {
    if spec.terms.is_fixed() {
        return system;
    }
    let rules = KeygenRules {
        dealing: spec.terms.dealing,
        complaints: spec.terms.complaints,
    };
    system.with_beacon(ThresholdBeacon::new(network, spec.beacon.every), rules)
}

/// Who a validator of a devnet is.
pub(crate) fn identity(spec: &ChainSpec, validator: &ValidatorSecret) -> Identity {
    let is_root = validator.chain.is_root();
    let dealer = spec.beacon.insecure_dealer_seed;
    Identity {
        staker: validator.owner_id(),
        node: validator.node_id(),
        stake: validator.stake_key(),
        ratchet: Ratchet::new(validator.duty_seed),
        genesis: Genesis {
            keys: BTreeMap::from([(validator.chain, validator.bls_key())]),
            shares: is_root.then(|| validator.share_key()),
            dealer: dealer.map(|seed| *seed.as_bytes()),
        },
    }
}
