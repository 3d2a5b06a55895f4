//! The checks of an anchor that are about blocks. [R1] to [R4], [R10], [R11], [R13]

use actors::State;
use crypto::merkle::leaf_hash;
use types::{
    Anchor, AnchorRecord, Certificate, CertificateKind, Committee, Finality, Header, Height,
    NetworkId, Phase, RootRef, Tip, limits,
};

use super::{AnchorError, Place};
use crate::elections;
use crate::history::{ROOT_WINDOW, RootHistory};

/// The version of headers that this code understands.
const VERSION: u16 = 1;

/// [R1]: the tip is of the term that the chain is in. Terms end with their closing blocks, so no
/// anchor crosses one.
pub(super) fn check_epoch(anchor: &Anchor, before: &AnchorRecord) -> Result<(), AnchorError> {
    let found = anchor.tip.epoch;
    let at_recorded = anchor.tip.height == before.tip.height;
    let current = if at_recorded {
        before.epoch
    } else {
        before.next_epoch()
    };
    if found != current {
        return Err(AnchorError::Epoch { found, current });
    }
    Ok(())
}

/// [R1] [R2] [R10] [R13]: version, phase, heights, rounds, and the shape of tails and certificates.
pub(super) fn check_form(
    anchor: &Anchor,
    before: &AnchorRecord,
    committee: &Committee,
) -> Result<(), AnchorError> {
    let tip = &anchor.tip;
    check_version(tip)?;
    check_round(tip)?;
    check_tails(tip, &anchor.tails)?;
    check_heights(anchor, before)?;
    check_shape((tip, &anchor.tails), &anchor.finality, committee)
}

const fn check_version(tip: &Header) -> Result<(), AnchorError> {
    let version = tip.version;
    match version == VERSION {
        true => Ok(()),
        false => Err(AnchorError::Version { version }),
    }
}

/// [R13] The next committee counts on from the tip's round. Records hold no rounds: what the tip's
/// height allows is told by itself.
const fn check_round(tip: &Header) -> Result<(), AnchorError> {
    let (round, most) = (tip.round, limits::highest_round(tip.height));
    match round <= most {
        true => Ok(()),
        false => Err(AnchorError::Round { round, most }),
    }
}

/// Everything about a certified block but where it stands in its chain: version, tails, both
/// certificates. [R1] [R10]
pub(super) fn check_certified(
    (tip, tails): (&Header, &[Header]),
    finality: &Finality,
    committee: &Committee,
    network: NetworkId,
) -> Result<(), AnchorError> {
    check_version(tip)?;
    check_tails(tip, tails)?;
    check_certificates((tip, tails), finality, committee, network)
}

/// [R10]
fn check_tails(tip: &Header, above: &[Header]) -> Result<(), AnchorError> {
    if tip.phase == Phase::Tail {
        return Err(AnchorError::TailTip);
    }
    let tails = above.len();
    if tails > limits::ANCHOR_TAILS || (tails > 0 && tip.phase != Phase::Closing) {
        return Err(AnchorError::TooManyTails { tails });
    }
    let mut last = tip;
    for (at, tail) in above.iter().enumerate() {
        let follows = tail.version == VERSION
            && tail.phase == Phase::Tail
            && (tail.chain, tail.epoch) == (tip.chain, tip.epoch)
            && Some(tail.height) == last.height.checked_add(1)
            && tail.round > last.round
            && tail.round - last.round <= limits::ROUND_STEP
            && tail.parent == last.hash();
        if !follows {
            return Err(AnchorError::Tail { at });
        }
        last = tail;
    }
    Ok(())
}

/// [R11]
pub(super) fn check_closing(anchor: &Anchor, root: &State) -> Result<(), AnchorError> {
    let tip = &anchor.tip;
    let closes = tip.phase == Phase::Closing;
    if closes && !elections::may_close(root, tip.chain, tip.epoch, tip.root_ref.height) {
        return Err(AnchorError::Unready { chain: tip.chain });
    }
    Ok(())
}

