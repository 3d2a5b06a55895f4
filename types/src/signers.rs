//! A set of committee members as a bitmap of exact length.

use borsh::{BorshDeserialize, BorshSerialize, io};
use serde::{Deserialize, Serialize};

use crate::limits;

/// Which members of a committee signed. Bit `i` of byte `i / 8` is member `i`.
///
/// One encoding per set: as many bytes as the committee needs, unused bits zero.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, Serialize, Deserialize,
)]
pub struct Signers {
    members: u16,
    bits: Vec<u8>,
}

impl Signers {
    /// No member of a committee of `members`.
    pub fn none(members: usize) -> Self {
        assert!(
            members <= limits::COMMITTEE_MEMBERS,
            "a committee has at most 2048 members"
        );
        Self {
            members: members as u16,
            bits: vec![0; members.div_ceil(8)],
        }
    }

    /// How many members the committee has.
    pub fn committee_size(&self) -> usize {
        self.members.into()
    }

    /// Adds a member; false when it was there already or is no member.
    pub fn insert(&mut self, member: usize) -> bool {
        let fresh = member < self.committee_size() && !self.contains(member);
        if fresh && let Some(byte) = self.bits.get_mut(member / 8) {
            *byte |= 1 << (member % 8);
        }
        fresh
    }

    /// Whether a member signed.
    pub fn contains(&self, member: usize) -> bool {
        self.bits
            .get(member / 8)
            .is_some_and(|byte| byte >> (member % 8) & 1 == 1)
    }

    /// The signing members in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.committee_size()).filter(|member| self.contains(*member))
    }

    /// How many members signed.
    pub fn count(&self) -> usize {
        self.bits
            .iter()
            .map(|byte| byte.count_ones() as usize)
            .sum()
    }

    /// Whether the two sets share a member.
    pub fn meets(&self, other: &Self) -> bool {
        self.bits.iter().zip(&other.bits).any(|(a, b)| a & b != 0)
    }

    fn is_canonical(&self) -> bool {
        let spare = self.bits.len() * 8 - self.committee_size().min(self.bits.len() * 8);
        self.bits.len() == self.committee_size().div_ceil(8)
            && self
                .bits
                .last()
                .is_none_or(|last| spare == 0 || last >> (8 - spare) == 0)
    }
}

impl BorshDeserialize for Signers {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let members = u16::deserialize_reader(reader)?;
        let bits = Vec::<u8>::deserialize_reader(reader)?;
        let signers = Self { members, bits };
        if usize::from(members) > limits::COMMITTEE_MEMBERS || !signers.is_canonical() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "signer bitmap not canonical",
            ));
        }
        Ok(signers)
    }
}
