//! A small network made by hand: chain 1 with five blocks, a root with six, a root committee of
//! four. Message X was executed in block 2 of chain 1 and sent a credit to the root.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crypto::merkle::{ConsistencyProof, InclusionProof, MerkleTree, leaf_hash};
use crypto::{Hash, bls};
use genesis::{ChainSpec, Secrets};
use types::{
    AccountId, Amount, Anchor, Bundle, Certificate, CertificateKind, ChainId, ExternalCall,
    Finality, Gas, Group, Header, Height, Input, Lanes, MessageId, NetworkId, Receipt, RelayBody,
    RelayMessage, RootRef, Signers, Statement, Status, Time,
};

use light::proof::{Anchored, Evidence, Fact, ProofFile};
use light::{Checkpoint, Head, Trust};

/// The network: its genesis file and all its keys.
pub(crate) static GENESIS: LazyLock<(ChainSpec, Secrets)> =
    LazyLock::new(|| genesis::devnet(4, 1, [7; 32]));

const TIP: Height = 4;
const ANCHORING: Height = 3;
const CERTIFIED: Height = 5;

/// What the proof is checked against.
pub(crate) fn trusted() -> Trust {
    let root = ChainId::ROOT;
    let network = &NETWORK;
    Trust {
        checkpoint: Checkpoint {
            network: network.id(),
            root: network.first(root).unwrap().header.clone(),
            committee: network.committee(root).unwrap().clone(),
        },
        now: 0,
        unbonding: None,
    }
}

/// The network with its first blocks.
static NETWORK: LazyLock<assembly::Network> =
    LazyLock::new(|| assembly::Network::new(GENESIS.0.clone()).unwrap());

fn network() -> NetworkId {
    GENESIS.0.network_id()
}

/// The external message.
pub(crate) fn external() -> MessageId {
    let call = ExternalCall {
        from: account(1),
        to: account(2),
        nonce: 0,
        value: Amount(5),
        gas: Gas::default(),
        expiry: 100,
        input: Input::Transfer,
    };
    call.id(network())
}

/// Three pieces of evidence: X was executed and sent a credit, it left, it was executed.
pub(crate) fn proof() -> ProofFile {
    let world = World::new();
    ProofFile {
        evidence: vec![
            world.executed_on_chain_1(),
            world.left_chain_1(),
            world.executed_on_root(),
        ],
        ..world.file(external())
    }
}

/// One piece of evidence with every kind of step: the credit left chain 1.
pub(crate) fn single() -> ProofFile {
    let world = World::new();
    ProofFile {
        evidence: vec![world.left_chain_1()],
        ..world.file(credit().id())
    }
}

fn keys() -> Vec<bls::SecretKey> {
    let validators = GENESIS.1.validators.iter();
    let of_root = validators.filter(|validator| validator.chain.is_root());
    of_root.map(|validator| validator.bls_key()).collect()
}

fn account(number: u8) -> AccountId {
    AccountId(Hash::new([number; 32]))
}

fn credit() -> RelayMessage {
    RelayMessage {
        trace: external(),
        parent: external(),
        output: 0,
        depth: 1,
        from: account(1),
        to: account(2),
        payer: account(1),
        value: Amount(5),
        gas: Gas::default(),
        deadline: 2_000,
        body: RelayBody::Credit,
    }
}

fn receipt(message: MessageId, outputs: Vec<MessageId>) -> Receipt {
    Receipt {
        message,
        status: Status::Done,
        gas: 100,
        outputs,
        notes: None,
    }
}

fn noise(number: u8) -> Receipt {
    receipt(MessageId(Hash::new([number; 32])), Vec::new())
}

fn tree<T: borsh::BorshSerialize>(leaves: &[T]) -> MerkleTree {
    MerkleTree::from_leaves(leaves.iter().map(|leaf| borsh::to_vec(leaf).unwrap()))
}

/// All blocks, and the trees under the proven ones.
struct World {
    chain: BTreeMap<Height, Header>,
    root: BTreeMap<Height, Header>,
    bundles: Vec<Bundle>,
    messages: MerkleTree,
    receipts: Vec<Receipt>,
    root_receipts: Vec<Receipt>,
    anchor: Anchor,
    inputs: MerkleTree,
}

impl World {
    fn new() -> Self {
        let bundled = vec![
            RelayMessage {
                output: 9,
                ..credit()
            },
            credit(),
        ];
        let bundles = vec![
            Bundle::of(ChainId::ROOT, 40, &bundled).unwrap(),
            Bundle::of(
                ChainId(2),
                7,
                &[RelayMessage {
                    output: 8,
                    ..credit()
                }],
            )
            .unwrap(),
        ];
        let receipts = vec![
            noise(90),
            receipt(external(), vec![credit().id()]),
            noise(91),
        ];
        let chain = grow(ChainId(1), TIP, |header| {
            if header.height == 2 {
                header.outbox_root = Bundle::outbox_root(&bundles);
                header.receipt_root = tree(&receipts).root();
            }
        });
        let anchor = Anchor {
            first: 1,
            tip: chain[&TIP].clone(),
            tails: Vec::new(),
            finality: finality(&chain[&TIP]),
            consistency: ConsistencyProof { path: Vec::new() },
            previous: MerkleTree::from_leaf_hashes(hashes(&chain, TIP))
                .prove(0)
                .unwrap(),
            lanes: Lanes::default(),
        };
        let inputs = tree(&[Hash::new([1; 32]), Hash::new([2; 32]), anchor.hash()]);
        let root_receipts = vec![receipt(credit().id(), Vec::new()), noise(92)];
        let root = grow(ChainId::ROOT, CERTIFIED, |header| {
            if header.height == ANCHORING {
                header.input_root = inputs.root();
            }
            if header.height == CERTIFIED {
                header.receipt_root = tree(&root_receipts).root();
            }
        });
        Self {
            messages: tree(&bundled),
            chain,
            root,
            bundles,
            receipts,
            root_receipts,
            anchor,
            inputs,
        }
    }

