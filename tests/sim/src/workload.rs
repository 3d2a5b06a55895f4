//! What users ask for: good messages, and all the bad ones that users send.

mod acts;
mod misuse;
mod program;
mod puppets;

use std::collections::{BTreeMap, BTreeSet};

use crypto::{Hash, ed25519};
use types::{
    AccountId, Amount, ChainId, ExternalCall, ExternalMessage, Gas, Input, MessageId, NetworkId,
    RoutingTable,
};

use crate::dice::Dice;
use crate::invariants::Seen;
use crate::plan::Plan;
use crate::report::Counters;
use crate::setup::Setup;
use puppets::Puppets;

/// Nonces that one user has open at once.
const OPEN: usize = 6;
/// Gas that a transfer needs.
const TRANSFER_GAS: u64 = 16_000;
/// Far beyond every run.
const EXPIRY: u64 = 50_000;

/// Of 1,000 messages those that are about code, where there is code.
const CODE_PERMILLE: u64 = 450;

/// A user with a funded account.
struct Client {
    chain: ChainId,
    id: AccountId,
    key: ed25519::SecretKey,
    next: u64,
    /// For each nonce what was signed with it; one of them must get a receipt.
    open: BTreeMap<u64, Vec<ExternalMessage>>,
    /// Nothing else is signed until the new key counts.
    rotating: Option<ed25519::SecretKey>,
    last: Option<ExternalMessage>,
}

/// All users.
pub(crate) struct Workload {
    clients: Vec<Client>,
    dice: Dice,
    network: NetworkId,
    routing: RoutingTable,
    chains: u64,
    cross_permille: u64,
    /// Whether there is code.
    code: bool,
    puppets: Puppets,
    /// Must never get a receipt.
    pub(crate) forbidden: BTreeSet<MessageId>,
}

/// A message and the chain whose nodes it is handed to.
pub(crate) type Request = (ChainId, ExternalMessage);

impl Workload {
    pub(crate) fn new(seed: u64, setup: &Setup, plan: &Plan) -> Self {
        let clients = setup.secrets.accounts.iter().map(|account| Client {
            chain: account.chain,
            id: account.id,
            key: account.key(),
            next: 0,
            open: BTreeMap::new(),
            rotating: None,
            last: None,
        });
        let clients: Vec<Client> = clients.collect();
        let users: Vec<_> = clients.iter().map(|user| (user.chain, user.id)).collect();
        let routing = setup.network.spec().routing.clone();
        Self {
            puppets: if setup.code {
                Puppets::new(seed, &users, &routing)
            } else {
                Puppets::default()
            },
            code: setup.code,
            clients,
            dice: Dice::new(seed, "workload"),
            network: setup.network.id(),
            routing,
            chains: u64::from(setup.chains) + 1,
            cross_permille: plan.cross_permille,
            forbidden: BTreeSet::new(),
        }
    }

    /// What some user sends now.
    pub(crate) fn act(&mut self, faults: &mut Counters) -> Vec<Request> {
        // The root's users are as many as any chain's, but the root is not for payments.
        let mut at = self.dice.below(self.clients.len() as u64) as usize;
        if self.clients[at].chain.is_root() && self.dice.chance(700) {
            at = self.dice.below(self.clients.len() as u64) as usize;
        }
        // What is there early is called often.
        if let Some(beginner) = self.beginner()
            && self.dice.chance(500)
        {
            at = beginner;
        }
        let client = &self.clients[at];
        if client.open.len() >= OPEN || client.rotating.is_some() {
            return Vec::new();
        }
        let mut sent = Vec::new();
        if self.dice.chance(150) {
            sent.extend(self.misuse(at, faults));
        }
        if self.clients[at].open.is_empty() && self.dice.chance(60) {
            sent.push(self.rotate(at, faults));
        } else {
            let mut call = self.call(at);
            if self.code && self.dice.chance(CODE_PERMILLE) {
                call = self.direct(at, call, faults);
            }
            sent.push(self.sign(at, call));
            self.clients[at].next += 1;
        }
        sent
    }

