//! A root and two transaction chains of two validators each, in one thread under virtual time.
//! What the first validator of each reports is kept, to be fed to an index whenever a test likes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use actors::{Behaviour, Context, Own, Parallelism, Registry, Send};
use assembly::Options;
use genesis::{AccountSecret, Secrets, ValidatorSecret};
use light::{Checkpoint, Trust};
use store::{Db, MemoryDb};
use tx_chain::{Chain, Effect, ExecutedBlock, FinalBlock, Input, SignedMessage, Start};
use types::{
    AccountId, Amount, ChainId, ExternalCall, ExternalMessage, FailureCode, Gas, Header, Height,
    MessageId, RelayMessage, RootBlock, Time,
};

use crate::index::{Index, IndexError, IndexLimits, Network};
use crate::rpc::view::Event;

/// Validators of each chain.
const MEMBERS: u16 = 2;

/// A chain and the number of a validator.
type Place = (ChainId, u16);

/// What a chain reported, and when.
pub(super) type Report = (Time, Told);

#[derive(Clone)]
pub(super) enum Told {
    Submitted(Box<ExternalMessage>),
    Proposed(Arc<ExecutedBlock>),
    Early(Box<Header>, u64, u64),
    Final(Vec<FinalBlock>),
    RootFinal(Arc<RootBlock>),
    Expired(Vec<MessageId>),
}

/// Answers a call: sends 3 to an account that takes it, 4 to nobody, and keeps the rest.
struct Splitter {
    to: AccountId,
}

impl Behaviour for Splitter {
    fn handle(&self, own: &mut Own<'_>, _: &RelayMessage, _: &Context) -> Result<(), FailureCode> {
        for (to, value) in [(self.to, Amount(3)), (nobody(), Amount(4))] {
            own.send(Send::Credit { to, value })?;
        }
        Ok(())
    }
}

/// An account of chain 2 that nothing can be credited to.
pub(super) fn nobody() -> AccountId {
    AccountId::system(ChainId(2), 77)
}

/// The account of chain 2 that splits what calls bring.
pub(super) fn splitter() -> AccountId {
    AccountId::system(ChainId(2), 9)
}

pub(super) struct World {
    pub(super) network: assembly::Network,
    pub(super) secrets: Secrets,
    chains: BTreeMap<Place, Chain>,
    pub(super) now: Time,
    pub(super) reports: Vec<Report>,
    /// Whether anchors get lost on their way to the root.
    pub(super) lose_anchors: bool,
    wires: VecDeque<(Place, Input)>,
}

impl World {
    pub(super) fn new(seed: u8) -> Self {
        let (spec, secrets) = genesis::devnet(MEMBERS.into(), 2, [seed; 32]);
        let network = assembly::Network::new(spec).unwrap();
        let mut world = Self {
            network,
            secrets,
            chains: BTreeMap::new(),
            now: Time(1_000),
            reports: Vec::new(),
            lose_anchors: false,
            wires: VecDeque::new(),
        };
        for id in world.network.chains().collect::<Vec<_>>() {
            for place in members(id) {
                let mut out = Vec::new();
                let chain = world.chain(place, &mut out);
                world.chains.insert(place, chain);
                world.take(place, out);
            }
        }
        world.run();
        world
    }

    fn validator(&self, place: Place) -> &ValidatorSecret {
        let mut validators = self.secrets.validators.iter();
        let is = |found: &&ValidatorSecret| (found.chain, found.member) == place;
        validators.find(is).unwrap()
    }

    fn chain(&self, place: Place, out: &mut Vec<Effect>) -> Chain {
        let (id, _) = place;
        let key = self.validator(place).bls_key();
        let keys = Arc::new(tx_chain::Keys::of([key]));
        let options = Options {
            secret: [5; 32],
            parallelism: Parallelism::One,
            always_work: false,
        };
        let mut config = self.network.config(id, keys, options).unwrap();
        let to = self.account(2, 1).id;
        let code = Registry::default().with(splitter(), Arc::new(Splitter { to }));
        config.rules.behaviours = Arc::new(code);
        let first = self.network.first(id).unwrap();
        let root = self.network.first_root();
        let start = Start::genesis(first.header.clone(), first.state.clone(), root);
        Chain::new(config, start, self.now, out)
    }

