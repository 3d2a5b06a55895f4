//! Several duties and one root state, without consensus: what one declares, the next block holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use actors::{Context, Edit, Filings, Registry, Shown, State, System, SystemError};
use crypto::threshold::{DecryptionKey, deal_trusted};
use crypto::{Hash, bls};
use types::{
    AccountId, Amount, Anchor, Certificate, CertificateKind, ChainId, Committee, Declaration,
    Epoch, Group, Height, Lanes, Member, News, NodeId, Phase, RootBlock, RoutingTable, Signers,
    Time,
};

use super::{Duty, Effect, Genesis, Identity, Input, Ratchet};
use crate::beacon::{self, ThresholdBeacon};
use crate::elections::{self, ElectionRules};
use crate::keygen;
use crate::staking::{self, FirstStaker, StakingRules};
use crate::testing::{ONE, first_header, network, root_hash};
use crate::{
    Anchors, CommitteeCache, Committees, KeygenRules, RootDeclaration, RootSystem, Seated,
    SharedHistory, first_accounts,
};

mod accuse;
mod degraded;
mod election;
mod generation;
mod ratchet;
mod report;
mod rewards;
mod seeds;

pub(super) const RULES: ElectionRules = ElectionRules {
    chain_epoch: 60,
    root_epoch: 120,
    lead: 30,
    root_lead: 80,
    window: 6,
    stall: 5_000,
    late: 300,
    rescue: 8,
    kept: 2_000,
    seats: 4,
    root_seats: 4,
    auditors: 2,
};

const STAKING: StakingRules = StakingRules {
    ticket: Amount(10),
    epoch_length: 120,
    unbonding: 5_000,
    evidence_window: 500,
    reward_per_block: Amount(1),
    presence_percent: 0,
};

pub(super) const WINDOWS: KeygenRules = KeygenRules {
    dealing: 6,
    complaints: 6,
};

pub(super) const DEALER: [u8; 32] = [0xde; 32];
pub(super) const FIRST_SEED: Hash = Hash::new([3; 32]);

/// A root, chain 1, and stakers whose nodes are members of both first committees.
pub(super) struct World {
    pub(super) system: RootSystem,
    pub(super) state: State,
    /// Height of the next root block; it cites the one before.
    pub(super) height: Height,
    pub(super) epoch: Epoch,
    pub(super) duties: Vec<Duty>,
    /// What was declared and not recorded.
    pub(super) pool: BTreeMap<Hash, Declaration>,
    pub(super) news: Vec<News>,
    /// Everything that left a node, with its number and the root height, in order.
    pub(super) left: Vec<(usize, Height, Effect)>,
    /// Who releases no shares of seeds.
    pub(super) mute: BTreeSet<usize>,
    /// Whose declarations are lost.
    pub(super) lost: BTreeSet<usize>,
    /// Whether nobody's dealings arrive.
    pub(super) undealt: bool,
    /// Whether nobody's seeds arrive.
    pub(super) lost_seeds: bool,
    /// Whether nobody's lots arrive.
    pub(super) lots_lost: bool,
    /// Members of the root's committee that sign each block, as its child shows; none: it shows
    /// nothing.
    pub(super) present: Vec<usize>,
    /// What the next block anchors.
    pub(super) anchors: Vec<Anchor>,
    history: Arc<SharedHistory>,
}

pub(super) fn node(number: usize) -> NodeId {
    NodeId(Hash::from([number as u8 + 1; 32]))
}

pub(super) fn staker(number: usize) -> AccountId {
    AccountId(Hash::from([number as u8 + 101; 32]))
}

pub(super) fn secret(kind: u8, number: usize) -> [u8; 32] {
    [kind, number as u8].repeat(16).try_into().unwrap()
}

/// The identity of a node, as after its birth.
pub(super) fn identity(number: usize, dealer: Option<[u8; 32]>) -> Identity {
    let key = |kind| bls::SecretKey::from_seed(&secret(kind, number));
    Identity {
        staker: staker(number),
        node: node(number),
        stake: key(1),
        ratchet: Ratchet::new(secret(2, number)),
        genesis: Genesis {
            keys: BTreeMap::from([(ChainId::ROOT, key(3)), (ONE, key(4))]),
            shares: Some(DecryptionKey::from_seed(&secret(5, number))),
            dealer,
        },
    }
}

fn committee(chain: ChainId, kind: u8, members: usize) -> Committee {
    let member = |number| Member {
        node: node(number),
        key: bls::SecretKey::from_seed(&secret(kind, number)).public(),
        seats: 1,
    };
    Committee {
        chain,
        epoch: 0,
        members: (0..members).map(member).collect(),
    }
}

impl World {
    /// A world in which a trusted dealer made the first key.
    pub(super) fn new(nodes: usize) -> Self {
        Self::with_rules(nodes, RULES, 1)
    }

    /// A world whose first root committee makes its key itself.
    pub(super) fn without_dealer(nodes: usize) -> Self {
        Self::begin(nodes, RULES, 1, None)
    }