    /// A file with a line from genesis to a certified root block, and nothing proven.
    fn file(&self, message: MessageId) -> ProofFile {
        let block = self.root[&CERTIFIED].clone();
        ProofFile {
            network: network(),
            message,
            from: 0,
            handovers: Vec::new(),
            head: Some(Head {
                link: history(&self.root, CERTIFIED, 0),
                finality: finality(&block),
                block,
            }),
            evidence: Vec::new(),
        }
    }

    fn executed_on_chain_1(&self) -> Evidence {
        let fact = Fact::Executed {
            receipt: self.receipts[1].clone(),
            position: tree(&self.receipts).prove(1).unwrap(),
        };
        self.on_chain_1(fact)
    }

    fn left_chain_1(&self) -> Evidence {
        let leaves = self.bundles.iter().map(Bundle::leaf).collect();
        let fact = Fact::Left {
            message: credit(),
            position: self.messages.prove(1).unwrap(),
            bundle: self.bundles[0],
            outbox: MerkleTree::from_leaf_hashes(leaves).prove(0).unwrap(),
        };
        self.on_chain_1(fact)
    }

    fn executed_on_root(&self) -> Evidence {
        let header = self.root[&CERTIFIED].clone();
        Evidence {
            fact: Fact::Executed {
                receipt: self.root_receipts[0].clone(),
                position: tree(&self.root_receipts).prove(0).unwrap(),
            },
            header,
            anchored: None,
            place: None,
        }
    }

    fn on_chain_1(&self, fact: Fact) -> Evidence {
        Evidence {
            fact,
            header: self.chain[&2].clone(),
            anchored: Some(Anchored {
                history: Some(history(&self.chain, TIP, 2)),
                anchor: self.anchor.clone(),
                input: self.inputs.prove(2).unwrap(),
                root: self.root[&ANCHORING].clone(),
            }),
            place: Some(history(&self.root, CERTIFIED, ANCHORING)),
        }
    }
}

fn hashes(chain: &BTreeMap<Height, Header>, below: Height) -> Vec<Hash> {
    chain
        .range(..below)
        .map(|(_, header)| leaf_hash(header.hash().as_bytes()))
        .collect()
}

fn history(chain: &BTreeMap<Height, Header>, top: Height, index: Height) -> InclusionProof {
    MerkleTree::from_leaf_hashes(hashes(chain, top))
        .prove(index)
        .unwrap()
}

fn grow(
    chain: ChainId,
    top: Height,
    mut shape: impl FnMut(&mut Header),
) -> BTreeMap<Height, Header> {
    let mut blocks = BTreeMap::new();
    for height in 0..=top {
        if (chain, height) == (ChainId::ROOT, 0) {
            let first = NETWORK.first(chain).unwrap();
            blocks.insert(height, first.header.clone());
            continue;
        }
        let mut header = plain(chain, height);
        header.history_root = MerkleTree::from_leaf_hashes(hashes(&blocks, height)).root();
        shape(&mut header);
        blocks.insert(height, header);
    }
    blocks
}

fn plain(chain: ChainId, height: Height) -> Header {
    Header {
        version: 1,
        chain,
        epoch: 0,
        height,
        round: height + 3,
        parent: Default::default(),
        parent_round: height + 2,
        justification: Hash::ZERO,
        root_ref: RootRef::default(),
        time: Time(1_000 * height),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: Hash::new([height as u8; 32]),
        input_root: Hash::ZERO,
        order_root: Hash::ZERO,
        message_root: Hash::ZERO,
        outbox_root: Hash::ZERO,
        receipt_root: Hash::ZERO,
        history_root: Hash::ZERO,
        lanes_root: Hash::ZERO,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

fn finality(header: &Header) -> Finality {
    Finality {
        confirm: certificate(header, CertificateKind::Confirm),
        prepare: certificate(header, CertificateKind::Prepare),
    }
}

/// Members 0, 1 and 3 sign: a quorum of four.
fn certificate(header: &Header, kind: CertificateKind) -> Certificate {
    let statement = Statement {
        network: network(),
        chain: header.chain,
        epoch: 0,
        round: header.round,
        kind: kind.vote(),
        value: Some(header.hash()),
    };
    let mut signers = Signers::none(4);
    let mut signatures = Vec::new();
    for (member, key) in keys().iter().enumerate().filter(|(member, _)| *member != 2) {
        signers.insert(member);
        signatures.push(key.sign(statement.digest().as_bytes()));
    }
    Certificate {
        kind,
        chain: header.chain,
        epoch: 0,
        round: header.round,
        groups: vec![Group {
            value: Some(header.hash()),
            signers,
        }],
        signature: bls::Signature::aggregate(&signatures).unwrap(),
    }
}
