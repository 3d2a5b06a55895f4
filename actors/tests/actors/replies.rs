//! Answers to calls of accounts with code, and the handlers that wait for them. [G12]

use actors::contract::{SLOT_BYTES, deposit};
use actors::gas;
use types::{
    AccountId, Amount, Bounce, ChainId, FailureCode, Input, MessageId, RelayBody, Status, limits,
};

use crate::common::{block, incoming, inputs, network, relay};
use crate::net::{GAS, Net, Tree};
use crate::puppet::{Act, Then, script};

const FUND: u128 = 100_000_000;
const CODE: u64 = SLOT_BYTES + 2;

/// Two accounts with code on two chains, and a third party.
fn pair() -> (Net, AccountId, AccountId) {
    let mut net = Net::new();
    let a = net.deploy(0, 1, 0, FUND);
    let b = net.deploy(0, 2, 1, FUND);
    (net, a, b)
}

fn ask(to: AccountId, value: u128, acts: Vec<Act>, then: Vec<Act>) -> Act {
    Act::Call {
        to,
        value,
        gas: 200_000,
        acts,
        then: Some(Then {
            gas: 100_000,
            acts: then,
        }),
        deadline: None,
    }
}

/// Sends a call and runs only the blocks until the callee's chain is next.
fn start(net: &mut Net, to: AccountId, acts: &[Act]) -> MessageId {
    let input = Input::Call {
        method: "run".into(),
        data: script(acts),
    };
    let message = net.message(0, to, 0, GAS, input);
    net.block(ChainId(1), std::slice::from_ref(&message));
    message.id(network())
}

#[test]
fn a_reply_brings_the_answer_to_the_handler_with_its_context() {
    let (mut net, a, b) = pair();
    let pay = Act::Credit {
        to: net.users[1].id,
        value: 33,
    };
    let before = net.balance(&net.users[1].id);
    let tree = net.call(0, a, 0, &[ask(b, 10, vec![Act::Answer(7)], vec![pay])]);
    assert_eq!(tree.ran(), ["v1 call", "v1 call", "v1 reply 7"]);
    assert_eq!(tree.failures(), []);
    assert_eq!(net.balance(&b), FUND + 10);
    assert_eq!(net.balance(&net.users[1].id), before + 33);
    assert_at_rest(&net, a);
}

/// Nothing waits and nothing is set aside.
fn assert_at_rest(net: &Net, id: AccountId) {
    let contract = net.account(&id).contract.unwrap();
    assert_eq!((contract.bytes, contract.reserved), (CODE, Amount(0)));
}

#[test]
fn a_handler_that_waits_has_its_gas_and_deposit_locked() {
    let (mut net, a, b) = pair();
    start(&mut net, a, &[ask(b, 10, vec![], vec![])]);
    let account = net.account(&a);
    let contract = account.contract.clone().unwrap();
    let reserved = 100_000 * u128::from(GAS.price);
    assert_eq!(contract.reserved, Amount(reserved));
    assert!(contract.bytes > CODE + SLOT_BYTES);
    assert_eq!(account.balance.0, FUND - 10 + reserved);
    assert_eq!(
        account.locked(),
        Amount(deposit(contract.bytes).0 + reserved)
    );
    net.settle();
    assert_at_rest(&net, a);
}

#[test]
fn a_failure_brings_the_value_back_and_tells_the_handler_why() {
    let cases = [
        (vec![Act::Abort], FailureCode::Rejected),
        (vec![Act::Trap], FailureCode::Trap),
        // Whatever the callee burns, the handler has its own gas.
        (vec![Act::Work(u64::MAX)], FailureCode::OutOfGas),
    ];
    for (acts, code) in cases {
        let (mut net, a, b) = pair();
        let tree = net.call(0, a, 0, &[ask(b, 1_000, acts, vec![Act::Work(80_000)])]);
        let told = format!("v1 bounce {code:?}");
        assert_eq!(
            (tree.ran(), tree.failures()),
            (vec!["v1 call".into(), told], vec![code])
        );
        assert!(net.balance(&a) >= FUND, "the value is back");
        assert_eq!(net.balance(&b), FUND);
        assert_at_rest(&net, a);
    }
}

