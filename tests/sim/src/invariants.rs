//! The oracle: what must hold whatever happens, in arithmetic of its own.
//!
//! It never asks the code that it judges: sums, nonces, fees and lanes are computed again from
//! the messages and receipts of final blocks, as plain maps.

pub(crate) mod agreement;
pub(crate) mod anchoring;
pub(crate) mod authenticity;
pub(crate) mod bounds;
pub(crate) mod durability;
pub(crate) mod honesty;
pub(crate) mod ledger;
pub(crate) mod liveness;
pub(crate) mod once;
mod seen;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use tx_chain::FinalBlock;
use types::{ChainId, Header};

pub(crate) use seen::{Holding, Seen};

use crate::report::Violations;
use crate::setup::Setup;

/// Everything that is watched during a run.
pub(crate) struct Oracle {
    pub(crate) agreement: agreement::Agreement,
    pub(crate) ledger: ledger::Books,
    pub(crate) once: once::Once,
    pub(crate) authenticity: authenticity::Authenticity,
    pub(crate) anchoring: anchoring::Anchoring,
    pub(crate) honesty: honesty::Honesty,
    pub(crate) durability: durability::Durability,
    pub(crate) bad: Violations,
}

impl Oracle {
    pub(crate) fn new(setup: &Setup, traitors: BTreeSet<usize>) -> Self {
        let firsts: Vec<Seen> = setup
            .chain_ids()
            .map(|chain| {
                let first = setup.network.first(chain);
                let first = first.expect("every chain has a first block");
                Seen::first(&first.header, &first.state)
            })
            .collect();
        Self {
            agreement: agreement::Agreement::new(&firsts),
            ledger: ledger::Books::new(&firsts, setup.network.spec().routing.clone()),
            once: once::Once::default(),
            authenticity: authenticity::Authenticity::new(setup.network.spec().routing.clone()),
            anchoring: anchoring::Anchoring::new(&firsts),
            honesty: honesty::Honesty::new(setup, traitors),
            durability: durability::Durability::default(),
            bad: Violations::default(),
        }
    }

    /// A node says that blocks are final, and will say so after any crash.
    pub(crate) fn reported(&mut self, node: usize, chain: ChainId, lot: &[FinalBlock]) {
        if self.honesty.is_traitor(node) {
            return;
        }
        for block in lot {
            let header: &Header = block.executed.header();
            self.agreement
                .report(node, header, &block.executed.hash, &mut self.bad);
            self.durability
                .report(node, chain, header.height, &block.executed.hash);
        }
    }

    /// The observer made a block final that it had not before.
    pub(crate) fn see(&mut self, seen: &Arc<Seen>) {
        self.ledger.see(seen, &mut self.bad);
        self.once.see(seen, &mut self.bad);
        self.authenticity.see(seen, &mut self.bad);
        self.anchoring.see(seen, &mut self.bad);
    }

    /// Nothing will happen any more; `settled` says whether all came to rest.
    pub(crate) fn end(&mut self, settled: bool) {
        self.authenticity.end(settled, &mut self.bad);
        self.anchoring.end(&mut self.bad);
        if settled {
            self.ledger.end(&mut self.bad);
        }
    }
}
