//! Forks and rescues. [E12] [E13]

use actors::Edit;
use types::{Anchor, AnchorRecord, ChainId, News};

use super::clock::Clock;
use super::slots;
use crate::anchors::{AnchorError, Anchors, Place};

/// Why a rescue or a rival is refused.
#[derive(Debug, thiserror::Error)]
pub enum RescueError {
    /// The chain goes on as it is.
    #[error("chain {chain} is not frozen")]
    NotFrozen {
        /// The chain.
        chain: ChainId,
    },
    /// The chain waits already.
    #[error("chain {chain} is frozen")]
    Frozen {
        /// The chain.
        chain: ChainId,
    },
    /// A block as high was brought in, and it helps nobody that was silent before.
    #[error("a block at least as high was brought in")]
    NotHigher,
    /// No second block at the recorded height.
    #[error("it does not contradict what is recorded")]
    NoConflict,
    /// The digest is refused.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
}

/// Takes in a higher certified block of a frozen chain. Its signers have shown up.
pub(crate) fn rescue(
    edit: &mut Edit<'_>,
    anchors: &Anchors,
    place: Place,
    anchor: &Anchor,
) -> Result<(), RescueError> {
    let chain = anchor.tip.chain;
    let term = slots::term(edit, chain).filter(|term| term.frozen.is_some());
    let mut term = term.ok_or(RescueError::NotFrozen { chain })?;
    let best = slots::rescued(edit, chain);
    if best.is_some_and(|best| best.tip.height >= anchor.tip.height) {
        return Err(RescueError::NotHigher);
    }
    let record: AnchorRecord = anchors.check_rescue(anchor, edit.before(), place)?;
    if let Some(freeze) = &mut term.frozen {
        let finality = &anchor.finality;
        let certificates = [&finality.confirm, &finality.prepare];
        let groups = certificates.iter().flat_map(|c| &c.groups);
        for member in groups.flat_map(|group| group.signers.iter()) {
            freeze.present.insert(member);
        }
    }
    slots::put_rescued(edit, chain, Some(&record));
    slots::put_term(edit, chain, &term);
    Ok(())
}

/// Takes in a second certified block at the recorded height: freezes the chain. [R8]
pub(crate) fn rival(
    edit: &mut Edit<'_>,
    anchors: &Anchors,
    place: Place,
    anchor: &Anchor,
    clock: &Clock<'_>,
    news: &mut Vec<News>,
) -> Result<(), RescueError> {
    let chain: ChainId = anchor.tip.chain;
    let no_term = RescueError::NotFrozen { chain };
    let mut term = slots::term(edit, chain).ok_or(no_term)?;
    if term.frozen.is_some() {
        return Err(RescueError::Frozen { chain });
    }
    match anchors.check(anchor, edit.before(), place) {
        Err(AnchorError::Conflict(_)) => {
            clock.freeze(edit, chain, &mut term, news);
            slots::put_term(edit, chain, &term);
            Ok(())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err(RescueError::NoConflict),
    }
}
