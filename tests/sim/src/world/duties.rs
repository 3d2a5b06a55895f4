//! What a node does by itself as a staker: its duty runs beside its machines.

use std::sync::Arc;

use root_chain::RootDeclaration;
use root_chain::duty::{self, SeedShares};
use tx_chain::{ExecutedBlock, FinalBlock, Input};
use types::{Body, ChainId, Declaration, NodeId};

use super::World;
use crate::wire::Wire;

impl World {
    /// Tells a node's duty of final root blocks, and of how far its chains are.
    pub(super) fn serve(
        &mut self,
        node: usize,
        chain: ChainId,
        lot: &[FinalBlock],
    ) -> Vec<(ChainId, Input)> {
        let mut inputs = self.tell_synced(node);
        if chain.is_root() {
            self.watch_silence(node, lot);
            for block in lot {
                inputs.extend(self.lie(node, &block.executed.state));
                inputs.extend(self.tell_root(node, &block.executed));
            }
        }
        inputs
    }

    /// A started node's duty learns where the root is, and what it had to report.
    pub(super) fn resume_duty(&mut self, node: usize) {
        let Some(running) = self.nodes[node].running.get(&ChainId::ROOT) else {
            return;
        };
        let last = running.chain.last_final().clone();
        let mut inputs = self.tell_root(node, &last);
        for kept in self.nodes[node].evidence.clone() {
            inputs.extend(self.duty(node, duty::Input::Evidence(Box::new(kept))));
        }
        for (chain, input) in inputs {
            self.feed(node, chain, input);
        }
    }

    /// Shares of a seed arrive.
    pub(super) fn share(&mut self, node: usize, from: NodeId, shares: SeedShares) {
        for (chain, input) in self.duty(node, duty::Input::Share { from, shares }) {
            self.feed(node, chain, input);
        }
    }

    /// A node's duty hears what is declared to the root; gossip passes everything on once.
    pub(super) fn hear(&mut self, node: usize, declared: &[Declaration]) -> Vec<(ChainId, Input)> {
        let host = &mut self.nodes[node];
        if host.duty.is_none() {
            return Vec::new();
        }
        let fresh = declared
            .iter()
            .filter(|said| host.heard.insert(said.hash()));
        let fresh: Vec<_> = fresh.cloned().collect();
        let told = duty::Input::Declared {
            declarations: &fresh,
            recorded: false,
        };
        self.duty(node, told)
    }

    /// A root block is final on a node: its duty is shown what it holds, and then the state.
    fn tell_root(&mut self, node: usize, block: &ExecutedBlock) -> Vec<(ChainId, Input)> {
        if self.nodes[node].duty.is_none() {
            return Vec::new();
        }
        let told = duty::Input::Declared {
            declarations: &declarations(block),
            recorded: true,
        };
        let mut inputs = self.duty(node, told);
        let told = duty::Input::Root {
            block: &block.root_block(),
            state: &block.state,
        };
        inputs.extend(self.duty(node, told));
        inputs
    }

    /// A chain is followed closely when nothing is anchored that the node does not have.
    fn tell_synced(&mut self, node: usize) -> Vec<(ChainId, Input)> {
        let close = self.nodes[node].running.iter().filter(|(chain, running)| {
            let view = running.chain.root_view();
            let tip = view.tip_at(**chain, view.latest().height);
            let last = running.chain.last_final().header().height;
            chain.is_root() || tip.is_some_and(|tip| tip.height <= last)
        });
        let close: Vec<ChainId> = close.map(|(chain, _)| *chain).collect();
        let told = |chain| duty::Input::Synced { chain };
        close
            .into_iter()
            .flat_map(|chain| self.duty(node, told(chain)))
            .collect()
    }

    /// Runs a node's duty and what it wants; returns what its machines are to be told.
    pub(super) fn duty(&mut self, node: usize, input: duty::Input<'_>) -> Vec<(ChainId, Input)> {
        let clock = self.nodes[node].clock(self.now);
        let Some(duty) = self.nodes[node].duty.as_mut() else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        duty.handle(clock, input, &mut effects);
        let mut inputs = Vec::new();
        for effect in effects {
            self.do_duty(node, effect, &mut inputs);
        }
        inputs
    }

