//! Random users, code and congestion over several chains: what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actors::{Account, Context, Inputs, Registry, State, gas};
use proptest::prelude::*;
use types::{
    AccountId, Ack, Amount, ChainId, ExternalMessage, Gas, Input, MessageId, RelayBody, Status,
};

use crate::common::{
    Op, Script, Sent, User, block, call, context, inputs, named, priced, transfer, user, with,
};

const CHAINS: u32 = 3;
const USERS: usize = 9;

/// Some chains, their users and scripts, and what is on its way between them.
struct World {
    contexts: BTreeMap<ChainId, Context>,
    states: BTreeMap<ChainId, State>,
    users: Vec<User>,
    nonces: Vec<u64>,
    /// Bundles on each lane (source, destination), oldest first.
    lanes: BTreeMap<(ChainId, ChainId), Vec<Sent>>,
    /// Messages produced, and consumed.
    produced: BTreeSet<MessageId>,
    consumed: BTreeSet<MessageId>,
    minted: u128,
}

/// What a user does.
#[derive(Clone, Debug)]
enum Act {
    Transfer {
        from: usize,
        to: usize,
        value: u128,
        price: u64,
    },
    /// To an account that can't exist.
    Nowhere {
        from: usize,
        value: u128,
    },
    Rotate {
        from: usize,
    },
    Call {
        from: usize,
        to: usize,
        value: u128,
        price: u64,
        limit: u64,
        ops: Vec<Op>,
    },
    /// One that no block may include.
    Stale {
        from: usize,
    },
}

/// One block: what users do, how much gas there is, which lanes are imported.
#[derive(Clone, Debug)]
struct Block {
    chain: u32,
    acts: Vec<Act>,
    gas_limit: u64,
    quota: u32,
    rotation: u8,
    imports: usize,
    acks: bool,
    late: bool,
}

fn script(number: usize) -> AccountId {
    named([0x20, 0x21, 0x70, 0x71, 0xc0, 0xc1][number % 6])
}

impl World {
    fn new() -> Self {
        let routing = context(1, CHAINS).routing;
        let registry = (0..6).fold(Registry::default(), |all, at| {
            all.with(script(at), Arc::new(Script))
        });
        let users: Vec<_> = (0..USERS)
            .map(|at| user(&routing, 1 + at as u32 % CHAINS, at as u64))
            .collect();
        let mut contexts = BTreeMap::new();
        let mut states = BTreeMap::new();
        for chain in 1..=CHAINS {
            contexts.insert(
                ChainId(chain),
                with(&context(chain, CHAINS), registry.clone()),
            );
            let people = users.iter().map(|user| user.id).chain((0..6).map(script));
            let own = people.filter(|id| routing.home(id) == ChainId(chain));
            let funded = own.map(|id| (id, Account::with_balance(Amount(1_000_000))));
            states.insert(ChainId(chain), State::genesis(funded).unwrap());
        }
        Self {
            contexts,
            states,
            nonces: vec![0; users.len()],
            minted: (USERS as u128 + 6) * 1_000_000,
            users,
            lanes: BTreeMap::new(),
            produced: BTreeSet::new(),
            consumed: BTreeSet::new(),
        }
    }

    fn message(&mut self, act: &Act, chain: ChainId) -> Option<ExternalMessage> {
        let (Act::Transfer { from, .. }
        | Act::Nowhere { from, .. }
        | Act::Rotate { from }
        | Act::Call { from, .. }
        | Act::Stale { from }) = act;
        let (sender, nonce) = (self.users[*from], self.nonces[*from]);
        if self.contexts[&chain].routing.home(&sender.id) != chain {
            return None;
        }
        let cheap = |price| Gas {
            limit: gas::TRANSFER,
            price,
        };
        let message = match act {
            Act::Transfer {
                to, value, price, ..
            } => {
                let to = self.users[*to].id;
                priced(&sender, nonce, to, *value, Input::Transfer, cheap(*price))
            }
            Act::Nowhere { value, .. } => {
                transfer(&sender, nonce, AccountId::system(ChainId(2), 7), *value)
            }
            Act::Rotate { .. } => {
                let key = sender.key;
                priced(
                    &sender,
                    nonce,
                    sender.id,
                    0,
                    Input::RotateKey { key },
                    cheap(1),
                )
            }
            Act::Call {
                to,
                value,
                price,
                limit,
                ops,
                ..
            } => {
                let gas = Gas {
                    limit: *limit,
                    price: *price,
                };
                call(&sender, nonce, script(*to), *value, gas, ops)
            }
            Act::Stale { .. } => return Some(transfer(&sender, nonce + 100, sender.id, 0)),
        };
        Some(message)
    }

