//! A root state and two transaction chains with committees of four, for tests.

use std::sync::Arc;

use actors::{Account, Context, Edit, Filings, Recorded, Registry, State, System, SystemError};
use crypto::merkle::{MerkleTree, leaf_hash};
use crypto::{Hash, bls};
use types::{
    AccountId, Amount, Anchor, AnchorRecord, BlockHash, Certificate, CertificateKind, ChainId,
    Committee, Finality, Group, Header, Height, Lanes, Member, NetworkId, NodeId, RootRef,
    RoutingTable, Signers, Statement, Time,
};

use crate::elections::{Beacon, ElectionRules, NoBeacon, Stakes};
use crate::staking::StakingRules;
use crate::{
    AnchorError, Anchors, CommitteeCache, Committees, Place, RootDeclaration, RootSystem, Seated,
    SharedHistory, first_accounts,
};

pub(crate) const ONE: ChainId = ChainId(1);
pub(crate) const TWO: ChainId = ChainId(2);
/// What each chain holds at first.
pub(crate) const MINTED: Amount = Amount(1_000);
/// The root heights that tests know; block `h` has [`root_hash`].
pub(crate) const ROOT_HEIGHTS: Height = 4_100;

pub(crate) fn network() -> NetworkId {
    NetworkId(Hash::from([9; 32]))
}

pub(crate) fn root_hash(height: Height) -> BlockHash {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&height.to_be_bytes());
    BlockHash(Hash::from(bytes))
}

/// A chain that its test can make say anything, under valid certificates.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) keys: Vec<bls::SecretKey>,
    pub(crate) committee: Committee,
    /// Hashes of all blocks, the tip's last.
    pub(crate) blocks: Vec<BlockHash>,
    pub(crate) tip: Header,
    pub(crate) lanes: Lanes,
}

impl Chain {
    pub(crate) fn new(id: ChainId) -> Self {
        let seed = |member: u8| [id.0 as u8 * 16 + member + 1; 32];
        let keys: Vec<_> = (0..4)
            .map(|m| bls::SecretKey::from_seed(&seed(m)))
            .collect();
        let members = keys.iter().zip(0..).map(|(key, member)| Member {
            node: NodeId(Hash::from(seed(member))),
            key: key.public(),
            seats: 1,
        });
        let committee = Committee {
            chain: id,
            epoch: 0,
            members: members.collect(),
        };
        let mut lanes = Lanes::default();
        lanes.ledger.minted = MINTED;
        lanes.ledger.held = MINTED;
        let tip = first_header(id, &lanes);
        Self {
            keys,
            committee,
            blocks: vec![tip.hash()],
            tip,
            lanes,
        }
    }

    /// The header of the next block, with the lanes as they are.
    pub(crate) fn next(&self, cited: Height) -> Header {
        let tree = MerkleTree::from_leaf_hashes(leaves(&self.blocks));
        Header {
            height: self.tip.height + 1,
            round: self.tip.round + 2,
            parent: self.tip.hash(),
            parent_round: self.tip.round,
            root_ref: RootRef {
                height: cited,
                hash: root_hash(cited),
            },
            time: self.tip.time.after(1),
            history_root: tree.root(),
            lanes_root: self.lanes.root(),
            ..self.tip.clone()
        }
    }

    /// Adds a block.
    pub(crate) fn push(&mut self, header: Header) {
        self.blocks.push(header.hash());
        self.tip = header;
    }

    /// Adds so many blocks that cite a root height.
    pub(crate) fn grow(&mut self, blocks: usize, cited: Height) {
        for _ in 0..blocks {
            let header = self.next(cited);
            self.push(header);
        }
    }

    /// The anchor from the last recorded height to the tip.
    pub(crate) fn anchor(&self, last: Height) -> Anchor {
        let below = &self.blocks[..self.blocks.len() - 1];
        let tree = MerkleTree::from_leaf_hashes(leaves(below));
        Anchor {
            first: last + 1,
            tip: self.tip.clone(),
            finality: self.certify(&self.tip, &[0, 1, 2]),
            consistency: tree.prove_consistency(last).unwrap(),
            previous: tree.prove(last).unwrap(),
            tails: Vec::new(),
            lanes: self.lanes.clone(),
        }
    }

    /// Certificates of a block by some members.
    pub(crate) fn certify(&self, header: &Header, members: &[usize]) -> Finality {
        Finality {
            confirm: self.certificate(CertificateKind::Confirm, header, members),
            prepare: self.certificate(CertificateKind::Prepare, header, members),
        }
    }

    fn certificate(&self, kind: CertificateKind, header: &Header, by: &[usize]) -> Certificate {
        let (chain, epoch, round) = (header.chain, header.epoch, header.round);
        let value = Some(header.hash());
        let statement = Statement {
            network: network(),
            chain,
            epoch,
            round,
            kind: kind.vote(),
            value,
        };
        let mut signers = Signers::none(self.keys.len());
        let mut signatures = Vec::new();
        for member in by {
            signers.insert(*member);
            signatures.push(self.keys[*member].sign(statement.digest().as_bytes()));
        }
        Certificate {
            kind,
            chain,
            epoch,
            round,
            groups: vec![Group { value, signers }],
            signature: bls::Signature::aggregate(&signatures).unwrap(),
        }
    }
}

