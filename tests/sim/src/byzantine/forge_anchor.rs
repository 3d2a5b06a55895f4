//! Anchors that say something else than the chain.

use std::sync::Arc;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// Changes anchors on their way to the root.
pub(crate) struct ForgeAnchor;

impl Fault for ForgeAnchor {
    fn name(&self) -> &'static str {
        "forged anchor"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Wire::Anchor(anchor) = &*wire else {
            return vec![(to, wire)];
        };
        hands.fired += 1;
        let mut forged = anchor.clone();
        match hands.dice.below(7) {
            0 => forged.lanes.ledger.minted.0 += 1,
            1 => forged.lanes.ledger.held.0 += 1,
            2 => forged.lanes.lanes.clear(),
            3 => forged.first += 1,
            4 => forged.tip.state_root = crypto::Hash::from(hands.dice.bytes()),
            5 => forged.finality.confirm = forged.finality.prepare.clone(),
            _ => forged.tip.height += 1,
        }
        let forged = Arc::new(Wire::Anchor(forged));
        if hands.dice.chance(500) {
            return vec![(to, forged)];
        }
        vec![(to.clone(), wire), (to, forged)]
    }
}
