//! A configuration with its files read: what a node starts with, or all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assembly::Network as Assembled;
use consensus::Seat;
use crypto::threshold::DecryptionKey;
use crypto::{Hash, bls, ed25519};
use genesis::ChainSpec;
use p2p::{Multiaddr, NetworkConfig};
use root_chain::duty::{Genesis, Ratchet};
use types::{ChainId, NodeId};
use zeroize::Zeroizing;

use super::{NodeConfig, SeatConfig, StakerConfig};
use crate::devnet::secret;
use crate::exit::Failure;
use crate::keystore::{Password, SecretFile, SecretKind, read_seed};
use crate::services::node::{DUTY, DutyPlan, Plan};
use crate::services::vault::{RATCHET, VaultError};

/// What to do without the secret of later keys.
pub(crate) const NO_RATCHET: &str = "restore the data directory if its votes are the newest; \
    else make a new secret with `thinkey validator keygen --offline --new-ratchet --out DIR` and \
    start it after the terms that the old one was elected for have ended";

/// A configuration whose files could all be read and fit the network and each other.
pub struct Prepared {
    /// The network.
    pub assembled: Assembled,
    /// The text of the genesis file.
    pub genesis: String,
    /// The node's id.
    pub node: NodeId,
    /// What the node is to be.
    pub plan: Plan,
    /// How it is reached and whom it calls.
    pub network: NetworkConfig,
}

impl Prepared {
    /// Reads all files that a configuration names. Nothing is written.
    ///
    /// # Errors
    /// All that is wrong, each with what to do about it.
    pub fn of(config: &NodeConfig) -> Result<Self, Vec<Failure>> {
        let assembled = assemble(config).map_err(|failure| vec![failure])?;
        let genesis = std::fs::read_to_string(&config.genesis).unwrap_or_default();
        let mut wrong = Vec::new();
        let seed = note(
            &mut wrong,
            read_seed(&config.node_seed).map_err(Failure::from),
        );
        let listen = addresses(&config.listen, &mut wrong);
        let bootstrap = addresses(&config.bootstrap, &mut wrong);
        let seats = seats(config, &assembled, &mut wrong);
        let follow = follow(config, &assembled, &mut wrong);
        let node = seed.as_ref().map(node_id);
        let staker = config.staker.as_ref();
        let keys = seats.values().map(|seat| seat.key.clone());
        let keys = seats.keys().copied().zip(keys).collect();
        let duty = staker.and_then(|staker| {
            let secrets = Secrets::read(staker, config, &assembled, &mut wrong)?;
            Some(secrets.plan(staker, node?, keys, &assembled))
        });
        let random = note(&mut wrong, secret());
        let (Some(seed), Some(node), Some(random), true) = (seed, node, random, wrong.is_empty())
        else {
            return Err(wrong);
        };
        let mut network = NetworkConfig::new(*seed, *assembled.id().as_bytes());
        (network.listen, network.bootstrap) = (listen, bootstrap);
        network.chains = assembled.chains().count() as u32;
        let marks = config.seats.iter();
        let marks = marks.map(|seat| (ChainId(seat.chain), mark(&seat.key_seed)));
        let plan = Plan {
            seats,
            follow,
            duty,
            quiet_ms: quiet_ms(config, &assembled),
            marks: marks.collect(),
            ..Plan::watching(config.data_dir.clone(), random)
        };
        Ok(Self {
            assembled,
            genesis,
            node,
            plan,
            network,
        })
    }
}

/// Chains without work make a block with every heartbeat: a twin is heard in three of them.
fn quiet_ms(config: &NodeConfig, assembled: &Assembled) -> u64 {
    let heartbeats = assembled.spec().timing.heartbeat_ms.saturating_mul(3);
    let seconds = config
        .quiet_seconds
        .map(|seconds| seconds.saturating_mul(1_000));
    seconds.unwrap_or_else(|| heartbeats.saturating_add(2_000))
}

