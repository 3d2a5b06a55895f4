//! Accounts, contexts, scripted code, and a runner that proposes and verifies every block.

use std::collections::BTreeSet;
use std::sync::Arc;

use actors::{
    Account, Behaviour, Context, Executed, Incoming, Inputs, NoSystem, Own, Parallelism, Registry,
    Send, State, check, execute,
};
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, ed25519};
use types::{
    AccountId, Amount, Bundle, ChainId, ExternalCall, ExternalMessage, FailureCode, Gas, Input,
    MessageId, NetworkId, RelayMessage, RoutingTable, Time,
};

pub(crate) const PLENTY: u64 = 1_000_000_000;

/// An account that a key controls; nothing here checks signatures, so any bytes are a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) key: ed25519::PublicKey,
    pub(crate) id: AccountId,
}

/// The `n`-th user who lives on `chain`.
pub(crate) fn user(routing: &RoutingTable, chain: u32, n: u64) -> User {
    let keys = (0_u64..).map(|salt| {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&n.to_le_bytes());
        bytes[8..16].copy_from_slice(&salt.to_le_bytes());
        ed25519::PublicKey(bytes)
    });
    let mut users = keys.map(|key| User {
        key,
        id: AccountId::of_key(&key),
    });
    users
        .find(|user| routing.home(&user.id) == ChainId(chain))
        .unwrap()
}

/// An account without key on a chain of an even table: `byte` repeated.
pub(crate) fn named(byte: u8) -> AccountId {
    AccountId(Hash::new([byte; 32]))
}

pub(crate) fn network() -> NetworkId {
    NetworkId(Hash::new([9; 32]))
}

pub(crate) fn context(chain: u32, chains: u32) -> Context {
    Context {
        network: network(),
        chain: ChainId(chain),
        height: 1,
        time: Time(1_000),
        epoch: 0,
        phase: types::Phase::Ordinary,
        root_height: 10,
        seed: None,
        routing: Arc::new(RoutingTable::even(chains)),
        behaviours: Arc::new(Registry::default()),
        system: Arc::new(NoSystem),
        gas_limit: PLENTY,
        min_gas_price: 0,
        quota: 16,
        rotation: AccountId::default(),
    }
}

pub(crate) fn with(ctx: &Context, registry: Registry) -> Context {
    Context {
        behaviours: Arc::new(registry),
        ..ctx.clone()
    }
}

pub(crate) fn state(balances: &[(AccountId, u128)]) -> State {
    let accounts = balances
        .iter()
        .map(|(id, balance)| (*id, Account::with_balance(Amount(*balance))));
    State::genesis(accounts).unwrap()
}

pub(crate) fn external(
    from: &User,
    nonce: u64,
    to: AccountId,
    value: u128,
    input: Input,
) -> ExternalMessage {
    let gas = Gas {
        limit: actors::gas::TRANSFER,
        price: 0,
    };
    priced(from, nonce, to, value, input, gas)
}

pub(crate) fn priced(
    from: &User,
    nonce: u64,
    to: AccountId,
    value: u128,
    input: Input,
    gas: Gas,
) -> ExternalMessage {
    ExternalMessage {
        call: ExternalCall {
            from: from.id,
            to,
            nonce,
            value: Amount(value),
            gas,
            expiry: 1_000_000,
            input,
        },
        key: from.key,
        signature: ed25519::Signature([0; 64]),
    }
}

pub(crate) fn transfer(from: &User, nonce: u64, to: AccountId, value: u128) -> ExternalMessage {
    external(from, nonce, to, value, Input::Transfer)
}

pub(crate) fn call(
    from: &User,
    nonce: u64,
    to: AccountId,
    value: u128,
    gas: Gas,
    ops: &[Op],
) -> ExternalMessage {
    priced(from, nonce, to, value, script_input(ops), gas)
}

pub(crate) fn script_input(ops: &[Op]) -> Input {
    Input::Call {
        method: "run".into(),
        data: borsh::to_vec(ops).unwrap(),
    }
}

pub(crate) fn inputs<'a>(externals: &'a [ExternalMessage], imports: &'a [Sent]) -> Inputs<'a> {
    let externals = externals
        .iter()
        .map(|message| (message.id(network()), message));
    let imports = imports.iter().map(|(source, bundle, messages)| Incoming {
        source: *source,
        bundle,
        messages,
    });
    Inputs {
        externals: externals.collect(),
        imports: imports.collect(),
        filings: actors::Filings::default(),
        acks: Vec::new(),
    }
}

/// Only the externals that a proposer included.
pub(crate) fn included<'a>(inputs: &Inputs<'a>, executed: &Executed) -> Inputs<'a> {
    let mut inputs = inputs.clone();
    let all = std::mem::take(&mut inputs.externals);
    inputs.externals = executed.externals.iter().map(|at| all[*at]).collect();
    inputs
}

