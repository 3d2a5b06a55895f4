//! What work costs. [G7]
//!
//! ```text
//! transfer   burns EXTERNAL + CREDIT + RETURN; its credit travels without gas
//! call       burns EXTERNAL + BYTE·data + RETURN; the rest of the limit travels with the call
//! at the callee: CALL + what the code charges + for each output as above
//!            what remains goes back as a refund; on failure as part of the bounce
//! ```
//!
//! A block's gas counts work where it is done, not where it is paid: an external step counts
//! EXTERNAL (and its bytes), a credit CREDIT, a bounce or refund RETURN, a call at least CALL.

use types::{ExternalCall, Input, RelayBody, RelayMessage};

/// Consuming an external message.
pub const EXTERNAL: u64 = 10_000;
/// Consuming a credit.
pub const CREDIT: u64 = 3_000;
/// Consuming a bounce or a refund.
pub const RETURN: u64 = 3_000;
/// Consuming a call, before its code runs.
pub const CALL: u64 = 10_000;
/// Each byte of data sent, read from storage or written to it.
pub const BYTE: u64 = 10;
/// Reading one slot of storage.
pub const LOAD: u64 = 1_000;
/// Writing one slot of storage.
pub const STORE: u64 = 5_000;

/// What a transfer burns at its sender; also the least gas limit of one.
pub const TRANSFER: u64 = EXTERNAL + CREDIT + RETURN;

/// Work of an external message's step.
pub fn external(call: &ExternalCall) -> u64 {
    match &call.input {
        Input::Transfer | Input::RotateKey { .. } => EXTERNAL,
        Input::Call { method, data } => EXTERNAL + bytes(method.len() + data.len()),
    }
}

/// The least gas limit of an external message.
pub fn least(call: &ExternalCall) -> u64 {
    match &call.input {
        Input::Transfer => TRANSFER,
        Input::RotateKey { .. } => EXTERNAL,
        Input::Call { .. } => external(call) + RETURN + CALL,
    }
}

/// The most work that consuming a relay message can be, when one call may use `call_limit`.
pub fn most(message: &RelayMessage, call_limit: u64) -> u64 {
    match &message.body {
        RelayBody::Credit => CREDIT,
        RelayBody::Bounce(_) | RelayBody::Refund => RETURN,
        RelayBody::Call { .. } => message.gas.limit.min(call_limit).max(CALL),
    }
}

/// What so many bytes cost.
pub const fn bytes(count: usize) -> u64 {
    BYTE.saturating_mul(count as u64)
}
