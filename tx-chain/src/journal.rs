//! The journal: what a chain remembers over a restart.
//!
//! ```text
//!  Persist(Block, Certificate) ─┐                        ┌─ accounts, block places
//!  Final(lot) ──────────────────┴─▶ block log ── replay  │   (database, written behind)
//!  Persist(Vote) ────────────────▶ vote log              │
//!  checkpoint: changes since the last one ───────────────┘
//! ```
//!
//! * **[J1]** The block log is the truth: a checkpoint only saves replaying it from the start. Lost
//!   or damaged, the database is deleted and made again from the log.
//! * **[J2]** A checkpoint is one atomic batch: accounts, places, lanes and the log's offset from
//!   which to replay, which lies before every record that is not covered.
//! * **[J3]** The votes of a key are in a log of their own, never older than the key's last use.
//!   What a vote names is durable before the vote is written.
//! * **[J4]** What was read back is checked: the accounts must give the header's state root.

mod checkpoint;
mod error;
mod replay;
use std::collections::BTreeMap;
use std::sync::Arc;

use actors::State;
use consensus::{Closed, Record};
use crypto::Hash;
use store::{BlockLog, BlockLogConfig, Column, Db, KeyUse, LogDir, Scan, VoteLog, VoteLogConfig};
use types::{Block, BlockHash, ChainId, Finality, Header, Height, NetworkId, RootBlock, Round};

use crate::handover::Opening;
use crate::start::{Snapshot, Start};
use crate::tree::FinalBlock;

pub use checkpoint::{CheckpointDone, CheckpointJob};
pub use error::JournalError;

/// Accounts by chain and id.
pub(crate) const ACCOUNTS: Column = Column::new("accounts");
/// Hash and log offset of final blocks by chain and height.
pub(crate) const HEIGHTS: Column = Column::new("heights");
/// Log offset of final blocks by chain and hash.
pub(crate) const PLACES: Column = Column::new("places");
/// The checkpoint of each chain.
pub(crate) const CHECKPOINTS: Column = Column::new("checkpoints");

/// Kinds of records in the block log.
const BLOCK: u8 = 1;
const CERTIFICATE: u8 = 2;
const FINAL: u8 = 3;
const OPENING: u8 = 4;

/// The vote log's directory, that of the key's mark, and the hash of the key. [J3]
pub type VoteParts = (Box<dyn LogDir>, Box<dyn LogDir>, Hash);

/// Where a journal keeps its parts.
pub struct Parts {
    /// The block log's directory.
    pub blocks: Box<dyn LogDir>,
    /// The database, shared by all chains of the node.
    pub db: Arc<dyn Db>,
    /// A number that peers can't guess, for new log segments.
    pub nonce: u64,
}

/// A chain's beginning, in case nothing is remembered.
#[derive(Clone)]
pub struct Beginning {
    /// The network.
    pub network: NetworkId,
    /// The genesis header.
    pub header: Header,
    /// The genesis state.
    pub state: State,
    /// The root's genesis, as every chain is told of it.
    pub root: RootBlock,
}

/// The durable memory of one chain on one node.
pub struct Journal {
    chain: ChainId,
    network: Hash,
    db: Arc<dyn Db>,
    blocks: BlockLog,
    votes: Option<(VoteLog, KeyUse)>,
    /// Offsets of blocks logged since the last checkpoint.
    offsets: BTreeMap<BlockHash, u64>,
    /// Final blocks since the last checkpoint, by height.
    heights: BTreeMap<Height, BlockHash>,
    /// Rounds of the log's records that a checkpoint may not skip yet.
    open: BTreeMap<u64, Round>,
    /// The state of the last checkpoint.
    base: State,
    dirty_blocks: bool,
    dirty_votes: bool,
}

impl Journal {
    /// Opens a chain's journal and reads back where it stopped. A node with a seat in the current
    /// committee goes on with [`Journal::vote_with`].
    pub fn open(parts: Parts, beginning: Beginning) -> Result<(Self, Start), JournalError> {
        let Parts { blocks, db, nonce } = parts;
        let chain = beginning.header.chain;
        let network = beginning.network.0;
        let checkpoint = checkpoint::read(db.as_ref(), chain)?;
        let durable = checkpoint.as_ref().map_or(0, |read| read.durable);
        let log = BlockLogConfig {
            durable,
            ..BlockLogConfig::new(network, nonce)
        };
        let blocks = BlockLog::open(blocks, log)?;
        let from = checkpoint
            .as_ref()
            .map_or_else(|| blocks.start(), |read| read.replay_from);
        let mut start = match checkpoint {
            Some(read) => read.start(db.as_ref())?,
            None => Start::genesis(beginning.header, beginning.state, &beginning.root),
        };
        let mut journal = Self {
            chain,
            db,
            blocks,
            network,
            votes: None,
            offsets: BTreeMap::new(),
            heights: BTreeMap::new(),
            open: BTreeMap::new(),
            base: start.block.state.clone(),
            dirty_blocks: false,
            dirty_votes: false,
        };
        journal.replay(from, &mut start)?;
        Ok((journal, start))
    }

