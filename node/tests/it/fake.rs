//! A node of five blocks: answers from memory, takes every message that it should.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use consensus::Evidence;
use crypto::{Hash, ed25519};
use futures::FutureExt;
use futures::future::BoxFuture;
use light::Checkpoint;
use light::line::Page;
use light::proof::ProofFile;
use node::rpc::view::*;
use node::rpc::{
    AccountError, Backend, NotReady, ProveError, Question, ReportRefusal, RootReading, SubmitError,
    ViewError,
};
use root_chain::RootSystem;
use root_chain::evidence::ReportError;
use tokio::sync::broadcast;
use types::{
    AccountId, Address, Amount, BlockHash, ChainId, CodeBytes, ExternalMessage, FailureCode,
    Height, Input, MessageId, NetworkId, RoutingTable,
};

use crate::fixture;

pub(crate) const NAME: &str = "thinkeydev";
/// The network that the documented example of tx_submit is signed for.
pub(crate) const NETWORK: NetworkId = NetworkId(Hash::new([7; 32]));

/// A network with terms, whose first root state the node tells.
pub(crate) static ROOT: LazyLock<(assembly::Network, genesis::Secrets)> = LazyLock::new(|| {
    let (spec, secrets) = genesis::devnet_with_terms(4, 2, [7; 32]);
    (assembly::Network::new(spec).unwrap(), secrets)
});

/// The root's rules, for signatures of the network that the node says it is of.
static RULES: LazyLock<RootSystem> = LazyLock::new(|| {
    let mut rules = ROOT.0.root_rules();
    rules.anchors.network = NETWORK;
    rules
});

/// A key whose account is funded, on chain 1 or 2.
pub(crate) fn rich() -> ed25519::SecretKey {
    ed25519::SecretKey::from_seed([1; 32])
}

pub(crate) fn address(account: AccountId) -> AddressText {
    Address::new(NAME, account).into()
}

/// An account without code.
pub(crate) fn nobody() -> AccountId {
    AccountId(Hash::new([0xdd; 32]))
}

/// What `submit` should answer.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Take messages; every message settles.
    #[default]
    Settling,
    /// Take messages; the trace stays pending at level committed.
    Stuck,
    /// Take messages; three of four seats prepare them, and nothing more happens.
    Preparing,
    /// Take messages; every message is refunded.
    Refunding,
}

pub(crate) struct Fake {
    pub(crate) traces: Mutex<BTreeMap<MessageId, Trace>>,
    pub(crate) submitted: Mutex<Vec<ExternalMessage>>,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) refusal: Mutex<Option<SubmitError>>,
    /// What was handed to the root.
    pub(crate) reported: Mutex<Vec<Evidence>>,
    /// Whether the root records it at once.
    pub(crate) convicts: bool,
    pub(crate) mood: Mood,
    /// What the funded account has.
    pub(crate) balance: u128,
    /// Bytes of the genesis text, for tests of large answers.
    pub(crate) genesis_bytes: usize,
    pub(crate) slow: Option<std::time::Duration>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let known = trace(
            MessageId(Hash::new([0x11; 32])),
            Word::Settled,
            Level::Settled,
        );
        Self {
            traces: Mutex::new(BTreeMap::from([(known.id, known)])),
            submitted: Mutex::default(),
            events: broadcast::channel(1_024).0,
            refusal: Mutex::default(),
            reported: Mutex::default(),
            convicts: false,
            mood: Mood::default(),
            balance: 1_000_000,
            genesis_bytes: 10,
            slow: None,
        }
    }

    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// The code that a message gave to an account, and who sent it.
    fn code_of(&self, account: AccountId) -> Option<(CodeBytes, AccountId)> {
        let submitted = self.submitted.lock().unwrap();
        let mut codes = submitted
            .iter()
            .filter_map(|message| match &message.call.input {
                Input::Deploy(deploy) if message.call.to == account => {
                    Some((deploy.code.clone(), message.call.from))
                }
                _ => None,
            });
        codes.next_back()
    }

    pub(crate) fn set_trace(&self, trace: Trace) {
        let id = trace.id;
        self.traces.lock().unwrap().insert(id, trace);
        let _nobody_listens = self.events.send(Event::Trace(id));
    }
}

pub(crate) fn head(chain: u32, height: u64) -> Head {
    Head {
        chain: ChainId(chain),
        height: height.into(),
        hash: BlockHash(Hash::new([height as u8; 32])),
        time: U64(1_000),
        messages: 1,
    }
}

