//! Comparing a count with its bound.

use super::{Invalid, Reason, What};

/// An error at `offset` if there are more than the bound.
pub(super) fn at_most(what: What, found: u64, limit: u64, offset: usize) -> Result<(), Invalid> {
    if found > limit {
        return Err(Invalid::at(offset, Reason::TooMany { what, found, limit }));
    }
    Ok(())
}
