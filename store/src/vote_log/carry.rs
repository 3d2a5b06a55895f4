//! Carrying a vote log from one machine to another.

use crypto::Hash;

use super::record::{HEADER, Header};
use super::{MAGIC, NAME, NEW_NAME, VoteLog, VoteLogConfig, VoteLogError, VoteRecord, write_new};
use crate::log_file::LogDir;

/// Where a header names the network and the key.
const OWNER: [usize; 2] = [20, 52];
const _: () = assert!(OWNER[1] + 32 + 4 == HEADER);

impl VoteLog {
    /// Whose log a directory holds; none when it holds none.
    pub fn owner(dir: &dyn LogDir) -> Result<Option<VoteLogConfig>, VoteLogError> {
        if !dir.names()?.iter().any(|name| name == NAME) {
            return Ok(None);
        }
        let bytes = dir.open(NAME)?.read_all()?;
        let hash = |at: usize| {
            let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
            bytes.map(|bytes| Hash::new(*bytes))
        };
        let damaged = VoteLogError::Corrupt { offset: 0 };
        let config = VoteLogConfig {
            network: hash(OWNER[0]).ok_or(damaged)?,
            key: hash(OWNER[1]).ok_or(damaged)?,
        };
        Header::parse(&bytes, MAGIC, &config)?;
        Ok(Some(config))
    }

    /// Writes the log of a key that signed up to `last` elsewhere, in the place of one that knows
    /// less, durably and in one step. Records have sequences ascending, none above `last`.
    pub fn carry(
        dir: Box<dyn LogDir>,
        config: VoteLogConfig,
        last: u64,
        records: Vec<VoteRecord>,
    ) -> Result<Self, VoteLogError> {
        let mut before = 0;
        for record in &records {
            // [W2]
            if record.sequence <= before || record.sequence > last {
                return Err(VoteLogError::Corrupt { offset: 0 });
            }
            before = record.sequence;
        }
        if dir.names()?.iter().any(|name| name == NEW_NAME) {
            dir.remove(NEW_NAME)?;
        }
        let header = Header {
            before: last,
            config,
        };
        let file = write_new(dir.as_ref(), &header, &records)?;
        Ok(Self::with(dir, file, &header, records))
    }
}
