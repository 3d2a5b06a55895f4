//! I6: what the root records of a chain are that chain's final blocks, heights ascending.

use std::collections::BTreeMap;

use crypto::Hash;
use types::{AnchorRecord, BlockHash, ChainId, Height, News};

use super::Seen;
use crate::report::Violations;

/// What a final block commits to.
type Commitments = (BlockHash, Hash, Hash, Hash);

/// Records on the root and the blocks they speak of.
pub(crate) struct Anchoring {
    blocks: BTreeMap<(ChainId, Height), Commitments>,
    recorded: BTreeMap<ChainId, Height>,
    /// Records of blocks that the observer has not seen yet.
    open: Vec<AnchorRecord>,
}

impl Anchoring {
    pub(crate) fn new(firsts: &[Seen]) -> Self {
        let blocks = firsts
            .iter()
            .map(|first| ((first.chain, first.height), commitments(first)));
        Self {
            blocks: blocks.collect(),
            recorded: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    pub(crate) fn see(&mut self, seen: &Seen, bad: &mut Violations) {
        self.blocks
            .insert((seen.chain, seen.height), commitments(seen));
        for record in &seen.records {
            let chain = record.tip.chain;
            let before = self.recorded.insert(chain, record.tip.height);
            // A rescue may build on what was recorded before, and says so again.
            let rescued = |told: &News| match told {
                News::Rescued { base, .. } => *base == record.tip,
                _ => false,
            };
            let least = match seen.news.iter().any(rescued) {
                true => before,
                false => before.map(|before| before + 1),
            };
            if least.is_some_and(|least| record.tip.height < least) || !seen.chain.is_root() {
                let what = format!(
                    "{}: chain {chain} went back to {}",
                    seen.place(),
                    record.tip.height
                );
                bad.add("I6", what);
            }
            self.open.push(record.clone());
        }
        let open = std::mem::take(&mut self.open);
        for record in open {
            match self.blocks.get(&(record.tip.chain, record.tip.height)) {
                None => self.open.push(record),
                Some(block) => compare(&record, block, bad),
            }
        }
    }

    /// By now the observer has seen every block that is anchored.
    pub(crate) fn end(&self, bad: &mut Violations) {
        for record in &self.open {
            let what = format!(
                "the root records block {} of chain {}, which is not final",
                record.tip.height, record.tip.chain
            );
            bad.add("I6", what);
        }
    }

    /// The height up to which the root has recorded a chain.
    pub(crate) fn recorded(&self, chain: ChainId) -> Height {
        self.recorded.get(&chain).copied().unwrap_or(0)
    }
}

fn commitments(seen: &Seen) -> Commitments {
    let header = &seen.header;
    (
        seen.hash,
        header.state_root,
        header.outbox_root,
        seen.lanes.root(),
    )
}

fn compare(record: &AnchorRecord, block: &Commitments, bad: &mut Violations) {
    let said = (
        record.tip.hash,
        record.state_root,
        record.outbox_root,
        record.lanes.root(),
    );
    if said != *block {
        let what = format!(
            "the root's record of block {} of chain {} is not that block",
            record.tip.height, record.tip.chain
        );
        bad.add("I6", what);
    }
}
