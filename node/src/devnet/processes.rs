//! `thinkey devnet --processes`: the same network with a process for each node, over libp2p.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use genesis::ValidatorSecret;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::files::{disk, write_secret};
use super::{DevnetFiles, report};
use crate::cli::Output;
use crate::cli::args::DevnetArgs;
use crate::config::{NodeConfig, SeatConfig};
use crate::exit::{Exit, Failure};
use crate::rpc::RpcConfig;

/// How long a node may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a node may take to stop before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// Gossip finds its neighbours at its heartbeats; what is published before reaches few.
const ACQUAINTANCE: Duration = Duration::from_millis(1_500);

const SIMULATED: [&str; 2] = [
    "the operators: all keys come from one seed in the data directory",
    "the stake: committees are fixed in genesis, and small",
];

/// A node that is a process of its own.
struct Process {
    name: String,
    child: Child,
    /// What it prints, a line of JSON at a time.
    lines: Lines<BufReader<ChildStdout>>,
}

/// Starts all processes and waits.
pub(super) async fn run(
    args: &DevnetArgs,
    files: &DevnetFiles,
    output: &Output,
) -> Result<Exit, Failure> {
    let addresses = write_configs(args, files)?;
    let mut validators = Vec::new();
    for validator in &files.secrets.validators {
        let name = validator.node.to_string();
        validators.push(start(&files.data_dir, &name).await?.0);
        output.progress(&format!("node {name} of {} runs", addresses.len()));
    }
    let (mut gateway, ready) = start(&files.data_dir, "gateway").await?;
    let addr = address(&ready)?;
    tokio::time::sleep(ACQUAINTANCE).await;
    report::announce(output, files, addr, &SIMULATED.map(str::to_owned));
    let mut lost = false;
    let watching = async {
        watch(&mut gateway, &mut validators, output).await;
        lost = true;
    };
    crate::runtime::until_stopped(watching).await;
    output.progress("stopping all processes");
    stop(gateway).await;
    for validator in validators {
        stop(validator).await;
    }
    match lost {
        false => Ok(Exit::Done),
        true => {
            let hint = "see its messages above, then start again with the same --data-dir";
            Err(Failure::new("gateway", "the gateway ended", hint))
        }
    }
}

/// Where the gateway serves.
fn address(ready: &serde_json::Value) -> Result<SocketAddr, Failure> {
    let url = ready
        .get("rpc")
        .and_then(|rpc| rpc.as_str())
        .unwrap_or_default();
    url.trim_start_matches("http://").parse().map_err(|error| {
        let hint = "see the node's messages above";
        Failure::new("gateway", format!("{url}: {error}"), hint)
    })
}

/// Writes a configuration for each node; returns the addresses of the validators.
fn write_configs(args: &DevnetArgs, files: &DevnetFiles) -> Result<Vec<String>, Failure> {
    let folder = files.data_dir.join("processes");
    std::fs::create_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
    let ports = ports(files.secrets.validators.len() + 1)?;
    let mut listen = Vec::new();
    let mut addresses = Vec::new();
    for (validator, port) in files.secrets.validators.iter().zip(&ports) {
        let own = [format!("/ip4/127.0.0.1/tcp/{port}"), quic(*port)];
        let peer = p2p::NodeId(*validator.node_id().0.as_bytes()).peer_id();
        let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
        // Half of the nodes are called over TCP, half over QUIC.
        let called = own
            .get(validator.node as usize % 2)
            .cloned()
            .unwrap_or_default();
        addresses.push(format!("{called}/p2p/{peer}"));
        listen.push(own.to_vec());
    }
    for (validator, listen) in files.secrets.validators.iter().zip(listen) {
        let config = validator_config(files, validator, listen, &addresses, &folder)?;
        write(&folder.join(format!("{}.toml", validator.node)), &config)?;
    }
    let gateway = gateway_config(args, files, ports.last().copied(), &addresses, &folder)?;
    write(&folder.join("gateway.toml"), &gateway)?;
    Ok(addresses)
}

fn validator_config(
    files: &DevnetFiles,
    validator: &ValidatorSecret,
    listen: Vec<String>,
    addresses: &[String],
    folder: &Path,
) -> Result<NodeConfig, Failure> {
    let node_seed = folder.join(format!("{}.node-seed", validator.node));
    let key_seed = folder.join(format!("{}.key-seed", validator.node));
    write_secret(&node_seed, &hex::encode(validator.node_seed))?;
    write_secret(&key_seed, &hex::encode(validator.bls_seed))?;
    let others = addresses
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != validator.node as usize);
    Ok(NodeConfig {
        genesis: absolute(&files.genesis())?,
        data_dir: absolute(&files.data_dir.join(format!("nodes/{}", validator.node)))?,
        node_seed: absolute(&node_seed)?,
        listen,
        bootstrap: others.map(|(_, address)| address.clone()).collect(),
        seats: vec![SeatConfig {
            chain: validator.chain.0,
            key_seed: absolute(&key_seed)?,
        }],
        follow: Vec::new(),
        rpc: None,
    })
}

