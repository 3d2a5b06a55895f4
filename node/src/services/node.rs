//! Starting a node: its chains, their journals, admission and the network's bridge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};

use actix::{Actor, Addr, Arbiter};
use assembly::{AssemblyError, Network as Assembled, Options};
use consensus::Seat;
use p2p::{Topic, TopicKind};
use store::{DataDir, DataDirError, Db, DbError, FileError, FsDir, SledDb, VoteLogError};
use tokio::sync::{mpsc, oneshot, watch};
use tx_chain::journal::Parts as JournalParts;
use tx_chain::{Chain, Journal, JournalError, Keyring, Keys, RootView, Start};
use types::{AccountId, ChainId, Committee, Round, Vote};

use super::admission::{Admission, Setup};
use super::chain::Outlet;
use super::chain::{ChainActor, Head, Observer, OpenVotes, Parts, ToChain, Twin};
use super::clock::Clock;
use super::courier;
use super::duty::{self, DutySender};
use super::network::{self, Locals, NetworkOutlet};
use super::staker::{Kept, Marks, key_name};
use super::vault::{USED, Vault, VaultError};
use crate::evidence::Folder;

pub use super::staker::DutyPlan;

/// What a staker keeps, in a data directory.
pub const DUTY: &str = "duty";

/// How often a node that stops looks whether its actors are gone.
const LAST_BREATHS: u32 = 400;

/// Makes who watches a chain.
pub type Observe = Box<dyn Fn(ChainId) -> Box<dyn Observer>>;

/// What a node is to be.
pub struct Plan {
    /// Seats by chain; the root is followed anyway.
    pub seats: BTreeMap<ChainId, Seat>,
    /// Chains to follow without a seat.
    pub follow: BTreeSet<ChainId>,
    /// Where everything durable is kept.
    pub data_dir: PathBuf,
    /// Makes the one who watches a chain.
    pub observe: Option<Observe>,
    /// Whether external messages are wanted though there is no seat: to serve RPC.
    pub takes_messages: bool,
    /// Unknown to everyone else.
    pub secret: [u8; 32],
    /// Propose without end; for measuring.
    pub always_work: bool,
    /// The staker whose duties the node does, where committees change.
    pub duty: Option<DutyPlan>,
    /// Milliseconds after the start in which a node that has voted before signs nothing new, and
    /// listens whether another one signs with its keys.
    pub quiet_ms: u64,
    /// By seat of genesis whose key is not in the data directory: a file that says it was used.
    pub marks: BTreeMap<ChainId, PathBuf>,
}

