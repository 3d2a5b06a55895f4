//! False answers to those who ask for blocks.

use std::sync::Arc;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// Answers with changed, missing or other blocks.
pub(crate) struct Lie;

impl Fault for Lie {
    fn name(&self) -> &'static str {
        "false answers"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Wire::Blocks { chain, blocks } = &*wire else {
            return vec![(to, wire)];
        };
        hands.fired += 1;
        let mut blocks = blocks.clone();
        match hands.dice.below(4) {
            0 => blocks.reverse(),
            1 => blocks
                .iter_mut()
                .for_each(|block| block.body = b"nothing"[..].into()),
            2 => blocks.iter_mut().for_each(|block| block.header.gas += 1),
            _ => {
                let first = blocks.first().cloned();
                blocks.extend(first);
            }
        }
        let chain = *chain;
        vec![(to, Arc::new(Wire::Blocks { chain, blocks }))]
    }
}