/// [G7] Who calls code chooses until when; what the code pays then arrives whenever it can.
#[test]
fn what_code_pays_does_not_inherit_a_deadline() {
    let (mut net, a, b) = pair();
    let mut users = net.users.iter().map(|user| user.id);
    let user = users.find(|id| net.home(id) == ChainId(1)).expect("one");
    let pays = Act::Credit { to: user, value: 7 };
    let calls = Act::Call {
        to: b,
        value: 0,
        gas: 100_000,
        acts: vec![pays],
        then: None,
        deadline: Some(12),
    };
    let id = start(&mut net, a, &[calls]);
    net.block(ChainId(2), &[]);
    let before = net.balance(&user);
    net.pass_time(3);
    net.settle();
    assert_eq!(net.tree(id).failures(), []);
    assert!(
        net.balance(&user) >= before + 7,
        "it arrived after the deadline"
    );
    assert_eq!(net.balance(&b), FUND - 7);
}

#[test]
fn a_call_past_its_deadline_reaches_its_handler_as_a_time_out() {
    for (deadline, heights) in [(None, limits::DEADLINE_HEIGHTS + 1), (Some(12), 3)] {
        let (mut net, a, b) = pair();
        let Act::Call {
            to,
            value,
            gas,
            acts,
            then,
            ..
        } = ask(b, 9, vec![], vec![])
        else {
            unreachable!()
        };
        let call = Act::Call {
            to,
            value,
            gas,
            acts,
            then,
            deadline,
        };
        let id = start(&mut net, a, &[call]);
        net.pass_time(heights);
        net.settle();
        assert_eq!(net.tree(id).ran(), ["v1 call", "v1 bounce Deadline"]);
        assert_eq!(net.balance(&b), FUND);
        assert_at_rest(&net, a);
    }
}

#[test]
fn an_answer_finds_its_handler_in_the_code_after_an_upgrade() {
    for (acts, told) in [
        (vec![], "v2 reply 0"),
        (vec![Act::Abort], "v2 bounce Rejected"),
    ] {
        let (mut net, a, b) = pair();
        let id = start(&mut net, a, &[ask(b, 1, acts, vec![])]);
        let code = crate::puppet::puppet(2);
        let input = Input::Upgrade { code, adopt: true };
        let upgrade = net.message(0, a, 0, GAS, input);
        net.block(ChainId(1), &[upgrade]);
        net.settle();
        assert_eq!(net.tree(id).ran().last().unwrap(), told);
    }
}

#[test]
fn a_handler_that_fails_keeps_what_came_back_and_is_gone() {
    let pay = |to| Act::Credit { to, value: 50 };
    for (then, code) in [
        (Act::Work(100_000), FailureCode::OutOfGas),
        (Act::Trap, FailureCode::Trap),
    ] {
        let (mut net, a, b) = pair();
        let stranger = net.users[1].id;
        let before = net.balance(&stranger);
        let tree = net.call(
            0,
            a,
            0,
            &[ask(b, 50, vec![Act::Abort], vec![pay(stranger), then])],
        );
        assert_eq!(tree.failures(), [FailureCode::Rejected, code]);
        assert_eq!(net.balance(&stranger), before, "what failed sends nothing");
        assert!(net.balance(&a) >= FUND);
        assert_at_rest(&net, a);
    }
}

/// [T3] Whoever could deliver an answer twice, or another one for the same call, is credited
/// and no more: the handler is gone before it runs.
#[test]
fn a_second_answer_runs_nothing() {
    let (mut net, a, b) = pair();
    let paid = net.deploy(0, 1, 2, FUND);
    let pay = Act::Credit {
        to: paid,
        value: 50,
    };
    let id = start(&mut net, a, &[ask(b, 50, vec![], vec![pay])]);
    let call = net.tree_here(id).0[1].outputs[0];
    let bounce = |number| types::RelayMessage {
        value: Amount(50),
        ..relay(
            b,
            a,
            number,
            RelayBody::Bounce(Bounce {
                of: call,
                code: FailureCode::Rejected,
                head: Vec::new(),
            }),
        )
    };
    let reply = relay(
        b,
        a,
        3,
        RelayBody::Reply {
            of: call,
            data: Vec::new(),
        },
    );
    let state = &net.states[&ChainId(1)];
    let cursor = state.lanes().lane(ChainId(2)).next_import;
    let twice = [incoming(2, cursor, 1, vec![bounce(1), bounce(2), reply])];
    let before = state.balance(&paid).0;
    let made = block(state, &inputs(&[], &twice), &net.contexts[&ChainId(1)]);
    assert_eq!(Tree(made.receipts).ran(), ["v1 bounce Rejected"]);
    assert_eq!(made.state.balance(&paid).0, before + 50, "paid once");
}

