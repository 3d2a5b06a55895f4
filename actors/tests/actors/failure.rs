//! [G6] What fails returns: codes, bounces, refunds, deadlines, claimable value.

use std::sync::Arc;

use actors::{Account, Executed, Registry, State, gas};
use types::{
    AccountId, Amount, Bounce, ChainId, FailureCode, Gas, RelayBody, RelayMessage, Status, limits,
};

use crate::common::{
    Op, Script, block, call, context, incoming, inputs, named, relay, state, transfer, user, with,
};

const HERE: u8 = 0x10;
const AWAY: u8 = 0xf0;

/// Runs one message from another chain to [`HERE`].
fn run(message: RelayMessage, before: &State) -> Executed {
    let registry = Registry::default().with(named(0x20), Arc::new(Script));
    let imports = [incoming(2, 0, 1, vec![message])];
    block(
        before,
        &inputs(&[], &imports),
        &with(&context(1, 2), registry),
    )
}

fn credit(value: u128) -> RelayMessage {
    RelayMessage {
        value: Amount(value),
        ..relay(named(AWAY), named(HERE), 0, RelayBody::Credit)
    }
}

fn script(ops: &[Op], gas: Gas) -> RelayMessage {
    let data = borsh::to_vec(ops).unwrap();
    let method = "run".to_owned();
    RelayMessage {
        gas,
        value: Amount(50),
        ..relay(
            named(AWAY),
            named(0x20),
            0,
            RelayBody::Call {
                method,
                data,
                reply: false,
            },
        )
    }
}

/// The one bounce that a failed message sends.
fn bounced(executed: &Executed) -> (FailureCode, Amount, &RelayMessage) {
    let [receipt] = &executed.receipts[..] else {
        panic!("one receipt");
    };
    let Status::Failed(code) = receipt.status else {
        panic!("failed");
    };
    let [(_, messages)] = &executed.outbox[..] else {
        panic!("one bundle");
    };
    let [back] = &messages[..] else {
        panic!("one bounce");
    };
    assert_eq!(receipt.outputs, [back.id()]);
    let RelayBody::Bounce(Bounce { of, code: told, .. }) = &back.body else {
        panic!("a bounce");
    };
    assert_eq!((*of, *told), (receipt.message, code));
    assert_eq!((back.to, back.gas.limit), (named(AWAY), 0));
    (code, back.value, back)
}

#[test]
fn a_first_credit_makes_the_account() {
    let executed = run(credit(7), &state(&[]));
    assert_eq!(executed.state.balance(&named(HERE)), Amount(7));
    assert!(executed.outbox.is_empty());
}

#[test]
fn a_credit_of_nothing_makes_no_account() {
    let executed = run(credit(0), &state(&[]));
    assert_eq!(executed.receipts[0].status, Status::Done);
    assert!(executed.state.accounts().is_empty());
}

#[test]
fn a_system_account_that_nobody_answers_for_refuses() {
    let nobody = AccountId::system(ChainId(1), 3);
    let executed = run(
        RelayMessage {
            to: nobody,
            ..credit(7)
        },
        &state(&[]),
    );
    let (code, value, _) = bounced(&executed);
    assert_eq!((code, value), (FailureCode::NoSuchAccount, Amount(7)));
}

#[test]
fn the_deadline_is_met_at_its_height_and_missed_one_later() {
    let met = run(
        RelayMessage {
            deadline: 10,
            ..credit(7)
        },
        &state(&[]),
    );
    assert_eq!(met.receipts[0].status, Status::Done);
    let missed = run(
        RelayMessage {
            deadline: 9,
            ..credit(7)
        },
        &state(&[]),
    );
    let (code, value, _) = bounced(&missed);
    assert_eq!((code, value), (FailureCode::Deadline, Amount(7)));
}

#[test]
fn bounces_and_refunds_have_no_deadline_and_do_not_bounce() {
    let nobody = AccountId::system(ChainId(1), 3);
    let bounce = RelayBody::Bounce(Bounce {
        of: credit(1).id(),
        code: FailureCode::NoCode,
        head: Vec::new(),
    });
    for body in [bounce, RelayBody::Refund] {
        for (to, claimable) in [(named(HERE), 0), (nobody, 7)] {
            let back = RelayMessage {
                body: body.clone(),
                deadline: 0,
                to,
                ..credit(7)
            };
            let executed = run(back, &state(&[]));
            assert_eq!(executed.receipts[0].status, Status::Done);
            assert!(executed.messages.is_empty());
            let account = executed.state.account(&to).unwrap();
            assert_eq!(account.claimable, Amount(claimable));
            assert_eq!(account.balance, Amount(7 - claimable));
        }
    }
}

#[test]
fn claimable_value_joins_with_the_next_external_message() {
    let ctx = context(1, 1);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let account = Account {
        claimable: Amount(5),
        ..Account::with_balance(Amount(1))
    };
    let before = State::genesis([(a.id, account)]).unwrap();
    let sent = [transfer(&a, 0, b.id, 6)];
    let executed = block(&before, &inputs(&sent, &[]), &ctx);
    assert_eq!(executed.state.balance(&b.id), Amount(6));
    assert_eq!(
        executed.state.account(&a.id).unwrap().claimable,
        Amount::ZERO
    );
}

#[test]
fn a_call_to_an_account_without_code_bounces() {
    let gas = Gas {
        limit: 50_000,
        price: 2,
    };
    let message = RelayMessage {
        to: named(HERE),
        ..script(&[], gas)
    };
    let executed = run(message, &state(&[(named(HERE), 1)]));
    let (code, value, _) = bounced(&executed);
    let unused = u128::from(gas.limit - gas::CALL) * 2;
    assert_eq!((code, value), (FailureCode::NoCode, Amount(50 + unused)));
    assert_eq!(executed.state.balance(&named(HERE)), Amount(1));
}

