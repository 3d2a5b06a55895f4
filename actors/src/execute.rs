//! Execution by whoever proposes a block: any schedule is valid, its order is written down.
//!
//! Accounts run in waves: all that have something to consume take a turn of at most a quota of
//! messages, each alone, so a wave may use many threads; then their inter messages are handed on
//! in the order of the turns. A wave that might not fit into the block runs one turn after the
//! other instead, so the schedule does not depend on the number of threads either.
//!
//! Relay messages run first, alone, for up to half of the block's gas: nobody who sends external
//! messages can keep out what came from other chains.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use types::{AccountId, AccountOrder, Order, Source, Step};

use crate::actor::Actor;
use crate::inputs::Prepared;
use crate::runner::{Runner, Taken, Turn, Waiting};
use crate::settle::Ran;
use crate::{Context, Executed, InputError, Inputs, Parallelism, Refusal, State};

/// Makes a block out of the candidates: runs what fits, and says why the others were left out.
///
/// All imports are taken in; what gas does not allow waits in mailboxes. [G4]
///
/// # Errors
/// When imports, acknowledgements or anchors are no valid inputs after `state`.
pub fn execute(
    state: &State,
    inputs: &Inputs<'_>,
    ctx: &Context,
    parallelism: Parallelism,
) -> Result<Executed, InputError> {
    let prepared = Prepared::new(state, inputs, ctx, parallelism)?;
    let mut schedule = Schedule {
        index: BTreeMap::new(),
        runners: Vec::new(),
        ready: Vec::new(),
        gas: 0,
        parallelism,
    };
    let turn = |externals, last| Turn {
        state: &prepared.state,
        inputs,
        ctx,
        externals,
        last,
    };
    schedule.fill(&prepared, inputs);
    schedule.phase(&turn(false, false), ctx.gas_limit / 2);
    schedule.phase(&turn(true, false), ctx.gas_limit);
    while schedule.phase(&turn(true, true), ctx.gas_limit) {}
    let refused = schedule.refused();
    let ran = schedule.finish(prepared, refused);
    Ok(ran.settle(ctx, parallelism))
}

struct Schedule {
    index: BTreeMap<AccountId, u32>,
    runners: Vec<Option<Box<Runner>>>,
    /// Runners of the next wave.
    ready: Vec<u32>,
    gas: u64,
    parallelism: Parallelism,
}

impl Schedule {
    /// Hands mailboxes, imports and candidates to their accounts.
    fn fill(&mut self, prepared: &Prepared, inputs: &Inputs<'_>) {
        for id in prepared.state.mailboxes() {
            let at = self.at(*id);
            if let Some(runner) = self.runner(at) {
                runner.actor = Some(Box::new(Actor::load(&prepared.state, *id)));
            }
        }
        for (at, letter) in prepared.letters.iter().enumerate() {
            self.deliver(Waiting {
                letter: Arc::clone(letter),
                from: Taken::Import(at as u32),
            });
        }
        let nonce = |at: &u32| {
            let candidate = inputs.externals.get(*at as usize);
            candidate.map_or(0, |(_, message)| message.call.nonce)
        };
        for (at, (_, message)) in inputs.externals.iter().enumerate() {
            let runner = self.at(message.call.from);
            if let Some(runner) = self.runner(runner) {
                runner.externals.push_back(at as u32);
            }
        }
        for runner in self.runners.iter_mut().flatten() {
            runner.externals.make_contiguous().sort_by_key(nonce);
        }
    }

    /// Waves until nothing more can run within `gas_limit`; whether anything ran.
    fn phase(&mut self, turn: &Turn<'_>, gas_limit: u64) -> bool {
        let before = self.gas;
        self.ready.clear();
        for (at, slot) in self.runners.iter_mut().enumerate() {
            let Some(runner) = slot else { continue };
            runner.stalled = false;
            runner.ready = runner.has_work(turn);
            if runner.ready {
                self.ready.push(at as u32);
            }
        }
        while !self.ready.is_empty() {
            self.wave(turn, gas_limit);
        }
        self.gas > before
    }

