//! The index's columns, typed.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use store::{Batch, Column, Db, Scan};
use types::{BlockHash, ChainId, Finality, Height, MessageId};

use super::IndexError;
use super::line::TermEnd;
use super::record::{AnchorRow, Content, Head, Marks, Row, Spot, Submission};

const HEADS: Column = Column::new("index_heads");
const BLOCKS: Column = Column::new("index_blocks");
const CONTENTS: Column = Column::new("index_contents");
const HASHES: Column = Column::new("index_hashes");
const PLACES: Column = Column::new("index_places");
const ANCHORS: Column = Column::new("index_anchors");
const CERTIFIED: Column = Column::new("index_certified");
const TERM_ENDS: Column = Column::new("index_term_ends");
const SUBMISSIONS: Column = Column::new("index_submissions");

/// A block that the head names is not there.
pub(super) const LOST: IndexError = damage(CONTENTS);

/// Typed access to the database.
pub(super) struct Tables {
    pub(super) db: Arc<dyn Db>,
}

impl Tables {
    pub(super) fn commit(&self, batch: Batch) -> Result<(), IndexError> {
        if batch.is_empty() {
            return Ok(());
        }
        Ok(self.db.commit(batch)?)
    }

    pub(super) fn head(&self, chain: ChainId) -> Result<Option<Head>, IndexError> {
        self.get(HEADS, &chain.0.to_be_bytes())
    }

    pub(super) fn row(&self, spot: Spot) -> Result<Option<Row>, IndexError> {
        self.get(BLOCKS, &spot_key(spot))
    }

    pub(super) fn content(&self, spot: Spot) -> Result<Option<Content>, IndexError> {
        self.get(CONTENTS, &spot_key(spot))
    }

    pub(super) fn spot_of(&self, hash: &BlockHash) -> Result<Option<Spot>, IndexError> {
        let found: Option<(ChainId, Height)> = self.get(HASHES, hash.as_bytes())?;
        Ok(found.map(|(chain, height)| Spot { chain, height }))
    }

    pub(super) fn submission(&self, id: &MessageId) -> Result<Option<Submission>, IndexError> {
        self.get(SUBMISSIONS, id.as_bytes())
    }

    /// Where final blocks did something with a message.
    pub(super) fn places(&self, id: &MessageId) -> Result<Vec<(Spot, Marks)>, IndexError> {
        let mut found = Vec::new();
        let mut damaged = false;
        self.db
            .scan(PLACES, &Scan::prefix(id.as_bytes()), &mut |key, value| {
                let place = key.get(32..).and_then(read_spot);
                let marks = borsh::from_slice(value).ok();
                match place.zip(marks) {
                    Some(place) => found.push(place),
                    None => damaged = true,
                }
                ControlFlow::Continue(())
            })?;
        if damaged {
            return Err(damage(PLACES));
        }
        Ok(found)
    }

    /// The lowest root-final anchor of a chain that covers a height.
    pub(super) fn anchor_over(&self, spot: Spot) -> Result<Option<AnchorRow>, IndexError> {
        let found = self.db.first(ANCHORS, &rest_of_chain(spot))?;
        found.map(|(_, value)| decode(ANCHORS, &value)).transpose()
    }

    /// The newest root-final anchor of a chain.
    pub(super) fn last_anchor(&self, chain: ChainId) -> Result<Option<AnchorRow>, IndexError> {
        let all = rest_of_chain(Spot { chain, height: 0 }).descending();
        let found = self.db.first(ANCHORS, &all)?;
        found.map(|(_, value)| decode(ANCHORS, &value)).transpose()
    }

    /// The lowest root block from a height on that has certificates of its own.
    pub(super) fn certified(
        &self,
        height: Height,
    ) -> Result<Option<(Height, Finality)>, IndexError> {
        let scan = Scan {
            from: Bound::Included(height.to_be_bytes().to_vec()),
            ..Scan::all()
        };
        let Some((key, value)) = self.db.first(CERTIFIED, &scan)? else {
            return Ok(None);
        };
        let height = key.try_into().map_err(|_| damage(CERTIFIED))?;
        Ok(Some((
            Height::from_be_bytes(height),
            decode(CERTIFIED, &value)?,
        )))
    }

    /// The newest root block that has certificates of its own.
    pub(super) fn last_certified(&self) -> Result<Option<(Height, Finality)>, IndexError> {
        let found = self.db.first(CERTIFIED, &Scan::all().descending())?;
        let read = |(key, value): (Vec<u8>, Vec<u8>)| {
            let height = key.try_into().map_err(|_| damage(CERTIFIED))?;
            Ok((Height::from_be_bytes(height), decode(CERTIFIED, &value)?))
        };
        found.map(read).transpose()
    }

