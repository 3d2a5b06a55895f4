//! The sections of a module.

/// Bytes of magic and version.
pub const HEADER: usize = 8;
/// The number of custom sections.
const CUSTOM: u8 = 0;

/// A section of a module.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// Its number.
    id: u8,
    /// Number, size and body.
    pub whole: &'a [u8],
    body: &'a [u8],
}

impl<'a> Section<'a> {
    /// Whether it is a custom section, which no engine needs.
    pub const fn is_custom(&self) -> bool {
        self.id == CUSTOM
    }

    /// The content of the custom section with this name; `None` for any other section.
    pub fn custom(&self, name: &str) -> Option<&'a [u8]> {
        let (length, rest) = leb(self.body).filter(|_| self.is_custom())?;
        let (found, content) = rest.split_at_checked(length)?;
        (found == name.as_bytes()).then_some(content)
    }
}

/// All sections of a module, in their order; `None` when it is malformed.
pub fn sections(code: &[u8]) -> Option<Vec<Section<'_>>> {
    let mut rest = code.get(HEADER..)?;
    let mut all = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        let (size, body) = leb(after)?;
        let (body, next) = body.split_at_checked(size)?;
        let whole = rest.get(..rest.len().checked_sub(next.len())?)?;
        let section = Section { id, whole, body };
        if section.is_custom() {
            let (length, named) = leb(body)?;
            named.get(..length)?;
        }
        all.push(section);
        rest = next;
    }
    Some(all)
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