    fn run(&mut self, plan: &Block) {
        let chain = ChainId(plan.chain);
        let mut externals = Vec::new();
        for act in &plan.acts {
            let Some(message) = self.message(act, chain) else {
                continue;
            };
            if !matches!(act, Act::Stale { .. }) {
                let from = self
                    .users
                    .iter()
                    .position(|user| user.id == message.call.from);
                self.nonces[from.unwrap()] += 1;
            }
            externals.push(message);
        }
        let mut ctx = self.contexts[&chain].clone();
        ctx.gas_limit = plan.gas_limit;
        ctx.quota = plan.quota;
        ctx.rotation = named(plan.rotation);
        ctx.root_height = if plan.late { 100_000 } else { 10 };
        let imports = self.arriving(chain, plan.imports);
        let mut inputs = inputs(&externals, &imports);
        if plan.acks {
            inputs.acks = self.acks(chain);
        }
        self.apply(chain, &inputs, &ctx);
        self.resync(chain);
    }

    fn apply(&mut self, chain: ChainId, inputs: &Inputs<'_>, ctx: &Context) {
        let executed = block(&self.states[&chain], inputs, ctx);
        for letter in &executed.messages {
            assert!(self.produced.insert(letter.id()), "ids are unique");
        }
        let externals: BTreeSet<_> = inputs.externals.iter().map(|(id, _)| *id).collect();
        for receipt in &executed.receipts {
            let id = receipt.message;
            assert!(self.consumed.insert(id), "[G3] exactly once");
            assert!(externals.contains(&id) || self.produced.contains(&id));
            if matches!(receipt.status, Status::Failed(_)) && !externals.contains(&id) {
                let outputs = receipt.outputs.iter();
                let made =
                    |id: &MessageId| executed.messages.iter().find(|letter| letter.id() == *id);
                let bodies: Vec<_> = outputs
                    .map(|id| made(id).map(|letter| &letter.message().body))
                    .collect();
                let one_bounce = matches!(
                    bodies[..],
                    [Some(RelayBody::Bounce(_))]
                        | [Some(RelayBody::Bounce(_)), Some(RelayBody::Refund)]
                );
                assert!(one_bounce, "[G6] {bodies:?}");
            }
        }
        for (bundle, messages) in &executed.outbox {
            let lane = self.lanes.entry((chain, bundle.destination)).or_default();
            lane.push((chain, *bundle, messages.clone()));
        }
        self.states.insert(chain, executed.state);
        assert_eq!(self.total(), self.minted, "[G9] over all chains");
    }

    fn arriving(&mut self, chain: ChainId, count: usize) -> Vec<Sent> {
        let lanes = self.lanes.iter_mut().filter(|((_, to), _)| *to == chain);
        let arriving = lanes.flat_map(|(_, lane)| lane.drain(..count.min(lane.len())));
        arriving.collect()
    }

    fn acks(&self, chain: ChainId) -> Vec<Ack> {
        let peers = self.states.iter().filter(|(peer, _)| **peer != chain);
        let acks = peers.map(|(peer, state)| {
            let lane = state.lanes().lane(chain);
            Ack {
                peer: *peer,
                messages: lane.next_import,
                bytes: lane.bytes_in,
            }
        });
        acks.collect()
    }

