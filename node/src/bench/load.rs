//! The load: payments between many accounts, signed beforehand.

use std::collections::BTreeMap;

use actors::gas;
use crypto::ed25519::SecretKey;
use genesis::{AccountEntry, ChainSpec};
use rayon::prelude::*;
use types::{AccountId, Amount, ChainId, ExternalCall, ExternalMessage, Gas, Input, NetworkId};

/// Senders of each chain.
const SENDERS: u32 = 2_000;
/// What each has at first.
const BALANCE: Amount = Amount(1 << 70);

/// The senders of each chain.
pub(super) struct Senders(BTreeMap<ChainId, Vec<SecretKey>>);

impl Senders {
    /// Makes senders that live on each transaction chain.
    pub(super) fn new(spec: &ChainSpec) -> Self {
        let mut all: BTreeMap<ChainId, Vec<SecretKey>> = BTreeMap::new();
        for number in 0_u64.. {
            let mut seed = [0x62; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            let key = SecretKey::from_seed(seed);
            let home = spec.routing.home(&AccountId::of_key(&key.public()));
            let senders = all.entry(home).or_default();
            if senders.len() < SENDERS as usize {
                senders.push(key);
            }
            let chains = spec
                .chain_ids()
                .into_iter()
                .filter(|chain| !chain.is_root());
            let full = |chain| all.get(&chain).is_some_and(|s| s.len() == SENDERS as usize);
            if chains.into_iter().all(full) {
                break;
            }
        }
        all.remove(&ChainId::ROOT);
        Self(all)
    }

    /// Their accounts, to be put into the spec.
    pub(super) fn entries(&self) -> Vec<AccountEntry> {
        let keys = self.0.values().flatten();
        keys.map(|key| AccountEntry {
            id: AccountId::of_key(&key.public()),
            balance: BALANCE,
        })
        .collect()
    }

    /// `count` payments from one chain, round by round over its senders, so that nonces of one
    /// sender stand far apart. `cross` per cent of them go to the next chain.
    pub(super) fn payments(
        &self,
        network: NetworkId,
        chain: ChainId,
        first: u64,
        count: u64,
        cross: u8,
    ) -> Vec<ExternalMessage> {
        let Some(senders) = self.0.get(&chain) else {
            return Vec::new();
        };
        let next = self
            .0
            .range(ChainId(chain.0 + 1)..)
            .next()
            .or_else(|| self.0.iter().next());
        let others = next.map_or(senders, |(_, others)| others);
        let pay = |at: u64| {
            let number = (at % u64::from(SENDERS)) as usize;
            let key = senders.get(number)?;
            let crosses = at * 37 % 100 < u64::from(cross);
            let receivers = if crosses { others } else { senders };
            let to = receivers.get((number * 7 + 13) % receivers.len().max(1))?;
            let call = ExternalCall {
                from: AccountId::of_key(&key.public()),
                to: AccountId::of_key(&to.public()),
                nonce: at / u64::from(SENDERS),
                value: Amount(1),
                gas: Gas {
                    limit: gas::TRANSFER,
                    price: 1,
                },
                expiry: 90_000,
                input: Input::Transfer,
            };
            Some(call.sign(network, key))
        };
        (first..first + count)
            .into_par_iter()
            .filter_map(pay)
            .collect()
    }
}