/// Beside a key that outlives the data directory: that it was used.
fn mark(key_seed: &Path) -> PathBuf {
    let mut name = key_seed.as_os_str().to_owned();
    name.push(".used");
    name.into()
}

fn node_id(seed: &Zeroizing<[u8; 32]>) -> NodeId {
    let key = ed25519::SecretKey::from_seed(**seed).public();
    NodeId(Hash::from(*key.as_bytes()))
}

/// Puts what failed aside.
fn note<T>(wrong: &mut Vec<Failure>, result: Result<T, Failure>) -> Option<T> {
    result.map_err(|failure| wrong.push(failure)).ok()
}

fn assemble(config: &NodeConfig) -> Result<Assembled, Failure> {
    let spec = ChainSpec::load(&config.genesis).map_err(Failure::from)?;
    Assembled::new(spec)
        .map_err(|error| Failure::new("genesis", error, "get the network's genesis file"))
}

fn addresses(texts: &[String], wrong: &mut Vec<Failure>) -> Vec<Multiaddr> {
    let parse = |text: &String| {
        text.parse().map_err(|error| {
            let hint = "write addresses as /ip4/127.0.0.1/tcp/9000 or /ip4/…/udp/9000/quic-v1";
            Failure::new("config", format!("{text}: {error}"), hint)
        })
    };
    let parsed = texts.iter().map(parse);
    parsed.filter_map(|parsed| note(wrong, parsed)).collect()
}

fn follow(
    config: &NodeConfig,
    assembled: &Assembled,
    wrong: &mut Vec<Failure>,
) -> BTreeSet<ChainId> {
    let known: BTreeSet<ChainId> = assembled.chains().collect();
    let named = config.follow.iter().copied().map(ChainId);
    let (good, bad): (BTreeSet<_>, BTreeSet<_>) = named.partition(|chain| known.contains(chain));
    for chain in bad {
        let last = known.len().saturating_sub(1);
        let message = format!("follow: the network has no chain {chain}");
        wrong.push(Failure::new(
            "config",
            message,
            format!("its chains are 0 to {last}"),
        ));
    }
    good
}

fn seats(
    config: &NodeConfig,
    assembled: &Assembled,
    wrong: &mut Vec<Failure>,
) -> BTreeMap<ChainId, Seat> {
    let mut seats = BTreeMap::new();
    for seat in &config.seats {
        let chain = ChainId(seat.chain);
        let Some(found) = note(wrong, found(seat, assembled)) else {
            continue;
        };
        if seats.insert(chain, found).is_some() {
            let message = format!("seats: chain {chain} is there twice");
            let hint = "a node has one seat in a committee; leave one out";
            wrong.push(Failure::new("config", message, hint));
        }
    }
    seats
}

/// The seat that a key has in a chain's committee.
fn found(seat: &SeatConfig, assembled: &Assembled) -> Result<Seat, Failure> {
    let key = bls::SecretKey::from_seed(&*read_seed(&seat.key_seed).map_err(Failure::from)?);
    let committee = assembled.committee(ChainId(seat.chain));
    let member = committee.and_then(|committee| committee.member_of(&key.public()));
    let member = member.and_then(|member| u16::try_from(member).ok());
    let Some(member) = member else {
        let (file, chain) = (seat.key_seed.display(), seat.chain);
        let message = format!("{file} is no key of chain {chain}'s committee");
        let hint = "name the chain that the key is registered for";
        return Err(Failure::new("seat", message, hint));
    };
    Ok(Seat { member, key })
}

/// The opened secrets of a staker.
struct Secrets {
    stake: bls::SecretKey,
    /// None once the data directory has it.
    ratchet: Option<Ratchet>,
    shares: Option<DecryptionKey>,
}