    /// Users learn which of their messages were not included.
    fn resync(&mut self, chain: ChainId) {
        for (user, nonce) in self.users.iter().zip(&mut self.nonces) {
            if self.contexts[&chain].routing.home(&user.id) == chain {
                *nonce = self.states[&chain].nonce(&user.id);
            }
        }
    }

    fn total(&self) -> u128 {
        let ledgers = self.states.values().map(|state| state.lanes().ledger);
        let here: u128 = ledgers.map(|ledger| ledger.held.0 + ledger.burned.0).sum();
        let lanes = self.lanes.values().flatten();
        here + lanes.map(|(_, bundle, _)| bundle.value.0).sum::<u128>()
    }

    /// Blocks without new messages until nothing waits anywhere.
    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 200, "all trees of messages end");
            for chain in 1..=CHAINS {
                self.run(&Block {
                    chain,
                    acts: Vec::new(),
                    gas_limit: 1_000_000_000,
                    quota: 8,
                    rotation: 0,
                    imports: 100,
                    acks: true,
                    late: false,
                });
            }
            let waiting = self
                .states
                .values()
                .any(|state| !state.mailboxes().is_empty() || !state.outboxes().is_empty());
            if !waiting && self.lanes.values().all(Vec::is_empty) {
                break;
            }
        }
        assert!(
            self.produced.is_subset(&self.consumed),
            "every message has its receipt"
        );
    }
}

fn op() -> impl Strategy<Value = Op> {
    let to = || {
        prop_oneof![
            (0_usize..6).prop_map(script),
            Just(AccountId::system(ChainId(1), 3)),
            (0x11_u8..0xf0).prop_map(named),
        ]
    };
    let leaf = prop_oneof![
        4 => (to(), 0_u128..600_000).prop_map(|(to, value)| Op::Credit { to, value }),
        1 => (0_u8..4, 0_u16..40).prop_map(|(key, bytes)| Op::Put { key, bytes }),
        1 => (0_u64..40_000).prop_map(Op::Work),
        1 => Just(Op::Fail),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let ops = prop::collection::vec(inner, 0..4);
        (to(), 0_u128..300_000, 0_u64..150_000, ops).prop_map(|(to, value, gas, ops)| Op::Call {
            to,
            value,
            gas,
            ops,
        })
    })
}

fn act() -> impl Strategy<Value = Act> {
    let from = || 0..USERS;
    prop_oneof![
        6 => (from(), from(), 0_u128..1_500_000, 0_u64..3)
            .prop_map(|(from, to, value, price)| Act::Transfer { from, to, value, price }),
        1 => (from(), 0_u128..1_000).prop_map(|(from, value)| Act::Nowhere { from, value }),
        1 => from().prop_map(|from| Act::Rotate { from }),
        1 => from().prop_map(|from| Act::Stale { from }),
        6 => (from(), 0_usize..6, 0_u128..200_000, 0_u64..3, 0_u64..400_000,
              prop::collection::vec(op(), 0..5))
            .prop_map(|(from, to, value, price, limit, ops)| {
                Act::Call { from, to, value, price, limit, ops }
            }),
    ]
}

fn plan() -> impl Strategy<Value = Block> {
    (
        1..=CHAINS,
        prop::collection::vec(act(), 0..12),
        prop_oneof![Just(1_000_000_000_u64), 60_000_u64..400_000],
        1_u32..6,
        any::<u8>(),
        0_usize..4,
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(chain, acts, gas_limit, quota, rotation, imports, acks, late)| Block {
                chain,
                acts,
                gas_limit,
                quota,
                rotation,
                imports,
                acks,
                late,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Value is conserved, ids are consumed once, makers and checkers agree (with one thread and
    /// with many), and in the end every message has its receipt.
    #[test]
    fn any_workload_conserves_and_settles(plans in prop::collection::vec(plan(), 1..14)) {
        let mut world = World::new();
        for plan in &plans {
            world.run(plan);
        }
        world.settle();
    }
}
