//! Key generation with dealers honest and not.

use super::cheat::*;
use super::*;
use crate::hash::Hash;

fn polynomial(threshold: u16) -> Polynomial {
    Polynomial::from_seed(&[8; 32], threshold).unwrap()
}

fn refused(forged: &Forged, terms: &Terms<'_>) -> DealingError {
    forged.dealing().verify(terms).unwrap_err()
}

#[test]
fn every_seat_opens_its_share() {
    let (secrets, keys) = recipients(7);
    let terms = terms(3, &keys);
    let dealing = Dealing::create(&[1; 32], &terms).unwrap();
    let checked = dealing.verify(&terms).unwrap();
    assert_eq!(checked.dealer(), DEALER);
    let shares: Vec<_> = Seat::all(7)
        .zip(&secrets)
        .map(|(seat, key)| checked.open(key, seat).unwrap())
        .collect();
    let group = GroupCommitment::from(checked.commitment().clone());
    let key = GroupKey::new(&group, 7).unwrap();
    let combined = key
        .combine(b"m", &sign(&shares[4..], b"m"), SECRET)
        .unwrap();
    assert_eq!(combined.bad, []);
    // Nobody opens another's.
    assert_eq!(
        checked.open(&secrets[0], seat(2)).err(),
        Some(BadShare::Ciphertext)
    );
    assert_eq!(
        checked.open(&secrets[0], seat(8)).err(),
        Some(BadShare::NoSuchSeat)
    );
}

#[test]
fn one_key_holds_several_seats() {
    let (secrets, keys) = recipients(2);
    let keys = [keys[0], keys[1], keys[0], keys[0]];
    let terms = terms(2, &keys);
    let dealing = Dealing::create(&[1; 32], &terms).unwrap();
    let checked = dealing.verify(&terms).unwrap();
    let open = |number| checked.open(&secrets[0], seat(number));
    let shares = [1, 3, 4].map(|number| open(number).unwrap());
    assert_eq!(open(2).err(), Some(BadShare::Ciphertext));
    let [one, _, four] = shares.map(|share| share.sign(b"m"));
    let signature = combine(2, &[one, four]).unwrap();
    let group = GroupCommitment::from(checked.commitment().clone());
    assert_eq!(group.public_key().verify(b"m", &signature), Ok(()));
}

#[test]
fn a_dealing_is_a_function_of_seed_and_terms() {
    let (_, keys) = recipients(4);
    let terms = terms(2, &keys);
    let create = |seed: u8, terms: &Terms<'_>| Dealing::create(&[seed; 32], terms).unwrap();
    let first = create(1, &terms);
    assert_eq!(create(1, &terms), first);
    let other = Hash::new([1; 32]);
    let others = [
        create(2, &terms),
        create(
            1,
            &Terms {
                context: &other,
                ..terms
            },
        ),
        create(1, &Terms { dealer: 4, ..terms }),
        create(
            1,
            &Terms {
                threshold: 3,
                ..terms
            },
        ),
        create(
            1,
            &Terms {
                keys: &keys[..3],
                ..terms
            },
        ),
    ];
    // [T4] A seed used twice repeats no secret.
    for dealing in others.iter().map(open) {
        let first = open(&first);
        assert_ne!(dealing.ephemeral, first.ephemeral);
        let known = |point| first.commitment.contains(point);
        assert!(!dealing.commitment.iter().any(known));
    }
}

#[test]
fn the_forger_writes_what_honest_dealers_write() {
    // Else what follows would show that garbage is refused, and no more.
    let (secrets, keys) = recipients(5);
    let terms = terms(3, &keys);
    let forged = Forged::honest(&polynomial(3), &terms).dealing();
    let checked = forged.verify(&terms).unwrap();
    for (seat, key) in Seat::all(5).zip(&secrets) {
        assert!(checked.open(key, seat).is_ok());
    }
}

#[test]
fn polynomials_of_another_degree_are_refused() {
    let (_, keys) = recipients(5);
    let terms = terms(3, &keys);
    for degree in [1, 2, 4, 5] {
        let forged = Forged::honest(&polynomial(degree), &terms);
        let got = usize::from(degree);
        let error = ThresholdError::Degree { threshold: 3, got };
        assert_eq!(refused(&forged, &terms), error.into());
    }
    // Padded with points at infinity, a lower degree has the right length.
    let mut forged = Forged::honest(&polynomial(2), &terms);
    forged.commitment.push(identity());
    forged.prove(polynomial(2).secret(), &ephemeral_secret(), &terms);
    let error = SignatureError::Identity;
    let error = ThresholdError::Point { index: 2, error };
    assert_eq!(refused(&forged, &terms), error.into());
}

