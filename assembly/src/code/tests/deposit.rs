//! What storage locks, as code sees it, and what an answer frees for its handler.

use actors::contract::{SLOT_BYTES, deposit};

use super::bench::{Bench, failures};
use super::puppet::{PUPPET, program, set};
use super::*;

/// The SDK's own file.
#[path = "../../../../vm/sdk/src/deposit.rs"]
mod theirs;

/// Looks at the deposit, stores 20 bytes, looks, calls its own "k", looks, removes, looks. Called
/// by "k", while the handler of that waits, it only looks.
const LOOKS: &str = r#"(module
  (import "thinkey" "deposit" (func $deposit (param i32)))
  (import "thinkey" "own_id" (func $own_id (param i32)))
  (import "thinkey" "method" (func $method (param i32 i32) (result i32)))
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (import "thinkey" "storage_delete" (func $delete (param i32 i32) (result i32)))
  (import "thinkey" "send"
    (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
  (import "thinkey" "reply" (func $reply (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "k")
  (func $look (call $deposit (i32.const 0)) (call $reply (i32.const 0) (i32.const 16)))
  (func (export "thinkey_call")
    (if (i32.eq (call $method (i32.const 400) (i32.const 1)) (i32.const 1))
      (then (call $look) (return)))
    (call $deposit (i32.const 0))
    (call $put (i32.const 100) (i32.const 1) (i32.const 200) (i32.const 20))
    (call $deposit (i32.const 16))
    (call $own_id (i32.const 300))
    (drop (call $send (i32.const 300) (i32.const 200) (i64.const 100000) (i64.const 0)
      (i32.const 100) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 1)))
    (call $deposit (i32.const 32))
    (drop (call $delete (i32.const 100) (i32.const 1)))
    (call $deposit (i32.const 48))
    (call $reply (i32.const 0) (i32.const 64)))
  (func (export "thinkey_view") (call $look)))"#;

fn number(bytes: &[u8]) -> u128 {
    u128::from_le_bytes(bytes.try_into().expect("sixteen bytes"))
}

#[test]
fn code_sees_what_its_storage_locks() {
    let mut bench = Bench::new();
    let code = wat::parse_str(LOOKS).expect("parses");
    let id = bench.deploy(1, &code, Vec::new());
    let begins = deposit(SLOT_BYTES + code.len() as u64).0;
    let asked = |bench: &Bench| number(&bench.ask(&id, "", &[]).expect("a view"));
    assert_eq!(asked(&bench), begins);
    let tree = bench.call(id, "looks", Vec::new());
    assert_eq!(failures(&tree), []);
    let answers = tree.iter().filter_map(|receipt| receipt.notes.as_ref());
    let seen = answers.flat_map(|notes| notes.answer.chunks(16).map(number));
    // As the SDK tells it before.
    let slot = theirs::slot(20);
    let handler = (theirs::SLOT + theirs::HANDLER + 1) as u128 * theirs::BYTE;
    // The last one while gas is set aside, which is no deposit.
    let more = [0, slot, slot + handler, handler, handler];
    assert_eq!(seen.collect::<Vec<_>>(), more.map(|more| begins + more));
    assert_eq!(asked(&bench), begins, "what was answered locks nothing");
}

/// Tells a puppet without anything free but what a call of its takes, which fails, to store so
/// many bytes then; how the tree failed.
fn stores_after_a_bounce(bytes: u16) -> Vec<FailureCode> {
    let mut bench = Bench::new();
    bench.limit = 10_000_000;
    let id = bench.deploy(1, PUPPET, program(&[]));
    let user = AccountId::of_key(&bench.user);
    let [value, gas, deadline, handler] = [0_u64, 1_000_000, 0, 500_000].map(u64::to_le_bytes);
    let numbers = [value, gas, deadline, handler].concat();
    let (fail, then) = (program(&[vec![7]]), program(&[set(1, bytes)]));
    let send = [&[0][..], id.as_bytes(), &numbers, &fail, &then].concat();
    // The handler of `act`, and what is remembered of it.
    let takes = theirs::HANDLER + "act".len() + then.len() + 2 * theirs::SLOT;
    let account = bench.state.account(&id).expect("made");
    let free = account.balance.0 - account.locked().0 - takes as u128 * theirs::BYTE;
    let rest = (free as u64).to_le_bytes();
    let pay = [&[3][..], user.as_bytes(), &rest].concat();
    failures(&bench.call(id, "act", program(&[send, pay])))
}

/// [G12] [G13] So an answer is handled though nothing else is free.
#[test]
fn a_handler_may_store_what_its_answer_freed_and_no_more() {
    let freed = theirs::HANDLER + "act".len() + 8 + 2 * theirs::SLOT;
    // A slot with the length of what is in it.
    let most = (freed - theirs::SLOT - 4) as u16;
    let told = FailureCode::Rejected;
    assert_eq!(stores_after_a_bounce(most), [told]);
    let failed = [told, FailureCode::Deposit];
    assert_eq!(stores_after_a_bounce(most + 1), failed);
}
