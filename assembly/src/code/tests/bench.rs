//! A chain with two users, and what its blocks did.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{
    Account, Context, Executed, Fault, Inputs, NoSystem, Parallelism, Refusal, Registry, State,
    check, execute, view,
};
use crypto::ed25519;
use types::{
    AccountId, Amount, ChainId, Deploy, ExternalCall, ExternalMessage, FailureCode, Gas, Input,
    MessageId, NetworkId, Receipt, RoutingTable, Status, Time,
};

use crate::code::WasmCode;

/// What each user begins with.
pub(super) const FUNDS: u128 = 1_000_000_000_000;
/// What a deployed account gets for its deposit.
const DEPOSIT: u128 = 40_000_000;

pub(super) struct Bench {
    ctx: Context,
    pub(super) state: State,
    pub(super) user: ed25519::PublicKey,
    pub(super) stranger: ed25519::PublicKey,
    receipts: BTreeMap<MessageId, Receipt>,
    /// Gas limit of messages.
    pub(super) limit: u64,
}

impl Bench {
    pub(super) fn new() -> Self {
        let users = [3, 4].map(|byte| ed25519::PublicKey([byte; 32]));
        let account = |key| {
            let account = Account::with_balance(Amount(FUNDS));
            (AccountId::of_key(key), account)
        };
        let [user, stranger] = users;
        Self {
            ctx: context(),
            state: State::genesis(users.iter().map(account)).expect("fits"),
            user,
            stranger,
            receipts: BTreeMap::new(),
            limit: 5_000_000,
        }
    }

    /// A user's next message.
    pub(super) fn message(
        &self,
        key: ed25519::PublicKey,
        to: AccountId,
        value: u128,
        input: Input,
    ) -> ExternalMessage {
        let from = AccountId::of_key(&key);
        ExternalMessage {
            call: ExternalCall {
                from,
                to,
                nonce: self.state.nonce(&from),
                value: Amount(value),
                gas: Gas {
                    limit: self.limit,
                    price: 1,
                },
                expiry: 1_000,
                input,
            },
            key,
            signature: ed25519::Signature([0; 64]),
        }
    }

    /// Executes and checks a block with one message; everything ends in it.
    pub(super) fn run(&mut self, message: &ExternalMessage) -> Vec<Receipt> {
        let id = message.id(self.ctx.network);
        let inputs = Inputs {
            externals: vec![(id, message)],
            ..Inputs::default()
        };
        let made = execute(&self.state, &inputs, &self.ctx, Parallelism::One).expect("inputs");
        assert_eq!(made.refused, []);
        let again = check(
            &self.state,
            &inputs,
            &made.order,
            &self.ctx,
            Parallelism::Pool,
        );
        assert_eq!(again.expect("valid").receipts, made.receipts);
        assert!(made.state.conserves() && made.state.mailboxes().is_empty());
        self.state = made.state.clone();
        self.tree(id, &made)
    }

    /// Why no block takes a message; then it changes nothing and costs nothing.
    pub(super) fn refused(&self, message: &ExternalMessage) -> Refusal {
        let inputs = Inputs {
            externals: vec![(message.id(self.ctx.network), message)],
            ..Inputs::default()
        };
        let made = execute(&self.state, &inputs, &self.ctx, Parallelism::One).expect("inputs");
        assert_eq!(made.state.root(), self.state.root());
        let [(0, refusal)] = made.refused[..] else {
            panic!("{:?}", made.refused);
        };
        refusal
    }

    /// The receipts of a message and of all that followed from it.
    fn tree(&mut self, top: MessageId, made: &Executed) -> Vec<Receipt> {
        let all = made.receipts.iter().cloned();
        self.receipts
            .extend(all.map(|receipt| (receipt.message, receipt)));
        let mut tree = Vec::new();
        let mut stack = vec![top];
        while let Some(id) = stack.pop() {
            let receipt = self.receipts[&id].clone();
            stack.extend(receipt.outputs.iter().rev());
            tree.push(receipt);
        }
        tree
    }

    /// A deploy by the user, who owns the account, and the account.
    pub(super) fn deployment(&self, salt: u8, code: &[u8], init: Vec<u8>) -> (AccountId, Input) {
        let user = AccountId::of_key(&self.user);
        let deploy = Deploy {
            salt: [salt; 32],
            code: code.to_vec().into(),
            init,
            owner: Some(user),
        };
        (deploy.account(&user), Input::Deploy(Box::new(deploy)))
    }

    pub(super) fn deploy(&mut self, salt: u8, code: &[u8], init: Vec<u8>) -> AccountId {
        let (id, input) = self.deployment(salt, code, init);
        let tree = self.run(&self.message(self.user, id, DEPOSIT, input));
        assert_eq!(failures(&tree), [], "{tree:?}");
        id
    }

    pub(super) fn call(&mut self, to: AccountId, method: &str, data: Vec<u8>) -> Vec<Receipt> {
        let method = method.to_owned();
        let input = Input::Call { method, data };
        self.run(&self.message(self.user, to, 0, input))
    }

    /// Asks a view.
    pub(super) fn ask(&self, of: &AccountId, method: &str, data: &[u8]) -> Result<Vec<u8>, Fault> {
        let answer = view(&self.state, of, method, data, &self.ctx, 1_000_000);
        Ok(answer?.answer)
    }
}

fn context() -> Context {
    let engine = Arc::new(WasmCode::default());
    Context {
        network: NetworkId::default(),
        chain: ChainId::ROOT,
        height: 1,
        time: Time(1_000),
        epoch: 0,
        phase: types::Phase::Ordinary,
        root_height: 10,
        seed: None,
        routing: Arc::new(RoutingTable::even(0)),
        behaviours: Arc::new(Registry::default().with_engine(engine)),
        system: Arc::new(NoSystem),
        gas_limit: 200_000_000,
        min_gas_price: 1,
        quota: 16,
        rotation: AccountId::default(),
    }
}

pub(super) fn failures(tree: &[Receipt]) -> Vec<FailureCode> {
    let codes = tree.iter().filter_map(|receipt| match receipt.status {
        Status::Failed(code) => Some(code),
        Status::Done => None,
    });
    codes.collect()
}

pub(super) fn logged(tree: &[Receipt]) -> Vec<(String, Vec<u8>)> {
    let notes = tree.iter().flat_map(|receipt| &receipt.notes);
    let logs = notes.flat_map(|notes| notes.logs.clone());
    logs.map(|log| (String::from_utf8_lossy(&log.topic).into(), log.data))
        .collect()
}
