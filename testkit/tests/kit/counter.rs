//! A contract for tests, and a world with it.

use testkit::{User, World};
use types::AccountId;

/// Counts calls under the key "n". "add" does no more, "xplode" gives up, "q" sends the method
/// behind the account in its input, wants a reply, and has it by the deadline in root heights
/// that its second letter says.
const COUNTER: &str = r#"(module
  (import "thinkey" "storage_get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (import "thinkey" "reply" (func $reply (param i32 i32)))
  (import "thinkey" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "thinkey" "abort" (func $abort (param i32 i32)))
  (import "thinkey" "method" (func $method (param i32 i32) (result i32)))
  (import "thinkey" "input" (func $input (param i32 i32 i32)))
  (import "thinkey" "input_length" (func $length (result i32)))
  (import "thinkey" "failure" (func $failure (result i32)))
  (import "thinkey" "seed" (func $seed (param i32) (result i32)))
  (import "thinkey" "send"
    (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "no more")
  (data (i32.const 48) "reply")
  (data (i32.const 64) "bounce")
  (data (i32.const 80) "timeout")
  (func $load (drop (call $get (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))))
  (func $add
    (call $load)
    (i32.store (i32.const 256) (i32.add (i32.load (i32.const 256)) (i32.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))
    (call $reply (i32.const 256) (i32.const 4)))
  (func $ask (param $deadline i64)
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (drop (call $send (i32.const 300) (i32.const 400) (i64.const 100000) (local.get $deadline)
      (i32.const 332) (i32.sub (call $length) (i32.const 32)) (i32.const 0) (i32.const 0)
      (i32.const 1))))
  (func (export "thinkey_call") (local $m i32)
    (drop (call $method (i32.const 200) (i32.const 2)))
    (local.set $m (i32.load8_u (i32.const 200)))
    (call $add)
    (if (i32.eq (local.get $m) (i32.const 97)) (then return)) ;; a: add
    (if (i32.eq (local.get $m) (i32.const 113)) ;; q
      (then (call $ask (i64.const 0)) (return)))
    (if (i32.eq (local.get $m) (i32.const 116)) ;; t: with a deadline of three heights
      (then (call $ask (i64.const 3)) (return)))
    (if (i32.eq (local.get $m) (i32.const 115)) ;; s: answers with the beacon's seed
      (then (drop (call $seed (i32.const 500))) (call $reply (i32.const 500) (i32.const 32))
        (return)))
    (if (i32.eq (local.get $m) (i32.const 120)) ;; x
      (then (call $abort (i32.const 16) (i32.const 7))))
    unreachable)
  (func (export "thinkey_view") (call $load) (call $reply (i32.const 256) (i32.const 4)))
  (func (export "thinkey_reply")
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (call $emit (i32.const 48) (i32.const 5) (i32.const 300) (call $length)))
  (func (export "thinkey_timeout")
    (call $emit (i32.const 80) (i32.const 7) (i32.const 300) (i32.const 0)))
  (func (export "thinkey_bounce")
    (i32.store (i32.const 300) (call $failure))
    (call $emit (i32.const 64) (i32.const 6) (i32.const 300) (i32.const 1))))"#;

/// Enough of everything.
pub(crate) const FUNDS: u128 = 1 << 80;

pub(crate) fn code() -> Vec<u8> {
    wat::parse_str(COUNTER).unwrap()
}

/// A counter whose handlers log in capitals.
pub(crate) fn louder() -> Vec<u8> {
    let words = ["reply", "bounce", "timeout"];
    let text = words.iter().fold(COUNTER.to_owned(), |text, word| {
        let data = |word: &str| format!(") \"{word}\")\n");
        text.replace(&data(word), &data(&word.to_uppercase()))
    });
    wat::parse_str(text).unwrap()
}

/// Alice on chain 1, a counter named "one" there and one named "two" on chain 2.
pub(crate) fn world(seed: u64) -> (World, User, [AccountId; 2]) {
    let world = World::new(2).seed(seed);
    let alice = world.user(1, FUNDS).named("alice");
    let counters = [1, 2].map(|chain| alice.deploy(&code()).on(chain));
    world.name(counters[0], "one");
    world.name(counters[1], "two");
    (world, alice, counters)
}

/// The input of "q": who is to be sent which method.
pub(crate) fn ask(to: AccountId, method: &str) -> Vec<u8> {
    [&to.as_bytes()[..], method.as_bytes()].concat()
}

pub(crate) fn count(world: &World, counter: AccountId) -> u32 {
    let answer = world.view(counter, "count", []);
    u32::from_le_bytes(answer.try_into().unwrap())
}
