//! Cost units per address and second: a bucket that fills again. [R2]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Addresses that are remembered; a full bucket is forgotten first, it is like none.
const ADDRESSES: usize = 4_096;

/// The buckets of all addresses.
pub(super) struct Rate {
    per_second: u64,
    buckets: Mutex<BTreeMap<IpAddr, Bucket>>,
}

/// What an address has left, in thousandths of a unit.
struct Bucket {
    left: u64,
    filled: Instant,
}

impl Rate {
    /// `per_second` units, and twice as many at once; 0 is no limit.
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.into(),
            buckets: Mutex::default(),
        }
    }

    /// Takes `cost` units from an address's bucket; false when it has less.
    pub(super) fn take(&self, address: IpAddr, cost: u32, now: Instant) -> bool {
        if self.per_second == 0 {
            return true;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES {
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.burst());
        }
        if buckets.len() >= ADDRESSES {
            return false;
        }
        let bucket = buckets.entry(network_of(address)).or_insert(Bucket {
            left: self.burst(),
            filled: now,
        });
        bucket.left = self.filled(bucket, now);
        bucket.filled = now;
        let cost = u64::from(cost) * 1_000;
        let enough = bucket.left >= cost;
        if enough {
            bucket.left -= cost;
        }
        enough
    }

    const fn burst(&self) -> u64 {
        self.per_second * 2_000
    }

    fn filled(&self, bucket: &Bucket, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(bucket.filled).as_millis();
        let gained = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let gained = gained.saturating_mul(self.per_second);
        bucket.left.saturating_add(gained).min(self.burst())
    }
}

/// An IPv6 customer owns a /64 at least, so that is the address.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into(),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests;
