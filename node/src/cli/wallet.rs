//! `thinkey wallet`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use types::Address;

use super::Context;
use crate::exit::{Exit, Failure};
use crate::keystore::{KeyFile, Password};
use crate::wallet::DraftError;

pub(super) mod accounts;
mod keys;
mod send;

pub(super) use keys::make_folder;

/// Keys, balances and transfers.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  thinkey wallet new alice --network devnet\n  \
    thinkey wallet balance\n  \
    thinkey wallet send --key alice --to devnet1… --amount 5 --wait settled"
)]
pub struct Args {
    /// Where key files are, for keys that are given by name.
    #[arg(long, global = true, value_name = "DIR")]
    wallet_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key and write it to an encrypted file.
    New(keys::NewArgs),
    /// Encrypt a key that was made elsewhere.
    Import(keys::ImportArgs),
    /// List the key files.
    List,
    /// Show balances: of an address, of a key, or of all keys in the wallet.
    Balance(accounts::BalanceArgs),
    /// Send value and wait until it has reached a level.
    Send(send::SendArgs),
    /// Sign a transfer without a network.
    Sign(send::SignArgs),
    /// Hand in a transfer that was signed elsewhere.
    Broadcast(send::BroadcastArgs),
}

/// Which key, and how to open it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// The key file, or its name in the wallet's directory.
    #[arg(long, value_name = "FILE|NAME")]
    key: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Where the password comes from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PasswordArgs {
    /// A file whose first line is the password; without it the terminal is asked.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let folder = Folder::of(args.wallet_dir);
    match args.command {
        Command::New(args) => keys::new(context, &folder, &args).await,
        Command::Import(args) => keys::import(context, &folder, &args).await,
        Command::List => keys::list(context, &folder),
        Command::Balance(args) => accounts::balance(context, &folder, &args).await,
        Command::Send(args) => send::send(context, &folder, &args).await,
        Command::Sign(args) => send::sign(context, &folder, &args),
        Command::Broadcast(args) => send::broadcast(context, &args).await,
    }
}

/// The directory of key files.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The given one, or `.thinkey/keys` in the user's home.
    pub(super) fn of(given: Option<PathBuf>) -> Self {
        let home = || std::env::home_dir().unwrap_or_default();
        Self(given.unwrap_or_else(|| home().join(".thinkey").join("keys")))
    }

    /// A key by file or by name: a name has no separator and no file of that name is here.
    pub(super) fn find(&self, key: &Path) -> PathBuf {
        let is_name = key.components().count() == 1 && !key.exists();
        match is_name {
            true => self.named(key),
            false => key.to_owned(),
        }
    }

    fn named(&self, name: &Path) -> PathBuf {
        let mut file = self.0.join(name).into_os_string();
        if name.extension().is_none() {
            file.push(".json");
        }
        file.into()
    }

    /// All key files that can be read, with their addresses, sorted by name.
    fn keys(&self) -> Vec<(PathBuf, Address)> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut keys: Vec<_> = entries
            .filter_map(|entry| {
                let address = KeyFile::read(&entry.path()).ok()?.address()?;
                Some((entry.path(), address))
            })
            .collect();
        keys.sort_by(|(a, _), (b, _)| a.cmp(b));
        keys
    }
}

impl KeyArgs {
    /// The key file, or its name.
    pub(super) fn file(&self) -> &Path {
        &self.key
    }

    /// How to open it.
    pub(super) const fn password(&self) -> &PasswordArgs {
        &self.password
    }
}

impl PasswordArgs {
    pub(super) fn existing(&self) -> Result<Password, Failure> {
        Ok(match &self.password_file {
            Some(file) => Password::from_file(file)?,
            None => Password::ask("Password: ")?,
        })
    }

    pub(super) fn fresh(&self) -> Result<Password, Failure> {
        Ok(match &self.password_file {
            Some(file) => Password::from_file(file)?,
            None => Password::ask_new()?,
        })
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        let hint = match &error {
            DraftError::UnknownAccount { .. } => {
                "send something to it first; `thinkey devnet` prints accounts that have value"
            }
            DraftError::Balance { .. } => "send less, or credit the account first",
            _ => "use a key and an address of this network, or --rpc URL of a node of theirs",
        };
        Self::new(error.reason(), &error, hint)
    }
}
