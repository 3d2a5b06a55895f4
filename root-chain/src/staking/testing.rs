//! A root alone with users on it, for tests: every call runs in a block of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Account, Context, Edit, Inputs, Parallelism, Registry, State, execute};
use crypto::{Hash, bls, ed25519};
use types::{
    AccountId, Amount, ChainId, Committee, ExternalCall, ExternalMessage, FailureCode, Gas, Height,
    Input, Member, NodeId, RoutingTable, Status,
};

use super::{
    Books, Call, FirstStaker, Registration, Staker, Staking, StakingError, StakingRules, When,
    account_id, books, first_account, method, staker, would_accept,
};
use crate::testing::{Root, network};

/// Ten a ticket, ten heights an epoch.
pub(crate) const RULES: StakingRules = StakingRules {
    ticket: Amount(10),
    epoch_length: 10,
    unbonding: 50,
    evidence_window: 20,
    reward_per_block: Amount(1_000),
    presence_percent: 50,
};

/// What every user has at first.
pub(crate) const RICH: Amount = Amount(1_000_000);

pub(crate) struct World {
    pub(crate) state: State,
    /// Height of the next block.
    pub(crate) height: Height,
    pub(crate) rules: StakingRules,
    /// Gas that calls bring.
    pub(crate) gas: u64,
    /// Gas that the last call used.
    pub(crate) used: u64,
    /// How the last message failed.
    last: Option<FailureCode>,
    /// What its receipt says besides.
    word: Option<String>,
    ctx: Context,
    nonces: BTreeMap<u8, u64>,
}

pub(crate) fn user_key(user: u8) -> ed25519::PublicKey {
    ed25519::PublicKey([user; 32])
}

pub(crate) fn user(user: u8) -> AccountId {
    AccountId::of_key(&user_key(user))
}

pub(crate) fn stake_key(user: u8) -> bls::SecretKey {
    bls::SecretKey::from_seed(&[user; 32])
}

pub(crate) fn node(user: u8) -> NodeId {
    NodeId(Hash::new([user; 32]))
}

pub(crate) fn registration(user: u8) -> Registration {
    let key = stake_key(user);
    Registration {
        key: key.public().to_bytes(),
        possession: key.prove_possession(),
        node: node(user),
    }
}

/// A committee with so many seats a member, whose consensus keys are 100 and up.
pub(crate) fn committee(chain: u32, seats: &[u32]) -> Committee {
    let members = seats.iter().zip(0..).map(|(seats, member)| Member {
        node: node(member),
        key: stake_key(100 + member).public(),
        seats: *seats,
    });
    Committee {
        chain: ChainId(chain),
        epoch: 3,
        members: members.collect(),
    }
}

impl World {
    /// Users 1 to 9 are rich; so many first stakers are users 10 and up.
    pub(crate) fn new(first: &[u128], pool: u128) -> Self {
        let stakers = first.iter().zip(10..).map(|(stake, who)| FirstStaker {
            id: user(who),
            node: node(who),
            key: stake_key(who).public(),
            stake: Amount(*stake),
            duties: 0,
        });
        let staking = first_account(stakers, Amount(pool)).unwrap();
        let mut accounts = vec![(account_id(), staking)];
        accounts.extend((1..10).map(|who| (user(who), Account::with_balance(RICH))));
        let rules = RULES;
        let behaviours = Registry::default().with(account_id(), Arc::new(Staking { rules }));
        let ctx = Context {
            behaviours: Arc::new(behaviours),
            routing: Arc::new(RoutingTable::even(0)),
            system: Arc::new(actors::NoSystem),
            gas_limit: 1_000_000_000,
            quota: 16,
            ..Root::new(&[]).context(ChainId::ROOT)
        };
        Self {
            state: State::genesis(accounts).unwrap(),
            height: 1,
            rules,
            gas: 2 * method::GAS,
            used: 0,
            last: None,
            word: None,
            ctx,
            nonces: BTreeMap::new(),
        }
    }

    /// The height at which a root epoch begins.
    pub(crate) fn enter_epoch(&mut self, epoch: u64) {
        let height = epoch * self.rules.epoch_length;
        assert!(height >= self.height, "time goes forward");
        self.height = height;
    }

