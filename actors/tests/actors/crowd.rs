//! Many accounts at once: threads don't matter, other valid orders are as good, broken ones never
//! get through.

use std::collections::BTreeMap;

use actors::{Context, Executed, Inputs, Parallelism, State, check, execute};
use proptest::prelude::*;
use types::{AccountOrder, Amount, ExternalMessage, Order, RelayBody, RelayMessage, Source, Step};

use crate::common::{
    User, assert_receipts, assert_same, context, included, incoming, inputs, named, relay, state,
    transfer, user,
};

struct Crowd {
    before: State,
    ctx: Context,
    externals: Vec<ExternalMessage>,
    imports: Vec<crate::common::Sent>,
}

impl Crowd {
    /// `count` users, who pay each other and people on chain 2, who also pay them.
    fn new(count: usize, payments: &[(usize, usize, u128)]) -> Self {
        let ctx = context(1, 2);
        let users: Vec<User> = (0..count as u64)
            .map(|n| user(&ctx.routing, 1, n))
            .collect();
        let mut nonces = BTreeMap::new();
        let mut externals = Vec::new();
        let mut arriving = Vec::new();
        for (number, (from, to, value)) in payments.iter().enumerate() {
            let (from, to) = (users[from % count], users[to % count]);
            let import = RelayMessage {
                value: Amount(*value),
                ..relay(named(0xf0), to.id, number as u32, RelayBody::Credit)
            };
            match number % 5 {
                0 => arriving.push(import),
                1 => externals.push((from, named(0xf1), *value)),
                _ => externals.push((from, to.id, *value)),
            }
        }
        let externals = externals.into_iter().map(|(from, to, value)| {
            let nonce = nonces.entry(from.id).or_insert(0);
            *nonce += 1;
            transfer(&from, *nonce - 1, to, value)
        });
        Self {
            before: state(&users.iter().map(|user| (user.id, 50)).collect::<Vec<_>>()),
            externals: externals.collect(),
            imports: if arriving.is_empty() {
                Vec::new()
            } else {
                vec![incoming(2, 0, 1, arriving)]
            },
            ctx,
        }
    }

    fn inputs(&self) -> Inputs<'_> {
        inputs(&self.externals, &self.imports)
    }

    fn check(&self, body: &Inputs<'_>, order: &Order) -> Option<Executed> {
        check(&self.before, body, order, &self.ctx, Parallelism::One).ok()
    }
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn any_number_of_threads_gives_the_same_block() {
    let payments: Vec<_> = (0..3_000)
        .map(|n| (n * 31, n * n + 7, n as u128 % 60))
        .collect();
    let crowd = Crowd::new(400, &payments);
    let all = crowd.inputs();
    let one = execute(&crowd.before, &all, &crowd.ctx, Parallelism::One).unwrap();
    let body = included(&all, &one);
    assert!(
        one.order.accounts.len() > 300,
        "wide enough for threads to be used"
    );
    for threads in [1, 2, 5] {
        pool(threads).install(|| {
            let made = execute(&crowd.before, &all, &crowd.ctx, Parallelism::Pool).unwrap();
            assert_same(&one, &made);
            let pooled = Parallelism::Pool;
            let checked = check(&crowd.before, &body, &one.order, &crowd.ctx, pooled).unwrap();
            assert_same(&one, &checked);
        });
    }
}

/// Moves, copies or drops sources and steps of σ.
#[derive(Clone, Debug)]
enum Lie {
    SwapSteps(usize, usize),
    Split(usize),
    Join(usize),
    Drop(usize),
    Copy(usize, usize),
    Rename(usize, u32, u32),
    Move(usize, usize),
}

fn lie() -> impl Strategy<Value = Lie> {
    let at = any::<usize>;
    prop_oneof![
        4 => (at(), at()).prop_map(|(a, b)| Lie::SwapSteps(a, b)),
        2 => at().prop_map(Lie::Split),
        2 => at().prop_map(Lie::Join),
        1 => at().prop_map(Lie::Drop),
        1 => (at(), at()).prop_map(|(a, b)| Lie::Copy(a, b)),
        1 => (at(), prop_oneof![0_u32..40, Just(u32::MAX)], prop_oneof![0_u32..3, Just(u32::MAX)])
            .prop_map(|(a, step, output)| Lie::Rename(a, step, output)),
        1 => (at(), at()).prop_map(|(a, b)| Lie::Move(a, b)),
    ]
}

