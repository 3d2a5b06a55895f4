//! What code may do with its account, with the contract that does what it is told.

use actors::contract::SLOT_BYTES;
use types::{AccountId, CodeBytes, FailureCode, Input};

use super::bench::{Bench, failures};
use super::{COUNTER, count};

pub(super) const PUPPET: &[u8] = include_bytes!("../../../../vm/contracts/built/puppet.wasm");

/// A program of acts as the puppet reads it, as the only argument.
pub(super) fn program(acts: &[Vec<u8>]) -> Vec<u8> {
    let acts = acts.concat();
    [&(acts.len() as u32).to_le_bytes()[..], &acts].concat()
}

pub(super) fn set(key: u8, bytes: u16) -> Vec<u8> {
    [&[4, key][..], &bytes.to_le_bytes()].concat()
}

fn delete(key: u8) -> Vec<u8> {
    vec![5, key]
}

fn become_code(code: &CodeBytes) -> Vec<u8> {
    [&[8][..], code.hash().as_bytes()].concat()
}

fn drop_code(code: &CodeBytes) -> Vec<u8> {
    [&[12][..], code.hash().as_bytes()].concat()
}

/// A call that does `program`, with a handler of its answer that does `then`.
fn send(to: &AccountId, program_: &[Vec<u8>], then: &[Vec<u8>]) -> Vec<u8> {
    let numbers = [0, 100_000, 0, 1_000_000].map(u64::to_le_bytes).concat();
    let (program_, then) = (program(program_), program(then));
    [&[0][..], to.0.as_bytes(), &numbers, &program_, &then].concat()
}

fn create(code: &CodeBytes, salt: u8) -> Vec<u8> {
    let (value, gas) = (30_000_000_u64, 2_500_000_u64);
    let numbers = [value.to_le_bytes(), gas.to_le_bytes()].concat();
    let (hash, nothing) = (code.hash(), program(&[]));
    [&[9][..], hash.as_bytes(), &[salt; 32], &numbers, &nothing].concat()
}

/// A puppet that holds the counter's code besides its own.
fn puppet(bench: &mut Bench) -> (AccountId, CodeBytes) {
    let id = bench.deploy(1, PUPPET, program(&[]));
    let code: CodeBytes = wat::parse_str(COUNTER).expect("parses").into();
    let hold = Input::Upgrade {
        code: code.clone(),
        adopt: false,
    };
    // For the accounts that it is to make.
    let value = 100_000_000;
    let hold = bench.message(bench.user, id, value, hold);
    assert_eq!(failures(&bench.run(&hold)), []);
    (id, code)
}

fn tell(bench: &mut Bench, id: AccountId, acts: &[Vec<u8>]) -> Vec<FailureCode> {
    failures(&bench.call(id, "act", program(acts)))
}

#[test]
fn code_becomes_other_code_that_the_account_holds() {
    let mut bench = Bench::new();
    let (id, code) = puppet(&mut bench);
    let unknown: CodeBytes = vec![7; 9].into();
    assert_eq!(
        tell(&mut bench, id, &[become_code(&unknown)]),
        [FailureCode::Trap]
    );
    // What fails later does not become anything.
    let fails = vec![7];
    assert_eq!(
        tell(&mut bench, id, &[become_code(&code), fails]),
        [FailureCode::Rejected]
    );
    assert_eq!(tell(&mut bench, id, &[become_code(&code)]), []);
    assert_eq!(failures(&bench.call(id, "add", Vec::new())), []);
    assert_eq!(count(&bench, &id), 1);
}

#[test]
fn code_makes_accounts_with_code_that_it_holds() {
    let mut bench = Bench::new();
    bench.limit = 20_000_000;
    let (id, counter) = puppet(&mut bench);
    let own: CodeBytes = PUPPET.to_vec().into();
    let child = |code: &CodeBytes, salt| AccountId::of_code(&id, &[salt; 32], &code.hash());
    let two = [create(&own, 1), create(&own, 2)];
    assert_eq!(tell(&mut bench, id, &two), []);
    for salt in [1, 2] {
        let id = child(&own, salt);
        assert_eq!(bench.state.balance(&id).0, 30_000_000);
        let runs = bench.ask(&id, "runs", &[]).expect("a view");
        assert_eq!(runs, [1_u64, 0, 0, 0].map(u64::to_le_bytes).concat());
    }
    // A counter does not begin with arguments: no account, and its value is back.
    let before = bench.state.balance(&id);
    let none = tell(&mut bench, id, &[create(&counter, 3)]);
    assert_eq!(none, [FailureCode::Trap]);
    assert_eq!(bench.state.account(&child(&counter, 3)), None);
    assert_eq!(bench.state.balance(&id), before);
}

