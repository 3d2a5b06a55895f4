//! Polynomials, commitments and what groups make of them.

use blstrs::{G2Affine, Scalar};
use group::ff::Field;
use group::prime::PrimeCurveAffine;

use super::*;
use crate::hash::Domain;

#[test]
fn shares_lie_on_the_committed_polynomial() {
    let polynomial = Polynomial::from_seed(&[4; 32], 5).unwrap();
    let commitment = polynomial.commit();
    for number in [1, 2, 3, 64, 400, MAX_SEATS] {
        let share = polynomial.share(seat(number)).unwrap();
        assert_eq!(share.verify(&commitment), Ok(()));
        let key = commitment.share_public_key(seat(number)).unwrap();
        assert_eq!(key.verify(b"m", &share.sign(b"m").signature), Ok(()));
        let moved = Share::from_bytes(seat(number + 1), &share.to_bytes()).unwrap();
        let wrong = Err(ThresholdError::Share { seat: number + 1 });
        assert_eq!(moved.verify(&commitment), wrong);
    }
}

#[test]
fn a_seed_and_a_threshold_make_one_polynomial() {
    let commit = |seed: u8, threshold| {
        let polynomial = Polynomial::from_seed(&[seed; 32], threshold);
        polynomial.unwrap().commit().to_points()
    };
    assert_eq!(commit(1, 3), commit(1, 3));
    let (three, four) = (commit(1, 3), commit(1, 4));
    assert!(three.iter().all(|point| !four.contains(point)));
    assert!(three.iter().all(|point| !commit(2, 3).contains(point)));
    assert!(three[0] != three[1] && three[1] != three[2]);
}

#[test]
fn a_group_of_dealers_signs_with_the_sum_of_its_shares() {
    let (threshold, seats) = (3, 7);
    let dealers: Vec<_> = (1..=4)
        .map(|seed| Polynomial::from_seed(&[seed; 32], threshold).unwrap())
        .collect();
    let commitments: Vec<_> = dealers.iter().map(Polynomial::commit).collect();
    let mut refs: Vec<&Commitment> = commitments.iter().collect();
    let group = GroupCommitment::sum(&refs).unwrap();
    refs.reverse();
    assert_eq!(GroupCommitment::sum(&refs).unwrap(), group);
    let share = |seat| {
        let dealt: Vec<_> = dealers.iter().map(|d| d.share(seat).unwrap()).collect();
        Share::sum(&dealt).unwrap()
    };
    let shares: Vec<_> = Seat::all(seats).map(share).collect();
    let key = GroupKey::new(&group, seats).unwrap();
    for share in &shares {
        assert_eq!(key.verify(b"m", &share.sign(b"m")), Ok(()));
    }
    let signature = key
        .combine(b"m", &sign(&shares[2..], b"m"), SECRET)
        .unwrap();
    // The group's secret is nowhere; the sum of the dealers' signatures is its signature.
    let parts: Vec<_> = dealers
        .iter()
        .map(|dealer| dealer.secret().to_bytes_be())
        .map(|secret| {
            crate::bls::SecretKey::from_bytes(&secret)
                .unwrap()
                .sign(b"m")
        })
        .collect();
    assert_eq!(signature.signature, Signature::aggregate(&parts).unwrap());
}

/// [T7] Knowing what others dealt to its seat, who deals last makes that seat's share zero.
#[test]
fn a_dealer_who_goes_last_silences_its_own_seat_only() {
    let (threshold, seats, own) = (2, 4, seat(3));
    let honest: Vec<_> = (1..=3)
        .map(|seed| Polynomial::from_seed(&[seed; 32], threshold).unwrap())
        .collect();
    let dealt = |seat| {
        let dealt: Vec<_> = honest.iter().map(|d| d.share(seat).unwrap()).collect();
        Share::sum(&dealt).unwrap()
    };
    let known = Scalar::from_bytes_be(&dealt(own).to_bytes()).unwrap();
    // a(3) = a0 + 3·a1 = −known.
    let first = Scalar::from(7);
    let second = -(known + first) * Scalar::from(3).invert().unwrap();
    let points = [first, second].map(|a| G2Affine::from(G2Affine::generator() * a));
    let last = Commitment::from_points(points.to_vec());
    let mut all: Vec<_> = honest.iter().map(Polynomial::commit).collect();
    all.push(last);
    let group = GroupCommitment::sum(&all.iter().collect::<Vec<_>>()).unwrap();
    let key = GroupKey::new(&group, seats).unwrap();
    assert_eq!((key.size(), key.seat(own)), (4, None));
    let silent = dealt(own).sign(b"m");
    assert!(key.verify(b"m", &silent).is_err());
    assert_eq!(key.verify_each(b"m", &[silent], SECRET), [false]);
    let shares = [1, 2, 4].map(|number| {
        let own = first + second * Scalar::from(u64::from(number));
        let own = Share::from_bytes(seat(number), &own.to_bytes_be()).unwrap();
        Share::sum(&[dealt(seat(number)), own]).unwrap()
    });
    let partials = sign(&shares, b"m");
    assert_eq!(key.verify_each(b"m", &partials, SECRET), [true; 3]);
    let signature = key.combine(b"m", &partials, SECRET).unwrap().signature;
    assert_eq!(key.verify_combined(b"m", &signature), Ok(()));
}

