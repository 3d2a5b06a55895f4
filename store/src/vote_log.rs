//! The log of everything a key has signed: written and synced before it leaves the node.
//!
//! A key that signs twice for one place is slashed, so a node signs only if it knows all that the
//! key signed before. This log knows; it is a file of its own, and never rebuilt from peers.
//!
//! ```text
//! file `votes.log`
//! offset  size  (integers little-endian)
//!      0     8  "THKVOTES"
//!      8     4  format version, 1
//!     12     8  the newest sequence when the file was made: 0, or more after a compaction
//!     20    32  network id
//!     52    32  key id, for example the hash of the public key
//!     84     4  CRC-32 of the 84 bytes before; also the salt of the records
//!     88     …  records as in `frame`, whose bodies are: u64 sequence, u32 chain, u64 epoch,
//!               u64 round, u8 kind, payload
//! ```
//!
//! * **\[W1\] Log before send.** A vote leaves only after [`VoteLog::sync`] returned.
//! * **\[W2\] Sequence.** Votes are numbered 1, 2, 3, …; a gap is damage, but for what a compaction
//!   dropped.
//! * **\[W3\] Never older than the key.** Whoever opens the log says up to which sequence the key
//!   is known to have signed (see [`KeyUse`]); a log that is missing or ends before is refused.
//! * **\[W4\]** An error in writing is final, as in the block log.
//! * **\[W5\] Compaction** writes a new file, syncs it, and gives it the old one's name in one
//!   step; a crash leaves one or the other.
//!
//! | key used up to | log missing | log ends before | log ends at or behind |
//! |---|---|---|---|
//! | never | begun | – | opened |
//! | `n` | refused | refused | opened |

mod carry;
mod error;
mod key_use;
mod record;

use crypto::Hash;

use crate::frame::{self, Tail};
use crate::log_file::{LogDir, LogFile};

pub use error::VoteLogError;
pub use key_use::KeyUse;
pub use record::{Vote, VoteRecord};

use record::{HEADER, Header};

/// The largest payload of a vote.
pub const MAX_VOTE_PAYLOAD: usize = 1 << 20;

const MAGIC: &[u8; 8] = b"THKVOTES";
const NAME: &str = "votes.log";
const NEW_NAME: &str = "votes.log.new";

/// Whose votes a log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteLogConfig {
    /// The network, for example the genesis hash.
    pub network: Hash,
    /// The key, for example the hash of its public key.
    pub key: Hash,
}

/// The log, open for reading and appending.
pub struct VoteLog {
    dir: Box<dyn LogDir>,
    config: VoteLogConfig,
    file: Box<dyn LogFile>,
    salt: u32,
    records: Vec<VoteRecord>,
    last: u64,
    durable: u64,
    durable_bytes: u64,
    stopped: bool,
}

impl VoteLog {
    /// Opens the log of a key that is known to have signed up to `last_used`, or begins one if the
    /// key was never used; refuses as \[W3\] says. A torn tail is cut.
    pub fn open(
        dir: Box<dyn LogDir>,
        config: VoteLogConfig,
        last_used: Option<u64>,
    ) -> Result<Self, VoteLogError> {
        let names = dir.names()?;
        let has = |name: &str| names.iter().any(|other| other == name);
        if has(NEW_NAME) {
            // Left by a compaction that did not come to its rename. [W5]
            dir.remove(NEW_NAME)?;
        }
        match (has(NAME), last_used) {
            (true, _) => Self::open_existing(dir, config, last_used),
            (false, None) => Self::create(dir, config),
            (false, Some(key)) => Err(VoteLogError::OlderThanKey { log: None, key }),
        }
    }

    /// Begins the log of a key that never signed; refuses to replace one.
    pub fn create(dir: Box<dyn LogDir>, config: VoteLogConfig) -> Result<Self, VoteLogError> {
        if dir.names()?.iter().any(|name| name == NAME) {
            return Err(VoteLogError::Exists);
        }
        let header = Header { before: 0, config };
        let file = write_new(dir.as_ref(), &header, &[])?;
        Ok(Self::with(dir, file, &header, Vec::new()))
    }

