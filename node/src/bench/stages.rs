//! Where a validator's time goes: each stage of a block of payments, alone, on one core.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::Instant;

use actors::{Inputs, Parallelism, Registry};
use assembly::Network as Assembled;
use serde_json::{Value, json};
use tx_chain::SignedMessage;
use types::{Body, ChainId, ExternalMessage, Time};

/// Payments of the block that is taken apart.
const BLOCK: usize = 1_000;
/// Runs of which the median counts.
const RUNS: usize = 5;

/// Nanoseconds to microseconds with two decimals per payment, as text.
fn per_payment(mut nanoseconds: Vec<u128>, payments: usize) -> String {
    nanoseconds.sort_unstable();
    let median = nanoseconds.get(nanoseconds.len() / 2).copied().unwrap_or(0);
    let hundredths = median / 10 / payments.max(1) as u128;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn timed<T>(mut work: impl FnMut() -> T) -> (Vec<u128>, Option<T>) {
    let mut last = None;
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        last = Some(work());
        start.elapsed().as_nanos()
    });
    (times.collect(), last)
}

/// Microseconds per payment of each stage.
pub(super) fn measure(assembled: &Assembled, sample: &[ExternalMessage]) -> Value {
    let chain = ChainId(1);
    let Some(first) = assembled.first(chain) else {
        return Value::Null;
    };
    let messages: Vec<_> = sample.iter().take(BLOCK).cloned().collect();
    let count = messages.len();
    let network = assembled.id();
    let encoded = borsh::to_vec(&messages).unwrap_or_default();
    let (decode, _) = timed(|| borsh::from_slice::<Vec<ExternalMessage>>(&encoded));
    let (check, signed) = timed(|| SignedMessage::check(network, messages.clone(), [1; 32]));
    let signed: Vec<_> = signed.unwrap_or_default().into_iter().flatten().collect();
    let context = context(assembled, chain);
    let inputs = Inputs {
        externals: signed
            .iter()
            .map(|signed| (signed.id(), signed.message()))
            .collect(),
        ..Inputs::default()
    };
    let one = Parallelism::One;
    let (execute, executed) = timed(|| actors::execute(&first.state, &inputs, &context, one));
    let Some(Ok(executed)) = executed else {
        return Value::Null;
    };
    let order = executed.order.clone();
    let (replay, _) = timed(|| actors::check(&first.state, &inputs, &order, &context, one));
    let roots = || {
        (
            executed.message_root(),
            executed.receipt_root(),
            executed.outbox_root(),
        )
    };
    let (roots, _) = timed(roots);
    let body = Body {
        externals: messages,
        order,
        ..Body::default()
    };
    let (seal, bytes) = timed(|| body.encode());
    let bytes = bytes.unwrap_or_default();
    let (hash, _) = timed(|| Body::hash_of(&bytes));
    json!({
        "decode": per_payment(decode, count),
        "signatures_and_ids": per_payment(check, count),
        "execute_with_state_root": per_payment(execute, count),
        "check_with_state_root": per_payment(replay, count),
        "other_roots": per_payment(roots, count),
        "encode_body": per_payment(seal, count),
        "hash_body": per_payment(hash, count),
        "body_bytes_per_payment": bytes.len() / count.max(1),
    })
}

fn context(assembled: &Assembled, chain: ChainId) -> actors::Context {
    let spec = assembled.spec();
    actors::Context {
        network: assembled.id(),
        chain,
        height: 1,
        time: Time(1),
        epoch: 0,
        phase: types::Phase::Ordinary,
        root_height: 0,
        seed: None,
        routing: std::sync::Arc::new(spec.routing.clone()),
        behaviours: std::sync::Arc::new(Registry::default()),
        system: std::sync::Arc::new(actors::NoSystem),
        gas_limit: u64::MAX / 4,
        min_gas_price: 1,
        quota: 1_024,
        rotation: types::AccountId::default(),
    }
}
