//! Contracts on the author's own machine: accounts of any number of codes, and messages between
//! them, without blocks and gas. Deposits are counted, though without the code, and none is asked
//! for.
//!
//! ```text
//!  send ──▶ lanes: one queue for each pair of accounts ──▶ step: one message, its code natively
//!             ▲      (which lane is next: by age, or by a seed)            │
//!             └───────────────── calls, replies, bounces ◀─────────────────┘
//! ```
//!
//! What the node guarantees holds here: order within a pair of accounts and none between pairs,
//! exactly one answer to a call that asked for one, value that comes back from what failed, and
//! nothing left behind by code that gave up. [`World::run`] tries the orders that [`World::seed`]
//! chooses, so a test that loops over seeds sees what a network would do to a contract.

pub(crate) mod host;
mod message;
mod stage;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) use message::Body;
use message::Message;
use stage::{Stage, Storage, deposit_of};

use crate::call::Question;
use crate::entry::run;
use crate::{AccountId, Amount, Call, Contract, Decode, Encode, Entry};

/// The failure code of a call that code refused.
pub const REJECTED: u8 = 4;
/// The failure code of a call past its deadline.
pub const LATE: u8 = 8;

type Code = fn(Entry);

/// An account.
#[derive(Clone, Default)]
struct Actor {
    balance: Amount,
    code: Option<[u8; 32]>,
    storage: Storage,
    /// Bytes of handlers that wait.
    waiting: usize,
    chain: u32,
}

/// What an account showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The account.
    pub by: AccountId,
    /// Its topic, without the types of its values.
    pub topic: String,
    /// Its encoded values.
    pub data: Vec<u8>,
}

/// Accounts and the messages between them.
pub struct World {
    accounts: BTreeMap<AccountId, Actor>,
    codes: BTreeMap<[u8; 32], Code>,
    lanes: BTreeMap<(AccountId, AccountId), VecDeque<Message>>,
    /// Accounts that nothing reaches before its deadline, and those that refuse everything.
    lost: BTreeSet<AccountId>,
    broken: BTreeSet<AccountId>,
    signatures: BTreeSet<Vec<u8>>,
    results: BTreeMap<[u8; 32], Result<Vec<u8>, String>>,
    events: Vec<Event>,
    random: Option<u64>,
    sent: u64,
    /// The root height that blocks cite.
    pub root_height: u64,
    /// Milliseconds of Unix time.
    pub time: u64,
    /// The beacon's newest seed.
    pub beacon: Option<[u8; 32]>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            codes: BTreeMap::new(),
            lanes: BTreeMap::new(),
            lost: BTreeSet::new(),
            broken: BTreeSet::new(),
            signatures: BTreeSet::new(),
            results: BTreeMap::new(),
            events: Vec::new(),
            random: None,
            sent: 0,
            root_height: 1,
            time: 1_000,
            beacon: None,
        }
    }
}

/// Building a world.
impl World {
    /// A world whose messages arrive by age.
    pub fn new() -> Self {
        Self::default()
    }

    /// A world whose messages arrive in an order that the seed chooses.
    pub fn seed(seed: u64) -> Self {
        let random = Some(seed);
        Self {
            random,
            ..Self::default()
        }
    }

    /// An account without code.
    pub fn user(&mut self, name: &str, balance: Amount) -> AccountId {
        let id = AccountId(host::sha3(name.as_bytes()));
        let actor = Actor {
            balance,
            ..Actor::default()
        };
        self.accounts.insert(id, actor);
        id
    }

    /// Makes the code known, and returns its hash.
    pub fn code<C: Contract>(&mut self) -> [u8; 32] {
        let hash = host::sha3(std::any::type_name::<C>().as_bytes());
        self.codes.insert(hash, run::<C>);
        hash
    }

    /// An account with code on a chain, from which it is told apart by its name.
    ///
    /// # Panics
    /// When its `#[init]` refuses.
    pub fn deploy<C: Contract>(
        &mut self,
        name: &str,
        chain: u32,
        value: Amount,
        init: &impl Encode,
    ) -> AccountId {
        let code = self.code::<C>();
        let id = AccountId(host::sha3(name.as_bytes()));
        let creator = self.user("deployer", value);
        let body = Body::Deploy {
            code,
            init: init.to_bytes(),
        };
        let message = self.message(creator, id, value, body);
        self.accounts.entry(id).or_default().chain = chain;
        let at = message.id;
        self.debit(creator, value);
        self.queue(message);
        self.run();
        match self.results.get(&at) {
            Some(Ok(_)) => id,
            other => panic!("{name} did not begin: {other:?}"),
        }
    }