impl Secrets {
    fn read(
        staker: &StakerConfig,
        config: &NodeConfig,
        assembled: &Assembled,
        wrong: &mut Vec<Failure>,
    ) -> Option<Self> {
        let before = wrong.len();
        check_network(staker, assembled, wrong);
        let password = Password::from_private_file(&staker.password_file);
        let password = note(wrong, password.map_err(Failure::from));
        let open = |path: &Path, kind| open(path, kind, password.as_ref());
        let stake = note(wrong, open(&staker.stake, SecretKind::Stake)).flatten();
        let ratchet = match staker.ratchet.exists() {
            true => note(wrong, open(&staker.ratchet, SecretKind::Ratchet)).flatten(),
            false => {
                note(wrong, kept(config, staker));
                None
            }
        };
        let shares = staker.share_seed.as_deref().map(read_seed);
        let shares = shares.and_then(|seed| note(wrong, seed.map_err(Failure::from)));
        if wrong.len() > before {
            return None;
        }
        Some(Self {
            stake: bls::SecretKey::from_seed(&*stake?),
            ratchet: ratchet.map(|seed| Ratchet::new(*seed)),
            shares: shares.map(|seed| DecryptionKey::from_seed(&seed)),
        })
    }

    fn plan(
        self,
        staker: &StakerConfig,
        node: NodeId,
        keys: BTreeMap<ChainId, bls::SecretKey>,
        assembled: &Assembled,
    ) -> DutyPlan {
        let dealer = assembled.spec().beacon.insecure_dealer_seed;
        DutyPlan {
            staker: staker.account.0.account,
            node,
            stake: self.stake,
            ratchet: self.ratchet,
            ratchet_file: Some(staker.ratchet.clone()),
            genesis: Genesis {
                keys,
                shares: self.shares,
                dealer: dealer.map(|seed| *seed.as_bytes()),
            },
        }
    }
}

/// Whether the data directory has the secret of later keys.
fn kept(config: &NodeConfig, staker: &StakerConfig) -> Result<(), Failure> {
    let folder = config.data_dir.join(DUTY);
    if folder.join(RATCHET).exists() {
        return Ok(());
    }
    let (folder, file) = (folder, staker.ratchet.clone());
    let lost = VaultError::NoRatchet { folder, file };
    Err(Failure::new("no_ratchet", lost, NO_RATCHET))
}

fn check_network(staker: &StakerConfig, assembled: &Assembled, wrong: &mut Vec<Failure>) {
    let (address, name) = (&staker.account.0, &assembled.spec().name);
    if address.network != *name {
        let message = format!("staker.account: {address} is no address of network \"{name}\"");
        let hint = "write the address of the account that registers, as `thinkey wallet list` does";
        wrong.push(Failure::new("config", message, hint));
    }
    if assembled.spec().terms.is_fixed() {
        let message = "staker: in this network the committees of genesis serve forever";
        let hint = "leave the section out; nobody is elected here";
        wrong.push(Failure::new("config", message, hint));
    }
}

/// Decrypts a secret file; none without a password, which is another mistake.
fn open(
    path: &Path,
    kind: SecretKind,
    password: Option<&Password>,
) -> Result<Option<Zeroizing<[u8; 32]>>, Failure> {
    let file = SecretFile::read(path)?;
    if file.purpose() != kind {
        let (stake, later) = ("the stake key", "the secret of later keys");
        let (found, wanted) = match kind {
            SecretKind::Stake => (later, stake),
            SecretKind::Ratchet => (stake, later),
        };
        let message = format!("{} holds {found}, not {wanted}", path.display());
        let hint = "stake is stake.json and ratchet is ratchet.json of `thinkey validator keygen`";
        return Err(Failure::new("config", message, hint));
    }
    let opened = password.map(|password| file.open(password)).transpose();
    opened.map_err(|error| {
        let failure = Failure::from(error);
        let message = format!("{}: {}", path.display(), failure.message);
        Failure { message, ..failure }
    })
}
