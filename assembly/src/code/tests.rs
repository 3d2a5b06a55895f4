mod bad_input;
mod bench;
mod deposit;
mod puppet;

use types::Input;

use super::*;
use bench::{Bench, failures, logged};

/// Counts calls under the key "n"; each method's first letter says what else a call does.
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
  (import "thinkey" "send"
    (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "no more")
  (data (i32.const 32) "add")
  (data (i32.const 48) "reply")
  (data (i32.const 64) "bounce")
  (data (i32.const 80) "timeout")
  (func $load (drop (call $get (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))))
  (func $add
    (call $load)
    (i32.store (i32.const 256) (i32.add (i32.load (i32.const 256)) (i32.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 256) (i32.const 4))
    (call $reply (i32.const 256) (i32.const 4)))
  ;; Sends to the account in the input the method behind it.
  (func $ask (param $flags i32)
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (drop (call $send (i32.const 300) (i32.const 400) (i64.const 100000) (i64.const 0)
      (i32.const 332) (i32.sub (call $length) (i32.const 32)) (i32.const 0) (i32.const 0)
      (local.get $flags))))
  (func (export "thinkey_call") (local $m i32)
    (drop (call $method (i32.const 200) (i32.const 1)))
    (local.set $m (i32.load8_u (i32.const 200)))
    (call $add)
    (if (i32.eq (local.get $m) (i32.const 97)) (then return)) ;; a: add
    (if (i32.eq (local.get $m) (i32.const 113)) (then (call $ask (i32.const 1)) (return))) ;; q
    (if (i32.eq (local.get $m) (i32.const 119)) ;; w: with 10,000,000 gas for the handler
      (then (call $ask (i32.const 20001)) (return)))
    (if (i32.eq (local.get $m) (i32.const 108)) (then (loop $l (br $l)))) ;; l
    (if (i32.eq (local.get $m) (i32.const 120))
      (then (call $abort (i32.const 16) (i32.const 7)))) ;; x
    unreachable)
  (func (export "thinkey_view") (call $load) (call $reply (i32.const 256) (i32.const 4)))
  (func (export "thinkey_reply")
    (call $input (i32.const 0) (i32.const 300) (call $length))
    (call $emit (i32.const 48) (i32.const 5) (i32.const 300) (call $length)))
  (func (export "thinkey_bounce")
    (i32.store (i32.const 300) (call $failure))
    (call $emit (i32.const 64) (i32.const 6) (i32.const 300) (i32.const 1))))"#;

/// Deploys the counter.
fn deploy(bench: &mut Bench, salt: u8) -> AccountId {
    bench.deploy(salt, &wat::parse_str(COUNTER).expect("parses"), Vec::new())
}

fn count(bench: &Bench, id: &AccountId) -> u32 {
    let answer = bench.ask(id, "count", &[]).expect("a view");
    u32::from_le_bytes(answer.try_into().expect("four bytes"))
}

fn ask(to: AccountId, method: &str) -> Vec<u8> {
    [&to.as_bytes()[..], method.as_bytes()].concat()
}

#[test]
fn a_module_is_deployed_called_and_viewed() {
    let mut bench = Bench::new();
    let id = deploy(&mut bench, 1);
    for calls in 1..4 {
        let tree = bench.call(id, "add", Vec::new());
        assert_eq!(failures(&tree), []);
        let answer = &tree[1].notes.as_ref().expect("an answer").answer;
        assert_eq!(*answer, u32::to_le_bytes(calls));
        assert_eq!(count(&bench, &id), calls);
    }
}

#[test]
fn what_fails_changes_nothing_and_says_why() {
    let cases = [
        ("x", FailureCode::Rejected, 14, "no more"),
        (
            "u",
            FailureCode::Trap,
            2,
            "in u: unreachable code was reached",
        ),
        ("loop", FailureCode::OutOfGas, 1, "in loop: out of gas"),
    ];
    let mut bench = Bench::new();
    let id = deploy(&mut bench, 1);
    for (method, code, trap, text) in cases {
        let tree = bench.call(id, method, Vec::new());
        assert_eq!(failures(&tree), [code], "{method}");
        let notes = tree[1].notes.as_ref().expect("notes");
        assert_eq!((notes.trap, notes.text.as_str()), (Some(trap), text));
        assert_eq!(count(&bench, &id), 0);
    }
}

#[test]
fn a_reply_and_a_bounce_run_their_exports() {
    let mut bench = Bench::new();
    let [a, b] = [1, 2].map(|salt| deploy(&mut bench, salt));
    let tree = bench.call(a, "q", ask(b, "add"));
    assert_eq!(
        (failures(&tree), logged(&tree)),
        (vec![], vec![("reply".into(), vec![1, 0, 0, 0])])
    );
    let tree = bench.call(a, "q", ask(b, "x"));
    let told = ("bounce".into(), vec![FailureCode::Rejected as u8]);
    assert_eq!(
        (failures(&tree), logged(&tree)),
        (vec![FailureCode::Rejected], vec![told])
    );
    assert_eq!((count(&bench, &a), count(&bench, &b)), (2, 1));
    let contract = bench.state.account(&a).and_then(|a| a.contract.clone());
    assert_eq!(contract.expect("code").reserved, Amount(0));
}

#[test]
fn code_says_how_much_gas_its_handler_needs() {
    let mut bench = Bench::new();
    let [a, b] = [1, 2].map(|salt| deploy(&mut bench, salt));
    let tree = bench.call(a, "w", ask(b, "add"));
    assert_eq!(failures(&tree), [FailureCode::OutOfGas]);
    bench.limit = 20_000_000;
    let tree = bench.call(a, "w", ask(b, "add"));
    assert_eq!(failures(&tree), []);
    let price = 1;
    let work: u64 = tree.iter().map(|receipt| receipt.gas).sum();
    let burned = bench.state.lanes().ledger.burned.0 * price;
    assert!(
        u128::from(work) <= burned && burned < 20_000_000,
        "unused gas came back"
    );
}

#[test]
fn a_run_that_traps_after_an_output_keeps_to_its_gas() {
    let mut bench = Bench::new();
    let a = deploy(&mut bench, 1);
    // The input is too short for an id: the read traps after the count was stored.
    let tree = bench.call(a, "q", Vec::new());
    assert_eq!(failures(&tree), [FailureCode::Trap]);
    assert_eq!(count(&bench, &a), 0);
}

/// Code that fails whatever it is asked.
const STUBBORN: &str = r#"(module (memory (export "memory") 1)
  (func (export "thinkey_call") unreachable) (func (export "thinkey_view") unreachable)
  (func (export "thinkey_reply") unreachable) (func (export "thinkey_bounce") unreachable))"#;