impl Plan {
    /// A node that follows the root, without seats or duties.
    pub const fn watching(data_dir: PathBuf, secret: [u8; 32]) -> Self {
        Self {
            seats: BTreeMap::new(),
            follow: BTreeSet::new(),
            data_dir,
            observe: None,
            takes_messages: false,
            secret,
            always_work: false,
            duty: None,
            quiet_ms: 0,
            marks: BTreeMap::new(),
        }
    }
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A directory for logs.
    #[error(transparent)]
    File(#[from] FileError),
    /// A journal.
    #[error("chain {chain}: {source}")]
    Journal {
        /// The chain.
        chain: ChainId,
        /// What is wrong.
        source: JournalError,
    },
    /// The spec.
    #[error(transparent)]
    Assembly(#[from] AssemblyError),
    /// The secrets of a staker.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A thread could not be started.
    #[error("a chain's thread did not start")]
    Thread,
}

/// A running node.
pub struct Node {
    /// Its database, shared with the index.
    pub db: Arc<dyn Db>,
    /// Takes external messages in.
    pub admission: Admission,
    /// What each chain shows.
    pub heads: BTreeMap<ChainId, watch::Receiver<Head>>,
    /// The actors of its chains.
    pub chains: BTreeMap<ChainId, Addr<ChainActor>>,
    _data_dir: DataDir,
}

/// A node whose journals are open and whose chains are about to start.
pub struct Opened {
    plan: Plan,
    data_dir: DataDir,
    /// Whether keys have voted from this directory before.
    has_voted: bool,
    /// Its database.
    pub db: Arc<dyn Db>,
}

impl Opened {
    /// Takes the data directory and opens the database.
    pub fn new(plan: Plan, assembled: &Assembled) -> Result<Self, NodeError> {
        let data_dir = DataDir::open(&plan.data_dir, &assembled.id().0)?;
        let db: Arc<dyn Db> = Arc::new(SledDb::open(&data_dir.join("db"))?);
        let mut used = assembled.chains().map(|chain| {
            let folder = data_dir.join(&format!("chain-{chain}/key-use"));
            std::fs::read_dir(folder).is_ok_and(|mut keys| keys.next().is_some())
        });
        let has_voted = used.any(|used| used);
        Ok(Self {
            plan,
            data_dir,
            has_voted,
            db,
        })
    }

    /// The staker whose duties it will do.
    pub fn staker(&self) -> Option<AccountId> {
        self.plan.duty.as_ref().map(|duty| duty.staker)
    }

    /// Replaces who watches; for an index that needs the database first.
    pub fn watched_by(&mut self, observe: Observe) {
        self.plan.observe = Some(observe);
    }

    /// Starts chains and bridge. Must run inside an actix system.
    pub async fn start(
        mut self,
        assembled: &Assembled,
        network: p2p::Network,
        clock: Clock,
    ) -> Result<Node, NodeError> {
        let locals: Locals = Arc::new(OnceLock::new());
        let (courier, blocks) = mpsc::unbounded_channel();
        let outlet = NetworkOutlet {
            network: network.handle(),
            committees: Arc::new(RwLock::new(committees(assembled))),
            locals: locals.clone(),
            courier,
            attempts: Arc::default(),
            telling: Arc::default(),
            runtime: tokio::runtime::Handle::current(),
        };
        let seats = self.plan.seats.values();
        let keys = Arc::new(Keys::of(seats.map(|seat| seat.key.clone())));
        let duty = self.duty(assembled, &keys)?;
        let (tell, told) = mpsc::unbounded_channel();
        let tell = duty.is_some().then_some(tell);
        let (heads, chains) = self.start_all(assembled, (&outlet, &keys, &tell), clock)?;
        let recipients: BTreeMap<_, _> = chains
            .iter()
            .map(|(chain, address)| (*chain, address.clone().recipient()))
            .collect();
        let admission = Admission::start(Setup {
            network: assembled.id(),
            routing: Arc::new(assembled.spec().routing.clone()),
            chains: recipients.clone(),
            secret: self.plan.secret,
        });
        let _ = locals.set(recipients.clone());
        self.join(&network, assembled, tell.is_some()).await;
        if let Some(kept) = duty {
            let around = (heads.clone(), chains.clone());
            let evidence = Folder::of(&self.plan.data_dir, assembled.id());
            start_duty(
                kept,
                evidence,
                keys,
                around,
                (network.handle(), clock),
                told,
            )?;
        }
        tokio::spawn(courier::carry(blocks, recipients));
        tokio::spawn(network::listen(network, outlet, admission.clone(), tell));
        Ok(Node {
            db: self.db,
            admission,
            heads,
            chains,
            _data_dir: self.data_dir,
        })
    }

    /// Starts the actors of all chains.
    fn start_all(
        &self,
        assembled: &Assembled,
        way: Way<'_>,
        clock: Clock,
    ) -> Result<Around, NodeError> {
        let (outlet, keys, _) = way;
        let (mut heads, mut chains) = (BTreeMap::new(), BTreeMap::new());
        let mut root = RootView::default();
        // The root comes first.
        for chain in self.chain_ids() {
            let (journal, mut start) = self.open(assembled, chain, keys)?;
            start.follow(&root);
            if chain.is_root() {
                root = start.view.clone();
            }
            if let Some(first) = assembled.committee(chain) {
                outlet.committee(start.committee(first));
            }
            let opened = (journal, start);
            let (address, head) = self.start_chain(assembled, chain, opened, way, clock)?;
            chains.insert(chain, address);
            heads.insert(chain, head);
        }
        Ok((heads, chains))
    }

    /// The duties of the node's staker, with what was kept of it.
    fn duty(&mut self, assembled: &Assembled, keys: &Keys) -> Result<Option<Kept>, NodeError> {
        let Some(staker) = self.plan.duty.take() else {
            return Ok(None);
        };
        let vault = Vault::open(self.data_dir.join(DUTY))?;
        let kept = staker.begin(vault, assembled)?;
        kept.terms.values().for_each(|key| keys.add(key.clone()));
        Ok(Some(kept))
    }

    fn chain_ids(&self) -> BTreeSet<ChainId> {
        let seats = self.plan.seats.keys().copied();
        let mut all: BTreeSet<_> = seats.chain(self.plan.follow.iter().copied()).collect();
        all.insert(ChainId::ROOT);
        all
    }

    /// Reads back what a chain was when the node stopped.
    fn open(
        &self,
        assembled: &Assembled,
        chain: ChainId,
        keys: &Arc<Keys>,
    ) -> Result<(Journal, Start), NodeError> {
        let wrong = |source| NodeError::Journal { chain, source };
        let parts = self.journal_parts(chain)?;
        let (mut journal, mut start) =
            Journal::open(parts, assembled.beginning(chain)?).map_err(wrong)?;
        let committee = assembled.committee(chain);
        let seat = committee.and_then(|first| keys.seat(start.committee(first)));
        if let Some(seat) = seat {
            let votes = self.votes(chain)(&seat).map_err(wrong)?;
            journal.vote_with(votes, &mut start).map_err(wrong)?;
        }
        Ok((journal, start))
    }

    fn start_chain(
        &self,
        assembled: &Assembled,
        chain: ChainId,
        (journal, start): (Journal, Start),
        (outlet, keys, duty): Way<'_>,
        clock: Clock,
    ) -> Result<(Addr<ChainActor>, watch::Receiver<Head>), NodeError> {
        let options = Options {
            secret: self.plan.secret,
            parallelism: actors::Parallelism::Pool,
            always_work: self.plan.always_work,
        };
        let mut config = assembled.config(chain, keys.clone(), options)?;
        if self.has_voted {
            config.consensus.quiet_until = clock.now().after(self.plan.quiet_ms);
        }
        let observer = self.plan.observe.as_ref().map(|observe| observe(chain));
        if observer.is_none() {
            // Nobody here asks what is early.
            config.consensus.early_seats = u64::MAX;
        }
        if let Some(observer) = &observer {
            observer.starts(start.block.header(), &start.history);
        }
        let said = journal.said();
        let said = said.map_err(|source| NodeError::Journal { chain, source })?;
        let twin = twin(&start, said, assembled.committee(chain), keys);
        let mut effects = Vec::new();
        let chain_machine = Chain::new(config, start, clock.now(), &mut effects);
        let (deadline, shown) = watch::channel(chain_machine.deadline());
        let (head, heads) = watch::channel(Head {
            block: chain_machine.last_final().clone(),
            root_height: chain_machine.root_view().latest().height,
            waiting: 0,
            diverged: chain_machine.has_diverged(),
        });
        let parts = Parts {
            chain: chain_machine,
            journal,
            votes: self.votes(chain),
            twin,
            effects,
            outlet: Box::new(outlet.clone()),
            observer,
            clock,
            evidence: Folder::of(&self.plan.data_dir, assembled.id()),
            duty: duty.clone(),
            deadline,
            head,
        };
        let arbiter = Arbiter::new();
        let address =
            ChainActor::start_in_arbiter(&arbiter.handle(), move |_| ChainActor::new(parts));
        tokio::spawn(tick(address.clone(), shown, clock));
        Ok((address, heads))
    }

    fn journal_parts(&self, chain: ChainId) -> Result<JournalParts, NodeError> {
        let blocks = self.data_dir.join(&format!("chain-{chain}/blocks"));
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&self.plan.secret[..8]);
        Ok(JournalParts {
            blocks: Box::new(FsDir::open(&blocks)?),
            db: self.db.clone(),
            nonce: u64::from_le_bytes(nonce),
        })
    }

    /// Opens the directories of a seat's votes; each consensus key has its own.
    fn votes(&self, chain: ChainId) -> OpenVotes {
        let own = self.data_dir.join(&format!("chain-{chain}"));
        let genesis = self.plan.seats.get(&chain).map(|seat| seat.key.public());
        let beside = self.plan.marks.get(&chain).cloned();
        let used = self.data_dir.join(DUTY).join(USED);
        Box::new(move |seat| {
            let public = seat.key.public();
            let beside = beside.clone().filter(|_| genesis.as_ref() == Some(&public));
            let folder = used.clone();
            let marks = Marks { folder, beside };
            let (name, key) = key_name(&public);
            let place = |kind| own.join(kind).join(&name);
            marks.check(&name, &place("key-use"))?;
            let open = |kind| FsDir::open(&place(kind));
            let votes = open("votes").map_err(VoteLogError::from)?;
            let mark = open("key-use").map_err(VoteLogError::from)?;
            marks.note(&name).map_err(VoteLogError::from)?;
            Ok((Box::new(votes), Box::new(mark), key))
        })
    }

    /// Subscribes to what the node's chains need and says what it serves.
    async fn join(&self, network: &p2p::Network, assembled: &Assembled, stakes: bool) {
        let handle = network.handle();
        let drawn = stakes && !assembled.spec().terms.is_fixed();
        for chain in self.chain_ids() {
            let mut kinds = vec![TopicKind::Consensus];
            // Who may be drawn for any chain must hear what its members hear.
            let seated = self.plan.seats.contains_key(&chain) || drawn;
            if seated || self.plan.takes_messages {
                kinds.push(TopicKind::Messages);
            }
            if chain.is_root() && seated {
                kinds.push(TopicKind::Anchors);
            }
            for kind in kinds {
                let _ = handle
                    .subscribe(Topic {
                        chain: chain.0,
                        kind,
                    })
                    .await;
            }
            let _ = handle.provide(chain.0).await;
        }
    }
}

impl Node {
    /// Makes everything durable and stops all chains.
    pub async fn stop(&self) {
        for chain in self.chains.values() {
            let (done, stopped) = oneshot::channel();
            if chain.send(ToChain::Stop(done)).await.is_ok() {
                let _ = stopped.await;
            }
        }
        // Their journals hold the database until they are gone; nobody waits for that for long.
        for _ in 0..LAST_BREATHS {
            if self.chains.values().all(|chain| !chain.connected()) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let _ = self.db.flush();
    }
}

/// A chain's way out, the keys that it votes with, and the node's duty.
type Way<'a> = (&'a NetworkOutlet, &'a Arc<Keys>, &'a Option<DutySender>);

/// The chains of a node: what they show, and their actors.
type Around = (
    BTreeMap<ChainId, watch::Receiver<Head>>,
    BTreeMap<ChainId, Addr<ChainActor>>,
);

fn start_duty(
    kept: Kept,
    evidence: Folder,
    keys: Arc<Keys>,
    (heads, chains): Around,
    (network, clock): (p2p::NetworkHandle, Clock),
    told: mpsc::UnboundedReceiver<duty::ToDuty>,
) -> Result<(), NodeError> {
    let Kept {
        duty,
        record,
        vault,
        terms,
    } = kept;
    let terms = terms.into_iter().map(|(term, key)| (term, key.public()));
    let setup = duty::Setup {
        duty,
        record,
        vault,
        keys,
        heads,
        chains,
        network,
        clock,
        evidence,
    };
    duty::start(setup, terms.collect(), told).map_err(|_| NodeError::Thread)
}

/// What the node's keys have said above the last final block that it knows.
fn twin(
    start: &Start,
    (known, votes): (Round, Vec<Vote>),
    first: Option<&Committee>,
    keys: &Keys,
) -> Twin {
    let last = start.replay.last().map(|(block, ..)| block.header.round);
    let above = last.unwrap_or_else(|| start.block.header().round);
    let mut twin = Twin::new(above.max(known), &votes);
    if let Some(first) = first {
        let committee = start.committee(first);
        twin.sits(committee, keys.seat(committee).as_ref());
    }
    twin
}

fn committees(assembled: &Assembled) -> BTreeMap<ChainId, Vec<types::NodeId>> {
    let of = |chain| {
        let committee = assembled.committee(chain)?;
        let nodes = committee.members.iter().map(|member| member.node).collect();
        Some((chain, nodes))
    };
    assembled.chains().filter_map(of).collect()
}

/// Sends a tick whenever the machine's deadline has passed.
async fn tick(
    chain: Addr<ChainActor>,
    mut deadline: watch::Receiver<Option<types::Time>>,
    clock: Clock,
) {
    loop {
        let due = *deadline.borrow_and_update();
        let changed = match due {
            None => deadline.changed().await,
            Some(due) => tokio::select! {
                changed = deadline.changed() => changed,
                () = tokio::time::sleep(clock.until(due)) => {
                    if chain.try_send(ToChain::Tick).is_err() && !chain.connected() {
                        return;
                    }
                    // A machine that stays due is asked again, but not in a hot loop.
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    Ok(())
                }
            },
        };
        if changed.is_err() {
            return;
        }
    }
}
