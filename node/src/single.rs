//! `thinkey node`: one node of a network, over libp2p.

use std::collections::{BTreeMap, BTreeSet};

use assembly::Network as Assembled;
use consensus::Seat;
use crypto::bls;
use genesis::ChainSpec;
use p2p::{Multiaddr, NetworkConfig};
use serde_json::json;
use types::ChainId;

use crate::cli::Output;
use crate::cli::args::NodeArgs;
use crate::config::{NodeConfig, SeatConfig};
use crate::devnet::{failure, report, secret};
use crate::exit::{Exit, Failure};
use crate::gateway;
use crate::keystore::read_seed;
use crate::services::clock::Clock;
use crate::services::node::{Opened, Plan};

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
    let spec = ChainSpec::load(&config.genesis).map_err(Failure::from)?;
    let genesis = std::fs::read_to_string(&config.genesis).unwrap_or_default();
    let assembled = Assembled::new(spec)
        .map_err(|error| Failure::new("genesis", error, "get the network's genesis file"))?;
    let clock = Clock::new();
    let network = p2p::start(network_config(&config, &assembled)?).map_err(|error| {
        Failure::new(
            "network",
            error,
            "free the port, or change `listen` in the configuration",
        )
    })?;
    if let Some(rpc) = config.rpc.clone() {
        let setup = gateway::Setup {
            assembled,
            genesis,
            simulated: Vec::new(),
            data_dir: config.data_dir.clone(),
            network,
            rpc,
            secret: secret()?,
        };
        let gateway = gateway::start(setup, clock).await?;
        let addr = gateway.addr;
        let ready = json!({"ready": true, "rpc": format!("http://{addr}")});
        output.result(&ready, || format!("node ready, RPC http://{addr}"));
        let following = report::follow(output, &gateway);
        crate::runtime::until_stopped(async {
            tokio::select! {
                () = following => {}
                () = input_ends(until_eof) => {}
            }
        })
        .await;
        gateway.stop().await;
        return Ok(Exit::Done);
    }
    let plan = plan(&config, &assembled)?;
    let failure = failure(&config.data_dir);
    let opened = Opened::new(plan, &assembled).map_err(&failure)?;
    let node = opened
        .start(&assembled, network, clock)
        .await
        .map_err(failure)?;
    output.result(&json!({"ready": true}), || "node ready".to_owned());
    crate::runtime::until_stopped(input_ends(until_eof)).await;
    node.stop().await;
    Ok(Exit::Done)
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

fn network_config(config: &NodeConfig, assembled: &Assembled) -> Result<NetworkConfig, Failure> {
    let seed = read_seed(&config.node_seed).map_err(Failure::from)?;
    let mut network = NetworkConfig::new(*seed, *assembled.id().as_bytes());
    network.listen = addresses(&config.listen)?;
    network.bootstrap = addresses(&config.bootstrap)?;
    network.chains = assembled.chains().count() as u32;
    Ok(network)
}

fn addresses(texts: &[String]) -> Result<Vec<Multiaddr>, Failure> {
    let parse = |text: &String| {
        text.parse().map_err(|error| {
            let hint = "write addresses as /ip4/127.0.0.1/tcp/9000 or /ip4/…/udp/9000/quic-v1";
            Failure::new("config", format!("{text}: {error}"), hint)
        })
    };
    texts.iter().map(parse).collect()
}

fn plan(config: &NodeConfig, assembled: &Assembled) -> Result<Plan, Failure> {
    let seats = config
        .seats
        .iter()
        .map(|seat| Ok((ChainId(seat.chain), key(seat, assembled)?)));
    let follow: BTreeSet<_> = config.follow.iter().copied().map(ChainId).collect();
    Ok(Plan {
        seats: seats.collect::<Result<BTreeMap<_, _>, Failure>>()?,
        follow,
        data_dir: config.data_dir.clone(),
        observe: None,
        takes_messages: false,
        secret: secret()?,
        always_work: false,
        duty: None,
    })
}

/// The seat that a key has in a chain's committee.
fn key(seat: &SeatConfig, assembled: &Assembled) -> Result<Seat, Failure> {
    let key = bls::SecretKey::from_seed(&*read_seed(&seat.key_seed).map_err(Failure::from)?);
    let committee = assembled.committee(ChainId(seat.chain));
    let member = committee.and_then(|committee| committee.member_of(&key.public()));
    match member {
        Some(member) => Ok(Seat {
            member: member as u16,
            key,
        }),
        None => Err(Failure::new(
            "seat",
            format!(
                "{} is no key of chain {}'s committee",
                seat.key_seed.display(),
                seat.chain
            ),
            "name the chain that the key is registered for",
        )),
    }
}