/// The committee of another chain may lie: a bounce brings back less than the call took along, or
/// more. The handler is told what came.
#[test]
fn a_forged_bounce_brings_what_it_carries_and_stops_nobody() {
    for value in [0, 49, 50, 5_000] {
        let (mut net, a, b) = pair();
        let id = start(&mut net, a, &[ask(b, 50, vec![], vec![])]);
        let call = net.tree_here(id).0[1].outputs[0];
        let body = RelayBody::Bounce(Bounce {
            of: call,
            code: FailureCode::Rejected,
            head: Vec::new(),
        });
        let forged = types::RelayMessage {
            value: Amount(value),
            ..relay(b, a, 1, body)
        };
        let state = &net.states[&ChainId(1)];
        let cursor = state.lanes().lane(ChainId(2)).next_import;
        let lie = [incoming(2, cursor, 1, vec![forged])];
        let made = block(state, &inputs(&[], &lie), &net.contexts[&ChainId(1)]);
        assert_eq!(Tree(made.receipts).ran(), ["v1 bounce Rejected"], "{value}");
        let kept = FUND - 50 + value.min(50);
        assert!(made.state.balance(&a).0 >= kept, "{value}");
    }
}

/// The user who paid for a tree of messages gets back what nobody used, through the accounts
/// that waited for one another.
#[test]
fn unused_gas_goes_back_to_whoever_paid_for_it() {
    for acts in [vec![], vec![Act::Abort]] {
        let (mut net, a, b) = pair();
        let user = net.users[0].id;
        let held = |net: &Net| net.balance(&a) + net.balance(&b);
        let before = (net.balance(&user), held(&net));
        // The handler asks again, on the gas that was set aside for it.
        let again = ask(b, 10, acts.clone(), vec![Act::Work(10)]);
        let first = Act::Call {
            to: b,
            value: 10,
            gas: 200_000,
            acts,
            then: Some(Then {
                gas: 500_000,
                acts: vec![again],
            }),
            deadline: None,
        };
        let tree = net.call(0, a, 0, &[first]);
        let handled = tree.ran().into_iter().filter(|ran| !ran.contains("call"));
        assert_eq!(handled.count(), 2);
        assert_eq!(held(&net), before.1, "code neither pays nor earns gas");
        let burned = before.0 - net.balance(&user);
        let work: u64 = tree.0.iter().map(|receipt| receipt.gas).sum();
        let price = u128::from(GAS.price);
        assert!(burned >= u128::from(work) * price);
        assert!(
            burned <= u128::from(work + 50_000) * price,
            "{burned} {work}"
        );
    }
}

/// Calls nested three deep, none of which waits for an answer: the user pays for the work alone,
/// and the code in between is as rich as before.
#[test]
fn unused_gas_of_plain_calls_goes_back_to_whoever_paid_for_it() {
    let plain = |to, value, gas, acts| Act::Call {
        to,
        value,
        gas,
        acts,
        then: None,
        deadline: None,
    };
    for (last, failures) in [
        (vec![], vec![]),
        (vec![Act::Abort], vec![FailureCode::Rejected]),
        // More gas than what is left is worth a message.
        (vec![Act::Work(u64::MAX)], vec![FailureCode::OutOfGas]),
    ] {
        let (mut net, a, b) = pair();
        let c = net.deploy(0, 1, 2, FUND);
        let user = net.users[0].id;
        let held = |net: &Net| [a, b, c].map(|id| net.balance(&id));
        let before = (net.balance(&user), held(&net));
        let inner = plain(c, 5, 100_000, last);
        let acts = [plain(b, 5, 400_000, vec![inner])];
        let tree = net.call(0, a, 0, &acts);
        assert_eq!(tree.failures(), failures);
        let arrived = if failures.is_empty() { 5 } else { 0 };
        let after = [FUND - 5, FUND + 5 - arrived, FUND + arrived];
        assert_eq!(held(&net), after, "code neither pays nor earns gas");
        let burned = before.0 - net.balance(&user);
        let work: u64 = tree.0.iter().map(|receipt| receipt.gas).sum();
        let price = u128::from(GAS.price);
        assert!(burned >= u128::from(work) * price);
        let most = u128::from(work + 20_000) * price;
        assert!(burned <= most, "{burned} for {work} gas");
    }
}

