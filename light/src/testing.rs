//! A root of three terms made by hand: 20 blocks, terms that close at 5, 10 and 15, a committee of
//! four in each.

use std::sync::LazyLock;

use actors::{Account, Slot, State};
use crypto::merkle::{InclusionProof, MerkleTree, leaf_hash};
use crypto::{Hash, bls};
use root_chain::committees;
use types::{
    Amount, Certificate, CertificateKind, ChainId, Committee, Epoch, Finality, Group, Header,
    Height, Member, NetworkId, NodeId, Phase, Receipt, RootRef, Signers, Statement, Status, Time,
};

use crate::proof::{Evidence, Fact, ProofFile};
use crate::{Checkpoint, Handover, Head, Line, Trust};

pub(crate) const TERM: Height = 5;
pub(crate) const TOP: Height = 18;
/// Who signs: a quorum of four.
pub(crate) const QUORUM: [usize; 3] = [0, 1, 3];

pub(crate) struct World {
    pub(crate) network: NetworkId,
    pub(crate) blocks: Vec<Header>,
    states: Vec<State>,
}

/// The network that all tests know.
pub(crate) static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(NetworkId(Hash::new([1; 32])), |_| {}));

pub(crate) fn keys(epoch: Epoch) -> Vec<bls::SecretKey> {
    let seed = |member: u8| [member + 10 * epoch as u8; 32];
    (0..4)
        .map(|m| bls::SecretKey::from_seed(&seed(m)))
        .collect()
}

pub(crate) fn committee(epoch: Epoch) -> Committee {
    let members = keys(epoch).into_iter().zip(0_u8..).map(|(key, at)| Member {
        node: NodeId(Hash::new([at; 32])),
        key: key.public(),
        seats: 1,
    });
    Committee {
        chain: ChainId::ROOT,
        epoch,
        members: members.collect(),
    }
}

/// The root's state in a term: it knows the committees of this and of the next.
fn state(epoch: Epoch) -> State {
    let known = [epoch, epoch + 1].map(|epoch| {
        let bytes = borsh::to_vec(&committee(epoch)).unwrap();
        let key = committees::slot_key(ChainId::ROOT, epoch);
        (key, Slot(bytes.into()))
    });
    let of_committees = Account {
        storage: known.into_iter().collect(),
        ..Account::default()
    };
    let plain = |number| types::AccountId::system(ChainId::ROOT, number);
    let others = (20..25).map(|n| (plain(n), Account::with_balance(Amount(n.into()))));
    let all = others.chain([(committees::account_id(), of_committees)]);
    State::genesis(all).unwrap()
}

pub(crate) fn receipt(number: u8) -> Receipt {
    Receipt {
        message: types::MessageId(Hash::new([number; 32])),
        status: Status::Done,
        gas: 100,
        outputs: Vec::new(),
        notes: None,
    }
}

fn receipts() -> MerkleTree {
    let leaves = [receipt(1), receipt(2)].map(|receipt| borsh::to_vec(&receipt).unwrap());
    MerkleTree::from_leaves(leaves.iter())
}

impl World {
    /// Another history when `shape` changes a header.
    pub(crate) fn new(network: NetworkId, shape: impl Fn(&mut Header)) -> Self {
        let mut world = Self {
            network,
            blocks: Vec::new(),
            states: (0..4).map(state).collect(),
        };
        for height in 0..=TOP {
            let mut header = world.plain(height);
            shape(&mut header);
            world.blocks.push(header);
        }
        world
    }

    fn plain(&self, height: Height) -> Header {
        let epoch = height.saturating_sub(1) / TERM;
        let closes = height > 0 && height.is_multiple_of(TERM);
        let before = self.blocks.last();
        Header {
            version: 1,
            chain: ChainId::ROOT,
            epoch,
            height,
            round: 2 * height,
            parent: before.map(Header::hash).unwrap_or_default(),
            parent_round: before.map_or(0, |header| header.round),
            justification: Hash::ZERO,
            root_ref: RootRef::default(),
            time: Time(1_000 * height),
            proposer: 0,
            phase: if closes {
                Phase::Closing
            } else {
                Phase::Ordinary
            },
            state_root: self.states[epoch as usize].root(),
            input_root: Hash::ZERO,
            order_root: Hash::ZERO,
            message_root: Hash::ZERO,
            outbox_root: Hash::ZERO,
            receipt_root: receipts().root(),
            history_root: self.history(height).root(),
            lanes_root: Hash::ZERO,
            body: Hash::ZERO,
            body_bytes: 0,
            gas: 0,
        }
    }

