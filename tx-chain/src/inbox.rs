//! The inbox: bundles from other chains, proved, waiting for a block to take them.
//!
//! A block takes a lane's bundles exactly from its cursor on, so each message is taken once and
//! in order, and a gap is seen at once. [C6]

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use types::{Blame, ChainId, Height, Import, Lanes, RoutingTable, Time, Tip, limits};

use crate::books::Books;
use crate::outbox::Pull;
use crate::root_view::RootView;

/// Why a bundle can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It goes to another chain, or comes from this one.
    #[error("the bundle goes to chain {destination}")]
    Destination {
        /// Where it goes.
        destination: ChainId,
    },
    /// It does not begin at the lane's cursor.
    #[error("the bundle begins at {first}, the cursor is {cursor}")]
    Cursor {
        /// Its first index.
        first: u64,
        /// The lane's cursor.
        cursor: u64,
    },
    /// The root has not recorded the tip under which it is proved.
    #[error("the root has not recorded block {height} of chain {source_chain}")]
    NotAnchored {
        /// Its source.
        source_chain: ChainId,
        /// The tip's height.
        height: Height,
    },
    /// The proof is wrong.
    #[error("the bundle's proof is wrong")]
    Proof,
    /// A message in it is not between accounts of the lane's two chains.
    #[error("message {at} of the bundle is not between accounts of the two chains")]
    Home {
        /// Position in the bundle.
        at: usize,
    },
    /// It holds more than its source has booked as sent.
    #[error("the source has not booked this bundle as sent")]
    Books,
    /// It is larger than any honest bundle.
    #[error("the bundle is too large")]
    Size,
}

impl ImportError {
    /// Cursors and anchors can be races; the rest are lies.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Cursor { .. } | Self::NotAnchored { .. } | Self::Books => Blame::Nobody,
            _ => Blame::Sender,
        }
    }
}

/// Checks a bundle for `chain` against the anchors that the root had recorded at height `at`.
pub fn check_import(
    import: &Import,
    chain: ChainId,
    routing: &RoutingTable,
    view: &RootView,
    at: Height,
) -> Result<(), ImportError> {
    let destination = import.bundle.destination;
    if destination != chain || import.source == chain {
        return Err(ImportError::Destination { destination });
    }
    if import.bundle.bytes > limits::LANE_BYTES {
        return Err(ImportError::Size);
    }
    let astray = import.messages.iter().position(|message| {
        routing.home(&message.from) != import.source || routing.home(&message.to) != chain
    });
    if let Some(at) = astray {
        return Err(ImportError::Home { at });
    }
    let tip = anchored_tip(import, view, at)?;
    import.verify(&tip).map_err(|_| ImportError::Proof)
}

/// The tip under which a bundle is proved, if the root had recorded it at height `at`.
pub fn anchored_tip(import: &Import, view: &RootView, at: Height) -> Result<Tip, ImportError> {
    let height = proved_under(import);
    let missing = ImportError::NotAnchored {
        source_chain: import.source,
        height,
    };
    view.tip_of_height(import.source, height, at).ok_or(missing)
}

/// The height of the source's block whose tip the proof leads to.
fn proved_under(import: &Import) -> Height {
    let proof = &import.proof;
    let history = proof.history.as_ref();
    history.map_or(proof.header.height, |history| history.size)
}

/// What a block has left for imports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Messages.
    pub(crate) messages: usize,
    /// Bytes.
    pub(crate) bytes: u64,
}

impl Room {
    const fn fits(&self, import: &Import) -> bool {
        import.messages.len() <= self.messages && import.bundle.bytes <= self.bytes
    }

    const fn fill(&mut self, import: &Import) {
        self.messages = self.messages.saturating_sub(import.messages.len());
        self.bytes = self.bytes.saturating_sub(import.bundle.bytes);
    }
}

/// Bundles that wait for a block.
#[derive(Debug, Default)]
pub struct Inbox {
    bundles: BTreeMap<(ChainId, u64), Import>,
    asked: BTreeMap<ChainId, (u64, Time)>,
}

impl Inbox {
    /// How many bundles wait.
    pub fn len(&self) -> usize {
        self.bundles.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.bundles.is_empty()
    }

    /// Takes a bundle in after checking it; one that is taken is passed over, and one that is here
    /// already unless it renews the proof.
    pub fn offer(
        &mut self,
        import: Import,
        (chain, routing): (ChainId, &RoutingTable),
        view: &RootView,
        lanes: &Lanes,
    ) -> Result<(), ImportError> {
        let key = (import.source, import.bundle.first_index);
        let cursor = lanes.lane(import.source).next_import;
        let held = self.bundles.get(&key);
        if key.1 < cursor || held.is_some_and(|held| !renews(&import, held, view)) {
            return Ok(());
        }
        if key.1 - cursor > limits::LANE_MESSAGES {
            return Err(ImportError::Cursor {
                first: key.1,
                cursor,
            });
        }
        check_import(&import, chain, routing, view, view.latest().height)?;
        self.bundles.insert(key, import);
        Ok(())
    }

