//! What host functions tell and do.

use crypto::{Hash, bls, ed25519};
use vm::{Entry, StorageKey, Trap};

use crate::support::{Desk, PLENTY, module, run, run_entry};

/// What a body leaves as its reply: `length` bytes from 0.
fn reply(body: &str, length: u32, desk: &mut Desk) -> Vec<u8> {
    let body = format!("{body} (call $reply (i32.const 0) (i32.const {length}))");
    run(&module("", &body), desk).result.expect(&body)
}

fn number(call: &str) -> i64 {
    let body = format!("(i64.store (i32.const 0) {call})");
    let bytes = reply(&body, 8, &mut Desk::default());
    i64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

#[test]
fn facts() {
    let mut desk = Desk::default();
    let mut bytes = |call: &str, length| reply(call, length, &mut desk);
    assert_eq!(bytes("(call $own_id (i32.const 0))", 32), [1; 32]);
    assert_eq!(bytes("(call $sender (i32.const 0))", 32), [6; 32]);
    assert_eq!(bytes("(call $trace (i32.const 0))", 32), [8; 32]);
    assert_eq!(bytes("(drop (call $about (i32.const 0)))", 32), [9; 32]);
    assert_eq!(bytes("(drop (call $seed (i32.const 0)))", 32), [10; 32]);
    assert_eq!(
        bytes("(call $value (i32.const 0))", 16),
        7u128.to_le_bytes()
    );
    assert_eq!(
        bytes("(call $balance (i32.const 0))", 16),
        1000u128.to_le_bytes()
    );
    assert_eq!(
        bytes("(call $deposit (i32.const 0))", 16),
        600u128.to_le_bytes()
    );
    assert_eq!(
        bytes("(drop (call $method (i32.const 0) (i32.const 3)))", 5),
        *b"gre\0\0"
    );
    let input = "(call $input (i32.const 90) (i32.const 0) (i32.const 10))";
    assert_eq!(bytes(input, 10), (90..100).collect::<Vec<_>>());
    assert_eq!(number("(call $height)"), 30);
    assert_eq!(number("(call $root_height)"), 40);
    assert_eq!(number("(call $time)"), 50_000);
    assert_eq!(number("(i64.extend_i32_s (call $chain))"), 2);
    assert_eq!(number("(i64.extend_i32_s (call $failure))"), 3);
    assert_eq!(number("(i64.extend_i32_s (call $input_length))"), 100);
    assert_eq!(
        number("(i64.extend_i32_s (call $method (i32.const 0) (i32.const 0)))"),
        5
    );
}

#[test]
fn facts_that_are_missing() {
    let mut desk = Desk::default();
    (desk.facts.about, desk.facts.failure, desk.seed) = (None, None, None);
    let body = "(i32.store (i32.const 100) (call $about (i32.const 0)))
        (i32.store (i32.const 104) (call $failure)) (i32.store (i32.const 108) (call $seed
            (i32.const 0)))
        (memory.copy (i32.const 0) (i32.const 100) (i32.const 12))";
    let expected = [[0u8; 4], [255; 4], [0; 4]].concat();
    assert_eq!(reply(body, 12, &mut desk), expected);
}

#[test]
fn storage_is_an_ordered_map() {
    let mut desk = Desk::default();
    let data = "(data (i32.const 0) \"ab\\00abc\")";
    let put = |at: u32, length: u32, value: u32| {
        format!(
            "(call $storage_put (i32.const {at}) (i32.const {length}) (i32.const {value})
                (i32.const 2))"
        )
    };
    // Keys "a", "ab", "ab\0", "abc", "b".
    let body = [
        put(0, 1, 0),
        put(0, 2, 1),
        put(0, 3, 2),
        put(3, 3, 3),
        put(1, 1, 4),
    ]
    .concat();
    assert_eq!(run(&module(data, &body), &mut desk).result, Ok(Vec::new()));
    let keys: Vec<_> = desk
        .storage
        .keys()
        .map(|key| key.bytes().to_vec())
        .collect();
    assert_eq!(keys, [&b"a"[..], b"ab", b"ab\0", b"abc", b"b"]);

    // Walk all keys with the prefix "ab", writing their lengths.
    let walk = "(local $n i32) (local $at i32) (local.set $at (i32.const 200))
        (block $end (loop $next
            (local.set $n (call $storage_next (i32.const 100) (local.get $n)
                (i32.const 0) (i32.const 2) (i32.const 100)))
            (br_if $end (i32.eq (local.get $n) (i32.const -1)))
            (i32.store8 (local.get $at) (local.get $n))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $next)))
        (call $reply (i32.const 200) (i32.sub (local.get $at) (i32.const 200)))";
    assert_eq!(
        run(&module(data, walk), &mut desk).result,
        Ok(vec![2, 3, 3])
    );

    let get = "(i32.store (i32.const 100) (call $storage_get (i32.const 0) (i32.const 2)
        (i32.const 104) (i32.const 1)))
        (i32.store (i32.const 108) (call $storage_get (i32.const 0) (i32.const 4) (i32.const 104)
            (i32.const 1)))
        (i32.store (i32.const 112) (call $storage_delete (i32.const 0) (i32.const 1)))
        (i32.store (i32.const 116) (call $storage_delete (i32.const 0) (i32.const 1)))
        (call $reply (i32.const 100) (i32.const 20))";
    let expected = [2, u32::from(b'b'), u32::MAX, 1, 0]
        .map(u32::to_le_bytes)
        .concat();
    assert_eq!(run(&module(data, get), &mut desk).result, Ok(expected));
    assert_eq!(desk.storage.len(), 4);
}

