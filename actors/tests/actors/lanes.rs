//! [G8] Lanes: dense indices, room, acknowledgements, and order per pair of accounts.

use std::sync::Arc;

use actors::{
    Account, Context, Executed, InputError, Inputs, Parallelism, Registry, State, execute,
};
use types::{
    AccountId, Ack, Amount, ChainId, ExternalMessage, Gas, Input, RelayBody, RelayMessage, limits,
};

use crate::common::{
    Op, Script, User, block, call, context, incoming, inputs, named, priced, relay, state,
    transfer, user, with,
};

const AWAY: ChainId = ChainId(2);

/// Two users here, a script here, and one user on chain 2.
fn setting() -> (Context, [User; 2], User) {
    let registry = Registry::default().with(named(0x20), Arc::new(Script));
    let ctx = with(&context(1, 2), registry);
    let mut here = [0, 1].map(|n| user(&ctx.routing, 1, n));
    here.sort_by_key(|user| user.id);
    let away = user(&ctx.routing, 2, 2);
    (ctx, here, away)
}

fn ack(inputs: &mut Inputs<'_>, messages: u64, bytes: u64) {
    inputs.acks = vec![Ack {
        peer: AWAY,
        messages,
        bytes,
    }];
}

/// Values of what leaves in a block, in lane order.
fn leaving(executed: &Executed) -> Vec<u128> {
    let outbox = executed.outbox.iter().flat_map(|(_, messages)| messages);
    outbox.map(|message| message.value.0).collect()
}

#[test]
fn indices_are_dense_over_blocks() {
    let (ctx, [a, _], away) = setting();
    let mut now = state(&[(a.id, 100)]);
    for round in 0..3_u64 {
        let sent = [0, 1].map(|n| transfer(&a, round * 2 + n, away.id, 1));
        let executed = block(&now, &inputs(&sent, &[]), &ctx);
        let (bundle, messages) = &executed.outbox[0];
        assert_eq!((bundle.first_index, bundle.count), (round * 2, 2));
        assert_eq!(messages.len(), 2);
        now = executed.state;
    }
    let lane = now.lanes().lane(AWAY);
    assert_eq!((lane.next_index, lane.value_out), (6, Amount(6)));
}

/// A state whose lane to chain 2 has `room` messages left.
fn nearly_full(people: &[User], room: u64) -> State {
    let funded = people
        .iter()
        .map(|user| (user.id, Account::with_balance(Amount(1_000_000))));
    let genesis = State::genesis(funded).unwrap();
    let mut lanes = genesis.lanes().clone();
    lanes.lane_mut(AWAY).next_index = limits::LANE_MESSAGES - room;
    State::restored(genesis.accounts().clone(), lanes)
}

#[test]
fn a_full_lane_makes_its_senders_wait_in_order() {
    let (ctx, users @ [a, b], away) = setting();
    let send = |user: &User, nonce: u64, value| transfer(user, nonce, away.id, value);
    let sent = [
        send(&a, 0, 1),
        send(&a, 1, 2),
        send(&a, 2, 3),
        send(&b, 0, 11),
        send(&b, 1, 12),
    ];
    let first = block(&nearly_full(&users, 2), &inputs(&sent, &[]), &ctx);
    assert_eq!(leaving(&first), [1, 2]);
    assert_eq!(first.state.outboxes()[&AWAY].len(), 2);
    assert_eq!(
        first.state.account(&a.id).unwrap().outbox.carried(),
        Amount(3)
    );

    // Nothing acknowledged: new messages queue behind, nothing leaves.
    let more = [send(&a, 3, 4), send(&b, 2, 13)];
    let second = block(&first.state, &inputs(&more, &[]), &ctx);
    assert!(second.outbox.is_empty());

    // Room for three: a's first, then b's two that waited longest.
    let mut inputs = inputs(&[], &[]);
    ack(&mut inputs, 3, 0);
    let third = block(&second.state, &inputs, &ctx);
    assert_eq!(leaving(&third), [3, 4, 11]);
    ack(&mut inputs, 100, 0);
    let fourth = block(&third.state, &inputs, &ctx);
    assert_eq!(leaving(&fourth), [12, 13]);
    assert!(fourth.state.outboxes().is_empty());
}

