//! Recording anchors: the last record of each chain, in a system account of the root.

use std::sync::Arc;

use actors::{Account, Edit, Slot, State};
use types::{
    AccountId, Anchor, AnchorRecord, ChainId, Committee, Header, Height, Lanes, NetworkId, Tip,
};

use crate::committees::CommitteeCache;
use crate::elections;
use crate::history::RootHistory;

mod books;
mod check;
mod error;
mod lanes;
mod rival;
#[cfg(test)]
mod tests;

use books::Books;
pub use error::{AnchorError, Counter};

/// The system account that holds the last record of each chain.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 1)
}

/// The account in the root's first state: each chain's first block counts as recorded at 0.
pub fn first_account<'a>(chains: impl IntoIterator<Item = (&'a Header, &'a Lanes)>) -> Account {
    let slots = chains.into_iter().map(|(header, lanes)| {
        let record = AnchorRecord {
            tip: Tip::of(header),
            epoch: header.epoch,
            closing: false,
            root_ref: header.root_ref.height,
            outbox_root: header.outbox_root,
            state_root: header.state_root,
            lanes: lanes.clone(),
            recorded: 0,
        };
        (key(header.chain), Slot(encode(&record).into()))
    });
    Account {
        storage: slots.collect(),
        ..Account::default()
    }
}

/// The last record of a chain in a state of the root; `None` when the root does not know it.
pub fn record(root: &State, chain: ChainId) -> Option<AnchorRecord> {
    decode(root.slot(&account_id(), &key(chain)))
}

/// The last recorded height of a chain in a state of the root.
pub fn recorded_height(root: &State, chain: ChainId) -> Option<Height> {
    record(root, chain).map(|record| record.tip.height)
}

/// The last record of every chain in a state of the root, chains ascending.
pub fn records(root: &State) -> Vec<AnchorRecord> {
    let account = root.account(&account_id());
    let slots = account
        .into_iter()
        .flat_map(|account| account.storage.iter());
    slots
        .filter_map(|(_, slot)| decode(Some(&slot.0)))
        .collect()
}

/// Where an anchor is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Height of the root block that records it.
    pub height: Height,
    /// The newest root height that this block cites as final.
    pub cited: Height,
}

/// Checks and records anchors.
#[derive(Clone)]
pub struct Anchors {
    /// The network that certificates are of.
    pub network: NetworkId,
    /// Committees that were decoded before. [R1]
    pub committees: CommitteeCache,
    /// Final root blocks. [R4]
    pub history: Arc<dyn RootHistory>,
    /// Anchors in one block at most.
    pub per_block: usize,
    /// Whether certificates and cited root blocks were checked before.
    pub trust_certificates: bool,
}

impl Anchors {
    /// The same rules for anchors whose certificates were checked before.
    #[must_use]
    pub fn trusting(&self) -> Self {
        Self {
            trust_certificates: true,
            ..self.clone()
        }
    }

    /// Everything but signatures, against a state of the root before the recording block: some
    /// hashing, no pairing. What this refuses needs no more work.
    pub fn precheck(
        &self,
        anchor: &Anchor,
        root: &State,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        self.precheck_in(anchor, &Books::of(root), place)
    }

    /// Everything: [`Self::precheck`], then the certificates unless they are trusted.
    pub fn check(
        &self,
        anchor: &Anchor,
        root: &State,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        self.check_in(anchor, &Books::of(root), place)
    }

    /// [`Self::check`] for an anchor of a frozen chain, which is refused as an anchor.
    pub(crate) fn check_rescue(
        &self,
        anchor: &Anchor,
        root: &State,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        self.check_certified(anchor, &Books::of(root), place)
    }

    /// Checks a block's anchors, then records all of them. [R9]
    ///
    /// # Errors
    /// The first anchor that is refused, by its place; then nothing is recorded.
    pub(crate) fn record_all(
        &self,
        edit: &mut Edit<'_>,
        anchors: &[Anchor],
        place: Place,
    ) -> Result<Vec<AnchorRecord>, (usize, AnchorError)> {
        let records = self.check_all(anchors, edit.before(), place)?;
        for record in &records {
            put(edit, record);
        }
        Ok(records)
    }