    pub(super) fn with_rules(nodes: usize, rules: ElectionRules, every: u64) -> Self {
        Self::begin(nodes, rules, every, Some(DEALER))
    }

    pub(super) fn begin(
        nodes: usize,
        rules: ElectionRules,
        every: u64,
        dealer: Option<[u8; 32]>,
    ) -> Self {
        let (root, one) = (committee(ChainId::ROOT, 3, nodes), committee(ONE, 4, nodes));
        let size = beacon::group_size(&root).unwrap();
        let dealt = dealer.map(|seed| deal_trusted(&seed, size.0, size.1).unwrap().0);
        let first = first_header(ONE, &Lanes::default());
        let lanes = Lanes::default();
        let holders: Vec<_> = (0..nodes).map(|number| Some(staker(number))).collect();
        let seated = [root, one].map(|committee| Seated {
            committee,
            holders: holders.clone(),
        });
        let committees = Committees::genesis(seated).unwrap();
        let table = RoutingTable::even(1);
        let mut accounts = first_accounts([(&first, &lanes)], &table, &committees, &rules);
        accounts.push((staking::account_id(), stakes(nodes)));
        let own = beacon::first_account(FIRST_SEED, dealt.as_ref());
        accounts.push((beacon::account_id(), own));
        let keys = (0..nodes).map(|number| *DecryptionKey::from_seed(&secret(5, number)).public());
        let own = keygen::first_account(&keys.collect::<Vec<_>>());
        accounts.push((keygen::account_id(), own));
        let history = Arc::new(SharedHistory::default());
        let anchors = Anchors {
            network: network(),
            committees: CommitteeCache::default(),
            history: history.clone(),
            per_block: 8,
            trust_certificates: false,
        };
        let system = RootSystem::new(anchors, rules, STAKING);
        let system = system.with_beacon(ThresholdBeacon::new(network(), every), WINDOWS);
        let duties = (0..nodes).map(|number| Duty::new(identity(number, dealer), system.clone()));
        Self {
            duties: duties.collect(),
            system,
            state: State::genesis(accounts).unwrap(),
            height: 1,
            epoch: 0,
            pool: BTreeMap::new(),
            news: Vec::new(),
            left: Vec::new(),
            mute: BTreeSet::new(),
            lost: BTreeSet::new(),
            undealt: false,
            lost_seeds: false,
            lots_lost: false,
            present: Vec::new(),
            anchors: Vec::new(),
            history,
        }
    }

    /// Root heights that chains may cite; blocks have the hashes of [`root_hash`].
    pub(super) fn roots_known(&self, upto: Height) {
        (0..=upto).for_each(|height| self.history.push(height, root_hash(height)));
    }

    /// Makes the next root block of what was declared, and tells everybody.
    pub(super) fn block(&mut self) {
        let cited = self.height - 1;
        let closes = elections::may_close(&self.state, ChainId::ROOT, self.epoch, cited);
        let phase = if closes {
            Phase::Closing
        } else {
            Phase::Ordinary
        };
        let ctx = self.context(phase);
        let mut declared: Vec<_> = self.pool.values().cloned().collect();
        let anchors = std::mem::take(&mut self.anchors);
        let certificate = self.certificate();
        let parent = certificate
            .as_ref()
            .map(|certificate| Shown { certificate, by: 1 });
        let (state, news) = loop {
            let filings = Filings {
                anchors: &anchors,
                declarations: &declared,
                parent,
            };
            let mut edit = Edit::new(&self.state);
            match self.system.record(&mut edit, filings, &ctx) {
                Ok(recorded) => break (edit.finish(), recorded.news),
                Err(SystemError::Declaration { at, .. }) => drop(declared.remove(at)),
                Err(error) => panic!("{error}"),
            }
        };
        let filings = Filings {
            anchors: &anchors,
            declarations: &declared,
            parent,
        };
        self.check_trusting(filings, &ctx, &state);
        declared
            .iter()
            .for_each(|done| drop(self.pool.remove(&done.hash())));
        self.news.extend(news.iter().cloned());
        self.epoch += u64::from(closes);
        self.state = state;
        self.height += 1;
        let block = self.root_block(news);
        for number in 0..self.duties.len() {
            self.tell(number, &block);
        }
    }

    /// Nodes that trust the block's signatures come to the same state.
    fn check_trusting(&self, filings: Filings<'_>, ctx: &Context, state: &State) {
        let mut edit = Edit::new(&self.state);
        self.system
            .trusting()
            .record(&mut edit, filings, ctx)
            .unwrap();
        assert_eq!(edit.finish().root(), state.root());
    }

    /// That those who are present prepared the last block; its signature is not looked at.
    fn certificate(&self) -> Option<Certificate> {
        let mut signers = Signers::none(self.duties.len());
        for member in &self.present {
            signers.insert(*member);
        }
        let value = Some(types::BlockHash(Hash::ZERO));
        (!self.present.is_empty()).then(|| Certificate {
            kind: CertificateKind::Prepare,
            chain: ChainId::ROOT,
            epoch: self.epoch,
            round: self.height,
            groups: vec![Group { value, signers }],
            signature: bls::Signature::from([0; 48]),
        })
    }