    fn history(&self, below: Height) -> MerkleTree {
        let hashes = self.blocks.iter().take(below as usize);
        let leaves = hashes.map(|header| leaf_hash(header.hash().as_bytes()));
        MerkleTree::from_leaf_hashes(leaves.collect())
    }

    /// The place of a block in the history of another.
    pub(crate) fn path(&self, height: Height, top: Height) -> InclusionProof {
        self.history(top).prove(height).unwrap()
    }

    pub(crate) fn at(&self, height: Height) -> &Header {
        &self.blocks[height as usize]
    }

    /// A tail above a block.
    pub(crate) fn tail(&self, above: &Header) -> Header {
        Header {
            height: above.height + 1,
            round: above.round + 1,
            parent: above.hash(),
            phase: Phase::Tail,
            ..above.clone()
        }
    }

    pub(crate) fn finality(&self, header: &Header, who: &[usize]) -> Finality {
        let certificate = |kind| self.certificate(header, kind, who);
        Finality {
            confirm: certificate(CertificateKind::Confirm),
            prepare: certificate(CertificateKind::Prepare),
        }
    }

    fn certificate(&self, header: &Header, kind: CertificateKind, who: &[usize]) -> Certificate {
        let (epoch, round, value) = (header.epoch, header.round, Some(header.hash()));
        let statement = Statement {
            network: self.network,
            chain: header.chain,
            epoch,
            round,
            kind: kind.vote(),
            value,
        };
        let keys = keys(epoch);
        let mut signers = Signers::none(keys.len());
        for member in who {
            signers.insert(*member);
        }
        let digest = statement.digest();
        let signatures: Vec<_> = who
            .iter()
            .map(|m| keys[*m].sign(digest.as_bytes()))
            .collect();
        Certificate {
            kind,
            chain: header.chain,
            epoch,
            round,
            groups: vec![Group { value, signers }],
            signature: bls::Signature::aggregate(&signatures).unwrap(),
        }
    }

    /// The end of a term for a line that has come to `from`.
    pub(crate) fn handover(&self, epoch: Epoch, from: Height) -> Handover {
        let height = (epoch + 1) * TERM;
        let closing = self.at(height).clone();
        let key = committees::slot_key(ChainId::ROOT, epoch + 1);
        let state = &self.states[epoch as usize];
        let (_, place) = state.prove_slot(&committees::account_id(), &key).unwrap();
        Handover {
            link: self.path(from, height),
            tails: Vec::new(),
            finality: self.finality(&closing, &QUORUM),
            next: committee(epoch + 1),
            place,
            closing,
        }
    }

    pub(crate) fn head(&self, height: Height, from: Height) -> Head {
        Head {
            block: self.at(height).clone(),
            link: self.path(from, height),
            finality: self.finality(self.at(height), &QUORUM),
        }
    }

    pub(crate) fn checkpoint(&self, height: Height) -> Checkpoint {
        Checkpoint {
            network: self.network,
            root: self.at(height).clone(),
            committee: committee(height / TERM),
        }
    }

    pub(crate) fn line(&self, height: Height) -> Line {
        Line::start(&self.checkpoint(height)).unwrap()
    }

    /// That a receipt of a root block stands in the history of a block of the line.
    pub(crate) fn evidence(&self, height: Height, over: Height) -> Evidence {
        Evidence {
            fact: Fact::Executed {
                receipt: receipt(2),
                position: receipts().prove(1).unwrap(),
            },
            header: self.at(height).clone(),
            anchored: None,
            place: (height != over).then(|| self.path(height, over)),
        }
    }

    /// A proof from genesis over two handovers to a head, of what stands below each kind of block.
    pub(crate) fn file(&self) -> ProofFile {
        ProofFile {
            network: self.network,
            message: receipt(2).message,
            from: 0,
            handovers: vec![self.handover(0, 0), self.handover(1, 5)],
            head: Some(self.head(13, 10)),
            evidence: vec![
                self.evidence(3, 5),
                self.evidence(10, 10),
                self.evidence(12, 13),
            ],
        }
    }

    pub(crate) fn trust(&self, height: Height) -> Trust {
        Trust {
            checkpoint: self.checkpoint(height),
            now: 0,
            unbonding: Some(100),
        }
    }
}
