//! Presets: a whole devnet with its secrets from one seed.

use crypto::threshold::DecryptionKey;
use crypto::{Domain, Hash, bls, ed25519, hash};
use types::{AccountId, Amount, ChainId, NodeId, RoutingTable, Time, limits};

use crate::spec::{
    AccountEntry, Anchoring, Beacon, BlockLimits, ChainEntry, ChainSpec, MemberEntry, NetworkKind,
    Security, ShareKey, StakerEntry, Staking, Terms, Timing,
};

#[cfg(test)]
mod tests;

/// Everything that a preset derives from its seed.
const DEVNET: Domain = Domain::new("thinkey/devnet");

/// Accounts with a balance on each chain of a devnet.
pub const ACCOUNTS: u32 = 3;
/// What each of them has.
pub const BALANCE: Amount = Amount(1_000_000_000_000_000);
/// What each validator of a devnet has staked: ten tickets.
pub const STAKE: Amount = Amount(10_000_000_000);
/// Transaction chains of a devnet at most.
pub const MAX_CHAINS: u32 = 256;

/// The secrets of a devnet. Whoever knows its seed knows them, so they guard nothing of worth.
#[derive(Clone)]
pub struct Secrets {
    /// By chain, then by member number.
    pub validators: Vec<ValidatorSecret>,
    /// By chain, then by number.
    pub accounts: Vec<AccountSecret>,
}

/// What a validator of a devnet needs to run.
#[derive(Clone)]
pub struct ValidatorSecret {
    /// Number of the node in the network: chain · validators + member.
    pub node: u32,
    /// The chain whose committee it is in.
    pub chain: ChainId,
    /// Its number in the committee.
    pub member: u16,
    /// Seed of the transport's ed25519 key.
    pub node_seed: [u8; 32],
    /// Seed of the consensus key of the first term.
    pub bls_seed: [u8; 32],
    /// Seed of the stake key.
    pub stake_seed: [u8; 32],
    /// Seed of the key of the account that owns the stake; it has no balance.
    pub owner_seed: [u8; 32],
    /// Seed of the key that opens its shares in the first key generation; for the root's.
    pub share_seed: [u8; 32],
    /// What the keys of its later terms are derived from.
    pub duty_seed: [u8; 32],
}

/// A funded account of a devnet.
#[derive(Clone)]
pub struct AccountSecret {
    /// The chain that it lives on.
    pub chain: ChainId,
    /// Its number on the chain.
    pub number: u32,
    /// Its id.
    pub id: AccountId,
    /// Seed of its ed25519 key.
    pub seed: [u8; 32],
}

impl ValidatorSecret {
    /// The transport key.
    pub fn node_key(&self) -> ed25519::SecretKey {
        ed25519::SecretKey::from_seed(self.node_seed)
    }

    /// The node's id: its transport's public key.
    pub fn node_id(&self) -> NodeId {
        NodeId(Hash::from(*self.node_key().public().as_bytes()))
    }

    /// The consensus key of the first term.
    pub fn bls_key(&self) -> bls::SecretKey {
        bls::SecretKey::from_seed(&self.bls_seed)
    }

    /// The stake key.
    pub fn stake_key(&self) -> bls::SecretKey {
        bls::SecretKey::from_seed(&self.stake_seed)
    }

    /// What opens its shares in the first key generation.
    pub fn share_key(&self) -> DecryptionKey {
        DecryptionKey::from_seed(&self.share_seed)
    }

    /// The key of the account that owns the stake.
    pub fn owner_key(&self) -> ed25519::SecretKey {
        ed25519::SecretKey::from_seed(self.owner_seed)
    }

    /// The account that owns the stake.
    pub fn owner_id(&self) -> AccountId {
        AccountId::of_key(&self.owner_key().public())
    }
}

impl AccountSecret {
    /// The account's key.
    pub fn key(&self) -> ed25519::SecretKey {
        ed25519::SecretKey::from_seed(self.seed)
    }
}

/// A devnet of a root and `chains` transaction chains with `validators` nodes each, one seat a
/// node, and [`ACCOUNTS`] funded accounts on each chain. The same seed gives the same network.
///
/// Callers set `start` to the time of launch: only networks of one start are one network.
///
/// # Panics
/// When a committee would be empty or too large, or there are more than [`MAX_CHAINS`] chains.
pub fn devnet(validators: u32, chains: u32, seed: [u8; 32]) -> (ChainSpec, Secrets) {
    let members = 1..=limits::COMMITTEE_MEMBERS as u32;
    assert!(members.contains(&validators), "1 to 2048 validators");
    assert!(chains <= MAX_CHAINS, "at most 256 transaction chains");
    let routing = RoutingTable::even(chains);
    let ids = || (0..=chains).map(ChainId);
    let secrets = Secrets {
        validators: ids()
            .flat_map(|chain| {
                (0..validators).map(move |at| validator(validators, chain, at, &seed))
            })
            .collect(),
        accounts: ids()
            .flat_map(|chain| (0..ACCOUNTS).map(move |number| (chain, number)))
            .map(|(chain, number)| account(&routing, chain, number, &seed))
            .collect(),
    };
    (spec(routing, &secrets, &seed), secrets)
}

