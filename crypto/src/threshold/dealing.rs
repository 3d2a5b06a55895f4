//! Dealings: one dealer's part of a group's key, an encrypted share for each seat.

use blstrs::G1Affine;
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use group::prime::PrimeCurveAffine;
use zeroize::Zeroizing;

use super::commitment::read_points;
use super::point::{decode_g1, decode_g2};
use super::proof::{DealerProof, prove_dealer, verify_dealer};
use super::scalar::{SecretScalar, hash_to_scalar};
use super::sealed::{self, Sealed};
use super::seat::check_sizes;
use super::{
    BadShare, Commitment, DealingError, DecryptionKey, EncryptionKey, Polynomial, Seat, Share,
    ThresholdError,
};
use crate::hash::{Domain, Hash, hash_borsh};

const SEED: Domain = Domain::new("thinkey.dealing.seed");
const EPHEMERAL: Domain = Domain::new("thinkey.dealing.ephemeral");
const PROOF: Domain = Domain::new("thinkey.dealing.proof");
const DIGEST: Domain = Domain::new("thinkey.dealing");

/// What all dealings of one key generation share, and who deals.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Names the key generation: a hash of network, epoch and attempt. Never used twice.
    pub context: &'a Hash,
    /// The dealer's number among the dealers.
    pub dealer: u16,
    /// Shares that sign.
    pub threshold: u16,
    /// The key of each seat's holder, in order of seats; one key may hold several seats.
    pub keys: &'a [EncryptionKey],
}

/// A dealing as it travels: threshold × 96 + 48 + 96 + seats × 48 bytes and two lengths.
///
/// Nothing in it is checked but its lengths; [`Dealing::verify`] makes a [`CheckedDealing`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Dealing {
    commitment: Vec<[u8; 96]>,
    ephemeral: [u8; 48],
    proof: DealerProof,
    ciphertexts: Vec<Sealed>,
}

impl Dealing {
    /// Deals, deterministic in `seed`, 32 bytes of good randomness, and `terms`: other terms make
    /// other secrets, so that a seed used twice gives nothing away.
    ///
    /// # Errors
    /// [`ThresholdError::Sizes`] where no group has such a threshold.
    pub fn create(seed: &[u8; 32], terms: &Terms<'_>) -> Result<Self, ThresholdError> {
        Self::create_sending(seed, terms, |seat| seat)
    }

    /// What a cheat deals: as [`Dealing::create`], but `victim` is sent the share of another seat.
    /// Nobody but the victim can tell. For tests and simulated liars.
    ///
    /// # Errors
    /// As [`Dealing::create`].
    pub fn create_cheating(
        seed: &[u8; 32],
        terms: &Terms<'_>,
        victim: Seat,
    ) -> Result<Self, ThresholdError> {
        let other = Seat::at(victim.position() + 1).unwrap_or(victim);
        Self::create_sending(
            seed,
            terms,
            |seat| if seat == victim { other } else { seat },
        )
    }

    /// Sends each seat the share of the seat that `of` says.
    fn create_sending(
        seed: &[u8; 32],
        terms: &Terms<'_>,
        of: impl Fn(Seat) -> Seat,
    ) -> Result<Self, ThresholdError> {
        check_sizes(terms.threshold, terms.keys.len())?;
        let seed = seed_for(seed, terms);
        let polynomial = Polynomial::from_seed(&seed, terms.threshold)?;
        let r = SecretScalar::new(hash_to_scalar(EPHEMERAL, &[&*seed]));
        let ephemeral = G1Affine::from(G1Affine::generator() * *r);
        let mut dealing = Self {
            commitment: polynomial.commit().to_points(),
            ephemeral: ephemeral.to_compressed(),
            proof: DealerProof::from([0; 96]),
            ciphertexts: seal_all(&polynomial, (&r, &ephemeral), terms, of)?,
        };
        let statement = dealing.statement(terms);
        dealing.proof = prove_dealer(PROOF, &polynomial.secret(), &r, &[statement.as_bytes()]);
        Ok(dealing)
    }

    /// Checks all that can be checked without a secret: sizes, the dealer's knowledge of his two
    /// secrets, the points of the commitment; cheap checks first.
    ///
    /// # Errors
    /// What is wrong with it. The dealer's fault, if he signed it.
    pub fn verify(&self, terms: &Terms<'_>) -> Result<CheckedDealing, DealingError> {
        self.check_lengths(terms)?;
        let ephemeral = decode_g1(&self.ephemeral).map_err(DealingError::Ephemeral)?;
        self.check_proof(terms, &ephemeral)?;
        let commitment = Commitment::decode(&self.commitment, terms.threshold)?;
        Ok(CheckedDealing {
            context: *terms.context,
            dealer: terms.dealer,
            commitment,
            ephemeral,
            ciphertexts: self.ciphertexts.clone(),
        })
    }

    /// Names the dealing: two of one dealer and context with different digests, each of which
    /// [`Dealing::verify`] accepts, show that he equivocated.
    pub fn digest(&self) -> Hash {
        hash_borsh(DIGEST, self)
    }

