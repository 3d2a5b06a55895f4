//! `thinkey node`: one node of a network, over libp2p.

use serde_json::json;

use crate::cli::Output;
use crate::cli::args::NodeArgs;
use crate::config::{NodeConfig, Prepared};
use crate::devnet::{failure, report};
use crate::exit::{Exit, Failure};
use crate::gateway::{self, Gateway};
use crate::rpc::RpcConfig;
use crate::services::clock::Clock;
use crate::services::node::{Node, Opened};

/// Runs a node until it is told to stop.
///
/// # Errors
/// A configuration, data directory, key or port that can't be used.
pub fn run(args: &NodeArgs, output: &Output) -> Result<Exit, Failure> {
    crate::runtime::init_logs();
    let config = NodeConfig::load(&args.config)?;
    crate::runtime::run(serve(config, args.until_eof, output))
}

async fn serve(config: NodeConfig, until_eof: bool, output: &Output) -> Result<Exit, Failure> {
    let prepared = Prepared::of(&config).map_err(|wrong| first(wrong, output))?;
    let network = p2p::start(prepared.network.clone()).map_err(|error| {
        Failure::new(
            "network",
            error,
            "free the port, or change `listen` in the configuration",
        )
    })?;
    let running = start(prepared, config.rpc, network, Clock::new()).await?;
    output.result(&running.ready(), || running.told());
    let following = async {
        match &running {
            Running::Gateway(gateway) => report::follow(output, gateway).await,
            Running::Node(_) => std::future::pending().await,
        }
    };
    crate::runtime::until_stopped(async {
        tokio::select! {
            () = following => {}
            () = input_ends(until_eof) => {}
        }
    })
    .await;
    running.stop().await;
    Ok(Exit::Done)
}

/// The first mistake; the others are told as progress.
fn first(wrong: Vec<Failure>, output: &Output) -> Failure {
    let mut wrong = wrong.into_iter();
    let first = wrong.next();
    wrong.for_each(|other| output.progress(&other.to_text()));
    let none = || Failure::new("config", "the configuration can't be used", "");
    first.unwrap_or_else(none)
}

/// A node that runs, with RPC or without.
pub enum Running {
    /// It serves RPC.
    Gateway(Gateway),
    /// It does not.
    Node(Node),
}

/// Starts what a configuration says, in a network that is open already.
///
/// # Errors
/// A data directory, a vote log or a port that can't be used.
pub async fn start(
    prepared: Prepared,
    rpc: Option<RpcConfig>,
    network: p2p::Network,
    clock: Clock,
) -> Result<Running, Failure> {
    let mut plan = prepared.plan;
    if plan.duty.is_some() {
        // It may be drawn for any chain.
        plan.follow = prepared.assembled.chains().collect();
    }
    if let Some(rpc) = rpc {
        let setup = gateway::Setup {
            assembled: prepared.assembled,
            genesis: prepared.genesis,
            simulated: Vec::new(),
            plan,
            network,
            rpc,
        };
        return Ok(Running::Gateway(gateway::start(setup, clock).await?));
    }
    let data_dir = plan.data_dir.clone();
    let failure = failure(&data_dir);
    let opened = Opened::new(plan, &prepared.assembled).map_err(&failure)?;
    let node = opened.start(&prepared.assembled, network, clock).await;
    Ok(Running::Node(node.map_err(failure)?))
}

impl Running {
    /// Makes everything durable and stops.
    pub async fn stop(self) {
        match self {
            Self::Gateway(gateway) => gateway.stop().await,
            Self::Node(node) => node.stop().await,
        }
    }

    fn ready(&self) -> serde_json::Value {
        match self {
            Self::Gateway(gateway) => {
                json!({"ready": true, "rpc": format!("http://{}", gateway.addr)})
            }
            Self::Node(_) => json!({"ready": true}),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Gateway(gateway) => format!("node ready, RPC http://{}", gateway.addr),
            Self::Node(_) => "node ready".to_owned(),
        }
    }
}

/// Ends when nobody holds the other end of standard input any more; never if nobody cares.
async fn input_ends(cared: bool) {
    if !cared {
        return std::future::pending().await;
    }
    let (ended, end) = tokio::sync::oneshot::channel();
    // A thread of its own: one that tokio knows of would keep the process from ending.
    let reading = std::thread::Builder::new().spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    if let Err(cause) = reading {
        tracing::warn!(%cause, "no thread to see standard input end");
        return std::future::pending().await;
    }
    let _ = end.await;
}
