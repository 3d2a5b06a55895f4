//! A committee in one thread: every effect is delivered at once, in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use actors::{Account, NoSystem, Parallelism, Registry, State};
use consensus::Timing;
use crypto::merkle::EMPTY_ROOT;
use crypto::{Hash, bls, ed25519, hash};
use tx_chain::{
    Chain, Config, Effect, FinalBlock, Input, Keyring, Keys, MempoolLimits, RootView, Rules,
    SignedMessage,
};
use types::{
    AccountId, Amount, AnchorRecord, Block, BlockHash, ChainId, Committee, ExternalCall,
    ExternalMessage, Gas, Header, Member, NetworkId, News, NodeId, Phase, RootBlock, RoutingTable,
    Time, Tip, domain,
};

mod disk;

pub(crate) use disk::Disk;

pub(crate) const CHAIN: ChainId = ChainId(1);

/// The user of number `number`; all live on the only transaction chain or on the root.
pub(crate) fn user(number: u8) -> ed25519::SecretKey {
    let routing = RoutingTable::even(1);
    let seeds = (0_u8..=255).map(|salt| [number, salt].repeat(16));
    let keys = seeds.map(|seed| ed25519::SecretKey::from_seed(seed.try_into().unwrap()));
    keys.into_iter()
        .find(|key| routing.home(&AccountId::of_key(&key.public())) == CHAIN)
        .expect("most keys live on chain 1")
}

pub(crate) fn account(number: u8) -> AccountId {
    AccountId::of_key(&user(number).public())
}

pub(crate) fn network() -> NetworkId {
    NetworkId(hash(domain::GENESIS, &[b"test"]))
}

pub(crate) fn node(member: u16) -> NodeId {
    NodeId(hash(domain::GENESIS, &[b"node", &member.to_le_bytes()]))
}

