//! What nobody should send: each is refused with its reason, and costs its sender nothing but gas.
//!
//! What a block can tell by a look at the message it does not take, and that costs nothing. What
//! only shows where the message arrives costs the gas of finding out; the tools of authors look
//! before they send.

mod modules;
mod runs;

use actors::Refusal;
use crypto::ed25519;
use types::{AccountId, FailureCode, Input, Receipt, Status};

use super::bench::{Bench, FUNDS};

/// The contracts of `vm/contracts`, as they are deployed.
const HELLO: &[u8] = include_bytes!("../../../../vm/contracts/built/hello.wasm");
const TOKEN: &[u8] = include_bytes!("../../../../vm/contracts/built/token.wasm");
const AUCTIONEER: &[u8] = include_bytes!("../../../../vm/contracts/built/auctioneer.wasm");
/// The value of messages that must fail.
const VALUE: u128 = 77;

/// How a message failed.
#[derive(Debug, PartialEq, Eq)]
struct Failed {
    code: FailureCode,
    trap: Option<u8>,
    text: String,
}

/// Sends what must fail. Nothing but gas is gone: its target is as it was, all value is back, and
/// all that there is in the chain still is.
#[track_caller]
fn fails(
    bench: &mut Bench,
    by: ed25519::PublicKey,
    to: AccountId,
    value: u128,
    input: Input,
) -> Failed {
    let before = bench.state.clone();
    let tree = bench.run(&bench.message(by, to, value, input));
    let all = |state: &actors::State| {
        let accounts = state.accounts().iter();
        let held: u128 = accounts.map(|(_, account)| account.carried().0).sum();
        held + state.lanes().ledger.burned.0
    };
    assert_eq!((all(&before), all(&bench.state)), (2 * FUNDS, 2 * FUNDS));
    assert_eq!(bench.state.account(&to), before.account(&to), "the target");
    let from = AccountId::of_key(&by);
    let burned = bench.state.lanes().ledger.burned.0 - before.lanes().ledger.burned.0;
    let left = before.balance(&from).0 - bench.state.balance(&from).0;
    assert!(
        left == burned && burned <= u128::from(bench.limit),
        "{left}, {burned}"
    );
    failure(&tree)
}

#[track_caller]
fn failure(tree: &[Receipt]) -> Failed {
    let failed = tree.iter().filter_map(|receipt| match receipt.status {
        Status::Failed(code) => Some((code, receipt.notes.clone().unwrap_or_default())),
        Status::Done => None,
    });
    let [(code, notes)] = &failed.collect::<Vec<_>>()[..] else {
        panic!("one failure: {tree:?}");
    };
    Failed {
        code: *code,
        trap: notes.trap,
        text: notes.text.clone(),
    }
}

fn call(method: &str, data: &[u8]) -> Input {
    Input::Call {
        method: method.to_owned(),
        data: data.to_vec(),
    }
}

/// A text as contracts read it.
fn text(text: &str) -> Vec<u8> {
    let length = (text.len() as u32).to_le_bytes();
    [&length, text.as_bytes()].concat()
}

fn hello(bench: &mut Bench) -> AccountId {
    bench.deploy(1, HELLO, text("Hi"))
}

#[test]
fn a_deploy_without_funds() {
    let mut bench = Bench::new();
    let (id, input) = bench.deployment(1, HELLO, text("Hi"));
    let user = bench.user;
    // The account would have less than its code's deposit.
    let poor = fails(&mut bench, user, id, VALUE, input.clone());
    let need = 1_000 * (64 + HELLO.len());
    let told = format!(
        "{} bytes of code need a deposit of {need} on top of 0, the balance is {VALUE}",
        HELLO.len()
    );
    assert_eq!((poor.code, poor.text), (FailureCode::Deposit, told));
    // Enough for the code and not for what its first run stores.
    let tight = need as u128 + VALUE;
    let tight = fails(&mut bench, user, id, tight, input.clone());
    assert_eq!(tight.code, FailureCode::Deposit);
    assert_eq!(
        tight.text,
        "in the first run: the balance does not cover the storage deposit"
    );
    // More than the sender has: it never leaves.
    let rich = fails(&mut bench, user, id, 2 * FUNDS, input);
    assert_eq!(rich.code, FailureCode::Balance);
    assert_eq!(bench.state.account(&id), None);
}

#[test]
fn what_a_block_does_not_take_costs_nothing() {
    let bench = Bench::new();
    let (id, input) = bench.deployment(1, HELLO, text("Hi"));
    let user = bench.user;
    let deploy = bench.message(user, id, VALUE, input);
    let refused = |message| bench.refused(&message);

    let mut poor = deploy.clone();
    poor.call.gas.price = u64::MAX;
    assert_eq!(refused(poor), Refusal::Funds);
    let mut short = deploy.clone();
    // The message with its bytes, its return, and looking at the code.
    let bytes = HELLO.len() as u64;
    let least = 10_000 + 10 * (bytes + 6) + 3_000 + 50_000 + 100 * bytes;
    short.call.gas.limit = least - 1;
    assert_eq!(refused(short), Refusal::GasLimit { least });
    let mut cheap = deploy.clone();
    cheap.call.gas.price = 0;
    assert_eq!(refused(cheap), Refusal::GasPrice { least: 1 });
    let mut elsewhere = deploy.clone();
    elsewhere.call.to = AccountId::of_key(&user);
    assert_eq!(refused(elsewhere), Refusal::Deploy { account: id });
    let mut stolen = deploy;
    stolen.key = bench.stranger;
    assert_eq!(bench.refused(&stolen), Refusal::Key);
}

