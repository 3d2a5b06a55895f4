//! Stakers on a transaction chain: calls, bounces and payments travel as relay messages.

use std::sync::Arc;

use actors::{Account, Context, Executed, Incoming, Inputs, Parallelism, Registry, State, execute};
use crypto::ed25519;
use types::{
    AccountId, Amount, Bundle, ChainId, ExternalCall, ExternalMessage, Gas, Height, Input,
    RelayMessage, RoutingTable,
};

use crate::staking::testing::{RULES, registration};
use crate::staking::{Staking, account_id, books, first_account, method, staker};
use crate::testing::{ONE, Root, network};

type Sent = (Bundle, Vec<RelayMessage>);

/// The root and chain one, whose user has a balance.
struct Pair {
    root: State,
    one: State,
    height: Height,
    nonce: u64,
    key: ed25519::PublicKey,
}

const RICH: Amount = Amount(10_000_000);
const PRICE: u64 = 1;

fn context(chain: ChainId, height: Height) -> Context {
    let staking = Registry::default().with(account_id(), Arc::new(Staking { rules: RULES }));
    Context {
        height,
        root_height: height,
        behaviours: Arc::new(if chain.is_root() {
            staking
        } else {
            Registry::default()
        }),
        routing: Arc::new(RoutingTable::even(1)),
        system: Arc::new(actors::NoSystem),
        gas_limit: 1_000_000_000,
        quota: 16,
        ..Root::new(&[]).context(chain)
    }
}

impl Pair {
    fn new() -> Self {
        let table = RoutingTable::even(1);
        let key = (0..)
            .map(|byte| ed25519::PublicKey([byte; 32]))
            .find(|key| table.home(&AccountId::of_key(key)) == ONE)
            .unwrap();
        let id = AccountId::of_key(&key);
        let staking = first_account([], Amount(77)).unwrap();
        Self {
            root: State::genesis([(account_id(), staking)]).unwrap(),
            one: State::genesis([(id, Account::with_balance(RICH))]).unwrap(),
            height: 1,
            nonce: 0,
            key,
        }
    }

    fn id(&self) -> AccountId {
        AccountId::of_key(&self.key)
    }

    fn balance(&self) -> u128 {
        self.one.balance(&self.id()).0
    }

    /// Sends a call, lets it run on the root and brings back what the root answers. Gives the fee.
    fn call(&mut self, method: &str, data: Vec<u8>, value: u128) -> u128 {
        let call = ExternalCall {
            from: self.id(),
            to: account_id(),
            nonce: self.nonce,
            value: Amount(value),
            gas: Gas {
                limit: 2 * method::GAS,
                price: PRICE,
            },
            expiry: Height::MAX,
            input: Input::Call {
                method: method.to_owned(),
                data,
            },
        };
        self.nonce += 1;
        let message = ExternalMessage {
            call,
            key: self.key,
            signature: ed25519::Signature([0; 64]),
        };
        let burned = self.burned();
        let (one, root) = (ONE, ChainId::ROOT);
        let sent = vec![(message.id(network()), &message)];
        let there = run(&mut self.one, one, self.height, sent, &[]);
        let back = run(&mut self.root, root, self.height, Vec::new(), &there);
        let left = run(&mut self.one, one, self.height, Vec::new(), &back);
        assert!(left.is_empty(), "nothing is on its way any more");
        self.height += 1;
        let books = books(&self.root).unwrap();
        assert_eq!(books.sum(), Some(self.root.balance(&account_id())));
        self.burned() - burned
    }

    fn burned(&self) -> u128 {
        self.one.lanes().ledger.burned.0 + self.root.lanes().ledger.burned.0
    }
}

/// One block; what leaves it.
fn run(
    state: &mut State,
    chain: ChainId,
    height: Height,
    externals: Vec<(types::MessageId, &ExternalMessage)>,
    imports: &[Sent],
) -> Vec<Sent> {
    let source = if chain.is_root() { ONE } else { ChainId::ROOT };
    let imports = imports.iter().map(|(bundle, messages)| Incoming {
        source,
        bundle,
        messages,
    });
    let inputs = Inputs {
        externals,
        imports: imports.collect(),
        ..Inputs::default()
    };
    let ctx = context(chain, height);
    let done: Executed = execute(state, &inputs, &ctx, Parallelism::One).unwrap();
    assert!(done.refused.is_empty(), "{:?}", done.refused);
    assert!(done.state.conserves());
    *state = done.state;
    done.outbox
}

/// Register, be refused, quit, withdraw: in the end all is back but the fees.
#[test]
fn stake_goes_to_the_root_and_comes_back() {
    let mut pair = Pair::new();
    let owner = pair.id();
    let data = borsh::to_vec(&registration(1)).unwrap();
    let mut fees = pair.call(method::REGISTER, data.clone(), 1_000);
    assert_eq!(pair.balance(), RICH.0 - 1_000 - fees);
    assert_eq!(staker(&pair.root, &owner).unwrap().stake, Amount(1_000));

    // Refused on the root: the value bounces.
    fees += pair.call(method::REGISTER, data, 500);
    assert_eq!(pair.balance(), RICH.0 - 1_000 - fees);
    fees += pair.call(method::ADD_STAKE, Vec::new(), 234);
    fees += pair.call(method::QUIT, Vec::new(), 0);
    fees += pair.call(method::WITHDRAW, Vec::new(), 0);
    assert_eq!(pair.balance(), RICH.0 - 1_234 - fees, "too early");
    pair.height += RULES.unbonding;
    fees += pair.call(method::WITHDRAW, Vec::new(), 0);
    assert_eq!(pair.balance(), RICH.0 - fees);
    assert_eq!(pair.root.balance(&account_id()), Amount(77));
}