    fn do_duty(&mut self, node: usize, effect: duty::Effect, inputs: &mut Vec<(ChainId, Input)>) {
        let host = &mut self.nodes[node];
        match effect {
            duty::Effect::Ratchet(ratchet) => host.ratchet = Some(ratchet),
            duty::Effect::Key { chain, epoch, key } => {
                if let Some(traitor) = self.traitors.get_mut(&node) {
                    traitor.keep((chain, epoch), &key);
                }
                host.keys.add(key.clone());
                host.kept.insert((chain, epoch), key);
            }
            duty::Effect::Done { chain, epoch } => {
                if let Some(key) = host.kept.remove(&(chain, epoch)) {
                    host.keys.erase(&key.public());
                }
            }
            duty::Effect::Declare(declaration) => self.declare(node, declaration, inputs),
            duty::Effect::Share { to, shares } => {
                if self.keeps_share() {
                    return;
                }
                let from = self.setup.nodes[node].node;
                let to = to.iter().filter_map(|id| self.setup.node_of(id));
                let to = to.filter(|to| *to != node).collect();
                self.leave(node, to, Wire::Shares { from, shares });
            }
            duty::Effect::Keep(evidence) => {
                if !host.evidence.contains(&evidence) {
                    host.evidence.push(*evidence);
                }
            }
            duty::Effect::Rescue(chain) => {
                let running = host.running.get(&chain);
                let anchor = running.and_then(|running| running.chain.newest_anchor());
                if let Some(anchor) = anchor {
                    let told = duty::Input::Certified(Box::new(anchor));
                    inputs.extend(self.duty(node, told));
                }
            }
            duty::Effect::Offence { node: who } => {
                let who = self.setup.node_of(&who);
                self.oracle
                    .honesty
                    .offended(node, ChainId::ROOT, who, &mut self.oracle.bad);
            }
            // All chains are followed as it is, and keys are used where a committee names them.
            duty::Effect::Follow(_) | duty::Effect::Leave(_) | duty::Effect::Serves { .. } => {}
        }
    }

    /// Hands a declaration to the node's own root machine, which passes it on; a traitor's to
    /// whomever it wants to have it.
    fn declare(
        &mut self,
        node: usize,
        declaration: Declaration,
        inputs: &mut Vec<(ChainId, Input)>,
    ) {
        if convicts(&declaration) && !self.oracle.honesty.is_traitor(node) {
            *self.faults.entry("two ballots told").or_default() += 1;
        }
        let wire = Wire::Declaration(declaration.clone());
        let lies = self.traitors.contains_key(&node) && !self.behaves(&wire);
        let to = self.recorders(node);
        let state = self.root_state(node).filter(|_| lies);
        let told = state.and_then(|state| {
            let traitor = self.traitors.get_mut(&node)?;
            traitor.declare(&to, &declaration, &state, &mut self.faults)
        });
        let Some(told) = told else {
            return inputs.push((ChainId::ROOT, Input::Declare(declaration)));
        };
        for (to, declaration) in told {
            let wire = Wire::Declaration(declaration);
            self.say(|| format!("{node} lies to {to:?}: {}", wire.line()));
            self.post_all(node, &to, &Arc::new(wire));
        }
    }

    /// What a traitor declares of itself after a root block.
    fn lie(&mut self, node: usize, state: &actors::State) -> Vec<(ChainId, Input)> {
        let Some(traitor) = self.traitors.get_mut(&node) else {
            return Vec::new();
        };
        let mut inputs = Vec::new();
        for declaration in traitor.root(state, &mut self.faults) {
            let wire = Wire::Declaration(declaration.clone());
            if self.behaves(&wire) {
                continue;
            }
            self.say(|| format!("{node} lies: {}", wire.line()));
            let to = self.recorders(node);
            self.post_all(node, &to, &Arc::new(wire));
            inputs.push((ChainId::ROOT, Input::Declarations(vec![declaration])));
        }
        inputs
    }

    /// Counts what the root has punished candidates for: what a final block holds was judged.
    pub(super) fn count_verdicts(&mut self, block: &ExecutedBlock) {
        let upheld = declarations(block)
            .iter()
            .filter(|said| convicts(said))
            .count();
        if upheld > 0 {
            *self.faults.entry("two ballots punished").or_default() += upheld as u64;
        }
    }

    fn root_state(&self, node: usize) -> Option<actors::State> {
        let root = self.nodes[node].running.get(&ChainId::ROOT)?;
        Some(root.chain.last_final().state.clone())
    }
}

/// What a root block holds of what was declared.
fn declarations(block: &ExecutedBlock) -> Vec<Declaration> {
    let body = borsh::from_slice::<Body>(&block.block.body);
    body.map_or_else(|_| Vec::new(), |body| body.declarations)
}

/// Whether it shows two words of one staker in one drawing. E9
fn convicts(declaration: &Declaration) -> bool {
    let said = RootDeclaration::decode(declaration);
    matches!(said, Ok(RootDeclaration::Ballots(_)))
}
