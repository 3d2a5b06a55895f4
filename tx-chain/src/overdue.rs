//! Forced progress: no vote for a proposal that ignores a lane which has waited for long. [C6]

use types::{ChainId, Height, Import};

use crate::books::Books;
use crate::inbox::Inbox;
use crate::root_view::RootView;

#[cfg(test)]
mod tests;

/// Root heights after which a bundle that can be taken must be.
pub(crate) const OVERDUE: Height = 8;

/// A lane that `imports` ignore though its next bundle has been anchored for [`OVERDUE`] root
/// heights at `at`, is held here and may be taken. `books` are those of the block's parent.
///
/// A proposal that takes from other lanes is given the benefit of the doubt: sources take turns,
/// so the next one will have room.
pub(crate) fn ignored(
    view: &RootView,
    at: Height,
    mut books: Books<'_>,
    inbox: &Inbox,
    imports: &[Import],
) -> Option<ChainId> {
    let long_ago = at.checked_sub(OVERDUE)?;
    if !imports.is_empty() {
        return None;
    }
    let here = books.chain();
    let sources = view
        .chains()
        .chain([ChainId::ROOT])
        .filter(|source| *source != here);
    let waiting = |source: &ChainId| {
        let cursor = books.cursor(*source);
        let sent = view
            .lanes_at(*source, long_ago)
            .map(|lanes| lanes.lane(here).next_index);
        let held = inbox.bundle(*source, cursor);
        sent.is_some_and(|sent| sent > cursor) && held.is_some_and(|held| books.take(held))
    };
    sources.collect::<Vec<_>>().into_iter().find(waiting)
}
