//! Complaints about shares, which prove themselves ([T6]).

use blstrs::G1Affine;
use borsh::{BorshDeserialize, BorshSerialize};

use super::point::decode_g1;
use super::proof::{KeyProof, prove_equal_logs, verify_equal_logs};
use super::{BadShare, CheckedDealing, ComplaintError, DecryptionKey, EncryptionKey, Seat};
use crate::hash::Domain;

const COMPLAINT: Domain = Domain::new("thinkey.complaint");

/// Opens what one dealer sent to one recipient, before everybody: the point that the two share,
/// with a proof that it is that point. 112 bytes.
///
/// It gives away every share that the dealer sent to the recipient's key, and nothing else. If
/// the complaint is right, the dealing counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct Complaint {
    shared: [u8; 48],
    proof: KeyProof,
}

/// Who is at fault, once a complaint's proof holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The dealer sent a bad share.
    DealerGuilty(BadShare),
    /// The share is good: the recipient complained without a reason.
    AccuserGuilty,
}

impl Complaint {
    /// Complains about the share of `seat`, after [`CheckedDealing::open`] said that it is bad.
    pub fn create(dealing: &CheckedDealing, key: &DecryptionKey, seat: Seat) -> Self {
        let shared = key.agree(&dealing.ephemeral);
        let statement = statement(dealing, key.public(), &shared, seat);
        let parts: Vec<&[u8]> = statement.iter().map(Vec::as_slice).collect();
        let proof = prove_equal_logs(COMPLAINT, key.secret(), &dealing.ephemeral, &parts);
        let shared = shared.to_compressed();
        Self { shared, proof }
    }

    /// Says who is at fault. `key` is the key of the seat in the terms of the dealing.
    ///
    /// # Errors
    /// A complaint that proves nothing: made by another, or about another dealing or seat. It
    /// says nothing about the dealer.
    pub fn judge(
        &self,
        dealing: &CheckedDealing,
        key: &EncryptionKey,
        seat: Seat,
    ) -> Result<Verdict, ComplaintError> {
        let shared = decode_g1(&self.shared).map_err(ComplaintError::Point)?;
        let statement = statement(dealing, key, &shared, seat);
        let parts: Vec<&[u8]> = statement.iter().map(Vec::as_slice).collect();
        let points = [key.point(), &shared];
        let holds = verify_equal_logs(COMPLAINT, &dealing.ephemeral, points, &parts, &self.proof);
        if !holds && !cfg!(feature = "plant-unproved-complaint") {
            return Err(ComplaintError::Proof);
        }
        match dealing.unseal(&shared, key, seat) {
            Ok(_) => Ok(Verdict::AccuserGuilty),
            Err(BadShare::NoSuchSeat) => Err(ComplaintError::NoSuchSeat),
            Err(bad) => Ok(Verdict::DealerGuilty(bad)),
        }
    }
}

/// [T3] What the proof is bound to.
fn statement(
    dealing: &CheckedDealing,
    key: &EncryptionKey,
    shared: &G1Affine,
    seat: Seat,
) -> [Vec<u8>; 6] {
    [
        dealing.context.as_bytes().to_vec(),
        dealing.dealer.to_le_bytes().to_vec(),
        seat.number().to_le_bytes().to_vec(),
        key.to_bytes().to_vec(),
        dealing.ephemeral.to_compressed().to_vec(),
        shared.to_compressed().to_vec(),
    ]
}