    /// Opens the vote log of the key that votes in the current term, and reads back its votes.
    ///
    /// # Errors
    /// When the log is missing or older than the key's last use: then nothing may be signed. [J3]
    pub fn vote_with(&mut self, parts: VoteParts, start: &mut Start) -> Result<(), JournalError> {
        let (log, mark, key) = parts;
        self.votes = Some(open_votes(log, mark, self.network, key)?);
        let last = start.restored.last.as_ref();
        let round = last.map_or_else(|| start.block.header().round, |(last, _)| last.round);
        start.restored.votes = self.votes_above(round)?;
        Ok(())
    }

    /// Writes down how a term begins, durably, and from then on votes with another key, or with
    /// none.
    pub fn open_term(
        &mut self,
        opening: &Opening,
        votes: Option<VoteParts>,
    ) -> Result<(), JournalError> {
        let round = opening.base.round;
        self.append(OPENING, &opening.base.hash().0, &encode(opening), round)?;
        self.sync()?;
        let network = self.network;
        let open = |(log, mark, key)| open_votes(log, mark, network, key);
        self.votes = votes.map(open).transpose()?;
        Ok(())
    }

    /// Writes a record; durable after [`Journal::sync`].
    pub fn write(&mut self, record: &Record) -> Result<(), JournalError> {
        match record {
            Record::Vote(vote) => {
                // A vote that outlives a crash names a block that does too: nobody else may have
                // it.
                if std::mem::take(&mut self.dirty_blocks) {
                    self.blocks.sync()?;
                }
                let Some((log, _)) = &mut self.votes else {
                    return Err(JournalError::NoVoteLog);
                };
                log.append(store::Vote {
                    chain: vote.chain.0,
                    epoch: vote.epoch,
                    round: vote.round,
                    kind: vote.kind as u8,
                    payload: encode(vote),
                })?;
                self.dirty_votes = true;
            }
            Record::Block(block) => {
                let hash = block.header.hash();
                let round = block.header.round;
                let offset = self.append(BLOCK, &hash.0, &encode(block.as_ref()), round)?;
                self.offsets.insert(hash, offset);
            }
            Record::Certificate(certificate) => {
                let payload = encode(certificate);
                self.append(CERTIFICATE, &Hash::ZERO, &payload, certificate.round)?;
            }
        }
        Ok(())
    }

    /// Writes that blocks became final. Blocks that were never persisted are written too; those
    /// that were final before, as replayed ones are, are passed over.
    pub fn finalized(&mut self, lot: &[FinalBlock]) -> Result<(), JournalError> {
        let known = |block: &&FinalBlock| {
            let height = block.executed.header().height;
            self.heights.get(&height) == Some(&block.executed.hash)
        };
        let lot = lot.get(lot.iter().take_while(known).count()..);
        let lot = lot.unwrap_or_default();
        let Some(newest) = lot.last() else {
            return Ok(());
        };
        for block in lot {
            if !self.offsets.contains_key(&block.executed.hash) {
                self.write(&Record::Block(Arc::new(block.executed.block.clone())))?;
            }
            self.heights
                .insert(block.executed.header().height, block.executed.hash);
        }
        let hashes: Vec<BlockHash> = lot.iter().map(|block| block.executed.hash).collect();
        let closed = newest.closed.as_deref();
        let payload = encode(&(hashes, &newest.finality, closed));
        self.append(
            FINAL,
            &newest.executed.hash.0,
            &payload,
            newest.executed.header().round,
        )?;
        Ok(())
    }