    /// From now on nothing reaches the account before its deadline; or it does again.
    pub fn lose(&mut self, account: AccountId, lost: bool) {
        if lost {
            self.lost.insert(account);
        } else {
            self.lost.remove(&account);
        }
    }

    /// From now on the account refuses all calls; or it does no more.
    pub fn break_down(&mut self, account: AccountId, broken: bool) {
        if broken {
            self.broken.insert(account);
        } else {
            self.broken.remove(&account);
        }
    }

    /// Makes a signature good: nothing is computed here.
    pub fn accept_signature(&mut self, key: &[u8], signature: &[u8], message: &[u8]) {
        self.signatures.insert([key, signature, message].concat());
    }
}

/// Messages.
impl World {
    /// Sends a call on behalf of an account without code; the id of the message.
    ///
    /// # Panics
    /// When the account has too little.
    pub fn send<R>(&mut self, from: AccountId, call: Call<R>) -> [u8; 32] {
        let (to, value, body) = call.into_parts();
        self.debit(from, value);
        let message = self.message(from, to, value, body);
        let id = message.id;
        self.queue(message);
        id
    }

    /// Sends a call and waits until nothing moves; what the method answered, or why it failed.
    ///
    /// # Errors
    /// The text of the abort.
    ///
    /// # Panics
    /// When the answer does not decode.
    pub fn call<R: Decode>(&mut self, from: AccountId, call: Call<R>) -> Result<R, String> {
        let id = self.send(from, call);
        self.run();
        self.result(&id)
    }

    /// What became of a message that was sent.
    ///
    /// # Errors
    /// The text of the abort.
    ///
    /// # Panics
    /// When it was not executed yet, or the answer does not decode.
    pub fn result<R: Decode>(&self, id: &[u8; 32]) -> Result<R, String> {
        let result = self.results.get(id).expect("it was executed");
        let answer = result.clone()?;
        Ok(R::from_bytes(&answer).expect("the answer decodes"))
    }

    /// Asks an account.
    ///
    /// # Panics
    /// When the view refuses, or the answer does not decode.
    pub fn ask<R: Decode>(&mut self, question: Question<R>) -> R {
        let (to, method, data) = question.into_parts();
        let body = Body::View { method, data };
        let message = self.message(AccountId::default(), to, 0, body);
        let stage = self
            .play(&message)
            .unwrap_or_else(|why| panic!("view refused: {why}"));
        R::from_bytes(&stage.reply).expect("the answer decodes")
    }

    /// Delivers messages until nothing moves.
    ///
    /// # Panics
    /// After a million messages.
    pub fn run(&mut self) {
        for _ in 0..1_000_000 {
            if !self.step() {
                return;
            }
        }
        panic!("messages without end");
    }

    /// Delivers one message; `false` if there was none.
    pub fn step(&mut self) -> bool {
        let Some(lane) = self.choose() else {
            return false;
        };
        let queue = self.lanes.get_mut(&lane);
        let Some(message) = queue.and_then(VecDeque::pop_front) else {
            return false;
        };
        self.lanes.retain(|_, queue| !queue.is_empty());
        self.deliver(message);
        true
    }

    /// What an account has.
    pub fn balance(&self, account: AccountId) -> Amount {
        self.accounts.get(&account).map_or(0, |actor| actor.balance)
    }

    /// What its storage would lock of it, without its code.
    pub fn deposit(&self, account: AccountId) -> Amount {
        let actor = self.accounts.get(&account);
        actor.map_or(0, |actor| deposit_of(&actor.storage, actor.waiting))
    }

    /// All there is, on the way included.
    pub fn total(&self) -> Amount {
        let held = self.accounts.values().map(|actor| actor.balance);
        let moving = self.lanes.values().flatten().map(|message| message.value);
        held.chain(moving).sum()
    }

    /// What accounts showed, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many events there were with a topic.
    pub fn count(&self, topic: &str) -> usize {
        self.events
            .iter()
            .filter(|event| event.topic == topic)
            .count()
    }
}

/// Delivery.
impl World {
    fn message(&mut self, from: AccountId, to: AccountId, value: Amount, body: Body) -> Message {
        self.sent += 1;
        let id = host::sha3(&self.sent.to_le_bytes());
        let age = self.sent;
        Message {
            id,
            age,
            trace: id,
            from,
            to,
            value,
            deadline: 0,
            body,
        }
    }

    fn debit(&mut self, from: AccountId, value: Amount) {
        let actor = self.accounts.entry(from).or_default();
        actor.balance = actor.balance.checked_sub(value).expect("the sender has it");
    }

