//! From a chain spec to the machines of its chains: the one place where the root's system meets
//! the machine that all chains share.
//!
//! ```text
//!  ChainSpec ──▶ Network ──┬─ beginning(chain) ──▶ Journal::open ──▶ Start ─┐
//!                          └─ config(chain, keys) ──────────────────────────┴─▶ Chain::new
//! ```
//!
//! The node and the simulator both start here, so they run the same chains.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

mod beacon;
pub mod code;

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Account, NoSystem, Parallelism, Registry, System};
use consensus::Timing;
use genesis::first_state::{FirstBlock, FirstBlockError, first_block};
use genesis::{ChainSpec, Terms, ValidatorSecret};
use root_chain::duty::{Duty, Identity};
use root_chain::staking::{self, FirstStaker, Staking, StakingRules};
use root_chain::{
    Anchors, CommitteeCache, Committees, CommitteesError, ElectionRules, RootSystem, Seated,
    SharedHistory,
};
use tx_chain::journal::Beginning;
use tx_chain::{Config, Keyring, MempoolLimits, Rules};
use types::{ChainId, Committee, NetworkId, RootBlock};

/// Larger bodies are fetched and not broadcast, so that a proposal stays a small message.
const INLINE_BODY_BYTES: usize = 512 * 1024;

/// A network as its spec describes it, with the first block of every chain.
#[derive(Clone)]
pub struct Network {
    spec: Arc<ChainSpec>,
    id: NetworkId,
    firsts: BTreeMap<ChainId, FirstBlock>,
    committees: Arc<Committees>,
    root: RootBlock,
    /// Shared by all chains of a process, for its cache.
    code: Arc<code::WasmCode>,
}

/// Why a spec gives no network.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// A chain has no first block.
    #[error(transparent)]
    FirstBlock(#[from] FirstBlockError),
    /// A committee is invalid.
    #[error(transparent)]
    Committees(#[from] CommitteesError),
    /// Two stakers of genesis share an account or a key, or the stakes overflow.
    #[error("staking.stakers: an account or a key is there twice, or the stakes overflow")]
    Stakers,
    /// The beacon's first key can't be made.
    #[error("beacon: the first key can't be made: {0}")]
    Beacon(#[from] crypto::threshold::ThresholdError),
    /// The spec does not have the chain.
    #[error("the chain spec has no chain {chain}")]
    UnknownChain {
        /// The chain.
        chain: ChainId,
    },
}

/// What a node adds to the rules of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Unknown to everyone else; blinds batches of signature checks.
    pub secret: [u8; 32],
    /// How many threads execution may use.
    pub parallelism: Parallelism,
    /// Propose without end, even empty blocks; for measuring.
    pub always_work: bool,
}

impl Network {
    /// Makes the first block of every chain.
    pub fn new(spec: ChainSpec) -> Result<Self, AssemblyError> {
        let spec = spec.canonical();
        let committees = spec.committees().into_iter().map(|committee| Seated {
            holders: spec.holders(committee.chain),
            committee,
        });
        let committees = Arc::new(Committees::genesis(committees)?);
        let mut firsts = BTreeMap::new();
        for chain in spec
            .chain_ids()
            .into_iter()
            .filter(|chain| !chain.is_root())
        {
            firsts.insert(chain, first_block(&spec, chain, [])?);
        }
        let books = firsts
            .values()
            .map(|first| (&first.header, first.state.lanes()));
        let mut system = root_chain::first_accounts(
            books,
            &spec.routing,
            &committees,
            &election_rules(&spec.terms),
        );
        system.push((staking::account_id(), first_stakes(&spec)?));
        system.extend(beacon::first_accounts(&spec, &committees)?);
        let root = first_block(&spec, ChainId::ROOT, system)?;
        let told = RootBlock {
            header: root.header.clone(),
            lanes: root.state.lanes().clone(),
            records: root_chain::records(&root.state),
            news: Vec::new(),
        };
        firsts.insert(ChainId::ROOT, root);
        let id = spec.network_id();
        Ok(Self {
            spec: Arc::new(spec),
            id,
            firsts,
            committees,
            root: told,
            code: Arc::default(),
        })
    }

    /// The spec.
    pub const fn spec(&self) -> &Arc<ChainSpec> {
        &self.spec
    }

    /// The network's id.
    pub const fn id(&self) -> NetworkId {
        self.id
    }

    /// All chains, the root first.
    pub fn chains(&self) -> impl Iterator<Item = ChainId> + '_ {
        self.firsts.keys().copied()
    }

    /// The first committee of a chain.
    pub fn committee(&self, chain: ChainId) -> Option<&Committee> {
        self.committees.first(chain)
    }

    /// The first block of a chain.
    pub fn first(&self, chain: ChainId) -> Option<&FirstBlock> {
        self.firsts.get(&chain)
    }

    /// The root's first block, as every chain is told of it.
    pub const fn first_root(&self) -> &RootBlock {
        &self.root
    }

    /// What a chain's journal begins with.
    pub fn beginning(&self, chain: ChainId) -> Result<Beginning, AssemblyError> {
        let first = self
            .firsts
            .get(&chain)
            .ok_or(AssemblyError::UnknownChain { chain })?;
        Ok(Beginning {
            network: self.id,
            header: first.header.clone(),
            state: first.state.clone(),
            root: self.root.clone(),
        })
    }

    /// The configuration of a chain's machine; without a key of its committee it follows and never
    /// votes.
    pub fn config(
        &self,
        chain: ChainId,
        keyring: Arc<dyn Keyring>,
        options: Options,
    ) -> Result<Config, AssemblyError> {
        let unknown = AssemblyError::UnknownChain { chain };
        let Some(committee) = self.committees.first(chain) else {
            return Err(unknown);
        };
        let first = self.firsts.get(&chain).ok_or(unknown)?;
        let timing = self.spec.timing;
        let consensus = consensus::Config {
            network: self.id,
            committee: Arc::new(committee.clone()),
            seat: keyring.seat(committee),
            timing: Timing {
                delta_ms: timing.delta_ms,
                delta_max_ms: timing.delta_max_ms,
                execution_ms: timing.execution_ms,
                standstill_ms: timing.standstill_ms,
                heartbeat_ms: timing.heartbeat_ms,
            },
            leader_seed: self.spec.seed,
            early_seats: committee.thresholds().quorum,
            inline_body_bytes: INLINE_BODY_BYTES,
            genesis: first.header.clone(),
            batch_secret: options.secret,
            quiet_until: types::Time(0),
        };
        let rules = self.rules(chain, options);
        Ok(Config {
            rules,
            consensus,
            keyring,
            always_work: options.always_work,
        })
    }

    fn rules(&self, chain: ChainId, options: Options) -> Rules {
        let limits = &self.spec.limits;
        let (system, certified, root_final) = self.system(chain);
        Rules {
            network: self.id,
            chain,
            routing: Arc::new(self.spec.routing.clone()),
            behaviours: Arc::new(self.behaviours(chain)),
            system,
            certified,
            recorded: root_chain::recorded_height,
            root_final,
            gas_limit: limits.gas,
            min_gas_price: limits.gas_price,
            quota: 1_024,
            body_bytes: limits.bytes as usize,
            block_messages: limits.messages as usize,
            drift_ms: self.spec.timing.drift_ms,
            mempool: MempoolLimits::default(),
            secret: options.secret,
            parallelism: options.parallelism,
        }
    }

    /// The code of system accounts, and what runs that of others.
    pub fn behaviours(&self, chain: ChainId) -> Registry {
        let code = Registry::default().with_engine(self.code.clone());
        if !chain.is_root() {
            return code;
        }
        let rules = staking_rules(&self.spec);
        code.with(staking::account_id(), Arc::new(Staking { rules }))
    }

    /// The system of a chain, the same for certified blocks, and what is told of final root blocks.
    fn system(
        &self,
        chain: ChainId,
    ) -> (Arc<dyn System>, Arc<dyn System>, tx_chain::rules::RootFinal) {
        if !chain.is_root() {
            return (Arc::new(NoSystem), Arc::new(NoSystem), Arc::new(|_| {}));
        }
        let history = Arc::new(SharedHistory::default());
        let system = self.root_system(history.clone());
        let certified = Arc::new(system.trusting());
        let told = Arc::new(move |root: &types::RootRef| history.push(root.height, root.hash));
        (Arc::new(system), certified, told)
    }

    /// The root's system, with caches of its own.
    fn root_system(&self, history: Arc<SharedHistory>) -> RootSystem {
        let anchors = Anchors {
            network: self.id,
            committees: CommitteeCache::default(),
            history,
            per_block: self.spec.anchoring.per_block as usize,
            trust_certificates: false,
        };
        let terms = election_rules(&self.spec.terms);
        let system = RootSystem::new(anchors, terms, staking_rules(&self.spec));
        beacon::with_beacon(system, &self.spec, self.id)
    }

    /// The root's rules, to ask what a block would say; with caches of their own.
    pub fn root_rules(&self) -> RootSystem {
        self.root_system(Arc::default())
    }

    /// Who a validator of a devnet is, with the secrets of its duties.
    pub fn identity(&self, validator: &ValidatorSecret) -> Identity {
        beacon::identity(&self.spec, validator)
    }

    /// The duties of a staker's node in this network. For networks whose first committees serve
    /// forever there are none, and it does nothing.
    pub fn duty(&self, who: Identity) -> Duty {
        Duty::new(who, self.root_rules())
    }
}