/// What a transfer does on the other chain.
fn credit(word: Word) -> TraceNode {
    let done = word == Word::Settled;
    let refunded = word == Word::Refunded;
    let credit = TraceNode {
        id: MessageId(Hash::new([0x22; 32])),
        from: address(AccountId::of_key(&rich().public())),
        to: address(AccountId(Hash::new([0xee; 32]))),
        chain: ChainId(2),
        kind: MessageKind::Credit,
        value: Amount(5),
        status: match word {
            Word::Settled => NodeStatus::Done,
            Word::Refunded => NodeStatus::Failed(types::FailureCode::NoSuchAccount),
            _ => NodeStatus::Travelling,
        },
        level: if done {
            Level::RootFinal
        } else {
            Level::Pending
        },
        early: None,
        height: done.then_some(U64(4)),
        gas: U64(21),
        gas_limit: None,
        run: None,
        said: refunded.then(|| "too_early".to_owned()),
        children: Vec::new(),
    };
    let bounce = TraceNode {
        id: MessageId(Hash::new([0x33; 32])),
        kind: MessageKind::Bounce,
        status: NodeStatus::Done,
        chain: ChainId(1),
        said: None,
        ..credit.clone()
    };
    TraceNode {
        children: refunded.then_some(bounce).into_iter().collect(),
        ..credit
    }
}

/// A transfer to another chain that has come so far.
pub(crate) fn trace(id: MessageId, word: Word, level: Level) -> Trace {
    let credit = credit(word);
    let levels = [
        Level::Early,
        Level::Committed,
        Level::Anchored,
        Level::RootFinal,
        Level::Settled,
    ];
    let reached = levels.into_iter().filter(|reached| *reached <= level);
    Trace {
        id,
        word,
        level,
        latency_ms: reached.zip([40, 80, 300, 500, 900]).collect(),
        root: TraceNode {
            id,
            from: credit.from.clone(),
            to: credit.to.clone(),
            chain: ChainId(1),
            kind: MessageKind::Transfer,
            value: Amount(5),
            status: NodeStatus::Done,
            level: level.min(Level::RootFinal),
            early: early(level),
            height: Some(U64(3)),
            gas: U64(100),
            gas_limit: Some(U64(1_000)),
            run: None,
            said: None,
            children: vec![credit],
        },
    }
}

/// Three seats have prepared what is proposed, all four what is more.
fn early(level: Level) -> Option<EarlySeats> {
    match level {
        Level::Pending => None,
        Level::Proposed => EarlySeats::of(3, 4),
        _ => EarlySeats::of(4, 4),
    }
}

impl Backend for Fake {
    fn network(&self) -> NetworkInfo {
        let route = |start, chain| RouteView {
            start,
            chain: ChainId(chain),
        };
        NetworkInfo {
            name: NAME.to_owned(),
            id: NETWORK,
            kind: NetworkKind::Devnet,
            chains: RoutingTable::even(2).chains(),
            routes: vec![route(0, 0), route(0x100, 1), route(0x8080, 2)],
            transfer_gas: U64(1_000),
            gas_price: U64(1),
            simulated: vec!["the network between the nodes".to_owned()],
            version: "0.1.0".to_owned(),
        }
    }

    fn genesis(&self) -> String {
        "x".repeat(self.genesis_bytes)
    }

    fn chain(&self, chain: ChainId) -> Option<ChainStatus> {
        (chain.0 <= 2).then(|| ChainStatus {
            chain,
            committed: U64(5),
            anchored: U64(4),
            root_final: U64(3),
            round: U64(9),
            epoch: U64(0),
            members: 4,
            seats: 4,
            quorum: 3,
            mempool: U64(0),
            hash: BlockHash(Hash::new([5; 32])),
            block_time: U64(1_000),
        })
    }

    fn block(&self, chain: ChainId, block: BlockId) -> Option<BlockView> {
        let height = match block {
            BlockId::Latest => 5,
            BlockId::Height(height) => height,
            BlockId::Hash(_) => return None,
        };
        (chain.0 <= 2 && height <= 5).then(|| BlockView {
            chain,
            height: height.into(),
            hash: BlockHash(Hash::new([5; 32])),
            parent: BlockHash(Hash::new([4; 32])),
            epoch: U64(0),
            round: U64(9),
            time: U64(1_000),
            proposer: 2,
            root_height: U64(3),
            level: Level::Committed,
            gas: U64(121),
            body_bytes: 300,
            state_root: Hash::ZERO,
            messages: vec![MessageId(Hash::new([0x11; 32]))],
            imports: Vec::new(),
            anchors: Vec::new(),
        })
    }

    fn account(&self, account: AccountId) -> Result<AccountView, AccountError> {
        if let Some(slow) = self.slow {
            std::thread::sleep(slow);
        }
        let chain = RoutingTable::even(2).home(&account);
        let exists = account == AccountId::of_key(&rich().public());
        Ok(AccountView {
            address: address(account),
            chain,
            exists,
            balance: if exists {
                Amount(self.balance)
            } else {
                Amount::ZERO
            },
            nonce: U64(if exists { 7 } else { 0 }),
            next_nonce: U64(if exists { 8 } else { 0 }),
            height: U64(5),
            level: Level::Committed,
            root_height: U64(50),
            code: self.code_of(account).map(|(code, _)| code.hash()),
        })
    }

