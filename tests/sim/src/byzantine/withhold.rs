//! Saying nothing, to all or to some.

use consensus::Message;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// What is withheld.
pub(crate) enum Withhold {
    /// Votes and certificates.
    Votes,
    /// Proposals.
    Proposals,
    /// Bundles, blocks, anchors and users' messages.
    Answers,
}

impl Withhold {
    const fn concerns(&self, wire: &Wire) -> bool {
        match wire {
            Wire::Consensus { message, .. } => match message {
                Message::Proposal(_) => matches!(self, Self::Proposals),
                Message::Vote(_)
                | Message::Certificate(_)
                | Message::Finality(_)
                | Message::Closed(_) => {
                    matches!(self, Self::Votes)
                }
                Message::Ask { .. } => false,
            },
            Wire::Blocks { .. }
            | Wire::Bundles { .. }
            | Wire::Anchor(_)
            | Wire::Declaration(_)
            | Wire::Shares { .. }
            | Wire::Externals { .. } => matches!(self, Self::Answers),
            Wire::Fetch { .. } | Wire::Pull(_) => false,
        }
    }
}

impl Fault for Withhold {
    fn name(&self) -> &'static str {
        match self {
            Self::Votes => "withheld votes",
            Self::Proposals => "withheld proposals",
            Self::Answers => "withheld answers",
        }
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        if !self.concerns(&wire) {
            return vec![(to, wire)];
        }
        match hands.dice.below(4) {
            0 => vec![(to, wire)],
            // Only one or some are told.
            1 => {
                hands.fired += 1;
                vec![(hands.halves(to).0, wire)]
            }
            _ => {
                hands.fired += 1;
                Vec::new()
            }
        }
    }
}
