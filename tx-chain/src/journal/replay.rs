//! Reading the logs back: final blocks above the checkpoint, and what was open above them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use types::{Block, BlockHash, Certificate, Round, Vote};

use super::checkpoint::decode;
use super::{BLOCK, CERTIFICATE, FINAL, FinalRecord, Journal, JournalError, OPENING};
use crate::handover::Opening;
use crate::start::Start;

impl Journal {
    /// Fills `start` with what the logs hold above its block.
    pub(super) fn replay(&mut self, from: u64, start: &mut Start) -> Result<(), JournalError> {
        let mut read = Read::default();
        for record in self.blocks.replay(from) {
            let record = record?;
            let round = read.take(record.kind, record.key, &record.payload)?;
            self.open.insert(record.offset, round);
            if record.kind == BLOCK {
                self.offsets.insert(BlockHash(record.key), record.offset);
            }
        }
        let base = start.block.header().clone();
        self.heights.insert(base.height, base.hash());
        let mut last = None;
        for (hashes, finality, closed) in read.finals {
            let newest = hashes.last().copied();
            for hash in hashes {
                let block = read
                    .blocks
                    .get(&hash)
                    .ok_or(JournalError::Missing { chain: self.chain });
                let Ok(block) = block else {
                    // A lot that the checkpoint covers may have been logged from before it.
                    continue;
                };
                if block.header.height <= base.height {
                    continue;
                }
                self.heights.insert(block.header.height, hash);
                let own = finality
                    .clone()
                    .filter(|own| own.confirm.block() == Some(hash));
                if let Some(own) = &own {
                    last = Some((block.header.clone(), own.clone()));
                }
                let closed = closed.clone().filter(|_| Some(hash) == newest);
                start.replay.push((block.clone(), own, closed));
            }
        }
        let last = last.or_else(|| start.restored.last.take());
        let round = last.as_ref().map_or(base.round, |(header, _)| header.round);
        let restored = &mut start.restored;
        restored.certificates = read.certificates;
        restored
            .certificates
            .retain(|certificate| certificate.round > round);
        restored.blocks = read.blocks.into_values().collect();
        restored.blocks.retain(|block| block.header.round > round);
        restored.last = last;
        start.opening = read.opening.or_else(|| start.opening.take());
        Ok(())
    }

    /// What the key of the current term has signed as far as its log knows, and the round above
    /// which its log knows all: older votes are forgotten at checkpoints, and a log that came from
    /// elsewhere may have gaps. [`Round::MAX`] when nothing is known of what was signed.
    ///
    /// # Errors
    /// A record that does not decode.
    pub fn said(&self) -> Result<(Round, Vec<Vote>), JournalError> {
        let Some((log, _)) = &self.votes else {
            return Ok((0, Vec::new()));
        };
        let (mut gap, mut before) = (0, 0);
        for (at, record) in log.records().iter().enumerate() {
            if record.sequence != before + 1 {
                gap = at + 1;
            }
            before = record.sequence;
        }
        let whole = log.records().iter().skip(gap.saturating_sub(1));
        let lowest = whole.map(|record| record.vote.round).min();
        let above = match lowest {
            _ if before != log.last_sequence() => Round::MAX,
            Some(lowest) if gap > 0 => lowest.saturating_sub(1),
            _ => 0,
        };
        let votes = log.records().iter();
        let votes = votes.map(|record| decode(&record.vote.payload));
        Ok((above, votes.collect::<Result<_, _>>()?))
    }

    pub(super) fn votes_above(&self, round: u64) -> Result<Vec<Vote>, JournalError> {
        let Some((log, _)) = &self.votes else {
            return Ok(Vec::new());
        };
        let above = log
            .records()
            .iter()
            .filter(|record| record.vote.round > round);
        above.map(|record| decode(&record.vote.payload)).collect()
    }
}

#[derive(Default)]
struct Read {
    blocks: BTreeMap<BlockHash, Arc<Block>>,
    certificates: Vec<Certificate>,
    finals: Vec<FinalRecord>,
    /// Of the newest term.
    opening: Option<Opening>,
}

impl Read {
    /// Takes one record; returns the round that it belongs to.
    fn take(&mut self, kind: u8, key: Hash, payload: &[u8]) -> Result<u64, JournalError> {
        match kind {
            BLOCK => {
                let block: Block = decode(payload)?;
                let round = block.header.round;
                self.blocks.insert(BlockHash(key), Arc::new(block));
                Ok(round)
            }
            CERTIFICATE => {
                let certificate: Certificate = decode(payload)?;
                let round = certificate.round;
                self.certificates.push(certificate);
                Ok(round)
            }
            FINAL => {
                let record: FinalRecord = decode(payload)?;
                let newest = record.0.last().and_then(|hash| self.blocks.get(hash));
                let round = newest.map_or(0, |block| block.header.round);
                self.finals.push(record);
                Ok(round)
            }
            OPENING => {
                let opening: Opening = decode(payload)?;
                let round = opening.base.round;
                self.opening = Some(opening);
                Ok(round)
            }
            _ => Err(JournalError::Record),
        }
    }
}