#[test]
fn slots_have_the_order_of_keys_and_give_them_back() {
    let keys: Vec<&[u8]> = vec![
        b"\0", b"\0\0", b"a", b"a\0", b"a\0\0", b"a\x01", b"b", &[255; 31],
    ];
    let slots: Vec<_> = keys
        .iter()
        .map(|key| StorageKey::new(key).expect("short"))
        .collect();
    assert!(
        slots
            .windows(2)
            .all(|two| two[0] < two[1] && two[0].slot() < two[1].slot())
    );
    for (key, slot) in keys.iter().zip(&slots) {
        assert_eq!(slot.bytes(), *key);
        assert_eq!(StorageKey::of_slot(slot.slot()), Some(*slot));
    }
    assert_eq!(StorageKey::new(b""), None);
    assert_eq!(StorageKey::new(&[0; 32]), None);
    let mut system = [7; 32];
    for last in [0, 3, 32, 255] {
        system[31] = last;
        assert_eq!(StorageKey::of_slot(&system), None, "{last}");
    }
}

#[test]
fn outputs() {
    let mut desk = Desk::default();
    let fields = "(data (i32.const 0) \"\\05\") (data (i32.const 32) \"\\64\") (data
        (i32.const 64) \"bid!data\")";
    let body = "(i32.store (i32.const 100) (call $send (i32.const 0) (i32.const 32) (i64.const 500)
            (i64.const 9) (i32.const 64) (i32.const 3) (i32.const 67) (i32.const 5) (i32.const 1)))
        (i32.store (i32.const 104) (call $create (i32.const 0) (i32.const 32) (i32.const 32)
            (i64.const 600) (i32.const 64) (i32.const 2) (i32.const 200)))
        (call $output_id (i32.const 1) (i32.const 232))
        (call $remember (i32.const 0) (i32.const 67) (i32.const 5))
        (call $become (i32.const 0))
        (call $drop_code (i32.const 32))
        (call $emit (i32.const 64) (i32.const 3) (i32.const 67) (i32.const 1))
        (call $reply (i32.const 100) (i32.const 164))";
    let outcome = run(&module(fields, body), &mut desk);
    let reply = outcome.result.expect("works");
    assert_eq!(reply[..8], [0, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(
        (&reply[100..132], &reply[132..]),
        (&[11; 32][..], &[13; 32][..])
    );
    assert_eq!(outcome.gas_given, 500 + 600 + 2 * crate::support::AHEAD);
    let mut five = [0; 32];
    five[0] = 5;
    let five = Hash::new(five);
    let (to, value, gas, deadline, method, data, reply) = desk.sent[0].clone();
    assert_eq!((to.0, value, gas, deadline), (five, 100, 500, 9));
    assert_eq!(
        (method.as_str(), data.as_slice(), reply),
        ("bid", &b"!data"[..], true)
    );
    let (code, salt, value, gas, init) = desk.created[0].clone();
    assert_eq!(
        (code, salt[0], value, gas, init),
        (five, 100, 100, 600, b"bi".to_vec())
    );
    assert_eq!(desk.next_code, Some(five));
    assert_eq!(desk.dropped[0].as_bytes()[0], 100);
    assert_eq!(desk.notes, [(0, b"!data".to_vec())]);
    assert_eq!(desk.events, [(b"bid".to_vec(), b"!".to_vec())]);
    assert_eq!(desk.balance, 800);
}

#[test]
fn a_note_comes_back_and_has_a_bound() {
    let body = "(i32.store (i32.const 0) (call $remembered (i32.const 4) (i32.const 3)))";
    let expected = [&6u32.to_le_bytes()[..], b"a n\0"].concat();
    assert_eq!(reply(body, 8, &mut Desk::default()), expected);
    let remember = |length: u32| {
        let body = format!("(call $remember (i32.const 0) (i32.const 0) (i32.const {length}))");
        run(&module("", &body), &mut Desk::default()).result
    };
    assert_eq!(remember(1024), Ok(Vec::new()));
    assert_eq!(remember(1025), Err(Trap::Argument));
}

/// What the account model charges on its own is gone for the code too.
#[test]
fn gas_of_the_account_model_is_counted() {
    let next = "(drop (call $storage_next (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 8)))";
    let emit = "(call $emit (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
    for call in [next, emit] {
        let text = module("", call);
        let used = |apart, gas| {
            let mut desk = Desk {
                apart,
                ..Desk::default()
            };
            let outcome = run_entry(&text, Entry::Call, &mut desk, gas);
            (outcome.result, outcome.gas_used)
        };
        let (result, plain) = used(0, PLENTY);
        assert_eq!(result, Ok(Vec::new()));
        assert_eq!(used(700, PLENTY), (Ok(Vec::new()), plain + 700));
        assert_eq!(used(700, plain + 700).0, Ok(Vec::new()));
        assert_eq!(used(700, plain + 699).0, Err(Trap::OutOfGas));
    }
}

#[test]
fn gas_given_away_is_gone() {
    let send = |gas: i64| {
        format!(
            "(drop (call $send (i32.const 0) (i32.const 64) (i64.const {gas}) (i64.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))"
        )
    };
    let text = module("", &format!("{} {}", send(600_000), send(600_000)));
    let mut desk = Desk::default();
    let outcome = run_entry(&text, Entry::Call, &mut desk, 1_000_000);
    assert_eq!(outcome.result, Err(Trap::HostRefused(vm::Refusal::Gas)));
    assert_eq!(outcome.gas_given, 0);
    assert!(outcome.gas_used < 20_000, "{outcome:?}");
    let outcome = run_entry(&text, Entry::Call, &mut Desk::default(), 2_000_000);
    assert_eq!(
        (outcome.result, outcome.gas_given),
        (Ok(Vec::new()), 1_206_000)
    );
    // A number that is negative as i64 is a lot of gas, not a gift.
    let outcome = run(&module("", &send(-1)), &mut Desk::default());
    assert_eq!(outcome.result, Err(Trap::HostRefused(vm::Refusal::Gas)));
}

#[test]
fn outputs_and_events_are_counted() {
    let times = |count: u32, what: &str| {
        let body = format!(
            "(local $n i32) (loop {what}
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get $n) (i32.const {count}))))"
        );
        run(&module("", &body), &mut Desk::default()).result
    };
    let emit = "(call $emit (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
    let send = "(drop (call $send (i32.const 0) (i32.const 64) (i64.const 0) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))";
    let too_many = Err(Trap::HostRefused(vm::Refusal::TooMany));
    assert_eq!(
        (times(64, emit), times(65, emit)),
        (Ok(Vec::new()), too_many.clone())
    );
    assert_eq!(
        (times(256, send), times(257, send)),
        (Ok(Vec::new()), too_many)
    );
}

