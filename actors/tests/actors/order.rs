//! What a lying proposer may try with σ. [G2] [G3] [G4] [G10]

use actors::{CheckError, Context, Executed, Parallelism, State, check, gas};
use types::{
    AccountId, AccountOrder, Amount, ExternalMessage, Order, RelayBody, RelayMessage, Source, Step,
};

use crate::common::{User, block, context, incoming, inputs, named, relay, state, transfer, user};

/// A block of an honest proposer, and what is needed to lie about it.
struct Case {
    before: State,
    ctx: Context,
    externals: Vec<ExternalMessage>,
    imports: Vec<crate::common::Sent>,
}

impl Case {
    fn check(&self, order: &Order) -> Result<Executed, CheckError> {
        let inputs = inputs(&self.externals, &self.imports);
        check(&self.before, &inputs, order, &self.ctx, Parallelism::One)
    }

    fn honest(&self) -> Order {
        block(
            &self.before,
            &inputs(&self.externals, &self.imports),
            &self.ctx,
        )
        .order
    }

    fn refusal(&self, order: &Order) -> CheckError {
        self.check(order).map(|_| ()).unwrap_err()
    }
}

fn users<const N: usize>() -> [User; N] {
    let routing = context(1, 2).routing;
    let mut users: Vec<_> = (0..N as u64).map(|n| user(&routing, 1, n)).collect();
    users.sort_by_key(|user| user.id);
    users.try_into().unwrap()
}

/// a sends three times to b; two imports go to b.
fn case() -> (Case, [User; 2]) {
    let users @ [a, b] = users();
    let import = |number| RelayMessage {
        value: Amount(100),
        ..relay(named(0xf0), b.id, number, RelayBody::Credit)
    };
    let case = Case {
        before: state(&[(a.id, 10), (b.id, 10)]),
        ctx: context(1, 2),
        externals: (0..3).map(|nonce| transfer(&a, nonce, b.id, 1)).collect(),
        imports: vec![incoming(2, 0, 1, vec![import(0), import(1)])],
    };
    (case, users)
}

fn steps(account: AccountId, sources: &[&[Source]]) -> AccountOrder {
    let steps = sources.iter().map(|sources| Step {
        sources: sources.to_vec(),
    });
    AccountOrder {
        account,
        steps: steps.collect(),
    }
}

const fn input(number: u32) -> Source {
    Source::Input(number)
}

const fn output(step: u32) -> Source {
    Source::Output { step, output: 0 }
}

/// σ with the given steps of b.
fn order([a, b]: &[User; 2], of_b: &[&[Source]]) -> Order {
    let of_a = steps(a.id, &[&[input(0)], &[input(1)], &[input(2)]]);
    let accounts = vec![of_a, steps(b.id, of_b)];
    Order { accounts }
}

#[test]
fn credits_to_one_account_merge_into_one_step_with_a_receipt_each() {
    let (case, [_, b]) = case();
    let order = case.honest();
    let of_b = order
        .accounts
        .iter()
        .find(|order| order.account == b.id)
        .unwrap();
    assert!(of_b.steps.len() <= 2, "imports, then credits from a");
    let executed = case.check(&order).unwrap();
    assert_eq!(executed.receipts.len(), 8);
    assert_eq!(executed.state.balance(&b.id), Amount(10 + 3 + 200));
    assert_eq!(executed.gas, 3 * gas::EXTERNAL + 5 * gas::CREDIT);
}

#[test]
fn merged_or_not_the_state_is_the_same() {
    let (case, users) = case();
    let merged = order(
        &users,
        &[&[input(3), output(0), output(1), input(4), output(2)]],
    );
    let single = order(
        &users,
        &[
            &[output(0)],
            &[input(3)],
            &[output(1)],
            &[output(2)],
            &[input(4)],
        ],
    );
    let (merged, single) = (case.check(&merged).unwrap(), case.check(&single).unwrap());
    assert_eq!(merged.state.root(), single.state.root());
}

#[test]
fn a_tail_may_be_left_over() {
    let (case, users @ [_, b]) = case();
    let executed = case
        .check(&order(&users, &[&[output(0), input(3)]]))
        .unwrap();
    let mailbox = &executed.state.account(&b.id).unwrap().mailbox;
    let left: Vec<_> = mailbox
        .iter()
        .map(|letter| letter.message().value.0)
        .collect();
    assert_eq!(left, [100, 1, 1], "imports, then inter messages by step");
}

