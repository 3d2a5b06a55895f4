//! What this node knows of the root chain: its root-final blocks and the anchors in them.
//!
//! Fed in height order with root-final blocks only; everything that crosses chains is judged
//! against it at a root height, so nodes whose views differ in length still agree. [C5]

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use types::{AnchorRecord, ChainId, Height, Lanes, RootBlock, RootRef, Tip};

use crate::terms::{Terms, Viewer};

/// Root heights that are kept below the newest.
pub(crate) const KEPT: Height = 2_048;

#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
struct Entry {
    tip: Tip,
    lanes: Lanes,
}

/// Root-final root blocks, newest last, and each chain's anchors by root height.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct RootView {
    blocks: BTreeMap<Height, Entry>,
    records: BTreeMap<ChainId, BTreeMap<Height, AnchorRecord>>,
    terms: Terms,
}

/// Whether a cited root block is one that this view holds final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cited {
    /// It is.
    Final,
    /// Not seen yet: judge again when the view has grown.
    NotYet,
    /// Another block is final at that height, or the height is long gone.
    Wrong,
}

impl RootView {
    /// A view that begins at the root's genesis and the genesis blocks of the other chains.
    pub fn genesis(root: &RootBlock) -> Self {
        let mut view = Self::default();
        view.insert(root);
        view
    }

    /// Adds the next root-final block as `viewer` sees it; false when it is not the next.
    pub fn push(&mut self, block: &RootBlock, viewer: Viewer) -> bool {
        let next = self
            .blocks
            .last_key_value()
            .is_none_or(|(at, _)| at + 1 == block.height());
        if next {
            self.insert(block);
            self.prune(viewer.cited);
            for record in &block.records {
                self.terms.recorded(record, viewer);
            }
        }
        next
    }

    /// The newest root-final block.
    pub fn latest(&self) -> RootRef {
        self.blocks
            .last_key_value()
            .map_or_else(RootRef::default, |(height, entry)| RootRef {
                height: *height,
                hash: entry.tip.hash,
            })
    }

    /// All root-final blocks that are kept, lowest first.
    pub fn blocks(&self) -> impl Iterator<Item = RootRef> + '_ {
        self.blocks.iter().map(|(height, entry)| RootRef {
            height: *height,
            hash: entry.tip.hash,
        })
    }

    /// Judges a cited root block.
    pub fn cited(&self, root: &RootRef) -> Cited {
        match self.blocks.get(&root.height) {
            Some(entry) if entry.tip.hash == root.hash => Cited::Final,
            None if root.height > self.latest().height => Cited::NotYet,
            _ => Cited::Wrong,
        }
    }

    /// The last record of `chain` at root height `at`.
    pub fn record_at(&self, chain: ChainId, at: Height) -> Option<&AnchorRecord> {
        self.records
            .get(&chain)?
            .range(..=at)
            .next_back()
            .map(|(_, record)| record)
    }

    /// The ledger and lanes of `chain` as the root shows them at root height `at`.
    pub fn lanes_at(&self, chain: ChainId, at: Height) -> Option<&Lanes> {
        if chain.is_root() {
            return self.blocks.get(&at).map(|entry| &entry.lanes);
        }
        self.record_at(chain, at).map(|record| &record.lanes)
    }

    /// The tip of `chain` at root height `at`.
    pub fn tip_at(&self, chain: ChainId, at: Height) -> Option<Tip> {
        if chain.is_root() {
            return self.blocks.get(&at).map(|entry| entry.tip);
        }
        self.record_at(chain, at).map(|record| record.tip)
    }

    /// The tip of `chain` of that height, if the root had recorded it by root height `at`.
    pub fn tip_of_height(&self, chain: ChainId, height: Height, at: Height) -> Option<Tip> {
        if chain.is_root() {
            return self
                .blocks
                .get(&height)
                .filter(|_| height <= at)
                .map(|entry| entry.tip);
        }
        let records = self.records.get(&chain)?.range(..=at).rev();
        records
            .map(|(_, record)| record.tip)
            .find(|tip| tip.height <= height)
            .filter(|tip| tip.height == height)
    }

    /// Whether what is proved under a tip of `chain` of that height can still be taken for a long
    /// while. [C15]
    pub(crate) fn lasts(&self, chain: ChainId, height: Height) -> bool {
        let old = self.latest().height.saturating_sub(KEPT / 2);
        if chain.is_root() {
            return height >= old;
        }
        self.tip_at(chain, old)
            .is_none_or(|tip| tip.height <= height)
    }

    /// What the root tells of committees and seeds.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// This view with the terms of a chain that an older view of it still had.
    pub(crate) fn with_terms_of(mut self, chain: ChainId, older: &Self) -> Self {
        self.terms.take_over(chain, &older.terms);
        self
    }

    /// All chains that the root has recorded.
    pub fn chains(&self) -> impl Iterator<Item = ChainId> + '_ {
        self.records.keys().copied()
    }

    fn insert(&mut self, block: &RootBlock) {
        let entry = Entry {
            tip: Tip::of(&block.header),
            lanes: block.lanes.clone(),
        };
        self.blocks.insert(block.height(), entry);
        for record in &block.records {
            let records = self.records.entry(record.tip.chain).or_default();
            records.insert(block.height(), record.clone());
        }
        for news in &block.news {
            self.terms.learn(block.height(), news);
        }
    }

    /// Blocks that are executed yet cite root height `cited` or later, however old that is.
    fn prune(&mut self, cited: Height) {
        let low = self.latest().height.saturating_sub(KEPT);
        self.blocks = self.blocks.split_off(&low);
        self.terms.prune(low.min(cited));
        for records in self.records.values_mut() {
            // The record in force at the lowest kept height stays, however old it is.
            let from = records.range(..=low).next_back().map_or(low, |(at, _)| *at);
            if records
                .first_key_value()
                .is_some_and(|(first, _)| *first < from)
            {
                *records = records.split_off(&from);
            }
        }
    }
}