    /// Bundles to put into a block whose books these are, in lane order, sources in turn from
    /// `turn` on.
    pub(crate) fn ready(
        &self,
        mut books: Books<'_>,
        lanes: &Lanes,
        turn: u64,
        mut room: Room,
    ) -> Vec<Import> {
        let mut sources: Vec<ChainId> = self.bundles.keys().map(|key| key.0).collect();
        sources.dedup();
        if !sources.is_empty() {
            let by = (turn % sources.len() as u64) as usize;
            sources.rotate_left(by);
        }
        let mut taken = Vec::new();
        for source in sources {
            let mut cursor = lanes.lane(source).next_import;
            while let Some(import) = self.bundles.get(&(source, cursor)) {
                // A first bundle is always taken, or a large one could never be.
                let fits = taken.is_empty() || room.fits(import);
                if !fits || !books.take(import) {
                    break;
                }
                room.fill(import);
                cursor += u64::from(import.bundle.count);
                taken.push(import.clone());
            }
        }
        taken
    }

    /// Whether a block whose books these are could take a bundle.
    pub(crate) fn is_ready(&self, mut books: Books<'_>, lanes: &Lanes) -> bool {
        self.bundles.iter().any(|((source, first), import)| {
            lanes.lane(*source).next_import == *first && books.take(import)
        })
    }

    /// What to ask for: for each source the first index that is anchored but not here, or only
    /// under a tip that the root view is about to lose. [C15]
    ///
    /// Asks again for the same only after `retry` milliseconds.
    pub fn wanted(
        &mut self,
        chain: ChainId,
        view: &RootView,
        lanes: &Lanes,
        now: Time,
        retry: u64,
    ) -> Vec<Pull> {
        let at = view.latest().height;
        let sources: Vec<_> = view
            .chains()
            .chain([ChainId::ROOT])
            .filter(|s| *s != chain)
            .collect();
        let mut pulls = Vec::new();
        for source in sources {
            let from = self.first_wanted(source, view, lanes);
            let end = view
                .lanes_at(source, at)
                .map_or(0, |sent| sent.lane(chain).next_index);
            let tip = view.tip_at(source, at).map(|tip| tip.height);
            let fresh = self
                .asked
                .get(&source)
                .is_none_or(|(index, when)| *index != from || now.since(*when) >= retry);
            if let Some(tip) = tip.filter(|_| from < end && fresh) {
                self.asked.insert(source, (from, now));
                pulls.push(Pull {
                    source,
                    destination: chain,
                    from,
                    tip,
                });
            }
        }
        pulls
    }

    /// Whether some lane has anchored messages to ask for.
    pub fn is_waiting(&self, chain: ChainId, view: &RootView, lanes: &Lanes) -> bool {
        let at = view.latest().height;
        view.chains()
            .chain([ChainId::ROOT])
            .filter(|source| *source != chain)
            .any(|source| {
                let end = view
                    .lanes_at(source, at)
                    .map_or(0, |sent| sent.lane(chain).next_index);
                self.first_wanted(source, view, lanes) < end
            })
    }

    /// The bundle of a lane that begins at `first`.
    pub(crate) fn bundle(&self, source: ChainId, first: u64) -> Option<&Import> {
        self.bundles.get(&(source, first))
    }

    /// Takes a bundle in as if it had been checked.
    #[cfg(test)]
    pub(crate) fn hold(&mut self, import: Import) {
        self.bundles
            .insert((import.source, import.bundle.first_index), import);
    }

    /// Whether exactly this bundle was checked here.
    pub fn holds(&self, import: &Import) -> bool {
        self.bundles
            .get(&(import.source, import.bundle.first_index))
            == Some(import)
    }

    /// Drops bundles that a final block has taken.
    pub fn forget(&mut self, lanes: &Lanes) {
        self.bundles
            .retain(|(source, first), _| *first >= lanes.lane(*source).next_import);
    }

    fn first_wanted(&self, source: ChainId, view: &RootView, lanes: &Lanes) -> u64 {
        let mut index = lanes.lane(source).next_import;
        while let Some(import) = self.bundles.get(&(source, index))
            && view.lasts(source, proved_under(import))
        {
            index += u64::from(import.bundle.count);
        }
        index
    }
}

/// Whether an import takes the place of one of the same index: it is the same bundle under a newer
/// tip, and the root view is about to lose the older one, or has lost it. [C15]
fn renews(import: &Import, held: &Import, view: &RootView) -> bool {
    let (source, old) = (held.source, proved_under(held));
    let is_lost = view
        .tip_of_height(source, old, view.latest().height)
        .is_none();
    let is_newer = import.bundle == held.bundle && proved_under(import) > old;
    is_lost || (is_newer && !view.lasts(source, old))
}
