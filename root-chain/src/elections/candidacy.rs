//! What a staker's node declares.

use crypto::threshold::DecryptionKey;
use types::{AccountId, NetworkId, NodeId};

use super::candidate::{CandidateKeys, Draw, Elected, Encryption, draw};
use super::term::Drawing;

/// A staker that takes part in a drawing, and with what.
#[derive(Clone, Copy)]
pub struct Candidacy<'a> {
    /// The staker.
    pub staker: AccountId,
    /// Its tickets, as stake counted at [`Drawing::snapshot`].
    pub tickets: u64,
    /// Its stake key and a fresh consensus key.
    pub keys: CandidateKeys<'a>,
    /// Its node.
    pub node: NodeId,
    /// What opens shares of the beacon's key; for the root only.
    pub decryption: Option<&'a DecryptionKey>,
}

impl Drawing {
    /// What the staker declares; none when it was not drawn, which nobody else can find out.
    ///
    /// `seats` is n. Depends on nothing but its arguments, so a node that makes it again says the
    /// same, unless it has other keys: one that lost its consensus key must stay silent. [E4]
    pub fn candidacy(
        &self,
        network: NetworkId,
        seats: u32,
        own: &Candidacy<'_>,
    ) -> Option<Elected> {
        let input = self.draw.input(network, &self.seed);
        let drawn = draw(own.keys.stake, &input, own.tickets, &self.threshold, seats)?;
        let consensus = own.keys.consensus;
        let unsigned = Elected {
            draw: self.draw,
            staker: own.staker,
            proof: drawn.proof,
            tickets: drawn.tickets,
            node: own.node,
            key: consensus.public().to_bytes(),
            possession: consensus.prove_possession(),
            encryption: own
                .decryption
                .map(|key| encryption(key, network, self.draw, &own.staker)),
            signature: consensus.sign(&[]),
        };
        Some(unsigned.signed(network, own.keys))
    }
}

fn encryption(
    key: &DecryptionKey,
    network: NetworkId,
    draw: Draw,
    staker: &AccountId,
) -> Encryption {
    let context = Elected::encryption_context(network, draw, staker);
    Encryption {
        key: *key.public(),
        possession: key.prove_possession(&context),
    }
}
