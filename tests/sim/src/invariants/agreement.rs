//! I1: no two final blocks at one height of a chain, and each follows the one below.

use std::collections::BTreeMap;

use types::{BlockHash, ChainId, Header, Height};

use super::Seen;
use crate::report::Violations;

/// Final blocks as honest nodes report them.
pub(crate) struct Agreement {
    blocks: BTreeMap<(ChainId, Height), (BlockHash, usize)>,
}

impl Agreement {
    pub(crate) fn new(firsts: &[Seen]) -> Self {
        let blocks = firsts
            .iter()
            .map(|first| ((first.chain, first.height), (first.hash, 0)));
        Self {
            blocks: blocks.collect(),
        }
    }

    pub(crate) fn report(
        &mut self,
        node: usize,
        header: &Header,
        hash: &BlockHash,
        bad: &mut Violations,
    ) {
        let place = (header.chain, header.height);
        let (first, who) = *self.blocks.entry(place).or_insert((*hash, node));
        if first != *hash {
            let (chain, height) = place;
            bad.add(
                "I1",
                format!(
                    "chain {chain} height {height}: node {who} has {first}, node {node} {hash}"
                ),
            );
        }
        let below = (header.chain, header.height.saturating_sub(1));
        match self.blocks.get(&below) {
            Some((parent, _)) if *parent == header.parent => {}
            _ => bad.add(
                "I1",
                format!(
                    "node {node}: chain {} height {} does not follow the final block below it",
                    header.chain, header.height
                ),
            ),
        }
    }

    /// The final block of a height.
    pub(crate) fn at(&self, chain: ChainId, height: Height) -> Option<BlockHash> {
        self.blocks.get(&(chain, height)).map(|(hash, _)| *hash)
    }

    /// The highest final block of a chain on any honest node.
    pub(crate) fn tip(&self, chain: ChainId) -> Height {
        let mut blocks = self.blocks.range((chain, 0)..=(chain, Height::MAX));
        blocks.next_back().map_or(0, |((_, height), _)| *height)
    }
}
