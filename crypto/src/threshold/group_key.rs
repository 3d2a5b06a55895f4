//! What everybody knows of a group: its key and the keys of its seats.

use super::partial::combine;
use super::{GroupCommitment, PartialSignature, Seat, ThresholdError};
use crate::bls::{self, PublicKey, Signature, SignatureError};

/// The key of a group and of each of its seats' shares, derived from its [`GroupCommitment`].
///
/// [T7] Who deals last knows what all others dealt to its own seats, and can make the sum of a
/// share zero. Such a seat has no key and no say; the group goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupKey {
    public: PublicKey,
    threshold: u16,
    seats: Vec<Option<PublicKey>>,
}

/// A signature of the group, and who sent partial signatures that do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combined {
    /// Holds under the group's key.
    pub signature: Signature,
    /// Seats whose partial signature does not hold. Empty also where there was no need to look.
    pub bad: Vec<Seat>,
}

impl GroupKey {
    /// The keys of a group of `seats`.
    ///
    /// # Errors
    /// As [`GroupCommitment::share_public_keys`].
    pub fn new(commitment: &GroupCommitment, seats: u16) -> Result<Self, ThresholdError> {
        Ok(Self {
            public: commitment.public_key(),
            threshold: commitment.threshold(),
            seats: commitment.share_public_keys(seats)?,
        })
    }

    /// The key that the group signs under.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Partial signatures that make a signature.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// How many seats it has.
    pub fn size(&self) -> usize {
        self.seats.len()
    }

    /// The key of a seat's share; `None` for a seat that the group does not have or that has no
    /// key. [T7]
    pub fn seat(&self, seat: Seat) -> Option<&PublicKey> {
        self.seats.get(seat.position())?.as_ref()
    }

    /// Checks one partial signature.
    ///
    /// # Errors
    /// A seat that has no key in the group, or a signature that does not hold.
    pub fn verify(&self, message: &[u8], partial: &PartialSignature) -> Result<(), ThresholdError> {
        let seat = partial.seat;
        let key = self.seat(seat);
        let key = key.ok_or(ThresholdError::no_such_seat(seat, self.seats.len()))?;
        key.verify(message, &partial.signature)
            .map_err(|error| ThresholdError::partial(seat, error))
    }

    /// One verdict per partial signature on one message, in order: a batch with random
    /// coefficients, halved while it fails. `secret` as for [`bls::verify_each`].
    pub fn verify_each(
        &self,
        message: &[u8],
        partials: &[PartialSignature],
        secret: [u8; 32],
    ) -> Vec<bool> {
        let known = |partial: &PartialSignature| self.seat(partial.seat).is_some();
        let items = partials.iter().filter_map(|partial| {
            let key = self.seat(partial.seat)?;
            Some((key, message, &partial.signature))
        });
        let mut verdicts = bls::verify_each(&items.collect::<Vec<_>>(), secret).into_iter();
        let verdict = |partial| known(partial) && verdicts.next() == Some(true);
        partials.iter().map(verdict).collect()
    }

    /// The group's signature on `message` from partial signatures of distinct seats, verified.
    ///
    /// Tries the first threshold of them unseen, which is right unless someone lies; only then
    /// looks at each, and leaves out those that do not hold.
    ///
    /// # Errors
    /// Two partial signatures of a seat, or fewer good ones than the threshold.
    pub fn combine(
        &self,
        message: &[u8],
        partials: &[PartialSignature],
        secret: [u8; 32],
    ) -> Result<Combined, ThresholdError> {
        match combine(self.threshold, partials) {
            Ok(signature) if self.public.verify(message, &signature).is_ok() => {
                let bad = Vec::new();
                Ok(Combined { signature, bad })
            }
            Ok(_) | Err(ThresholdError::Partial { .. }) => self.sift(message, partials, secret),
            Err(error) => Err(error),
        }
    }

    /// Combines those that hold, knowing that one does not.
    fn sift(
        &self,
        message: &[u8],
        partials: &[PartialSignature],
        secret: [u8; 32],
    ) -> Result<Combined, ThresholdError> {
        let verdicts = self.verify_each(message, partials, secret);
        let judged = || partials.iter().zip(&verdicts);
        let good: Vec<_> = judged()
            .filter(|(_, good)| **good)
            .map(|(p, _)| *p)
            .collect();
        let bad = judged().filter(|(_, good)| !**good).map(|(p, _)| p.seat);
        let signature = combine(self.threshold, &good)?;
        Ok(Combined {
            signature,
            bad: bad.collect(),
        })
    }

    /// Checks the group's signature.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify_combined(
        &self,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        self.public.verify(message, signature)
    }
}
