//! The root and two chains that run blocks and hand each other what leaves, with code on all.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Account, Context, Refusal, Registry, State};
use types::{
    AccountId, Ack, Amount, ChainId, Deploy, ExternalMessage, FailureCode, Gas, Input, MessageId,
    Receipt, RelayMessage, Status,
};

use crate::common::{Sent, User, block, context, inputs, network, priced, user, with};
use crate::puppet::{Act, Puppets, puppet, script};

pub(crate) const FUNDS: u128 = 1_000_000_000_000;
pub(crate) const GAS: Gas = Gas {
    limit: 20_000_000,
    price: 2,
};

pub(crate) struct Net {
    pub(crate) contexts: BTreeMap<ChainId, Context>,
    pub(crate) states: BTreeMap<ChainId, State>,
    lanes: BTreeMap<(ChainId, ChainId), Vec<Sent>>,
    pub(crate) receipts: BTreeMap<MessageId, Receipt>,
    pub(crate) messages: BTreeMap<MessageId, RelayMessage>,
    pub(crate) users: [User; 2],
    nonces: [u64; 2],
}

impl Net {
    /// A user with funds on each of two chains.
    pub(crate) fn new() -> Self {
        let routing = context(1, 2).routing;
        let users = [1, 2].map(|chain| user(&routing, chain, 0));
        let registry = Registry::default().with_engine(Arc::new(Puppets));
        let contexts = [0, 1, 2].map(|chain| {
            let ctx = with(&context(chain, 2), registry.clone());
            (ChainId(chain), ctx)
        });
        let states = users.map(|user| {
            let account = Account::with_balance(Amount(FUNDS));
            let state = State::genesis([(user.id, account)]).unwrap();
            (routing.home(&user.id), state)
        });
        let mut states = BTreeMap::from(states);
        states.insert(ChainId::ROOT, State::default());
        Self {
            contexts: contexts.into(),
            states,
            lanes: BTreeMap::new(),
            receipts: BTreeMap::new(),
            messages: BTreeMap::new(),
            users,
            nonces: [0; 2],
        }
    }

    pub(crate) fn home(&self, id: &AccountId) -> ChainId {
        self.contexts[&ChainId(1)].home(id)
    }

    pub(crate) fn account(&self, id: &AccountId) -> Account {
        let state = &self.states[&self.home(id)];
        state.account(id).cloned().unwrap_or_default()
    }

    pub(crate) fn balance(&self, id: &AccountId) -> u128 {
        self.account(id).balance.0
    }

    /// A user's next message.
    pub(crate) fn message(
        &mut self,
        user: usize,
        to: AccountId,
        value: u128,
        gas: Gas,
        input: Input,
    ) -> ExternalMessage {
        let nonce = self.nonces[user];
        self.nonces[user] += 1;
        priced(&self.users[user], nonce, to, value, input, gas)
    }

    /// One block of a chain; takes in whatever is on its way there.
    pub(crate) fn block(&mut self, chain: ChainId, externals: &[ExternalMessage]) {
        let refused = self.try_block(chain, externals);
        assert_eq!(refused, []);
    }

    /// The same when some may be refused; their senders learn of it.
    pub(crate) fn try_block(
        &mut self,
        chain: ChainId,
        externals: &[ExternalMessage],
    ) -> Vec<(usize, Refusal)> {
        let lanes = self.lanes.iter_mut().filter(|((_, to), _)| *to == chain);
        let arriving: Vec<Sent> = lanes.flat_map(|(_, lane)| lane.drain(..)).collect();
        let mut inputs = inputs(externals, &arriving);
        let peers = self.states.iter().filter(|(peer, _)| **peer != chain);
        let acks = peers.map(|(peer, state)| {
            let lane = state.lanes().lane(chain);
            Ack {
                peer: *peer,
                messages: lane.next_import,
                bytes: lane.bytes_in,
            }
        });
        inputs.acks = acks.collect();
        let made = block(&self.states[&chain], &inputs, &self.contexts[&chain]);
        for receipt in made.receipts {
            let again = self.receipts.insert(receipt.message, receipt);
            assert!(again.is_none(), "[G3] exactly once");
        }
        for letter in made.messages {
            self.messages.insert(letter.id(), letter.message().clone());
        }
        for (bundle, messages) in made.outbox {
            let lane = self.lanes.entry((chain, bundle.destination)).or_default();
            lane.push((chain, bundle, messages));
        }
        self.states.insert(chain, made.state);
        for (at, user) in self.users.iter().enumerate() {
            if self.home(&user.id) == chain {
                self.nonces[at] = self.account(&user.id).nonce;
            }
        }
        made.refused
    }

