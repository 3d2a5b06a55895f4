//! Bundles whose messages or proofs are false, pushed to whoever might take them.

use std::sync::Arc;

use crypto::Hash;
use types::{AccountId, ChainId, Import};

use super::{Fault, Hands, Letter, mint};
use crate::wire::Wire;

/// Changes bundles on their way out, and pushes invented ones.
pub(crate) struct ForgeImport;

impl Fault for ForgeImport {
    fn name(&self) -> &'static str {
        "forged import"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        match &*wire {
            Wire::Bundles { chain, imports } if hands.dice.chance(600) => {
                let mut imports = imports.clone();
                for import in &mut imports {
                    falsify(hands, import);
                }
                hands.fired += 1;
                let chain = *chain;
                vec![(to, Arc::new(Wire::Bundles { chain, imports }))]
            }
            // Any broadcast: the receivers follow the chain.
            Wire::Consensus { chain, .. } if hands.dice.chance(60) => {
                let chain = *chain;
                let source = ChainId(u32::from(chain.0 == 0));
                let id = AccountId(Hash::from(hands.dice.bytes()));
                let cursor = hands.dice.below(20);
                let imports = mint::forged(source, chain, cursor, id)
                    .into_iter()
                    .collect();
                hands.fired += 1;
                let pushed = Arc::new(Wire::Bundles { chain, imports });
                vec![(to.clone(), wire), (to, pushed)]
            }
            _ => vec![(to, wire)],
        }
    }
}

fn falsify(hands: &mut Hands, import: &mut Import) {
    match hands.dice.below(6) {
        0 => import.messages.iter_mut().for_each(|m| m.value.0 += 1),
        1 => drop(import.messages.pop()),
        2 => import.bundle.first_index += 1,
        3 => import.bundle.root = Hash::from(hands.dice.bytes()),
        4 => import.proof.history = None,
        _ => import.proof.header.outbox_root = Hash::from(hands.dice.bytes()),
    }
}