#[test]
fn the_zero_polynomial_is_refused() {
    let (_, keys) = recipients(5);
    let terms = terms(3, &keys);
    let mut forged = Forged::honest(&polynomial(3), &terms);
    forged.commitment = vec![identity(); 3];
    for seat in 1..=5 {
        forged.seal(&terms, seat, &[0; 32]);
    }
    forged.prove(zero(), &ephemeral_secret(), &terms);
    let error = SignatureError::Identity;
    let error = ThresholdError::Point { index: 0, error };
    assert_eq!(refused(&forged, &terms), error.into());
}

#[test]
fn points_at_infinity_and_outside_the_group_are_refused() {
    let (_, keys) = recipients(5);
    let terms = terms(3, &keys);
    let honest = Forged::honest(&polynomial(3), &terms);
    let r = ephemeral_secret();
    for (point, error) in [
        (outside_g2(), SignatureError::NotInGroup),
        (identity(), SignatureError::Identity),
        ([0xee; 96], SignatureError::Encoding),
    ] {
        for index in 0..3 {
            let mut forged = honest.clone();
            forged.commitment[index] = point;
            forged.prove(polynomial(3).secret(), &r, &terms);
            let error = ThresholdError::Point { index, error };
            assert_eq!(refused(&forged, &terms), error.into());
        }
    }
    for (point, error) in [
        (outside_g1(), SignatureError::NotInGroup),
        (identity(), SignatureError::Identity),
        ([0xee; 48], SignatureError::Encoding),
    ] {
        let mut forged = honest.clone();
        forged.ephemeral = point;
        forged.prove(polynomial(3).secret(), &r, &terms);
        assert_eq!(refused(&forged, &terms), DealingError::Ephemeral(error));
    }
}

#[test]
fn lengths_of_garbage_are_refused() {
    let (_, keys) = recipients(5);
    let terms = terms(3, &keys);
    for seats in [0, 4, 6] {
        let mut forged = Forged::honest(&polynomial(3), &terms);
        forged.ciphertexts.resize(seats, [0; 48]);
        forged.prove(polynomial(3).secret(), &ephemeral_secret(), &terms);
        let error = DealingError::Ciphertexts {
            seats: 5,
            got: seats,
        };
        assert_eq!(refused(&forged, &terms), error);
    }
    let forged = Forged::honest(&polynomial(3), &terms);
    let nothing = Terms {
        threshold: 0,
        ..terms
    };
    let too_high = Terms {
        threshold: 6,
        ..terms
    };
    for terms in [nothing, too_high] {
        let (threshold, seats) = (terms.threshold, 5);
        let error = ThresholdError::Sizes { threshold, seats };
        assert_eq!(refused(&forged, &terms), error.into());
        assert_eq!(Dealing::create(&[1; 32], &terms), Err(error));
    }
}

#[test]
fn a_copied_ephemeral_key_needs_its_secret() {
    // The attacker wants the victim to complain about a copy, which opens the original.
    let (_, keys) = recipients(5);
    let honest_terms = terms(3, &keys);
    let victim = open(&Dealing::create(&[1; 32], &honest_terms).unwrap());
    let terms = Terms {
        dealer: 4,
        ..honest_terms
    };
    let mut forged = Forged::honest(&polynomial(3), &terms);
    forged.ephemeral = victim.ephemeral;
    forged.ciphertexts = victim.ciphertexts.clone();
    forged.prove(polynomial(3).secret(), &ephemeral_secret(), &terms);
    assert_eq!(refused(&forged, &terms), DealingError::Proof);
    forged.proof = victim.proof;
    assert_eq!(refused(&forged, &terms), DealingError::Proof);
    // Nor is the whole dealing another dealer's.
    assert_eq!(refused(&victim, &terms), DealingError::Proof);
}

#[test]
fn a_commitment_that_cancels_the_others_needs_its_secret() {
    let (_, keys) = recipients(5);
    let terms = terms(3, &keys);
    let honest = open(&Dealing::create(&[1; 32], &terms).unwrap());
    let mut forged = Forged::honest(&polynomial(3), &terms);
    forged.commitment[0] = honest.commitment[0];
    forged.commitment[0][0] ^= 0x20;
    forged.prove(polynomial(3).secret(), &ephemeral_secret(), &terms);
    assert_eq!(refused(&forged, &terms), DealingError::Proof);
}

