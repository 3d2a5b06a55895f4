//! Walking the records of the log in order.

use super::segment::{HEADER, Segment};
use super::{BlockLog, BlockLogError, BlockRecord};

/// The records of a log from an offset on; ends after the first error.
pub struct Replay<'a> {
    log: &'a BlockLog,
    next: u64,
}

impl<'a> Replay<'a> {
    pub(super) fn new(log: &'a BlockLog, from: u64) -> Self {
        Self { log, next: from }
    }

    /// A record that ends where a segment begins is followed by the one behind that header.
    fn skip_header(&mut self) {
        let starts = |segment: &Segment| segment.base.cmp(&self.next);
        if self.log.segments.binary_search_by(starts).is_ok() {
            self.next += HEADER as u64;
        }
    }
}

impl Iterator for Replay<'_> {
    type Item = Result<BlockRecord, BlockLogError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_header();
        if self.next >= self.log.end() {
            return None;
        }
        let record = self.log.read(self.next);
        self.next = record.as_ref().map_or(u64::MAX, |record| record.end);
        Some(record)
    }
}