pub(crate) fn assert_same(a: &Executed, b: &Executed) {
    assert_eq!(a.state.root(), b.state.root(), "state root");
    assert_eq!(a.state.lanes(), b.state.lanes(), "ledger and lanes");
    assert_eq!(a.state.mailboxes(), b.state.mailboxes());
    assert_eq!(a.state.outboxes(), b.state.outboxes());
    assert_eq!(a.order, b.order, "σ");
    assert_eq!(a.receipts, b.receipts);
    assert_eq!(a.message_root(), b.message_root());
    assert_eq!(a.receipt_root(), b.receipt_root());
    assert_eq!(a.outbox, b.outbox);
    assert_eq!(a.outbox_root(), b.outbox_root());
    assert_eq!(a.gas, b.gas);
}

/// [T7] [T15] Proposes with one thread and with many, verifies with one and with many; all agree.
pub(crate) fn block(state: &State, inputs: &Inputs<'_>, ctx: &Context) -> Executed {
    let made = execute(state, inputs, ctx, Parallelism::One).unwrap();
    let again = execute(state, inputs, ctx, Parallelism::Pool).unwrap();
    assert_same(&made, &again);
    assert_eq!(made.refused, again.refused);
    let body = included(inputs, &made);
    for parallelism in [Parallelism::One, Parallelism::Pool] {
        let checked = check(state, &body, &made.order, ctx, parallelism).unwrap();
        assert_same(&made, &checked);
    }
    assert_receipts(&made);
    assert!(
        made.state.conserves(),
        "held must be what the accounts hold"
    );
    assert!(made.gas <= ctx.gas_limit);
    for (bundle, messages) in &made.outbox {
        let of = Bundle::of(bundle.destination, bundle.first_index, messages);
        assert_eq!(of, Some(*bundle), "as the destination computes it");
    }
    made
}

/// [G1] One receipt for each consumed message, and none twice.
pub(crate) fn assert_receipts(executed: &Executed) {
    let steps = executed
        .order
        .accounts
        .iter()
        .flat_map(|order| &order.steps);
    let consumed: usize = steps.map(|step| step.sources.len()).sum();
    let ids: BTreeSet<_> = executed
        .receipts
        .iter()
        .map(|receipt| receipt.message)
        .collect();
    assert_eq!(consumed, executed.receipts.len());
    assert_eq!(consumed, ids.len());
}

/// A bundle on its way: its source, what was committed there, the messages.
pub(crate) type Sent = (ChainId, Bundle, Vec<RelayMessage>);

/// A bundle from another chain, as it arrives.
pub(crate) fn incoming(
    source: u32,
    first_index: u64,
    destination: u32,
    messages: Vec<RelayMessage>,
) -> Sent {
    let bundle = Bundle::of(ChainId(destination), first_index, &messages).unwrap();
    (ChainId(source), bundle, messages)
}

pub(crate) fn relay(
    from: AccountId,
    to: AccountId,
    number: u32,
    body: types::RelayBody,
) -> RelayMessage {
    let trace = MessageId(Hash::new([5; 32]));
    RelayMessage {
        trace,
        parent: trace,
        output: number,
        depth: 1,
        from,
        to,
        payer: from,
        value: Amount::ZERO,
        gas: Gas::default(),
        deadline: 1_000_000,
        body,
    }
}

/// One thing that scripted code does.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub(crate) enum Op {
    Credit {
        to: AccountId,
        value: u128,
    },
    Call {
        to: AccountId,
        value: u128,
        gas: u64,
        ops: Vec<Self>,
    },
    Put {
        key: u8,
        bytes: u16,
    },
    Work(u64),
    Fail,
}

/// Code that does what the call's data says.
pub(crate) struct Script;

impl Behaviour for Script {
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        _: &Context,
    ) -> Result<(), FailureCode> {
        let types::RelayBody::Call { data, .. } = &message.body else {
            return Err(FailureCode::Rejected);
        };
        let ops: Vec<Op> = borsh::from_slice(data).map_err(|_| FailureCode::Rejected)?;
        ops.into_iter().try_for_each(|op| run(own, op))
    }
}

fn run(own: &mut Own<'_>, op: Op) -> Result<(), FailureCode> {
    match op {
        Op::Credit { to, value } => own.send(Send::Credit {
            to,
            value: Amount(value),
        }),
        Op::Call {
            to,
            value,
            gas,
            ops,
        } => own.send(Send::Call {
            to,
            value: Amount(value),
            gas,
            method: "run".into(),
            data: borsh::to_vec(&ops).unwrap(),
        }),
        Op::Put { key, bytes } => own.put([key; 32], Some(vec![key; bytes.into()])),
        Op::Work(gas) => own.charge(gas),
        Op::Fail => Err(FailureCode::Rejected),
    }
}
