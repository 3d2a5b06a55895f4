//! Tests of ed25519: vectors, and single and batch verification in agreement.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const SECRET: [u8; 32] = [7; 32];

#[derive(Deserialize)]
struct Rfc {
    seed: String,
    public: PublicKey,
    message: String,
    signature: Signature,
}

#[derive(Deserialize)]
struct Speccheck {
    public: PublicKey,
    message: String,
    signature: Signature,
    zebra: bool,
}

#[derive(Deserialize)]
struct Wycheproof {
    id: u32,
    public: PublicKey,
    message: String,
    signature: String,
    result: String,
}

fn each(items: &[(PublicKey, Signature, Vec<u8>)]) -> Vec<bool> {
    let mut batch = Batch::new(SECRET);
    for (key, signature, message) in items {
        batch.push(*key, *signature, message);
    }
    batch.verify_each()
}

fn singles(items: &[(PublicKey, Signature, Vec<u8>)]) -> Vec<bool> {
    items
        .iter()
        .map(|(key, signature, message)| key.verify(message, signature).is_ok())
        .collect()
}

/// The verdict of a batch that holds nothing else.
fn alone(item: &(PublicKey, Signature, Vec<u8>)) -> bool {
    let mut batch = Batch::new(SECRET);
    batch.push(item.0, item.1, &item.2);
    batch.verify().is_ok()
}

fn signed(n: u8) -> Vec<(PublicKey, Signature, Vec<u8>)> {
    let sign = |i: u8| {
        let (key, message) = (SecretKey::from_seed([i; 32]), vec![i; i as usize]);
        (key.public(), key.sign(&message), message)
    };
    (0..n).map(sign).collect()
}

#[test]
fn signatures_are_those_of_rfc_8032() {
    let json = include_str!("../../tests/vectors/ed25519_rfc8032.json");
    let vectors: Vec<Rfc> = serde_json::from_str(json).unwrap();
    for vector in &vectors {
        let mut seed = [0; 32];
        hex::decode_to_slice(&vector.seed, &mut seed).unwrap();
        let (key, message) = (
            SecretKey::from_seed(seed),
            hex::decode(&vector.message).unwrap(),
        );
        assert_eq!((key.seed(), key.public()), (seed, vector.public));
        assert_eq!(key.sign(&message), vector.signature);
        assert_eq!(vector.public.verify(&message, &vector.signature), Ok(()));
    }
    assert_eq!(vectors.len(), 4);
}

#[test]
fn edge_cases_have_the_published_verdict_alone_and_in_batches() {
    let json = include_str!("../../tests/vectors/ed25519_speccheck.json");
    let vectors: Vec<Speccheck> = serde_json::from_str(json).unwrap();
    let items: Vec<_> = vectors
        .iter()
        .map(|case| {
            (
                case.public,
                case.signature,
                hex::decode(&case.message).unwrap(),
            )
        })
        .collect();
    let expected: Vec<bool> = vectors.iter().map(|case| case.zebra).collect();
    assert_eq!(expected.len(), 12);
    assert_eq!(singles(&items), expected);
    assert_eq!(items.iter().map(alone).collect::<Vec<_>>(), expected);
    assert_eq!(each(&items), expected);
    // Coefficients change nothing: cofactored cases hold beside any others.
    for secret in 0..50 {
        let mut batch = Batch::new([secret; 32]);
        for (key, signature, message) in signed(3).iter().chain(&items) {
            batch.push(*key, *signature, message);
        }
        assert_eq!(batch.verify_each()[3..], expected);
    }
}

#[test]
fn small_order_keys_and_nonces_agree() {
    // The 8 points of small order, and what else decompresses to them (ZIP-215's test matrix).
    let points = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    let keys: Vec<PublicKey> = points.iter().map(|text| text.parse().unwrap()).collect();
    let mut items = Vec::new();
    for key in &keys {
        for nonce in &keys {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(nonce.as_bytes());
            items.push((*key, Signature(signature), b"Zcash".to_vec()));
        }
    }
    // With s = 0 all of them hold under the cofactored equation.
    assert_eq!(singles(&items), vec![true; 196]);
    assert!(items.iter().all(alone));
    assert_eq!(each(&items), vec![true; 196]);
}

