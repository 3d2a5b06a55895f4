//! An actor in a proposer's hands: what waits for it, and what it consumed.

use std::collections::VecDeque;
use std::sync::Arc;

use types::{AccountId, RelayBody};

use crate::actor::Actor;
use crate::{Context, Inputs, Letter, Queue, Refusal, State, gas, handlers};

/// Where a message that a proposer had consumed came from; turned into σ at the end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Taken {
    Mailbox,
    /// Place among the candidates.
    External(u32),
    /// Place among the imported messages.
    Import(u32),
    /// Place among all outputs of a runner.
    Output {
        runner: u32,
        output: u32,
    },
}

/// A relay message of this block that waits for an actor.
pub(crate) struct Waiting {
    pub(crate) letter: Arc<Letter>,
    pub(crate) from: Taken,
}

/// An actor, what waits for it, and its σ so far.
pub(crate) struct Runner {
    pub(crate) id: AccountId,
    /// Loaded with its first turn. [G14]
    pub(crate) actor: Option<Box<Actor>>,
    /// Whether mail from blocks before waits for it.
    had_mail: bool,
    /// Imports and inter messages, behind the mailbox. [G4]
    pub(crate) queue: VecDeque<Waiting>,
    /// Places of its external messages among the candidates, by nonce.
    pub(crate) externals: VecDeque<u32>,
    /// What was consumed, and where each step ends in it.
    pub(crate) taken: Vec<Taken>,
    pub(crate) ends: Vec<u32>,
    pub(crate) refused: Vec<(u32, Refusal)>,
    /// Outputs that were handed on.
    pub(crate) delivered: usize,
    /// In the list of those that run next.
    pub(crate) ready: bool,
    /// Its next message does not fit into what is left of the block.
    pub(crate) stalled: bool,
}

/// What a turn depends on.
pub(crate) struct Turn<'a> {
    pub(crate) state: &'a State,
    pub(crate) inputs: &'a Inputs<'a>,
    pub(crate) ctx: &'a Context,
    /// May external messages run?
    pub(crate) externals: bool,
    /// Run also transfers that the balance does not cover: nothing else will come in.
    pub(crate) last: bool,
}

impl Runner {
    pub(crate) const fn new(id: AccountId, had_mail: bool) -> Self {
        Self {
            id,
            actor: None,
            had_mail,
            queue: VecDeque::new(),
            externals: VecDeque::new(),
            taken: Vec::new(),
            ends: Vec::new(),
            refused: Vec::new(),
            delivered: 0,
            ready: false,
            stalled: false,
        }
    }

    /// The most gas that the next turn can use.
    pub(crate) fn most(&self, turn: &Turn<'_>) -> u64 {
        self.most_of_next(turn.ctx.quota.max(1), turn)
    }

    /// The most gas that the next so many messages can use.
    pub(crate) fn most_of_next(&self, count: u32, turn: &Turn<'_>) -> u64 {
        let mailbox = self.mailbox(turn.state).into_iter().flat_map(Queue::iter);
        let relays = mailbox.chain(self.queue.iter().map(|waiting| &waiting.letter));
        let relays = relays.map(|letter| self.most_of(letter, turn));
        let externals = self.externals.iter().filter_map(|at| {
            let (_, message) = turn.inputs.externals.get(*at as usize)?;
            turn.externals.then(|| gas::external(&message.call))
        });
        relays
            .chain(externals)
            .take(count as usize)
            .fold(0, u64::saturating_add)
    }

    fn most_of(&self, letter: &Letter, turn: &Turn<'_>) -> u64 {
        match &self.actor {
            Some(actor) => handlers::most(actor, letter, turn.ctx),
            None => handlers::most_stored(turn.state, &self.id, letter, turn.ctx),
        }
    }

    /// Consumes up to a quota of messages and at most `allowance` gas; says how much it was.
    pub(crate) fn run(&mut self, turn: &Turn<'_>, allowance: u64) -> u64 {
        let load = || Box::new(Actor::load(turn.state, self.id));
        let mut actor = self.actor.take().unwrap_or_else(load);
        let before = actor.gas;
        let mut left = turn.ctx.quota.max(1);
        while left > 0 {
            let spare = allowance - (actor.gas - before);
            let count = match self.front(&actor) {
                Some(_) => self.relays(&mut actor, turn, spare, left),
                None => self.external(&mut actor, turn, spare),
            };
            if count == 0 {
                break;
            }
            left = left.saturating_sub(count);
        }
        let used = actor.gas - before;
        self.actor = Some(actor);
        used
    }