#[test]
fn a_method_is_text_and_flags_are_known() {
    let send = |flags: u32, byte: &str| {
        let body = format!(
            "(drop (call $send (i32.const 0) (i32.const 64) (i64.const 0) (i64.const 0)
            (i32.const 100) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const {flags})))"
        );
        let data = format!("(data (i32.const 100) \"{byte}\")");
        run(&module(&data, &body), &mut Desk::default()).result
    };
    assert_eq!(send(0, "m"), Ok(Vec::new()));
    assert_eq!(send(2, "m"), Err(Trap::Argument));
    assert_eq!(send(0, "\\ff"), Err(Trap::Argument));
}

#[test]
fn hashes() {
    let fields = "(data (i32.const 0) \"abc\")";
    let hash = |name: &str| {
        let body = format!(
            "(call ${name} (i32.const 0) (i32.const 3) (i32.const 10))
            (call $reply (i32.const 10) (i32.const 32))"
        );
        run(&module(fields, &body), &mut Desk::default())
            .result
            .expect("works")
    };
    // FIPS 202 and FIPS 180-4, the examples for "abc".
    let hex = |bytes: Vec<u8>| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(
        hex(hash("sha3_256")),
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"
    );
    assert_eq!(
        hex(hash("sha2_256")),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

/// Answers of a verification of "hi" with good, spoiled and absent signatures.
fn verify(name: &str, key: &[u8], signature: &[u8]) -> Vec<u8> {
    let input = [key, signature, b"hi"].concat();
    let at = 1000 + key.len();
    let end = at + signature.len();
    let calls = [(1000, at, 2), (1000, at, 1), (3000, at, 2), (1000, 3000, 2)];
    let each = calls
        .iter()
        .enumerate()
        .map(|(place, (key, signature, length))| {
            format!(
                "(i32.store8 (i32.const {place}) (call ${name} (i32.const {key})
                (i32.const {signature}) (i32.const {end}) (i32.const {length})))"
            )
        });
    let body = format!(
        "(call $input (i32.const 0) (i32.const 1000) (i32.const {})) {}",
        input.len(),
        each.collect::<String>()
    );
    reply(
        &body,
        4,
        &mut Desk {
            input,
            ..Desk::default()
        },
    )
}

#[test]
fn signatures() {
    let key = ed25519::SecretKey::from_seed([3; 32]);
    let answers = verify("ed25519_verify", &key.public().0, &key.sign(b"hi").0);
    assert_eq!(answers, [1, 0, 0, 0]);
    let key = bls::SecretKey::from_seed(&[3; 32]);
    let signature = borsh::to_vec(&key.sign(b"hi")).expect("bytes");
    let answers = verify("bls_verify", &key.public().to_bytes(), &signature);
    assert_eq!(answers, [1, 0, 0, 0]);
}

#[test]
fn a_view_reads_and_answers() {
    let text = module(
        "(func (export \"thinkey_view\") (call $reply (i32.const 0) (i32.const 3)))
        (data (i32.const 0) \"yes\")",
        "",
    );
    let outcome = run_entry(&text, Entry::View, &mut Desk::default(), PLENTY);
    assert_eq!(outcome.result, Ok(b"yes".to_vec()));
}
