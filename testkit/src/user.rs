//! Users: who signs messages, and the messages as a test writes them down.

use actors::contract::deposit;
use actors::gas;
use crypto::ed25519;
use types::{
    AccountId, Amount, ChainId, CodeBytes, Deploy, ExternalCall, ExternalMessage, Gas, Input,
    MessageId,
};

use crate::{Trace, Word, World};

/// Gas of a call when a test does not say how much.
const CALL_GAS: u64 = 10_000_000;
/// Root heights for which a message may wait for a block.
const EXPIRY: u64 = 500;
/// Bytes that a deployed account can store when a test does not say what value it gets.
const ROOM: u64 = 64 * 1024;

/// A user with a key and an account. There are no signatures in a world: a user's word is enough.
#[derive(Clone)]
pub struct User {
    world: World,
    id: AccountId,
    key: ed25519::PublicKey,
}

impl User {
    pub(crate) const fn new(world: World, id: AccountId, key: ed25519::PublicKey) -> Self {
        Self { world, id, key }
    }

    /// The user's account.
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// The account's balance.
    pub fn balance(&self) -> u128 {
        self.world.balance(self.id)
    }

    /// What the user is called in traces and reports.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.world.name(self.id, name);
        self
    }

    /// A call to an account's code.
    pub fn call(&self, to: AccountId, method: &str, data: impl AsRef<[u8]>) -> Call<'_> {
        let input = Input::Call {
            method: method.to_owned(),
            data: data.as_ref().to_vec(),
        };
        Call::new(self, to, input, CALL_GAS)
    }

    /// Value for an account.
    pub fn pay(&self, to: AccountId, value: u128) -> MessageId {
        Call::new(self, to, Input::Transfer, gas::TRANSFER)
            .value(value)
            .send()
    }

    /// Other code for an account that the user owns.
    pub fn upgrade(&self, to: AccountId, code: &[u8]) -> Call<'_> {
        let code: CodeBytes = code.to_vec().into();
        let limit = CALL_GAS + gas::validation(code.len()) + gas::bytes(code.len());
        Call::new(self, to, Input::Upgrade { code, adopt: true }, limit)
    }

    /// An account with code.
    pub fn deploy(&self, code: &[u8]) -> Deployment<'_> {
        Deployment {
            user: self,
            code: code.to_vec().into(),
            init: Vec::new(),
            value: deposit(code.len() as u64 + ROOM),
            number: 0,
            owner: Some(self.id),
        }
    }

    fn send(&self, to: AccountId, value: Amount, gas: Gas, input: Input) -> MessageId {
        let mut network = self.world.network.borrow_mut();
        let call = ExternalCall {
            from: self.id,
            to,
            nonce: network.home(&self.id).next_nonce(&self.id),
            value,
            gas,
            expiry: network.root_height + EXPIRY,
            input,
        };
        network.submit(ExternalMessage {
            call,
            key: self.key,
            signature: ed25519::Signature([0; 64]),
        })
    }
}

/// A message that is not sent yet.
#[must_use = "send it"]
pub struct Call<'a> {
    user: &'a User,
    to: AccountId,
    input: Input,
    value: Amount,
    gas: Gas,
}

impl<'a> Call<'a> {
    const fn new(user: &'a User, to: AccountId, input: Input, limit: u64) -> Self {
        let gas = Gas { limit, price: 1 };
        Self {
            user,
            to,
            input,
            value: Amount::ZERO,
            gas,
        }
    }

    /// With value.
    pub const fn value(mut self, value: u128) -> Self {
        self.value = Amount(value);
        self
    }

    /// With so much gas, for the whole tree of messages.
    pub const fn gas(mut self, limit: u64) -> Self {
        self.gas.limit = limit;
        self
    }

    /// Sends it; it waits for the next block of the user's chain.
    pub fn send(self) -> MessageId {
        self.user.send(self.to, self.value, self.gas, self.input)
    }

    /// Sends it and runs until the world rests.
    #[track_caller]
    pub fn settle(self) -> Trace {
        let world = self.user.world.clone();
        let id = self.send();
        world.settle();
        world.trace(id)
    }
}

/// An account that is not made yet.
#[must_use = "say on which chain"]
pub struct Deployment<'a> {
    user: &'a User,
    code: CodeBytes,
    init: Vec<u8>,
    value: Amount,
    number: u64,
    owner: Option<AccountId>,
}

impl Deployment<'_> {
    /// With arguments for the code's first run.
    pub fn init(mut self, data: impl AsRef<[u8]>) -> Self {
        self.init = data.as_ref().to_vec();
        self
    }

    /// With value instead of the deposit for the code and 64 KiB.
    pub const fn value(mut self, value: u128) -> Self {
        self.value = Amount(value);
        self
    }

    /// Tells accounts of one user, code and chain apart; deploying the same number again gives
    /// the same account.
    pub const fn number(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// With code that nobody can change from outside.
    pub const fn unowned(mut self) -> Self {
        self.owner = None;
        self
    }

    /// Deploys to a chain and runs until the world rests.
    ///
    /// # Panics
    /// When the account is not made.
    #[track_caller]
    pub fn on(self, chain: u32) -> AccountId {
        let world = self.user.world.clone();
        let (account, message) = self.send(chain);
        world.settle();
        world.trace(message).assert(Word::Settled);
        account
    }

    /// Sends the deploy; gives the account that it will make.
    pub fn send(self, chain: u32) -> (AccountId, MessageId) {
        let salt = self.salt(ChainId(chain));
        let limit = CALL_GAS + gas::validation(self.code.len()) + gas::bytes(self.code.len());
        let deploy = Deploy {
            salt,
            code: self.code,
            init: self.init,
            owner: self.owner,
        };
        let id = deploy.account(&self.user.id);
        let gas = Gas { limit, price: 1 };
        let input = Input::Deploy(Box::new(deploy));
        (id, self.user.send(id, self.value, gas, input))
    }

    /// The first salt whose account lives on the chain.
    fn salt(&self, chain: ChainId) -> [u8; 32] {
        let network = self.user.world.network.borrow();
        network.chain(chain);
        let hash = self.code.hash();
        let salts = (0_u64..).map(|attempt| {
            let mut salt = [0; 32];
            salt[..8].copy_from_slice(&self.number.to_le_bytes());
            salt[8..16].copy_from_slice(&attempt.to_le_bytes());
            salt
        });
        let mut fits = salts.filter(|salt| {
            let id = AccountId::of_code(&self.user.id, salt, &hash);
            network.routing.home(&id) == chain
        });
        fits.next().unwrap_or_default()
    }
}
