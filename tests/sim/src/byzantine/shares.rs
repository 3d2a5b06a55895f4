//! Shares of seeds that never come, or do not hold.

use std::sync::Arc;

use crypto::bls::Signature;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// Keeps its shares of seeds to itself.
pub(super) struct Withheld;

/// Releases signatures of something else.
#[derive(Default)]
pub(super) struct False {
    last: Option<Signature>,
}

impl Fault for Withheld {
    fn name(&self) -> &'static str {
        "withheld shares"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        if !matches!(&*letter.1, Wire::Shares { .. }) {
            return vec![letter];
        }
        hands.fired += 1;
        Vec::new()
    }
}

impl Fault for False {
    fn name(&self) -> &'static str {
        "false shares"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Wire::Shares { from, shares } = &*wire else {
            return vec![(to, wire)];
        };
        let (from, mut forged) = (*from, shares.clone());
        let stale = self.last.unwrap_or_else(|| hands.key.sign(b"no seed"));
        self.last = forged.signatures.first().map(|partial| partial.signature);
        match hands.dice.below(4) {
            0 => forged.height += 1,
            1 => forged.signatures.clear(),
            2 => forged.signatures.reverse(),
            _ => {}
        }
        for partial in &mut forged.signatures {
            partial.signature = stale;
        }
        hands.fired += 1;
        let forged = Arc::new(Wire::Shares {
            from,
            shares: forged,
        });
        let (some, rest) = hands.halves(to);
        vec![(some, forged), (rest, wire)]
    }
}