fn apply(order: &mut Order, lie: &Lie) {
    let count = order.accounts.len();
    if count == 0 {
        return;
    }
    let account = |at: usize| at % count;
    let (Lie::SwapSteps(at, _)
    | Lie::Split(at)
    | Lie::Join(at)
    | Lie::Drop(at)
    | Lie::Copy(at, _)
    | Lie::Rename(at, ..)
    | Lie::Move(at, _)) = *lie;
    let other = if let Lie::Copy(_, to) | Lie::Move(_, to) = lie {
        account(*to)
    } else {
        0
    };
    let steps = &mut order.accounts[account(at)].steps;
    let (length, step) = (steps.len(), at / count);
    if length == 0 {
        return;
    }
    let step = step % length;
    match lie {
        Lie::SwapSteps(_, b) => steps.swap(step, b % length),
        Lie::Split(_) if steps[step].sources.len() > 1 => {
            let tail = steps[step].sources.split_off(1);
            steps.insert(step + 1, Step { sources: tail });
        }
        Lie::Join(_) if step + 1 < length => {
            let next = steps.remove(step + 1);
            steps[step].sources.extend(next.sources);
        }
        Lie::Split(_) | Lie::Join(_) => {}
        Lie::Drop(_) => {
            steps.remove(step);
        }
        Lie::Copy(..) => {
            let copy = steps[step].clone();
            order.accounts[other].steps.push(copy);
        }
        Lie::Rename(_, step_of, output) => {
            steps[step].sources[0] = Source::Output {
                step: *step_of,
                output: *output,
            };
        }
        Lie::Move(..) => {
            let moved = steps.remove(step);
            order.accounts[other].steps.push(moved);
        }
    }
}

/// σ with other places of its accounts' steps names other producers: fix the numbers up, so that
/// lies about the schedule get past the first checks.
fn renumbered(order: &Order, before: &Order) -> Order {
    let numbers = |order: &Order| {
        let mut numbers = BTreeMap::new();
        let mut next = 0;
        for account in &order.accounts {
            for step in &account.steps {
                // An external or the first source tells steps apart.
                numbers.insert((account.account, step.sources.first().copied()), next);
                next += 1;
            }
        }
        numbers
    };
    let (old, new) = (numbers(before), numbers(order));
    let moved: BTreeMap<u32, u32> = old
        .iter()
        .filter_map(|(step, number)| Some((*number, *new.get(step)?)))
        .collect();
    let source = |source: &Source| match source {
        Source::Output { step, output } => Source::Output {
            step: moved.get(step).copied().unwrap_or(*step),
            output: *output,
        },
        other => *other,
    };
    let accounts = order.accounts.iter().map(|account| AccountOrder {
        account: account.account,
        steps: account
            .steps
            .iter()
            .map(|step| Step {
                sources: step.sources.iter().map(source).collect(),
            })
            .collect(),
    });
    Order {
        accounts: accounts.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever is done to σ, it is refused, or it is a valid schedule: value is conserved, each
    /// message has its receipt, and threads agree.
    #[test]
    fn a_changed_order_is_refused_or_valid(
        payments in prop::collection::vec((0_usize..8, 0_usize..8, 0_u128..80), 1..40),
        lies in prop::collection::vec(lie(), 1..4),
        fix in any::<bool>(),
    ) {
        let crowd = Crowd::new(6, &payments);
        let all = crowd.inputs();
        let made = execute(&crowd.before, &all, &crowd.ctx, Parallelism::One).unwrap();
        let body = included(&all, &made);
        let mut order = made.order.clone();
        for lie in &lies {
            let before = order.clone();
            apply(&mut order, lie);
            order.accounts.retain(|account| !account.steps.is_empty());
            if fix {
                order = renumbered(&order, &before);
            }
        }
        if let Some(executed) = crowd.check(&body, &order) {
            prop_assert!(executed.state.conserves());
            assert_receipts(&executed);
            let pool = check(&crowd.before, &body, &order, &crowd.ctx, Parallelism::Pool);
            assert_same(&executed, &pool.unwrap());
        }
    }
}

/// How often changed orders are valid: the property above would be empty if they never were.
#[test]
fn some_changed_orders_are_valid() {
    let payments: Vec<_> = (0..30).map(|n| (n * 3, n * 5 + 1, 1)).collect();
    let crowd = Crowd::new(6, &payments);
    let all = crowd.inputs();
    let made = execute(&crowd.before, &all, &crowd.ctx, Parallelism::One).unwrap();
    let body = included(&all, &made);
    let mut valid = 0;
    for at in 0..200 {
        for lie in [Lie::Split(at), Lie::SwapSteps(at, at / 7)] {
            let mut order = made.order.clone();
            apply(&mut order, &lie);
            let order = renumbered(&order, &made.order);
            let changed = order != made.order;
            valid += usize::from(changed && crowd.check(&body, &order).is_some());
        }
    }
    assert!(valid > 10, "{valid}");
}
