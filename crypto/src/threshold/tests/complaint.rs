//! Who is at fault when a share is said to be bad.

use blstrs::Scalar;

use super::cheat::*;
use super::*;
use crate::hash::Hash;

const THRESHOLD: u16 = 3;

fn polynomial() -> Polynomial {
    Polynomial::from_seed(&[8; 32], THRESHOLD).unwrap()
}

/// A dealing of five seats, the third of which finds these bytes in its envelope.
fn dealt_to_third(keys: &[EncryptionKey], plain: &[u8; 32]) -> CheckedDealing {
    let terms = terms(THRESHOLD, keys);
    let mut forged = Forged::honest(&polynomial(), &terms);
    forged.seal(&terms, 3, plain);
    forged.prove(polynomial().secret(), &ephemeral_secret(), &terms);
    forged.dealing().verify(&terms).unwrap()
}

fn honest(keys: &[EncryptionKey]) -> CheckedDealing {
    let terms = terms(THRESHOLD, keys);
    Dealing::create(&[1; 32], &terms)
        .unwrap()
        .verify(&terms)
        .unwrap()
}

#[test]
fn bad_shares_convict_the_dealer() {
    let (secrets, keys) = recipients(5);
    let right = polynomial().share(seat(3)).unwrap().to_bytes();
    let right = Scalar::from_bytes_be(&right).unwrap();
    let wrong = (right + Scalar::from(1)).to_bytes_be();
    let another = polynomial().share(seat(4)).unwrap().to_bytes();
    for (plain, bad) in [
        (&wrong, BadShare::Polynomial),
        (&another, BadShare::Polynomial),
        (&[0; 32], BadShare::Scalar),
        (&[0xff; 32], BadShare::Scalar),
    ] {
        let dealing = dealt_to_third(&keys, plain);
        assert_eq!(dealing.open(&secrets[2], seat(3)).err(), Some(bad));
        let complaint = Complaint::create(&dealing, &secrets[2], seat(3));
        let verdict = complaint.judge(&dealing, &keys[2], seat(3));
        assert_eq!(verdict, Ok(Verdict::DealerGuilty(bad)));
        // The others have no reason to complain.
        assert!(dealing.open(&secrets[3], seat(4)).is_ok());
        let complaint = Complaint::create(&dealing, &secrets[3], seat(4));
        let verdict = complaint.judge(&dealing, &keys[3], seat(4));
        assert_eq!(verdict, Ok(Verdict::AccuserGuilty));
    }
}

#[test]
fn garbage_in_the_envelope_convicts_the_dealer() {
    let (secrets, keys) = recipients(5);
    let terms = terms(THRESHOLD, &keys);
    let mut forged = Forged::honest(&polynomial(), &terms);
    // Seat 1's ciphertext copied to seat 3, and noise at seat 4.
    forged.ciphertexts[2] = forged.ciphertexts[0];
    forged.ciphertexts[3] = [0x55; 48];
    forged.prove(polynomial().secret(), &ephemeral_secret(), &terms);
    let dealing = forged.dealing().verify(&terms).unwrap();
    for number in [3, 4] {
        let at = usize::from(number) - 1;
        let bad = dealing.open(&secrets[at], seat(number)).err();
        assert_eq!(bad, Some(BadShare::Ciphertext));
        let complaint = Complaint::create(&dealing, &secrets[at], seat(number));
        let verdict = complaint.judge(&dealing, &keys[at], seat(number));
        assert_eq!(verdict, Ok(Verdict::DealerGuilty(BadShare::Ciphertext)));
    }
}

#[test]
fn a_complaint_without_a_reason_convicts_the_accuser() {
    let (secrets, keys) = recipients(5);
    let dealing = honest(&keys);
    for (seat, (secret, key)) in Seat::all(5).zip(secrets.iter().zip(&keys)) {
        let complaint = Complaint::create(&dealing, secret, seat);
        let verdict = complaint.judge(&dealing, key, seat);
        assert_eq!(verdict, Ok(Verdict::AccuserGuilty));
    }
}