/// The numbers of staking in a spec.
pub fn staking_rules(spec: &ChainSpec) -> StakingRules {
    let staking = &spec.staking;
    StakingRules {
        ticket: staking.ticket,
        epoch_length: spec.terms.root_epoch,
        unbonding: staking.unbonding,
        evidence_window: staking.evidence_window,
        reward_per_block: staking.reward_per_block,
        presence_percent: staking.presence_percent.into(),
    }
}

/// The staking account of genesis: each seat of a first committee is a duty of its holder.
fn first_stakes(spec: &ChainSpec) -> Result<Account, AssemblyError> {
    let chains = spec.chain_ids().into_iter();
    let seated: Vec<_> = chains.flat_map(|chain| spec.holders(chain)).collect();
    let stakers = spec.staking.stakers.iter().map(|entry| FirstStaker {
        id: entry.account,
        node: entry.node,
        key: entry.key.clone(),
        stake: entry.stake,
        duties: seated
            .iter()
            .filter(|id| **id == Some(entry.account))
            .count() as u32,
    });
    let pool = spec.staking.reward_pool;
    staking::first_account(stakers, pool).ok_or(AssemblyError::Stakers)
}

/// The terms of a spec as the root counts them.
const fn election_rules(terms: &Terms) -> ElectionRules {
    ElectionRules {
        chain_epoch: terms.chain_epoch,
        root_epoch: terms.root_epoch,
        lead: terms.lead,
        root_lead: terms.root_lead,
        window: terms.window,
        stall: terms.stall,
        late: terms.late,
        rescue: terms.rescue,
        kept: terms.kept,
        seats: terms.seats,
        root_seats: terms.root_seats,
        auditors: terms.auditors,
    }
}
