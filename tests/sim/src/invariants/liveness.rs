//! I9: once the network is well, all that honest users asked for is done, and all nodes agree.

use types::{ChainId, Epoch, Height};

/// Why a run has not come to rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsettled {
    /// External messages without a receipt.
    pub(crate) externals: Vec<String>,
    /// Relay messages without a receipt.
    pub(crate) relays: usize,
    /// Chains whose final blocks the root has not all recorded, or that have not all acks.
    pub(crate) chains: Vec<ChainId>,
    /// Honest nodes behind: node, chain, its height, the highest.
    pub(crate) behind: Vec<(usize, ChainId, Height, Height)>,
    /// Nodes that are down.
    pub(crate) down: Vec<usize>,
    /// Chains that have not passed through enough terms, and the term that each is in.
    pub(crate) terms: Vec<(ChainId, Epoch)>,
    /// A chain whose committee stopped and was not replaced.
    pub(crate) stalled: Option<ChainId>,
    /// Stakers asked to register or to quit, and have not.
    pub(crate) errands: bool,
    /// A chain forked, and was not replaced, or those who signed both blocks have stake left.
    pub(crate) forked: bool,
}

impl Unsettled {
    pub(crate) fn is_empty(&self) -> bool {
        self.externals.is_empty()
            && self.relays == 0
            && self.chains.is_empty()
            && self.behind.is_empty()
            && self.down.is_empty()
            && self.terms.is_empty()
            && self.stalled.is_none()
            && !self.forked
            && !self.errands
    }
}
