//! How records lie in a log file, and how a torn tail is told from a damaged file.
//!
//! ```text
//! offset  size  (integers little-endian)
//!      0     4  length of the body, at most 64 MiB
//!      4     4  CRC-32 (IEEE) of: u32 salt, u64 offset, length, synced, body
//!      8     8  synced: everything before this offset was durable when the record was written
//!     16     …  body
//! ```
//!
//! * **\[L1\]** The salt is the checksum of the file's header and the offset is the record's place
//!   in the log, so a record counts only where it was written: neither bytes of a former file in
//!   reused disk blocks nor a moved record pass.
//! * **\[L2\] Torn or damaged.** Take the first offset at which no valid record starts. If a valid
//!   record behind it has `synced` beyond it, these bytes were durable and are now wrong: damage,
//!   never cut. Else a crash may have torn them before any sync: they are cut. A payload from a
//!   stranger could imitate such a record if he knew its offset and the salt: where payloads come
//!   from outside, the header holds a nonce that he can't guess.

/// Bytes in front of a body.
pub(crate) const FRAME_HEADER: usize = 16;

/// The largest body.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// A record found in a file.
pub(crate) struct Frame<'a> {
    pub(crate) body: &'a [u8],
}

/// The start of a record, before its body is read.
pub(crate) struct FrameHeader {
    pub(crate) body: usize,
    crc: u32,
    synced: u64,
}

impl FrameHeader {
    /// Reads a header; `None` if no record can start so.
    pub(crate) fn parse(bytes: &[u8; FRAME_HEADER]) -> Option<Self> {
        let body = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        let crc = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
        let synced = u64::from_le_bytes(*bytes.last_chunk()?);
        (body <= MAX_BODY).then_some(Self { body, crc, synced })
    }

    /// Is `body` what was written at `offset`?
    pub(crate) fn fits(&self, salt: u32, offset: u64, body: &[u8]) -> bool {
        body.len() == self.body && checksum(salt, offset, self.synced, &[body]) == self.crc
    }
}

fn checksum(salt: u32, offset: u64, synced: u64, body: &[&[u8]]) -> u32 {
    let len: usize = body.iter().map(|part| part.len()).sum();
    let mut crc = crc32fast::Hasher::new();
    crc.update(&salt.to_le_bytes());
    crc.update(&offset.to_le_bytes());
    crc.update(&(len as u32).to_le_bytes());
    crc.update(&synced.to_le_bytes());
    body.iter().for_each(|part| crc.update(part));
    crc.finalize()
}

/// The bytes of a record whose body is the concatenation of `body`, at most [`MAX_BODY`] long.
pub(crate) fn encode(salt: u32, offset: u64, synced: u64, body: &[&[u8]]) -> Vec<u8> {
    let len: usize = body.iter().map(|part| part.len()).sum();
    assert!(len <= MAX_BODY, "the caller caps bodies");
    let mut bytes = Vec::with_capacity(FRAME_HEADER + len);
    bytes.extend_from_slice(&(len as u32).to_le_bytes());
    bytes.extend_from_slice(&checksum(salt, offset, synced, body).to_le_bytes());
    bytes.extend_from_slice(&synced.to_le_bytes());
    body.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// The record at the start of `bytes`, which lie at `offset` of the log.
pub(crate) fn decode(salt: u32, offset: u64, bytes: &[u8]) -> Option<Frame<'_>> {
    let header = FrameHeader::parse(bytes.first_chunk()?)?;
    let body = bytes.get(FRAME_HEADER..FRAME_HEADER.checked_add(header.body)?)?;
    header.fits(salt, offset, body).then_some(Frame { body })
}

/// Where the records of a file end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Valid up to this position, behind which nothing durable is missing.
    Ends(usize),
    /// The durable record at this position is damaged.
    Damaged(usize),
}

/// Walks the records of a file from position `start`; position 0 lies at `base` of the log. \[L2\]
pub(crate) fn find_end(salt: u32, base: u64, bytes: &[u8], start: usize) -> Tail {
    let mut at = start;
    while let Some(frame) = bytes
        .get(at..)
        .and_then(|rest| decode(salt, base + at as u64, rest))
    {
        at += FRAME_HEADER + frame.body.len();
    }
    if durable_behind(salt, base, bytes, at) {
        Tail::Damaged(at)
    } else {
        Tail::Ends(at)
    }
}

/// Does a valid record behind the bad position `bad` say that it was durable?
fn durable_behind(salt: u32, base: u64, bytes: &[u8], bad: usize) -> bool {
    let limit = base + bad as u64;
    (bad + 1..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        // Looking at `synced` first leaves few positions at which to compute a checksum.
        let header = rest.first_chunk().and_then(FrameHeader::parse);
        let plausible = header.is_some_and(|h| h.synced > limit && h.synced <= base + at as u64);
        plausible && decode(salt, base + at as u64, rest).is_some()
    })
}