    fn queue(&mut self, message: Message) {
        let lane = (message.from, message.to);
        self.lanes.entry(lane).or_default().push_back(message);
    }

    /// The lane whose turn it is.
    fn choose(&mut self) -> Option<(AccountId, AccountId)> {
        let fronts = self
            .lanes
            .iter()
            .filter_map(|(lane, queue)| Some((lane, queue.front()?)));
        let Some(state) = &mut self.random else {
            return fronts
                .min_by_key(|(_, front)| front.age)
                .map(|(lane, _)| *lane);
        };
        // A linear congruential generator is random enough to shuffle a few lanes.
        *state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
        let mut bits = *state;
        bits ^= bits >> 29;
        let count = self.lanes.len().max(1) as u64;
        self.lanes.keys().nth((bits % count) as usize).copied()
    }

    fn deliver(&mut self, message: Message) {
        if matches!(message.body, Body::Reply { .. } | Body::Bounce { .. }) {
            return self.take_back(&message);
        }
        let late = message.deadline > 0 && self.root_height > message.deadline;
        if late || self.lost.contains(&message.to) {
            return self.bounce(&message, LATE, "late");
        }
        if self.broken.contains(&message.to) {
            return self.bounce(&message, REJECTED, "broken");
        }
        match self.play(&message) {
            Ok(stage) => {
                let answer = stage.reply.clone();
                self.keep(&message, stage);
                self.results.insert(message.id, Ok(answer.clone()));
                if let Some(handler) = message.body.wants_reply() {
                    let body = Body::Reply {
                        of: message.id,
                        handler,
                        note: message.body.note(),
                        data: answer,
                    };
                    self.answer(&message, 0, body);
                }
            }
            Err(why) => self.bounce(&message, REJECTED, &why),
        }
    }

    fn bounce(&mut self, message: &Message, code: u8, why: &str) {
        self.results.insert(message.id, Err(why.to_owned()));
        let handler = message.body.wants_reply();
        let body = Body::Bounce {
            of: message.id,
            handler,
            note: message.body.note(),
            code,
        };
        self.answer(message, message.value, body);
    }

    fn answer(&mut self, message: &Message, value: Amount, body: Body) {
        let mut answer = self.message(message.to, message.from, value, body);
        answer.trace = message.trace;
        self.queue(answer);
    }

    /// Value counts before the handler runs, and whatever becomes of it.
    fn take_back(&mut self, message: &Message) {
        let actor = self.accounts.entry(message.to).or_default();
        actor.balance += message.value;
        actor.waiting = actor.waiting.saturating_sub(message.body.waits());
        let handled = actor.code.is_some() && message.body.handler().is_some();
        if handled && let Ok(stage) = self.play(message) {
            self.keep(message, stage);
        }
    }

    /// Runs what answers the message, on a copy of the account.
    fn play(&self, message: &Message) -> Result<Stage, String> {
        let none = Actor::default();
        let actor = self.accounts.get(&message.to).unwrap_or(&none);
        let code = match &message.body {
            Body::Deploy { .. } if actor.code.is_some() => return Ok(self.stage(actor, message)),
            Body::Deploy { code, .. } => Some(*code),
            Body::Credit => return Ok(self.stage(actor, message)),
            _ => actor.code,
        };
        let code = code
            .and_then(|code| self.codes.get(&code))
            .ok_or("no code")?;
        stage::play(self.stage(actor, message), *code)
    }

    fn stage(&self, actor: &Actor, message: &Message) -> Stage {
        let credited = match message.body {
            Body::Reply { .. } | Body::Bounce { .. } => 0,
            _ => message.value,
        };
        Stage {
            message: message.clone(),
            chain: actor.chain,
            root_height: self.root_height,
            time: self.time,
            beacon: self.beacon,
            balance: actor.balance + credited,
            storage: actor.storage.clone(),
            waiting: actor.waiting,
            signatures: self.signatures.clone(),
            ..Stage::default()
        }
    }

    /// Makes what a run left behind count.
    fn keep(&mut self, message: &Message, stage: Stage) {
        let actor = self.accounts.entry(message.to).or_default();
        actor.balance = stage.balance;
        actor.storage = stage.storage;
        actor.waiting = stage.waiting;
        if let Body::Deploy { code, .. } = message.body {
            actor.code.get_or_insert(code);
        }
        if let Some(code) = stage.becomes {
            actor.code = Some(code);
        }
        self.events.extend(stage.events);
        for mut output in stage.outputs {
            self.sent += 1;
            output.age = self.sent;
            self.queue(output);
        }
    }
}
