//! `wallet new`, `import` and `list`.

use std::path::{Path, PathBuf};

use ::genesis::ChainSpec;
use clap::Args;
use crypto::ed25519::SecretKey;
use serde::Serialize;
use serde_json::json;
use types::{AccountId, Address, ChainId, NetworkId, RoutingTable};

use super::{Folder, PasswordArgs};
use crate::cli::Context;
use crate::cli::proof::file_failure;
use crate::exit::{Exit, Failure};
use crate::keystore::{Cost, KeyFile, generate, read_seed};
use crate::rpc::view::NetworkInfo;

/// Keys that are tried for an account on a given chain: the rarest chain takes 1 in 256.
const TRIES: u32 = 100_000;

/// Make a key and write it to an encrypted file.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  thinkey wallet new alice --network devnet\n  \
    thinkey wallet new --out alice.json --genesis genesis.json --chain 2 --password-file pw"
)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    target: Target,
    /// Make keys until one's account lives on this chain; needs --genesis or a node.
    #[arg(long, value_name = "CHAIN")]
    chain: Option<u32>,
}

/// Encrypt a key that was made elsewhere.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey wallet import alice --seed-file alice.seed")]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    target: Target,
    /// A file, readable by you only, with the ed25519 seed: 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    seed_file: PathBuf,
}

/// Where a key goes and which network it is of.
#[derive(Clone, Debug, Args)]
struct Target {
    /// The key's name in the wallet's directory.
    #[arg(
        value_name = "NAME",
        required_unless_present = "out",
        conflicts_with = "out"
    )]
    name: Option<PathBuf>,
    /// Where to write the key file instead.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The network's name; without it and --genesis a node is asked.
    #[arg(long, value_name = "NAME", conflicts_with = "genesis",
        value_parser = network_name)]
    network: Option<String>,
    /// The network's genesis file: binds the key to that network.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Serialize)]
struct KeyView {
    address: String,
    key_file: PathBuf,
    /// The account's home, when the routing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<ChainId>,
}

/// What is known of the network that a key is for.
struct Home {
    name: String,
    id: Option<NetworkId>,
    routing: Option<RoutingTable>,
}

fn network_name(text: &str) -> Result<String, &'static str> {
    let mut characters = text.bytes();
    let starts = characters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase());
    let goes_on = characters.all(|one| one.is_ascii_lowercase() || one.is_ascii_digit());
    match starts && goes_on && text.len() <= 20 {
        true => Ok(text.to_owned()),
        false => Err("a network's name is up to 20 lowercase letters and digits"),
    }
}

pub(super) async fn new(
    context: &Context,
    folder: &Folder,
    args: &NewArgs,
) -> Result<Exit, Failure> {
    let home = args.target.home(context).await?;
    let key = make(&home, args.chain.map(ChainId))?;
    store(context, folder, &args.target, &home, &key)
}

pub(super) async fn import(
    context: &Context,
    folder: &Folder,
    args: &ImportArgs,
) -> Result<Exit, Failure> {
    let home = args.target.home(context).await?;
    let seed = read_seed(&args.seed_file)?;
    let key = SecretKey::from_seed(*seed);
    store(context, folder, &args.target, &home, &key)
}

pub(super) fn list(context: &Context, folder: &Folder) -> Result<Exit, Failure> {
    let keys: Vec<_> = folder
        .keys()
        .into_iter()
        .map(|(key_file, address)| KeyView {
            address: address.to_string(),
            key_file,
            chain: None,
        })
        .collect();
    context.output.result(&keys, || match keys.is_empty() {
        true => format!(
            "no keys in {}\nnext: thinkey wallet new NAME --network devnet",
            folder.0.display()
        ),
        false => {
            let lines = keys.iter().map(|key| {
                let name = key.key_file.file_stem().unwrap_or_default();
                format!("{}  {}", key.address, name.display())
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    });
    Ok(Exit::Done)
}

impl Target {
    async fn home(&self, context: &Context) -> Result<Home, Failure> {
        if let Some(name) = &self.network {
            return Ok(Home {
                name: name.clone(),
                id: None,
                routing: None,
            });
        }
        if let Some(file) = &self.genesis {
            let spec = ChainSpec::load(file)?;
            return Ok(Home {
                id: Some(spec.network_id()),
                routing: Some(spec.routing),
                name: spec.name,
            });
        }
        let asked = context.client.call("root_network", json!([])).await;
        let network: NetworkInfo = asked.map_err(|error| {
            let failure = Failure::from(error);
            let hint = "which network is the key for? say it with --network NAME or --genesis \
                        FILE, or start a node";
            Failure::new(failure.reason, failure.message, hint).with(failure.exit)
        })?;
        Ok(Home {
            id: Some(network.id),
            routing: network.routing(),
            name: network.name,
        })
    }

    fn path(&self, folder: &Folder) -> PathBuf {
        match (&self.out, &self.name) {
            (Some(out), _) => out.clone(),
            (None, name) => folder.named(name.as_deref().unwrap_or(Path::new("key"))),
        }
    }
}

fn make(home: &Home, chain: Option<ChainId>) -> Result<SecretKey, Failure> {
    let Some(chain) = chain else {
        return Ok(generate()?);
    };
    let Some(routing) = &home.routing else {
        let hint = "say the network with --genesis FILE, or start a node";
        return Err(Failure::new(
            "no_routing",
            "which chain an account is on is not known",
            hint,
        ));
    };
    if !routing.chains().contains(&chain) {
        let message = format!("network \"{}\" has no chain {chain}", home.name);
        return Err(Failure::new(
            "unknown_chain",
            message,
            "see `thinkey chain list`",
        ));
    }
    for _ in 0..TRIES {
        let key = generate()?;
        if routing.home(&AccountId::of_key(&key.public())) == chain {
            return Ok(key);
        }
    }
    let message = format!("no key of {TRIES} is on chain {chain}");
    Err(Failure::new(
        "no_key",
        message,
        "that chain has too few addresses",
    ))
}

fn store(
    context: &Context,
    folder: &Folder,
    target: &Target,
    home: &Home,
    key: &SecretKey,
) -> Result<Exit, Failure> {
    let path = target.path(folder);
    if path.exists() {
        return Err(crate::keystore::KeystoreError::Exists { path }.into());
    }
    let password = target.password.fresh()?;
    let file = KeyFile::seal(key, &home.name, home.id, &password, Cost::STRONG)?;
    if target.out.is_none() {
        make_folder(&folder.0)?;
    }
    file.write_new(&path)?;
    let account = AccountId::of_key(&key.public());
    let view = KeyView {
        address: Address::new(&home.name, account).to_string(),
        key_file: path,
        chain: home.routing.as_ref().map(|routing| routing.home(&account)),
    };
    context.output.result(&view, || {
        let chain = view
            .chain
            .map_or_else(String::new, |chain| format!(" on chain {chain}"));
        format!(
            "wrote {}\naddress {}{chain}\nkeep the file and its password: nobody can restore them\n\
             next: send something to the address, then thinkey wallet balance {}",
            view.key_file.display(),
            view.address,
            view.address
        )
    });
    Ok(Exit::Done)
}

pub(in crate::cli) fn make_folder(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(|error| file_failure("create", folder, &error))
}
