//! Signing and sending what `contract deploy` and `contract call` ask for.

use std::time::Duration;

use serde_json::json;
use types::{AccountId, Address, Amount, ExternalCall, Gas, Input, MessageId};

use crate::cli::wallet::{Folder, KeyArgs, address_of, read_account};
use crate::cli::{Context, tree};
use crate::exit::{Exit, Failure};
use crate::keystore::KeyFile;
use crate::rpc::view::{AccountView, Level, NetworkInfo, RunView, Trace, Word};
use crate::wallet::{Draft, DraftError, EXPIRY_HEIGHTS, Goal, SignedFile, submit};

/// Who sends, and how long to wait for what.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct SendArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// Gas for the whole tree of messages; what is not used comes back.
    #[arg(long, value_name = "N")]
    gas: Option<u64>,
    /// The level to wait for.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Level::Settled)]
    wait: Level,
    /// How many seconds to wait at most.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    timeout: u64,
}

/// A key file on the network that it is for.
pub(super) struct Sender<'a> {
    context: &'a Context,
    args: &'a SendArgs,
    file: KeyFile,
    pub(super) from: Address,
    pub(super) network: NetworkInfo,
}

/// How a message ended.
pub(super) struct Sent {
    pub(super) id: MessageId,
    pub(super) exit: Exit,
    trace: Option<Trace>,
}

impl<'a> Sender<'a> {
    /// Reads the key file and asks the node for its network.
    pub(super) async fn new(
        context: &'a Context,
        folder: &Folder,
        args: &'a SendArgs,
    ) -> Result<Self, Failure> {
        let file = args.key.read(folder)?;
        let from = address_of(&file)?;
        let network: NetworkInfo = context.client.call("root_network", json!([])).await?;
        Draft::check_networks(&file, &from, &from, &network.name, network.id)?;
        Ok(Self {
            context,
            args,
            file,
            from,
            network,
        })
    }

    /// An account of the network.
    pub(super) async fn account(&self, id: AccountId) -> Result<AccountView, Failure> {
        read_account(self.context, self.address(id)).await
    }

    pub(super) fn address(&self, id: AccountId) -> Address {
        Address::new(&self.network.name, id)
    }

    /// Signs, hands in and waits.
    pub(super) async fn send(
        &self,
        to: AccountId,
        value: Amount,
        least_gas: u64,
        input: Input,
    ) -> Result<Sent, Failure> {
        let key = self.args.key.open(&self.file)?;
        let account = self.account(self.from.account).await?;
        let gas = Gas {
            limit: self.args.gas.unwrap_or(least_gas),
            price: self.network.gas_price.0,
        };
        self.check_balance(&account, value, gas)?;
        let call = ExternalCall {
            from: self.from.account,
            to,
            nonce: account.next_nonce.0,
            value,
            gas,
            expiry: account.root_height.0.saturating_add(EXPIRY_HEIGHTS),
            input,
        };
        let signed = SignedFile::of(&call.sign(self.network.id, &key), self.network.id);
        let output = self.context.output;
        output.progress(&format!("message {}", signed.id));
        let goal = Goal {
            level: self.args.wait,
            early_seats: None,
            patience: Duration::from_secs(self.args.timeout),
        };
        let outcome = submit(&self.context.client, &signed, goal, |_| {}).await?;
        let word = outcome
            .trace
            .as_ref()
            .map_or(Word::Pending, |trace| trace.word);
        Ok(Sent {
            id: signed.id,
            exit: match (outcome.reached, word) {
                (false, _) => Exit::NotReached,
                (true, Word::PartlyFailed | Word::Refunded) => Exit::Failed,
                (true, Word::Pending | Word::Settled) => Exit::Done,
            },
            trace: outcome.trace,
        })
    }

    fn check_balance(
        &self,
        account: &AccountView,
        amount: Amount,
        gas: Gas,
    ) -> Result<(), DraftError> {
        let (balance, gas) = (account.balance, gas.cost());
        if !account.exists {
            let from = self.from.clone();
            return Err(DraftError::UnknownAccount { from });
        }
        match amount.plus(gas).filter(|needed| *needed <= balance) {
            Some(_) => Ok(()),
            None => Err(DraftError::Balance {
                balance,
                amount,
                gas,
            }),
        }
    }
}

impl Sent {
    pub(super) fn level(&self) -> Level {
        self.trace
            .as_ref()
            .map_or(Level::Pending, |trace| trace.level)
    }

    pub(super) fn word(&self) -> Word {
        self.trace
            .as_ref()
            .map_or(Word::Pending, |trace| trace.word)
    }

    /// What the called code said.
    pub(super) fn run(&self) -> Option<&RunView> {
        self.trace.as_ref()?.root.children.first()?.run.as_ref()
    }

    /// The tree of messages and how it ended.
    pub(super) fn tree(&self) -> String {
        let mut lines = self.trace.as_ref().map(tree::draw).unwrap_or_default();
        lines.push(match self.exit {
            Exit::NotReached => format!("{} so far", self.level()),
            _ => self.word().to_string(),
        });
        lines.join("\n")
    }
}
