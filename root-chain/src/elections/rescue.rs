//! Forks and rescues. [E12] [E13]

use actors::Edit;
use types::{Anchor, AnchorRecord, ChainId, Epoch, News, Rival};

use super::clock::Clock;
use super::slots;
use super::term::Term;
use crate::anchors::{self, AnchorError, Anchors, Place};
use crate::slashing;

/// Why a rescue or a rival is refused.
#[derive(Debug, thiserror::Error)]
pub enum RescueError {
    /// The chain goes on as it is, or was frozen only now.
    #[error("chain {chain} is not frozen before this block")]
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
    /// The digest is refused.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
}

/// Takes in a higher certified block of a chain that was frozen before this root block: what this
/// one recorded before it froze the chain is not to be undone. Its signers have shown up.
pub(crate) fn rescue(
    edit: &mut Edit<'_>,
    anchors: &Anchors,
    place: Place,
    anchor: &Anchor,
) -> Result<(), RescueError> {
    let chain = anchor.tip.chain;
    let since = |term: &Term| term.frozen.as_ref().map(|freeze| freeze.at);
    let term = slots::term(edit, chain);
    let term = term.filter(|term| since(term).is_some_and(|at| at < place.height));
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

/// Takes in a certified block that contradicts what is recorded: freezes the chain. [R8] [E12]
pub(crate) fn rival(
    edit: &mut Edit<'_>,
    anchors: &Anchors,
    rival: &Rival,
    clock: &Clock<'_>,
    news: &mut Vec<News>,
) -> Result<(), RescueError> {
    let chain = rival.chain();
    let unknown = AnchorError::UnknownChain { chain };
    let mut term = slots::term(edit, chain).ok_or(unknown.clone())?;
    if term.frozen.is_some() {
        return Err(RescueError::Frozen { chain });
    }
    let (found, current) = (rival.tip.epoch, term.epoch);
    if found != current {
        return Err(AnchorError::Epoch { found, current }.into());
    }
    let record = anchors::written(edit, chain).ok_or(unknown.clone())?;
    let committee = anchors.committees.get(edit, chain, current);
    anchors.check_rival(rival, &record.tip, &*committee.ok_or(unknown)?)?;
    slots::put_rival(edit, chain, Some(&rival.finality));
    clock.freeze(edit, chain, &mut term, news);
    slots::put_term(edit, chain, &term);
    Ok(())
}

/// Freezes a chain more than f of whose committee's seats are convicted of lying. [E12]
pub(crate) fn distrust(
    edit: &mut Edit<'_>,
    (chain, epoch): (ChainId, Epoch),
    clock: &Clock<'_>,
    news: &mut Vec<News>,
) {
    let term = slots::term(edit, chain).filter(|term| term.epoch == epoch);
    let open = term.filter(|term| term.frozen.is_none() && !chain.is_root());
    let committee = clock.committees.get(edit, chain, epoch);
    let (Some(mut term), Some(committee)) = (open, committee) else {
        return;
    };
    if slashing::guilty_seats(edit, &committee) > committee.thresholds().faulty {
        clock.freeze(edit, chain, &mut term, news);
        slots::put_term(edit, chain, &term);
    }
}
