//! A proposer's schedule: waves of turns.
//!
//! All accounts that have something to consume take a turn of at most a quota of messages, each
//! alone, so a wave may use many threads; then their inter messages are handed on in the order of
//! the turns. A wave that might not fit into the block runs one turn after the other instead, so
//! the schedule does not depend on the number of threads either.
//!
//! Accounts that have mail from blocks before join in the first wave of each phase, in the order of
//! their turns and as far as gas goes. They are no runners before, so those whose turn does not
//! come cost nothing. [G14]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use types::AccountId;

use crate::inputs::Prepared;
use crate::numbers::Numbers;
use crate::runner::{Runner, Taken, Turn, Waiting};
use crate::settle::Ran;
use crate::{AccountSet, Inputs, Parallelism, Refusal, gas};

/// Accounts that may in one phase lack gas for their next message before no more mailboxes are
/// looked at.
const MISSES: usize = 1_024;

/// A runner, where it belongs, and the gas that its turn used.
type Run = (u32, Box<Runner>, u64);

/// A block in the making.
pub(crate) struct Schedule {
    mailboxes: AccountSet,
    /// Accounts that take part: the block brings them something, or they have mail and a turn.
    index: BTreeMap<AccountId, u32>,
    runners: Vec<Option<Box<Runner>>>,
    /// Their accounts, close together for sorting.
    ids: Vec<AccountId>,
    /// Runners of the next wave.
    ready: Vec<u32>,
    /// Runners for which something waits that could not run yet.
    idle: Vec<u32>,
    gas: u64,
    parallelism: Parallelism,
}

impl Schedule {
    /// A schedule over the accounts that have mail before the block.
    pub(crate) const fn new(mailboxes: AccountSet, parallelism: Parallelism) -> Self {
        Self {
            mailboxes,
            index: BTreeMap::new(),
            runners: Vec::new(),
            ids: Vec::new(),
            ready: Vec::new(),
            idle: Vec::new(),
            gas: 0,
            parallelism,
        }
    }

