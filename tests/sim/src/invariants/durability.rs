//! I8: what a node has reported final is final after any crash.

use std::collections::BTreeMap;

use types::{BlockHash, ChainId, Height};

use super::agreement::Agreement;
use crate::report::Violations;

/// The newest final block that each node has reported.
#[derive(Default)]
pub(crate) struct Durability {
    reported: BTreeMap<(usize, ChainId), (Height, BlockHash)>,
}

impl Durability {
    pub(crate) fn report(&mut self, node: usize, chain: ChainId, height: Height, hash: &BlockHash) {
        let newest = self
            .reported
            .entry((node, chain))
            .or_insert((height, *hash));
        if height > newest.0 {
            *newest = (height, *hash);
        }
    }

    /// A node came back and remembers this as its last final block.
    pub(crate) fn restarted(
        &self,
        node: usize,
        chain: ChainId,
        last: (Height, BlockHash),
        agreement: &Agreement,
        bad: &mut Violations,
    ) {
        let (height, hash) = last;
        let reported = self
            .reported
            .get(&(node, chain))
            .map_or(0, |newest| newest.0);
        if height < reported {
            let what =
                format!("node {node} forgot chain {chain}: {reported} was final, now {height}");
            bad.add("I8", what);
        }
        if agreement
            .at(chain, height)
            .is_some_and(|other| other != hash)
        {
            let what = format!("node {node} came back on another chain {chain} at {height}");
            bad.add("I8", what);
        }
    }
}
