//! A transfer before it is signed. [W2]

use crypto::ed25519::SecretKey;
use types::{Address, Amount, ExternalCall, ExternalMessage, Gas, Height, Input, NetworkId};

use crate::keystore::KeyFile;
use crate::rpc::view::{AccountView, NetworkInfo};

/// Root heights that a message may wait to be included, when nothing else is said.
pub const EXPIRY_HEIGHTS: Height = 500;

/// A transfer, all of its fields known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The network to sign for.
    pub network: NetworkId,
    /// Who pays.
    pub from: Address,
    /// Who is paid.
    pub to: Address,
    /// How much.
    pub amount: Amount,
    /// External messages that the sender has sent before.
    pub nonce: u64,
    /// Gas to prepay.
    pub gas: Gas,
    /// Last root height of inclusion.
    pub expiry: Height,
}

/// Why a transfer must not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The key is of another network.
    #[error("the key is of network \"{key}\", this is \"{network}\"")]
    KeyNetwork {
        /// The key's.
        key: String,
        /// The network's name.
        network: String,
    },
    /// The key is bound to another network of the same name.
    #[error("the key was made for network {key}, this is {network}, of the same name")]
    KeyNetworkId {
        /// The key's.
        key: NetworkId,
        /// The network's.
        network: NetworkId,
    },
    /// The recipient is of another network.
    #[error("the recipient is of network \"{recipient}\", this is \"{network}\"")]
    RecipientNetwork {
        /// The recipient's.
        recipient: String,
        /// The network's name.
        network: String,
    },
    /// The genesis file is of another network than the node.
    #[error("the genesis file is of network {genesis}, the node of {node}")]
    OtherGenesis {
        /// The file's.
        genesis: NetworkId,
        /// The node's.
        node: NetworkId,
    },
    /// The sender has nothing.
    #[error("the account {from} does not exist: nothing was ever sent to it")]
    UnknownAccount {
        /// The sender.
        from: Address,
    },
    /// The sender has too little.
    #[error("the account has {balance}; {amount} and gas for {gas} are more")]
    Balance {
        /// What it has.
        balance: Amount,
        /// What it should send.
        amount: Amount,
        /// What the gas costs.
        gas: Amount,
    },
}

impl DraftError {
    /// One stable word, the same as a node's for the same fault.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownAccount { .. } => "unknown_account",
            Self::Balance { .. } => "balance",
            _ => "wrong_network",
        }
    }
}

impl Draft {
    /// Checks that key and recipient are of the network called `name`.
    pub fn check_networks(
        key: &KeyFile,
        from: &Address,
        to: &Address,
        name: &str,
        id: NetworkId,
    ) -> Result<(), DraftError> {
        let network = name.to_owned();
        if from.network != name {
            let key = from.network.clone();
            return Err(DraftError::KeyNetwork { key, network });
        }
        if let Some(bound) = key.network().filter(|bound| *bound != id) {
            return Err(DraftError::KeyNetworkId {
                key: bound,
                network: id,
            });
        }
        if to.network != name {
            let recipient = to.network.clone();
            return Err(DraftError::RecipientNetwork { recipient, network });
        }
        Ok(())
    }

    /// A transfer with what a node says of the network and the sender.
    pub fn online(
        network: &NetworkInfo,
        account: &AccountView,
        from: Address,
        to: Address,
        amount: Amount,
    ) -> Result<Self, DraftError> {
        if !account.exists {
            return Err(DraftError::UnknownAccount { from });
        }
        let gas = network.gas();
        let cost = gas.cost();
        if amount
            .plus(cost)
            .is_none_or(|needed| needed > account.balance)
        {
            return Err(DraftError::Balance {
                balance: account.balance,
                amount,
                gas: cost,
            });
        }
        Ok(Self {
            network: network.id,
            from,
            to,
            amount,
            nonce: account.next_nonce.0,
            gas,
            expiry: account.root_height.0.saturating_add(EXPIRY_HEIGHTS),
        })
    }

    /// The signed message.
    pub fn sign(&self, key: &SecretKey) -> ExternalMessage {
        let call = ExternalCall {
            from: self.from.account,
            to: self.to.account,
            nonce: self.nonce,
            value: self.amount,
            gas: self.gas,
            expiry: self.expiry,
            input: Input::Transfer,
        };
        call.sign(self.network, key)
    }
}