    /// Whether another turn could consume something.
    pub(crate) fn has_work(&self, turn: &Turn<'_>) -> bool {
        if self.has_mail() || !self.queue.is_empty() {
            return true;
        }
        let next = self
            .externals
            .front()
            .and_then(|at| turn.inputs.externals.get(*at as usize));
        match (next, &self.actor) {
            (Some((_, message)), Some(actor)) if turn.externals => {
                turn.last || !actor.lacks(message)
            }
            (Some(_), None) => turn.externals,
            _ => false,
        }
    }

    /// Whether anything waits, even if it can't run now.
    pub(crate) fn is_waiting(&self) -> bool {
        self.has_mail() || !self.queue.is_empty() || !self.externals.is_empty()
    }

    fn has_mail(&self) -> bool {
        let actor = self.actor.as_ref();
        actor.map_or(self.had_mail, |actor| !actor.account.mailbox.is_empty())
    }

    fn mailbox<'b>(&'b self, state: &'b State) -> Option<&'b Queue> {
        let account = match &self.actor {
            Some(actor) => Some(&actor.account),
            None if self.had_mail => state.account(&self.id),
            None => None,
        };
        Some(&account?.mailbox)
    }

    /// The next inter message to hand on; `at` is this runner's own number.
    pub(crate) fn output(&mut self, at: u32) -> Option<Waiting> {
        let outputs = &self.actor.as_ref()?.outputs;
        let next = outputs
            .iter()
            .skip(self.delivered)
            .position(|output| output.inter);
        let Some(next) = next else {
            self.delivered = outputs.len();
            return None;
        };
        let output = self.delivered + next;
        let letter = Arc::clone(&outputs.get(output)?.letter);
        self.delivered = output + 1;
        let from = Taken::Output {
            runner: at,
            output: output as u32,
        };
        Some(Waiting { letter, from })
    }

    fn front<'b>(&'b self, actor: &'b Actor) -> Option<&'b Arc<Letter>> {
        let queued = self.queue.front().map(|waiting| &waiting.letter);
        actor.account.mailbox.front().or(queued)
    }

    fn next(&mut self, actor: &mut Actor) -> Option<Waiting> {
        match actor.account.mailbox.pop() {
            Some(letter) => Some(Waiting {
                letter,
                from: Taken::Mailbox,
            }),
            None => self.queue.pop_front(),
        }
    }

    /// One step over the next relay message, or over the run of credits in front. [G10]
    fn relays(&mut self, actor: &mut Actor, turn: &Turn<'_>, spare: u64, left: u32) -> u32 {
        let (mut count, mut used) = (0, 0_u64);
        while count < left {
            let Some(letter) = self.front(actor) else {
                break;
            };
            let merges = matches!(letter.message().body, RelayBody::Credit);
            let most = handlers::most(actor, letter, turn.ctx);
            if count > 0 && !merges {
                break;
            }
            used = used.saturating_add(most);
            if used > spare {
                self.stalled = count == 0;
                break;
            }
            let Some(waiting) = self.next(actor) else {
                break;
            };
            actor.relay(&waiting.letter, turn.ctx);
            self.taken.push(waiting.from);
            count += 1;
            if !merges {
                break;
            }
        }
        if count > 0 {
            self.end_step(actor);
        }
        count
    }

    /// One step over the next external message; refused ones leave no step.
    fn external(&mut self, actor: &mut Actor, turn: &Turn<'_>, spare: u64) -> u32 {
        while let Some(at) = self.externals.front().copied().filter(|_| turn.externals) {
            let Some((id, message)) = turn.inputs.externals.get(at as usize) else {
                break;
            };
            if gas::external(&message.call) > spare {
                self.stalled = true;
                break;
            }
            if !turn.last && actor.account.nonce == message.call.nonce && actor.lacks(message) {
                break;
            }
            self.externals.pop_front();
            match actor.external(*id, message, turn.ctx) {
                Ok(()) => {
                    self.taken.push(Taken::External(at));
                    self.end_step(actor);
                    return 1;
                }
                Err(refusal) => self.refused.push((at, refusal)),
            }
        }
        0
    }

    fn end_step(&mut self, actor: &mut Actor) {
        actor.end_step();
        self.ends.push(self.taken.len() as u32);
    }
}
