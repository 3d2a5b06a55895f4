//! The line of root blocks for readers without a node: handovers, heads and checkpoints.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::InclusionProof;
use light::line::Page;
use light::proof::{FILE_BYTES, MAX_HANDOVERS};
use light::{Checkpoint, Handover, Head};
use root_chain::committees;
use tx_chain::FinalBlock;
use types::{ChainId, Committee, Epoch, Finality, Header, Height, Phase};

use super::Index;
use super::prove::broken;
use super::record::Spot;
use crate::rpc::ProveError;

/// Handovers of one page.
const PAGE: usize = 16;
/// Bytes of a page after which nothing more is added.
const PAGE_BYTES: usize = 1 << 20;
/// Bytes of handovers in a file after which nothing more is added.
const LINE_BYTES: usize = FILE_BYTES / 2 - (1 << 19);

/// How a term of the root ended: a handover that still lacks its place above an earlier block.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(super) struct TermEnd {
    pub(super) closing: Header,
    tails: Vec<Header>,
    finality: Finality,
    next: Committee,
    place: actors::SlotProof,
}

/// What a reader needs to come from one root block to another.
pub(super) struct Way {
    pub(super) handovers: Vec<Handover>,
    pub(super) head: Option<Head>,
    /// The blocks of the line, heights rising.
    pub(super) blocks: Vec<Header>,
    /// What all steps take in a file.
    pub(super) bytes: usize,
}

impl TermEnd {
    /// What a final block of the root says of its term's end; `None` for all but closing ones.
    pub(super) fn of(block: &FinalBlock) -> Option<Self> {
        let closed = block.closed.as_ref()?;
        let closing = block.executed.header();
        let key = committees::slot_key(ChainId::ROOT, closing.epoch.saturating_add(1));
        let state = &block.executed.state;
        let (bytes, place) = state.prove_slot(&committees::account_id(), &key)?;
        let tails = closed.tails.iter().map(|tail| tail.header.clone());
        Some(Self {
            closing: closing.clone(),
            tails: tails.collect(),
            finality: closed.finality.clone(),
            next: borsh::from_slice(bytes).ok()?,
            place,
        })
    }

    fn handover(self, link: InclusionProof) -> Handover {
        Handover {
            closing: self.closing,
            link,
            tails: self.tails,
            finality: self.finality,
            next: self.next,
            place: self.place,
        }
    }
}

impl Way {
    /// The lowest block at or above a height.
    pub(super) fn over(&self, height: Height) -> Option<&Header> {
        self.blocks.iter().find(|block| block.height >= height)
    }

    fn last(&self) -> Option<&Header> {
        self.blocks.last()
    }
}

impl Index {
    /// The newest certified root block and the committee of the blocks above it.
    ///
    /// # Errors
    /// When this node does not keep what it takes, or the database fails.
    pub fn checkpoint(&self) -> Result<Checkpoint, ProveError> {
        let newest = self.tables.last_certified().map_err(broken)?;
        let root = self.root_block(newest.map_or(0, |(height, _)| height))?;
        let end = self.tables.term_end_at(root.height).map_err(broken)?;
        let first = self.network.committee.clone();
        let committee = end.map(|end| end.next).or(first);
        let committee = committee.ok_or(ProveError::Pruned)?;
        let network = self.network.id;
        let checkpoint = Checkpoint {
            network,
            root,
            committee,
        };
        // A term's end is missing if the index was not there when it came.
        checkpoint.check().map_err(|_| ProveError::Pruned)?;
        Ok(checkpoint)
    }

