//! The routing table: which chain an account lives on, by prefix of its id.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, hash_borsh};
use serde::{Deserialize, Serialize};

use crate::{AccountId, ChainId, domain};

/// Every id from `start` to the next route's start lives on `chain`.
///
/// `start` is the id's first two bytes, big-endian: the finest cut is 65,536 parts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Route {
    /// First two bytes of the lowest id.
    pub start: u16,
    /// Its chain.
    pub chain: ChainId,
}

/// A cut of the whole id space; recorded on the root, the same for all chains.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct RoutingTable {
    routes: Vec<Route>,
}

/// Why a list of routes is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    /// The first route does not start at 0, or starts are not ascending.
    #[error("route {at} is out of order; routes start at 0 and ascend")]
    Order {
        /// The first route at fault.
        at: usize,
    },
}

impl RoutingTable {
    /// A table from routes that start at 0 and ascend.
    pub fn new(routes: Vec<Route>) -> Result<Self, RoutingError> {
        if routes.first().is_none_or(|route| route.start != 0) {
            return Err(RoutingError::Order { at: 0 });
        }
        let unordered = routes
            .iter()
            .zip(routes.iter().skip(1))
            .position(|(a, b)| a.start >= b.start);
        match unordered {
            Some(at) => Err(RoutingError::Order { at: at + 1 }),
            None => Ok(Self { routes }),
        }
    }

    /// 1/256 of the ids to the root, the rest cut evenly over transaction chains 1 to `chains`.
    pub fn even(chains: u32) -> Self {
        const ROOT_END: u32 = 0x100;
        let mut routes = vec![Route {
            start: 0,
            chain: ChainId::ROOT,
        }];
        let chains = chains.min(0xff00);
        for at in 0..chains {
            let start = ROOT_END + (0x1_0000 - ROOT_END) * at / chains;
            routes.push(Route {
                start: start as u16,
                chain: ChainId(at + 1),
            });
        }
        Self { routes }
    }

    /// The chain that an account lives on. A system account lives on the chain in its id.
    pub fn home(&self, account: &AccountId) -> ChainId {
        if let Some(chain) = account.system_chain() {
            return chain;
        }
        let [high, low, ..] = *account.as_bytes();
        let key = u16::from_be_bytes([high, low]);
        let after = self.routes.partition_point(|route| route.start <= key);
        self.routes
            .get(after.saturating_sub(1))
            .map_or(ChainId::ROOT, |route| route.chain)
    }

    /// The id that a hash points at among those of a chain, each as likely as any other. The hash
    /// itself for a chain that has none.
    pub fn point(&self, chain: ChainId, hash: Hash) -> AccountId {
        let [high, low, rest @ ..] = *hash.as_bytes();
        let ends = self.routes.iter().skip(1).map(|next| u32::from(next.start));
        let ends = ends.chain([0x1_0000]);
        let parts = self.routes.iter().zip(ends);
        let parts = parts.filter(|(route, _)| route.chain == chain);
        let parts = parts.map(|(route, end)| (u32::from(route.start), end));
        let width: u32 = parts.clone().map(|(start, end)| end - start).sum();
        let share = u64::from(u16::from_be_bytes([high, low])) * u64::from(width);
        let mut at = (share >> 16) as u32;
        for (start, end) in parts {
            if at < end - start {
                let [high, low] = ((start + at) as u16).to_be_bytes();
                let mut id = [0; 32];
                id[..2].copy_from_slice(&[high, low]);
                id[2..].copy_from_slice(&rest);
                return AccountId(id.into());
            }
            at -= end - start;
        }
        AccountId(hash)
    }

    /// All chains that have accounts, ascending, the root among them.
    pub fn chains(&self) -> Vec<ChainId> {
        let mut chains: Vec<_> = self.routes.iter().map(|route| route.chain).collect();
        chains.push(ChainId::ROOT);
        chains.sort_unstable();
        chains.dedup();
        chains
    }

    /// The commitment.
    pub fn root(&self) -> Hash {
        hash_borsh(domain::ROUTING, self)
    }
}

#[cfg(test)]
mod tests;
