//! All chains and lanes, and the next step of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actors::{
    Behaviour, Context, Executed, Inputs, NoSystem, Parallelism, Refusal, Registry, check, execute,
};
use assembly::code::WasmCode;
use crypto::{Domain, Hash, hash};
use genesis::BlockLimits;
use types::{
    AccountId, Ack, Amount, ChainId, Epoch, ExternalMessage, Height, MessageId, NetworkId, Phase,
    RoutingTable, Time,
};

use crate::book::Book;
use crate::chain::{Arrived, Chain};
use crate::dice::Dice;
use crate::lane::{Lane, Roads};
use crate::refusals::{Engine, Native, Refusals};
use crate::replay;

const NETWORK: Domain = Domain::new("thinkey/testkit/network");
const BEACON: Domain = Domain::new("thinkey/testkit/beacon");
/// Messages that one account may consume in a block before others have their turn.
const QUOTA: u32 = 1_024;
/// Milliseconds that pass with each step.
const STEP_MS: u64 = 50;
/// Bytes of compiled modules that are kept.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// What can happen next.
#[derive(Clone, Copy, Debug)]
enum Action {
    Block(ChainId),
    Deliver(Lane),
    Root,
}

pub(crate) struct Network {
    pub(crate) id: NetworkId,
    pub(crate) routing: Arc<RoutingTable>,
    pub(crate) chains: BTreeMap<ChainId, Chain>,
    pub(crate) roads: Roads,
    pub(crate) book: Book,
    pub(crate) refusals: Refusals,
    pub(crate) root_height: Height,
    pub(crate) names: BTreeMap<AccountId, String>,
    pub(crate) users: u64,
    behaviours: Arc<Registry>,
    natives: u32,
    now: Time,
    epoch: Epoch,
    beacon: (Height, Hash),
    seed: u64,
    dice: Dice,
    minted: Amount,
}

impl Network {
    pub(crate) fn new(chains: u32) -> Self {
        let routing = RoutingTable::even(chains);
        let refusals = Refusals::default();
        let engine = Engine {
            wasm: WasmCode::new(CACHE_BYTES),
            refusals: refusals.clone(),
        };
        let seed = replay::given().unwrap_or_default();
        let ids = routing.chains().into_iter();
        Self {
            id: NetworkId(hash(NETWORK, &[])),
            chains: ids.map(|id| (id, Chain::default())).collect(),
            routing: Arc::new(routing),
            roads: Roads::default(),
            book: Book::default(),
            refusals,
            root_height: 1,
            names: BTreeMap::new(),
            users: 0,
            behaviours: Arc::new(Registry::default().with_engine(Arc::new(engine))),
            natives: 0,
            now: Time(0),
            epoch: 0,
            beacon: (1, beacon(seed, 0)),
            seed,
            dice: Dice::new(seed),
            minted: Amount::ZERO,
        }
    }

    pub(crate) fn reseed(&mut self, seed: u64) {
        self.seed = replay::given().unwrap_or(seed);
        self.dice = Dice::new(self.seed);
        self.beacon.1 = beacon(self.seed, self.epoch);
    }

    pub(crate) fn chain(&self, id: ChainId) -> &Chain {
        let chain = self.chains.get(&id);
        chain.unwrap_or_else(|| panic!("the world has no chain {id}"))
    }

    pub(crate) fn home(&self, account: &AccountId) -> &Chain {
        self.chain(self.routing.home(account))
    }

    fn chain_mut(&mut self, id: ChainId) -> &mut Chain {
        let chain = self.chains.get_mut(&id);
        chain.unwrap_or_else(|| panic!("the world has no chain {id}"))
    }

    /// What an account is called: its name, or the beginning of its id.
    pub(crate) fn name_of(&self, account: &AccountId) -> String {
        let name = self.names.get(account).cloned();
        name.unwrap_or_else(|| account.to_string().chars().take(8).collect())
    }

