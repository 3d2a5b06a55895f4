//! The configurations of a devnet's processes, and the secrets that they name.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};

use genesis::ValidatorSecret;
use types::Address;

use crate::cli::args::DevnetArgs;
use crate::config::{NodeConfig, SeatConfig, StakerConfig};
use crate::devnet::DevnetFiles;
use crate::devnet::files::{PASSWORD, disk, write_secret};
use crate::exit::Failure;
use crate::keystore::{Cost, Password, SecretFile, SecretKind};
use crate::rpc::RpcConfig;

/// Writes a configuration for each node; returns the addresses of the validators.
pub(super) fn write_all(args: &DevnetArgs, files: &DevnetFiles) -> Result<Vec<String>, Failure> {
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
        // Idle chains of fixed committees are silent for half a minute.
        quiet_seconds: files.spec.terms.is_fixed().then_some(0),
        staker: staker(files, validator, folder)?,
        rpc: None,
    })
}

/// Where committees change, a validator has the secrets of a staker, as `validator keygen` makes
/// them.
fn staker(
    files: &DevnetFiles,
    validator: &ValidatorSecret,
    folder: &Path,
) -> Result<Option<StakerConfig>, Failure> {
    if files.spec.terms.is_fixed() {
        return Ok(None);
    }
    let named = |what: &str| folder.join(format!("{}.{what}", validator.node));
    let (stake, ratchet) = (named("stake.json"), named("ratchet.json"));
    seal(SecretKind::Stake, &validator.stake_seed, &stake)?;
    // Once a node was started its data directory has it.
    let kept = files
        .data_dir
        .join(format!("nodes/{}/duty/ratchet", validator.node));
    if !kept.exists() {
        seal(SecretKind::Ratchet, &validator.duty_seed, &ratchet)?;
    }
    let share_seed = named("share-seed");
    if validator.chain.is_root() {
        write_secret(&share_seed, &hex::encode(validator.share_seed))?;
    }
    let shares = validator.chain.is_root().then(|| absolute(&share_seed));
    Ok(Some(StakerConfig {
        account: Address::new(&files.spec.name, validator.owner_id()).into(),
        stake: absolute(&stake)?,
        ratchet: absolute(&ratchet)?,
        password_file: absolute(&files.password())?,
        share_seed: shares.transpose()?,
    }))
}

fn seal(purpose: SecretKind, seed: &[u8; 32], path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    let password = Password::new(PASSWORD.to_owned());
    let sealed = SecretFile::seal(purpose, seed, &password, Cost::DEVNET)?;
    Ok(sealed.write_new(path)?)
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
        quiet_seconds: None,
        staker: None,
        rpc: Some(rpc),
    })
}

fn quic(port: u16) -> String {
    format!("/ip4/127.0.0.1/udp/{port}/quic-v1")
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
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