    fn root_block(&self, news: Vec<News>) -> RootBlock {
        let mut header = first_header(ChainId::ROOT, self.state.lanes());
        header.height = self.height - 1;
        RootBlock {
            header,
            lanes: self.state.lanes().clone(),
            records: Vec::new(),
            news,
        }
    }

    /// Tells one node of the last root block.
    pub(super) fn tell(&mut self, number: usize, block: &RootBlock) {
        let (mut out, state) = (Vec::new(), self.state.clone());
        let input = Input::Root {
            block,
            state: &state,
        };
        self.duties[number].handle(Time(0), input, &mut out);
        self.apply(number, out);
    }

    /// Replaces a node by one that begins again with what is told to have been kept.
    pub(super) fn restart(&mut self, number: usize, identity: Identity) {
        self.duties[number] = Duty::new(identity, self.system.clone());
        let block = self.root_block(Vec::new());
        self.tell(number, &block);
    }

    pub(super) fn apply(&mut self, number: usize, out: Vec<Effect>) {
        let mut queue: VecDeque<_> = out.into_iter().map(|effect| (number, effect)).collect();
        while let Some((from, effect)) = queue.pop_front() {
            self.left.push((from, self.height - 1, effect.clone()));
            for (to, out) in self.carry(from, effect) {
                queue.extend(out.into_iter().map(|effect| (to, effect)));
            }
        }
    }

    /// Carries one effect out; what others answer comes with their numbers.
    fn carry(&mut self, from: usize, effect: Effect) -> Vec<(usize, Vec<Effect>)> {
        match effect {
            Effect::Declare(declaration) if !self.lost.contains(&from) => {
                let said = RootDeclaration::decode(&declaration);
                let lost = match said {
                    Ok(RootDeclaration::Dealt(_)) => self.undealt,
                    Ok(RootDeclaration::Seeds(_)) => self.lost_seeds,
                    Ok(RootDeclaration::Lot(_)) => self.lots_lost,
                    _ => false,
                };
                if lost {
                    return Vec::new();
                }
                self.pool.insert(declaration.hash(), declaration);
                Vec::new()
            }
            Effect::Share { to, shares } if !self.mute.contains(&from) => {
                let numbers = (0..self.duties.len()).filter(|number| to.contains(&node(*number)));
                let numbers: Vec<_> = numbers.collect();
                let answer = |number: usize| {
                    let (from, shares) = (node(from), shares.clone());
                    let mut out = Vec::new();
                    let input = Input::Share { from, shares };
                    self.duties[number].handle(Time(0), input, &mut out);
                    (number, out)
                };
                numbers.into_iter().map(answer).collect()
            }
            Effect::Follow(chain) => {
                let mut out = Vec::new();
                self.duties[from].handle(Time(0), Input::Synced { chain }, &mut out);
                vec![(from, out)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn run_to(&mut self, height: Height) {
        while self.height <= height {
            self.block();
        }
    }

    /// Blocks until the state is as wanted, at most so many.
    pub(super) fn run_until(&mut self, most: usize, mut done: impl FnMut(&Self) -> bool) {
        for _ in 0..most {
            if done(self) {
                return;
            }
            self.block();
        }
        assert!(
            done(self),
            "not within {most} blocks, height {}",
            self.height
        );
    }

    pub(super) fn head(&self) -> beacon::Head {
        beacon::head(&self.state).unwrap()
    }

    /// The declarations that left a node, decoded, with the root height.
    pub(super) fn declared(&self, number: usize) -> Vec<(Height, RootDeclaration)> {
        let own = self.left.iter().filter(|(from, ..)| *from == number);
        let declared = own.filter_map(|(_, height, effect)| match effect {
            Effect::Declare(declaration) => {
                Some((*height, RootDeclaration::decode(declaration).unwrap()))
            }
            _ => None,
        });
        declared.collect()
    }

    fn context(&self, phase: Phase) -> Context {
        Context {
            network: network(),
            chain: ChainId::ROOT,
            height: self.height,
            time: Time(0),
            epoch: self.epoch,
            phase,
            root_height: self.height - 1,
            routing: Arc::new(RoutingTable::even(1)),
            behaviours: Arc::new(Registry::default()),
            system: Arc::new(self.system.clone()),
            gas_limit: 0,
            min_gas_price: 0,
            quota: 1,
            seed: None,
            rotation: AccountId::default(),
        }
    }
}

fn stakes(nodes: usize) -> actors::Account {
    let stakers = (0..nodes).map(|number| FirstStaker {
        id: staker(number),
        node: node(number),
        key: bls::SecretKey::from_seed(&secret(1, number)).public(),
        stake: Amount(100),
        duties: 2,
    });
    staking::first_account(stakers, Amount(1_000_000)).unwrap()
}
