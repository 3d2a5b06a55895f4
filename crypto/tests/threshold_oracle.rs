//! Threshold signatures against an independent implementation: the sharing of vsss-rs over the
//! curve of bls12_381, neither of which shares code with ours.
#![allow(missing_docs)]

use bls12_381::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use crypto::bls::{SecretKey, Signature};
use crypto::threshold::{
    Commitment, GroupCommitment, PartialSignature, Seat, Share, combine, deal_trusted,
};
use crypto::{Domain, hash};
use rand_core::{TryCryptoRng, TryRng};
use vsss_rs::{
    FeldmanVerifierSet, GroupShare, IdentifierPrimeField, PrimeFieldShare, ReadableShareSet,
    ShareVerifierGroup, feldman,
};

type Verifiers = Vec<ShareVerifierGroup<G2Projective>>;

/// SHA3-256 in counter mode.
struct Noise(u64);

impl TryRng for Noise {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            let domain = Domain::new("thinkey.test.oracle");
            let block = hash(domain, &[&self.0.to_le_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Noise {}

/// Sizes tried: threshold, seats.
const SIZES: [(u16, u16); 5] = [(2, 3), (3, 7), (5, 13), (21, 61), (34, 100)];

/// `threshold` of the seats, scattered.
fn some_seats(threshold: u16, seats: u16) -> impl Iterator<Item = Seat> {
    let scattered = (0..seats).map(move |i| (i * 37 + 11) % seats + 1);
    let wanted = scattered.take(usize::from(threshold));
    wanted.map(|number| Seat::new(number).unwrap())
}

fn combined_by_oracle(partials: &[PartialSignature]) -> Signature {
    let share = |partial: &PartialSignature| {
        let point = G1Affine::from_compressed(partial.signature.as_bytes()).unwrap();
        let place = Scalar::from(u64::from(partial.seat.number()));
        GroupShare::<G1Projective>::from((place, point.into()))
    };
    let shares: Vec<_> = partials.iter().map(share).collect();
    let sum = shares.combine().unwrap();
    Signature::from(G1Affine::from(sum.0).to_compressed())
}

#[test]
fn both_combine_partial_signatures_alike() {
    for (threshold, seats) in SIZES {
        let (commitment, shares) = deal_trusted(&[7; 32], threshold, seats).unwrap();
        for message in [&b"one"[..], b"two"] {
            let sign = |seat: Seat| shares[seat.position()].sign(message);
            let partials: Vec<_> = some_seats(threshold, seats).map(sign).collect();
            let signature = combine(threshold, &partials).unwrap();
            assert_eq!(signature, combined_by_oracle(&partials));
            assert_eq!(commitment.public_key().verify(message, &signature), Ok(()));
        }
    }
}

#[test]
fn what_the_oracle_shares_we_verify_and_sign_with() {
    for (threshold, seats) in SIZES {
        let secret = SecretKey::from_seed(&[seats as u8; 32]);
        let mut bytes = secret.to_bytes();
        bytes.reverse();
        let scalar = IdentifierPrimeField(Scalar::from_bytes(&bytes).unwrap());
        let (t, n) = (usize::from(threshold), usize::from(seats));
        let rng = Noise(u64::from(seats));
        let split = feldman::split_secret(t, n, &scalar, None, rng).unwrap();
        let (dealt, verifiers): (Vec<PrimeFieldShare<Scalar>>, Verifiers) = split;
        // The first verifier is the generator, then the commitment.
        let points = FeldmanVerifierSet::<PrimeFieldShare<Scalar>, _>::verifiers(&verifiers);
        let compress =
            |point: &ShareVerifierGroup<G2Projective>| G2Affine::from(point.0).to_compressed();
        let points: Vec<_> = points.iter().map(compress).collect();
        let commitment = Commitment::decode(&points, threshold).unwrap();

        let shares: Vec<_> = Seat::all(seats)
            .zip(&dealt)
            .map(|(seat, share)| {
                let (place, value): (Scalar, Scalar) = (*share).into();
                assert_eq!(place, Scalar::from(u64::from(seat.number())));
                let mut bytes = value.to_bytes();
                bytes.reverse();
                Share::from_bytes(seat, &bytes).unwrap()
            })
            .collect();
        assert!(
            shares
                .iter()
                .all(|share| share.verify(&commitment) == Ok(()))
        );
        let sign = |seat: Seat| shares[seat.position()].sign(b"m");
        let partials: Vec<_> = some_seats(threshold, seats).map(sign).collect();
        assert_eq!(combine(threshold, &partials), Ok(secret.sign(b"m")));
        let group = GroupCommitment::from(commitment);
        assert_eq!(group.public_key(), secret.public());
    }
}

#[test]
fn both_find_that_one_too_few_make_nothing() {
    let (commitment, shares) = deal_trusted(&[7; 32], 5, 13).unwrap();
    let partials: Vec<_> = shares[3..7].iter().map(|share| share.sign(b"m")).collect();
    let ours = combine(4, &partials).unwrap();
    assert_eq!(ours, combined_by_oracle(&partials));
    assert!(commitment.public_key().verify(b"m", &ours).is_err());
}
