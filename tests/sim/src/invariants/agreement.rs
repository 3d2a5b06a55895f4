//! I1: no two final blocks at one height of a chain, each follows the one below, and none but a
//! block that was early by more seats than could lie.

use std::collections::BTreeMap;

use types::{BlockHash, ChainId, Epoch, Header, Height, Tip};

use super::Seen;
use crate::report::Violations;

/// Final and early blocks as honest nodes report them.
pub(crate) struct Agreement {
    early: BTreeMap<(ChainId, Height), (BlockHash, usize)>,
    /// For each chain the last term that began by rescue, and the height that it built on.
    rescued: BTreeMap<ChainId, (Epoch, Height)>,
    blocks: BTreeMap<(ChainId, Height), (BlockHash, usize)>,
}

impl Agreement {
    pub(crate) fn new(firsts: &[Seen]) -> Self {
        let blocks = firsts
            .iter()
            .map(|first| ((first.chain, first.height), (first.hash, 0)));
        Self {
            early: BTreeMap::new(),
            rescued: BTreeMap::new(),
            blocks: blocks.collect(),
        }
    }

    /// `seats` of `of` prepared a block, says a node, and `liars` of them may say anything.
    pub(crate) fn early(
        &mut self,
        node: usize,
        header: &Header,
        (seats, of, liars): (u64, u64, u64),
        bad: &mut Violations,
    ) {
        let quorum = of - (of - 1) / 3;
        if seats < quorum || seats > of {
            let numbers = format!("node {node} calls {seats} of {of} seats early");
            bad.add("I1", numbers);
        } else if seats - quorum >= liars && !self.is_void(header) {
            let (place, hash) = ((header.chain, header.height), header.hash());
            let before = *self.early.entry(place).or_insert((hash, node));
            compare(place, before, (hash, node), bad);
            if let Some(settled) = self.blocks.get(&place) {
                compare(place, *settled, (hash, node), bad);
            }
        }
    }

    /// The root lets a term begin on `base`: what was early above it in terms before is void, as
    /// nobody had a certificate of it to show.
    pub(crate) fn rescued(&mut self, epoch: Epoch, base: &Tip) {
        let above = (base.chain, base.height + 1)..=(base.chain, Height::MAX);
        let void: Vec<_> = self.early.range(above).map(|(place, _)| *place).collect();
        self.early.retain(|place, _| !void.contains(place));
        self.rescued.insert(base.chain, (epoch, base.height));
    }

    fn is_void(&self, header: &Header) -> bool {
        let rescued = self.rescued.get(&header.chain);
        rescued.is_some_and(|(epoch, base)| header.epoch < *epoch && header.height > *base)
    }

    pub(crate) fn report(
        &mut self,
        node: usize,
        header: &Header,
        hash: &BlockHash,
        bad: &mut Violations,
    ) {
        let place = (header.chain, header.height);
        let first = *self.blocks.entry(place).or_insert((*hash, node));
        compare(place, first, (*hash, node), bad);
        if let Some(early) = self.early.get(&place) {
            compare(place, *early, (*hash, node), bad);
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

/// Two nodes name a block of a height.
fn compare(
    (chain, height): (ChainId, Height),
    (first, who): (BlockHash, usize),
    (second, node): (BlockHash, usize),
    bad: &mut Violations,
) {
    if first != second {
        let named = format!("node {who} has {first}, node {node} {second}");
        bad.add("I1", format!("chain {chain} height {height}: {named}"));
    }
}
