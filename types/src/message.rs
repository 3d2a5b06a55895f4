//! Messages: external ones that users sign, relay ones that accounts send.

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{ed25519, hash, hash_borsh};
use serde::{Deserialize, Serialize};

use crate::{AccountId, Amount, CodeBytes, Deploy, Height, MessageId, NetworkId, domain, limits};

/// Work that a message may use, and what a unit of it costs.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub struct Gas {
    /// Units at most.
    pub limit: u64,
    /// Price of a unit.
    pub price: u64,
}

impl Gas {
    /// What the whole limit costs; never overflows a `u128`.
    pub const fn cost(self) -> Amount {
        Amount(self.limit as u128 * self.price as u128)
    }
}

/// What an external message asks its sender's account to do.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub enum Input {
    /// The paper's `tran`: debit the value here, credit it at the recipient.
    Transfer,
    /// Send a call with the value to the recipient's own code.
    Call {
        /// Method's name.
        method: String,
        /// Encoded arguments.
        data: Vec<u8>,
    },
    /// From the next message on, another key controls the sender's account.
    RotateKey {
        /// The new key.
        key: ed25519::PublicKey,
    },
    /// Make an account with code; the recipient is that account. Value and gas go to it.
    Deploy(Box<Deploy>),
    /// Give code to the recipient, which the sender must own.
    Upgrade {
        /// The code.
        code: CodeBytes,
        /// Whether the account runs it from its next message on. If not, the account only holds
        /// it, to give it to accounts that it makes, or to become it.
        adopt: bool,
    },
}

impl Input {
    fn is_bounded(&self) -> bool {
        match self {
            Self::Transfer | Self::RotateKey { .. } => true,
            Self::Call { method, data } => {
                method.len() <= limits::METHOD_NAME && data.len() <= limits::MESSAGE_DATA
            }
            Self::Deploy(deploy) => deploy.is_bounded(),
            Self::Upgrade { code, .. } => code.len() <= limits::CODE,
        }
    }
}

/// The signed part of an external message.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct ExternalCall {
    /// The account that sends, pays and executes.
    pub from: AccountId,
    /// The account that the value or call goes to.
    pub to: AccountId,
    /// External messages sent by `from` before this one.
    pub nonce: u64,
    /// Value to move.
    pub value: Amount,
    /// Gas for the whole tree of messages that follows from this one.
    pub gas: Gas,
    /// Last root height at which a block may include this message.
    pub expiry: Height,
    /// What to do.
    pub input: Input,
}

impl ExternalCall {
    /// Id of the message on `network`; also what the sender signs. [Y3] [Y5]
    pub fn id(&self, network: NetworkId) -> MessageId {
        MessageId(hash_borsh(domain::EXTERNAL, &(network, self)))
    }

    /// Signs the call.
    pub fn sign(self, network: NetworkId, key: &ed25519::SecretKey) -> ExternalMessage {
        let signature = key.sign(self.id(network).as_bytes());
        ExternalMessage {
            call: self,
            key: key.public(),
            signature,
        }
    }
}

/// A message from outside the chains, signed by the key of its sender's account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
pub struct ExternalMessage {
    /// What is signed.
    pub call: ExternalCall,
    /// The key that signs; the account decides whether it may.
    pub key: ed25519::PublicKey,
    /// Signature over the id.
    pub signature: ed25519::Signature,
}

impl ExternalMessage {
    /// Id of the message on `network`.
    pub fn id(&self, network: NetworkId) -> MessageId {
        self.call.id(network)
    }
}

impl BorshDeserialize for ExternalMessage {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let call = ExternalCall::deserialize_reader(reader)?;
        let key = BorshDeserialize::deserialize_reader(reader)?;
        let signature = BorshDeserialize::deserialize_reader(reader)?;
        if !call.input.is_bounded() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "external message too large",
            ));
        }
        Ok(Self {
            call,
            key,
            signature,
        })
    }
}

/// Why a message was not executed, or not to its end.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[borsh(use_discriminant = true)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum FailureCode {
    /// The recipient does not exist and can't be made by a credit.
    NoSuchAccount = 0,
    /// The recipient has no code for the call.
    NoCode = 1,
    /// The prepaid gas did not suffice.
    OutOfGas = 2,
    /// The sender's balance was too small when the message was executed.
    Balance = 3,
    /// The deadline had passed.
    Deadline = 4,
    /// The tree of messages grew too deep.
    Depth = 5,
    /// The recipient refused; the receipt may say why.
    Rejected = 6,
    /// The credit would have overflown the balance.
    Overflow = 7,
    /// The code is not valid, or not the one that the account's id stands for.
    BadCode = 8,
    /// The code failed; the receipt says how.
    Trap = 9,
    /// The balance does not cover the deposit for the account's storage.
    Deposit = 10,
    /// Only the account's owner may do this.
    NotOwner = 11,
}

