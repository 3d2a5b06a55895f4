//! Where the rehearsal is played: a network, an account on it, and a node for the staker.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use assembly::Network as Assembled;
use clap::Parser;
use p2p::LaneLimits;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use types::{Address, ChainId};

use crate::cli::{Cli, Command, Context, Output};
use crate::client::Client;
use crate::config::{NodeConfig, Prepared, StakerConfig};
use crate::devnet::{DevnetFiles, Validators, Watch, assemble, gateway};
use crate::exit::{Exit, Failure};
use crate::gateway::Gateway;
use crate::rpc::view::ValidatorView;
use crate::services::clock::Clock;
use crate::services::network::peer;
use crate::single::{self, Running};

/// Validators of each chain, besides the newcomer.
const VALIDATORS: u32 = 4;
/// Transaction chains.
const CHAINS: u32 = 1;

/// A running network and whoever stakes on it.
pub(super) struct Stage {
    pub(super) output: Output,
    /// The account that owns the stake.
    pub(super) owner: Address,
    assembled: Assembled,
    files: DevnetFiles,
    validators: Validators,
    gateway: Gateway,
    newcomer: Option<Running>,
    client: Client,
    began: types::Time,
    folder: PathBuf,
    /// What was last said of the stake.
    pub(super) shown: RefCell<Option<ValidatorView>>,
}

impl Stage {
    /// Starts a network in a folder of its own.
    pub(super) async fn open(output: Output, folder: &Path) -> Result<Self, Failure> {
        let files = DevnetFiles::for_rehearsal(&folder.join("net"), VALIDATORS, CHAINS)?;
        let assembled = assemble(&files)?;
        let (secrets, dir) = (&files.secrets, &files.data_dir);
        let validators = Validators::start(&assembled, secrets, dir, Watch::default()).await?;
        let gateway = gateway(0, &files, &assembled, &validators).await?;
        let endpoint = format!("http://{}", gateway.addr).parse();
        let endpoint = endpoint.map_err(|error| Failure::new("gateway", error, ""))?;
        let owner = secrets
            .accounts
            .iter()
            .find(|account| account.chain != ChainId::ROOT);
        let none = || Failure::new("genesis", "the network has no funded account", "");
        let owner = files.address(owner.ok_or_else(none)?);
        Ok(Self {
            output,
            owner,
            assembled,
            validators,
            gateway,
            newcomer: None,
            client: Client::new(endpoint),
            began: Clock::new().now(),
            files,
            folder: folder.to_owned(),
            shown: RefCell::new(None),
        })
    }

    /// Stops all nodes.
    pub(super) async fn close(mut self) {
        self.output
            .progress("stopping the network; its data is removed");
        self.stop_newcomer().await;
        self.gateway.stop().await;
        self.validators.stop().await;
    }

    /// Root heights that have passed.
    pub(super) fn root_height(&self) -> u64 {
        self.gateway.backend.root().map_or(0, |root| root.height)
    }

    /// Seconds since the network began.
    pub(super) fn seconds(&self) -> f64 {
        Clock::new().now().since(self.began) as f64 / 1_000.0
    }

    /// Says what happened.
    pub(super) fn tell(&self, step: &str, says: &str) {
        let (height, seconds) = (self.root_height(), self.seconds());
        let line = json!({
            "step": step, "says": says, "root_height": height, "seconds": seconds,
        });
        let text = || format!("[{seconds:5.1} s, root height {height:3}] {says}");
        self.output.result(&line, text);
    }

    /// The root epoch, ticket and delays of the network, for people.
    pub(super) fn numbers(&self) -> String {
        let spec = self.assembled.spec();
        format!(
            "a network of its own runs: a root and {CHAINS} transaction chain, {VALIDATORS} \
             validators each; terms of {} root heights, {} on the root; unbonding {}",
            spec.terms.chain_epoch, spec.terms.root_epoch, spec.staking.unbonding
        )
    }

    /// Stake of one ticket.
    pub(super) fn ticket(&self) -> u128 {
        self.assembled.spec().staking.ticket.0
    }

