//! What work costs. [G7]
//!
//! ```text
//! transfer   burns EXTERNAL + CREDIT + RETURN; its credit travels without gas
//! call       burns EXTERNAL + BYTE·data + RETURN; the rest of the limit travels with the call
//! at the callee: CALL + what the code charges + for each output OUTPUT and as above
//!            what remains is refunded to the payer of the tree; on failure less RETURN, or as
//!            part of the bounce
//! deploy     like a call, with DEPLOY + CODE_BYTE·code instead of CALL; likewise an upgrade
//! reply,     RETURN was paid by the sender of the call; the handler runs on what was set aside:
//! bounce     HANDLER + what its code charges; the rest goes to whoever paid for the tree
//! ```
//!
//! A block's gas counts work where it is done, not where it is paid: an external step counts
//! EXTERNAL (and its bytes), a credit CREDIT, a bounce or refund RETURN, a call at least
//! CALL. Storage of code is charged by its engine.

use types::{ExternalCall, Input, RelayBody, RelayMessage};

/// Consuming an external message.
pub const EXTERNAL: u64 = 10_000;
/// Consuming a credit.
pub const CREDIT: u64 = 3_000;
/// Consuming a bounce or a refund.
pub const RETURN: u64 = 3_000;
/// What consuming any message takes at least.
pub const LEAST: u64 = if CREDIT < RETURN { CREDIT } else { RETURN };
/// Consuming a call, before its code runs.
pub const CALL: u64 = 10_000;
/// Each byte of data sent, read from storage or written to it.
pub const BYTE: u64 = 10;
/// Making a message: its hashes, its leaf, its place in a queue. Counts as work of the block that
/// makes it, or a block could make more messages than nodes can carry.
pub const OUTPUT: u64 = 1_500;
/// Reading one slot of storage.
pub const LOAD: u64 = 1_000;
/// Writing one slot of storage.
pub const STORE: u64 = 5_000;

/// Consuming a deploy or an upgrade, before the code is looked at.
pub const DEPLOY: u64 = 50_000;
/// Each byte of code that is validated.
pub const CODE_BYTE: u64 = 100;
/// Consuming a reply or bounce that a handler waits for, on top of [`RETURN`]; also the least gas
/// that can be set aside for a handler.
pub const HANDLER: u64 = 10_000;
/// Each slot that a search for the next key passes over.
pub const SKIP: u64 = 100;
/// What a transfer burns at its sender; also the least gas limit of one.
pub const TRANSFER: u64 = EXTERNAL + CREDIT + RETURN;

/// Work of an external message's step.
pub fn external(call: &ExternalCall) -> u64 {
    match &call.input {
        Input::Transfer | Input::RotateKey { .. } => EXTERNAL,
        Input::Call { method, data } => EXTERNAL + bytes(method.len() + data.len()),
        Input::Deploy(deploy) => EXTERNAL + bytes(deploy.code.len() + deploy.init.len()),
        Input::Upgrade { code, .. } => EXTERNAL + bytes(code.len()),
    }
}

/// The least gas limit of an external message.
pub fn least(call: &ExternalCall) -> u64 {
    match &call.input {
        Input::Transfer => TRANSFER,
        Input::RotateKey { .. } => EXTERNAL,
        Input::Call { .. } => external(call) + RETURN + CALL,
        Input::Deploy(deploy) => external(call) + RETURN + validation(deploy.code.len()),
        Input::Upgrade { code, .. } => external(call) + RETURN + validation(code.len()),
    }
}

/// What a deploy or upgrade costs where it arrives, before any code runs.
pub const fn validation(code: usize) -> u64 {
    DEPLOY.saturating_add(CODE_BYTE.saturating_mul(code as u64))
}

/// Bytes of data that whoever sends a body pays for.
pub(crate) fn data_of(body: &RelayBody) -> usize {
    match body {
        RelayBody::Call { method, data, .. } => method.len() + data.len(),
        RelayBody::Deploy { deploy, .. } => deploy.code.len() + deploy.init.len(),
        RelayBody::Upgrade { code, .. } => code.len(),
        _ => 0,
    }
}

/// The least gas with which a relay message can be executed.
pub fn least_relay(body: &RelayBody) -> u64 {
    match body {
        RelayBody::Credit => CREDIT,
        RelayBody::Bounce(_) | RelayBody::Refund | RelayBody::Reply { .. } => RETURN,
        RelayBody::Call { .. } => CALL,
        RelayBody::Deploy { deploy, .. } => validation(deploy.code.len()),
        RelayBody::Upgrade { code, .. } => validation(code.len()),
    }
}

/// The most work that consuming a relay message can be, when one call may use `call_limit` and no
/// handler waits for it.
pub fn most(message: &RelayMessage, call_limit: u64) -> u64 {
    match &message.body {
        RelayBody::Credit => CREDIT,
        RelayBody::Bounce(_) | RelayBody::Refund | RelayBody::Reply { .. } => RETURN,
        RelayBody::Call { .. } | RelayBody::Deploy { .. } | RelayBody::Upgrade { .. } => {
            message.gas.limit.min(call_limit).max(CALL)
        }
    }
}

/// What so many bytes cost.
pub const fn bytes(count: usize) -> u64 {
    BYTE.saturating_mul(count as u64)
}