#[test]
fn sums_that_mean_nothing_are_refused() {
    let commitment = |seed, t| Polynomial::from_seed(&[seed; 32], t).unwrap().commit();
    assert_eq!(GroupCommitment::sum(&[]), Err(ThresholdError::Empty));
    let degree = Err(ThresholdError::Degree {
        threshold: 3,
        got: 4,
    });
    let (three, four) = (commitment(1, 3), commitment(2, 4));
    assert_eq!(GroupCommitment::sum(&[&three, &four]), degree);
    let opposite = |points: Vec<[u8; 96]>| {
        let flip = |mut point: [u8; 96]| {
            point[0] ^= 0x20;
            point
        };
        let points: Vec<_> = points.into_iter().map(flip).collect();
        Commitment::decode(&points, 3).unwrap()
    };
    let zero = [&three, &opposite(three.to_points())];
    assert_eq!(GroupCommitment::sum(&zero), Err(ThresholdError::Identity));
    let polynomial = Polynomial::from_seed(&[1; 32], 3).unwrap();
    let shares = [1, 2].map(|number| polynomial.share(seat(number)).unwrap());
    let mixed = Share::sum(&shares).err();
    assert_eq!(mixed, Some(ThresholdError::WrongSeat { seat: 2 }));
    assert_eq!(Share::sum(&[]).err(), Some(ThresholdError::Empty));
}

#[test]
fn sizes_that_no_group_has_are_refused() {
    for (t, n) in [(0, 4), (5, 4), (1, 0), (3, MAX_SEATS + 1)] {
        let refused = deal_trusted(&[1; 32], t, n).err();
        let seats = usize::from(n);
        assert_eq!(
            refused,
            Some(ThresholdError::Sizes {
                threshold: t,
                seats
            })
        );
    }
    let refused = |t| Polynomial::from_seed(&[1; 32], t).is_err();
    assert!(refused(0) && refused(MAX_SEATS + 1) && !refused(1));
    let (commitment, _) = deal_trusted(&[1; 32], 3, 4).unwrap();
    assert!(GroupKey::new(&commitment, 2).is_err());
    assert!(GroupKey::new(&commitment, MAX_SEATS + 1).is_err());
    assert_eq!((Seat::new(0), Seat::at(1_024)), (None, None));
    assert_eq!(Seat::at(1_023).map(Seat::number), Some(1_024));
}

#[test]
fn commitments_have_one_encoding_and_checked_points() {
    let commitment = Polynomial::from_seed(&[1; 32], 3).unwrap().commit();
    let bytes = borsh::to_vec(&commitment).unwrap();
    assert_eq!(bytes.len(), 4 + 3 * 96);
    assert_eq!(borsh::from_slice::<Commitment>(&bytes).unwrap(), commitment);
    let decoded = |points: &[[u8; 96]]| Commitment::decode(points, 3);
    let points = commitment.to_points();
    assert_eq!(decoded(&points).as_ref(), Ok(&commitment));
    for (bad, error) in [
        (identity(), SignatureError::Identity),
        (outside_g2(), SignatureError::NotInGroup),
        ([0xff; 96], SignatureError::Encoding),
    ] {
        for index in 0..3 {
            let mut points = points.clone();
            points[index] = bad;
            assert_eq!(
                decoded(&points),
                Err(ThresholdError::Point { index, error })
            );
            let bytes = borsh::to_vec(&points).unwrap();
            assert!(borsh::from_slice::<Commitment>(&bytes).is_err());
            assert!(borsh::from_slice::<GroupCommitment>(&bytes).is_err());
        }
    }
}

#[test]
fn commitments_of_another_length_are_refused() {
    let commitment = Polynomial::from_seed(&[1; 32], 3).unwrap().commit();
    let points = commitment.to_points();
    for threshold in [0, 2, 4] {
        let degree = Err(ThresholdError::Degree { threshold, got: 3 });
        assert_eq!(Commitment::decode(&points, threshold), degree);
    }
    let mut bytes = borsh::to_vec(&commitment).unwrap();
    bytes.push(0);
    assert!(
        borsh::from_slice::<Commitment>(&bytes).is_err(),
        "trailing byte"
    );
    bytes.truncate(100);
    assert!(borsh::from_slice::<Commitment>(&bytes).is_err(), "short");
    for length in [0, u32::from(MAX_SEATS) + 1, u32::MAX] {
        let refused = borsh::from_slice::<Commitment>(&length.to_le_bytes());
        assert!(refused.is_err(), "length {length}");
    }
}

#[test]
fn shares_survive_their_bytes_and_stay_out_of_logs() {
    let share = Polynomial::from_seed(&[1; 32], 3)
        .unwrap()
        .share(seat(2))
        .unwrap();
    let kept = Share::from_bytes(seat(2), &share.to_bytes()).unwrap();
    assert_eq!(kept.sign(b"m"), share.sign(b"m"));
    for bad in [[0; 32], [0xff; 32]] {
        let refused = Share::from_bytes(seat(2), &bad).err();
        assert_eq!(refused, Some(ThresholdError::Scalar));
    }
    assert_eq!(format!("{share:?}"), "Share of seat 2");
}

#[test]
fn hashed_scalars_differ_by_domain_part_and_boundary() {
    use super::super::scalar::hash_to_scalar;
    let [a, b] = [Domain::new("thinkey.test.a"), Domain::new("thinkey.test.b")];
    let all = [
        hash_to_scalar(a, &[b"xy", b"z"]),
        hash_to_scalar(b, &[b"xy", b"z"]),
        hash_to_scalar(a, &[b"x", b"yz"]),
        hash_to_scalar(a, &[b"xyz"]),
    ];
    for (i, one) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|other| other != one));
    }
    // The halves are two hashes: some of the high bits are set.
    let big = (0..16_u8).map(|i| hash_to_scalar(a, &[&[i]]).to_bytes_be()[0]);
    assert!(big.filter(|top| *top >= 16).count() >= 8);
}
