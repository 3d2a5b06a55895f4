//! The paper's payment: Alice 20, Bob 5, Charlie 10; m1 moves 10 from Alice to Bob, m3 moves 10
//! from Bob to Charlie. m2 and m4 are the credits that they send.

use actors::{Executed, Parallelism, State, check};
use types::{AccountOrder, Amount, ChainId, FailureCode, Order, Source, Status, Step};

use crate::common::{User, block, context, inputs, state, transfer, user};

fn people(chains: [u32; 3], of: u32) -> [User; 3] {
    let routing = context(1, of).routing;
    [0, 1, 2].map(|at| user(&routing, chains[at], at as u64))
}

fn balances(state: &State, people: &[User; 3]) -> [u128; 3] {
    people.map(|person| state.balance(&person.id).0)
}

/// An input, or the output of some step of an account.
type From<'a> = Result<u32, (&'a User, u32)>;

/// σ from (account, sources) in any order of accounts; outputs name (account, step of it).
fn order(mut accounts: Vec<(&User, Vec<From<'_>>)>) -> Order {
    accounts.sort_by_key(|(user, _)| user.id);
    let first = |of: &User| {
        let before = accounts.iter().take_while(|(user, _)| user.id != of.id);
        before.map(|(_, steps)| steps.len() as u32).sum::<u32>()
    };
    let source = |source: &From<'_>| match source {
        Ok(input) => Source::Input(*input),
        Err((of, step)) => Source::Output {
            step: first(of) + step,
            output: 0,
        },
    };
    let accounts = accounts.iter().map(|(user, sources)| AccountOrder {
        account: user.id,
        steps: sources
            .iter()
            .map(|s| Step {
                sources: vec![source(s)],
            })
            .collect(),
    });
    Order {
        accounts: accounts.collect(),
    }
}

#[test]
fn on_one_chain_both_orders_are_valid() {
    let people @ [alice, bob, charlie] = people([1, 1, 1], 1);
    let before = state(&[(alice.id, 20), (bob.id, 5), (charlie.id, 10)]);
    let externals = [
        transfer(&alice, 0, bob.id, 10),
        transfer(&bob, 0, charlie.id, 10),
    ];
    let run = |order: &Order| -> Executed {
        let inputs = inputs(&externals, &[]);
        check(&before, &inputs, order, &context(1, 1), Parallelism::One).unwrap()
    };
    // σ = (m1:m2), (m2 | m3:m4), (m4)
    let executed = run(&order(vec![
        (&alice, vec![Ok(0)]),
        (&bob, vec![Err((&alice, 0)), Ok(1)]),
        (&charlie, vec![Err((&bob, 1))]),
    ]));
    assert_eq!(balances(&executed.state, &people), [10, 5, 20]);
    // σ' = (m1:m2), (m3 | m2), ∅: when m3 runs, Bob has 5.
    let executed = run(&order(vec![
        (&alice, vec![Ok(0)]),
        (&bob, vec![Ok(1), Err((&alice, 0))]),
    ]));
    assert_eq!(balances(&executed.state, &people), [10, 15, 10]);
    let failed = executed
        .receipts
        .iter()
        .find(|receipt| receipt.status != Status::Done);
    let failed = failed.unwrap();
    assert_eq!(failed.message, externals[1].id(crate::common::network()));
    assert_eq!(failed.status, Status::Failed(FailureCode::Balance));
    assert!(failed.outputs.is_empty());
}

#[test]
fn the_proposer_lets_the_credit_come_first() {
    let people @ [alice, bob, charlie] = people([1, 1, 1], 1);
    let before = state(&[(alice.id, 20), (bob.id, 5), (charlie.id, 10)]);
    let externals = [
        transfer(&bob, 0, charlie.id, 10),
        transfer(&alice, 0, bob.id, 10),
    ];
    let executed = block(&before, &inputs(&externals, &[]), &context(1, 1));
    assert_eq!(balances(&executed.state, &people), [10, 5, 20]);
}

#[test]
fn on_three_chains_credits_travel_in_bundles() {
    let people @ [alice, bob, charlie] = people([1, 2, 3], 3);
    let m1 = [transfer(&alice, 0, bob.id, 10)];
    let m3 = [transfer(&bob, 0, charlie.id, 10)];
    let one = block(&state(&[(alice.id, 20)]), &inputs(&m1, &[]), &context(1, 3));
    let m2 = arrives(&one, 1, 2);
    assert_eq!(one.state.balance(&alice.id), Amount(10));
    assert_eq!(m2[0].2[0].value, Amount(10));

    let two = block(&state(&[(bob.id, 5)]), &inputs(&m3, &m2), &context(2, 3));
    let m4 = arrives(&two, 2, 3);
    let three = block(
        &state(&[(charlie.id, 10)]),
        &inputs(&[], &m4),
        &context(3, 3),
    );
    let [a, b, c] = [(&one, alice), (&two, bob), (&three, charlie)]
        .map(|(executed, person)| executed.state.balance(&person.id).0);
    assert_eq!([a, b, c], [10, 5, 20]);
    let lane = three.state.lanes().lane(ChainId(2));
    assert_eq!((lane.next_import, lane.value_in), (1, Amount(10)));
    assert_eq!(people.len(), 3);
}

#[test]
fn on_three_chains_a_transfer_before_the_credit_fails() {
    let [alice, bob, charlie] = people([1, 2, 3], 3);
    let m3 = [transfer(&bob, 0, charlie.id, 10)];
    let two = block(&state(&[(bob.id, 5)]), &inputs(&m3, &[]), &context(2, 3));
    assert_eq!(two.receipts[0].status, Status::Failed(FailureCode::Balance));
    let m1 = [transfer(&alice, 0, bob.id, 10)];
    let one = block(&state(&[(alice.id, 20)]), &inputs(&m1, &[]), &context(1, 3));
    let m2 = arrives(&one, 1, 2);
    let two = block(&two.state, &inputs(&[], &m2), &context(2, 3));
    assert_eq!(two.state.balance(&bob.id), Amount(15));
}

fn arrives(executed: &Executed, source: u32, destination: u32) -> Vec<crate::common::Sent> {
    let [(bundle, messages)] = &executed.outbox[..] else {
        panic!("one bundle expected, not {:?}", executed.outbox);
    };
    assert_eq!(bundle.destination, ChainId(destination));
    vec![(ChainId(source), *bundle, messages.clone())]
}