    /// A funded account.
    pub(super) fn account(&self, chain: u32, number: u32) -> &AccountSecret {
        let mut accounts = self.secrets.accounts.iter();
        let is = |found: &&AccountSecret| (found.chain.0, found.number) == (chain, number);
        accounts.find(is).unwrap()
    }

    /// A call of 10 from the first account of a chain.
    pub(super) fn call(&self, chain: u32, nonce: u64, to: AccountId) -> ExternalCall {
        ExternalCall {
            from: self.account(chain, 0).id,
            to,
            nonce,
            value: Amount(10),
            gas: Gas {
                limit: 500_000,
                price: 1,
            },
            expiry: 1_000,
            input: types::Input::Transfer,
        }
    }

    /// Signs a call and hands it in.
    pub(super) fn submit(&mut self, call: ExternalCall) -> MessageId {
        let accounts = &self.secrets.accounts;
        let sender = accounts.iter().find(|found| found.id == call.from).unwrap();
        let (chain, key) = (sender.chain, sender.key());
        let message = call.sign(self.network.id(), &key);
        let id = message.id(self.network.id());
        self.report(Told::Submitted(Box::new(message.clone())));
        let signed = SignedMessage::check(self.network.id(), vec![message], [1; 32]);
        let signed: Vec<_> = signed.into_iter().flatten().collect();
        let told = members(chain).map(|to| (to, Input::Externals(signed.clone())));
        self.wires.extend(told);
        self.run();
        id
    }

    /// Sends 10 from one chain's first account and lets time pass.
    pub(super) fn pay(&mut self, from: u32, nonce: u64, to: AccountId) -> MessageId {
        let id = self.submit(self.call(from, nonce, to));
        self.pass(3_000);
        id
    }

