//! The gateway: a node that follows every chain, indexes them and serves RPC.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use assembly::Network as Assembled;

use crate::devnet::failure;
use crate::exit::Failure;
use crate::index::{Index, IndexLimits, Network as IndexNetwork};
use crate::rpc::{self, Backend, RpcConfig, RunningServer};
use crate::services::backend::NodeBackend;
use crate::services::clock::Clock;
use crate::services::indexing::Indexing;
use crate::services::node::{Node, Opened, Plan};

/// What a gateway is made of.
pub struct Setup {
    /// The network.
    pub assembled: Assembled,
    /// The text of the genesis file.
    pub genesis: String,
    /// What is not done for real.
    pub simulated: Vec<String>,
    /// What it is besides: its data directory, its seats and duties.
    pub plan: Plan,
    /// Its place in the network.
    pub network: p2p::Network,
    /// Where it serves.
    pub rpc: RpcConfig,
}

/// A running gateway.
pub struct Gateway {
    /// Where it serves.
    pub addr: SocketAddr,
    /// What it serves.
    pub backend: Arc<dyn Backend>,
    node: Node,
    server: RunningServer,
}

/// Starts a gateway inside an actix system.
///
/// # Errors
/// A data directory or a port that can't be used.
pub async fn start(setup: Setup, clock: Clock) -> Result<Gateway, Failure> {
    let Setup {
        assembled,
        genesis,
        simulated,
        plan,
        network,
        rpc,
    } = setup;
    let node_dir = plan.data_dir.clone();
    let failure = failure(&node_dir);
    let plan = Plan {
        follow: assembled.chains().collect(),
        takes_messages: true,
        ..plan
    };
    let mut opened = Opened::new(plan, &assembled).map_err(&failure)?;
    let indexing = index(&opened, &assembled, clock, &node_dir)?;
    let observer = indexing.clone();
    opened.watched_by(Box::new(move |_| Box::new(observer.clone())));
    let handle = network.handle();
    let staker = opened.staker();
    let node = opened
        .start(&assembled, network, clock)
        .await
        .map_err(failure)?;
    let backend: Arc<dyn Backend> = Arc::new(NodeBackend {
        rules: assembled.root_rules(),
        staker,
        assembled,
        genesis,
        simulated,
        heads: node.heads.clone(),
        chains: node.chains.clone(),
        admission: node.admission.clone(),
        indexing,
        network: handle,
    });
    let server = rpc::serve(rpc, backend.clone())
        .await
        .map_err(Failure::from)?;
    Ok(Gateway {
        addr: server.addr,
        backend,
        node,
        server,
    })
}

impl Gateway {
    /// Stops serving and makes everything durable.
    pub async fn stop(self) {
        self.server.stop().await;
        self.node.stop().await;
    }
}

fn index(
    opened: &Opened,
    assembled: &Assembled,
    clock: Clock,
    data_dir: &Path,
) -> Result<Indexing, Failure> {
    let network = IndexNetwork::of(assembled);
    let db = data_dir.join("db");
    let hint = format!(
        "delete the folder {}: it is made again from the block log",
        db.display()
    );
    let index = Index::open(opened.db.clone(), network, IndexLimits::default())
        .map_err(|error| Failure::new("index", error, hint))?;
    Indexing::start(index, clock)
        .map_err(|error| Failure::new("thread", error, "the system is out of threads"))
}
