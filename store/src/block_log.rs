//! The append-only log that makes blocks durable: one fsync per [`BlockLog::sync`].
//!
//! The log is a sequence of bytes cut into segment files; a record is found by its offset in the
//! whole log, which never changes. Records hold a kind, a key and opaque bytes.
//!
//! ```text
//! file `blocks-<offset of its first byte, 16 hex digits>.log`
//! offset  size  (integers little-endian)
//!      0     8  "THKBLOCK"
//!      8     4  format version, 1
//!     12     8  offset of this file's first byte in the log
//!     20    32  network id
//!     52     8  a nonce that strangers can't guess, see \[L2\]
//!     60     4  CRC-32 of the 60 bytes before; also the salt of the records
//!     64     …  records as in `frame`, whose bodies are: u8 kind, 32 bytes key, payload
//! ```
//!
//! * **\[B1\]** A segment is begun only after the one before is durable; its name and header are
//!   durable before it gets records. So only the last segment can be torn, and only a segment
//!   without records can have a torn header.
//! * **\[B2\]** What a returned [`BlockLog::sync`] covered is there after any crash; of what came
//!   later, a prefix.
//! * **\[B3\]** An error in writing is final: the log refuses everything after. Opening it again
//!   reads what is really there.

mod error;
mod replay;
mod segment;

use crypto::Hash;

use crate::frame;
use crate::log_file::{LogDir, LogFile};

pub use error::BlockLogError;
pub use replay::Replay;

use segment::{HEADER, Segment};

/// The largest payload of a record.
pub const MAX_PAYLOAD: usize = frame::MAX_BODY - PREFIX;

/// Kind and key in front of a payload.
const PREFIX: usize = 33;

/// What a log is opened with.
#[derive(Clone, Copy, Debug)]
pub struct BlockLogConfig {
    /// The network whose blocks these are, for example the genesis hash.
    pub network: Hash,
    /// For segments begun from now on: any number that peers can't guess. \[L2\]
    pub nonce: u64,
    /// A segment that has this many bytes is followed by a new one.
    pub segment_bytes: u64,
    /// An offset up to which the log is known to have been durable, for example from the last
    /// checkpoint; 0 if nothing is known.
    pub durable: u64,
}

impl BlockLogConfig {
    /// Segments of 64 MiB, nothing known to be durable.
    pub const fn new(network: Hash, nonce: u64) -> Self {
        Self {
            network,
            nonce,
            segment_bytes: 64 << 20,
            durable: 0,
        }
    }
}

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    /// Where it starts.
    pub offset: u64,
    /// Where the next one starts, or will; a new segment moves it on by its header.
    pub end: u64,
    /// What the payload is; the caller's business.
    pub kind: u8,
    /// Whose payload it is, for example a block hash.
    pub key: Hash,
    /// The caller's bytes.
    pub payload: Vec<u8>,
}

/// The log, open for reading and appending.
pub struct BlockLog {
    dir: Box<dyn LogDir>,
    config: BlockLogConfig,
    /// All segments in order; the last is open.
    segments: Vec<Segment>,
    file: Box<dyn LogFile>,
    durable: u64,
    stopped: bool,
}

impl BlockLog {
    /// Opens the log in `dir`, or begins one if there is none. A torn tail is cut.
    pub fn open(dir: Box<dyn LogDir>, config: BlockLogConfig) -> Result<Self, BlockLogError> {
        let mut segments = segment::find(dir.as_ref(), &config)?;
        let file = match segments.last() {
            Some(last) => segment::open_last(dir.as_ref(), last, config.durable)?,
            None => {
                let (first, file) = segment::begin(dir.as_ref(), 0, &config)?;
                segments.push(first);
                file
            }
        };
        let mut log = Self {
            dir,
            config,
            segments,
            file,
            durable: 0,
            stopped: false,
        };
        if log.end() < config.durable {
            return Err(BlockLogError::TooShort {
                end: log.end(),
                durable: config.durable,
            });
        }
        log.file.sync()?;
        log.durable = log.end();
        Ok(log)
    }

    /// Adds a record and returns its offset; durable after [`Self::sync`].
    pub fn append(&mut self, kind: u8, key: &Hash, payload: &[u8]) -> Result<u64, BlockLogError> {
        if payload.len() > MAX_PAYLOAD {
            return Err(BlockLogError::TooLarge {
                bytes: payload.len(),
            });
        }
        self.writing(|log| {
            if log.file.len() >= log.config.segment_bytes && log.file.len() > HEADER as u64 {
                log.rotate()?;
            }
            let offset = log.end();
            let salt = log.last().salt;
            let body = [&[kind][..], key.as_bytes(), payload];
            log.file
                .append(&frame::encode(salt, offset, log.durable, &body))?;
            Ok(offset)
        })
    }

    /// Makes all records durable and returns the offset before which everything is. \[B2\]
    pub fn sync(&mut self) -> Result<u64, BlockLogError> {
        self.writing(|log| {
            log.file.sync()?;
            log.durable = log.end();
            Ok(log.durable)
        })
    }

    /// The record at `offset`, as returned by [`Self::append`].
    pub fn read(&self, offset: u64) -> Result<BlockRecord, BlockLogError> {
        let place = self
            .segments
            .partition_point(|segment| segment.base <= offset)
            .checked_sub(1);
        let segment = place.and_then(|place| self.segments.get(place));
        let segment = segment.ok_or(BlockLogError::NoRecord { offset })?;
        if segment.base == self.last().base {
            return segment.read(self.file.as_ref(), offset);
        }
        let file = self.dir.open(&segment::name(segment.base))?;
        segment.read(file.as_ref(), offset)
    }

    /// All records from `from` on, which is [`Self::start`] or the offset or end of a record.
    pub fn replay(&self, from: u64) -> Replay<'_> {
        Replay::new(self, from)
    }

    /// The offset of the first record that is kept.
    pub fn start(&self) -> u64 {
        self.segments
            .first()
            .map_or(0, |first| first.base + HEADER as u64)
    }

    /// Where the log ends.
    pub fn end(&self) -> u64 {
        self.last().base + self.file.len()
    }

    /// Everything before this offset is durable.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Removes whole segments whose records all lie before `offset`; the last one stays.
    ///
    /// To be called with the offset of a checkpoint that is flushed, never of one that may be lost.
    pub fn prune(&mut self, offset: u64) -> Result<(), BlockLogError> {
        self.writing(|log| {
            while let [first, second, ..] = log.segments.as_slice()
                && second.base <= offset
            {
                // Removed one by one in order, so that a crash leaves no gap.
                log.dir.remove(&segment::name(first.base))?;
                log.dir.sync()?;
                log.segments.remove(0);
            }
            Ok(())
        })
    }

    /// Begins a new segment. \[B1\]
    fn rotate(&mut self) -> Result<(), BlockLogError> {
        self.file.sync()?;
        let base = self.end();
        self.durable = base;
        let (next, file) = segment::begin(self.dir.as_ref(), base, &self.config)?;
        self.file = file;
        self.segments.push(next);
        self.durable = self.end();
        Ok(())
    }

    /// The segment that is open; there is always one.
    fn last(&self) -> Segment {
        self.segments.last().copied().unwrap_or_default()
    }

    /// Runs a write unless one failed before, and remembers if this one fails. \[B3\]
    fn writing<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, BlockLogError>,
    ) -> Result<T, BlockLogError> {
        if self.stopped {
            return Err(BlockLogError::Stopped);
        }
        let result = write(self);
        self.stopped = result.is_err();
        result
    }
}
