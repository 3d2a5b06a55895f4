//! Random code on two chains: what must hold whatever it does. [G9] [G12] [G13]

use actors::contract::{SLOT_BYTES, deposit};
use actors::slots;
use proptest::prelude::*;
use types::{AccountId, Amount, ChainId, ExternalMessage, Gas, Input};

use crate::net::{FUNDS, Net};
use crate::puppet::{Act, Then, puppet, script};

/// One block: what users send, how much gas there is, whether time passes.
#[derive(Clone, Debug)]
struct Plan {
    sends: Vec<Sending>,
    chain: u32,
    gas_limit: u64,
    quota: u32,
    late: bool,
}

#[derive(Clone, Debug)]
struct Sending {
    what: What,
    value: u128,
    gas: Gas,
}

#[derive(Clone, Debug)]
enum What {
    Call { to: usize, acts: Vec<Act> },
    Deploy { n: u8, on: u32, acts: Vec<Act> },
    Upgrade { to: usize, version: u8, adopt: bool },
}

/// Accounts with code that there are from the start, two on each chain.
fn cast() -> Vec<AccountId> {
    let net = Net::new();
    let plans = [(0, 1), (0, 2), (1, 1), (1, 2)];
    let ids = plans.iter().enumerate();
    ids.map(|(n, (user, chain))| net.plan(*user, *chain, n as u8, &[]).1)
        .collect()
}

fn start() -> Net {
    let mut net = Net::new();
    for (n, (user, chain)) in [(0, 1), (0, 2), (1, 1), (1, 2)].into_iter().enumerate() {
        net.deploy(user, chain, n as u8, 30_000_000);
    }
    net
}

fn act() -> impl Strategy<Value = Act> {
    let mut ids = cast();
    ids.extend(Net::new().users.map(|user| user.id));
    ids.extend([1, 99].map(|chain| AccountId::system(ChainId(chain), 3)));
    let to = move || prop::sample::select(ids.clone());
    let key = || prop::collection::vec(0_u8..3, 0..3);
    let leaf = prop_oneof![
        3 => (to(), 0_u128..20_000_000).prop_map(|(to, value)| Act::Credit { to, value }),
        3 => (key(), 0_u16..3_000).prop_map(|(key, bytes)| Act::Store { key, bytes }),
        2 => key().prop_map(|key| Act::Delete { key }),
        1 => key().prop_map(|prefix| Act::Walk { prefix }),
        1 => (1_u8..4).prop_map(|version| Act::Become { version }),
        1 => (0_u16..100).prop_map(Act::Answer),
        1 => (0_u64..200_000).prop_map(Act::Work),
        1 => to().prop_map(|to| Act::Pong { to }),
        1 => Just(Act::Abort),
        1 => Just(Act::Trap),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let acts = || prop::collection::vec(inner.clone(), 0..3);
        let then = (0_u64..200_000, acts()).prop_map(|(gas, acts)| Then { gas, acts });
        let times = prop::option::weighted(0.2, 9_u64..30);
        let call = (
            to(),
            0_u128..5_000_000,
            0_u64..400_000,
            acts(),
            prop::option::weighted(0.7, then),
            times,
        );
        let spawn = (0_u8..3, 0_u128..1_000_000, 40_000_u64..300_000, acts());
        prop_oneof![
            4 => call.prop_map(|(to, value, gas, acts, then, deadline)| {
                Act::Call { to, value, gas, acts, then, deadline }
            }),
            1 => spawn.prop_map(|(salt, value, gas, acts)| Act::Spawn { salt, value, gas, acts }),
            1 => inner.clone().prop_map(|act| Act::Try(Box::new(act))),
        ]
    })
}

