//! How a staker says that it was drawn.

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::bls::{self, ProofOfPossession, PublicKey, Signature};
use crypto::threshold::{EncryptionKey, KeyProof};
use crypto::vrf::{self, Proof};
use crypto::{Domain, Hash, hash_borsh};
use types::{AccountId, ChainId, Epoch, Height, NetworkId, NodeId, limits};

use super::ticket::{Threshold, winning};

const INPUT: Domain = Domain::new("thinkey/election");
const ELECTED: Domain = Domain::new("thinkey/elected");
const ENCRYPTION: Domain = Domain::new("thinkey/elected/encryption");

/// Which drawing of which election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Draw {
    /// The chain.
    pub chain: ChainId,
    /// The term that the committee is for.
    pub epoch: Epoch,
    /// The root height at which the election opened. Another one for the same term, after a
    /// committee that never began, is another drawing: whoever declares itself in both does not
    /// contradict itself.
    pub opened: Height,
    /// 0 at first.
    pub attempt: u32,
}

impl Draw {
    /// x: what every staker's key draws for.
    pub fn input(&self, network: NetworkId, seed: &Hash) -> Hash {
        hash_borsh(INPUT, &(network, self, seed))
    }
}

/// `elected`: a staker's winning tickets, and the keys with which it will serve.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Elected {
    /// Which drawing.
    pub draw: Draw,
    /// The staker.
    pub staker: AccountId,
    /// That its stake key drew what the tickets are hashed with.
    pub proof: Proof,
    /// Its best winning tickets, ascending.
    pub tickets: Tickets,
    /// Where its node is reached.
    pub node: NodeId,
    /// The consensus key of the term, compressed; decoded only after all that is cheap.
    pub key: [u8; 96],
    /// That the secret of the consensus key is known.
    pub possession: ProofOfPossession,
    /// To which shares of the beacon's key are encrypted; for the root's committee only.
    pub encryption: Option<Encryption>,
    /// The sum of two signatures over [`Elected::digest`], one by the stake key and one by the
    /// consensus key. So nobody declares for another, nor with another's key.
    pub signature: Signature,
}

/// A key for shares.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Encryption {
    /// The key.
    pub key: EncryptionKey,
    /// That its secret is known to the staker.
    pub possession: KeyProof,
}

/// Ticket numbers, strictly ascending: at least one, at most as many as a committee has members.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Tickets(Vec<u64>);

impl Tickets {
    /// The tickets, if they are in order and not too many.
    pub fn new(tickets: Vec<u64>) -> Option<Self> {
        let ascends = tickets.windows(2).all(|pair| pair.first() < pair.last());
        let sized = !tickets.is_empty() && tickets.len() <= limits::COMMITTEE_MEMBERS;
        (ascends && sized).then_some(Self(tickets))
    }

    /// The numbers.
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }
}

impl BorshDeserialize for Tickets {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u32::deserialize_reader(reader)? as usize;
        if count > limits::COMMITTEE_MEMBERS {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "too many tickets",
            ));
        }
        let numbers: io::Result<Vec<u64>> = (0..count)
            .map(|_| u64::deserialize_reader(reader))
            .collect();
        let refused = || io::Error::new(io::ErrorKind::InvalidData, "tickets do not ascend");
        Self::new(numbers?).ok_or_else(refused)
    }
}

/// What an election keeps of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Candidate {
    /// The staker.
    pub staker: AccountId,
    /// The last attempt that it declared itself in.
    pub attempt: u32,
    /// All its tickets that count.
    pub stake: u64,
    /// What its key drew in that attempt.
    pub drawn: Hash,
    /// Its winning tickets.
    pub tickets: Tickets,
    /// Its node.
    pub node: NodeId,
    /// Its consensus key.
    pub key: [u8; 96],
    /// Its key for shares.
    pub encryption: Option<EncryptionKey>,
}

/// A staker's secrets for one drawing.
#[derive(Clone, Copy)]
pub struct CandidateKeys<'a> {
    /// The stake key.
    pub stake: &'a bls::SecretKey,
    /// The consensus key of the term, a fresh one.
    pub consensus: &'a bls::SecretKey,
}

impl Elected {
    /// What stake key and consensus key sign: everything but the signature.
    pub fn digest(&self, network: NetworkId) -> Hash {
        let identity = (self.draw, self.staker, self.proof, &self.tickets);
        let keys = (self.node, self.key, self.possession, &self.encryption);
        hash_borsh(ELECTED, &(network, identity, keys))
    }

    /// What the proof of an encryption key is bound to.
    pub fn encryption_context(network: NetworkId, draw: Draw, staker: &AccountId) -> Hash {
        hash_borsh(ENCRYPTION, &(network, draw, staker))
    }

    /// Signs with both keys.
    #[must_use]
    pub fn signed(mut self, network: NetworkId, keys: CandidateKeys<'_>) -> Self {
        let digest = self.digest(network);
        let both = [keys.stake, keys.consensus].map(|key| key.sign(digest.as_bytes()));
        if let Ok(sum) = Signature::aggregate(&both) {
            self.signature = sum;
        }
        self
    }

    /// Whether the stake key and the consensus key signed. Two pairings; the consensus key's
    /// possession is checked apart, as sums prove nothing without it.
    pub fn is_signed(&self, network: NetworkId, stake: &PublicKey, key: &PublicKey) -> bool {
        let digest = self.digest(network);
        let groups = [([stake, key], &digest.as_bytes()[..])];
        bls::verify_aggregate(&groups, &self.signature).is_ok()
    }

    /// E9: whether the two prove that one staker declared itself twice in one drawing: different
    /// words, both signed by its stake key.
    pub fn contradicts(&self, other: &Self, network: NetworkId, stake: &PublicKey) -> bool {
        let signed = |elected: &Self| {
            let key = PublicKey::from_bytes(&elected.key).ok();
            key.is_some_and(|key| {
                key.verify_possession(&elected.possession).is_ok()
                    && elected.is_signed(network, stake, &key)
            })
        };
        self.draw == other.draw
            && self.staker == other.staker
            && self.digest(network) != other.digest(network)
            && signed(self)
            && signed(other)
    }
}

/// What a staker finds out alone: whether it was drawn, with which tickets and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// For [`Elected::proof`].
    pub proof: Proof,
    /// For [`Elected::tickets`].
    pub tickets: Tickets,
}

/// Draws with a stake key that has so many tickets; none when no ticket wins. At most `most`
/// tickets are named: more than there are seats never count.
pub fn draw(
    stake: &bls::SecretKey,
    input: &Hash,
    tickets: u64,
    threshold: &Threshold,
    most: u32,
) -> Option<Drawn> {
    let (output, proof) = vrf::prove(stake, input);
    let most = (most as usize).min(limits::COMMITTEE_MEMBERS);
    let won = winning(output.as_hash(), tickets, threshold, most);
    Some(Drawn {
        proof,
        tickets: Tickets::new(won)?,
    })
}

/// What a member of the next committee signs when it follows the chain. Also its answer when its
/// own committee is called to show up after a freeze: that names the freeze's root height, so that
/// nobody can answer with what the member said before.
pub fn ready_digest(
    network: NetworkId,
    (chain, epoch): (ChainId, Epoch),
    member: u16,
    frozen: Option<Height>,
) -> Hash {
    const READY: Domain = Domain::new("thinkey/ready");
    hash_borsh(READY, &(network, chain, epoch, member, frozen))
}
