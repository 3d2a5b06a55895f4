//! The checks of an anchor that are about value. [R5] to [R7]

use types::{Anchor, AnchorRecord, ChainId, Lane, Lanes};

use super::{AnchorError, Books, Counter};

/// Checks the lanes of an anchor against the chain's last record and its peers' records.
pub(super) fn check(
    anchor: &Anchor,
    before: &AnchorRecord,
    books: &Books<'_>,
) -> Result<(), AnchorError> {
    let chain = anchor.tip.chain;
    check_order(&anchor.lanes, chain)?;
    if anchor.lanes.root() != anchor.tip.lanes_root {
        return Err(AnchorError::LanesRoot);
    }
    check_books(anchor, before)?;
    check_forward(&anchor.lanes, &before.lanes)?;
    for lane in &anchor.lanes.lanes {
        let peer = books.lane(lane.peer, chain);
        let peer = peer.ok_or(AnchorError::UnknownPeer { peer: lane.peer })?;
        check_against(lane, &peer)?;
    }
    Ok(())
}

/// Peers strictly ascend, so each lane counts once; no chain has a lane to itself.
fn check_order(lanes: &Lanes, chain: ChainId) -> Result<(), AnchorError> {
    let lanes = &lanes.lanes;
    let pairs = lanes.iter().zip(lanes.iter().skip(1));
    let unordered = pairs.map(|(a, b)| (a.peer, b.peer)).find(|(a, b)| a >= b);
    let own = lanes
        .iter()
        .map(|lane| lane.peer)
        .find(|peer| *peer == chain);
    match unordered.map(|(_, peer)| peer).or(own) {
        Some(peer) => Err(AnchorError::LaneOrder { peer }),
        None => Ok(()),
    }
}

/// [R5], and burned value stays burned.
fn check_books(anchor: &Anchor, before: &AnchorRecord) -> Result<(), AnchorError> {
    let (new, old) = (&anchor.lanes.ledger, &before.lanes.ledger);
    if new.minted != old.minted {
        return Err(AnchorError::Minted {
            found: new.minted,
            recorded: old.minted,
        });
    }
    if new.burned < old.burned {
        return Err(AnchorError::Unburned {
            found: new.burned,
            recorded: old.burned,
        });
    }
    if !anchor.lanes.balances() {
        return Err(AnchorError::Unbalanced);
    }
    Ok(())
}

/// [R7] A lane that is gone counts as one whose counters went back to zero.
fn check_forward(new: &Lanes, old: &Lanes) -> Result<(), AnchorError> {
    for old in &old.lanes {
        let (peer, new) = (old.peer, new.lane(old.peer));
        let pairs = counters(&new).into_iter().zip(counters(old));
        for ((counter, found), (_, recorded)) in pairs {
            if found < recorded {
                return Err(AnchorError::Back {
                    peer,
                    counter,
                    found,
                    recorded,
                });
            }
        }
    }
    Ok(())
}

/// [R6] `own` is the chain's lane to and from the peer, `peer` the peer's to and from the chain.
fn check_against(own: &Lane, peer: &Lane) -> Result<(), AnchorError> {
    let own_side = counters(own);
    let bounds = [
        // Taken here, at most sent there.
        (Counter::NextImport, u128::from(peer.next_index)),
        (Counter::BytesIn, u128::from(peer.bytes_out)),
        (Counter::ValueIn, peer.value_out.0),
        // Acknowledged here, at most taken there.
        (Counter::Acked, u128::from(peer.next_import)),
        (Counter::AckedBytes, u128::from(peer.bytes_in)),
    ];
    for (counter, shown) in bounds {
        let found = own_side.iter().find(|(name, _)| *name == counter);
        if let Some((_, claimed)) = found.filter(|(_, claimed)| *claimed > shown) {
            return Err(AnchorError::MoreThanPeer {
                peer: own.peer,
                counter,
                claimed: *claimed,
                shown,
            });
        }
    }
    Ok(())
}

fn counters(lane: &Lane) -> [(Counter, u128); 8] {
    [
        (Counter::NextIndex, lane.next_index.into()),
        (Counter::BytesOut, lane.bytes_out.into()),
        (Counter::ValueOut, lane.value_out.0),
        (Counter::NextImport, lane.next_import.into()),
        (Counter::BytesIn, lane.bytes_in.into()),
        (Counter::ValueIn, lane.value_in.0),
        (Counter::Acked, lane.acked.into()),
        (Counter::AckedBytes, lane.acked_bytes.into()),
    ]
}