    /// Makes everything written durable. An error is final: the node must stop.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        if std::mem::take(&mut self.dirty_blocks) {
            self.blocks.sync()?;
        }
        if let (true, Some((log, _))) = (std::mem::take(&mut self.dirty_votes), &mut self.votes) {
            log.sync()?;
        }
        Ok(())
    }

    /// A block by its hash, final or not.
    pub fn block(&self, hash: &BlockHash) -> Result<Option<Block>, JournalError> {
        let offset = match self.offsets.get(hash) {
            Some(offset) => *offset,
            None => match self.db.get(PLACES, &key(self.chain, hash.as_bytes()))? {
                Some(bytes) => checkpoint::decode(&bytes)?,
                None => return Ok(None),
            },
        };
        let record = self.blocks.read(offset)?;
        Ok(Some(checkpoint::decode(&record.payload)?))
    }

    /// The hash of the final block of a height.
    pub fn hash_at(&self, height: Height) -> Result<Option<BlockHash>, JournalError> {
        if let Some(hash) = self.heights.get(&height) {
            return Ok(Some(*hash));
        }
        let found = self
            .db
            .get(HEIGHTS, &key(self.chain, &height.to_be_bytes()))?;
        found.map(|bytes| checkpoint::decode(&bytes)).transpose()
    }

    /// Blocks from `hash` down to above height `above`, newest first, up to some bytes.
    pub fn chain_down(
        &self,
        hash: &BlockHash,
        above: Height,
        most_bytes: usize,
    ) -> Result<Vec<Block>, JournalError> {
        let (mut found, mut bytes, mut next) = (Vec::new(), 0, *hash);
        while let Some(block) = self.block(&next)? {
            bytes += block.body.len() + 2_048;
            let low = block.header.height <= above;
            if low || (bytes > most_bytes && !found.is_empty()) {
                break;
            }
            next = block.header.parent;
            found.push(block);
        }
        Ok(found)
    }

    /// What has to be written for a checkpoint; run it on any thread and hand the result to
    /// [`Journal::checkpointed`]. One at a time.
    pub fn checkpoint(&self, snapshot: Snapshot) -> CheckpointJob {
        let height = snapshot.block.header().height;
        let round = snapshot.block.header().round;
        let open = self
            .open
            .iter()
            .find(|(_, at)| **at > round)
            .map(|(offset, _)| *offset);
        let heights = self.heights.range(..=height);
        let places =
            heights.map(|(height, hash)| (*height, *hash, self.offsets.get(hash).copied()));
        CheckpointJob {
            chain: self.chain,
            db: self.db.clone(),
            base: self.base.clone(),
            places: places.collect(),
            replay_from: open.unwrap_or_else(|| self.blocks.end()),
            durable: self.blocks.durable(),
            snapshot,
        }
    }

    /// Takes note of a written checkpoint: forgets what it covers.
    pub fn checkpointed(&mut self, done: CheckpointDone) -> Result<(), JournalError> {
        let CheckpointDone {
            height,
            round,
            state,
            places,
        } = done;
        self.base = state;
        self.heights = self.heights.split_off(&(height + 1));
        self.open.retain(|_, at| *at > round);
        for hash in places {
            self.offsets.remove(&hash);
        }
        if let Some((log, mark)) = &mut self.votes {
            if log.records().len() > 4_096 {
                log.compact(|record| record.vote.round > round)?;
            }
            mark.note(log.durable_sequence())?;
        }
        Ok(())
    }

    fn append(
        &mut self,
        kind: u8,
        key: &Hash,
        payload: &[u8],
        round: Round,
    ) -> Result<u64, JournalError> {
        let offset = self.blocks.append(kind, key, payload)?;
        self.open.insert(offset, round);
        self.dirty_blocks = true;
        Ok(offset)
    }
}

fn open_votes(
    log: Box<dyn LogDir>,
    mark: Box<dyn LogDir>,
    network: Hash,
    key: Hash,
) -> Result<(VoteLog, KeyUse), JournalError> {
    let config = VoteLogConfig { network, key };
    let mut mark = KeyUse::open(mark, config)?;
    let log = VoteLog::open(log, config, mark.last())?;
    mark.note(log.durable_sequence())?;
    Ok((log, mark))
}

/// A database key: the chain, then the rest.
fn key(chain: ChainId, rest: &[u8]) -> Vec<u8> {
    [&chain.0.to_be_bytes(), rest].concat()
}

/// All keys of a chain.
fn all(chain: ChainId) -> Scan {
    Scan::prefix(&chain.0.to_be_bytes())
}

fn encode(value: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}

/// The blocks of a lot, the certificates of its newest one and what closed a term with it.
type FinalRecord = (Vec<BlockHash>, Option<Finality>, Option<Closed>);