    /// The most that a call to the staking account costs.
    pub(super) fn most_gas(&self) -> u128 {
        let gas = 2 * root_chain::staking::method::GAS;
        u128::from(gas).saturating_mul(self.assembled.spec().limits.gas_price.into())
    }

    /// The folder of the validator's files.
    pub(super) fn keys(&self) -> PathBuf {
        self.folder.join("validator")
    }

    /// The newcomer's secrets of terms that are kept.
    pub(super) fn term_keys(&self) -> usize {
        let duty = self.folder.join("node/duty");
        let files = std::fs::read_dir(duty).into_iter().flatten().flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|end| end == "key"))
            .count()
    }

    /// Runs `thinkey validator` with these words, as a staker types them.
    pub(super) async fn run(&self, words: &[&str]) -> Result<(), Failure> {
        let shown = words.join(" ");
        let shown = shown.replace(&self.folder.display().to_string(), "…");
        self.output
            .progress(&format!("  $ thinkey validator {shown}"));
        let words = [&["thinkey", "validator"], words].concat();
        let parsed = Cli::try_parse_from(words)
            .map_err(|error| Failure::new("usage", error, "").with(Exit::Usage))?;
        let Command::Validator(args) = parsed.command else {
            return Err(Failure::new("usage", "not a command of validators", ""));
        };
        let context = Context {
            output: Output::quiet(),
            client: self.client.clone(),
        };
        Box::pin(super::super::ask(&context, args))
            .await
            .map(|_| ())
    }

    /// The same with the owner's key.
    pub(super) async fn call(&self, words: &[&str]) -> Result<(), Failure> {
        let accounts = self.files.secrets.accounts.iter();
        let mut owners = accounts.filter(|account| account.id == self.owner.account);
        let key = owners.next().map(|account| self.files.key_file(account));
        let key = key.unwrap_or_default().display().to_string();
        let password = self.files.password().display().to_string();
        let signed = ["--key", &key, "--password-file", &password];
        self.run(&[words, &signed].concat()).await
    }

    /// The file with the password of all keys here.
    pub(super) fn password(&self) -> PathBuf {
        self.files.password()
    }

    /// Asks the network.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, Failure> {
        Ok(self.client.call(method, params).await?)
    }

    /// Starts the staker's node from a `node.toml`.
    pub(super) async fn start_newcomer(&mut self) -> Result<(), Failure> {
        let path = self.folder.join("node.toml");
        self.write_config(&path)?;
        let config = NodeConfig::load(&path)?;
        let wrong = |wrong: Vec<Failure>| {
            let none = || Failure::new("config", "the configuration can't be used", "");
            wrong.into_iter().next().unwrap_or_else(none)
        };
        let prepared = Prepared::of(&config).map_err(wrong)?;
        let (id, network) = (peer(prepared.node), *self.assembled.id().as_bytes());
        let network = self.validators.hub.join(id, network, LaneLimits::default());
        let clock = self.validators.clock;
        self.newcomer = Some(single::start(prepared, None, network, clock).await?);
        Ok(())
    }

    pub(super) async fn stop_newcomer(&mut self) {
        if let Some(node) = self.newcomer.take() {
            node.stop().await;
        }
    }

    fn write_config(&self, path: &Path) -> Result<(), Failure> {
        let keys = self.keys();
        let config = NodeConfig {
            genesis: self.files.genesis(),
            data_dir: self.folder.join("node"),
            node_seed: keys.join("node.seed"),
            listen: Vec::new(),
            bootstrap: Vec::new(),
            seats: Vec::new(),
            follow: Vec::new(),
            quiet_seconds: None,
            staker: Some(StakerConfig {
                account: self.owner.clone().into(),
                stake: keys.join("stake.json"),
                ratchet: keys.join("ratchet.json"),
                password_file: self.files.password(),
                share_seed: None,
            }),
            rpc: None,
        };
        let text = toml::to_string_pretty(&config).unwrap_or_default();
        std::fs::write(path, text)
            .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))
    }
}