#[test]
fn a_complaint_speaks_for_its_dealing_seat_and_key_only() {
    let (secrets, keys) = recipients(5);
    let bad = dealt_to_third(&keys, &[0xff; 32]);
    let complaint = Complaint::create(&bad, &secrets[2], seat(3));
    let unproved = Err(ComplaintError::Proof);
    // Another seat, another key, another dealing of the same dealer.
    assert_eq!(complaint.judge(&bad, &keys[2], seat(4)), unproved);
    assert_eq!(complaint.judge(&bad, &keys[3], seat(3)), unproved);
    assert_eq!(complaint.judge(&honest(&keys), &keys[2], seat(3)), unproved);
    // The same ephemeral key under another dealer and in another context.
    let other = Hash::new([1; 32]);
    let mine = terms(THRESHOLD, &keys);
    for terms in [
        Terms {
            dealer: DEALER + 1,
            ..mine
        },
        Terms {
            context: &other,
            ..mine
        },
    ] {
        let forged = Forged::honest(&polynomial(), &terms);
        let dealing = forged.dealing().verify(&terms).unwrap();
        assert_eq!(complaint.judge(&dealing, &keys[2], seat(3)), unproved);
    }
}

#[test]
fn a_complaint_without_proof_says_nothing() {
    let (secrets, keys) = recipients(5);
    let bad = dealt_to_third(&keys, &[0xff; 32]);
    let bytes = borsh::to_vec(&Complaint::create(&bad, &secrets[2], seat(3))).unwrap();
    assert_eq!(bytes.len(), 112);
    let judge = |bytes: &[u8]| {
        let complaint: Complaint = borsh::from_slice(bytes).unwrap();
        complaint.judge(&bad, &keys[2], seat(3))
    };
    assert!(judge(&bytes).is_ok());
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert!(judge(&bytes).is_err(), "byte {at}");
    }
    // Another point of the group in place of the shared one, which would open to garbage.
    let mut framed = bytes.clone();
    framed[..48].copy_from_slice(&keys[0].to_bytes());
    assert_eq!(judge(&framed), Err(ComplaintError::Proof));
    for (point, error) in [
        (outside_g1(), SignatureError::NotInGroup),
        (identity(), SignatureError::Identity),
        ([0xee; 48], SignatureError::Encoding),
    ] {
        let mut framed = bytes.clone();
        framed[..48].copy_from_slice(&point);
        assert_eq!(judge(&framed), Err(ComplaintError::Point(error)));
    }
    assert!(borsh::from_slice::<Complaint>(&bytes[1..]).is_err());
    assert!(borsh::from_slice::<Complaint>(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_seat_that_does_not_exist_has_no_case() {
    let (secrets, keys) = recipients(5);
    let dealing = honest(&keys);
    let complaint = Complaint::create(&dealing, &secrets[2], seat(6));
    let verdict = complaint.judge(&dealing, &keys[2], seat(6));
    assert_eq!(verdict, Err(ComplaintError::NoSuchSeat));
}

#[test]
fn without_the_guilty_the_others_make_the_key() {
    let seats = 5;
    let (secrets, keys) = recipients(5);
    let terms = |dealer| Terms {
        dealer,
        ..terms(THRESHOLD, &keys)
    };
    let honest = |dealer: u8| {
        let terms = terms(u16::from(dealer));
        Dealing::create(&[dealer; 32], &terms)
            .unwrap()
            .verify(&terms)
            .unwrap()
    };
    let dealings = [
        honest(1),
        honest(2),
        dealt_to_third(&keys, &[7; 32]),
        honest(4),
    ];
    let mut guilty = Vec::new();
    for dealing in &dealings {
        for (seat, (secret, key)) in Seat::all(seats).zip(secrets.iter().zip(&keys)) {
            if dealing.open(secret, seat).is_err() {
                let complaint = Complaint::create(dealing, secret, seat);
                let verdict = complaint.judge(dealing, key, seat);
                assert!(matches!(verdict, Ok(Verdict::DealerGuilty(_))));
                guilty.push(dealing.dealer());
            }
        }
    }
    assert_eq!(guilty, [DEALER]);
    let qualified: Vec<_> = dealings
        .iter()
        .filter(|d| !guilty.contains(&d.dealer()))
        .collect();
    let commitments: Vec<_> = qualified.iter().map(|d| d.commitment()).collect();
    let group = GroupCommitment::sum(&commitments).unwrap();
    let share = |seat: Seat| {
        let open = |dealing: &&CheckedDealing| dealing.open(&secrets[seat.position()], seat);
        let shares: Result<Vec<_>, _> = qualified.iter().map(open).collect();
        Share::sum(&shares.unwrap()).unwrap()
    };
    let shares: Vec<_> = Seat::all(seats).map(share).collect();
    let key = GroupKey::new(&group, seats).unwrap();
    let signature = key
        .combine(b"m", &sign(&shares[..3], b"m"), SECRET)
        .unwrap();
    let again = key
        .combine(b"m", &sign(&shares[2..], b"m"), SECRET)
        .unwrap();
    assert_eq!(signature, again);
    assert_eq!(signature.bad, []);
}
