//! `thinkey devnet`: a whole network on one machine, the real thing but for what it says.
//!
//! ```text
//!  chain 0: validators 0 … V-1 ─┐
//!  chain 1: validators V … 2V-1 ├─ memory hub (or libp2p on loopback) ─┬─ gateway: follows all
//!  …                            ─┘                                      └─ index, RPC
//! ```
//!
//! Every validator is a node of its own: it follows the root and holds one seat. The gateway has
//! no seat; it follows every chain and serves RPC.

mod files;
mod processes;
pub(crate) mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assembly::Network as Assembled;
use consensus::Seat;
use genesis::{ChainSpec, Secrets, ValidatorSecret};
use p2p::{LaneLimits, MemoryHub};
use tx_chain::JournalError;
use types::ChainId;

use crate::cli::Output;
use crate::cli::args::DevnetArgs;
use crate::config::NO_RATCHET;
use crate::exit::{Exit, Failure};
use crate::gateway::{self, Gateway};
use crate::rpc::RpcConfig;
use crate::services::chain::Observer;
use crate::services::clock::Clock;
use crate::services::node::{Node, NodeError, Opened, Plan};
use crate::services::vault::VaultError;

pub use files::DevnetFiles;

/// What the one-process devnet does not do for real.
const SIMULATED: [&str; 2] = [
    "the network: nodes exchange messages in memory (--processes uses libp2p)",
    "the operators: all keys come from one seed in the data directory",
];

/// What is not done for real of stake: committees that stay, or the beacon's first key.
fn simulated_stake(spec: &ChainSpec) -> &'static str {
    if spec.terms.is_fixed() {
        "the stake: committees are fixed in genesis, and small (--terms elects them)"
    } else {
        "the beacon's first key: one dealer knows it; and terms last a minute or two"
    }
}

/// Runs a devnet until it is told to stop.
///
/// # Errors
/// A data directory of another network or in use, a port in use, a full disk.
pub fn run(args: &DevnetArgs, output: &Output) -> Result<Exit, Failure> {
    crate::runtime::init_logs();
    let temporary = if args.ephemeral {
        Some(temporary()?)
    } else {
        None
    };
    let data_dir = temporary
        .as_ref()
        .map_or(args.data_dir.as_path(), tempfile::TempDir::path);
    let files = DevnetFiles::open(data_dir, args)?;
    if args.processes {
        return crate::runtime::run(processes::run(args, &files, output));
    }
    crate::runtime::run(serve(args, &files, output))
}

fn temporary() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir()
        .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))
}

async fn serve(args: &DevnetArgs, files: &DevnetFiles, output: &Output) -> Result<Exit, Failure> {
    let assembled = assemble(files)?;
    let network = Validators::start(
        &assembled,
        &files.secrets,
        &files.data_dir,
        Watch::default(),
    )
    .await?;
    let gateway = gateway(args.rpc_port, files, &assembled, &network).await?;
    report::ready(output, files, &gateway);
    let stopping = report::follow(output, &gateway);
    crate::runtime::until_stopped(stopping).await;
    output.progress("stopping: writing everything down");
    gateway.stop().await;
    network.stop().await;
    Ok(Exit::Done)
}

/// The chains of a devnet.
///
/// # Errors
/// A genesis file that gives no network.
pub fn assemble(files: &DevnetFiles) -> Result<Assembled, Failure> {
    Assembled::new(files.spec.clone())
        .map_err(|error| Failure::new("genesis", error, "make a new one with --data-dir"))
}

/// A gateway to a devnet's validators, on a port of 127.0.0.1; 0 picks a free one.
///
/// # Errors
/// A port or a data directory that can't be used.
pub async fn gateway(
    port: u16,
    files: &DevnetFiles,
    assembled: &Assembled,
    network: &Validators,
) -> Result<Gateway, Failure> {
    let rpc = RpcConfig {
        listen: ([127, 0, 0, 1], port).into(),
        units_per_second: 0,
        ..RpcConfig::default()
    };
    let plan = Plan::watching(files.data_dir.join("nodes/gateway"), secret()?);
    let setup = gateway::Setup {
        plan,
        assembled: assembled.clone(),
        genesis: files.genesis_text.clone(),
        simulated: SIMULATED
            .into_iter()
            .chain([simulated_stake(assembled.spec())])
            .map(str::to_owned)
            .collect(),
        network: network.hub.join(
            gateway_id(),
            *assembled.id().as_bytes(),
            LaneLimits::default(),
        ),
        rpc,
    };
    gateway::start(setup, network.clock).await
}