#[test]
fn a_refusing_handler_changes_nothing() {
    let ops = [
        Op::Credit {
            to: named(0x30),
            value: 60,
        },
        Op::Put { key: 1, bytes: 3 },
        Op::Fail,
    ];
    let before = state(&[(named(0x20), 100)]);
    let executed = run(
        script(
            &ops,
            Gas {
                limit: 100_000,
                price: 1,
            },
        ),
        &before,
    );
    let (code, value, back) = bounced(&executed);
    assert_eq!(code, FailureCode::Rejected);
    let work = gas::CALL + gas::OUTPUT + gas::STORE + gas::bytes(3);
    assert_eq!(value, Amount(50 + u128::from(100_000 - work)));
    assert_eq!(executed.state.balance(&named(0x20)), Amount(100));
    assert_eq!(executed.state.slot(&named(0x20), &[1; 32]), None);
    let RelayBody::Bounce(bounce) = &back.body else {
        panic!()
    };
    assert!(!bounce.head.is_empty() && bounce.head.len() <= limits::BOUNCE_HEAD);
}

#[test]
fn running_out_of_gas_returns_the_value_and_burns_the_gas() {
    let executed = run(
        script(
            &[Op::Work(90_001)],
            Gas {
                limit: 100_000,
                price: 1,
            },
        ),
        &state(&[]),
    );
    let (code, value, _) = bounced(&executed);
    assert_eq!((code, value), (FailureCode::OutOfGas, Amount(50)));
    assert_eq!(executed.state.lanes().ledger.burned, Amount(100_000));
}

#[test]
fn code_cant_send_what_it_does_not_have() {
    let ops = [Op::Credit {
        to: named(0x30),
        value: 151,
    }];
    let executed = run(
        script(
            &ops,
            Gas {
                limit: 100_000,
                price: 1,
            },
        ),
        &state(&[(named(0x20), 100)]),
    );
    assert_eq!(bounced(&executed).0, FailureCode::Balance);
}

#[test]
fn a_call_writes_sends_and_refunds() {
    let ops = [
        Op::Put { key: 1, bytes: 3 },
        Op::Credit {
            to: named(0x30),
            value: 120,
        },
    ];
    let executed = run(
        script(
            &ops,
            Gas {
                limit: 100_000,
                price: 1,
            },
        ),
        &state(&[(named(0x20), 100)]),
    );
    assert_eq!(executed.receipts[0].status, Status::Done);
    assert_eq!(
        executed.state.slot(&named(0x20), &[1; 32]),
        Some(&[1, 1, 1][..])
    );
    assert_eq!(executed.state.balance(&named(0x20)), Amount(30));
    assert_eq!(executed.state.balance(&named(0x30)), Amount(120));
    let used = gas::CALL + gas::OUTPUT + gas::STORE + gas::bytes(3) + gas::CREDIT + gas::RETURN;
    let [(_, back)] = &executed.outbox[..] else {
        panic!()
    };
    assert_eq!(back[0].body, RelayBody::Refund);
    assert_eq!(back[0].value, Amount(u128::from(100_000 - used)));
}

#[test]
fn nothing_is_sent_below_the_greatest_depth() {
    let ops = [Op::Credit {
        to: named(0x30),
        value: 1,
    }];
    let gas = Gas {
        limit: 100_000,
        price: 1,
    };
    let deep = |depth| RelayMessage {
        depth,
        ..script(&ops, gas)
    };
    let last = run(deep(limits::DEPTH - 1), &state(&[]));
    assert_eq!(last.receipts[0].status, Status::Done);
    let executed = run(deep(limits::DEPTH), &state(&[]));
    let (code, _, back) = bounced(&executed);
    assert_eq!(code, FailureCode::Depth);
    assert!(borsh::from_slice::<RelayMessage>(&borsh::to_vec(back).unwrap()).is_ok());
}

#[test]
fn a_rotated_key_controls_from_the_next_message_on() {
    let ctx = context(1, 1);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let rotate = types::Input::RotateKey { key: b.key };
    let mut second = transfer(&a, 1, b.id, 1);
    let first = crate::common::external(&a, 0, a.id, 0, rotate);
    let before = state(&[(a.id, 1)]);
    let old = block(
        &before,
        &inputs(&[first.clone(), second.clone()], &[]),
        &ctx,
    );
    assert_eq!(old.refused, [(1, actors::Refusal::Key)]);
    second.key = b.key;
    let new = block(&before, &inputs(&[first, second], &[]), &ctx);
    assert_eq!(new.state.balance(&b.id), Amount(1));
}

#[test]
fn a_failed_call_across_one_chain_comes_back_to_the_user() {
    let ctx = context(1, 1);
    let a = user(&ctx.routing, 1, 0);
    let gas = Gas {
        limit: 200_000,
        price: 1,
    };
    let sent = [call(&a, 0, named(0x20), 7, gas, &[])];
    let executed = block(&state(&[(a.id, 1_000_000)]), &inputs(&sent, &[]), &ctx);
    let burned = executed.state.lanes().ledger.burned;
    let bytes = gas::bytes("run".len() + 4);
    let paid = gas::EXTERNAL + bytes + gas::RETURN + gas::CALL;
    assert_eq!(burned, Amount(paid.into()));
    assert_eq!(
        executed.state.balance(&a.id),
        Amount(1_000_000 - u128::from(paid))
    );
    let codes: Vec<_> = executed
        .receipts
        .iter()
        .map(|receipt| receipt.status)
        .collect();
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == Status::Failed(FailureCode::NoCode))
            .count(),
        1
    );
}
