//! Amounts, prices, nonces and gas at the ends of their ranges.

use actors::{Account, InputError, Parallelism, Refusal, State, admit, execute, gas};
use proptest::prelude::*;
use types::{Amount, ChainId, FailureCode, Gas, Input, RelayBody, RelayMessage, Status};

use crate::common::{
    block, context, external, incoming, inputs, named, priced, relay, state, transfer, user,
};

#[test]
fn all_the_value_there_can_be_moves() {
    let ctx = context(1, 1);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let before = state(&[(a.id, u128::MAX)]);
    let sent = [transfer(&a, 0, b.id, u128::MAX)];
    let after = block(&before, &inputs(&sent, &[]), &ctx).state;
    assert_eq!(after.balance(&b.id), Amount(u128::MAX));
    assert!(
        State::genesis([
            (a.id, Account::with_balance(Amount(u128::MAX))),
            (b.id, Account::with_balance(Amount(1))),
        ])
        .is_none()
    );
}

#[test]
fn value_plus_gas_beyond_u128_is_lack_of_balance() {
    let ctx = context(1, 1);
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let gas = Gas {
        limit: gas::TRANSFER,
        price: 1,
    };
    let sent = [priced(&a, 0, b.id, u128::MAX, Input::Transfer, gas)];
    let executed = block(&state(&[(a.id, u128::MAX)]), &inputs(&sent, &[]), &ctx);
    assert_eq!(
        executed.receipts[0].status,
        Status::Failed(FailureCode::Balance)
    );
    let left = Amount(u128::MAX - u128::from(gas::EXTERNAL));
    assert_eq!(executed.state.balance(&a.id), left);
    assert_eq!(
        executed.state.lanes().ledger.burned,
        Amount(gas::EXTERNAL.into())
    );
}

#[test]
fn the_dearest_gas_is_not_affordable_and_does_not_wrap() {
    let ctx = context(1, 1);
    let a = user(&ctx.routing, 1, 0);
    let gas = Gas {
        limit: u64::MAX,
        price: u64::MAX,
    };
    let message = priced(&a, 0, a.id, 0, Input::Transfer, gas);
    let rich = Account::with_balance(gas.cost());
    assert_eq!(admit(&rich, &message, &ctx), Ok(()));
    let poor = Account::with_balance(Amount(gas.cost().0 - 1));
    assert_eq!(admit(&poor, &message, &ctx), Err(Refusal::Funds));
}

#[test]
fn the_last_nonce_is_never_used() {
    let ctx = context(1, 1);
    let a = user(&ctx.routing, 1, 0);
    let account = Account {
        nonce: u64::MAX,
        ..Account::with_balance(Amount(1))
    };
    let last = transfer(&a, u64::MAX, a.id, 0);
    assert_eq!(
        admit(&account, &last, &ctx),
        Err(Refusal::NonceAhead { expected: u64::MAX })
    );
}

fn worth(value: u128, number: u32) -> RelayMessage {
    RelayMessage {
        value: Amount(value),
        ..relay(named(0xf0), named(0x10), number, RelayBody::Credit)
    }
}

#[test]
fn imports_that_the_ledger_cant_hold_are_no_inputs() {
    let ctx = context(1, 2);
    let before = state(&[(named(0x10), 5)]);
    let most = [incoming(2, 0, 1, vec![worth(u128::MAX - 5, 0)])];
    let after = block(&before, &inputs(&[], &most), &ctx);
    assert_eq!(after.state.balance(&named(0x10)), Amount(u128::MAX));
    let more = [incoming(2, 0, 1, vec![worth(u128::MAX - 4, 0)])];
    let refused = execute(&before, &inputs(&[], &more), &ctx, Parallelism::One);
    assert!(matches!(refused, Err(InputError::Sums { at: 0 })));
}