/// What an account stores, and what of its balance is free.
fn contract(bench: &Bench, id: &AccountId) -> (u64, u128) {
    let account = bench.state.account(id).cloned().expect("made");
    let bytes = account.contract.as_ref().expect("code").bytes;
    (bytes, account.balance.0 - account.locked().0)
}

/// Whatever becomes of the handler: its note frees its deposit.
#[test]
fn what_waits_for_an_answer_is_gone_with_it() {
    let mut bench = Bench::new();
    let (id, _) = puppet(&mut bench);
    let unknown = AccountId::of_key(&bench.stranger);
    assert_eq!(tell(&mut bench, id, &[set(2, 1)]), []);
    let (before, _) = contract(&bench, &id);
    let fail = vec![7];
    for (to, then, failures) in [
        (id, vec![], vec![]),
        (id, vec![fail.clone()], vec![FailureCode::Rejected]),
        (
            unknown,
            vec![fail],
            vec![FailureCode::NoCode, FailureCode::Rejected],
        ),
        // The note was there: what it says was done.
        (id, vec![delete(2)], vec![]),
    ] {
        assert_eq!(tell(&mut bench, id, &[send(&to, &[], &then)]), failures);
        let gone = if failures.is_empty() && !then.is_empty() {
            SLOT_BYTES + 5
        } else {
            0
        };
        assert_eq!(contract(&bench, &id).0, before - gone, "{then:?}");
    }
}

/// A note is bounded, and what it takes is covered like all storage.
#[test]
fn a_note_that_is_too_long_sends_nothing() {
    let mut bench = Bench::new();
    let (id, _) = puppet(&mut bench);
    // An answer of one byte takes three to say, and how many they are takes four.
    let long = |answers: usize| vec![vec![10, 1, 0]; answers];
    assert_eq!(tell(&mut bench, id, &[send(&id, &[], &long(340))]), []);
    let (before, _) = contract(&bench, &id);
    let refused = tell(&mut bench, id, &[send(&id, &[], &long(341))]);
    assert_eq!(refused, [FailureCode::Trap]);
    assert_eq!(contract(&bench, &id).0, before);
}

#[test]
fn code_that_is_held_can_be_dropped() {
    let mut bench = Bench::new();
    let (id, counter) = puppet(&mut bench);
    let (bytes, free) = contract(&bench, &id);
    let own: CodeBytes = PUPPET.to_vec().into();
    assert_eq!(
        tell(&mut bench, id, &[drop_code(&own)]),
        [FailureCode::Trap]
    );
    assert_eq!(tell(&mut bench, id, &[drop_code(&counter)]), []);
    let size = SLOT_BYTES + counter.len() as u64;
    let (after, freed) = contract(&bench, &id);
    assert_eq!(
        (after, freed),
        (bytes - size, free + 1_000 * u128::from(size))
    );
    let again = [create(&counter, 1)];
    assert_eq!(tell(&mut bench, id, &again), [FailureCode::Trap]);
    assert_eq!(
        tell(&mut bench, id, &[drop_code(&counter)]),
        [FailureCode::Trap]
    );
}

#[test]
fn storage_locks_a_deposit_and_frees_it() {
    let mut bench = Bench::new();
    let (id, _) = puppet(&mut bench);
    let contract = |bench: &Bench| contract(bench, &id);
    assert_eq!(tell(&mut bench, id, &[set(1, 10), delete(1)]), []);
    let (bytes, free) = contract(&bench);
    assert_eq!(tell(&mut bench, id, &[set(1, 1_000)]), []);
    let (more, less) = contract(&bench);
    let added = u128::from(more - bytes);
    assert!(more >= bytes + SLOT_BYTES + 1_000);
    assert_eq!(less, free - 1_000 * added, "1,000 for each byte");
    assert_eq!(tell(&mut bench, id, &[delete(1)]), []);
    assert_eq!(contract(&bench), (bytes, free), "all of it is free again");
}
