//! How long a batch of 10,000 changes takes in a tree of 1,000,000 keys.
//!
//! `cargo run --release -p thinkey-store --example state_tree_speed`

#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

use crypto::{Domain, Hash, hash};
use store::{Key, StateTree, Value};

#[derive(Clone)]
struct Balance(u64);

impl Value for Balance {
    fn commitment(&self) -> Hash {
        hash(Domain::new("example.balance"), &[&self.0.to_le_bytes()])
    }
}

fn key(i: u64) -> Key {
    *hash(Domain::new("example.key"), &[&i.to_le_bytes()]).as_bytes()
}

fn main() {
    let start = Instant::now();
    let keys = 0..1_000_000;
    let tree: StateTree<Balance> = keys.map(|i| (key(i), Balance(i))).collect();
    println!("built 1,000,000 keys in {:?}", start.elapsed());

    let mut times = Vec::new();
    for round in 0..9u64 {
        let mut changes: Vec<_> = (0..10_000u64)
            .map(|i| (key((i * 97 + round * 13) % 1_000_000), Some(Balance(round))))
            .collect();
        changes.sort_unstable_by_key(|(key, _)| *key);
        let start = Instant::now();
        let next = tree.apply_sorted(changes);
        times.push(start.elapsed());
        std::hint::black_box(next.root());
    }
    times.sort_unstable();
    println!(
        "10,000 changes: median {:?}, worst {:?}",
        times[4], times[8]
    );

    let start = Instant::now();
    for i in 0..1000 {
        std::hint::black_box(tree.prove(&key(i)).verify(&tree.root(), &key(i)).ok());
    }
    println!("prove and verify: {:?} each", start.elapsed() / 1000);
    let start = Instant::now();
    drop(tree);
    println!("dropped in {:?}", start.elapsed());
}