    fn wave(&mut self, turn: &Turn<'_>, gas_limit: u64) {
        let ready = std::mem::take(&mut self.ready);
        let take = |at| Some((at, self.runners.get_mut(at as usize)?.take()?, 0));
        let mut batch: Vec<(u32, Box<Runner>, u64)> = ready.into_iter().filter_map(take).collect();
        batch.sort_unstable_by_key(|(_, runner, _)| turn.ctx.turn(&runner.id));
        let left = gas_limit.saturating_sub(self.gas);
        let most = batch.iter().map(|(_, runner, _)| runner.most(turn));
        if most.fold(0, u64::saturating_add) <= left {
            let run = |(_, runner, used): &mut (u32, Box<Runner>, u64)| {
                *used = runner.run(turn, u64::MAX);
            };
            self.parallelism.each(&mut batch, run);
        } else {
            let mut left = left;
            for (_, runner, used) in &mut batch {
                *used = runner.run(turn, left);
                left -= *used;
            }
        }
        self.hand_on(batch, turn);
    }

    /// Puts the runners back and delivers their inter messages.
    fn hand_on(&mut self, batch: Vec<(u32, Box<Runner>, u64)>, turn: &Turn<'_>) {
        let mut order = Vec::with_capacity(batch.len());
        for (at, mut runner, used) in batch {
            self.gas += used;
            runner.ready = !runner.stalled && runner.has_work(turn);
            if runner.ready {
                self.ready.push(at);
            }
            if let Some(slot) = self.runners.get_mut(at as usize) {
                *slot = Some(runner);
            }
            order.push(at);
        }
        for at in order {
            for waiting in self.outputs(at) {
                self.deliver(waiting);
            }
        }
    }

    /// The inter messages that a runner has produced since it was asked last.
    fn outputs(&mut self, at: u32) -> Vec<Waiting> {
        let Some(runner) = self.runner(at) else {
            return Vec::new();
        };
        let first = runner.delivered;
        let produced = runner
            .actor
            .as_ref()
            .map_or(&[][..], |actor| &actor.outputs[..]);
        runner.delivered = produced.len();
        let new = produced.iter().enumerate().skip(first);
        new.filter(|(_, output)| output.inter)
            .map(|(output, produced)| Waiting {
                letter: Arc::clone(&produced.letter),
                from: Taken::Output {
                    runner: at,
                    output: output as u32,
                },
            })
            .collect()
    }

    fn deliver(&mut self, waiting: Waiting) {
        let at = self.at(waiting.letter.message().to);
        let Some(runner) = self.runner(at) else {
            return;
        };
        runner.queue.push_back(waiting);
        if !runner.ready && !runner.stalled {
            runner.ready = true;
            self.ready.push(at);
        }
    }

