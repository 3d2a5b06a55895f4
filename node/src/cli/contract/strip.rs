//! Taking out of a module what no chain needs.

/// Bytes of magic and version.
const HEADER: usize = 8;
/// The number of custom sections.
const CUSTOM: u8 = 0;

/// The module without custom sections other than the ABI's; `None` when it is malformed.
pub(super) fn strip(code: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = code.split_at_checked(HEADER)?;
    let mut kept = header.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (size, body) = leb(after)?;
        let (body, next) = body.split_at_checked(size)?;
        if *id != CUSTOM || name(body)? == vm::abi::ABI_SECTION.as_bytes() {
            let whole = rest.len().checked_sub(next.len())?;
            kept.extend(rest.get(..whole)?);
        }
        rest = next;
    }
    Some(kept)
}

/// A custom section's name.
fn name(body: &[u8]) -> Option<&[u8]> {
    let (length, rest) = leb(body)?;
    rest.get(..length)
}

/// An unsigned number of up to 32 bits, and what follows it.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let value = usize::try_from(value).ok()?;
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}