#[test]
fn nothing_in_a_dealing_can_be_changed() {
    let (_, keys) = recipients(3);
    let terms = terms(2, &keys);
    let bytes = borsh::to_vec(&Dealing::create(&[1; 32], &terms).unwrap()).unwrap();
    for at in (0..bytes.len()).step_by(5) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        let verdict = borsh::from_slice::<Dealing>(&bytes).map(|dealing| dealing.verify(&terms));
        assert!(!matches!(verdict, Ok(Ok(_))), "byte {at}");
    }
}

#[test]
fn a_dealing_holds_in_its_terms_only() {
    let (_, mut keys) = recipients(4);
    let other = Hash::new([1; 32]);
    let dealing = Dealing::create(&[1; 32], &terms(2, &keys)).unwrap();
    assert!(dealing.verify(&terms(2, &keys)).is_ok());
    let elsewhere = [
        Terms {
            context: &other,
            ..terms(2, &keys)
        },
        Terms {
            dealer: 4,
            ..terms(2, &keys)
        },
    ];
    for terms in elsewhere {
        assert_eq!(dealing.verify(&terms), Err(DealingError::Proof));
    }
    keys.swap(0, 1);
    assert_eq!(dealing.verify(&terms(2, &keys)), Err(DealingError::Proof));
}

#[test]
fn two_dealings_of_one_dealer_have_two_digests() {
    let (_, keys) = recipients(4);
    let terms = terms(2, &keys);
    let [one, two] = [1, 2].map(|seed| Dealing::create(&[seed; 32], &terms).unwrap());
    assert!(one.verify(&terms).is_ok() && two.verify(&terms).is_ok());
    assert_ne!(one.digest(), two.digest());
}

#[test]
fn dealings_have_one_encoding_of_the_promised_size() {
    let (_, keys) = recipients(7);
    let dealing = Dealing::create(&[1; 32], &terms(3, &keys)).unwrap();
    let mut bytes = borsh::to_vec(&dealing).unwrap();
    assert_eq!(bytes.len(), 4 + 3 * 96 + 48 + 96 + 4 + 7 * 48);
    assert_eq!(borsh::from_slice::<Dealing>(&bytes).unwrap(), dealing);
    bytes.push(0);
    assert!(
        borsh::from_slice::<Dealing>(&bytes).is_err(),
        "trailing byte"
    );
    bytes.truncate(bytes.len() - 2);
    assert!(borsh::from_slice::<Dealing>(&bytes).is_err(), "short");
    let huge = |points: u32, ciphertexts: u32| {
        let mut bytes = points.to_le_bytes().to_vec();
        bytes.resize(4 + 96 * points.min(2_000) as usize + 48 + 96, 0);
        bytes.extend(ciphertexts.to_le_bytes());
        bytes.resize(bytes.len() + 48 * ciphertexts.min(2_000) as usize, 0);
        borsh::from_slice::<Dealing>(&bytes).is_err()
    };
    let most = u32::from(MAX_SEATS);
    assert!(!huge(most, most));
    assert!(huge(most + 1, 1) && huge(1, most + 1) && huge(u32::MAX, 1) && huge(1, u32::MAX));
}

#[test]
fn a_dealing_that_was_kept_is_the_one_that_was_checked() {
    let (secrets, keys) = recipients(5);
    let terms = terms(3, &keys);
    let dealing = Dealing::create(&[1; 32], &terms).unwrap();
    let checked = dealing.verify(&terms).unwrap();
    let mut bytes = borsh::to_vec(&checked.keep()).unwrap();
    let kept: KeptDealing = borsh::from_slice(&bytes).unwrap();
    assert_eq!(kept.dealer(), DEALER);
    assert_eq!(kept.commitment().as_ref(), Ok(checked.commitment()));
    let restored = kept.restore().unwrap();
    assert_eq!(restored, checked);
    assert!(restored.open(&secrets[4], seat(5)).is_ok());
    // A state that was damaged is seen, not interpreted.
    for at in [40, 250, 34 + 4 + 3 * 192 + 5] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let restored = borsh::from_slice::<KeptDealing>(&damaged)
            .unwrap()
            .restore();
        assert!(restored.is_err(), "byte {at}");
    }
    bytes.push(0);
    assert!(borsh::from_slice::<KeptDealing>(&bytes).is_err());
}
