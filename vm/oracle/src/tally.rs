//! What a run compared.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a run compared.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Modules that contracts may be like.
    pub(crate) modules: u64,
    /// Generated modules that validation refuses.
    pub(crate) refused: u64,
    /// Calls by the trap's code; 0 returned.
    pub(crate) calls: BTreeMap<u8, u64>,
    /// Calls whose module was also run as generated, without metering.
    pub(crate) plain: u64,
    /// Units of gas that all calls used together.
    pub(crate) gas: u64,
    /// The longest that checking, metering and compiling took for nodes' engine.
    pub(crate) slowest: Duration,
    /// Modules on which the engines differ.
    pub(crate) differences: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            modules,
            refused,
            calls,
            plain,
            gas,
            slowest,
            differences,
        } = self;
        let all: u64 = calls.values().sum();
        let returned = calls.get(&0).copied().unwrap_or_default();
        write!(
            f,
            "{modules} modules, {refused} refused, {all} calls, {returned} returned, {plain} also \
             without metering, {gas} gas, slowest compile {slowest:.1?}, \
             {differences} differences; \
             traps by code"
        )?;
        let traps = calls.iter().filter(|(code, _)| **code != 0);
        traps
            .into_iter()
            .try_for_each(|(code, count)| write!(f, " {code}:{count}"))
    }
}