#[test]
fn those_who_wait_take_turns() {
    let (mut ctx, users @ [a, b], away) = setting();
    ctx.quota = 1;
    let flood = (0..6).map(|nonce| transfer(&a, nonce, away.id, 1));
    let sent: Vec<_> = flood.chain([transfer(&b, 0, away.id, 50)]).collect();
    let first = block(&nearly_full(&users, 0), &inputs(&sent, &[]), &ctx);
    assert!(first.outbox.is_empty());
    let mut inputs = inputs(&[], &[]);
    ack(&mut inputs, 2, 0);
    let second = block(&first.state, &inputs, &ctx);
    assert_eq!(
        leaving(&second),
        [1, 50],
        "a flood of a's does not hold up b"
    );
}

#[test]
fn what_waits_for_one_lane_does_not_hold_up_another() {
    let registry = context(1, 3);
    let a = user(&registry.routing, 1, 0);
    let [two, three] = [2, 3].map(|chain| user(&registry.routing, chain, 5));
    let sent = [transfer(&a, 0, two.id, 1), transfer(&a, 1, three.id, 2)];
    let executed = block(&nearly_full(&[a], 0), &inputs(&sent, &[]), &registry);
    assert_eq!(leaving(&executed), [2]);
    assert_eq!(executed.outbox[0].0.destination, ChainId(3));
}

#[test]
fn a_bundle_is_bounded_and_the_rest_leaves_with_the_next_block() {
    let (ctx, users @ [a, _], away) = setting();
    let ops = vec![
        Op::Credit {
            to: away.id,
            value: 1
        };
        30
    ];
    let sends = limits::BUNDLE_MESSAGES / 30 + 2;
    let gas = Gas {
        limit: 400_000,
        price: 0,
    };
    let call = |nonce| call(&a, nonce, named(0x20), 30, gas, &ops);
    let sent: Vec<ExternalMessage> = (0..sends as u64).map(call).collect();
    let first = block(
        &nearly_full(&users, limits::LANE_MESSAGES),
        &inputs(&sent, &[]),
        &ctx,
    );
    assert_eq!(first.outbox[0].1.len(), limits::BUNDLE_MESSAGES);
    let second = block(&first.state, &inputs(&[], &[]), &ctx);
    let rest = sends * 30 - limits::BUNDLE_MESSAGES;
    assert_eq!(second.outbox[0].1.len(), rest);
    assert_eq!(
        second.outbox[0].0.first_index,
        limits::BUNDLE_MESSAGES as u64
    );
}

#[test]
fn a_small_message_does_not_overtake_a_large_one_that_found_no_room() {
    let (ctx, [a, _], away) = setting();
    let gas = Gas {
        limit: 5_000_000,
        price: 0,
    };
    let large = |nonce| {
        let input = Input::Call {
            method: "large".into(),
            data: vec![0; 120 * 1024],
        };
        priced(&a, nonce, away.id, 1, input, gas)
    };
    let fit = limits::BUNDLE_BYTES / (120 * 1024);
    let mut sent: Vec<_> = (0..=fit as u64).map(large).collect();
    sent.push(transfer(&a, fit as u64 + 1, away.id, 7));
    let first = block(&state(&[(a.id, 100)]), &inputs(&sent, &[]), &ctx);
    assert_eq!(leaving(&first), vec![1; fit]);
    let second = block(&first.state, &inputs(&[], &[]), &ctx);
    assert_eq!(leaving(&second), [1, 7]);
}

