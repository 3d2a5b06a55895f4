//! From a proposer's names of messages to those of σ.

use types::{AccountOrder, Order, Source, Step};

use crate::runner::{Runner, Taken};

/// The numbers that σ gives to steps and inputs.
pub(crate) struct Numbers {
    /// Global number of each runner's first step.
    first: Vec<u32>,
    /// Candidates that are included, ascending.
    pub(crate) externals: Vec<usize>,
}

impl Numbers {
    /// Numbers the steps of all runners, which come in the order of their accounts.
    pub(crate) fn new(in_order: &[u32], runners: &[Box<Runner>]) -> Self {
        let mut first = vec![0; runners.len()];
        let mut next = 0;
        for at in in_order {
            first[*at as usize] = next;
            next += runners[*at as usize].ends.len() as u32;
        }
        let taken = runners.iter().flat_map(|runner| &runner.taken);
        let mut externals: Vec<_> = taken
            .filter_map(|taken| match taken {
                Taken::External(at) => Some(*at as usize),
                _ => None,
            })
            .collect();
        externals.sort_unstable();
        Self { first, externals }
    }

    /// σ.
    pub(crate) fn order(&self, in_order: &[u32], runners: &[Box<Runner>]) -> Order {
        let used = in_order.iter().map(|at| &runners[*at as usize]);
        let accounts = used
            .filter(|runner| !runner.ends.is_empty())
            .map(|runner| self.account(runner, runners));
        Order {
            accounts: accounts.collect(),
        }
    }

    fn account(&self, runner: &Runner, runners: &[Box<Runner>]) -> AccountOrder {
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

    fn source(&self, taken: Taken, runners: &[Box<Runner>]) -> Source {
        match taken {
            Taken::Mailbox => Source::Mailbox,
            Taken::External(at) => {
                let number = self.externals.partition_point(|other| *other < at as usize);
                Source::Input(number as u32)
            }
            Taken::Import(at) => Source::Input(self.externals.len() as u32 + at),
            Taken::Output { runner, output } => {
                let producer = runners[runner as usize].actor.as_ref();
                let ends = producer.map_or(&[][..], |actor| &actor.ends[..]);
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