    /// What was deployed; anybody else has code that does not describe itself, but for one.
    fn code(&self, account: AccountId) -> Result<CodeView, AccountError> {
        let found = self.code_of(account);
        let bytes = found
            .as_ref()
            .map_or(&[][..], |(code, _)| &code.shared()[..]);
        let abi = node::abi::Abi::section(bytes);
        let hash = found.as_ref().map_or(Hash::ZERO, |(code, _)| code.hash());
        Ok(CodeView {
            account: address(account),
            code: (account != nobody()).then_some(hash),
            bytes: bytes.len() as u32,
            owner: found.as_ref().map(|(_, owner)| address(*owner)),
            locked: Amount::ZERO,
            abi: abi.map(|abi| String::from_utf8(abi.to_vec()).unwrap()),
        })
    }

    /// Answers with the question; an account without code fails, and so does a view "fail".
    fn view(&self, account: AccountId, question: Question) -> Result<ViewAnswer, ViewError> {
        let code = match question.method.as_str() {
            "fail" => FailureCode::Rejected,
            _ if account == AccountId::system(ChainId(2), 5) => FailureCode::NoCode,
            _ => {
                return Ok(ViewAnswer {
                    answer: hex::encode([question.method.as_bytes(), &question.data].concat()),
                    logs: Vec::new(),
                    gas: U64(question.gas.min(77)),
                    height: U64(5),
                });
            }
        };
        let fault = code.into();
        Err(ViewError::Failed { fault })
    }

    fn submit(&self, message: ExternalMessage) -> BoxFuture<'_, Result<MessageId, SubmitError>> {
        let id = message.id(NETWORK);
        let verified = message.key.verify(id.as_bytes(), &message.signature);
        let refusal = *self.refusal.lock().unwrap();
        let answer = match (refusal, verified) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(_)) => Err(SubmitError::BadSignature),
            (None, Ok(())) => {
                self.submitted.lock().unwrap().push(message);
                self.set_trace(match self.mood {
                    Mood::Settling => trace(id, Word::Settled, Level::Settled),
                    Mood::Stuck => trace(id, Word::Pending, Level::Committed),
                    Mood::Preparing => trace(id, Word::Pending, Level::Proposed),
                    Mood::Refunding => trace(id, Word::Refunded, Level::Settled),
                });
                Ok(id)
            }
        };
        async move { answer }.boxed()
    }

    fn trace(&self, message: MessageId, early: Option<u32>) -> Option<Trace> {
        let mut trace = self.traces.lock().unwrap().get(&message).cloned()?;
        let seats = trace.root.early.map_or(0, |early| early.seats);
        if trace.level == Level::Proposed && seats >= early.unwrap_or(4) {
            trace.level = Level::Early;
        }
        Some(trace)
    }

    fn prove(&self, message: MessageId, _: Height) -> BoxFuture<'_, Result<ProofFile, ProveError>> {
        let known = self.trace(message, None).is_some();
        let answer = match known {
            true => Ok(fixture::proof()),
            false => Err(ProveError::Unknown),
        };
        async move { answer }.boxed()
    }

    fn checkpoint(&self) -> Result<Checkpoint, ProveError> {
        Ok(fixture::trusted().checkpoint)
    }

    fn handovers(&self, from: Height) -> Result<Page, ProveError> {
        let head = fixture::proof()
            .head
            .filter(|head| head.block.height > from);
        Ok(Page {
            handovers: Vec::new(),
            head,
        })
    }

    fn root(&self) -> Option<RootReading> {
        let (network, id) = (&ROOT.0, ChainId::ROOT);
        let spec = network.spec();
        Some(RootReading {
            network: NAME.to_owned(),
            state: network.beginning(id).unwrap().state,
            height: 0,
            root_final: 0,
            staking: assembly::staking_rules(spec),
            terms: spec.terms,
            beacon_every: spec.beacon.every,
        })
    }

    /// The node of the root's first staker.
    fn report(&self, evidence: Evidence) -> Result<ConvictionView, ReportRefusal> {
        let root = self.root().ok_or(ReportRefusal::NoRoot)?;
        let mut reported = self.reported.lock().unwrap();
        if self.convicts && reported.contains(&evidence) {
            return Err(ReportError::Known.into());
        }
        let reporter = Some(ROOT.1.validators[0].owner_id());
        let conviction = ConvictionView::of(&root, &RULES, &evidence, reporter)?;
        reported.push(evidence);
        Ok(conviction)
    }

    fn metrics(&self) -> String {
        "# TYPE thinkey_blocks counter\nthinkey_blocks_total{chain=\"1\"} 5\n# EOF\n".to_owned()
    }

    fn live(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), NotReady> {
        Err(NotReady::Syncing { chain: ChainId(2) })
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}
