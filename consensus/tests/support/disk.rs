//! A node's disk: what is written becomes durable a little later, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use consensus::{Record, Restored};
use types::{Block, BlockHash, Finality, Time};

/// Records and final blocks, each with the time at which it is durable.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    records: Vec<(Time, Record)>,
    finals: Vec<(Time, Arc<Block>, Finality)>,
    durable: Time,
}

impl Disk {
    /// Writes a record that is durable at `at` or when everything before is.
    pub fn persist(&mut self, at: Time, record: Record) {
        self.durable = self.durable.max(at);
        self.records.push((self.durable, record));
    }

    /// Writes the newly final tip.
    pub fn finalize(&mut self, at: Time, tip: Arc<Block>, finality: Finality) {
        self.durable = self.durable.max(at);
        self.finals.push((self.durable, tip, finality));
    }

    /// When everything written so far is durable.
    pub fn barrier(&self) -> Time {
        self.durable
    }

    /// Loses what is not durable at `now`.
    pub fn crash(&mut self, now: Time) {
        self.records.retain(|(at, _)| *at <= now);
        self.finals.retain(|(at, _, _)| *at <= now);
        self.durable = now;
    }

    /// What a restarted node finds.
    pub fn restored(&self) -> Restored {
        let mut restored = Restored {
            last: self
                .finals
                .last()
                .map(|(_, tip, finality)| (tip.header.clone(), finality.clone())),
            ..Restored::default()
        };
        for (_, record) in &self.records {
            match record.clone() {
                Record::Vote(vote) => restored.votes.push(vote),
                Record::Block(block) => restored.blocks.push(block),
                Record::Certificate(certificate) => restored.certificates.push(certificate),
            }
        }
        restored
    }

    /// Bodies on the disk.
    pub fn bodies(&self) -> BTreeMap<BlockHash, Arc<Block>> {
        let recorded = self.records.iter().filter_map(|(_, record)| match record {
            Record::Block(block) => Some(Arc::clone(block)),
            _ => None,
        });
        let finals = self.finals.iter().map(|(_, tip, _)| Arc::clone(tip));
        recorded
            .chain(finals)
            .map(|block| (block.header.hash(), block))
            .collect()
    }
}