/// [`devnet`] with short terms: [`Terms::short`] with as many seats as there are validators.
///
/// A dealer makes the first key of the beacon; without `beacon.insecure_dealer_seed` the first
/// root committee generates it, with the `share_keys` that are there for it.
///
/// Chains without work anchor every second, so that none of them is taken to stand still.
///
/// # Panics
/// As [`devnet`].
pub fn devnet_with_terms(validators: u32, chains: u32, seed: [u8; 32]) -> (ChainSpec, Secrets) {
    let (mut spec, secrets) = devnet(validators, chains, seed);
    spec.terms = Terms::short(validators);
    spec.timing.heartbeat_ms = 1_000;
    spec.beacon.insecure_dealer_seed = Some(derive(&seed, "dealer", &[]));
    (spec, secrets)
}

/// [`devnet_with_terms`] for a stake's whole life in minutes: the shortest windows that a root of
/// at most 9 seats allows, and an unbonding of no more than evidence needs.
///
/// Chains anchor often, so that root heights pass quickly.
///
/// # Panics
/// As [`devnet`].
pub fn devnet_for_rehearsal(validators: u32, chains: u32, seed: [u8; 32]) -> (ChainSpec, Secrets) {
    let (mut spec, secrets) = devnet_with_terms(validators, chains, seed);
    spec.terms = Terms::shortest(validators);
    spec.timing.heartbeat_ms = 150;
    spec.staking.evidence_window = 20;
    spec.staking.margin = 5;
    spec.staking.unbonding = spec.staking.least_unbonding(&spec.terms);
    (spec, secrets)
}

fn spec(routing: RoutingTable, secrets: &Secrets, seed: &[u8; 32]) -> ChainSpec {
    let chains = routing.chains().into_iter().map(|id| ChainEntry {
        id,
        members: secrets
            .validators
            .iter()
            .filter(|validator| validator.chain == id)
            .map(member)
            .collect(),
    });
    let accounts = secrets.accounts.iter().map(|account| AccountEntry {
        id: account.id,
        balance: BALANCE,
    });
    ChainSpec {
        name: "devnet".to_owned(),
        kind: NetworkKind::Devnet,
        start: Time(0),
        seed: derive(seed, "leaders", &[]),
        timing: loopback(),
        limits: BlockLimits::default(),
        anchoring: Anchoring::default(),
        security: Security::default(),
        terms: Terms::FIXED,
        staking: Staking {
            stakers: secrets.validators.iter().map(staker).collect(),
            ..Staking::short()
        },
        beacon: Beacon {
            share_keys: share_keys(secrets),
            ..Beacon::default()
        },
        chains: chains.collect(),
        accounts: accounts.collect(),
        routing,
    }
}

/// Timing for nodes on one machine.
const fn loopback() -> Timing {
    Timing {
        delta_ms: 50,
        delta_max_ms: 5_000,
        execution_ms: 100,
        standstill_ms: 1_500,
        heartbeat_ms: 30_000,
        drift_ms: 500,
    }
}

fn member(validator: &ValidatorSecret) -> MemberEntry {
    let key = validator.bls_key();
    MemberEntry {
        node: validator.node_id(),
        key: key.public(),
        possession: key.prove_possession(),
        seats: 1,
    }
}

fn staker(validator: &ValidatorSecret) -> StakerEntry {
    let key = validator.stake_key();
    StakerEntry {
        account: validator.owner_id(),
        node: validator.node_id(),
        key: key.public(),
        possession: key.prove_possession(),
        stake: STAKE,
    }
}

fn share_keys(secrets: &Secrets) -> Vec<ShareKey> {
    let members = secrets.validators.iter();
    let members = members.filter(|validator| validator.chain.is_root());
    let share_key = |validator: &ValidatorSecret| {
        let key = validator.share_key();
        let context = ShareKey::context(&validator.bls_key().public());
        ShareKey {
            key: *key.public(),
            possession: key.prove_possession(&context),
        }
    };
    members.map(share_key).collect()
}

fn validator(validators: u32, chain: ChainId, at: u32, seed: &[u8; 32]) -> ValidatorSecret {
    let node = chain.0 * validators + at;
    ValidatorSecret {
        node,
        chain,
        member: at as u16,
        node_seed: *derive(seed, "node", &[node]).as_bytes(),
        bls_seed: *derive(seed, "consensus", &[node]).as_bytes(),
        stake_seed: *derive(seed, "stake", &[node]).as_bytes(),
        owner_seed: *derive(seed, "owner", &[node]).as_bytes(),
        share_seed: *derive(seed, "share", &[node]).as_bytes(),
        duty_seed: *derive(seed, "duty", &[node]).as_bytes(),
    }
}

/// Tries seeds in order until the key's account lives on `chain`, which has part of the ids.
fn account(routing: &RoutingTable, chain: ChainId, number: u32, seed: &[u8; 32]) -> AccountSecret {
    let mut attempt = 0;
    loop {
        let seed = *derive(seed, "account", &[chain.0, number, attempt]).as_bytes();
        let id = AccountId::of_key(&ed25519::SecretKey::from_seed(seed).public());
        if routing.home(&id) == chain {
            return AccountSecret {
                chain,
                number,
                id,
                seed,
            };
        }
        attempt += 1;
    }
}

/// A secret for one purpose. No purpose is another's beginning, and each has its own number of
/// numbers, so no two derivations share their bytes.
fn derive(seed: &[u8; 32], purpose: &str, numbers: &[u32]) -> Hash {
    let numbers: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    hash(DEVNET, &[seed, purpose.as_bytes(), &numbers])
}