    fn block(&mut self, input: Input, who: u8, to: AccountId, value: u128, expiry: Height) {
        let nonce = self.nonces.entry(who).or_default();
        let message = ExternalMessage {
            call: ExternalCall {
                from: user(who),
                to,
                nonce: *nonce,
                value: Amount(value),
                gas: Gas {
                    limit: self.gas,
                    price: 0,
                },
                expiry,
                input,
            },
            key: user_key(who),
            signature: ed25519::Signature([0; 64]),
        };
        *nonce += 1;
        let ctx = Context {
            height: self.height,
            root_height: self.height - 1,
            ..self.ctx.clone()
        };
        let inputs = Inputs {
            externals: vec![(message.id(network()), &message)],
            ..Inputs::default()
        };
        let done = execute(&self.state, &inputs, &ctx, Parallelism::One).unwrap();
        assert!(done.refused.is_empty(), "{:?}", done.refused);
        assert!(done.state.mailboxes().is_empty());
        let failed = done
            .receipts
            .iter()
            .find_map(|receipt| match receipt.status {
                Status::Failed(code) => Some(code),
                Status::Done => None,
            });
        self.used = done.gas;
        self.state = done.state;
        self.height += 1;
        self.last = failed;
        let mut notes = done
            .receipts
            .into_iter()
            .filter_map(|receipt| receipt.notes);
        self.word = notes.next().map(|notes| notes.text);
        self.audit();
    }

    /// Sends a call as user `who`: what became of it, which the dry run must have said before.
    pub(crate) fn call(
        &mut self,
        who: u8,
        method: &str,
        data: Vec<u8>,
        value: u128,
    ) -> Result<(), StakingError> {
        let when = When {
            height: self.height,
            cited: self.height - 1,
        };
        let call = Call {
            from: user(who),
            value: Amount(value),
            deadline: Height::MAX,
            method,
            data: &data,
        };
        let said = would_accept(&self.state, &self.rules, when, &call);
        let before = self.state.account(&account_id()).cloned();
        let balance = self.state.balance(&user(who));
        let method = method.to_owned();
        let input = Input::Call { method, data };
        self.block(input, who, account_id(), value, Height::MAX);
        assert_eq!(
            self.last,
            said.err().map(|error| error.failure()),
            "{said:?}"
        );
        let word = said.err().map(|error| error.code());
        assert_eq!(self.word.as_deref(), word);
        if said.is_err() {
            // Nothing changed, and the value came back.
            assert_eq!(self.state.account(&account_id()), before.as_ref());
            assert_eq!(self.state.balance(&user(who)), balance);
        }
        said
    }

    /// Sends a call without asking first; how it failed.
    pub(crate) fn send(
        &mut self,
        who: u8,
        method: &str,
        data: Vec<u8>,
        value: u128,
    ) -> Option<FailureCode> {
        let method = method.to_owned();
        let input = Input::Call { method, data };
        self.block(input, who, account_id(), value, Height::MAX);
        self.last
    }

    pub(crate) fn register(&mut self, who: u8, value: u128) -> Result<(), StakingError> {
        let data = borsh::to_vec(&registration(who)).unwrap();
        self.call(who, method::REGISTER, data, value)
    }

    pub(crate) fn add(&mut self, who: u8, value: u128) -> Result<(), StakingError> {
        self.call(who, method::ADD_STAKE, Vec::new(), value)
    }

    pub(crate) fn quit(&mut self, who: u8) -> Result<(), StakingError> {
        self.call(who, method::QUIT, Vec::new(), 0)
    }

    pub(crate) fn withdraw(&mut self, who: u8) -> Result<(), StakingError> {
        self.call(who, method::WITHDRAW, Vec::new(), 0)
    }

    pub(crate) fn claim(&mut self, who: u8) -> Result<(), StakingError> {
        self.call(who, method::CLAIM_REWARDS, Vec::new(), 0)
    }

    /// Value for the staking account that nobody is owed.
    pub(crate) fn give(&mut self, who: u8, value: u128) {
        self.block(Input::Transfer, who, account_id(), value, Height::MAX);
        assert_eq!(self.last, None);
    }

    /// What the root's system does before messages.
    pub(crate) fn edit<T>(&mut self, change: impl FnOnce(&mut Edit<'_>) -> T) -> T {
        let state = self.state.clone();
        let mut edit = Edit::new(&state);
        let result = change(&mut edit);
        self.state = edit.finish();
        self.audit();
        result
    }

    pub(crate) fn staker(&self, who: u8) -> Option<Staker> {
        staker(&self.state, &user(who))
    }

    pub(crate) fn balance(&self, who: u8) -> u128 {
        self.state.balance(&user(who)).0
    }

    /// [S6] Every unit has one owner, and none came or went.
    pub(crate) fn audit(&self) -> Books {
        let books = books(&self.state).expect("records add up");
        assert_eq!(books.sum(), Some(self.state.balance(&account_id())));
        assert!(self.state.conserves());
        books
    }
}
