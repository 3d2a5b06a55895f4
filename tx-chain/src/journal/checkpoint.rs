//! Writing and reading checkpoints. [J2] [J4]

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Account, State};
use borsh::{BorshDeserialize, BorshSerialize};
use consensus::Closed;
use store::{Batch, Db, StateTree};
use types::{BlockHash, ChainId, Epoch, Finality, Header, Height, Lanes, Round};

use super::{ACCOUNTS, CHECKPOINTS, HEIGHTS, JournalError, PLACES, all, encode, key};
use crate::anchoring::Anchoring;
use crate::handover::Opening;
use crate::outbox::Outbox;
use crate::root_view::RootView;
use crate::start::{Snapshot, Start};

/// The record of a checkpoint.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct Checkpoint {
    header: Header,
    finality: Option<Finality>,
    closed: BTreeMap<Epoch, Closed>,
    opening: Option<Opening>,
    lanes: Lanes,
    outbox: Outbox,
    anchoring: Anchoring,
    view: RootView,
    pub(super) replay_from: u64,
    pub(super) durable: u64,
}

/// A checkpoint to be written; holds shared data only, so it can go to another thread.
pub struct CheckpointJob {
    pub(super) chain: ChainId,
    pub(super) db: Arc<dyn Db>,
    pub(super) base: State,
    /// Final blocks since the last checkpoint; genesis is in no log.
    pub(super) places: Vec<(Height, BlockHash, Option<u64>)>,
    pub(super) replay_from: u64,
    pub(super) durable: u64,
    pub(super) snapshot: Snapshot,
}

/// What a written checkpoint covers.
pub struct CheckpointDone {
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) state: State,
    pub(super) places: Vec<BlockHash>,
}

impl CheckpointJob {
    /// Writes the checkpoint and makes it durable.
    pub fn run(self) -> Result<CheckpointDone, JournalError> {
        let mut batch = Batch::new();
        self.put_accounts(&mut batch);
        for (height, hash, offset) in &self.places {
            batch.put(
                HEIGHTS,
                key(self.chain, &height.to_be_bytes()),
                encode(hash),
            );
            if let Some(offset) = offset {
                batch.put(PLACES, key(self.chain, hash.as_bytes()), encode(offset));
            }
        }
        let header = self.snapshot.block.header().clone();
        let (height, round) = (header.height, header.round);
        let state = self.snapshot.block.state.clone();
        let checkpoint = Checkpoint {
            header,
            finality: self.snapshot.finality,
            closed: {
                let closed = self.snapshot.closed.iter();
                closed
                    .map(|(epoch, closed)| (*epoch, closed.as_ref().clone()))
                    .collect()
            },
            opening: self.snapshot.opening,
            lanes: state.lanes().clone(),
            outbox: self.snapshot.outbox,
            anchoring: self.snapshot.anchoring,
            view: self.snapshot.view,
            replay_from: self.replay_from,
            durable: self.durable,
        };
        batch.put(CHECKPOINTS, self.chain.0.to_be_bytes(), encode(&checkpoint));
        self.db.commit(batch)?;
        self.db.flush()?;
        let places = self.places.into_iter().map(|(_, hash, _)| hash).collect();
        Ok(CheckpointDone {
            height,
            round,
            state,
            places,
        })
    }

    /// Only what changed; all of it when there was no checkpoint before.
    fn put_accounts(&self, batch: &mut Batch) {
        let state = &self.snapshot.block.state;
        let known = self.db.get(CHECKPOINTS, &self.chain.0.to_be_bytes());
        let empty = StateTree::new();
        let base = if matches!(known, Ok(Some(_))) {
            self.base.accounts()
        } else {
            &empty
        };
        for (id, account) in state.accounts().changes_since(base) {
            match account {
                Some(account) => batch.put(ACCOUNTS, key(self.chain, id), encode(account)),
                None => batch.delete(ACCOUNTS, key(self.chain, id)),
            }
        }
    }
}

/// Reads the checkpoint of a chain, if there is one.
pub(super) fn read(db: &dyn Db, chain: ChainId) -> Result<Option<Checkpoint>, JournalError> {
    let bytes = db.get(CHECKPOINTS, &chain.0.to_be_bytes())?;
    bytes.map(|bytes| decode(&bytes)).transpose()
}

pub(super) fn decode<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, JournalError> {
    T::try_from_slice(bytes).map_err(|_| JournalError::Record)
}

impl Checkpoint {
    /// Reads accounts and block hashes and checks them against the header.
    pub(super) fn start(self, db: &dyn Db) -> Result<Start, JournalError> {
        let (chain, height) = (self.header.chain, self.header.height);
        let wrong = JournalError::State { chain, height };
        let mut changes = Vec::new();
        for (stored, value) in db.collect(ACCOUNTS, &all(chain), usize::MAX)? {
            let id: Option<[u8; 32]> = stored.get(4..).and_then(|id| id.try_into().ok());
            changes.push((
                id.ok_or(JournalError::Record)?,
                Some(decode::<Account>(&value)?),
            ));
        }
        let state = State::restored(StateTree::new().apply_sorted(changes), self.lanes);
        let blocks = hashes(db, chain, &self.header)?;
        let whole = blocks.len() as u64 == height + 1;
        let lanes_fit = state.lanes().root() == self.header.lanes_root;
        if state.root() != self.header.state_root || !lanes_fit || !whole {
            return Err(wrong);
        }
        let parts = (self.outbox, self.anchoring, self.view);
        let last = self
            .finality
            .map(|finality| (self.header.clone(), finality));
        let mut start = Start::checkpoint(self.header, state, &blocks, parts);
        start.restored.last = last;
        let closed = self.closed.into_iter();
        start.closed = closed
            .map(|(epoch, closed)| (epoch, Arc::new(closed)))
            .collect();
        start.opening = self.opening;
        Ok(start)
    }
}

/// The hashes of all blocks up to the checkpoint's, genesis first.
fn hashes(db: &dyn Db, chain: ChainId, tip: &Header) -> Result<Vec<BlockHash>, JournalError> {
    let mut hashes = Vec::new();
    for (_, value) in db.collect(HEIGHTS, &all(chain), usize::MAX)? {
        hashes.push(decode(&value)?);
    }
    let last = hashes.get(tip.height as usize).copied();
    hashes.truncate(tip.height as usize + 1);
    if last != Some(tip.hash()) {
        return Err(JournalError::State {
            chain,
            height: tip.height,
        });
    }
    Ok(hashes)
}