#[test]
fn wycheproof_agrees_and_differs_only_where_zip_215_is_lenient() {
    let json = include_str!("../../tests/vectors/ed25519_wycheproof.json");
    let vectors: Vec<Wycheproof> = serde_json::from_str(json).unwrap();
    assert_eq!(vectors.len(), 151);
    let (mut items, mut expected, mut lenient) = (Vec::new(), Vec::new(), Vec::new());
    for case in &vectors {
        // A signature of another length has no value of our type.
        let Ok(signature) = case.signature.parse::<Signature>() else {
            assert_eq!(case.result, "invalid", "case {}", case.id);
            continue;
        };
        items.push((case.public, signature, hex::decode(&case.message).unwrap()));
        expected.push(case.result == "valid");
        if singles(&items[items.len() - 1..]) != expected[expected.len() - 1..] {
            lenient.push(case.id);
        }
    }
    // 151 has a non-canonical R, which RFC 8032 refuses and ZIP-215 accepts on purpose.
    assert_eq!(lenient, [151]);
    assert_eq!(each(&items), singles(&items));
}

#[test]
fn each_bad_signature_is_found_wherever_it_stands() {
    let good = signed(24);
    assert_eq!(each(&good), vec![true; 24]);
    for bad in 0..24 {
        let mut items = good.clone();
        items[bad].2.push(0);
        let expected: Vec<bool> = (0..24).map(|i| i != bad).collect();
        assert_eq!(each(&items), expected, "bad at {bad}");
        assert_eq!(each(&items), singles(&items));
    }
    let all_bad: Vec<_> = good
        .into_iter()
        .map(|(key, s, _)| (key, s, vec![99; 99]))
        .collect();
    assert_eq!(each(&all_bad), vec![false; 24]);
}

#[test]
fn large_batches_are_judged_in_parallel_and_in_order() {
    let good = signed(100);
    let mut items: Vec<_> = good.iter().cycle().take(700).cloned().collect();
    for bad in [0, 127, 128, 350, 351, 699] {
        items[bad].1.0[5] ^= 1;
    }
    let verdicts = each(&items);
    let bad: Vec<usize> = (0..700).filter(|i| !verdicts[*i]).collect();
    assert_eq!(bad, [0, 127, 128, 350, 351, 699]);
}

#[test]
fn errors_that_cancel_in_a_plain_sum_are_found() {
    let mut items = signed(2);
    // s + 1 and s - 1: the sum of both equations holds, neither of them does.
    let (first, second) = items.split_at_mut(1);
    first[0].1.0[32] = first[0].1.0[32].checked_add(1).unwrap();
    second[0].1.0[32] = second[0].1.0[32].checked_sub(1).unwrap();
    for secret in 0..50 {
        let mut batch = Batch::new([secret; 32]);
        items
            .iter()
            .for_each(|(key, signature, message)| batch.push(*key, *signature, message));
        assert_eq!(batch.verify(), Err(SignatureError::Invalid));
    }
    assert_eq!(each(&items), [false, false]);
}

#[test]
fn an_empty_batch_holds() {
    assert_eq!(Batch::new(SECRET).verify(), Ok(()));
    assert!(Batch::new(SECRET).verify_each().is_empty());
}

#[test]
fn secrets_are_not_printed() {
    let key = SecretKey::from_seed([3; 32]);
    assert!(!format!("{key:?}").contains(&hex::encode([3; 32])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_agree_with_singles(errors in proptest::collection::vec(0u8..12, 1..400)) {
        let pool = signed(64);
        let spoil = |(i, error): (usize, &u8)| {
            let mut item = pool[i % 64].clone();
            match error {
                0 => item.2.push(1),
                1 => item.1.0[40] ^= 1,
                2 => item.1.0[63] |= 0x80,
                3 => item.0 = pool[(i + 1) % 64].0,
                _ => {}
            }
            item
        };
        let items: Vec<_> = errors.iter().enumerate().map(spoil).collect();
        let expected: Vec<bool> = errors.iter().map(|error| *error > 3).collect();
        prop_assert_eq!(each(&items), expected);
        prop_assert_eq!(singles(&items), errors.iter().map(|e| *e > 3).collect::<Vec<_>>());
    }
}
