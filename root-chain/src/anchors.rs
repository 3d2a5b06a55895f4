//! Recording anchors: the root's [`System`].

use std::sync::Arc;

use actors::{Account, Context, Edit, Filings, Recorded, Slot, State, System, SystemError};
use types::{AccountId, Anchor, AnchorRecord, ChainId, Header, Height, Lanes, NetworkId, Tip};

use crate::committees::Committees;
use crate::history::RootHistory;

mod books;
mod check;
mod error;
mod lanes;
#[cfg(test)]
mod tests;

use books::Books;
pub use error::{AnchorError, Conflict, Counter};

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
    /// Who certifies. [R1]
    pub committees: Arc<Committees>,
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
    ///
    /// A certified rival of the recorded block gives [`AnchorError::Conflict`]. [R8]
    pub fn check(
        &self,
        anchor: &Anchor,
        root: &State,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        self.check_in(anchor, &Books::of(root), place)
    }

    fn precheck_in(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        let before = books.recorded(anchor.tip.chain)?;
        check::check_form(anchor, before, &self.committees)?;
        check::check_root_ref(anchor, before, place)?;
        if !self.trust_certificates {
            check::check_canonical(&anchor.tip.root_ref, &*self.history)?;
        }
        check::check_history(anchor, before)?;
        lanes::check(anchor, before, books)?;
        Ok(check::next_record(anchor, place.height))
    }

    fn check_in(
        &self,
        anchor: &Anchor,
        books: &Books<'_>,
        place: Place,
    ) -> Result<AnchorRecord, AnchorError> {
        let checked = self.precheck_in(anchor, books, place);
        let is_rival = matches!(checked, Err(AnchorError::Rival { .. }));
        // An accusation is verified even where certificates are trusted.
        if is_rival || (checked.is_ok() && !self.trust_certificates) {
            check::check_certificates(anchor, &self.committees, self.network)?;
        }
        if is_rival {
            return Err(AnchorError::Conflict(Box::new(Conflict {
                recorded: books.recorded(anchor.tip.chain)?.clone(),
                anchor: anchor.clone(),
            })));
        }
        checked
    }

    fn check_all(
        &self,
        anchors: &[Anchor],
        root: &State,
        ctx: &Context,
    ) -> Result<Vec<AnchorRecord>, (usize, AnchorError)> {
        let place = Place {
            height: ctx.height,
            cited: ctx.root_height,
        };
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

impl System for Anchors {
    fn record(
        &self,
        edit: &mut Edit<'_>,
        filings: Filings<'_>,
        ctx: &Context,
    ) -> Result<Recorded, SystemError> {
        let is_anchors = filings.declarations.is_empty();
        if !is_anchors || (!ctx.chain.is_root() && !filings.anchors.is_empty()) {
            return Err(SystemError::NoFilings);
        }
        let records = self.check_all(filings.anchors, edit.before(), ctx);
        let records = records.map_err(|(at, error)| SystemError::Anchor {
            at,
            source: Box::new(error),
        })?;
        for record in &records {
            edit.put(account_id(), key(record.tip.chain), Some(encode(record)));
        }
        Ok(Recorded {
            records,
            news: Vec::new(),
        })
    }
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
