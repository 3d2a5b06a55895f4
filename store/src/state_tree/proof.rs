//! Proofs that a key has a value, or that it has none, against a root alone.

use std::io::{self, Read};

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;

use super::node::{Link, empty_hash, inner_hash, leaf_hash};
use super::prefix::{KEY_BITS, Key, bit};

/// The other half of a branch that the walk towards the key passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProofStep {
    /// The position of the branch's bit in the key.
    pub at: u8,
    /// The hash of the half into which the key does not lead.
    pub sibling: Hash,
}

/// Where the walk towards the key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProofEnd {
    /// The tree has no keys.
    Empty,
    /// The leaf of the key itself.
    Present {
        /// The commitment to the key's value.
        value: Hash,
    },
    /// The leaf of another key, which would not be alone there if the key were in the tree.
    Absent {
        /// The key of that leaf.
        key: Key,
        /// The commitment to that key's value.
        value: Hash,
    },
}

/// The walk from the root towards one key.
///
/// There is one accepted encoding per tree and key: steps with rising positions, then the end.
/// Bytes (borsh): `u32` number of steps (little-endian, at most 256), for each `u8` position and
/// 32 bytes sibling; then `0`, or `1` and 32 bytes value, or `2`, 32 bytes key and 32 bytes value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct StateProof {
    steps: Vec<ProofStep>,
    end: ProofEnd,
}

/// Why a proof is refused. Whoever made or forwarded it unchecked is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateProofError {
    /// The steps must have rising bit positions.
    #[error("step {step} of the state proof is at bit {at}, not behind the step before it")]
    StepsNotRising {
        /// Index of the step.
        step: usize,
        /// Its bit position.
        at: u8,
    },
    /// The other leaf lies on another path than the key.
    #[error("the state proof ends at a leaf that leaves the key's path at bit {at}")]
    LeafOffPath {
        /// The first branch at which the leaf's key goes another way.
        at: u8,
    },
    /// The proof of absence shows the very key.
    #[error("the state proof claims absence and shows the key itself")]
    AbsentKeyShown,
    /// A tree without keys has no branches.
    #[error("the state proof claims an empty tree and has {steps} steps")]
    EmptyWithSteps {
        /// How many steps it has.
        steps: usize,
    },
    /// The proof is about another tree, key or value.
    #[error("the state proof leads to the root {found}, not to {expected}")]
    WrongRoot {
        /// The root that was asked about.
        expected: Hash,
        /// The root that the proof leads to.
        found: Hash,
    },
}

impl StateProof {
    /// Checks the proof against `root`: the commitment to the value of `key`, or `None` if the
    /// tree does not have `key`.
    ///
    /// Sound if `root` was made by [`super::StateTree`] over some keys, see \[T4\].
    pub fn verify(&self, root: &Hash, key: &Key) -> Result<Option<Hash>, StateProofError> {
        self.check_order()?;
        let (leaf, answer) = self.check_end(key)?;
        let found = self.steps.iter().rev().fold(leaf, |below, step| {
            if bit(key, usize::from(step.at)) {
                inner_hash(step.at, &step.sibling, &below)
            } else {
                inner_hash(step.at, &below, &step.sibling)
            }
        });
        if found != *root {
            return Err(StateProofError::WrongRoot {
                expected: *root,
                found,
            });
        }
        Ok(answer)
    }

    /// The branches on the way, root first.
    pub fn steps(&self) -> &[ProofStep] {
        &self.steps
    }

    /// Where the way ends.
    pub fn end(&self) -> &ProofEnd {
        &self.end
    }

    fn check_order(&self) -> Result<(), StateProofError> {
        let pairs = self.steps.iter().zip(self.steps.iter().skip(1));
        match pairs.enumerate().find(|(_, (a, b))| a.at >= b.at) {
            Some((i, (_, b))) => Err(StateProofError::StepsNotRising {
                step: i + 1,
                at: b.at,
            }),
            None => Ok(()),
        }
    }

    /// The hash at the end of the way, and what it says about `key`.
    fn check_end(&self, key: &Key) -> Result<(Hash, Option<Hash>), StateProofError> {
        match &self.end {
            ProofEnd::Present { value } => Ok((leaf_hash(key, value), Some(*value))),
            ProofEnd::Absent { key: other, value } => {
                self.check_other(key, other)?;
                Ok((leaf_hash(other, value), None))
            }
            ProofEnd::Empty if self.steps.is_empty() => Ok((empty_hash(), None)),
            ProofEnd::Empty => Err(StateProofError::EmptyWithSteps {
                steps: self.steps.len(),
            }),
        }
    }

    fn check_other(&self, key: &Key, other: &Key) -> Result<(), StateProofError> {
        if key == other {
            return Err(StateProofError::AbsentKeyShown);
        }
        let turns = self.steps.iter().map(|step| step.at);
        match turns
            .into_iter()
            .find(|at| bit(key, usize::from(*at)) != bit(other, usize::from(*at)))
        {
            Some(at) => Err(StateProofError::LeafOffPath { at }),
            None => Ok(()),
        }
    }
}

impl BorshDeserialize for StateProof {
    /// Refuses more steps than a key has bits before reading any of them.
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        let count = u32::deserialize_reader(reader)? as usize;
        if count > KEY_BITS {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "state proof has too many steps",
            ));
        }
        let steps = (0..count).map(|_| ProofStep::deserialize_reader(reader));
        let steps = steps.collect::<io::Result<_>>()?;
        Ok(Self {
            steps,
            end: ProofEnd::deserialize_reader(reader)?,
        })
    }
}

/// Walks from `root` towards `key` and writes down what it passes.
pub(super) fn prove<V>(root: Option<&Link<V>>, key: &Key) -> StateProof {
    let mut steps = Vec::new();
    let Some(mut link) = root else {
        return StateProof {
            steps,
            end: ProofEnd::Empty,
        };
    };
    loop {
        match link {
            Link::Inner(inner) => {
                let one = bit(key, usize::from(inner.at));
                let sibling = *if one { &inner.zero } else { &inner.one }.hash();
                steps.push(ProofStep {
                    at: inner.at,
                    sibling,
                });
                link = inner.half(key);
            }
            Link::Leaf(leaf) => {
                let value = leaf.commitment;
                let end = if leaf.key == *key {
                    ProofEnd::Present { value }
                } else {
                    ProofEnd::Absent {
                        key: leaf.key,
                        value,
                    }
                };
                return StateProof { steps, end };
            }
        }
    }
}
