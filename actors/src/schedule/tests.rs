use types::{AccountId, Gas, RelayBody, RelayMessage};

use super::{MISSES, Schedule};
use crate::inputs::Prepared;
use crate::runner::Turn;
use crate::testing::{account, context, sent};
use crate::{Account, Context, Executed, Inputs, Parallelism, Queue, State, check, execute, gas};

fn call(message: &mut RelayMessage) {
    message.body = RelayBody::Call {
        method: "none".into(),
        data: Vec::new(),
        reply: false,
    };
    message.gas = Gas {
        limit: 1_000_000,
        price: 0,
    };
}

/// Accounts in the order of their turns, of whose mailboxes `of` says how many letters they hold
/// and what is special of these.
fn crowd(
    count: u32,
    of: impl Fn(usize) -> (u32, fn(&mut RelayMessage)),
) -> (State, Vec<AccountId>) {
    let mut ids: Vec<_> = (0..count).map(|number| account(1, number)).collect();
    ids.sort_unstable();
    let accounts = ids.iter().enumerate().map(|(place, id)| {
        let (count, change) = of(place);
        let mut mailbox = Queue::default();
        for number in 0..count {
            mailbox.push(sent(account(2, 0), *id, number, change));
        }
        let account = Account {
            mailbox,
            ..Account::default()
        };
        (*id, account)
    });
    (State::genesis(accounts).unwrap(), ids)
}

/// Half of a block's gas for all messages, the way relay messages get it first.
fn context_for(relays: u64) -> Context {
    Context {
        gas_limit: relays * 2,
        ..context()
    }
}

fn block(state: &State, ctx: &Context) -> Executed {
    let inputs = Inputs::default();
    let made = execute(state, &inputs, ctx, Parallelism::One).unwrap();
    let many = execute(state, &inputs, ctx, Parallelism::Always).unwrap();
    assert_eq!(made.order, many.order);
    let checked = check(state, &inputs, &made.order, ctx, Parallelism::Always).unwrap();
    assert_eq!(made.state.root(), checked.state.root());
    assert_eq!(made.state.mailboxes(), checked.state.mailboxes());
    made
}

fn accounts(executed: &Executed) -> Vec<AccountId> {
    let orders = executed.order.accounts.iter();
    orders.map(|order| order.account).collect()
}

/// How many accounts take part in the phases of a block without external messages.
fn runners(state: &State, ctx: &Context) -> usize {
    let inputs = Inputs::default();
    let prepared = Prepared::new(state, &inputs, ctx, Parallelism::One).unwrap();
    let turn = Turn {
        state,
        inputs: &inputs,
        ctx,
        externals: true,
        last: false,
    };
    let mut schedule = Schedule::new(state.mailboxes().clone(), Parallelism::One);
    schedule.fill(&prepared, &inputs);
    while schedule.phase(&turn, ctx.gas_limit) {}
    schedule.runners.len()
}

#[test]
fn accounts_beyond_the_gas_take_no_part() {
    let (state, ids) = crowd(600, |_| (2, |_| ()));
    let mut ctx = context_for(5 * 2 * gas::CREDIT);
    assert_eq!(runners(&state, &ctx), 10);
    let made = block(&state, &ctx);
    assert_eq!(accounts(&made), ids[..10]);
    // Whose turn comes first is the rotation's word; after the last comes the first.
    ctx.rotation = ids[597];
    let turned = block(&state, &ctx);
    let all = [&ids[..7], &ids[597..]].concat();
    assert_eq!(accounts(&turned), all);
    ctx.gas_limit = u64::MAX;
    assert_eq!(accounts(&block(&state, &ctx)), ids);
}

/// A large message of one account does not keep small ones of others out of what is left.
#[test]
fn who_lacks_gas_lets_others_go_first() {
    let (state, ids) = crowd(8, |place| (1, if place < 3 { call } else { |_| () }));
    let ctx = context_for(3 * gas::CREDIT);
    assert_eq!(accounts(&block(&state, &ctx)), ids[3..]);
}

/// A search for small messages among large ones comes to an end.
#[test]
fn the_search_for_who_fits_is_bounded() {
    for (large, found) in [(MISSES - 1, 1), (MISSES, 0)] {
        let small = |_: &mut RelayMessage| ();
        let of = |place| (1, if place < large { call } else { small });
        let (state, ids) = crowd(large as u32 + 1, of);
        let mut ctx = context_for(gas::CREDIT);
        assert!(ctx.gas_limit < gas::CALL, "no large one ever fits");
        assert_eq!(accounts(&block(&state, &ctx)), ids[large..large + found]);
        ctx.rotation = ids[large];
        assert_eq!(accounts(&block(&state, &ctx)), ids[large..]);
    }
}
