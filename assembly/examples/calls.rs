//! What contracts cost in the executor, beside native payments, in one run:
//!
//! ```text
//! cargo run --release -p thinkey-assembly --example calls -- [a token's module]
//! ```
//!
//! Each line is the median of some blocks: processor time and time for each message, on one
//! thread, without signatures. A call and a token transfer are an external message, a run of code
//! with a warm module, and the refund of what gas is left; a payment is an external message and a
//! credit. Deploys run with a cold cache.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::sync::Arc;
use std::time::Instant;

use actors::{Account, Context, Executed, Inputs, NoSystem, Parallelism, Registry, State, execute};
use assembly::code::WasmCode;
use crypto::ed25519;
use types::{
    AccountId, Amount, ChainId, CodeBytes, Deploy, ExternalCall, ExternalMessage, Gas, Input,
    NetworkId, RoutingTable, Status, Time,
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

/// A token as an author writes one, from the examples.
const TOKEN: &[u8] = include_bytes!("../../vm/contracts/built/token.wasm");

const USERS: usize = 4_000;
const CONTRACTS: usize = 100;
const LARGE: usize = 8;
const ROUNDS: usize = 9;

/// Users, and how many messages each has sent.
struct Bench {
    keys: Vec<ed25519::PublicKey>,
    nonces: Vec<u64>,
    state: State,
    ctx: Context,
}

fn main() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    println!("{:<44} {:>12} {:>12} {:>12}", "", "µs of CPU", "µs", "gas");
    let payment = bench.payments();
    let call = bench.calls();
    let transfer = bench.token_transfers();
    bench.deploys();
    let percent = |a: f64| 100.0 * payment / a;
    println!(
        "calls run at {:.0} % of the rate of payments,",
        percent(call)
    );
    println!("token transfers at {:.0} %", percent(transfer));
}

impl Bench {
    fn new() -> Option<Self> {
        let keys: Vec<_> = (0..USERS as u64)
            .map(|number| {
                let mut bytes = [1; 32];
                bytes[..8].copy_from_slice(&number.to_le_bytes());
                ed25519::PublicKey(bytes)
            })
            .collect();
        let rich = keys.iter().map(|key| {
            let account = Account::with_balance(Amount(1 << 90));
            (AccountId::of_key(key), account)
        });
        Some(Self {
            state: State::genesis(rich)?,
            nonces: vec![0; USERS],
            keys,
            ctx: context(),
        })
    }

    fn id(&self, user: usize) -> AccountId {
        AccountId::of_key(&self.keys[user % USERS])
    }

    /// A user's next message.
    fn message(&mut self, user: usize, to: AccountId, input: Input) -> ExternalMessage {
        let gas = match input {
            Input::Deploy(_) => 40_000_000,
            _ => 1_000_000,
        };
        let nonce = self.nonces[user];
        self.nonces[user] += 1;
        ExternalMessage {
            call: ExternalCall {
                from: self.id(user),
                to,
                nonce,
                value: match input {
                    Input::Deploy(_) => Amount(1 << 60),
                    Input::Transfer => Amount(1),
                    _ => Amount::ZERO,
                },
                gas: Gas {
                    limit: gas,
                    price: 1,
                },
                expiry: 100,
                input,
            },
            key: self.keys[user],
            signature: ed25519::Signature([0; 64]),
        }
    }

    fn deploy(&mut self, user: usize, code: &CodeBytes, init: Vec<u8>) -> ExternalMessage {
        let deploy = Deploy {
            salt: [0; 32],
            code: code.clone(),
            init,
            owner: None,
        };
        let id = deploy.account(&self.id(user));
        self.message(user, id, Input::Deploy(Box::new(deploy)))
    }

    fn payments(&mut self) -> f64 {
        let payments: Vec<_> = (0..USERS)
            .map(|user| {
                let to = self.id(user * 7 + 1);
                self.message(user, to, Input::Transfer)
            })
            .collect();
        self.measure("payment", &payments, false)
    }

    /// Calls of small contracts that read a slot and write it.
    fn calls(&mut self) -> f64 {
        let code: CodeBytes = wat::parse_str(COUNTER).unwrap_or_default().into();
        let deploys: Vec<_> = (0..CONTRACTS)
            .map(|user| self.deploy(user, &code, Vec::new()))
            .collect();
        self.run(&deploys);
        let calls: Vec<_> = (0..USERS)
            .map(|user| {
                let input = Input::Call {
                    method: "add".into(),
                    data: Vec::new(),
                };
                self.message(user, deploys[user % CONTRACTS].call.to, input)
            })
            .collect();
        self.measure("call with a storage read and write", &calls, false)
    }

