//! The mark that says how far a key has signed, kept apart from its vote log.
//!
//! It belongs next to the key, not next to the log, so that losing or restoring one is noticed by
//! the other. It may lag behind the log, never lead it: note only what is durable in the log.
//!
//! File `key-use`: 88 bytes laid out as the header of the vote log, with "THKKEYUS" for magic and
//! the sequence in place of the newest sequence at making.

use super::record::Header;
use super::{VoteLogConfig, VoteLogError};
use crate::log_file::{FileError, LogDir};

const MAGIC: &[u8; 8] = b"THKKEYUS";
const NAME: &str = "key-use";
const NEW_NAME: &str = "key-use.new";

/// How far a key is known to have signed.
pub struct KeyUse {
    dir: Box<dyn LogDir>,
    config: VoteLogConfig,
    last: Option<u64>,
}

impl KeyUse {
    /// Reads the mark of a key; a key without one was never used.
    pub fn open(dir: Box<dyn LogDir>, config: VoteLogConfig) -> Result<Self, VoteLogError> {
        let last = match dir.open(NAME) {
            Ok(file) => Some(Header::parse(&file.read_all()?, MAGIC, &config)?.before),
            Err(FileError::Missing { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        Ok(Self { dir, config, last })
    }

    /// The newest vote that was noted; `None` if the key was never used. What
    /// [`super::VoteLog::open`] asks for.
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// Notes, durably, that the key has signed up to `sequence`, which is durable in its log.
    ///
    /// To be called once after the log is opened, before the first vote leaves, and now and then
    /// (not for each vote: it costs two syncs). A lower number than before changes nothing.
    pub fn note(&mut self, sequence: u64) -> Result<(), VoteLogError> {
        if self.last.is_some_and(|last| last >= sequence) {
            return Ok(());
        }
        if self.dir.names()?.iter().any(|name| name == NEW_NAME) {
            self.dir.remove(NEW_NAME)?;
        }
        let mut file = self.dir.create(NEW_NAME)?;
        file.append(
            &Header {
                before: sequence,
                config: self.config,
            }
            .encode(MAGIC),
        )?;
        file.sync()?;
        self.dir.rename(NEW_NAME, NAME)?;
        self.dir.sync()?;
        self.last = Some(sequence);
        Ok(())
    }
}