    /// Handovers above a root height, a page of them; with the last ones the newest head.
    ///
    /// # Errors
    /// When the height is unknown, a term's end is missing here, or the database fails.
    pub fn handovers(&self, from: Height) -> Result<Page, ProveError> {
        let mut way = self.start(from)?;
        while way.handovers.len() < PAGE && way.bytes < PAGE_BYTES {
            if self.close(&mut way)? {
                continue;
            }
            let newest = self.tables.last_certified().map_err(broken)?;
            if let Some((height, finality)) = newest
                && way.last().is_some_and(|last| last.height < height)
            {
                self.reach(&mut way, height, finality)?;
            }
            break;
        }
        Ok(Page {
            handovers: way.handovers,
            head: way.head,
        })
    }

    /// The way from a root block to one at or above `upto`, if a file can hold it.
    pub(super) fn way(&self, from: Height, upto: Height) -> Result<Way, ProveError> {
        let mut way = self.start(from)?;
        while way.over(upto).is_none() {
            if way.handovers.len() >= MAX_HANDOVERS || way.bytes > LINE_BYTES {
                return Err(ProveError::TooLong);
            }
            // A head is smaller than a handover, so it is taken as soon as the term has one.
            let found = self.tables.certified(upto).map_err(broken)?;
            let nothing = found
                .as_ref()
                .map_or(ProveError::NotFinal, |_| ProveError::Pruned);
            match found {
                Some((height, finality)) if self.is_of_term(&way, height)? => {
                    self.reach(&mut way, height, finality)?;
                }
                _ if self.close(&mut way)? => {}
                _ => return Err(nothing),
            }
        }
        Ok(way)
    }

    fn start(&self, from: Height) -> Result<Way, ProveError> {
        let root = self.chain(ChainId::ROOT).map_err(broken)?;
        if from > root.head.height {
            return Err(ProveError::UnknownRoot { height: from });
        }
        Ok(Way {
            handovers: Vec::new(),
            head: None,
            blocks: vec![self.root_block(from)?],
            bytes: 0,
        })
    }

    /// Adds the end of the term that the way has come to; false when it lasts.
    fn close(&self, way: &mut Way) -> Result<bool, ProveError> {
        let last = way.last().ok_or(ProveError::Pruned)?;
        let end = self.tables.term_end_above(last.height).map_err(broken)?;
        let Some(end) = end else { return Ok(false) };
        if end.closing.epoch != epoch_above(last) {
            return Err(ProveError::Pruned);
        }
        let link = self.path(ChainId::ROOT, last.height, end.closing.height)?;
        way.blocks.push(end.closing.clone());
        let link = link.ok_or(ProveError::Pruned)?;
        let step = end.handover(link);
        way.bytes += borsh::object_length(&step).unwrap_or(LINE_BYTES);
        way.handovers.push(step);
        Ok(true)
    }

    /// Adds a certified block of the term that the way has come to.
    fn reach(&self, way: &mut Way, height: Height, finality: Finality) -> Result<(), ProveError> {
        let last = way.last().ok_or(ProveError::Pruned)?;
        let block = self.root_block(height)?;
        if block.epoch != epoch_above(last) {
            return Err(ProveError::Pruned);
        }
        let link = self.path(ChainId::ROOT, last.height, height)?;
        way.blocks.push(block.clone());
        way.head = Some(Head {
            block,
            link: link.ok_or(ProveError::Pruned)?,
            finality,
        });
        Ok(())
    }

    /// Whether a root block is of the term that the way has come to, and does not end it.
    fn is_of_term(&self, way: &Way, height: Height) -> Result<bool, ProveError> {
        let block = self.root_block(height)?;
        let current = way.last().map(epoch_above);
        Ok(current == Some(block.epoch) && block.phase == Phase::Ordinary)
    }

    fn root_block(&self, height: Height) -> Result<Header, ProveError> {
        let chain = ChainId::ROOT;
        let content = self.content(Spot { chain, height }).map_err(broken)?;
        Ok(content.ok_or(ProveError::Pruned)?.header.clone())
    }
}

/// The term of the blocks above a root block.
const fn epoch_above(block: &Header) -> Epoch {
    match block.phase {
        Phase::Closing => block.epoch.saturating_add(1),
        _ => block.epoch,
    }
}