    /// Lets time pass; due ticks come in order of their deadlines.
    pub(super) fn pass(&mut self, ms: u64) {
        let end = self.now.after(ms);
        let mut ticks = 0;
        loop {
            ticks += 1;
            assert!(ticks < 2_000, "no deadline moves");
            let deadlines = self.chains.iter();
            let due = deadlines.filter_map(|(id, chain)| Some((chain.deadline()?, *id)));
            let Some((due, id)) = due.min().filter(|(due, _)| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.wires.push_back((id, Input::Tick));
            self.run();
        }
        self.now = self.now.max(end);
    }

    fn run(&mut self) {
        let mut steps = 0;
        while let Some((id, input)) = self.wires.pop_front() {
            self.now = self.now.after(1);
            steps += 1;
            assert!(
                steps < 2_000,
                "the chains do not come to rest: {id:?} {input:?}"
            );
            let mut out = Vec::new();
            let chain = self.chains.get_mut(&id).unwrap();
            chain.handle(self.now, input, &mut out);
            self.take(id, out);
        }
    }

    fn take(&mut self, from: Place, effects: Vec<Effect>) {
        let others = move || members(from.0).filter(move |to| *to != from);
        for effect in effects {
            match effect {
                Effect::Broadcast(message) => {
                    for to in others() {
                        self.wire(from, to, message.clone());
                    }
                }
                Effect::Send { to, message } => {
                    let is = |place: &Place| self.validator(*place).node_id() == to;
                    let to = others().find(is).unwrap();
                    self.wire(from, to, message);
                }
                Effect::Submit(_) if self.lose_anchors => {}
                Effect::Submit(anchor) => {
                    let told = members(ChainId::ROOT);
                    self.wires
                        .extend(told.map(|to| (to, Input::Anchor(anchor.clone()))));
                }
                Effect::Pull(pull) => {
                    let answer = self.chains[&(pull.source, from.1)].answer(&pull);
                    self.wires.push_back((from, Input::Imports(answer)));
                }
                Effect::Admitted(answers) => {
                    let good = answers.iter().all(|(_, answer)| answer.is_ok());
                    assert!(good, "{answers:?}");
                }
                Effect::Blame(evidence) => panic!("an honest member is blamed: {evidence:?}"),
                Effect::Diverged { header, flaw } => panic!("{header:?} diverges: {flaw}"),
                other => self.take_report(from, other),
            }
        }
    }

    /// What concerns nobody but the node itself, and the other chains of the same number.
    fn take_report(&mut self, from: Place, effect: Effect) {
        if let Effect::RootFinal(block) = &effect {
            let all = self.chains.keys();
            let same = all.filter(|(id, member)| !id.is_root() && *member == from.1);
            let told = same.map(|to| (*to, Input::Root(block.clone())));
            self.wires.extend(told);
        }
        if from.1 != 0 {
            return;
        }
        match effect {
            Effect::Proposed(block) => self.report(Told::Proposed(block)),
            Effect::Early {
                header, seats, of, ..
            } => self.report(Told::Early(Box::new(header), seats, of)),
            Effect::Final(lot) => self.report(Told::Final(lot)),
            Effect::Expired(ids) => self.report(Told::Expired(ids)),
            Effect::RootFinal(block) => self.report(Told::RootFinal(block)),
            _ => {}
        }
    }

    fn wire(&mut self, from: Place, to: Place, message: consensus::Message) {
        let from = self.validator(from).node_id();
        self.wires
            .push_back((to, Input::Consensus { from, message }));
    }

    fn report(&mut self, told: Told) {
        self.reports.push((self.now, told));
    }

    /// An index of all that was reported so far.
    pub(super) fn index(&self) -> Index {
        let mut index = self.empty(Arc::new(MemoryDb::default()), IndexLimits::default());
        feed_all(&mut index, &self.reports);
        index
    }

    pub(super) fn empty(&self, db: Arc<dyn Db>, limits: IndexLimits) -> Index {
        Index::open(db, Network::of(&self.network), limits).unwrap()
    }

    /// What a reader believes who has the genesis file.
    pub(super) fn trusted(&self) -> Trust {
        let root = self.network.first(ChainId::ROOT).unwrap();
        Trust {
            checkpoint: Checkpoint {
                network: self.network.id(),
                root: root.header.clone(),
                committee: self.network.committee(ChainId::ROOT).unwrap().clone(),
            },
            now: 0,
            unbonding: None,
        }
    }

    /// The final blocks of a chain, lowest first.
    pub(super) fn finals(&self, chain: u32) -> Vec<FinalBlock> {
        let lots = self.reports.iter().filter_map(|(_, told)| match told {
            Told::Final(lot) => Some(lot),
            _ => None,
        });
        let blocks = lots.flatten();
        let of_chain = blocks.filter(|block| block.executed.header().chain.0 == chain);
        of_chain.cloned().collect()
    }

    /// The history of a chain up to and with a height.
    pub(super) fn history(&self, chain: u32, top: Height) -> tx_chain::History {
        let first = self.network.first(ChainId(chain)).unwrap();
        let mut hashes = vec![first.header.hash()];
        let finals = self.finals(chain);
        hashes.extend(
            finals
                .iter()
                .take(top as usize)
                .map(|block| block.executed.hash),
        );
        let history = tx_chain::History::of(hashes.iter().copied());
        assert_eq!(history.size(), top + 1);
        history
    }
}

fn members(chain: ChainId) -> impl Iterator<Item = Place> {
    (0..MEMBERS).map(move |member| (chain, member))
}

/// The reports as a node would make them that caught up: few root blocks come with certificates.
pub(super) fn caught_up(reports: &[Report]) -> Vec<Report> {
    let mut reports = reports.to_vec();
    for (_, told) in &mut reports {
        let Told::Final(lot) = told else {
            continue;
        };
        for block in lot {
            let header = block.executed.header();
            if header.chain.is_root() && header.height % 3 != 0 {
                block.finality = None;
            }
        }
    }
    reports
}

pub(super) fn feed(index: &mut Index, report: &Report) -> Result<Vec<Event>, IndexError> {
    let (now, told) = report;
    match told {
        Told::Submitted(message) => Ok(index.submitted(message, *now)),
        Told::Proposed(block) => index.proposed(block, *now),
        Told::Early(header, seats, of) => index.early(header, (*seats, *of), *now),
        Told::Final(lot) => index.finalized(lot, *now),
        Told::RootFinal(block) => index.root_final(block, *now),
        Told::Expired(ids) => index.expired(ids),
    }
}

pub(super) fn feed_all(index: &mut Index, reports: &[Report]) {
    for report in reports {
        feed(index, report).unwrap();
    }
}
