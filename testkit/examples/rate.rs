//! How many simple messages a world runs in a second, payments and calls between four chains.
//!
//! `cargo run -p thinkey-testkit --example rate`
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

use testkit::{User, World};

/// A contract that counts.
const COUNTER: &str = r#"(module
  (import "thinkey" "storage_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "n")
  (func (export "thinkey_call")
    (drop (call $get (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8)))
    (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8))))"#;

const CHAINS: u32 = 4;
const USERS: usize = 40;
const MESSAGES: usize = 4_000;
const FUNDS: u128 = 1 << 80;

fn main() {
    let world = World::new(CHAINS);
    let chains = (1..=CHAINS).cycle().take(USERS);
    let users: Vec<_> = chains.map(|chain| world.user(chain, FUNDS)).collect();
    measure(&world, "payments", |at| {
        let (from, to) = pair(&users, at);
        from.pay(to.id(), 1);
    });
    let Ok(code) = wat::parse_str(COUNTER) else {
        return;
    };
    let counters: Vec<_> = (1..=CHAINS)
        .map(|chain| users[0].deploy(&code).on(chain))
        .collect();
    measure(&world, "calls", |at| {
        let (from, _) = pair(&users, at);
        from.call(counters[at * 3 % counters.len()], "add", [])
            .send();
    });
}

fn pair(users: &[User], at: usize) -> (&User, &User) {
    (&users[at % USERS], &users[(at * 7 + 1) % USERS])
}

/// Sends all, a few for each step, and prints messages and executed messages per second.
fn measure(world: &World, what: &str, mut send: impl FnMut(usize)) {
    let before = world.executed();
    let start = Instant::now();
    for at in 0..MESSAGES {
        send(at);
        if at % 8 == 0 {
            world.step();
        }
    }
    world.settle();
    let micros = start.elapsed().as_micros().max(1);
    let rate = |count: u128| count * 1_000_000 / micros;
    println!(
        "{what}: {} messages/s, {} executions/s",
        rate(MESSAGES as u128),
        rate(u128::from(world.executed() - before))
    );
}
