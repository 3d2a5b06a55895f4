//! The paper's figures 8 and 9: three accounts, eleven messages, and the order graph.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{
    Behaviour, CheckError, Context, Executed, Inputs, Own, Parallelism, Registry, Send, State,
    check,
};
use types::{
    AccountId, AccountOrder, Amount, ChainId, FailureCode, Gas, Order, RelayBody, RelayMessage,
    Source, Step,
};

use crate::common::{context, incoming, named, relay, state, with};

const GAS: u64 = 1_000_000;

/// Answers each message by name with what the figure says.
struct Figure;

impl Behaviour for Figure {
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        _: &Context,
    ) -> Result<(), FailureCode> {
        let RelayBody::Call { method, .. } = &message.body else {
            return Err(FailureCode::Rejected);
        };
        let sends: BTreeMap<&str, &[(&str, u8)]> = BTreeMap::from([
            ("m1", &[("m4", 2)][..]),
            ("m2", &[("m5", 3), ("m6", 1)]),
            ("m3", &[("m8", 1)]),
            ("m4", &[("m7", 3), ("m10", 5)]),
            ("m5", &[("m11", 6)]),
            ("m6", &[("m9", 4)]),
        ]);
        for (name, to) in *sends.get(method.as_str()).unwrap_or(&&[][..]) {
            own.send(Send::Call {
                to: account(*to),
                value: Amount::ZERO,
                gas: own.gas_left() / 4,
                method: (*name).into(),
                data: Vec::new(),
            })?;
        }
        Ok(())
    }
}

/// Accounts 1, 2, 3 live on chain 1; 4, 5, 6 on chain 2.
fn account(number: u8) -> AccountId {
    named(if number <= 3 {
        0x10 + number
    } else {
        0x90 + number
    })
}

fn figure() -> (State, Context, Vec<crate::common::Sent>) {
    let registry = (1..=6).fold(Registry::default(), |registry, number| {
        registry.with(account(number), Arc::new(Figure))
    });
    let inputs = (1_u8..=3).map(|number| RelayMessage {
        gas: Gas {
            limit: GAS,
            price: 0,
        },
        ..relay(
            account(4),
            account(number),
            number.into(),
            RelayBody::Call {
                method: format!("m{number}"),
                data: Vec::new(),
                reply: false,
            },
        )
    });
    let imports = vec![incoming(2, 0, 1, inputs.collect())];
    (state(&[]), with(&context(1, 2), registry), imports)
}

fn order(accounts: &[(u8, &[Source])]) -> Order {
    let accounts = accounts.iter().map(|(number, sources)| AccountOrder {
        account: account(*number),
        steps: sources
            .iter()
            .map(|source| Step {
                sources: vec![*source],
            })
            .collect(),
    });
    Order {
        accounts: accounts.collect(),
    }
}

fn output(step: u32, output: u32) -> Source {
    Source::Output { step, output }
}

/// Steps: 0 1 2 of account 1, 3 4 of account 2, 5 6 7 of account 3.
/// σ1 = (m1:m4 | m8 | m6:m9), σ2 = (m2:m5,m6 | m4:m7,m10), σ3 = (m5:m11 | m3:m8 | m7)
fn as_printed() -> Order {
    order(&[
        (1, &[Source::Input(0), output(6, 0), output(3, 1)]),
        (2, &[Source::Input(1), output(0, 0)]),
        (3, &[output(3, 0), Source::Input(2), output(4, 0)]),
    ])
}

fn replay(order: &Order) -> Result<Executed, CheckError> {
    let (state, ctx, imports) = figure();
    let inputs: Inputs<'_> = crate::common::inputs(&[], &imports);
    check(&state, &inputs, order, &ctx, Parallelism::Pool)
}

fn names<'a>(messages: impl IntoIterator<Item = &'a RelayMessage>) -> Vec<String> {
    let name = |message: &RelayMessage| match &message.body {
        RelayBody::Call { method, .. } => method.clone(),
        other => format!("{other:?}"),
    };
    messages.into_iter().map(name).collect()
}

#[test]
fn the_printed_order_is_accepted() {
    let executed = replay(&as_printed()).unwrap();
    assert_eq!(executed.receipts.len(), 8);
    assert!(
        executed
            .receipts
            .iter()
            .all(|receipt| receipt.status == types::Status::Done)
    );
    let produced = names(executed.messages.iter().map(|letter| letter.message()));
    assert_eq!(produced, ["m4", "m9", "m5", "m6", "m7", "m10", "m11", "m8"]);
    let [(bundle, outer)] = &executed.outbox[..] else {
        panic!("one bundle, to chain 2");
    };
    assert_eq!(bundle.destination, ChainId(2));
    assert_eq!(names(outer), ["m9", "m10", "m11"]);
}

#[test]
fn other_topological_orders_are_accepted() {
    // m6 before m8 at account 1, m3 first at account 3.
    let other = order(&[
        (1, &[Source::Input(0), output(3, 1), output(5, 0)]),
        (2, &[Source::Input(1), output(0, 0)]),
        (3, &[Source::Input(2), output(3, 0), output(4, 0)]),
    ]);
    let (a, b) = (replay(&as_printed()).unwrap(), replay(&other).unwrap());
    assert_eq!(a.state.root(), b.state.root());
}

#[test]
fn reversed_edges_make_cycles() {
    // Account 1 takes m8 before m1, account 3 takes m7 before m3:
    // m8 waits for m3, m3 for m7, m7 for m4, m4 for m1, m1 for m8.
    let cyclic = order(&[
        (1, &[output(7, 0), Source::Input(0), output(3, 1)]),
        (2, &[Source::Input(1), output(1, 0)]),
        (3, &[output(3, 0), output(4, 0), Source::Input(2)]),
    ]);
    assert!(matches!(replay(&cyclic), Err(CheckError::Cycle { .. })));
}

#[test]
fn a_message_that_creates_itself_is_refused() {
    let own = order(&[
        (1, &[Source::Input(0), output(2, 0), output(3, 1)]),
        (2, &[Source::Input(1), output(0, 0)]),
        (3, &[output(3, 0), Source::Input(2), output(7, 0)]),
    ]);
    assert!(matches!(replay(&own), Err(CheckError::Cycle { .. })));
}

#[test]
fn the_proposer_finds_an_order_of_its_own() {
    let (state, ctx, imports) = figure();
    let executed = crate::common::block(&state, &crate::common::inputs(&[], &imports), &ctx);
    assert_eq!(executed.receipts.len(), 8);
    let outer = executed.outbox.iter().flat_map(|(_, messages)| messages);
    assert_eq!(outer.count(), 3);
}