/// There must be an output of this run that wants an answer.
#[test]
fn nothing_is_remembered_for_an_output_that_waits_for_no_answer() {
    let mut bench = Bench::new();
    let send = "(drop (call $send (i32.const 0) (i32.const 64) (i64.const 0) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))";
    for (salt, before) in [(1, ""), (2, send)] {
        let text = format!(
            r#"(module
              (import "thinkey" "send"
                (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
              (import "thinkey" "remember" (func $remember (param i32 i32 i32)))
              (memory (export "memory") 1)
              (func (export "thinkey_call") {before}
                (call $remember (i32.const 0) (i32.const 0) (i32.const 4))))"#
        );
        let id = bench.deploy(salt, &wat::parse_str(text).expect("parses"), Vec::new());
        let tree = bench.call(id, "note", Vec::new());
        assert_eq!(failures(&tree), [FailureCode::Trap]);
        let notes = tree[1].notes.as_ref().expect("it says why");
        let trap = vm::Trap::HostRefused(vm::Refusal::NoSuchOutput);
        assert_eq!(notes.trap, Some(trap.code()), "{notes:?}");
    }
}

/// What the account model charges for an event is charged once, to the code as well.
#[test]
fn an_event_costs_its_bytes_once_at_each_side() {
    let mut bench = Bench::new();
    let mut gas_of = |salt: u8, length: usize| {
        let text = format!(
            r#"(module (import "thinkey" "emit" (func $emit (param i32 i32 i32 i32)))
              (memory (export "memory") 1)
              (func (export "thinkey_call") (call $emit (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const {length}))))"#
        );
        let id = bench.deploy(salt, &wat::parse_str(text).expect("parses"), Vec::new());
        let tree = bench.call(id, "emit", Vec::new());
        assert_eq!(failures(&tree), []);
        tree[1].gas
    };
    let price = vm::HostCall::Emit.import().price;
    let both = |length| price.bytes(length) + actors::gas::bytes(length as usize);
    let more = gas_of(2, 1_000) - gas_of(1, 0);
    assert_eq!(more, both(1_000) - both(0));
}

/// [G13] What the old code frees counts for the deposit of the new one.
#[test]
fn an_upgrade_needs_what_the_deposit_grows_by() {
    let mut bench = Bench::new();
    let old = wat::parse_str(COUNTER).expect("parses");
    let new = wat::parse_str(STUBBORN).expect("parses");
    assert!(new.len() < old.len());
    let (id, input) = bench.deployment(1, &old, Vec::new());
    // Nothing is free.
    let value = actors::contract::deposit(actors::contract::SLOT_BYTES + old.len() as u64);
    assert_eq!(
        failures(&bench.run(&bench.message(bench.user, id, value.0, input))),
        []
    );
    let code = new.into();
    let upgrade = bench.message(bench.user, id, 0, Input::Upgrade { code, adopt: true });
    assert_eq!(failures(&bench.run(&upgrade)), []);
    assert!(bench.ask(&id, "count", &[]).is_err());
}

/// Deploys, transfers and upgrades are the system's work, and no code's key makes messages.
#[test]
fn what_the_system_does_asks_no_code() {
    let mut bench = Bench::new();
    let stubborn = wat::parse_str(STUBBORN).expect("parses");
    let id = bench.deploy(1, &stubborn, Vec::new());
    let balance = bench.state.balance(&id).0;
    let paid = bench.message(bench.stranger, id, 5, Input::Transfer);
    assert_eq!(failures(&bench.run(&paid)), []);
    assert_eq!(bench.state.balance(&id).0, balance + 5);
    assert!(bench.ask(&id, "count", &[]).is_err());
    let code = wat::parse_str(COUNTER).expect("parses").into();
    let upgrade = bench.message(bench.user, id, 0, Input::Upgrade { code, adopt: true });
    assert_eq!(failures(&bench.run(&upgrade)), []);
    assert_eq!(count(&bench, &id), 0);
    let mut forged = bench.message(bench.user, id, 0, Input::Transfer);
    (forged.call.from, forged.call.nonce) = (id, 0);
    assert_eq!(bench.refused(&forged), actors::Refusal::Key);
}