    fn precheck_in(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        check_open(anchor, books)?;
        self.precheck_certified(anchor, books, place)
    }

    fn precheck_certified(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        let before = books.recorded(anchor.tip.chain)?;
        let committee = self.committee(anchor, books)?;
        check::check_form(anchor, before, &committee)?;
        check::check_closing(anchor, books.root())?;
        check::check_root_ref(anchor, before, place)?;
        if !self.trust_certificates {
            check::check_canonical(&anchor.tip.root_ref, &*self.history)?;
        }
        check::check_history(anchor, before)?;
        lanes::check(anchor, before, books)?;
        Ok(check::next_record(anchor, place.height))
    }

    /// [R1] The committee of the tip's epoch, which must be the one that the chain is in.
    fn committee(&self, anchor: &Anchor, books: &Books<'_>) -> Result<Arc<Committee>, AnchorError> {
        let (chain, epoch) = (anchor.tip.chain, anchor.tip.epoch);
        check::check_epoch(anchor, books.recorded(chain)?)?;
        let known = self.committees.get(books.root(), chain, epoch);
        known.ok_or(AnchorError::NoCommittee { chain, epoch })
    }

    fn check_in(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        check_open(anchor, books)?;
        self.check_certified(anchor, books, place)
    }

    fn check_certified(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        let record = self.precheck_certified(anchor, books, place)?;
        if !self.trust_certificates {
            let committee = self.committee(anchor, books)?;
            let certified = (&anchor.tip, &anchor.tails[..]);
            check::check_certificates(certified, &anchor.finality, &committee, self.network)?;
        }
        Ok(record)
    }

    fn check_all(
        &self,
        anchors: &[Anchor],
        root: &State,
        place: Place,
    ) -> Result<Vec<AnchorRecord>, (usize, AnchorError)> {
        if anchors.is_empty() {
            return Ok(Vec::new());
        }
        let books = Books::of(root);
        let mut last = ChainId::ROOT;
        let mut records = Vec::new();
        for (at, anchor) in anchors.iter().enumerate() {
            let chain = anchor.tip.chain;
            // [R9] Ascending also means: at most one a chain, and none of the root itself.
            if chain <= last {
                return Err((at, AnchorError::Order { chain, last }));
            }
            if at >= self.per_block {
                let most = self.per_block;
                return Err((at, AnchorError::TooMany { most }));
            }
            records.push(
                self.check_in(anchor, &books, place)
                    .map_err(|error| (at, error))?,
            );
            last = chain;
        }
        Ok(records)
    }
}

/// [R12] The chain anchors here, and is not frozen.
fn check_open(anchor: &Anchor, books: &Books<'_>) -> Result<(), AnchorError> {
    let chain = anchor.tip.chain;
    books.recorded(chain)?;
    if elections::is_frozen(books.root(), chain) {
        return Err(AnchorError::Frozen { chain });
    }
    Ok(())
}

/// Writes a chain's record.
pub(crate) fn put(edit: &mut Edit<'_>, record: &AnchorRecord) {
    edit.put(account_id(), key(record.tip.chain), Some(encode(record)));
}

/// A chain's record as written last.
pub(crate) fn written(edit: &Edit<'_>, chain: ChainId) -> Option<AnchorRecord> {
    decode(edit.get(&account_id(), &key(chain)))
}

/// Where a chain's record stands: ascending by chain.
fn key(chain: ChainId) -> [u8; 32] {
    let mut key = [0; 32];
    key[28..].copy_from_slice(&chain.0.to_be_bytes());
    key
}

fn encode(record: &AnchorRecord) -> Vec<u8> {
    borsh::to_vec(record).unwrap_or_default()
}

fn decode(slot: Option<&[u8]>) -> Option<AnchorRecord> {
    borsh::from_slice(slot?).ok()
}