    /// Blocks of all chains in turn until nothing is on its way or waits.
    pub(crate) fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 300, "all trees of messages end");
            let waits =
                |state: &State| !state.mailboxes().is_empty() || !state.outboxes().is_empty();
            let waiting = self.states.values().any(waits);
            if !waiting && self.lanes.values().all(Vec::is_empty) {
                break;
            }
            for chain in [0, 1, 2] {
                self.block(ChainId(chain), &[]);
            }
        }
        let all = self.states.values();
        let total: u128 = all
            .map(|state| state.lanes().ledger)
            .map(|ledger| ledger.held.0 + ledger.burned.0)
            .sum();
        assert_eq!(total, 2 * FUNDS, "[G9] over all chains");
        for id in self.messages.keys() {
            assert!(self.receipts.contains_key(id), "[G1] a receipt for each");
        }
    }

    /// Sends one message of a user and lets everything settle; its receipt.
    pub(crate) fn send(
        &mut self,
        user: usize,
        to: AccountId,
        value: u128,
        input: Input,
    ) -> MessageId {
        let message = self.message(user, to, value, GAS, input);
        let id = message.id(network());
        let chain = self.home(&message.call.from);
        self.block(chain, &[message]);
        self.settle();
        id
    }

    pub(crate) fn call(&mut self, user: usize, to: AccountId, value: u128, acts: &[Act]) -> Tree {
        let input = Input::Call {
            method: "run".into(),
            data: script(acts),
        };
        let id = self.send(user, to, value, input);
        self.tree(id)
    }

    /// A deploy of the user that ends up on `chain`, and its account's id.
    pub(crate) fn plan(&self, user: usize, chain: u32, n: u8, acts: &[Act]) -> (Deploy, AccountId) {
        let creator = self.users[user].id;
        let plans = (0..=255).map(|salt| Deploy {
            salt: [[n; 16], [salt; 16]].concat().try_into().unwrap(),
            code: puppet(1),
            init: script(acts),
            owner: Some(creator),
        });
        let mut plans = plans.map(|plan| {
            let id = plan.account(&creator);
            (plan, id)
        });
        plans
            .find(|(_, id)| self.home(id) == ChainId(chain))
            .unwrap()
    }

    /// Deploys a puppet of version 1 with value on a chain.
    pub(crate) fn deploy(&mut self, user: usize, chain: u32, n: u8, value: u128) -> AccountId {
        let (plan, id) = self.plan(user, chain, n, &[]);
        let sent = self.send(user, id, value, Input::Deploy(Box::new(plan)));
        assert_eq!(self.tree(sent).failures(), []);
        id
    }

    /// Gives the owner's code of a version to an account.
    pub(crate) fn upgrade(&mut self, user: usize, to: AccountId, version: u8, adopt: bool) -> Tree {
        let code = puppet(version);
        let id = self.send(user, to, 0, Input::Upgrade { code, adopt });
        self.tree(id)
    }

    /// All receipts under a message, in the order of a walk.
    pub(crate) fn tree(&self, top: MessageId) -> Tree {
        let mut tree = Tree::default();
        let mut stack = vec![top];
        while let Some(id) = stack.pop() {
            let receipt = &self.receipts[&id];
            stack.extend(receipt.outputs.iter().rev());
            tree.0.push(receipt.clone());
        }
        tree
    }

    /// Like [`Self::tree`], of what was executed so far.
    pub(crate) fn tree_here(&self, top: MessageId) -> Tree {
        let mut tree = Tree::default();
        let mut stack = vec![top];
        while let Some(id) = stack.pop() {
            if let Some(receipt) = self.receipts.get(&id) {
                stack.extend(receipt.outputs.iter().rev());
                tree.0.push(receipt.clone());
            }
        }
        tree
    }

    /// Ends the time of everything that is on its way.
    pub(crate) fn pass_time(&mut self, heights: u64) {
        for ctx in self.contexts.values_mut() {
            ctx.root_height += heights;
        }
    }
}

/// What became of a tree of messages.
#[derive(Default)]
pub(crate) struct Tree(pub(crate) Vec<Receipt>);

impl Tree {
    /// What code logged about its runs.
    pub(crate) fn ran(&self) -> Vec<String> {
        self.logged(b"ran")
    }

    pub(crate) fn logged(&self, topic: &[u8]) -> Vec<String> {
        let notes = self.0.iter().flat_map(|receipt| &receipt.notes);
        let logs = notes.flat_map(|notes| &notes.logs);
        let data = logs.filter(|log| log.topic == topic).map(|log| &log.data);
        data.map(|data| String::from_utf8_lossy(data).into())
            .collect()
    }

    pub(crate) fn failures(&self) -> Vec<FailureCode> {
        let codes = self.0.iter().filter_map(|receipt| match receipt.status {
            Status::Failed(code) => Some(code),
            Status::Done => None,
        });
        codes.collect()
    }
}