#[test]
fn a_call_with_more_gas_than_a_block_has_still_runs() {
    let ctx = context(1, 2);
    let huge = RelayMessage {
        gas: Gas {
            limit: u64::MAX,
            price: 3,
        },
        ..relay(
            named(0xf0),
            named(0x10),
            0,
            RelayBody::Call {
                method: "none".into(),
                data: Vec::new(),
                reply: false,
            },
        )
    };
    let imports = [incoming(2, 0, 1, vec![huge])];
    let executed = block(&state(&[]), &inputs(&[], &imports), &ctx);
    assert_eq!(
        executed.receipts[0].status,
        Status::Failed(FailureCode::NoCode)
    );
    let (bundle, back) = &executed.outbox[0];
    let used = u128::from(gas::CALL) * 3;
    assert_eq!(back[0].value, Amount(u128::from(u64::MAX) * 3 - used));
    assert_eq!(bundle.destination, ChainId(2));
}

proptest! {
    /// Around every boundary of balance, value and fee: conserved, and exactly as arithmetic in
    /// 256 bits would have it.
    #[test]
    fn transfers_at_the_edge(
        spare in 0_u128..4,
        low in 0_u128..4,
        high in any::<bool>(),
        price in prop_oneof![Just(0), Just(1), Just(u64::MAX)],
    ) {
        let ctx = context(1, 1);
        let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
        let gas = Gas { limit: gas::TRANSFER, price };
        let base = if high { u128::MAX - gas.cost().0 - 2 } else { 0 };
        let value = base.saturating_add(low);
        let balance = value.saturating_add(gas.cost().0).saturating_add(spare).saturating_sub(2);
        let sent = [priced(&a, 0, b.id, value, Input::Transfer, gas)];
        let executed = block(&state(&[(a.id, balance)]), &inputs(&sent, &[]), &ctx);
        let affordable = balance >= gas.cost().0;
        let needed = value.checked_add(gas.cost().0);
        let moves = needed.is_some_and(|needed| balance >= needed);
        prop_assert_eq!(executed.externals.len(), usize::from(affordable));
        let expected = if moves { value } else { 0 };
        prop_assert_eq!(executed.state.balance(&b.id), Amount(expected));
    }
}

#[test]
fn what_cant_be_included_says_why() {
    let mut ctx = context(1, 2);
    ctx.min_gas_price = 1;
    let [a, b] = [0, 1].map(|n| user(&ctx.routing, 1, n));
    let away = user(&ctx.routing, 2, 2);
    let rich = gas::TRANSFER.into();
    let gas = Gas {
        limit: gas::TRANSFER,
        price: 1,
    };
    let good = priced(&a, 0, b.id, 0, Input::Transfer, gas);
    let edit = |change: &dyn Fn(&mut types::ExternalMessage)| {
        let mut message = good.clone();
        change(&mut message);
        message
    };
    let rotate = Input::RotateKey { key: b.key };
    let cases = [
        (
            edit(&|m| m.call.nonce = 5),
            Refusal::NonceAhead { expected: 1 },
        ),
        (edit(&|m| m.key = b.key), Refusal::Key),
        (edit(&|m| m.call.expiry = 9), Refusal::Expired { expiry: 9 }),
        (
            edit(&|m| m.call.gas.price = 0),
            Refusal::GasPrice { least: 1 },
        ),
        (
            edit(&|m| m.call.gas.limit -= 1),
            Refusal::GasLimit {
                least: gas::TRANSFER,
            },
        ),
        (edit(&|m| m.call.gas.limit += 1), Refusal::Funds),
        (edit(&|m| m.call.input = rotate.clone()), Refusal::Rotation),
        (
            external(&away, 0, a.id, 0, Input::Transfer),
            Refusal::WrongChain,
        ),
    ];
    for (message, refusal) in cases {
        let candidates = [message, good.clone()];
        let executed = block(&state(&[(a.id, rich)]), &inputs(&candidates, &[]), &ctx);
        assert_eq!(executed.refused, [(0, refusal)]);
        assert_eq!(executed.externals, [1]);
    }
}