#[test]
fn a_failed_call_returns_value_to_its_sender_and_gas_to_the_payer() {
    let (mut net, a, b) = pair();
    let call = |gas, acts| Act::Call {
        to: b,
        value: 7,
        gas,
        acts,
        then: None,
        deadline: None,
    };
    // Enough for a message of its own; and gas that is not, which comes along with the bounce.
    for (gas, messages) in [(100_000, 2), (gas::CALL + 2_500, 1)] {
        let before = net.balance(&a);
        let tree = net.call(0, a, 0, &[call(gas, vec![Act::Trap])]);
        assert_eq!(tree.failures(), [FailureCode::Trap]);
        let mut receipts = tree.0.iter();
        let failed = receipts.find(|receipt| receipt.status != Status::Done);
        let outputs = failed.unwrap().outputs.iter();
        let outputs: Vec<_> = outputs.map(|id| &net.messages[id]).collect();
        let spare = outputs[0].value.0 - 7;
        assert_eq!((outputs.len(), outputs[0].to), (messages, a));
        assert_eq!(spare > 0, messages == 1);
        for refund in &outputs[1..] {
            assert_eq!(refund.body, RelayBody::Refund);
            assert_eq!(refund.to, net.users[0].id);
            assert!(refund.value.0 > 80_000 * u128::from(GAS.price));
        }
        assert_eq!(net.balance(&a), before + spare);
    }
}

#[test]
fn what_is_locked_for_a_handler_can_not_be_spent() {
    let (mut net, a, b) = pair();
    let reserved = 100_000 * u128::from(GAS.price);
    start(&mut net, a, &[ask(b, 0, vec![], vec![])]);
    let all = net.account(&a).balance.0;
    let to = net.users[0].id;
    let spend = |value| Act::Credit { to, value };
    let locked = net.account(&a).locked().0;
    for (value, fails) in [
        (all, true),
        (all - reserved, true),
        (all - locked + 1, true),
    ] {
        let id = start(&mut net, a, &[spend(value)]);
        assert_eq!(!net.tree_here(id).failures().is_empty(), fails);
    }
    let id = start(&mut net, a, &[spend(all - locked)]);
    assert_eq!(net.tree_here(id).failures(), []);
    net.settle();
    assert_at_rest(&net, a);
}

#[test]
fn a_wish_without_deposit_or_gas_is_refused_and_costs_nothing() {
    let mut net = Net::new();
    let a = net.deploy(0, 1, 0, deposit(CODE).0);
    let b = net.deploy(0, 1, 1, FUND);
    let wish = |gas| Act::Call {
        to: b,
        value: 0,
        gas: gas::CALL + 5_000,
        acts: vec![],
        then: Some(Then { gas, acts: vec![] }),
        deadline: None,
    };
    let cases = [
        (gas::HANDLER - 1, FailureCode::OutOfGas),
        (GAS.limit, FailureCode::OutOfGas),
        (gas::HANDLER, FailureCode::Deposit),
    ];
    for (gas, code) in cases {
        assert_eq!(net.call(0, a, 0, &[wish(gas)]).failures(), [code]);
        // Code that goes on regardless has lost and kept nothing.
        let tree = net.call(0, a, 0, &[Act::Try(Box::new(wish(gas)))]);
        assert_eq!((tree.failures(), tree.ran().len()), (vec![], 1));
        assert_at_rest(&net, a);
    }
}

#[test]
fn a_fan_out_of_64_is_answered_64_times() {
    let (mut net, a, b) = pair();
    let asks: Vec<_> = (0..64)
        .map(|number| ask(b, 1, vec![Act::Answer(number)], vec![]))
        .collect();
    let asks: Vec<_> = asks
        .into_iter()
        .map(|ask| match ask {
            Act::Call {
                to, value, acts, ..
            } => Act::Call {
                to,
                value,
                gas: 30_000,
                acts,
                then: Some(Then {
                    gas: 20_000,
                    acts: vec![],
                }),
                deadline: None,
            },
            other => other,
        })
        .collect();
    let tree = net.call(0, a, 0, &asks);
    assert_eq!(tree.failures(), []);
    let ran = tree.ran();
    let replies: Vec<_> = ran.iter().filter(|ran| ran.contains("reply")).collect();
    assert_eq!(replies.len(), 64);
    assert_eq!(net.balance(&b), FUND + 64);
    assert_at_rest(&net, a);
}

#[test]
fn ping_pong_with_handlers_on_both_sides_dies_at_its_budget() {
    let (mut net, a, b) = pair();
    let tree = net.call(0, a, 0, &[Act::Pong { to: b }]);
    assert!(tree.0.len() > 20, "it went back and forth");
    let depth = net.messages.values().map(|message| message.depth).max();
    assert!(depth.unwrap() <= limits::DEPTH);
    let spent: u64 = tree.0.iter().map(|receipt| receipt.gas).sum();
    assert!(spent <= GAS.limit, "{spent} gas for the whole tree");
    assert_at_rest(&net, a);
    assert_at_rest(&net, b);
}