    fn open_existing(
        dir: Box<dyn LogDir>,
        config: VoteLogConfig,
        last_used: Option<u64>,
    ) -> Result<Self, VoteLogError> {
        let mut file = dir.open(NAME)?;
        let bytes = file.read_all()?;
        let header = Header::parse(&bytes, MAGIC, &config)?;
        let end = match frame::find_end(header.salt(MAGIC), 0, &bytes, HEADER) {
            Tail::Damaged(at) => return Err(VoteLogError::Corrupt { offset: at as u64 }),
            Tail::Ends(at) => at,
        };
        let records = record::read_all(
            &header,
            header.salt(MAGIC),
            bytes.get(..end).unwrap_or_default(),
        )?;
        let last = last_sequence(&header, &records);
        if let Some(key) = last_used.filter(|key| *key > last) {
            return Err(VoteLogError::OlderThanKey {
                log: Some(last),
                key,
            });
        }
        if end < bytes.len() {
            file.truncate(end as u64)?;
        }
        file.sync()?;
        dir.sync()?;
        Ok(Self::with(dir, file, &header, records))
    }

    fn with(
        dir: Box<dyn LogDir>,
        file: Box<dyn LogFile>,
        header: &Header,
        records: Vec<VoteRecord>,
    ) -> Self {
        let last = last_sequence(header, &records);
        let (config, salt, durable_bytes) = (header.config, header.salt(MAGIC), file.len());
        let stopped = false;
        Self {
            dir,
            config,
            file,
            salt,
            records,
            last,
            durable: last,
            durable_bytes,
            stopped,
        }
    }

    /// Adds a vote and returns its sequence; it may leave the node after [`Self::sync`]. \[W1\]
    pub fn append(&mut self, vote: Vote) -> Result<u64, VoteLogError> {
        if vote.payload.len() > MAX_VOTE_PAYLOAD {
            return Err(VoteLogError::TooLarge {
                bytes: vote.payload.len(),
            });
        }
        self.writing(|log| {
            let record = VoteRecord {
                sequence: log.last + 1,
                vote,
            };
            let body = [&record.prefix()[..], &record.vote.payload];
            let bytes = frame::encode(log.salt, log.file.len(), log.durable_bytes, &body);
            log.file.append(&bytes)?;
            log.last = record.sequence;
            log.records.push(record);
            Ok(log.last)
        })
    }

    /// Makes all votes durable and returns the sequence up to which they are.
    pub fn sync(&mut self) -> Result<u64, VoteLogError> {
        self.writing(|log| {
            log.file.sync()?;
            (log.durable, log.durable_bytes) = (log.last, log.file.len());
            Ok(log.durable)
        })
    }

    /// All votes that are kept, in order, durable or not.
    pub fn records(&self) -> &[VoteRecord] {
        &self.records
    }

    /// The sequence of the newest vote; 0 without any.
    pub fn last_sequence(&self) -> u64 {
        self.last
    }

    /// The sequence up to which votes are durable and may leave the node.
    pub fn durable_sequence(&self) -> u64 {
        self.durable
    }

    /// Drops all votes but those that `keep` accepts; sequences go on. Everything is durable
    /// afterwards. \[W5\]
    pub fn compact(&mut self, keep: impl Fn(&VoteRecord) -> bool) -> Result<(), VoteLogError> {
        self.writing(|log| {
            let kept: Vec<VoteRecord> = log.records.iter().filter(|r| keep(r)).cloned().collect();
            let header = Header {
                before: log.last,
                config: log.config,
            };
            log.file = write_new(log.dir.as_ref(), &header, &kept)?;
            log.salt = header.salt(MAGIC);
            (log.durable, log.durable_bytes) = (log.last, log.file.len());
            log.records = kept;
            Ok(())
        })
    }

    /// Runs a write unless one failed before, and remembers if this one fails. \[W4\]
    fn writing<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, VoteLogError>,
    ) -> Result<T, VoteLogError> {
        if self.stopped {
            return Err(VoteLogError::Stopped);
        }
        let result = write(self);
        self.stopped = result.is_err();
        result
    }
}

fn last_sequence(header: &Header, records: &[VoteRecord]) -> u64 {
    records
        .last()
        .map_or(0, |record| record.sequence)
        .max(header.before)
}

/// Writes a whole log and puts it in the place of the old one, durably. \[W5\]
fn write_new(
    dir: &dyn LogDir,
    header: &Header,
    records: &[VoteRecord],
) -> Result<Box<dyn LogFile>, VoteLogError> {
    let mut bytes = header.encode(MAGIC);
    for record in records {
        let body = [&record.prefix()[..], &record.vote.payload];
        let frame = frame::encode(header.salt(MAGIC), bytes.len() as u64, 0, &body);
        bytes.extend_from_slice(&frame);
    }
    let mut file = dir.create(NEW_NAME)?;
    file.append(&bytes)?;
    file.sync()?;
    dir.rename(NEW_NAME, NAME)?;
    dir.sync()?;
    Ok(file)
}