fn sending() -> impl Strategy<Value = Sending> {
    let acts = || prop::collection::vec(act(), 0..5);
    let what = prop_oneof![
        8 => (0_usize..4, acts()).prop_map(|(to, acts)| What::Call { to, acts }),
        2 => (0_u8..8, 1_u32..3, acts()).prop_map(|(n, on, acts)| What::Deploy { n, on, acts }),
        1 => (0_usize..4, 1_u8..4, any::<bool>())
            .prop_map(|(to, version, adopt)| What::Upgrade { to, version, adopt }),
    ];
    (what, 0_u128..10_000_000, 0_u64..3_000_000, 0_u64..3).prop_map(
        |(what, value, limit, price)| {
            let gas = Gas { limit, price };
            Sending { what, value, gas }
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::collection::vec(sending(), 0..6),
        1_u32..3,
        prop_oneof![Just(1_000_000_000_u64), 100_000_u64..2_000_000],
        1_u32..6,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(sends, chain, gas_limit, quota, late)| Plan {
            sends,
            chain,
            gas_limit,
            quota,
            late,
        })
}

fn message(net: &mut Net, user: usize, sending: Sending) -> ExternalMessage {
    let Sending { what, value, gas } = sending;
    let (to, input) = match what {
        What::Call { to, acts } => {
            let input = Input::Call {
                method: "run".into(),
                data: script(&acts),
            };
            (cast()[to], input)
        }
        What::Deploy { n, on, acts } => {
            let (plan, id) = net.plan(user, on, n, &acts);
            (id, Input::Deploy(Box::new(plan)))
        }
        What::Upgrade { to, version, adopt } => {
            let code = puppet(version);
            (cast()[to], Input::Upgrade { code, adopt })
        }
    };
    net.message(user, to, value, gas, input)
}

fn run(net: &mut Net, plan: Plan) {
    let chain = ChainId(plan.chain);
    let user = plan.chain as usize - 1;
    let sends = plan.sends.into_iter();
    let externals: Vec<_> = sends.map(|send| message(net, user, send)).collect();
    let ctx = net.contexts.get_mut(&chain).unwrap();
    (ctx.gas_limit, ctx.quota) = (plan.gas_limit, plan.quota);
    net.try_block(chain, &externals);
    if plan.late {
        net.pass_time(5_000);
    }
    for state in net.states.values() {
        accounts_keep_what_is_locked(state);
    }
}

/// What is locked is there, and is what the slots say.
fn accounts_keep_what_is_locked(state: &actors::State) {
    for (_, account) in state.accounts().iter() {
        let Some(contract) = &account.contract else {
            assert!(account.storage.is_empty());
            continue;
        };
        assert!(account.balance >= account.locked());
        let slots = account.storage.iter();
        let bytes: u64 = slots
            .map(|(_, slot)| SLOT_BYTES + slot.0.len() as u64)
            .sum();
        assert_eq!(contract.bytes, bytes);
        assert!(account.storage.contains(&slots::code_slot(&contract.code)));
        assert!(deposit(bytes) <= account.locked());
    }
}

/// Every handler was called or dismissed: nothing waits, nothing is set aside.
fn nothing_waits(state: &actors::State) {
    for (_, account) in state.accounts().iter() {
        let contract = account.contract.as_ref();
        let reserved = contract.map_or(Amount::ZERO, |contract| contract.reserved);
        assert_eq!(reserved, Amount::ZERO);
        let waiting = account
            .storage
            .iter()
            .filter(|(key, _)| slots::is_handler(key));
        assert_eq!(waiting.count(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Value is conserved, every message is consumed once, makers and checkers agree (with one
    /// thread and with many), deposits are right after every block, and no handler is forgotten.
    #[test]
    fn any_code_conserves_and_settles(plans in prop::collection::vec(plan(), 1..12)) {
        let mut net = start();
        for plan in plans {
            run(&mut net, plan);
        }
        for ctx in net.contexts.values_mut() {
            (ctx.gas_limit, ctx.quota) = (1_000_000_000, 16);
        }
        net.settle();
        for state in net.states.values() {
            nothing_waits(state);
        }
        prop_assert!(net.users.iter().all(|user| net.balance(&user.id) <= FUNDS * 2));
    }
}