    /// Hands imports and candidates to their accounts.
    pub(crate) fn fill(&mut self, prepared: &Prepared, inputs: &Inputs<'_>) {
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
            if runner.externals.len() > 1 {
                runner.externals.make_contiguous().sort_by_key(nonce);
            }
            runner.ready = false;
        }
        self.ready.clear();
        self.idle = (0..self.runners.len() as u32).collect();
    }

    /// Waves until nothing more can run within `gas_limit`; whether anything ran.
    pub(crate) fn phase(&mut self, turn: &Turn<'_>, gas_limit: u64) -> bool {
        let before = self.gas;
        for at in std::mem::take(&mut self.idle) {
            let Some(runner) = self.runner(at) else {
                continue;
            };
            runner.stalled = false;
            if runner.ready {
                continue;
            }
            runner.ready = runner.has_work(turn);
            let list = if runner.ready {
                &mut self.ready
            } else {
                &mut self.idle
            };
            list.push(at);
        }
        let mail = self.mailboxes.clone();
        self.wave(turn, gas_limit, &mail);
        while !self.ready.is_empty() {
            self.wave(turn, gas_limit, &AccountSet::default());
        }
        self.gas > before
    }

    /// A turn for each runner that is ready and each account in `mail`, as far as gas goes.
    fn wave(&mut self, turn: &Turn<'_>, gas_limit: u64, mail: &AccountSet) {
        let left = gas_limit.saturating_sub(self.gas);
        let batch = if self.fits(turn, left, mail) {
            self.all_at_once(turn, mail)
        } else {
            self.one_by_one(turn, left, mail)
        };
        self.hand_on(batch, turn);
    }

    /// Whether a whole wave fits into what is left.
    fn fits(&self, turn: &Turn<'_>, left: u64, mail: &AccountSet) -> bool {
        let ready = self.ready.iter().filter_map(|at| {
            let runner = self.runners.get(*at as usize)?.as_deref()?;
            Some(runner.most(turn))
        });
        let new = mail.in_turn(&turn.ctx.rotation);
        let new = new.filter(|id| !self.index.contains_key(id));
        let mut all = ready.chain(new.map(|id| Runner::new(id, true).most(turn)));
        let sum = all.try_fold(0_u64, |sum, most| {
            let sum = sum.saturating_add(most);
            (sum <= left).then_some(sum)
        });
        sum.is_some()
    }

    fn all_at_once(&mut self, turn: &Turn<'_>, mail: &AccountSet) -> Vec<Run> {
        for id in mail.iter() {
            if !self.index.contains_key(&id) {
                let at = self.at(id);
                self.ready.push(at);
            }
        }
        let ready = self.take_ready(turn);
        let take = |(_, at)| Some((at, self.take(at)?, 0));
        let mut batch: Vec<Run> = ready.into_iter().filter_map(take).collect();
        let run = |(_, runner, used): &mut Run| *used = runner.run(turn, u64::MAX);
        self.parallelism.each(&mut batch, run);
        batch
    }

    /// One turn after the other, each with what gas is left. [G14] Of the accounts with mail only
    /// those take part whose next message fits. Where it does not fit for many, no more of them are
    /// looked at; the next block begins elsewhere.
    fn one_by_one(&mut self, turn: &Turn<'_>, mut left: u64, mail: &AccountSet) -> Vec<Run> {
        let mut batch = Vec::new();
        let mut run = |at, mut runner: Box<Runner>, left: &mut u64| {
            let used = runner.run(turn, *left);
            *left -= used;
            batch.push((at, runner, used));
        };
        let mut mail = mail.in_turn(&turn.ctx.rotation).peekable();
        let mut misses = 0;
        let ready = self.take_ready(turn).into_iter().map(Some);
        for next in ready.chain([None]) {
            let before = |id: &AccountId| next.is_none_or(|(key, _)| turn.ctx.turn(id) < key);
            while left >= gas::LEAST
                && misses < MISSES
                && let Some(id) = mail.next_if(before)
            {
                if self.index.contains_key(&id) {
                    continue;
                }
                if Runner::new(id, true).most_of_next(1, turn) > left {
                    misses += 1;
                    continue;
                }
                let at = self.at(id);
                if let Some(runner) = self.take(at) {
                    run(at, runner, &mut left);
                }
            }
            if let Some((_, at)) = next
                && let Some(runner) = self.take(at)
            {
                run(at, runner, &mut left);
            }
        }
        batch
    }

    /// The runners of this wave, in the order of their turns.
    fn take_ready(&mut self, turn: &Turn<'_>) -> Vec<((bool, AccountId), u32)> {
        let ready = std::mem::take(&mut self.ready);
        let turn_of = |at: u32| Some((turn.ctx.turn(self.ids.get(at as usize)?), at));
        let mut turns: Vec<_> = ready.into_iter().filter_map(turn_of).collect();
        turns.sort_unstable();
        turns
    }

    fn take(&mut self, at: u32) -> Option<Box<Runner>> {
        self.runners.get_mut(at as usize)?.take()
    }

    /// Puts the runners back and delivers their inter messages.
    fn hand_on(&mut self, batch: Vec<Run>, turn: &Turn<'_>) {
        let mut order = Vec::with_capacity(batch.len());
        for (at, mut runner, used) in batch {
            self.gas += used;
            runner.ready = !runner.stalled && runner.has_work(turn);
            if runner.ready {
                self.ready.push(at);
            } else if runner.is_waiting() {
                self.idle.push(at);
            }
            if let Some(slot) = self.runners.get_mut(at as usize) {
                *slot = Some(runner);
            }
            order.push(at);
        }
        for at in order {
            while let Some(waiting) = self.runner(at).and_then(|runner| runner.output(at)) {
                self.deliver(waiting);
            }
        }
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
                let had_mail = self.mailboxes.contains(&id);
                self.runners.push(Some(Box::new(Runner::new(id, had_mail))));
                self.ids.push(id);
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

    /// Writes σ; the runners that consumed nothing are not in it.
    pub(crate) fn finish(self, prepared: Prepared) -> Ran {
        let refused = self.refused();
        let in_order: Vec<u32> = self.index.into_values().collect();
        let mut runners: Vec<_> = self.runners.into_iter().flatten().collect();
        let numbers = Numbers::new(&in_order, &runners);
        let order = numbers.order(&in_order, &runners);
        let taken = mark_consumed(&mut runners, prepared.letters.len());
        let mut runners: Vec<_> = runners.into_iter().map(Some).collect();
        let used = in_order
            .iter()
            .filter_map(|at| runners.get_mut(*at as usize)?.take());
        let actors = used
            .filter(|runner| !runner.ends.is_empty())
            .filter_map(|runner| runner.actor)
            .collect();
        Ran {
            prepared,
            order,
            actors,
            taken,
            externals: numbers.externals,
            refused,
        }
    }
}

/// Marks the outputs that were consumed, and tells which imported messages were.
fn mark_consumed(runners: &mut [Box<Runner>], imports: usize) -> Vec<bool> {
    let mut taken = vec![false; imports];
    let mut consumed = Vec::new();
    for source in runners.iter().flat_map(|runner| &runner.taken) {
        match source {
            Taken::Import(at) => taken[*at as usize] = true,
            Taken::Output { runner, output } => consumed.push((*runner, *output)),
            Taken::Mailbox | Taken::External(_) => {}
        }
    }
    for (runner, output) in consumed {
        if let Some(actor) = &mut runners[runner as usize].actor {
            actor.outputs[output as usize].consumed = true;
        }
    }
    taken
}

#[cfg(test)]
mod tests;