    fn at(&mut self, id: AccountId) -> u32 {
        match self.index.entry(id) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                let at = self.runners.len() as u32;
                self.runners.push(Some(Box::new(Runner::new(id))));
                *free.insert(at)
            }
        }
    }

    fn runner(&mut self, at: u32) -> Option<&mut Runner> {
        self.runners.get_mut(at as usize)?.as_deref_mut()
    }

    fn refused(&self) -> Vec<(usize, Refusal)> {
        let mut refused = Vec::new();
        for runner in self.runners.iter().flatten() {
            let left = runner.externals.iter().map(|at| (*at, Refusal::BlockFull));
            let all = runner.refused.iter().copied().chain(left);
            refused.extend(all.map(|(at, refusal)| (at as usize, refusal)));
        }
        refused.sort_unstable_by_key(|(at, _)| *at);
        refused
    }

    /// Writes σ and drops the runners that consumed nothing.
    fn finish(self, prepared: Prepared, refused: Vec<(usize, Refusal)>) -> Ran {
        let mut numbers = Numbers::new(self.runners.len());
        let mut runners = self.runners;
        for at in self.index.values() {
            if let Some(runner) = runners.get(*at as usize).and_then(Option::as_ref) {
                numbers.count(*at, runner);
            }
        }
        let included = numbers.number_externals();
        let mut taken = vec![false; prepared.letters.len()];
        let mut order = Order::default();
        let mut consumed = Vec::new();
        for at in self.index.values() {
            let Some(runner) = runners.get(*at as usize).and_then(Option::as_ref) else {
                continue;
            };
            for source in &runner.taken {
                match source {
                    Taken::Import(at) => taken[*at as usize] = true,
                    Taken::Output { runner, output } => consumed.push((*runner, *output)),
                    Taken::Mailbox | Taken::External(_) => {}
                }
            }
            if !runner.ends.is_empty() {
                order.accounts.push(numbers.order(runner, &runners));
            }
        }
        for (runner, output) in consumed {
            let actor = runners
                .get_mut(runner as usize)
                .and_then(Option::as_mut)
                .and_then(|runner| runner.actor.as_mut());
            if let Some(output) = actor.and_then(|actor| actor.outputs.get_mut(output as usize)) {
                output.consumed = true;
            }
        }
        let in_order = self.index.values();
        let actors = in_order
            .filter_map(|at| runners.get_mut(*at as usize)?.take())
            .filter(|runner| !runner.ends.is_empty())
            .filter_map(|runner| runner.actor)
            .collect();
        Ran {
            prepared,
            order,
            actors,
            taken,
            externals: included,
            refused,
        }
    }
}

/// From a proposer's names of messages to those of σ.
struct Numbers {
    /// Global number of each runner's first step.
    first: Vec<u32>,
    next: u32,
    /// Candidates that are included, ascending once numbered.
    externals: Vec<usize>,
}

impl Numbers {
    fn new(runners: usize) -> Self {
        Self {
            first: vec![0; runners],
            next: 0,
            externals: Vec::new(),
        }
    }

    /// Counts the steps of the next runner in account order.
    fn count(&mut self, at: u32, runner: &Runner) {
        self.first[at as usize] = self.next;
        self.next += runner.ends.len() as u32;
        let externals = runner.taken.iter().filter_map(|taken| match taken {
            Taken::External(at) => Some(*at as usize),
            _ => None,
        });
        self.externals.extend(externals);
    }

    fn number_externals(&mut self) -> Vec<usize> {
        self.externals.sort_unstable();
        self.externals.clone()
    }

    fn order(&self, runner: &Runner, runners: &[Option<Box<Runner>>]) -> AccountOrder {
        let mut start = 0;
        let mut steps = Vec::with_capacity(runner.ends.len());
        for end in &runner.ends {
            let taken = &runner.taken[start..*end as usize];
            start = *end as usize;
            let sources = taken.iter().map(|taken| self.source(*taken, runners));
            steps.push(Step {
                sources: sources.collect(),
            });
        }
        AccountOrder {
            account: runner.id,
            steps,
        }
    }

    fn source(&self, taken: Taken, runners: &[Option<Box<Runner>>]) -> Source {
        match taken {
            Taken::Mailbox => Source::Mailbox,
            Taken::External(at) => {
                let number = self.externals.partition_point(|other| *other < at as usize);
                Source::Input(number as u32)
            }
            Taken::Import(at) => Source::Input(self.externals.len() as u32 + at),
            Taken::Output { runner, output } => {
                let producer = runners.get(runner as usize).and_then(Option::as_ref);
                let ends = producer.and_then(|runner| runner.actor.as_ref());
                let ends = ends.map_or(&[][..], |actor| &actor.ends[..]);
                let step = ends.partition_point(|end| *end <= output);
                let start = step.checked_sub(1).map_or(0, |before| ends[before]);
                Source::Output {
                    step: self.first[runner as usize] + step as u32,
                    output: output - start,
                }
            }
        }
    }
}