    /// How the first term of the root ended that did so above a height.
    pub(super) fn term_end_above(&self, height: Height) -> Result<Option<TermEnd>, IndexError> {
        let scan = Scan {
            from: Bound::Excluded(height.to_be_bytes().to_vec()),
            ..Scan::all()
        };
        let found = self.db.first(TERM_ENDS, &scan)?;
        found
            .map(|(_, value)| decode(TERM_ENDS, &value))
            .transpose()
    }

    /// How the last term of the root ended that did so at or below a height.
    pub(super) fn term_end_at(&self, height: Height) -> Result<Option<TermEnd>, IndexError> {
        let scan = Scan {
            to: Bound::Included(height.to_be_bytes().to_vec()),
            ..Scan::all()
        };
        let found = self.db.first(TERM_ENDS, &scan.descending())?;
        found
            .map(|(_, value)| decode(TERM_ENDS, &value))
            .transpose()
    }

    /// The hashes of a chain's blocks from a height on, for as long as none is missing.
    pub(super) fn hashes(&self, from: Spot) -> Result<Vec<BlockHash>, IndexError> {
        let mut hashes = Vec::new();
        self.db
            .scan(BLOCKS, &rest_of_chain(from), &mut |key, value| {
                let next = Spot {
                    height: from.height + hashes.len() as u64,
                    ..from
                };
                let row: Option<Row> = borsh::from_slice(value).ok();
                match row.filter(|_| read_spot(key) == Some(next)) {
                    Some(row) => hashes.push(row.hash),
                    None => return ControlFlow::Break(()),
                }
                ControlFlow::Continue(())
            })?;
        Ok(hashes)
    }

    fn get<T: BorshDeserialize>(
        &self,
        column: Column,
        key: &[u8],
    ) -> Result<Option<T>, IndexError> {
        let value = self.db.get(column, key)?;
        value.map(|value| decode(column, &value)).transpose()
    }
}

pub(super) fn put_head(batch: &mut Batch, chain: ChainId, head: Head) {
    batch.put(HEADS, chain.0.to_be_bytes(), encode(&head));
}

pub(super) fn put_row(batch: &mut Batch, spot: Spot, row: &Row) {
    batch.put(BLOCKS, spot_key(spot), encode(row));
}

/// A block's record, by height and by hash, and where its messages are.
pub(super) fn put_content(batch: &mut Batch, hash: &BlockHash, content: &Content) -> usize {
    let spot = Spot::of(&content.header);
    let encoded = encode(content);
    let bytes = encoded.len();
    batch.put(CONTENTS, spot_key(spot), encoded);
    batch.put(HASHES, *hash.as_bytes(), encode(&(spot.chain, spot.height)));
    for (id, marks) in content.marks() {
        let mut key = Vec::with_capacity(44);
        key.extend(id.as_bytes());
        key.extend(spot_key(spot));
        batch.put(PLACES, key, encode(&marks));
    }
    bytes
}

pub(super) fn put_anchor(batch: &mut Batch, row: &AnchorRow) {
    let spot = Spot::of(&row.anchor.tip);
    batch.put(ANCHORS, spot_key(spot), encode(row));
}

pub(super) fn put_certified(batch: &mut Batch, height: Height, finality: &Finality) {
    batch.put(CERTIFIED, height.to_be_bytes(), encode(finality));
}

pub(super) fn put_term_end(batch: &mut Batch, end: &TermEnd) {
    batch.put(TERM_ENDS, end.closing.height.to_be_bytes(), encode(end));
}

pub(super) fn put_submission(batch: &mut Batch, id: &MessageId, submission: &Submission) {
    batch.put(SUBMISSIONS, *id.as_bytes(), encode(submission));
}

fn encode<T: BorshSerialize>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}

fn decode<T: BorshDeserialize>(column: Column, value: &[u8]) -> Result<T, IndexError> {
    borsh::from_slice(value).map_err(|_| damage(column))
}

const fn damage(column: Column) -> IndexError {
    IndexError::Damaged {
        column: column.name(),
    }
}

fn spot_key(spot: Spot) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&spot.chain.0.to_be_bytes());
    key[4..].copy_from_slice(&spot.height.to_be_bytes());
    key
}

fn read_spot(key: &[u8]) -> Option<Spot> {
    let (chain, height) = key.split_first_chunk()?;
    Some(Spot {
        chain: ChainId(u32::from_be_bytes(*chain)),
        height: Height::from_be_bytes(height.try_into().ok()?),
    })
}

/// The keys of a chain from a height on.
fn rest_of_chain(from: Spot) -> Scan {
    let last = Spot {
        height: Height::MAX,
        ..from
    };
    Scan {
        from: Bound::Included(spot_key(from).to_vec()),
        to: Bound::Included(spot_key(last).to_vec()),
        descending: false,
    }
}