#[test]
fn acknowledgements_only_move_forward_and_not_beyond_what_was_sent() {
    let (ctx, users, _) = setting();
    let before = nearly_full(&users, 10);
    let sent = limits::LANE_MESSAGES - 10;
    let mut inputs = inputs(&[], &[]);
    ack(&mut inputs, sent, 0);
    let after = block(&before, &inputs, &ctx).state;
    assert_eq!(after.lanes().lane(AWAY).acked, sent);
    for (messages, bytes) in [(sent + 1, 0), (sent - 1, 0), (sent, 1)] {
        ack(&mut inputs, messages, bytes);
        let refused = execute(&after, &inputs, &ctx, Parallelism::One);
        assert!(matches!(refused, Err(InputError::Ack { peer: AWAY })));
    }
}

/// A committee that took all messages and says that it took no bytes takes no room.
#[test]
fn who_has_taken_all_messages_has_taken_all_bytes() {
    let (ctx, users, away) = setting();
    let before = state(&[(users[0].id, 100)]);
    let two = [0, 1].map(|nonce| transfer(&users[0], nonce, away.id, 1));
    let sent = block(&before, &inputs(&two, &[]), &ctx).state;
    let lane = sent.lanes().lane(AWAY);
    assert!(lane.next_index > 1 && lane.bytes_out > 0);
    let mut inputs = inputs(&[], &[]);
    ack(&mut inputs, lane.next_index - 1, 0);
    let some = block(&sent, &inputs, &ctx).state.lanes().lane(AWAY);
    assert_eq!(some.acked_bytes, 0);
    ack(&mut inputs, lane.next_index, 0);
    let all = block(&sent, &inputs, &ctx).state.lanes().lane(AWAY);
    assert_eq!(all.acked_bytes, lane.bytes_out);
}

#[test]
fn imports_continue_their_lane_and_lie_between_its_ends() {
    let (ctx, [a, b], away) = setting();
    let message = |from, to, number| RelayMessage {
        value: Amount(1),
        ..relay(from, to, number, RelayBody::Credit)
    };
    let good = incoming(2, 0, 1, vec![message(away.id, a.id, 0)]);
    let next = incoming(2, 1, 1, vec![message(away.id, a.id, 1)]);
    let before = state(&[]);
    let try_all =
        |imports: &[_]| execute(&before, &inputs(&[], imports), &ctx, Parallelism::One).map(|_| ());
    assert!(try_all(&[good.clone(), next.clone()]).is_ok());
    let again = try_all(&[good.clone(), good.clone()]);
    assert!(matches!(
        again,
        Err(InputError::Cursor {
            at: 1,
            expected: 1,
            found: 0,
            ..
        })
    ));
    let gap = try_all(&[next]);
    assert!(matches!(
        gap,
        Err(InputError::Cursor {
            at: 0,
            expected: 0,
            found: 1,
            ..
        })
    ));
    let elsewhere = try_all(&[incoming(2, 0, 2, vec![message(away.id, a.id, 0)])]);
    assert!(matches!(elsewhere, Err(InputError::Destination { at: 0 })));
    let own = try_all(&[incoming(1, 0, 1, vec![message(a.id, b.id, 0)])]);
    assert!(matches!(own, Err(InputError::Destination { at: 0 })));
    let forged = try_all(&[incoming(2, 0, 1, vec![message(a.id, b.id, 0)])]);
    assert!(matches!(
        forged,
        Err(InputError::Home { at: 0, message: 0 })
    ));
    let mut lies = good;
    lies.1.value = Amount(2);
    assert!(matches!(try_all(&[lies]), Err(InputError::Sums { at: 0 })));
}

#[test]
fn value_for_a_chain_that_does_not_exist_returns_and_opens_no_lane() {
    let (ctx, [a, _], _) = setting();
    let nowhere = AccountId::system(ChainId(77), 0);
    let executed = block(
        &state(&[(a.id, 9)]),
        &inputs(&[transfer(&a, 0, nowhere, 5)], &[]),
        &ctx,
    );
    assert_eq!(executed.state.balance(&a.id), Amount(9));
    assert_eq!(
        executed.receipts.len(),
        3,
        "the transfer, its credit and the bounce"
    );
    assert!(executed.state.lanes().lanes.is_empty());
}