    pub(crate) fn endow(&mut self, account: AccountId, balance: Amount) {
        let home = self.routing.home(&account);
        self.chain_mut(home).endow(account, balance);
        let minted = self.minted.plus(balance);
        self.minted = minted.unwrap_or_else(|| panic!("all balances together overflow"));
    }

    pub(crate) fn add_native(
        &mut self,
        chain: ChainId,
        code: impl Behaviour + 'static,
    ) -> AccountId {
        self.natives += 1;
        let id = AccountId::system(chain, u32::MAX - self.natives);
        let native = Native {
            behaviour: code,
            refusals: self.refusals.clone(),
        };
        let known = Registry::clone(&self.behaviours);
        self.behaviours = Arc::new(known.with(id, Arc::new(native)));
        id
    }

    pub(crate) fn submit(&mut self, message: ExternalMessage) -> MessageId {
        let id = message.id(self.id);
        self.book.submit(id, message.call.clone());
        let home = self.routing.home(&message.call.from);
        self.chain_mut(home).waiting.push((id, message));
        id
    }

    pub(crate) fn cross_epoch(&mut self) {
        self.epoch += 1;
        self.beacon = (self.root_height, beacon(self.seed, self.epoch));
    }

    /// Does one thing of those that can happen; false when nothing can.
    pub(crate) fn step(&mut self) -> bool {
        let actions = self.possible();
        if actions.is_empty() {
            return false;
        }
        let action = actions[self.dice.below(actions.len())];
        self.now = self.now.after(STEP_MS);
        match action {
            Action::Block(chain) => self.block(chain),
            Action::Deliver(lane) => {
                self.deliver(lane);
            }
            Action::Root => self.root_height += 1,
        }
        true
    }

    fn possible(&self) -> Vec<Action> {
        let chains = self.chains.iter();
        let busy = chains.filter(|(id, chain)| chain.has_work() || self.has_room(**id, chain));
        let mut actions: Vec<_> = busy.map(|(id, _)| Action::Block(*id)).collect();
        let ready = self.roads.ready(self.root_height).into_iter();
        actions.extend(ready.map(Action::Deliver));
        if self.roads.waits(self.root_height) {
            actions.push(Action::Root);
        }
        actions
    }

    /// Whether messages wait for room on a lane, and there is news of room.
    fn has_room(&self, id: ChainId, chain: &Chain) -> bool {
        let waits = |ack: &Ack| chain.state.outboxes().contains_key(&ack.peer);
        self.acks(id, chain).iter().any(waits)
    }

    /// What other chains have newly taken.
    fn acks(&self, id: ChainId, chain: &Chain) -> Vec<Ack> {
        let lanes = chain.state.lanes().lanes.iter();
        let news = lanes.filter_map(|lane| {
            let taken = self.chains.get(&lane.peer)?.state.lanes().lane(id);
            (taken.next_import > lane.acked).then_some(Ack {
                peer: lane.peer,
                messages: taken.next_import,
                bytes: taken.bytes_in,
            })
        });
        news.collect()
    }

    /// Lets the next bundle of a lane arrive; false when there is none.
    pub(crate) fn deliver(&mut self, lane: Lane) -> bool {
        let Some(parcel) = self.roads.take(lane) else {
            return false;
        };
        self.chain_mut(lane.to).arrived.push(Arrived {
            source: lane.from,
            bundle: parcel.bundle,
            messages: parcel.messages,
        });
        true
    }

    pub(crate) fn context(&self, id: ChainId, rotation: Hash) -> Context {
        let limits = BlockLimits::default();
        Context {
            network: self.id,
            chain: id,
            height: self.chain(id).height + 1,
            time: self.now,
            epoch: self.epoch,
            phase: Phase::Ordinary,
            root_height: self.root_height,
            seed: Some(self.beacon),
            routing: self.routing.clone(),
            behaviours: self.behaviours.clone(),
            system: Arc::new(NoSystem),
            gas_limit: limits.gas,
            min_gas_price: limits.gas_price,
            quota: QUOTA,
            rotation: AccountId(rotation),
        }
    }

