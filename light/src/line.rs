//! The line of root blocks that a verifier has come to believe. [L3]

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::merkle::InclusionProof;
use types::{Committee, Header, Height, NetworkId};

use crate::certified::{Signed, check_root};
use crate::handover::{Handover, Head, LineError, check_below};
use crate::{Checkpoint, CheckpointError};

/// Steps of a line as a node hands them out, lowest first; with the last ones the newest head.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Page {
    /// The next handovers; none when no term has ended since.
    pub handovers: Vec<Handover>,
    /// The newest certified block, when the term above the last handover lasts.
    pub head: Option<Head>,
}

/// Root blocks from a checkpoint on, each in the history of the next, and the committee of the
/// blocks above the last.
#[derive(Clone, Debug)]
pub struct Line {
    network: NetworkId,
    /// All but the last; heights rise.
    before: Vec<Header>,
    last: Header,
    committee: Committee,
}

impl Line {
    /// A line that starts at a checkpoint. Whether that is young enough, [`Trust`] tells.
    ///
    /// [`Trust`]: crate::Trust
    ///
    /// # Errors
    /// When the checkpoint has no meaning.
    pub fn start(checkpoint: &Checkpoint) -> Result<Self, CheckpointError> {
        checkpoint.check()?;
        Ok(Self {
            network: checkpoint.network,
            before: Vec::new(),
            last: checkpoint.root.clone(),
            committee: checkpoint.committee.clone(),
        })
    }

    /// Goes on to the next term. Changes nothing when the step does not hold.
    ///
    /// # Errors
    /// What does not hold.
    pub fn hand_over(&mut self, step: &Handover) -> Result<Signed, LineError> {
        let signed = step.check(&self.last, &self.committee, self.network)?;
        self.push(&step.closing);
        self.committee = step.next.clone();
        Ok(signed)
    }

    /// Goes on to a certified block of the present term. Changes nothing when it does not hold.
    ///
    /// # Errors
    /// What does not hold.
    pub fn reach(&mut self, head: &Head) -> Result<Signed, LineError> {
        let signed = head.check(&self.last, &self.committee, self.network)?;
        self.push(&head.block);
        Ok(signed)
    }

    /// Checks that `block` is a block of the line, or that `place` is its place in the history of
    /// the lowest one above it. The height of that block.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(
        &self,
        block: &Header,
        place: Option<&InclusionProof>,
    ) -> Result<Height, LineError> {
        check_root(block)?;
        let height = block.height;
        let mut all = self.before.iter().chain([&self.last]);
        let Some(over) = all.find(|known| known.height >= height) else {
            let last = self.last.height;
            return Err(LineError::Above { height, last });
        };
        match place {
            None if over.height == height && over.hash() != block.hash() => {
                return Err(LineError::Rival { height });
            }
            None if over.height > height => {
                let (found, expected) = (over.height, height);
                return Err(LineError::Place { found, expected });
            }
            None => {}
            Some(path) => check_below(block, over, path)?,
        }
        Ok(over.height)
    }

    /// The last block.
    pub const fn last(&self) -> &Header {
        &self.last
    }

    /// The committee of the blocks above the last.
    pub const fn committee(&self) -> &Committee {
        &self.committee
    }

    /// The last block as a checkpoint for later.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            network: self.network,
            root: self.last.clone(),
            committee: self.committee.clone(),
        }
    }

    fn push(&mut self, block: &Header) {
        let before = std::mem::replace(&mut self.last, block.clone());
        self.before.push(before);
    }
}
