//! What the root remembers of each chain's term.

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::Hash;
use types::{ChainId, Epoch, Height, Signers};

use super::candidate::Draw;
use super::clock::is_public;
use super::ticket::Threshold;

/// The term that a chain is in.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Term {
    /// Its number.
    pub epoch: Epoch,
    /// The root height at which it began.
    pub since: Height,
    /// The root height from which the next term may begin.
    pub end: Height,
    /// How far the next term's committee is.
    pub stage: Stage,
    /// Set while the chain waits for a rescue.
    pub frozen: Option<Freeze>,
}

/// How far the next term's committee is.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// It is not time yet.
    Serving,
    /// It is being elected.
    Electing(Election),
    /// It stands in the committees' account.
    Elected(Successor),
}

/// An election under way.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Election {
    /// 0 at first; the last of all is drawn publicly from those that declared themselves before.
    pub attempt: u32,
    /// k: the root height whose seed draws.
    pub opened: Height,
    /// The root height at which the first attempt opened, by which stake counts.
    pub snapshot: Height,
    /// All tickets then.
    pub total: u64,
    /// Tickets whose hash is below this win.
    pub threshold: Threshold,
    /// R_k once it is known.
    pub seed: Option<Known>,
    /// Stakers that declared themselves, in any attempt.
    pub candidates: u32,
}

/// A seed and when it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Known {
    /// The seed.
    pub seed: Hash,
    /// k': the root height that recorded it.
    pub height: Height,
}

/// A committee that was elected and not yet in office.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Successor {
    /// The root height that recorded it.
    pub elected: Height,
    /// Members that follow the chain.
    pub ready: Signers,
    /// The root height at which all were told that the term may end.
    pub told: Option<Height>,
}

/// A chain that is frozen. Its best rescued block stands in a slot of its own.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Freeze {
    /// The root height at which it was frozen.
    pub at: Height,
    /// Members of the old committee that showed up since.
    pub present: Signers,
}

/// A drawing that takes candidates from the height after `known` on, for a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Which drawing.
    pub draw: Draw,
    /// R_k.
    pub seed: Hash,
    /// k': the root height that recorded the seed.
    pub known: Height,
    /// The root height by which stake counts.
    pub snapshot: Height,
    /// Tickets whose hash is below this win.
    pub threshold: Threshold,
}

impl Term {
    /// A term that begins.
    pub const fn begin(epoch: Epoch, since: Height, length: Height) -> Self {
        Self {
            epoch,
            since,
            end: since.saturating_add(length),
            stage: Stage::Serving,
            frozen: None,
        }
    }

    /// The next term's number.
    pub const fn next(&self) -> Epoch {
        self.epoch.saturating_add(1)
    }

    /// The election under way.
    pub const fn election(&self) -> Option<&Election> {
        match &self.stage {
            Stage::Electing(election) => Some(election),
            _ => None,
        }
    }

    /// What candidates draw for now, once the seed is known; see [`super::draw`].
    pub fn drawing(&self, chain: ChainId) -> Option<Drawing> {
        let election = self.election().filter(|election| !is_public(election))?;
        let known = election.seed?;
        Some(Drawing {
            draw: Draw {
                chain,
                epoch: self.next(),
                opened: election.snapshot,
                attempt: election.attempt,
            },
            seed: known.seed,
            known: known.height,
            snapshot: election.snapshot,
            threshold: election.threshold,
        })
    }

    /// The committee that waits.
    pub const fn successor(&self) -> Option<&Successor> {
        match &self.stage {
            Stage::Elected(successor) => Some(successor),
            _ => None,
        }
    }
}
