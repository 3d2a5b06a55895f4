//! What a block costs when much waits, and who waits does not concern it.
//!
//! `cargo run --release -p thinkey-actors --example backlog -- [messages] [accounts]`
#![allow(clippy::disallowed_methods, reason = "it measures time")]

mod setting;

use std::time::Instant;

use actors::{Account, Context, Executed, Incoming, Inputs, Parallelism, State, execute, gas};
use crypto::ed25519;
use types::{
    AccountId, Amount, Bundle, ChainId, ExternalCall, ExternalMessage, Gas, Input, MessageId,
    RelayBody, RelayMessage, RoutingTable, limits,
};

use setting::context;

const ROUNDS: usize = 21;
const AWAY: ChainId = ChainId(2);

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().ok());
    let messages = arguments.next().flatten().unwrap_or(100_000);
    let accounts = arguments.next().flatten();
    for accounts in accounts.map_or(vec![1, 100, 10_000], |count| vec![count]) {
        let crowd = Crowd::new(accounts);
        println!("{messages} messages of {accounts} accounts wait, ms per block:");
        crowd.lane(messages);
        crowd.mailboxes(messages);
    }
}

/// Users here, and accounts here and on another chain that get what they send.
struct Crowd {
    users: Vec<ed25519::PublicKey>,
    ctx: Context,
}

impl Crowd {
    fn new(count: usize) -> Self {
        let routing = RoutingTable::even(2);
        let keys = (0_u64..).map(|number| {
            let mut bytes = [1; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            ed25519::PublicKey(bytes)
        });
        let here = keys.filter(|key| routing.home(&AccountId::of_key(key)) == ChainId(1));
        Self {
            users: here.take(count + 2).collect(),
            ctx: context(routing),
        }
    }

    /// A chain takes nothing, and all wait for it.
    fn lane(&self, messages: usize) {
        let mut lanes = self.funded().lanes().clone();
        lanes.lane_mut(AWAY).next_index = limits::LANE_MESSAGES;
        let before = State::restored(self.funded().accounts().clone(), lanes);
        let to = AccountId::system(AWAY, 0);
        let state = self.sent(&before, messages, to);
        assert!(!state.outboxes().is_empty());
        self.report("for a full lane", &state, &self.ctx);
    }

    /// More came from another chain than blocks have gas for.
    fn mailboxes(&self, messages: usize) {
        let senders = self.users.len() - 2;
        let credit = |number: usize| RelayMessage {
            trace: MessageId::default(),
            parent: MessageId::default(),
            output: number as u32,
            depth: 1,
            from: AccountId::system(AWAY, 0),
            to: AccountId::of_key(&self.users[number % senders]),
            payer: AccountId::system(AWAY, 0),
            value: Amount(1),
            gas: Gas::default(),
            deadline: u64::MAX,
            body: RelayBody::Credit,
        };
        let messages: Vec<_> = (0..messages).map(credit).collect();
        let bundle = Bundle::of(ChainId(1), 0, &messages);
        let imports = bundle.iter().map(|bundle| Incoming {
            source: AWAY,
            bundle,
            messages: &messages,
        });
        let inputs = Inputs {
            imports: imports.collect(),
            ..Inputs::default()
        };
        let little = Context {
            gas_limit: 600 * gas::CREDIT,
            ..self.ctx.clone()
        };
        let made = execute(&self.funded(), &inputs, &little, Parallelism::One);
        let state = made.map_or_else(|_| State::default(), |made| made.state);
        assert!(!state.mailboxes().is_empty());
        self.report("in mailboxes, gas for 600 of them", &state, &little);
    }

    fn funded(&self) -> State {
        let rich = |key| {
            (
                AccountId::of_key(key),
                Account::with_balance(Amount(1 << 100)),
            )
        };
        State::genesis(self.users.iter().map(rich)).unwrap_or_default()
    }

    /// The state after a block in which all but the last two users sent something.
    fn sent(&self, state: &State, count: usize, to: AccountId) -> State {
        let senders = self.users.len() - 2;
        let each = |number| {
            let from = number % senders;
            self.transfer(from, (number / senders) as u64, to)
        };
        let messages: Vec<_> = (0..count).map(each).collect();
        made(state, &messages, &self.ctx).map_or_else(State::default, |made| made.state)
    }

    /// A transfer between the last two users, which has nothing to do with what waits.
    fn report(&self, what: &str, state: &State, ctx: &Context) {
        let [from, to] = [1, 2].map(|back| self.users.len() - back);
        let to = AccountId::of_key(&self.users[to]);
        let messages = [self.transfer(from, 0, to)];
        let time = || {
            let start = Instant::now();
            let done = made(state, &messages, ctx);
            std::hint::black_box(done);
            start.elapsed().as_secs_f64() * 1e3
        };
        let mut times: Vec<_> = (0..ROUNDS).map(|_| time()).collect();
        times.sort_by(f64::total_cmp);
        println!("  {what}: {:.3}", times[ROUNDS / 2]);
    }

    fn transfer(&self, from: usize, nonce: u64, to: AccountId) -> ExternalMessage {
        let key = self.users[from];
        ExternalMessage {
            call: ExternalCall {
                from: AccountId::of_key(&key),
                to,
                nonce,
                value: Amount(1),
                gas: Gas {
                    limit: gas::TRANSFER,
                    price: 1,
                },
                expiry: 100,
                input: Input::Transfer,
            },
            key,
            signature: ed25519::Signature([0; 64]),
        }
    }
}

fn made(state: &State, messages: &[ExternalMessage], ctx: &Context) -> Option<Executed> {
    let inputs = Inputs {
        externals: messages
            .iter()
            .map(|message| (message.id(ctx.network), message))
            .collect(),
        ..Inputs::default()
    };
    execute(state, &inputs, ctx, Parallelism::One).ok()
}
