//! Any threshold of the seats sign, fewer don't, and liars are found.

use proptest::prelude::*;

use super::*;

/// A threshold, more seats, and an order of the seats.
fn groups() -> impl Strategy<Value = (u16, u16, Vec<u16>)> {
    let sizes = (1_u16..8).prop_flat_map(|t| (Just(t), t..12));
    sizes.prop_flat_map(|(t, n)| {
        let order = Just((1..=n).collect::<Vec<_>>()).prop_shuffle();
        (Just(t), Just(n), order)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_threshold_of_seats_makes_the_one_signature((t, n, order) in groups(), seed: [u8; 32]) {
        let (commitment, shares) = deal_trusted(&seed, t, n).unwrap();
        let key = commitment.public_key();
        let partials: Vec<_> =
            order.iter().map(|seat| shares[usize::from(seat - 1)].sign(b"m")).collect();
        let signature = combine(t, &partials).unwrap();
        prop_assert_eq!(key.verify(b"m", &signature), Ok(()));
        let reversed: Vec<_> = partials.iter().rev().copied().collect();
        prop_assert_eq!(combine(t, &reversed).unwrap(), signature);
        // Fewer make something, but nothing that holds, even if they lie about the threshold.
        if t > 1 {
            let fewer = combine(t - 1, &partials).unwrap();
            prop_assert!(key.verify(b"m", &fewer).is_err());
            let got = usize::from(t) - 1;
            let error = ThresholdError::TooFew { threshold: t, got };
            prop_assert_eq!(combine(t, &partials[..got]), Err(error));
        }
    }
}

#[test]
fn the_signature_is_that_of_the_secret_at_zero() {
    let polynomial = Polynomial::from_seed(&[3; 32], 4).unwrap();
    let secret = polynomial.secret().to_bytes_be();
    let secret = crate::bls::SecretKey::from_bytes(&secret).unwrap();
    let shares = [9, 2, 300, 77].map(|number| polynomial.share(seat(number)).unwrap());
    let signature = combine(4, &sign(&shares, b"m")).unwrap();
    assert_eq!(signature, secret.sign(b"m"));
    let group = GroupCommitment::from(polynomial.commit());
    assert_eq!(group.public_key(), secret.public());
}

#[test]
fn partial_signatures_hold_for_their_seat_and_message_only() {
    let (key, shares) = group_of(3, 5);
    let mut partial = shares[1].sign(b"m");
    assert_eq!(key.verify(b"m", &partial), Ok(()));
    let mismatch = |seat| {
        let error = SignatureError::Mismatch;
        Err(ThresholdError::Partial { seat, error })
    };
    assert_eq!(key.verify(b"w", &partial), mismatch(2));
    partial.seat = seat(3);
    assert_eq!(key.verify(b"m", &partial), mismatch(3));
    partial.seat = seat(6);
    let unknown = Err(ThresholdError::NoSuchSeat { seat: 6, seats: 5 });
    assert_eq!(key.verify(b"m", &partial), unknown);
}

#[test]
fn liars_are_named_and_left_out() {
    let (key, shares) = group_of(3, 8);
    let good = sign(&shares, b"m");
    let clean = key.combine(b"m", &good, SECRET).unwrap();
    assert_eq!(clean.bad, []);
    let mut partials = good;
    partials[0].signature = shares[0].sign(b"other").signature;
    partials[1].signature = Signature::from(identity());
    partials[4].signature = Signature::from([0xff; 48]);
    partials[5].seat = seat(900);
    let sifted = key.combine(b"m", &partials, SECRET).unwrap();
    assert_eq!(sifted.signature, clean.signature);
    assert_eq!(sifted.bad, [seat(1), seat(2), seat(5), seat(900)]);
    // With fewer good ones than the threshold there is no signature.
    partials[2].signature = partials[3].signature;
    partials[7].signature = partials[3].signature;
    let few = ThresholdError::TooFew {
        threshold: 3,
        got: 2,
    };
    assert_eq!(key.combine(b"m", &partials, SECRET), Err(few));
}

#[test]
fn errors_that_cancel_are_found() {
    let (key, shares) = group_of(2, 4);
    let mut partials = sign(&shares, b"m");
    // λ_1 = 2 and λ_2 = −1: an error of e at seat 1 and 2e at seat 2 leave the sum as it was.
    let shift = crate::bls::SecretKey::from_seed(&[5; 32]).sign(b"shift");
    let add = |to: &mut Signature, parts: &[Signature]| {
        let all: Vec<_> = parts.iter().chain([&*to]).copied().collect();
        *to = Signature::aggregate(&all).unwrap();
    };
    add(&mut partials[0].signature, &[shift]);
    add(&mut partials[1].signature, &[shift, shift]);
    let combined = key.combine(b"m", &partials, SECRET).unwrap();
    assert_eq!(key.verify_combined(b"m", &combined.signature), Ok(()));
    assert_eq!(
        key.verify_each(b"m", &partials, SECRET),
        [false, false, true, true]
    );
}

#[test]
fn points_outside_the_group_never_make_a_signature() {
    let (key, shares) = group_of(2, 3);
    let mut partials = sign(&shares, b"m");
    partials[0].signature = Signature::from(outside_g1());
    assert_eq!(
        key.verify_each(b"m", &partials, SECRET),
        [false, true, true]
    );
    let combined = combine(2, &partials).unwrap();
    assert_eq!(
        key.verify_combined(b"m", &combined),
        Err(SignatureError::NotInGroup)
    );
    let sifted = key.combine(b"m", &partials, SECRET).unwrap();
    assert_eq!(sifted.bad, [seat(1)]);
}

#[test]
fn a_seat_counts_once() {
    let (key, shares) = group_of(2, 3);
    let partials = [shares[0].sign(b"m"), shares[0].sign(b"m")];
    let twice = Err(ThresholdError::WrongSeat { seat: 1 });
    assert_eq!(combine(2, &partials), twice);
    assert_eq!(
        key.combine(b"m", &partials, SECRET),
        Err(ThresholdError::WrongSeat { seat: 1 })
    );
    let none = ThresholdError::TooFew {
        threshold: 0,
        got: 2,
    };
    assert_eq!(combine(0, &partials), Err(none));
}

#[test]
fn partial_signatures_have_one_encoding() {
    let (_, shares) = group_of(2, 3);
    let partial = shares[2].sign(b"m");
    let mut bytes = borsh::to_vec(&partial).unwrap();
    assert_eq!(bytes.len(), 50);
    assert_eq!(
        borsh::from_slice::<PartialSignature>(&bytes).unwrap(),
        partial
    );
    let json = serde_json::to_string(&partial).unwrap();
    assert_eq!(
        serde_json::from_str::<PartialSignature>(&json).unwrap(),
        partial
    );
    bytes.push(0);
    assert!(borsh::from_slice::<PartialSignature>(&bytes).is_err());
    assert!(
        borsh::from_slice::<PartialSignature>(&[0; 50]).is_err(),
        "seat 0"
    );
}
