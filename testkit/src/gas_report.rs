//! What methods cost.

use std::collections::BTreeMap;
use std::fmt;

use types::Status;

use crate::book::Message;
use crate::network::Network;
use crate::trace::Kind;

/// Gas of the calls of one method of one account; deploys, replies and bounces count as methods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GasLine {
    /// Gas of those that ended well, ascending.
    pub gas: Vec<u64>,
    /// How many failed.
    pub failed: usize,
}

impl GasLine {
    /// How many ended well.
    pub const fn calls(&self) -> usize {
        self.gas.len()
    }

    /// The least gas.
    pub fn least(&self) -> u64 {
        self.gas.first().copied().unwrap_or_default()
    }

    /// The gas that half of the calls stay at or below.
    pub fn median(&self) -> u64 {
        let middle = self.gas.len().saturating_sub(1) / 2;
        self.gas.get(middle).copied().unwrap_or_default()
    }

    /// The most gas.
    pub fn most(&self) -> u64 {
        self.gas.last().copied().unwrap_or_default()
    }
}

/// Gas by account and method; prints as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GasReport {
    lines: BTreeMap<(String, String), GasLine>,
}

impl GasReport {
    pub(crate) fn of(network: &Network) -> Self {
        let mut lines = BTreeMap::<_, GasLine>::new();
        for record in network.book.iter() {
            let (Message::Relay(relay), Some((_, _, receipt))) = (&record.message, &record.ended)
            else {
                continue;
            };
            let kind = Kind::of(&record.message);
            if matches!(kind, Kind::Credit | Kind::Refund) {
                continue;
            }
            let key = (network.name_of(&relay.to), kind.to_string());
            let line = lines.entry(key).or_default();
            match receipt.status {
                Status::Done => line.gas.push(receipt.gas),
                Status::Failed(_) => line.failed += 1,
            }
        }
        for line in lines.values_mut() {
            line.gas.sort_unstable();
        }
        Self { lines }
    }

    /// The line of a method of an account, by the account's name.
    pub fn line(&self, account: &str, method: &str) -> GasLine {
        let key = (account.to_owned(), method.to_owned());
        self.lines.get(&key).cloned().unwrap_or_default()
    }
}

impl fmt::Display for GasReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<16} {:<20} {:>7} {:>10} {:>10} {:>10} {:>7}",
            "account", "method", "calls", "least", "median", "most", "failed"
        )?;
        for ((account, method), line) in &self.lines {
            writeln!(
                f,
                "{account:<16} {method:<20} {:>7} {:>10} {:>10} {:>10} {:>7}",
                line.calls(),
                line.least(),
                line.median(),
                line.most(),
                line.failed
            )?;
        }
        Ok(())
    }
}
