//! The books of the lanes to a chain: nothing is taken that its source has not booked as sent.
//!
//! A captured source can certify a bundle and book less than it holds. Whoever took it would
//! have taken more than the source sent, and the root would refuse its own anchors for it. [C10]
//! Nor is anything taken whose proof the root does not show any more. [C15]

use std::collections::BTreeMap;

use types::{Amount, ChainId, Height, Import, Lanes};

use crate::inbox::anchored_tip;
use crate::root_view::RootView;

#[cfg(test)]
mod tests;

/// What a chain has taken, import by import, against what the root shows as sent.
pub(crate) struct Books<'a> {
    chain: ChainId,
    view: &'a RootView,
    at: Height,
    lanes: &'a Lanes,
    taken: BTreeMap<ChainId, Taken>,
}

#[derive(Clone, Copy)]
struct Taken {
    messages: u64,
    bytes: u64,
    value: Amount,
}

impl<'a> Books<'a> {
    /// The books of `chain`, which stands at `lanes`, at root height `at`.
    pub(crate) const fn new(
        chain: ChainId,
        view: &'a RootView,
        at: Height,
        lanes: &'a Lanes,
    ) -> Self {
        Self {
            chain,
            view,
            at,
            lanes,
            taken: BTreeMap::new(),
        }
    }

    /// The chain that takes.
    pub(crate) const fn chain(&self) -> ChainId {
        self.chain
    }

    /// The index on the lane from `source` of the next message to take.
    pub(crate) fn cursor(&self, source: ChainId) -> u64 {
        let taken = self.taken.get(&source).map(|taken| taken.messages);
        taken.unwrap_or_else(|| self.lanes.lane(source).next_import)
    }

    /// Takes an import if its source has booked it as sent and the root shows its tip; otherwise
    /// nothing changes.
    pub(crate) fn take(&mut self, import: &Import) -> bool {
        let after = self.after(import);
        if let Some(taken) = after {
            self.taken.insert(import.source, taken);
        }
        after.is_some()
    }

    fn after(&self, import: &Import) -> Option<Taken> {
        anchored_tip(import, self.view, self.at).ok()?;
        let lane = self.lanes.lane(import.source);
        let before = self.taken.get(&import.source).copied().unwrap_or(Taken {
            messages: lane.next_import,
            bytes: lane.bytes_in,
            value: lane.value_in,
        });
        let bundle = &import.bundle;
        let after = Taken {
            messages: before.messages.checked_add(bundle.count.into())?,
            bytes: before.bytes.checked_add(bundle.bytes)?,
            value: before.value.plus(bundle.value)?,
        };
        let sent = self.view.lanes_at(import.source, self.at)?.lane(self.chain);
        let booked = after.messages <= sent.next_index
            && after.bytes <= sent.bytes_out
            && after.value <= sent.value_out;
        booked.then_some(after)
    }
}