    /// [T2] Exactly threshold points, or the group's polynomial gets a higher degree and no
    /// threshold of shares determines it.
    fn check_lengths(&self, terms: &Terms<'_>) -> Result<(), DealingError> {
        check_sizes(terms.threshold, terms.keys.len())?;
        let (threshold, got) = (terms.threshold, self.commitment.len());
        if got != usize::from(threshold) && !cfg!(feature = "plant-any-degree") {
            return Err(ThresholdError::Degree { threshold, got }.into());
        }
        let (seats, got) = (terms.keys.len(), self.ciphertexts.len());
        if got != seats {
            return Err(DealingError::Ciphertexts { seats, got });
        }
        Ok(())
    }

    /// [T3] The proof of r stops a dealer who copies another's ciphertext to have it complained
    /// about and so opened; that of a_0, one who chooses his commitment as others' negative.
    fn check_proof(&self, terms: &Terms<'_>, ephemeral: &G1Affine) -> Result<(), DealingError> {
        let first = self.commitment.first().ok_or(ThresholdError::Empty)?;
        let first = decode_g2(first).map_err(|error| ThresholdError::Point { index: 0, error })?;
        let statement = self.statement(terms);
        let statement: [&[u8]; 1] = [statement.as_bytes()];
        if verify_dealer(PROOF, &first, ephemeral, &statement, &self.proof) {
            Ok(())
        } else {
            Err(DealingError::Proof)
        }
    }

    /// The terms and everything but the proof: who does not know both secrets can change nothing,
    /// and a dealing to other recipients is not taken for one to these.
    fn statement(&self, terms: &Terms<'_>) -> Hash {
        let parts = (&self.commitment, &self.ephemeral, &self.ciphertexts);
        let whom = (terms.context, terms.dealer, terms.keys);
        hash_borsh(PROOF, &(whom, parts))
    }
}

impl BorshDeserialize for Dealing {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Ok(Self {
            commitment: read_points(reader)?,
            ephemeral: BorshDeserialize::deserialize_reader(reader)?,
            proof: BorshDeserialize::deserialize_reader(reader)?,
            ciphertexts: read_points(reader)?,
        })
    }
}

/// A dealing that is well-formed and whose dealer knows its secrets. Whether what he encrypted is
/// right, each recipient finds out: [`CheckedDealing::open`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedDealing {
    pub(super) context: Hash,
    pub(super) dealer: u16,
    pub(super) commitment: Commitment,
    pub(super) ephemeral: G1Affine,
    pub(super) ciphertexts: Vec<Sealed>,
}

impl CheckedDealing {
    /// Who dealt.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// The commitment to his polynomial.
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// The seat's share, checked against the commitment.
    ///
    /// # Errors
    /// The dealer's fault, to be shown by a [`Complaint`](super::Complaint), if `key` is the key
    /// that stood at the seat in the terms.
    pub fn open(&self, key: &DecryptionKey, seat: Seat) -> Result<Share, BadShare> {
        let shared = key.agree(&self.ephemeral);
        self.unseal(&shared, key.public(), seat)
    }

    /// The seat's share by the point that its holder and the dealer share.
    pub(super) fn unseal(
        &self,
        shared: &G1Affine,
        key: &EncryptionKey,
        seat: Seat,
    ) -> Result<Share, BadShare> {
        let ciphertext = self.ciphertexts.get(seat.position());
        let ciphertext = ciphertext.ok_or(BadShare::NoSuchSeat)?;
        let cipher = self.envelope(key).cipher(shared, seat);
        let bytes = sealed::open(&cipher, ciphertext).ok_or(BadShare::Ciphertext)?;
        let share = Share::from_bytes(seat, &bytes).map_err(|_| BadShare::Scalar)?;
        match share.verify(&self.commitment) {
            Ok(()) => Ok(share),
            Err(_) => Err(BadShare::Polynomial),
        }
    }

    fn envelope<'a>(&'a self, key: &'a EncryptionKey) -> sealed::Envelope<'a> {
        sealed::Envelope {
            context: &self.context,
            dealer: self.dealer,
            ephemeral: &self.ephemeral,
            key,
        }
    }
}

/// [T4] All secrets of a dealing come from a seed of its own terms.
fn seed_for(seed: &[u8; 32], terms: &Terms<'_>) -> Zeroizing<[u8; 32]> {
    let whom = (terms.context, terms.dealer, terms.threshold, terms.keys);
    Zeroizing::new(*hash_borsh(SEED, &(seed, whom)).as_bytes())
}

fn seal_all(
    polynomial: &Polynomial,
    (r, ephemeral): (&SecretScalar, &G1Affine),
    terms: &Terms<'_>,
    of: impl Fn(Seat) -> Seat,
) -> Result<Vec<Sealed>, ThresholdError> {
    let seats = (0..).map_while(Seat::at).zip(terms.keys);
    let seal = |(seat, key): (Seat, &EncryptionKey)| {
        let envelope = sealed::Envelope {
            context: terms.context,
            dealer: terms.dealer,
            ephemeral,
            key,
        };
        let shared = G1Affine::from(key.point() * **r);
        let share = polynomial.share(of(seat))?;
        Ok(sealed::seal(
            &envelope.cipher(&shared, seat),
            &share.to_bytes(),
        ))
    };
    seats.map(seal).collect()
}