    fn call(&mut self, at: usize) -> ExternalCall {
        let (chain, from) = (self.clients[at].chain, self.clients[at].id);
        let cross = self.dice.chance(self.cross_permille);
        let target = if cross { self.other(chain) } else { chain };
        let price = self.dice.between(1, 3);
        let mut call = ExternalCall {
            from,
            to: self.recipient(target),
            nonce: self.clients[at].next,
            value: Amount(self.dice.below(10_000).into()),
            gas: Gas {
                limit: TRANSFER_GAS + self.dice.below(3) * 500,
                price,
            },
            expiry: EXPIRY,
            input: Input::Transfer,
        };
        if self.dice.chance(150) {
            let data = vec![7; self.dice.below(400) as usize];
            call.gas.limit = 40_000 + 10 * data.len() as u64 + self.dice.below(40_000);
            let method = "pay".to_owned();
            call.input = Input::Call { method, data };
        }
        call
    }

    fn other(&mut self, chain: ChainId) -> ChainId {
        let step = self.dice.between(1, (self.chains - 1).max(1));
        ChainId(((u64::from(chain.0) + step) % self.chains) as u32)
    }

    fn recipient(&mut self, chain: ChainId) -> AccountId {
        match self.dice.below(10) {
            // Nobody answers for it: comes back.
            0 => AccountId::system(chain, 70 + self.dice.below(3) as u32),
            1..=3 => self.fresh(chain),
            // Everybody pays the same one.
            4..=6 => self.client_of(chain, 0),
            _ => {
                let number = self.dice.below(3) as usize;
                self.client_of(chain, number)
            }
        }
    }

    fn client_of(&self, chain: ChainId, number: usize) -> AccountId {
        let mut own = self.clients.iter().filter(|client| client.chain == chain);
        own.nth(number).map_or_else(AccountId::default, |c| c.id)
    }

    fn fresh(&mut self, chain: ChainId) -> AccountId {
        loop {
            let id = AccountId(Hash::from(self.dice.bytes()));
            if self.routing.home(&id) == chain {
                return id;
            }
            if chain.is_root() {
                let mut bytes = self.dice.bytes();
                bytes[0] = 0;
                return AccountId(Hash::from(bytes));
            }
        }
    }

    fn sign(&mut self, at: usize, call: ExternalCall) -> Request {
        let client = &mut self.clients[at];
        let nonce = call.nonce;
        let message = call.sign(self.network, &client.key);
        client.open.entry(nonce).or_default().push(message.clone());
        client.last = Some(message.clone());
        (client.chain, message)
    }

    fn rotate(&mut self, at: usize, faults: &mut Counters) -> Request {
        *faults.entry("key rotation").or_default() += 1;
        let fresh = ed25519::SecretKey::from_seed(self.dice.bytes());
        let mut call = self.call(at);
        call.to = call.from;
        call.value = Amount::ZERO;
        call.input = Input::RotateKey {
            key: fresh.public(),
        };
        let request = self.sign(at, call);
        self.clients[at].next += 1;
        self.clients[at].rotating = Some(fresh);
        request
    }

    /// A block became final: users learn what became of their messages.
    pub(crate) fn learn(&mut self, seen: &Seen) {
        for call in seen.externals.values() {
            let client = self
                .clients
                .iter_mut()
                .find(|client| client.id == call.from);
            let Some(client) = client else { continue };
            client.open.remove(&call.nonce);
            if let Input::RotateKey { key } = &call.input
                && let Some(fresh) = client.rotating.take_if(|fresh| fresh.public() == *key)
            {
                client.key = fresh;
            }
            if client.open.is_empty() && client.rotating.take().is_some() {
                // Something else used the nonce of the rotation: the old key stays.
            }
        }
    }

    /// What users send again, as they have heard nothing.
    pub(crate) fn retry(&self) -> Vec<Request> {
        let open = self.clients.iter().flat_map(|client| {
            let messages = client.open.values().flatten();
            messages.map(|message| (client.chain, message.clone()))
        });
        open.collect()
    }

    /// What has no receipt.
    pub(crate) fn open(&self) -> Vec<String> {
        let open = self.clients.iter().flat_map(|client| {
            let nonces = client.open.keys();
            nonces.map(|nonce| format!("chain {} {} nonce {nonce}", client.chain, client.id))
        });
        open.collect()
    }
}