pub(crate) fn header(chain: ChainId, state: &State) -> Header {
    Header {
        version: 1,
        chain,
        epoch: 0,
        height: 0,
        round: 0,
        parent: Default::default(),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: Default::default(),
        time: Time(0),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: state.root(),
        input_root: EMPTY_ROOT,
        order_root: Hash::ZERO,
        message_root: EMPTY_ROOT,
        outbox_root: EMPTY_ROOT,
        receipt_root: EMPTY_ROOT,
        history_root: EMPTY_ROOT,
        lanes_root: state.lanes().root(),
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

pub(crate) fn root() -> RootBlock {
    let state = State::default();
    let genesis = genesis_state();
    let first = header(CHAIN, &genesis);
    let record = AnchorRecord {
        tip: Tip::of(&first),
        epoch: 0,
        closing: false,
        root_ref: 0,
        outbox_root: first.outbox_root,
        state_root: first.state_root,
        lanes: genesis.lanes().clone(),
        recorded: 0,
    };
    let header = header(ChainId::ROOT, &state);
    RootBlock {
        header,
        lanes: state.lanes().clone(),
        records: vec![record],
        news: vec![],
    }
}

pub(crate) fn genesis_state() -> State {
    let rich = |number| {
        (
            account(number),
            Account::with_balance(Amount(1_000_000_000)),
        )
    };
    State::genesis((1..=4).map(rich)).unwrap()
}

pub(crate) fn rules() -> Rules {
    Rules {
        network: network(),
        chain: CHAIN,
        routing: Arc::new(RoutingTable::even(1)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(NoSystem),
        certified: Arc::new(NoSystem),
        recorded: |_, _| None,
        root_final: Arc::new(|_| {}),
        gas_limit: 100_000_000,
        min_gas_price: 1,
        quota: 64,
        body_bytes: 1 << 20,
        block_messages: 1_000,
        drift_ms: 1_000,
        mempool: MempoolLimits::default(),
        secret: [9; 32],
        parallelism: Parallelism::One,
    }
}

pub(crate) fn key(at: u16) -> bls::SecretKey {
    bls::SecretKey::from_seed(&[at as u8 + 1; 32])
}

/// The committee of a term: the nodes of a range, each with its key.
pub(crate) fn committee(epoch: u64, nodes: std::ops::Range<u16>) -> Committee {
    let member = |at| Member {
        node: node(at),
        key: key(at).public(),
        seats: 1,
    };
    Committee {
        chain: CHAIN,
        epoch,
        members: nodes.map(member).collect(),
    }
}

pub(crate) fn config(at: u16, committee: &Arc<Committee>) -> Config {
    let keyring = Arc::new(Keys::of([key(at)]));
    let seat = keyring.seat(committee);
    Config {
        rules: rules(),
        consensus: consensus::Config {
            network: network(),
            committee: committee.clone(),
            seat,
            timing: Timing::default(),
            leader_seed: Hash::ZERO,
            early_seats: committee.thresholds().early(),
            inline_body_bytes: 1 << 20,
            genesis: header(CHAIN, &genesis_state()),
            batch_secret: [3; 32],
            quiet_until: Time(0),
        },
        keyring,
        always_work: false,
    }
}

/// Whether a message gets lost, by sender and recipient.
pub(crate) type Lost = Box<dyn FnMut(usize, usize, &consensus::Message) -> bool>;

/// What becomes of blocks on their way to whoever fetches them.
pub(crate) type Served = Box<dyn FnMut(&mut Vec<Block>)>;

/// Some members and, behind them, observers.
pub(crate) struct Network {
    pub(crate) chains: Vec<Chain>,
    pub(crate) finals: Vec<Vec<FinalBlock>>,
    pub(crate) admitted: Vec<Effect>,
    pub(crate) now: Time,
    /// A node whose clock is late, and by how many ms.
    pub(crate) late: Option<(usize, u64)>,
    /// A node that no proposal reaches.
    pub(crate) deaf: Option<usize>,
    /// A node that hears nothing of the root.
    pub(crate) rootless: Option<usize>,
    /// All root blocks.
    roots: Vec<Arc<RootBlock>>,
    /// What gets lost on its way from one node to another.
    pub(crate) lost: Lost,
    /// What those who are asked for blocks make of them.
    pub(crate) served: Served,
    /// The terms that each node has entered.
    pub(crate) terms: Vec<Vec<u64>>,
    /// Reports of early blocks.
    pub(crate) early: usize,
    /// Nodes whose chain went on from another block.
    pub(crate) orphaned: Vec<usize>,
    /// Where a chain ended: in a network whose committee is captured, and in no other.
    pub(crate) diverged: Vec<(usize, Header)>,
    pub(crate) captured: bool,
    /// Blocks that nodes want shown to the root, and what convicts.
    pub(crate) rivals: Vec<(usize, types::Rival, Vec<types::Certificate>)>,
    /// Every block that was ever made, for those who fetch.
    blocks: BTreeMap<BlockHash, Block>,
    wires: VecDeque<(usize, Input)>,
    pub(crate) disks: Vec<Disk>,
    /// The committee of genesis.
    first: Arc<Committee>,
}

impl Network {
    pub(crate) fn new(members: u16, observers: u16) -> Self {
        Self::with(members, observers, |_| {})
    }

    /// A network whose nodes have other rules.
    pub(crate) fn with(members: u16, observers: u16, change: fn(&mut Rules)) -> Self {
        let first = Arc::new(committee(0, 0..members));
        let mut network = Self {
            chains: Vec::new(),
            finals: Vec::new(),
            admitted: Vec::new(),
            now: Time(1_000),
            late: None,
            deaf: None,
            rootless: None,
            roots: Vec::new(),
            lost: Box::new(|_, _, _| false),
            served: Box::new(|_| {}),
            terms: Vec::new(),
            early: 0,
            orphaned: Vec::new(),
            diverged: Vec::new(),
            captured: false,
            rivals: Vec::new(),
            blocks: BTreeMap::new(),
            wires: VecDeque::new(),
            disks: Vec::new(),
            first,
        };
        for at in 0..members + observers {
            let mut out = Vec::new();
            let mut config = config(at, &network.first);
            change(&mut config.rules);
            let mut disk = Disk::new();
            let chain = Chain::new(config.clone(), disk.open(&config), network.now, &mut out);
            network.disks.push(disk);
            network.chains.push(chain);
            network.finals.push(Vec::new());
            network.terms.push(Vec::new());
            network.route(at.into(), out);
        }
        network.run();
        network
    }

    /// A node loses power and starts again with what it has written down, and with what it knows
    /// of the root.
    pub(crate) fn restart(&mut self, at: usize) {
        let view = self.chains[at].root_view().clone();
        self.restart_with(at, &view);
    }

    /// A node loses power and starts again, and knows that much of the root.
    pub(crate) fn restart_with(&mut self, at: usize, root: &RootView) {
        let config = config(at as u16, &self.first);
        self.disks[at].crash();
        let mut start = self.disks[at].open(&config);
        start.follow(root);
        let mut out = Vec::new();
        self.chains[at] = Chain::new(config, start, self.now, &mut out);
        self.finals[at].clear();
        self.route(at, out);
        self.give(at, Input::Tick);
    }

    /// Hands in a message at one node.
    pub(crate) fn submit(&mut self, at: usize, message: ExternalMessage) {
        let signed = SignedMessage::check(network(), vec![message], [1; 32]);
        let good: Vec<_> = signed.into_iter().flatten().collect();
        self.give(at, Input::Externals(good));
    }

    pub(crate) fn give(&mut self, at: usize, input: Input) {
        self.wires.push_back((at, input));
        self.run();
    }

    /// Lets time pass; due ticks come in order of their deadlines.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.after(ms);
        loop {
            let deadlines = self.chains.iter().map(Chain::deadline).enumerate();
            let due = deadlines.filter_map(|(at, due)| Some((due?, at))).min();
            let Some((due, at)) = due.filter(|(due, _)| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.give(at, Input::Tick);
        }
        self.now = end;
    }

    fn run(&mut self) {
        let mut steps = 0;
        while let Some((at, input)) = self.wires.pop_front() {
            let mut out = Vec::new();
            let lag = self.late.filter(|(late, _)| *late == at);
            let now = Time(self.now.0 - lag.map_or(0, |(_, ms)| ms));
            self.chains[at].handle(now, input, &mut out);
            self.route(at, out);
            steps += 1;
            assert!(steps < 100_000, "the network does not come to rest");
        }
    }

    fn route(&mut self, from: usize, effects: Vec<Effect>) {
        let ended = |effect: &Effect| matches!(effect, Effect::Diverged { .. });
        let end = effects.iter().position(ended);
        assert!(
            end.is_none_or(|at| at + 1 == effects.len()),
            "it is the last word"
        );
        for effect in effects {
            self.disks[from].keep(&effect);
            match effect {
                Effect::Broadcast(message) => {
                    let others = (0..self.chains.len()).filter(|to| *to != from);
                    for to in others.collect::<Vec<_>>() {
                        self.wire(from, to, message.clone());
                    }
                }
                Effect::Send { to, message } => {
                    let to = (0..self.chains.len())
                        .find(|at| node(*at as u16) == to)
                        .unwrap();
                    self.wire(from, to, message);
                }
                Effect::Final(lot) => self.finals[from].extend(lot),
                Effect::Early { header, .. } => {
                    assert_ne!(header.phase, Phase::Tail, "what will be dropped is early");
                    self.early += 1;
                }
                Effect::Orphaned(_) => self.orphaned.push(from),
                Effect::Diverged { header, flaw } => {
                    assert!(self.captured, "block {} diverges: {flaw}", header.height);
                    self.diverged.push((from, header));
                }
                Effect::Rival { rival, shown } => self.rivals.push((from, *rival, shown)),
                Effect::Handover { opening, .. } => {
                    let epoch = opening.committee.epoch;
                    self.terms[from].push(epoch);
                    let votes = self.disks[from].said();
                    self.wires
                        .push_back((from, Input::Recalled { epoch, votes }));
                }
                Effect::Proposed(block) => {
                    self.blocks.insert(block.hash, block.block.clone());
                }
                Effect::Fetch { hash, above, .. } => {
                    let mut blocks = self.down_from(hash, above);
                    (self.served)(&mut blocks);
                    self.wires.push_back((from, Input::Blocks(blocks)));
                }
                admitted @ Effect::Admitted(_) => self.admitted.push(admitted),
                Effect::Blame(evidence) => panic!("an honest member is blamed: {evidence:?}"),
                Effect::Offence { node } => panic!("an honest node {node} is penalised"),
                _ => {}
            }
        }
    }

    /// A block that nobody here made can be fetched.
    pub(crate) fn publish(&mut self, block: Block) {
        self.blocks.insert(block.header.hash(), block);
    }

    fn down_from(&self, hash: BlockHash, above: u64) -> Vec<Block> {
        let mut found = Vec::new();
        let mut next = hash;
        while let Some(block) = self.blocks.get(&next) {
            if block.header.height <= above {
                break;
            }
            next = block.header.parent;
            found.push(block.clone());
        }
        found
    }

    /// Tells every node of the next root-final block.
    pub(crate) fn root(&mut self, records: Vec<AnchorRecord>, news: Vec<News>) {
        let height = self.chains[0].root_view().latest().height + 1;
        let state = State::default();
        let header = Header {
            height,
            ..header(ChainId::ROOT, &state)
        };
        let block = Arc::new(RootBlock {
            header,
            lanes: state.lanes().clone(),
            records,
            news,
        });
        self.roots.push(block.clone());
        let hear = (0..self.chains.len()).filter(|at| self.rootless != Some(*at));
        self.wires
            .extend(hear.map(|at| (at, Input::Root(block.clone()))));
        self.run();
    }

    /// Tells a node of all root blocks again, as its root does after a restart.
    pub(crate) fn tell_root(&mut self, at: usize) {
        for block in self.roots.clone() {
            self.give(at, Input::Root(block));
        }
    }

    fn wire(&mut self, from: usize, to: usize, message: consensus::Message) {
        if (self.lost)(from, to, &message) {
            return;
        }
        if self.deaf == Some(to) && matches!(message, consensus::Message::Proposal(_)) {
            return;
        }
        self.wires.push_back((
            to,
            Input::Consensus {
                from: node(from as u16),
                message,
            },
        ));
    }
}

/// A signed transfer between two users.
pub(crate) fn transfer(from: u8, to: AccountId, nonce: u64, value: u128) -> ExternalMessage {
    let call = ExternalCall {
        from: account(from),
        to,
        nonce,
        value: Amount(value),
        gas: Gas {
            limit: 20_000,
            price: 1,
        },
        expiry: 100,
        input: types::Input::Transfer,
    };
    call.sign(network(), &user(from))
}
