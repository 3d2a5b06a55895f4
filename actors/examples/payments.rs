//! How long a payment takes to execute and to check, without signatures.
//!
//! `cargo run --release -p thinkey-actors --example payments -- [payments] [accounts]`
#![allow(clippy::disallowed_methods, reason = "it measures time")]

mod setting;

use std::time::Instant;

use actors::{Account, Context, Executed, Inputs, Parallelism, State, check, execute, gas};
use crypto::ed25519;
use types::{
    AccountId, Amount, ChainId, ExternalCall, ExternalMessage, Gas, Input, NetworkId, RoutingTable,
};

use setting::context;

const ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().ok());
    let payments = arguments.next().flatten().unwrap_or(10_000);
    let accounts = arguments.next().flatten();
    for accounts in accounts.map_or(vec![1_000, 10_000, 100_000], |count| vec![count]) {
        measure(payments, accounts);
    }
}

fn measure(payments: usize, accounts: usize) {
    let routing = RoutingTable::even(1);
    let keys: Vec<_> = (0_u64..)
        .map(|number| {
            let mut bytes = [1; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            ed25519::PublicKey(bytes)
        })
        .filter(|key| routing.home(&AccountId::of_key(key)) == ChainId(1))
        .take(accounts)
        .collect();
    let ids: Vec<_> = keys.iter().map(AccountId::of_key).collect();
    let rich = ids
        .iter()
        .map(|id| (*id, Account::with_balance(Amount(1 << 100))));
    let Some(state) = State::genesis(rich) else {
        return;
    };
    let network = NetworkId::default();
    let messages: Vec<_> = (0..payments)
        .map(|number| {
            let from = number % accounts;
            ExternalMessage {
                call: ExternalCall {
                    from: ids[from],
                    to: ids[(number * 7_919 + 13) % accounts],
                    nonce: (number / accounts) as u64,
                    value: Amount(1),
                    gas: Gas {
                        limit: gas::TRANSFER,
                        price: 1,
                    },
                    expiry: 100,
                    input: Input::Transfer,
                },
                key: keys[from],
                signature: ed25519::Signature([0; 64]),
            }
        })
        .collect();
    let inputs = Inputs {
        externals: messages
            .iter()
            .map(|message| (message.id(network), message))
            .collect(),
        ..Inputs::default()
    };
    let ctx = context(routing);
    println!(
        "{payments} payments between {accounts} accounts, µs of processor (of time) per payment:"
    );
    for parallelism in [Parallelism::One, Parallelism::Pool] {
        report(&state, &inputs, &ctx, parallelism);
    }
}

fn report(state: &State, inputs: &Inputs<'_>, ctx: &Context, parallelism: Parallelism) {
    let count = inputs.externals.len();
    let per = |run: &mut dyn FnMut()| {
        let mut times: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let (start, cpu) = (Instant::now(), cpu_time());
                run();
                let wall = start.elapsed().as_nanos() as f64;
                [(cpu_time() - cpu) as f64, wall].map(|ns| ns / 1e3 / count as f64)
            })
            .collect();
        times.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let [cpu, wall] = times[ROUNDS / 2];
        format!("{cpu:.2} ({wall:.2})")
    };
    let mut made: Option<Executed> = None;
    let execute = per(&mut || made = execute(state, inputs, ctx, parallelism).ok());
    let Some(made) = made else { return };
    let check = per(&mut || {
        let checked = check(state, inputs, &made.order, ctx, parallelism);
        assert!(checked.is_ok());
    });
    let changes: Vec<_> = made
        .state
        .accounts()
        .changes_since(state.accounts())
        .into_iter()
        .map(|(key, account)| (*key, account.cloned()))
        .collect();
    let tree = per(&mut || {
        let next = state.accounts().apply_sorted(changes.clone());
        assert_eq!(next.root(), made.state.root());
    });
    let roots = per(&mut || {
        std::hint::black_box((made.receipt_root(), made.message_root(), made.order.root()));
    });
    println!(
        "  {parallelism:?}: execute {execute}, check {check}, of these state tree {tree} \
         (always on the pool); besides: header roots {roots}"
    );
}

/// Nanoseconds that all threads of this process have run; 0 where the system does not tell.
fn cpu_time() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let run = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    threads.flatten().filter_map(run).sum()
}
