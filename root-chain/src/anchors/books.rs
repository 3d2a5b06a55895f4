//! What a state of the root knows of all chains' value, read once for all anchors of a block.

use std::collections::BTreeMap;

use actors::State;
use types::{AnchorRecord, ChainId, Lane};

use super::{AnchorError, records};

/// The last records, and the root's own lanes.
pub(super) struct Books<'a> {
    root: &'a State,
    records: BTreeMap<ChainId, AnchorRecord>,
}

impl<'a> Books<'a> {
    pub(super) fn of(root: &'a State) -> Self {
        let all = records(root).into_iter();
        Self {
            root,
            records: all.map(|record| (record.tip.chain, record)).collect(),
        }
    }

    /// The state before the block.
    pub(super) const fn root(&self) -> &'a State {
        self.root
    }

    /// The last record of a chain that anchors here.
    pub(super) fn recorded(&self, chain: ChainId) -> Result<&AnchorRecord, AnchorError> {
        let known = self.records.get(&chain).filter(|_| !chain.is_root());
        known.ok_or(AnchorError::UnknownChain { chain })
    }

    /// The lane of `peer` to and from `chain`, in the peer's own words.
    pub(super) fn lane(&self, peer: ChainId, chain: ChainId) -> Option<Lane> {
        if peer.is_root() {
            return Some(self.root.lanes().lane(chain));
        }
        let record = self.records.get(&peer);
        record.map(|record| record.lanes.lane(chain))
    }
}
