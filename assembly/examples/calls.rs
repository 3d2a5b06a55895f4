//! How long a call of Wasm code takes that reads a slot and writes it, with a warm module, and a
//! deploy, both in the executor.
//!
//! `cargo run --release -p thinkey-assembly --example calls`
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::sync::Arc;
use std::time::Instant;

use actors::{Account, Context, Inputs, NoSystem, Parallelism, Registry, State, execute};
use assembly::code::WasmCode;
use crypto::ed25519;
use types::{
    AccountId, Amount, ChainId, CodeBytes, Deploy, ExternalCall, ExternalMessage, Gas, Input,
    NetworkId, RoutingTable, Time,
};

const COUNTER: &str = r#"(module
  (import "thinkey" "storage_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "n")
  (func (export "thinkey_call")
    (drop (call $get (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8)))
    (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8))))"#;

const CALLS: usize = 4_000;
const CONTRACTS: usize = 100;
const ROUNDS: usize = 7;

fn main() {
    let Ok(code) = wat::parse_str(COUNTER) else {
        return;
    };
    let users = users(CALLS);
    let rich = users.iter().map(|key| {
        let account = Account::with_balance(Amount(1 << 90));
        (AccountId::of_key(key), account)
    });
    let Some(mut state) = State::genesis(rich) else {
        return;
    };
    let ctx = context();
    let deploys: Vec<_> = users[..CONTRACTS]
        .iter()
        .map(|key| deploy(key, &code.clone().into()))
        .collect();
    let contracts: Vec<_> = deploys.iter().map(|message| message.call.to).collect();
    measure("deploy", &mut state, &deploys, &ctx);
    let call = |(number, key): (usize, &ed25519::PublicKey)| {
        let nonce = u64::from(number < CONTRACTS);
        let input = Input::Call {
            method: "add".into(),
            data: Vec::new(),
        };
        message(key, nonce, contracts[number % CONTRACTS], 0, input)
    };
    let calls: Vec<_> = users.iter().enumerate().map(call).collect();
    measure("call", &mut state, &calls, &ctx);
    let next = |(number, key): (usize, &ed25519::PublicKey)| {
        let nonce = 1 + u64::from(number < CONTRACTS);
        let to = AccountId::of_key(&users[(number * 7 + 1) % CALLS]);
        message(key, nonce, to, 1, Input::Transfer)
    };
    let transfers: Vec<_> = users.iter().enumerate().map(next).collect();
    measure("transfer", &mut state, &transfers, &ctx);
}

/// Runs the block some times and keeps its state; prints the median for each message.
fn measure(what: &str, state: &mut State, messages: &[ExternalMessage], ctx: &Context) {
    let all = messages.iter();
    let inputs = Inputs {
        externals: all
            .map(|message| (message.id(ctx.network), message))
            .collect(),
        ..Inputs::default()
    };
    let mut times = Vec::new();
    let mut after = state.clone();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let Ok(made) = execute(state, &inputs, ctx, Parallelism::One) else {
            return;
        };
        times.push(start.elapsed().as_nanos());
        assert!(made.refused.is_empty(), "{:?}", made.refused.first());
        after = made.state;
    }
    times.sort_unstable();
    let each = times[ROUNDS / 2] / messages.len() as u128;
    println!("{what}: {}.{:03} µs", each / 1_000, each % 1_000);
    *state = after;
}

fn users(count: usize) -> Vec<ed25519::PublicKey> {
    let keys = (0..count as u64).map(|number| {
        let mut bytes = [1; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        ed25519::PublicKey(bytes)
    });
    keys.collect()
}

fn deploy(key: &ed25519::PublicKey, code: &CodeBytes) -> ExternalMessage {
    let deploy = Deploy {
        salt: [0; 32],
        code: code.clone(),
        init: Vec::new(),
        owner: None,
    };
    let id = deploy.account(&AccountId::of_key(key));
    message(key, 0, id, 10_000_000, Input::Deploy(Box::new(deploy)))
}

fn message(
    key: &ed25519::PublicKey,
    nonce: u64,
    to: AccountId,
    value: u128,
    input: Input,
) -> ExternalMessage {
    ExternalMessage {
        call: ExternalCall {
            from: AccountId::of_key(key),
            to,
            nonce,
            value: Amount(value),
            gas: Gas {
                limit: 200_000,
                price: 1,
            },
            expiry: 100,
            input,
        },
        key: *key,
        signature: ed25519::Signature([0; 64]),
    }
}

fn context() -> Context {
    let engine = Arc::new(WasmCode::default());
    Context {
        network: NetworkId::default(),
        chain: ChainId::ROOT,
        height: 1,
        time: Time(0),
        epoch: 0,
        phase: types::Phase::Ordinary,
        root_height: 1,
        seed: None,
        routing: Arc::new(RoutingTable::even(0)),
        behaviours: Arc::new(Registry::default().with_engine(engine)),
        system: Arc::new(NoSystem),
        gas_limit: u64::MAX,
        min_gas_price: 0,
        quota: 256,
        rotation: AccountId::default(),
    }
}
