//! One file of the block log: its name, its header, its records.

use std::ops::Range;

use crypto::Hash;

use super::{BlockLogConfig, BlockLogError, BlockRecord, PREFIX};
use crate::frame::{self, FRAME_HEADER, FrameHeader, Tail};
use crate::log_file::{LogDir, LogFile};

/// Length of a segment's header.
pub(super) const HEADER: usize = 64;

const MAGIC: &[u8; 8] = b"THKBLOCK";
const VERSION: u32 = 1;
const NAME: (&str, &str) = ("blocks-", ".log");

/// The name of the segment whose first byte is at `base`.
pub(super) fn name(base: u64) -> String {
    format!("{}{base:016x}{}", NAME.0, NAME.1)
}

fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    let base = u64::from_str_radix(digits, 16).ok()?;
    (self::name(base) == name).then_some(base)
}

/// Where a segment begins, and what its records are checked with.
#[derive(Clone, Copy, Default)]
pub(super) struct Segment {
    pub(super) base: u64,
    pub(super) salt: u32,
}

fn header(base: u64, config: &BlockLogConfig) -> [u8; HEADER] {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&base.to_le_bytes());
    bytes.extend_from_slice(config.network.as_bytes());
    bytes.extend_from_slice(&config.nonce.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    let mut header = [0; HEADER];
    header.copy_from_slice(&bytes);
    header
}

/// Checks a segment's header and returns its checksum.
fn salt(file: &dyn LogFile, base: u64, config: &BlockLogConfig) -> Result<u32, BlockLogError> {
    let damaged = BlockLogError::Corrupt { offset: base };
    if file.len() < HEADER as u64 {
        return Err(damaged);
    }
    let mut bytes = [0; HEADER];
    file.read(0, &mut bytes)?;
    let (front, crc) = bytes.split_last_chunk().ok_or(damaged)?;
    let salt = u32::from_le_bytes(*crc);
    if crc32fast::hash(front) != salt {
        return Err(damaged);
    }
    check_fields(front, base, config).map(|()| salt)
}

fn check_fields(front: &[u8], base: u64, config: &BlockLogConfig) -> Result<(), BlockLogError> {
    let expected = header(base, config);
    let same = |range: Range<usize>| front.get(range.clone()) == expected.get(range);
    if !same(0..8) {
        return Err(BlockLogError::Corrupt { offset: base });
    }
    if !same(8..12) {
        let found = front.get(8..).and_then(|rest| rest.first_chunk());
        let found = found.map_or(0, |bytes| u32::from_le_bytes(*bytes));
        return Err(BlockLogError::OtherVersion { found });
    }
    if !same(20..52) {
        let found = front.get(20..).and_then(|rest| rest.first_chunk());
        let found = found.map_or(Hash::ZERO, |bytes| Hash::new(*bytes));
        return Err(BlockLogError::OtherNetwork {
            found,
            expected: config.network,
        });
    }
    if same(12..20) {
        Ok(())
    } else {
        Err(BlockLogError::Corrupt { offset: base })
    }
}

/// All segments in order, after checking that they follow each other.
///
/// A last segment whose header is torn was never used, and is removed. \[B1\]
pub(super) fn find(
    dir: &dyn LogDir,
    config: &BlockLogConfig,
) -> Result<Vec<Segment>, BlockLogError> {
    let names = dir.names()?;
    let mut bases: Vec<u64> = names.iter().filter_map(|name| parse_name(name)).collect();
    bases.sort_unstable();
    let mut segments = Vec::with_capacity(bases.len());
    for (i, base) in bases.iter().copied().enumerate() {
        let file = dir.open(&name(base))?;
        let next = bases.get(i + 1).copied();
        match salt(file.as_ref(), base, config) {
            Err(BlockLogError::Corrupt { .. }) if next.is_none() && file.len() <= HEADER as u64 => {
                dir.remove(&name(base))?;
                dir.sync()?;
            }
            salt => segments.push(Segment { base, salt: salt? }),
        }
        let end = base.saturating_add(file.len());
        if next.is_some_and(|next| next != end) {
            return Err(BlockLogError::Corrupt { offset: end });
        }
    }
    Ok(segments)
}

/// Makes a segment, durable before it returns. \[B1\]
pub(super) fn begin(
    dir: &dyn LogDir,
    base: u64,
    config: &BlockLogConfig,
) -> Result<(Segment, Box<dyn LogFile>), BlockLogError> {
    let header = header(base, config);
    let mut file = dir.create(&name(base))?;
    file.append(&header)?;
    file.sync()?;
    dir.sync()?;
    let salt = header
        .last_chunk()
        .map_or(0, |crc| u32::from_le_bytes(*crc));
    Ok((Segment { base, salt }, file))
}

/// Opens the last segment and cuts a torn tail; never below `durable`. \[L2\]
pub(super) fn open_last(
    dir: &dyn LogDir,
    last: &Segment,
    durable: u64,
) -> Result<Box<dyn LogFile>, BlockLogError> {
    let mut file = dir.open(&name(last.base))?;
    let bytes = file.read_all()?;
    let (at, damaged) = match frame::find_end(last.salt, last.base, &bytes, HEADER) {
        Tail::Damaged(at) => (at, true),
        Tail::Ends(at) => (at, at < bytes.len() && last.base + (at as u64) < durable),
    };
    if damaged {
        return Err(BlockLogError::Corrupt {
            offset: last.base + at as u64,
        });
    }
    if at < bytes.len() {
        file.truncate(at as u64)?;
        file.sync()?;
    }
    Ok(file)
}

impl Segment {
    /// Reads the record at `offset` of the log from this segment's file.
    pub(super) fn read(
        &self,
        file: &dyn LogFile,
        offset: u64,
    ) -> Result<BlockRecord, BlockLogError> {
        let missing = BlockLogError::NoRecord { offset };
        let damaged = BlockLogError::Corrupt { offset };
        let at = offset
            .checked_sub(self.base)
            .filter(|at| *at >= HEADER as u64)
            .ok_or(missing)?;
        let body_at = at
            .checked_add(FRAME_HEADER as u64)
            .filter(|end| *end <= file.len());
        let body_at = body_at.ok_or(missing)?;
        let mut start = [0; FRAME_HEADER];
        file.read(at, &mut start)?;
        let frame = FrameHeader::parse(&start).ok_or(damaged)?;
        let end = body_at
            .checked_add(frame.body as u64)
            .filter(|end| *end <= file.len());
        let end = end.ok_or(damaged)?;
        let mut body = vec![0; frame.body];
        file.read(body_at, &mut body)?;
        if !frame.fits(self.salt, offset, &body) {
            return Err(damaged);
        }
        let (prefix, _) = body.split_first_chunk::<PREFIX>().ok_or(damaged)?;
        let (kind, key) = (prefix[0], Hash::new(*prefix.last_chunk().ok_or(damaged)?));
        let end = self.base.saturating_add(end);
        Ok(BlockRecord {
            offset,
            end,
            kind,
            key,
            payload: body.split_off(PREFIX),
        })
    }
}