/// What comes back to the sender of a relay message that failed. Never bounces itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Bounce {
    /// The message that failed.
    pub of: MessageId,
    /// Why.
    pub code: FailureCode,
    /// The first bytes of its data.
    pub head: Vec<u8>,
}

/// What a relay message brings besides its value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub enum RelayBody {
    /// The paper's `add`: value alone. Credits to one account in a block merge.
    Credit,
    /// A call to the recipient's code.
    Call {
        /// Method's name.
        method: String,
        /// Encoded arguments.
        data: Vec<u8>,
        /// Whether the sender wants to hear how it ended, and with which answer.
        reply: bool,
    },
    /// A failed message's value on its way back.
    Bounce(Bounce),
    /// Gas that a call did not use, on its way to the payer of the tree.
    Refund,
    /// The recipient is to begin with this code.
    Deploy {
        /// What it begins with.
        deploy: Box<Deploy>,
        /// Whether the sender wants to hear how it ended, and with which answer.
        reply: bool,
    },
    /// Code for the recipient from its owner.
    Upgrade {
        /// The code.
        code: CodeBytes,
        /// Whether the account runs it from its next message on, or only holds it.
        adopt: bool,
    },
    /// The answer to a call whose sender wanted one, with the gas that the call did not use.
    Reply {
        /// The call.
        of: MessageId,
        /// What its code answered.
        data: Vec<u8>,
    },
}

impl RelayBody {
    /// Whether it is on its way back from where another message was executed.
    pub const fn returns(&self) -> bool {
        matches!(self, Self::Bounce(_) | Self::Refund | Self::Reply { .. })
    }
}

/// A message from one account to another, made by execution and never signed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
pub struct RelayMessage {
    /// The external message at the top of the tree.
    pub trace: MessageId,
    /// The message whose execution sent this one.
    pub parent: MessageId,
    /// Position among the outputs of that execution.
    pub output: u32,
    /// Steps below the external message.
    pub depth: u8,
    /// The account that sent it.
    pub from: AccountId,
    /// The account that it goes to.
    pub to: AccountId,
    /// The account that signed the external message, which paid for all gas of the tree and gets
    /// back what nobody used.
    pub payer: AccountId,
    /// Value, debited at the sender when sent and credited when executed.
    pub value: Amount,
    /// Gas prepaid for executing it and everything below, debited with the value.
    pub gas: Gas,
    /// Last root height at which it may be executed.
    pub deadline: Height,
    /// What it brings.
    pub body: RelayBody,
}

impl RelayMessage {
    /// Id: the place in the tree of messages, never a block hash or a signature. [Y3]
    pub fn id(&self) -> MessageId {
        Self::id_at(&self.trace, &self.parent, &self.from, self.output)
    }

    /// Id of the message that `from` sends as an output of the message `parent`.
    pub fn id_at(
        trace: &MessageId,
        parent: &MessageId,
        from: &AccountId,
        output: u32,
    ) -> MessageId {
        MessageId(hash(
            domain::RELAY,
            &[
                &trace.as_bytes()[..],
                parent.as_bytes(),
                from.as_bytes(),
                &output.to_le_bytes(),
            ],
        ))
    }

    /// Everything of value that the message carries: its value and its prepaid gas.
    pub const fn carried(&self) -> Option<Amount> {
        self.value.plus(self.gas.cost())
    }

    fn is_bounded(&self) -> bool {
        self.depth <= limits::DEPTH
            && match &self.body {
                RelayBody::Credit | RelayBody::Refund => true,
                RelayBody::Call { method, data, .. } => {
                    method.len() <= limits::METHOD_NAME && data.len() <= limits::MESSAGE_DATA
                }
                RelayBody::Bounce(bounce) => bounce.head.len() <= limits::BOUNCE_HEAD,
                RelayBody::Deploy { deploy, .. } => deploy.is_bounded(),
                RelayBody::Upgrade { code, .. } => code.len() <= limits::CODE,
                RelayBody::Reply { data, .. } => data.len() <= limits::REPLY,
            }
    }
}

impl BorshDeserialize for RelayMessage {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let message = Self {
            trace: BorshDeserialize::deserialize_reader(reader)?,
            parent: BorshDeserialize::deserialize_reader(reader)?,
            output: BorshDeserialize::deserialize_reader(reader)?,
            depth: BorshDeserialize::deserialize_reader(reader)?,
            from: BorshDeserialize::deserialize_reader(reader)?,
            to: BorshDeserialize::deserialize_reader(reader)?,
            payer: BorshDeserialize::deserialize_reader(reader)?,
            value: BorshDeserialize::deserialize_reader(reader)?,
            gas: BorshDeserialize::deserialize_reader(reader)?,
            deadline: BorshDeserialize::deserialize_reader(reader)?,
            body: BorshDeserialize::deserialize_reader(reader)?,
        };
        if !message.is_bounded() || message.carried().is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "relay message out of bounds",
            ));
        }
        Ok(message)
    }
}
