//! How many seats of early consensus a client may ask for: from the quorum up to all seats of the
//! committee. With fewer even a single liar could undo it; more there are not.

use types::{ChainId, MessageId};

use super::Backend;
use super::error::{Reason, RpcError};
use super::view::ChainStatus;

/// Refuses a number that the committee of a chain can't give. A chain that is not followed here
/// refuses nothing.
pub(super) fn check(backend: &dyn Backend, chain: ChainId, seats: u32) -> Result<(), RpcError> {
    match backend.chain(chain) {
        Some(status) if !gives(&status, seats) => Err(refusal(&[status], seats)),
        _ => Ok(()),
    }
}

/// Refuses a number that the committee of a message's own chain can't give; for a message that is
/// not known yet, one that no committee can give.
pub(super) fn check_of(
    backend: &dyn Backend,
    message: MessageId,
    seats: u32,
) -> Result<(), RpcError> {
    if let Some(trace) = backend.trace(message, None) {
        return check(backend, trace.root.chain, seats);
    }
    let chains = backend.network().chains.into_iter();
    let all: Vec<_> = chains.filter_map(|chain| backend.chain(chain)).collect();
    match all.iter().any(|status| gives(status, seats)) {
        true => Ok(()),
        false => Err(refusal(&all, seats)),
    }
}

const fn gives(status: &ChainStatus, seats: u32) -> bool {
    status.quorum <= seats && seats <= status.seats
}

fn refusal(chains: &[ChainStatus], seats: u32) -> RpcError {
    let ranges = chains.iter().map(|status| {
        let (chain, quorum, all) = (status.chain, status.quorum, status.seats);
        format!("from {quorum} to {all} on chain {chain}")
    });
    let ranges = ranges.collect::<Vec<_>>().join(", ");
    let message = format!("early consensus of {seats} seats can't be had; it can {ranges}");
    RpcError::new(Reason::EarlySeats, message)
}