fn gateway_config(
    args: &DevnetArgs,
    files: &DevnetFiles,
    port: Option<u16>,
    addresses: &[String],
    folder: &Path,
) -> Result<NodeConfig, Failure> {
    let node_seed = folder.join("gateway.node-seed");
    write_secret(&node_seed, &hex::encode([0x67; 32]))?;
    let rpc = RpcConfig {
        listen: ([127, 0, 0, 1], args.rpc_port).into(),
        units_per_second: 0,
        ..RpcConfig::default()
    };
    Ok(NodeConfig {
        genesis: absolute(&files.genesis())?,
        data_dir: absolute(&files.data_dir.join("nodes/gateway"))?,
        node_seed: absolute(&node_seed)?,
        listen: port.map(quic).into_iter().collect(),
        bootstrap: addresses.to_vec(),
        seats: Vec::new(),
        follow: Vec::new(),
        rpc: Some(rpc),
    })
}

fn quic(port: u16) -> String {
    format!("/ip4/127.0.0.1/udp/{port}/quic-v1")
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| disk(path, &error))
}

fn write(path: &Path, config: &NodeConfig) -> Result<(), Failure> {
    let text = toml::to_string_pretty(config)
        .map_err(|error| Failure::new("config", error, "choose a plain --data-dir"))?;
    std::fs::write(path, text).map_err(|error| disk(path, &error))
}

/// Ports that are free now, on TCP and on UDP.
fn ports(count: usize) -> Result<Vec<u16>, Failure> {
    let busy = |error| Failure::new("ports", error, "too few free ports on 127.0.0.1");
    let mut held = Vec::new();
    while held.len() < count {
        let tcp = TcpListener::bind("127.0.0.1:0").map_err(busy)?;
        let port = tcp.local_addr().map_err(busy)?.port();
        if let Ok(udp) = UdpSocket::bind(("127.0.0.1", port)) {
            held.push((port, tcp, udp));
        }
    }
    Ok(held.into_iter().map(|(port, ..)| port).collect())
}

/// Starts one process and waits until it says that it is ready.
async fn start(data_dir: &Path, name: &str) -> Result<(Process, serde_json::Value), Failure> {
    let config = data_dir.join(format!("processes/{name}.toml"));
    let fail = |what: String| Failure::new("process", what, "see the node's messages above");
    let program = std::env::current_exe().map_err(|error| fail(error.to_string()))?;
    let mut child = Command::new(program)
        .args(["--json", "node", "--until-eof", "--config"])
        .arg(&config)
        // A pipe that nobody writes to: it ends with this process, however that ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Ctrl-C is for this process, which stops the others in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| fail(format!("node {name}: {error}")))?;
    let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
    let Some(mut lines) = lines else {
        return Err(fail(format!("node {name} has no output")));
    };
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    let line = match first {
        Ok(Ok(Some(line))) => line,
        _ => return Err(fail(format!("node {name} did not start"))),
    };
    let ready = serde_json::from_str(&line).map_err(|error| fail(error.to_string()))?;
    let name = name.to_owned();
    Ok((Process { name, child, lines }, ready))
}

/// Passes the gateway's events on and tells of validators that end; itself ends when the gateway
/// does. A committee bears the loss of less than a third of its validators.
async fn watch(gateway: &mut Process, validators: &mut Vec<Process>, output: &Output) {
    loop {
        tokio::select! {
            line = gateway.lines.next_line() => match line {
                Ok(Some(line)) if output.json => output.raw(&format!("{line}\n")),
                Ok(Some(_)) => {}
                _ => return,
            },
            () = tokio::time::sleep(Duration::from_millis(200)) => validators.retain_mut(|process| {
                let Ok(Some(status)) = process.child.try_wait() else {
                    return true;
                };
                let (node, status) = (&process.name, status.to_string());
                output.progress(&format!("node {node} ended ({status}); the others go on"));
                output.json_line(&json!({"event": "ended", "node": node, "status": status}));
                false
            }),
        }
    }
}

/// Asks politely, then insists.
async fn stop(mut process: Process) {
    if let Some(id) = process.child.id() {
        let asked = Command::new("kill").arg(id.to_string()).status().await;
        let waited = tokio::time::timeout(GRACE, process.child.wait()).await;
        if asked.is_ok() && waited.is_ok() {
            return;
        }
    }
    let _ = process.child.kill().await;
}