#[test]
fn overtaking_is_refused() {
    let (case, users) = case();
    let overtaken: [&[&[Source]]; 5] = [
        &[&[output(1), output(0), output(2)]],
        &[&[output(1)], &[output(0)]],
        &[&[output(0), output(2)]],
        &[&[input(4)], &[input(3)]],
        &[&[input(4), output(0)]],
    ];
    for sources in overtaken {
        let refusal = case.refusal(&order(&users, sources));
        assert!(
            matches!(refusal, CheckError::Fifo { .. }),
            "{sources:?}: {refusal}"
        );
    }
}

#[test]
fn what_the_block_brings_does_not_overtake_the_mailbox() {
    let (case, users @ [_, b]) = case();
    let left = case.check(&order(&users, &[&[input(3)]])).unwrap().state;
    assert_eq!(left.account(&b.id).unwrap().mailbox.len(), 4);
    let a = users[0];
    let next = Case {
        before: left,
        ctx: context(1, 2),
        externals: vec![transfer(&a, 3, b.id, 1), transfer(&b, 0, a.id, 1)],
        imports: Vec::new(),
    };
    let sigma = |of_b: &[&[Source]]| Order {
        accounts: vec![steps(a.id, &[&[input(0)]]), steps(b.id, of_b)],
    };
    let mailbox = Source::Mailbox;
    let refusal = next.refusal(&sigma(&[&[mailbox], &[input(1)], &[output(0)]]));
    assert!(matches!(refusal, CheckError::Fifo { .. }));
    next.check(&sigma(&[&[mailbox], &[input(1)], &[mailbox]]))
        .unwrap();
    let all = [mailbox, mailbox, mailbox, mailbox, output(0)];
    let executed = next.check(&sigma(&[&all, &[input(1)]])).unwrap();
    assert!(executed.state.account(&b.id).unwrap().mailbox.is_empty());
    let five = [mailbox; 5];
    let refusal = next.refusal(&sigma(&[&five, &[input(1)]]));
    assert!(matches!(
        refusal,
        CheckError::Missing {
            of: Source::Mailbox
        }
    ));
}

#[test]
fn nothing_is_consumed_twice() {
    let (case, users @ [a, b]) = case();
    let twice: [&[&[Source]]; 3] = [
        &[&[output(0), output(0)]],
        &[&[input(3)], &[input(3)]],
        &[&[output(0)], &[output(1)], &[output(0)]],
    ];
    for sources in twice {
        let refusal = case.refusal(&order(&users, sources));
        assert!(
            matches!(refusal, CheckError::Twice { .. }),
            "{sources:?}: {refusal}"
        );
    }
    let external = Order {
        accounts: vec![
            steps(a.id, &[&[input(0)], &[input(1)], &[input(2)], &[input(2)]]),
            steps(b.id, &[&[input(3)]]),
        ],
    };
    assert!(matches!(case.refusal(&external), CheckError::Twice { .. }));
}

#[test]
fn nothing_is_consumed_that_nobody_sent() {
    let (case, users) = case();
    let invented: [&[&[Source]]; 4] = [
        &[&[Source::Output { step: 0, output: 1 }]],
        &[&[output(9)]],
        &[&[input(5)]],
        &[&[Source::Mailbox]],
    ];
    for sources in invented {
        let refusal = case.refusal(&order(&users, sources));
        assert!(
            matches!(refusal, CheckError::Missing { .. }),
            "{sources:?}: {refusal}"
        );
    }
}

#[test]
fn a_message_is_consumed_by_its_recipient_only() {
    let (case, [a, b]) = case();
    let of_a = |more: Source| steps(a.id, &[&[input(0)], &[input(1)], &[input(2)], &[more]]);
    for stolen in [output(0), input(3)] {
        let sigma = Order {
            accounts: vec![of_a(stolen)],
        };
        assert!(matches!(case.refusal(&sigma), CheckError::Recipient { .. }));
    }
    let sigma = Order {
        accounts: vec![
            steps(a.id, &[&[input(0)], &[input(1)]]),
            steps(b.id, &[&[input(2)]]),
        ],
    };
    assert!(matches!(case.refusal(&sigma), CheckError::Recipient { .. }));
}