    /// Transfers of a token between its holders.
    fn token_transfers(&mut self) -> f64 {
        let supply = (1_u128 << 64).to_le_bytes();
        let init = [&self.id(0).0.as_bytes()[..], &supply].concat();
        let given = std::env::args().nth(1);
        let code = given.and_then(|path| std::fs::read(path).ok());
        let code = code.unwrap_or_else(|| TOKEN.to_vec());
        let deploy = self.deploy(0, &code.into(), init);
        let token = deploy.call.to;
        self.run(&[deploy]);
        let open: Vec<_> = (1..USERS)
            .map(|user| {
                let input = open(&self.id(user));
                let mut message = self.message(user, token, input);
                message.call.value = Amount(1 << 20);
                message
            })
            .collect();
        self.run(&open);
        let fund: Vec<_> = (1..USERS)
            .map(|user| {
                let input = pay(&self.id(user), 1_000);
                self.message(0, token, input)
            })
            .collect();
        self.run(&fund);
        let transfers: Vec<_> = (0..USERS)
            .map(|user| {
                let input = pay(&self.id(user * 7 + 1), 1);
                self.message(user, token, input)
            })
            .collect();
        self.measure("token transfer", &transfers, false)
    }

    fn deploys(&mut self) {
        let code: CodeBytes = large().into();
        let deploys: Vec<_> = (0..LARGE)
            .map(|user| self.deploy(user, &code, Vec::new()))
            .collect();
        let what = format!("deploy of {} bytes", code.len());
        self.measure(&what, &deploys[..1], true);
    }

    /// Executes a block and keeps its state.
    fn run(&mut self, messages: &[ExternalMessage]) {
        let (_, made) = execute_once(&self.state, messages, &self.ctx);
        self.state = made.state;
    }

    /// Executes the block some times and keeps its state; prints the medians for each message.
    fn measure(&mut self, what: &str, messages: &[ExternalMessage], cold: bool) -> f64 {
        let mut times = Vec::new();
        let mut after = (self.state.clone(), 0);
        for _ in 0..ROUNDS {
            if cold {
                self.ctx = context();
            }
            let (took, made) = execute_once(&self.state, messages, &self.ctx);
            times.push(took);
            after = (made.state, made.gas);
        }
        self.state = after.0;
        let gas = after.1 / messages.len() as u64;
        let median = |of: fn(&(u64, u64)) -> u64| {
            let mut all: Vec<_> = times.iter().map(of).collect();
            all.sort_unstable();
            all[ROUNDS / 2] as f64 / 1e3 / messages.len() as f64
        };
        let (cpu, wall) = (median(|time| time.0), median(|time| time.1));
        println!("{what:<44} {cpu:>12.2} {wall:>12.2} {gas:>12}");
        cpu
    }
}

/// Nanoseconds of processor and of time, and what came of it.
fn execute_once(
    state: &State,
    messages: &[ExternalMessage],
    ctx: &Context,
) -> ((u64, u64), Executed) {
    let all = messages.iter();
    let inputs = Inputs {
        externals: all
            .map(|message| (message.id(ctx.network), message))
            .collect(),
        ..Inputs::default()
    };
    let (start, cpu) = (Instant::now(), cpu_time());
    let made = execute(state, &inputs, ctx, Parallelism::One);
    let took = (cpu_time() - cpu, start.elapsed().as_nanos() as u64);
    let made = made.unwrap_or_else(|error| panic!("{error}"));
    assert!(made.refused.is_empty(), "{:?}", made.refused.first());
    let failed = made
        .receipts
        .iter()
        .find(|receipt| receipt.status != Status::Done);
    assert!(failed.is_none(), "{failed:?}");
    (took, made)
}

/// Pays for a place on a ledger.
fn open(holder: &AccountId) -> Input {
    Input::Call {
        method: "open".into(),
        data: holder.0.as_bytes().to_vec(),
    }
}

fn pay(to: &AccountId, amount: u128) -> Input {
    Input::Call {
        method: "transfer".into(),
        data: [&to.0.as_bytes()[..], &amount.to_le_bytes()].concat(),
    }
}

/// A module of about 100 KiB of ordinary code.
fn large() -> Vec<u8> {
    let body = "(local.set $a (i32.add (i32.load (local.get $a)) (i32.const 3)))
        (if (local.get $a) (then (local.set $b (local.get $n)))) (drop (call $f (local.get $a)))";
    let function = format!(
        "(func (param $a i32) (local $n i64) (local $b i64) {})",
        body.repeat(48)
    );
    let text = format!(
        "(module (memory (export \"memory\") 1) (func $f (param i32) (result i32) (local.get 0))
            {} (func (export \"thinkey_call\")))",
        function.repeat(75)
    );
    wat::parse_str(text).unwrap_or_default()
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

/// Nanoseconds that this thread has run; 0 where the system does not tell.
fn cpu_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next();
    first.and_then(|text| text.parse().ok()).unwrap_or_default()
}