fn check_heights(anchor: &Anchor, before: &AnchorRecord) -> Result<(), AnchorError> {
    let (first, last) = (anchor.first, anchor.tip.height);
    let recorded = before.tip.height;
    if last == recorded && anchor.tip.hash() != before.tip.hash {
        return Err(AnchorError::Rival { height: recorded });
    }
    if first <= recorded {
        return Err(AnchorError::Stale { first, recorded });
    }
    if first - recorded > 1 {
        return Err(AnchorError::Gap { first, recorded });
    }
    // Heights first to last are `last - first + 1`, at least one.
    if last < first || last - first >= limits::ANCHOR_RUN {
        return Err(AnchorError::Run { first, last });
    }
    Ok(())
}

fn check_shape(
    (tip, tails): (&Header, &[Header]),
    finality: &Finality,
    committee: &Committee,
) -> Result<(), AnchorError> {
    let certified = tails.last().unwrap_or(tip);
    let hash = certified.hash();
    let names_tip = |certificate: &Certificate, kind| {
        certificate.kind == kind
            && certificate.round == certified.round
            && certificate.block() == Some(hash)
    };
    if !names_tip(&finality.confirm, CertificateKind::Confirm)
        || !names_tip(&finality.prepare, CertificateKind::Prepare)
    {
        return Err(AnchorError::OtherBlock);
    }
    finality.confirm.check_shape(committee, 0)?;
    finality.prepare.check_shape(committee, 0)?;
    Ok(())
}

/// [R1]: shape and signatures of both certificates.
pub(super) fn check_certificates(
    certified: (&Header, &[Header]),
    finality: &Finality,
    committee: &Committee,
    network: NetworkId,
) -> Result<(), AnchorError> {
    check_shape(certified, finality, committee)?;
    finality.confirm.verify(committee, network, 0)?;
    finality.prepare.verify(committee, network, 0)?;
    Ok(())
}

/// [R4] without the hash: the cited root height against the record and the recording block.
pub(super) fn check_root_ref(
    anchor: &Anchor,
    before: &AnchorRecord,
    place: Place,
) -> Result<(), AnchorError> {
    let found = anchor.tip.root_ref.height;
    let recorded = before.root_ref;
    if found < recorded {
        return Err(AnchorError::RootRefBack { found, recorded });
    }
    let cited = place.cited;
    if found > cited {
        return Err(AnchorError::RootRefAhead { found, cited });
    }
    if cited - found > ROOT_WINDOW {
        return Err(AnchorError::RootRefOld { found, cited });
    }
    Ok(())
}

/// [R4]: the cited root block is this root's.
pub(super) fn check_canonical(
    cited: &RootRef,
    history: &dyn RootHistory,
) -> Result<(), AnchorError> {
    let height = cited.height;
    match history.hash(height) {
        Some(hash) if hash == cited.hash => Ok(()),
        Some(_) => Err(AnchorError::OtherRoot { height }),
        None => Err(AnchorError::RootUnknown { height }),
    }
}

/// [R3]: the recorded history and the recorded tip lie in the new history.
pub(super) fn check_history(anchor: &Anchor, before: &AnchorRecord) -> Result<(), AnchorError> {
    let (old, new) = (&before.tip, &anchor.tip);
    let grown =
        anchor
            .consistency
            .verify(old.height, &old.history_root, new.height, &new.history_root);
    grown.map_err(AnchorError::History)?;
    if anchor.previous.index != old.height {
        return Err(AnchorError::PreviousIndex {
            found: anchor.previous.index,
            recorded: old.height,
        });
    }
    let leaf = leaf_hash(old.hash.as_bytes());
    let lies_in = anchor
        .previous
        .verify_in(&new.history_root, new.height, &leaf);
    lies_in.map_err(AnchorError::Previous)
}

/// What the root keeps of a valid anchor.
pub(super) fn next_record(anchor: &Anchor, recorded: Height) -> AnchorRecord {
    AnchorRecord {
        tip: Tip::of(&anchor.tip),
        epoch: anchor.tip.epoch,
        closing: anchor.tip.phase == Phase::Closing,
        root_ref: anchor.tip.root_ref.height,
        outbox_root: anchor.tip.outbox_root,
        state_root: anchor.tip.state_root,
        lanes: anchor.lanes.clone(),
        recorded,
    }
}