#[test]
fn an_upgrade_by_a_stranger() {
    let mut bench = Bench::new();
    let id = hello(&mut bench);
    let stranger = bench.stranger;
    let owner = AccountId::of_key(&bench.user);
    for adopt in [false, true] {
        let code = TOKEN.to_vec().into();
        let theirs = fails(
            &mut bench,
            stranger,
            id,
            VALUE,
            Input::Upgrade { code, adopt },
        );
        assert_eq!(theirs.code, FailureCode::NotOwner);
        let told = format!("only the account's owner may change its code: {owner}");
        assert_eq!(theirs.text, told);
    }
    let code = TOKEN.to_vec().into();
    let nothing = fails(
        &mut bench,
        stranger,
        owner,
        VALUE,
        Input::Upgrade { code, adopt: true },
    );
    assert_eq!(
        (nothing.code, nothing.text.as_str()),
        (FailureCode::NoCode, "the account has no code")
    );
}

#[test]
fn an_upgrade_without_funds() {
    let mut bench = Bench::new();
    let id = hello(&mut bench);
    let user = bench.user;
    let hold = |code: &[u8]| Input::Upgrade {
        code: code.to_vec().into(),
        adopt: false,
    };
    let second = bench.message(user, id, 0, hold(TOKEN));
    assert_eq!(super::bench::failures(&bench.run(&second)), []);
    let third = fails(&mut bench, user, id, VALUE, hold(AUCTIONEER));
    assert_eq!(third.code, FailureCode::Deposit);
    let told = format!("{} bytes of code need a deposit of ", AUCTIONEER.len());
    assert!(third.text.starts_with(&told), "{}", third.text);
}

/// What contracts refuse: arguments that are none, methods that they do not have, value.
const ARGUMENTS: &[(&str, &[u8], u128, &str)] = &[
    ("hello", &[], 0, "arguments do not decode"),
    ("hello", &[1], 0, "arguments do not decode"),
    // A text of four gigabytes, one that is no UTF-8, one with something behind it.
    ("hello", &[255; 4], 0, "arguments do not decode"),
    (
        "hello",
        &[2, 0, 0, 0, 255, 254],
        0,
        "arguments do not decode",
    ),
    ("hello", &[1, 0, 0, 0, 65, 0], 0, "arguments do not decode"),
    ("hello", &[65; 16_000], 0, "arguments do not decode"),
    // The ABI of another contract, and methods that are no messages.
    ("transfer", &[7; 48], 0, "no such method"),
    ("count", &[], 0, "no such method"),
    ("begin", &[1, 0, 0, 0, 65], 0, "no such method"),
    ("thinkey_call", &[], 0, "no such method"),
    ("", &[], 0, "no such method"),
    ("hello\0", &[1, 0, 0, 0, 65], 0, "no such method"),
    ("hello", &[1, 0, 0, 0, 65], VALUE, "takes no value"),
];

#[test]
fn garbage_for_a_contract() {
    let mut bench = Bench::new();
    let id = hello(&mut bench);
    let user = bench.user;
    for (method, data, value, why) in ARGUMENTS {
        let failed = fails(&mut bench, user, id, *value, call(method, data));
        let expected = Failed {
            code: FailureCode::Rejected,
            trap: Some(14),
            text: (*why).to_owned(),
        };
        assert_eq!(failed, expected, "{method} {data:?}");
    }
    for (method, data, why) in [
        ("hello", &[][..], "no such method"),
        ("count", &[0], "arguments do not decode"),
    ] {
        let fault = bench.ask(&id, method, data).expect_err("refused");
        assert_eq!(
            (fault.code, fault.text.as_str()),
            (FailureCode::Rejected, why)
        );
    }
    let (second, input) = bench.deployment(2, HELLO, vec![9]);
    let failed = fails(&mut bench, user, second, 40_000_000, input);
    assert_eq!(failed.text, "arguments do not decode");
    assert_eq!(bench.state.account(&second), None);
    let nobody = AccountId::of_key(&ed25519::PublicKey([5; 32]));
    let failed = fails(&mut bench, user, nobody, VALUE, call("hello", &text("you")));
    assert_eq!(
        (failed.code, failed.text.as_str()),
        (FailureCode::NoCode, "the account has no code")
    );
}

/// A small generator: what it makes only has to be different each time.
fn garbage(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let length = next() % 80;
    (0..length)
        .map(|_| if next() % 3 == 0 { 0 } else { next() as u8 })
        .collect()
}

/// Whatever the bytes, a call is executed or changes nothing.
#[test]
fn bytes_by_chance_for_a_contract() {
    const METHODS: [&str; 7] = [
        "set_member",
        "transfer",
        "transfer_to",
        "credit",
        "mint",
        "open",
        "close",
    ];
    let mut bench = Bench::new();
    let issuer = AccountId::of_key(&bench.user);
    let supply = 1_000_u128.to_le_bytes();
    let token = bench.deploy(1, TOKEN, [&issuer.as_bytes()[..], &supply].concat());
    let mut refusals = 0;
    for seed in 0..400 {
        let before = bench.state.account(&token).cloned();
        let method = METHODS[seed as usize % METHODS.len()];
        let tree = bench.call(token, method, garbage(seed));
        if !super::bench::failures(&tree).is_empty() {
            assert_eq!(bench.state.account(&token).cloned(), before, "{seed}");
            assert!(!failure(&tree).text.is_empty(), "{seed}");
            refusals += 1;
        }
    }
    assert!(refusals > 300, "{refusals}");
    assert_eq!(bench.ask(&token, "held", &[]).expect("a view"), supply);
}
