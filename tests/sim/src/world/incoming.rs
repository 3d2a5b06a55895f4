//! What arrives at a node, and what it answers.

use tx_chain::{Input, SignedMessage};
use types::{ChainId, ExternalMessage};

use super::{CLIENT, World};
use crate::network::Parcel;
use crate::wire::Wire;

/// Bytes of blocks in one answer.
const ANSWER_BYTES: usize = 1 << 20;

impl World {
    pub(super) fn deliver(&mut self, parcel: Parcel) {
        let Parcel { from, to, wire } = parcel;
        if !self.nodes[to].is_up() {
            return;
        }
        self.log.note(self.now, 0, to, &wire.mark());
        if self.traitors.contains_key(&to)
            && !self.behaves(&wire)
            && let Some(traitor) = self.traitors.get_mut(&to)
            && !traitor.hears(&wire, &mut self.faults)
        {
            return;
        }
        let chain = wire.chain();
        match &*wire {
            Wire::Consensus { from, message, .. } => {
                let input = Input::Consensus {
                    from: *from,
                    message: message.clone(),
                };
                self.feed(to, chain, input);
            }
            Wire::Blocks { blocks, .. } => self.feed(to, chain, Input::Blocks(blocks.clone())),
            Wire::Bundles { imports, .. } => {
                self.feed(to, chain, Input::Imports(imports.clone()));
            }
            Wire::Declaration(declaration) => {
                self.feed(to, chain, Input::Declarations(vec![declaration.clone()]));
            }
            Wire::Shares { from, shares } => self.share(to, *from, shares.clone()),
            Wire::Anchor(anchor) => self.feed(to, chain, Input::Anchor(anchor.clone())),
            Wire::Externals { messages, .. } => self.admit(from, to, chain, messages),
            Wire::Fetch { hash, above, .. } => {
                let Some(running) = self.nodes[to].running.get(&chain) else {
                    return;
                };
                let found = running.journal.chain_down(hash, *above, ANSWER_BYTES);
                match found {
                    Ok(blocks) if blocks.is_empty() => {}
                    Ok(blocks) => self.leave(to, vec![from], Wire::Blocks { chain, blocks }),
                    Err(error) => self.broke(to, &error),
                }
            }
            Wire::Pull(pull) => {
                let Some(running) = self.nodes[to].running.get(&chain) else {
                    return;
                };
                let imports = running.chain.answer(pull);
                if !imports.is_empty() {
                    let chain = pull.destination;
                    self.leave(to, vec![from], Wire::Bundles { chain, imports });
                }
            }
        }
    }

    /// Checks signatures as a node's gate does, and hands on what came from a user.
    fn admit(&mut self, from: usize, to: usize, chain: ChainId, messages: &[ExternalMessage]) {
        let secret = [to as u8; 32];
        let checked = SignedMessage::check(self.setup.network.id(), messages.to_vec(), secret);
        let good: Vec<_> = checked.into_iter().flatten().collect();
        if good.is_empty() {
            return;
        }
        self.feed(to, chain, Input::Externals(good));
        if from == CLIENT {
            let mut members = self.reachable(chain);
            members.retain(|member| *member != to);
            let messages = messages.to_vec();
            self.leave(to, members, Wire::Externals { chain, messages });
        }
    }
}