#[test]
fn outer_messages_are_not_consumed_here() {
    let [a, b] = users();
    let away = user(&context(1, 2).routing, 2, 9);
    let case = Case {
        before: state(&[(a.id, 10)]),
        ctx: context(1, 2),
        externals: vec![transfer(&a, 0, away.id, 1)],
        imports: Vec::new(),
    };
    let sigma = Order {
        accounts: vec![steps(a.id, &[&[input(0)]]), steps(b.id, &[&[output(0)]])],
    };
    assert!(matches!(case.refusal(&sigma), CheckError::Missing { .. }));
}

#[test]
fn all_externals_are_consumed_in_nonce_order_each_alone() {
    let (case, [a, _]) = case();
    let sigma = |sources: &[&[Source]]| Order {
        accounts: vec![steps(a.id, sources)],
    };
    let missing = case.refusal(&sigma(&[&[input(0)], &[input(1)]]));
    assert!(matches!(missing, CheckError::ExternalLeft { input: 2 }));
    let swapped = case.refusal(&sigma(&[&[input(1)], &[input(0)], &[input(2)]]));
    assert!(matches!(swapped, CheckError::External { input: 1, .. }));
    let merged = case.refusal(&sigma(&[&[input(0), input(1)], &[input(2)]]));
    assert!(matches!(merged, CheckError::Merge { .. }));
}

#[test]
fn only_credits_merge() {
    let (mut case, users) = case();
    let refund = |number| RelayMessage {
        ..relay(named(0xf0), users[1].id, number, RelayBody::Refund)
    };
    case.imports = vec![incoming(2, 0, 1, vec![refund(0), refund(1)])];
    case.check(&order(&users, &[&[input(3)], &[input(4)]]))
        .unwrap();
    let refusal = case.refusal(&order(&users, &[&[input(3), input(4)]]));
    assert!(matches!(refusal, CheckError::Merge { .. }));
}

#[test]
fn malformed_orders_are_refused() {
    let (case, [a, b]) = case();
    let of_a = steps(a.id, &[&[input(0)], &[input(1)], &[input(2)]]);
    let of_b = steps(b.id, &[&[input(3)]]);
    let malformed = [
        vec![of_b.clone(), of_a.clone()],
        vec![of_a.clone(), of_b.clone(), of_b],
        vec![of_a.clone(), steps(b.id, &[])],
        vec![of_a, steps(b.id, &[&[]])],
    ];
    for accounts in malformed {
        let refusal = case.refusal(&Order { accounts });
        assert!(matches!(refusal, CheckError::Order { .. }));
    }
}

#[test]
fn more_gas_than_the_limit_is_refused() {
    let (mut case, users) = case();
    let sigma = order(&users, &[&[input(3)]]);
    case.ctx.gas_limit = 3 * gas::EXTERNAL + gas::CREDIT;
    case.check(&sigma).unwrap();
    case.ctx.gas_limit -= 1;
    assert!(matches!(case.refusal(&sigma), CheckError::Gas { .. }));
}

/// a and b each have nothing, and each would fund the other.
#[test]
fn value_is_not_minted_by_a_cycle() {
    let [a, b] = users();
    let case = Case {
        before: state(&[]),
        ctx: context(1, 2),
        externals: vec![transfer(&a, 0, b.id, 5), transfer(&b, 0, a.id, 5)],
        imports: Vec::new(),
    };
    // Steps: 0 credit to a, 1 external of a, 2 credit to b, 3 external of b.
    let sigma = Order {
        accounts: vec![
            steps(a.id, &[&[output(3)], &[input(0)]]),
            steps(b.id, &[&[output(1)], &[input(1)]]),
        ],
    };
    assert!(matches!(case.refusal(&sigma), CheckError::Cycle { .. }));
    // Run for real, both fail and nothing comes into being.
    let honest = case.check(&case.honest()).unwrap();
    assert_eq!(honest.state.lanes().ledger.held, Amount::ZERO);
    assert!(
        honest
            .receipts
            .iter()
            .all(|receipt| receipt.outputs.is_empty())
    );
}