fn leaves(blocks: &[BlockHash]) -> Vec<Hash> {
    blocks
        .iter()
        .map(|hash| leaf_hash(hash.as_bytes()))
        .collect()
}

pub(crate) fn first_header(chain: ChainId, lanes: &Lanes) -> Header {
    Header {
        version: 1,
        chain,
        epoch: 0,
        height: 0,
        round: 0,
        parent: BlockHash(network().0),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: RootRef::default(),
        time: Time(0),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: Hash::ZERO,
        input_root: Hash::ZERO,
        order_root: Hash::ZERO,
        message_root: Hash::ZERO,
        outbox_root: Hash::ZERO,
        receipt_root: Hash::ZERO,
        history_root: crypto::merkle::EMPTY_ROOT,
        lanes_root: lanes.root(),
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

/// The root and its rules.
pub(crate) struct Root {
    pub(crate) state: State,
    pub(crate) anchors: Anchors,
    pub(crate) rules: ElectionRules,
    /// Instead of the staking account.
    pub(crate) stakes: Option<Arc<dyn Stakes>>,
    pub(crate) beacon: Arc<dyn Beacon>,
    pub(crate) phase: types::Phase,
    pub(crate) epoch: types::Epoch,
    /// Height of the next root block; it cites the one before.
    pub(crate) height: Height,
}

impl Root {
    pub(crate) fn new(chains: &[&Chain]) -> Self {
        Self::with_terms(chains, ElectionRules::FIXED)
    }

    /// A root whose committees have terms that began at height 0.
    pub(crate) fn with_terms(chains: &[&Chain], rules: ElectionRules) -> Self {
        let history = SharedHistory::default();
        (0..ROOT_HEIGHTS).for_each(|height| history.push(height, root_hash(height)));
        let committees = chains.iter().map(|chain| chain.committee.clone());
        let committees = Committees::genesis(committees.map(Seated::unstaked)).unwrap();
        let firsts = chains.iter().filter(|chain| !chain.tip.chain.is_root());
        let firsts = firsts.map(|chain| (&chain.tip, &chain.lanes));
        let mut accounts = first_accounts(firsts, &RoutingTable::even(2), &committees, &rules);
        let rich = Account::with_balance(MINTED);
        accounts.push((AccountId::system(ChainId::ROOT, 7), rich));
        Self {
            state: State::genesis(accounts).unwrap(),
            anchors: Anchors {
                network: network(),
                committees: CommitteeCache::default(),
                history: Arc::new(history),
                per_block: 8,
                trust_certificates: false,
            },
            rules,
            stakes: None,
            beacon: Arc::new(NoBeacon),
            phase: types::Phase::Ordinary,
            epoch: 0,
            height: 2_001,
        }
    }

    /// The root with other lanes of its own.
    pub(crate) fn with_lanes(mut self, lanes: Lanes) -> Self {
        self.state = State::restored(self.state.accounts().clone(), lanes);
        self
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            height: self.height,
            cited: self.height - 1,
        }
    }

    pub(crate) fn check(&self, anchor: &Anchor) -> Result<AnchorRecord, AnchorError> {
        self.anchors.check(anchor, &self.state, self.place())
    }

    /// Executes a root block with these anchors and no messages.
    pub(crate) fn record(&mut self, anchors: &[Anchor]) -> Result<Vec<AnchorRecord>, SystemError> {
        Ok(self.block(anchors, &[])?.records)
    }

    /// Executes a root block with these filings and no messages.
    pub(crate) fn block(
        &mut self,
        anchors: &[Anchor],
        declarations: &[RootDeclaration],
    ) -> Result<Recorded, SystemError> {
        let ctx = self.context(ChainId::ROOT);
        let mut edit = Edit::new(&self.state);
        let encoded = declarations.iter().map(|d| d.encode().unwrap());
        let declarations: Vec<_> = encoded.collect();
        let filings = Filings {
            anchors,
            declarations: &declarations,
            parent: None,
        };
        let recorded = self.system().record(&mut edit, filings, &ctx)?;
        self.state = edit.finish();
        self.height += 1;
        Ok(recorded)
    }

    pub(crate) fn system(&self) -> RootSystem {
        let staking = StakingRules {
            ticket: Amount(10),
            epoch_length: self.rules.root_epoch,
            unbonding: 1_000,
            evidence_window: 500,
            reward_per_block: Amount(1),
            presence_percent: 0,
        };
        let mut system = RootSystem::new(self.anchors.clone(), self.rules, staking);
        system.beacon = self.beacon.clone();
        if let Some(stakes) = &self.stakes {
            system.stakes = stakes.clone();
        }
        system
    }

    pub(crate) fn context(&self, chain: ChainId) -> Context {
        Context {
            network: network(),
            chain,
            height: self.height,
            time: Time(0),
            epoch: self.epoch,
            phase: self.phase,
            root_height: self.height - 1,
            seed: None,
            routing: Arc::new(RoutingTable::even(2)),
            behaviours: Arc::new(Registry::default()),
            system: Arc::new(self.system()),
            gas_limit: 0,
            min_gas_price: 0,
            quota: 1,
            rotation: AccountId::default(),
        }
    }
}