    /// Makes a block of all that waits, and checks it. [W1]
    pub(crate) fn block(&mut self, id: ChainId) {
        let rotation = self.dice.hash();
        let ctx = self.context(id, rotation);
        let acks = self.acks(id, self.chain(id));
        let chain = self.chain_mut(id);
        let waiting = std::mem::take(&mut chain.waiting);
        let arrived = std::mem::take(&mut chain.arrived);
        let imports = arrived.iter().map(Arrived::incoming).collect();
        let inputs = Inputs {
            externals: waiting.iter().map(|(id, message)| (*id, message)).collect(),
            imports,
            acks,
            ..Inputs::default()
        };
        let made = execute(&chain.state, &inputs, &ctx, Parallelism::One);
        let made = made.unwrap_or_else(|error| panic!("chain {id} has bad inputs: {error}"));
        verify(chain, inputs, &ctx, &made);
        chain.state = made.state.clone();
        chain.height += 1;
        let height = chain.height;
        self.book.record(id, height, &made);
        self.put_back(id, waiting, &made);
        for (bundle, messages) in made.outbox {
            let to = bundle.destination;
            self.roads
                .push(Lane { from: id, to }, (bundle, messages), self.root_height);
        }
        self.balance(id);
    }

    /// Keeps what fits into a later block; what fits into none takes its sender's later messages
    /// along.
    fn put_back(
        &mut self,
        id: ChainId,
        waiting: Vec<(MessageId, ExternalMessage)>,
        made: &Executed,
    ) {
        let refused: BTreeMap<_, _> = made.refused.iter().copied().collect();
        let mut dropped = BTreeSet::new();
        let mut kept = Vec::new();
        for (at, (message_id, message)) in waiting.into_iter().enumerate() {
            let Some(refusal) = refused.get(&at).copied() else {
                continue;
            };
            let from = message.call.from;
            let waits = matches!(refusal, Refusal::BlockFull | Refusal::NonceAhead { .. });
            if waits && !dropped.contains(&from) {
                kept.push((message_id, message));
            } else {
                dropped.insert(from);
                self.book.refuse(&message_id, refusal);
            }
        }
        self.chain_mut(id).waiting = kept;
    }

    /// [W3]
    fn balance(&self, id: ChainId) {
        let chain = self.chain(id);
        assert!(chain.state.conserves(), "chain {id} made or lost value");
        let parts = self.chains.values().flat_map(|chain| {
            let ledger = chain.state.lanes().ledger;
            [
                Some(ledger.held),
                Some(ledger.burned),
                chain.arrived_value(),
            ]
        });
        let mut all = parts.chain([self.roads.value()]);
        let sum = all.try_fold(Amount::ZERO, |sum, part| sum.plus(part?));
        assert_eq!(sum, Some(self.minted), "the chains made or lost value");
    }
}

/// What a verifier does: the order alone must give the same block.
fn verify(chain: &Chain, mut inputs: Inputs<'_>, ctx: &Context, made: &Executed) {
    let included = made.externals.iter();
    inputs.externals = included.map(|at| inputs.externals[*at]).collect();
    let again = check(&chain.state, &inputs, &made.order, ctx, Parallelism::One);
    let again = again.unwrap_or_else(|error| panic!("a verifier refuses the block: {error}"));
    let same = again.receipts == made.receipts && again.state.root() == made.state.root();
    assert!(same, "proposer and verifier disagree");
}

fn beacon(seed: u64, epoch: Epoch) -> Hash {
    hash(BEACON, &[&seed.to_le_bytes(), &epoch.to_le_bytes()])
}

impl Drop for Network {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with: {}", replay::line(self.seed));
        }
    }
}
