//! A network of members whose keys follow from their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Context, Filings, Registry};
use crypto::threshold::DecryptionKey;
use crypto::{Hash, bls};
use root_chain::duty::{Genesis, Identity, Ratchet};
use root_chain::elections::ElectionRules;
use root_chain::staking::StakingRules;
use root_chain::{
    Anchors, CommitteeCache, KeygenRules, RootSystem, SharedHistory, ThresholdBeacon,
};
use types::{
    AccountId, Amount, ChainId, Declaration, Height, Member, NetworkId, NodeId, Phase,
    RoutingTable, Time,
};

const WINDOWS: KeygenRules = KeygenRules {
    dealing: 24,
    complaints: 8,
};
pub(crate) const RULES: ElectionRules = ElectionRules {
    chain_epoch: 10_000,
    root_epoch: 10_000,
    lead: 1_000,
    root_lead: 1_000,
    window: 8,
    stall: 10_000,
    late: 600,
    rescue: 8,
    kept: 20_000,
    seats: 4,
    root_seats: 100,
    auditors: 0,
};
const STAKING: StakingRules = StakingRules {
    ticket: Amount(10),
    epoch_length: 10_000,
    unbonding: 50_000,
    evidence_window: 10_000,
    reward_per_block: Amount(0),
    presence_percent: 0,
};

pub(crate) fn network() -> NetworkId {
    NetworkId(Hash::from([9; 32]))
}

pub(crate) fn secret(kind: u8, number: usize) -> [u8; 32] {
    let domain = crypto::Domain::new("keygen-cost/secret");
    *crypto::hash_borsh(domain, &(kind, number as u64)).as_bytes()
}

pub(crate) fn key(kind: u8, number: usize) -> bls::SecretKey {
    bls::SecretKey::from_seed(&secret(kind, number))
}

pub(crate) fn share_key(number: usize) -> DecryptionKey {
    DecryptionKey::from_seed(&secret(5, number))
}

pub(crate) fn node(number: usize) -> NodeId {
    NodeId(Hash::from(secret(6, number)))
}

pub(crate) fn staker(number: usize) -> AccountId {
    AccountId(Hash::from(secret(7, number)))
}

pub(crate) fn member(number: usize) -> Member {
    Member {
        node: node(number),
        key: key(3, number).public(),
        seats: 1,
    }
}

pub(crate) fn identity(number: usize) -> Identity {
    Identity {
        staker: staker(number),
        node: node(number),
        stake: key(1, number),
        ratchet: Ratchet::new(secret(2, number)),
        genesis: Genesis {
            keys: BTreeMap::from([(ChainId::ROOT, key(3, number))]),
            shares: Some(share_key(number)),
            dealer: None,
        },
    }
}

pub(crate) fn system() -> RootSystem {
    let anchors = Anchors {
        network: network(),
        committees: CommitteeCache::default(),
        history: Arc::new(SharedHistory::default()),
        per_block: 8,
        trust_certificates: false,
    };
    let system = RootSystem::new(anchors, RULES, STAKING);
    system.with_beacon(ThresholdBeacon::new(network(), 1), WINDOWS)
}

pub(crate) const fn filings(declarations: &[Declaration]) -> Filings<'_> {
    Filings {
        anchors: &[],
        declarations,
        parent: None,
    }
}

pub(crate) fn context(height: Height, system: &RootSystem) -> Context {
    Context {
        network: network(),
        chain: ChainId::ROOT,
        height,
        time: Time(height),
        epoch: 0,
        phase: Phase::Ordinary,
        root_height: height - 1,
        seed: None,
        routing: Arc::new(RoutingTable::even(1)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(system.clone()),
        gas_limit: 0,
        min_gas_price: 0,
        quota: 1,
        rotation: AccountId::default(),
    }
}

pub(crate) fn header() -> types::Header {
    types::Header {
        version: 1,
        chain: ChainId::ROOT,
        epoch: 0,
        height: 0,
        round: 0,
        parent: types::BlockHash(Hash::ZERO),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: types::RootRef::default(),
        time: Time(0),
        proposer: 0,
        phase: Phase::Ordinary,
        state_root: Hash::ZERO,
        input_root: Hash::ZERO,
        order_root: Hash::ZERO,
        message_root: Hash::ZERO,
        outbox_root: Hash::ZERO,
        receipt_root: Hash::ZERO,
        history_root: Hash::ZERO,
        lanes_root: Hash::ZERO,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}
