//! Bytes that were something once: bits of its own messages flipped.

use std::sync::Arc;

use borsh::BorshDeserialize;

use super::{Fault, Hands, Letter};
use crate::wire::Wire;

/// Flips bits; what still decodes arrives.
pub(crate) struct Garbage;

impl Fault for Garbage {
    fn name(&self) -> &'static str {
        "garbage"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        if !hands.dice.chance(200) {
            return vec![(to, wire)];
        }
        hands.fired += 1;
        let mut bytes = borsh::to_vec(&*wire).unwrap_or_default();
        for _ in 0..hands.dice.between(1, 4) {
            let at = hands.dice.below(bytes.len() as u64) as usize;
            let mask = 1 << hands.dice.below(8);
            bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte ^= mask);
        }
        let mut letters = vec![(to.clone(), wire)];
        if let Ok(mut noise) = Wire::try_from_slice(&bytes) {
            // The transport vouches for the sender, so that can't be forged.
            if let Wire::Consensus { from, .. } = &mut noise {
                *from = hands.node;
            }
            letters.push((to, Arc::new(noise)));
        }
        letters
    }
}