/// The gateway's name in the memory network; its key is nobody's secret.
fn gateway_id() -> p2p::NodeId {
    p2p::NodeId::from_seed(&[0x67; 32])
}

/// Makes who watches a chain.
pub type Observe = Arc<dyn Fn(ChainId) -> Box<dyn Observer>>;

/// What a benchmark wants of validators.
#[derive(Clone, Default)]
pub struct Watch {
    /// Propose without end, even empty blocks.
    pub always_work: bool,
    /// Watches the chains of each committee's first member.
    pub observe: Option<Observe>,
}

/// Validators in one process, joined in memory.
pub struct Validators {
    nodes: Vec<Node>,
    /// Joins more nodes.
    pub hub: MemoryHub,
    /// Their clock.
    pub clock: Clock,
}

impl Validators {
    /// Starts a node for each validator of the spec.
    ///
    /// # Errors
    /// A data directory that can't be used.
    pub async fn start(
        assembled: &Assembled,
        secrets: &Secrets,
        data_dir: &Path,
        watch: Watch,
    ) -> Result<Self, Failure> {
        let hub = MemoryHub::default();
        let clock = Clock::new();
        let mut nodes = Vec::new();
        for validator in &secrets.validators {
            let node_dir = data_dir.join(format!("nodes/{}", validator.node));
            let failure = failure(&node_dir);
            let mut plan = plan(validator, node_dir.clone())?;
            plan.always_work = watch.always_work;
            if !assembled.spec().terms.is_fixed() {
                plan.duty = Some(assembled.identity(validator).into());
                plan.follow = assembled.chains().collect();
            }
            if let Some(observe) = watch.observe.clone().filter(|_| validator.member == 0) {
                plan.observe = Some(Box::new(move |chain| observe(chain)));
            }
            let id = p2p::NodeId(*validator.node_id().0.as_bytes());
            let network = hub.join(id, *assembled.id().as_bytes(), LaneLimits::default());
            let opened = Opened::new(plan, assembled).map_err(&failure)?;
            nodes.push(
                opened
                    .start(assembled, network, clock)
                    .await
                    .map_err(failure)?,
            );
        }
        Ok(Self { nodes, hub, clock })
    }

    /// The nodes, in the order of the spec's validators.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Stops all of them.
    pub async fn stop(&self) {
        for node in &self.nodes {
            node.stop().await;
        }
    }
}

/// The plan of one validator's node.
///
/// # Errors
/// No randomness.
pub fn plan(validator: &ValidatorSecret, data_dir: PathBuf) -> Result<Plan, Failure> {
    let seat = Seat {
        member: validator.member,
        key: validator.bls_key(),
    };
    Ok(Plan {
        seats: BTreeMap::from([(validator.chain, seat)]),
        follow: BTreeSet::from([ChainId::ROOT]),
        data_dir,
        observe: None,
        takes_messages: false,
        secret: secret()?,
        always_work: false,
        duty: None,
        quiet_ms: 0,
        marks: BTreeMap::new(),
    })
}

/// 32 bytes that nobody else knows.
///
/// # Errors
/// No randomness.
pub fn secret() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new("random", error, "the system has no randomness to give"))?;
    Ok(bytes)
}

/// A node's failure as a command's; says which node's directory is concerned.
pub fn failure(data_dir: &Path) -> impl Fn(NodeError) -> Failure + '_ {
    move |error| {
        let db = data_dir.join("db");
        let hint = match &error {
            NodeError::Journal {
                source: JournalError::Votes(_),
                ..
            } => "a key whose votes are not all known must not sign again".to_owned(),
            NodeError::Db(_)
            | NodeError::Journal {
                source: JournalError::Db(_) | JournalError::State { .. } | JournalError::Record,
                ..
            } => format!(
                "delete the folder {}: it is made again from the block log",
                db.display()
            ),
            NodeError::Vault(VaultError::NoRatchet { .. }) => NO_RATCHET.to_owned(),
            NodeError::Vault(VaultError::TwoRatchets { .. }) => {
                "remove the file; the data directory has what the node serves with".to_owned()
            }
            // The others say themselves what to do.
            _ => String::new(),
        };
        let message = match &error {
            NodeError::Db(_) | NodeError::Journal { .. } => {
                format!("{}: {error}", data_dir.display())
            }
            _ => error.to_string(),
        };
        Failure::new("node", message, hint)
    }
}
