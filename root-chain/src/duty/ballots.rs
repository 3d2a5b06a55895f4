//! Drawing tickets alone, and saying so. [D1]

use std::collections::BTreeMap;

use actors::Edit;
use crypto::bls::{SecretKey, Signature};
use types::{ChainId, Height};

use super::ratchet::Seating;
use super::{Duty, Effect, Saying};
use crate::declaration::RootDeclaration;
use crate::elections::{CandidateKeys, Draw, Drawing, Elected, Encryption, declared, draw};
use crate::staking::RootEpoch;

/// What was drawn in the elections that are on.
#[derive(Default)]
pub(super) struct Ballots(BTreeMap<ChainId, Ballot>);

struct Ballot {
    drawing: Drawing,
    /// None where no ticket won.
    won: Option<(Elected, SecretKey)>,
}

impl Ballots {
    /// The chain elects nobody now.
    pub(super) fn close(&mut self, chain: ChainId) {
        self.0.remove(&chain);
    }
}

impl Duty {
    /// Draws once, and declares what was won while it can be recorded.
    pub(super) fn draw(&mut self, chain: ChainId, drawing: Drawing, out: &mut Vec<Effect>) {
        let known = self.ballots.0.get(&chain);
        if known.is_none_or(|ballot| ballot.drawing != drawing) {
            let root_epoch = self.system.staking.epoch(drawing.snapshot);
            let won = self.win(&drawing, root_epoch);
            if let Some((elected, key)) = &won {
                let (chain, epoch) = (elected.draw.chain, elected.draw.epoch);
                let key = key.clone();
                out.push(Effect::Key { chain, epoch, key });
            }
            let ballot = Ballot { drawing, won };
            self.ballots.0.insert(chain, ballot);
        }
        let (epoch, attempt) = (drawing.draw.epoch, drawing.draw.attempt);
        let last: Height = drawing.known.saturating_add(self.system.rules.window);
        let recorded = declared(&self.state, chain, epoch, &self.who.staker) == Some(attempt);
        let won = self.ballots.0.get(&chain).and_then(|b| b.won.as_ref());
        if let Some((elected, _)) = won.filter(|_| self.height < last && !recorded) {
            let declaration = RootDeclaration::Elected(Box::new(elected.clone()));
            let what = Saying::Elected(chain, epoch, attempt, drawing.known);
            self.declare(what, &declaration, out);
        }
    }

    fn win(&self, drawing: &Drawing, root_epoch: RootEpoch) -> Option<(Elected, SecretKey)> {
        let (who, system) = (&self.who, &self.system);
        let edit = Edit::new(&self.state);
        let stake = system.stakes.of(&edit, &who.staker, drawing.snapshot)?;
        let network = system.anchors.network;
        let input = drawing.draw.input(network, &drawing.seed);
        let most = system.rules.seats(drawing.draw.chain);
        let drawn = draw(&who.stake, &input, stake.tickets, &drawing.threshold, most)?;
        let key = who
            .ratchet
            .consensus_key(root_epoch, seating(drawing.draw))?;
        let elected = Elected {
            draw: drawing.draw,
            staker: who.staker,
            proof: drawn.proof,
            tickets: drawn.tickets,
            node: who.node,
            key: key.public().to_bytes(),
            possession: key.prove_possession(),
            encryption: self.encryption(drawing, root_epoch),
            signature: Signature::from([0; 48]),
        };
        let keys = CandidateKeys {
            stake: &who.stake,
            consensus: &key,
        };
        Some((elected.signed(network, keys), key))
    }

    /// To which shares are to be dealt; the root's candidates say so.
    fn encryption(&self, drawing: &Drawing, root_epoch: RootEpoch) -> Option<Encryption> {
        let draw = drawing.draw;
        let wanted = draw.chain.is_root().then_some(root_epoch)?;
        let key = self.who.ratchet.decryption_key(wanted, seating(draw))?;
        let network = self.system.anchors.network;
        let context = Elected::encryption_context(network, draw, &self.who.staker);
        Some(Encryption {
            key: *key.public(),
            possession: key.prove_possession(&context),
        })
    }
}

/// What the keys of a drawing are derived from.
const fn seating(draw: Draw) -> Seating {
    (draw.chain, draw.epoch, draw.attempt)
}
