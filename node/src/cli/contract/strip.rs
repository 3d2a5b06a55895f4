//! Taking out of a module what no chain needs.

use crate::abi::{HEADER, sections};

/// The module without custom sections but for some; `None` when it is malformed.
pub(super) fn strip(code: &[u8], keep: &[&str]) -> Option<Vec<u8>> {
    let mut kept = code.get(..HEADER)?.to_vec();
    for section in sections(code)? {
        let mut names = keep.iter();
        if !section.is_custom() || names.any(|name| section.custom(name).is_some()) {
            kept.extend(section.whole);
        }
    }
    Some(kept)
}
