//! Proposals that no honest leader makes: wrong roots, wrong order, wrong citations.

use borsh::BorshDeserialize;
use consensus::Message;
use crypto::Hash;
use types::{Ack, Block, Body, ChainId};

use super::{Fault, Hands, Letter, proposal};

/// Changes a proposal and signs it again.
pub(crate) struct ForgeBlock;

impl Fault for ForgeBlock {
    fn name(&self) -> &'static str {
        "forged block"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Some(block) = proposal(hands, &wire).filter(|_| hands.dice.chance(600)) else {
            return vec![(to, wire)];
        };
        let mut forged = block.clone();
        let header_only = block.body.is_empty() || hands.dice.chance(500);
        let changed = if header_only {
            change_header(hands, &mut forged);
            let digest = forged.header.proposal_digest(hands.network);
            forged.signature = hands.key.sign(digest.as_bytes());
            true
        } else {
            change_body(hands, &mut forged)
        };
        if !changed {
            return vec![(to, wire)];
        }
        hands.fired += 1;
        vec![(to, hands.wire(Message::Proposal(Box::new(forged))))]
    }
}

fn change_header(hands: &mut Hands, block: &mut Block) {
    let noise = Hash::from(hands.dice.bytes());
    let header = &mut block.header;
    match hands.dice.below(12) {
        0 => header.state_root = noise,
        1 => header.receipt_root = noise,
        2 => header.lanes_root = noise,
        3 => header.outbox_root = noise,
        4 => header.history_root = noise,
        5 => header.message_root = noise,
        6 => header.root_ref.height += hands.dice.between(1, 3),
        7 => header.root_ref.hash.0 = noise,
        8 => header.time = header.time.after(3_600_000),
        9 => header.height += 1,
        10 => header.justification = noise,
        _ => header.gas += 1,
    }
}

/// False when the block has nothing of the kind.
fn change_body(hands: &mut Hands, block: &mut Block) -> bool {
    let Ok(mut body) = Body::try_from_slice(&block.body) else {
        return false;
    };
    let before = body.clone();
    match hands.dice.below(7) {
        0 => drop(body.order.accounts.pop()),
        1 => body.order.accounts.reverse(),
        2 => {
            let first = body.order.accounts.first().cloned();
            body.order.accounts.extend(first);
        }
        3 => {
            let steps = body.order.accounts.iter_mut().map(|order| &mut order.steps);
            steps.for_each(|steps| steps.reverse());
        }
        4 => {
            let first = body.externals.first().cloned();
            body.externals.extend(first);
        }
        5 => {
            let call = body.externals.first_mut().map(|message| &mut message.call);
            call.into_iter().for_each(|call| call.value.0 += 1);
        }
        _ => body.acks.push(Ack {
            peer: ChainId(0),
            messages: 1,
            bytes: 100,
        }),
    }
    block.body = body.encode();
    hands.sign(block);
    body != before
}
