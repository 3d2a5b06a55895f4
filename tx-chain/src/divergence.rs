//! Divergence: a committee certifies a block that is not what its header says. [C14]
//!
//! More than f captured seats can do so, and to its followers the committee of one chain is remote
//! input like any other: it may end its own chain on a node, and nothing else there. An error of
//! this node's own code would look the same, so whoever runs machines in a test or a simulation
//! takes the effect for a failure.

use types::Block;

use crate::chain::Chain;
use crate::machine::Effect;
use crate::verifier::Flaw;

impl Chain {
    /// Whether the chain has ended on this node: its machine takes nothing in and wants nothing.
    pub const fn has_diverged(&self) -> bool {
        self.diverged
    }

    /// Ends the chain on this node. What was final before the block's lot stays so.
    pub(crate) fn diverge(&mut self, block: &Block, flaw: Flaw, out: &mut Vec<Effect>) {
        self.diverged = true;
        self.tenure.over = true;
        let header = block.header.clone();
        out.push(Effect::Diverged { header, flaw });
    }

    /// Nothing leaves after the word that the chain has ended, whatever the same input led to.
    pub(crate) fn cut_after_divergence(&self, out: &mut Vec<Effect>) {
        let last = |effect: &Effect| matches!(effect, Effect::Diverged { .. });
        if let Some(at) = out.iter().rposition(last).filter(|_| self.diverged) {
            out.truncate(at + 1);
        }
    }
}
