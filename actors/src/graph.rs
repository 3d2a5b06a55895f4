//! σ as a graph: who consumes what, and which steps wait for which. [G2] [G3]

use types::{AccountId, Order, Source};

use crate::{CheckError, Inputs, Letter, State};
use std::sync::Arc;

/// Where a step gets one of its messages from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wire {
    Mailbox,
    External(u32),
    Import(u32),
    /// Place in [`Graph::edges`].
    Edge(u32),
}

/// An inter message from the step that produces it to the one that consumes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) producer: u32,
    pub(crate) output: u32,
    pub(crate) consumer: u32,
    /// Place of the source in σ.
    at: u32,
}

/// σ, numbered.
pub(crate) struct Graph {
    /// For each account its first step, and one more for the end.
    pub(crate) first: Vec<u32>,
    /// For each step its account.
    pub(crate) owner: Vec<u32>,
    /// For each step where its sources start, and one more for the end.
    starts: Vec<u32>,
    wires: Vec<Wire>,
    /// By (producer, output).
    pub(crate) edges: Vec<Edge>,
    /// For each step the first edge that it produces, and one more for the end.
    produced: Vec<u32>,
    /// For each step how many inter messages it still waits for.
    pub(crate) missing: Vec<u32>,
    /// For each imported message where in σ it is consumed.
    pub(crate) imports: Vec<Option<u32>>,
}

impl Graph {
    pub(crate) fn new(
        state: &State,
        inputs: &Inputs<'_>,
        letters: &[Arc<Letter>],
        order: &Order,
    ) -> Result<Self, CheckError> {
        let mut graph = Self {
            first: Vec::with_capacity(order.accounts.len() + 1),
            owner: Vec::new(),
            starts: vec![0],
            wires: Vec::new(),
            edges: Vec::new(),
            produced: Vec::new(),
            missing: Vec::new(),
            imports: vec![None; letters.len()],
        };
        let mut externals = vec![false; inputs.externals.len()];
        graph.number(order, inputs, letters, &mut externals)?;
        if let Some(input) = externals.iter().position(|consumed| !consumed) {
            return Err(CheckError::ExternalLeft { input });
        }
        graph.connect()?;
        graph.mailboxes(state, order)?;
        Ok(graph)
    }

    /// How many steps there are.
    pub(crate) const fn steps(&self) -> usize {
        self.owner.len()
    }

    /// Where a step gets its messages from.
    pub(crate) fn wires(&self, step: usize) -> &[Wire] {
        &self.wires[self.starts[step] as usize..self.starts[step + 1] as usize]
    }

    /// The inter messages that a step must produce.
    pub(crate) fn edges_of(&self, step: usize) -> std::ops::Range<usize> {
        self.produced[step] as usize..self.produced[step + 1] as usize
    }

    /// The source in σ that consumes an edge.
    pub(crate) fn place(&self, edge: usize) -> u32 {
        self.edges[edge].at
    }

    fn number(
        &mut self,
        order: &Order,
        inputs: &Inputs<'_>,
        letters: &[Arc<Letter>],
        externals: &mut [bool],
    ) -> Result<(), CheckError> {
        let mut previous: Option<AccountId> = None;
        for (owner, account) in order.accounts.iter().enumerate() {
            if previous >= Some(account.account) || account.steps.is_empty() {
                return Err(CheckError::Order {
                    account: account.account,
                });
            }
            previous = Some(account.account);
            self.first.push(self.owner.len() as u32);
            for step in &account.steps {
                if step.sources.is_empty() {
                    return Err(CheckError::Order {
                        account: account.account,
                    });
                }
                self.owner.push(owner as u32);
                for source in &step.sources {
                    let wire = self.wire(source, &account.account, inputs, letters, externals)?;
                    self.wires.push(wire);
                }
                self.starts.push(self.wires.len() as u32);
            }
        }
        self.first.push(self.owner.len() as u32);
        Ok(())
    }

    fn wire(
        &mut self,
        source: &Source,
        account: &AccountId,
        inputs: &Inputs<'_>,
        letters: &[Arc<Letter>],
        externals: &mut [bool],
    ) -> Result<Wire, CheckError> {
        let at = self.wires.len() as u32;
        match *source {
            Source::Mailbox => Ok(Wire::Mailbox),
            Source::Input(input) => {
                let number = input as usize;
                if let Some((_, message)) = inputs.externals.get(number) {
                    recipient(source, account, &message.call.from)?;
                    let consumed = &mut externals[number];
                    once(source, std::mem::replace(consumed, true))?;
                    return Ok(Wire::External(input));
                }
                let import = number - inputs.externals.len();
                let letter = letters
                    .get(import)
                    .ok_or(CheckError::Missing { of: *source })?;
                recipient(source, account, &letter.message().to)?;
                once(source, self.imports[import].replace(at).is_some())?;
                Ok(Wire::Import(import as u32))
            }
            Source::Output { step, output } => {
                let consumer = self.owner.len() as u32 - 1;
                self.edges.push(Edge {
                    producer: step,
                    output,
                    consumer,
                    at,
                });
                Ok(Wire::Edge(0))
            }
        }
    }

    /// Sorts the edges by producer, finds what is consumed twice, and counts what steps wait for.
    fn connect(&mut self) -> Result<(), CheckError> {
        self.edges
            .sort_unstable_by_key(|edge| (edge.producer, edge.output));
        let same = |pair: &[Edge]| match pair {
            [a, b] => (a.producer, a.output) == (b.producer, b.output),
            _ => false,
        };
        if let Some(pair) = self.edges.windows(2).find(|pair| same(pair)) {
            return Err(CheckError::Twice {
                of: pair[0].source(),
            });
        }
        let steps = self.steps();
        self.missing = vec![0; steps];
        self.produced = vec![0; steps + 1];
        for (number, edge) in self.edges.iter().enumerate() {
            let Some(count) = self.produced.get_mut(edge.producer as usize + 1) else {
                return Err(CheckError::Missing { of: edge.source() });
            };
            *count += 1;
            self.missing[edge.consumer as usize] += 1;
            self.wires[edge.at as usize] = Wire::Edge(number as u32);
        }
        for step in 0..steps {
            self.produced[step + 1] += self.produced[step];
        }
        Ok(())
    }

    /// [G4] A mailbox is consumed from its front, and whole before anything else than externals.
    fn mailboxes(&self, state: &State, order: &Order) -> Result<(), CheckError> {
        for (owner, account) in order.accounts.iter().enumerate() {
            // The set is small where the tree is not.
            let mut waiting = 0;
            if state.mailboxes().contains(&account.account) {
                let stored = state.account(&account.account);
                waiting = stored.map_or(0, |stored| stored.mailbox.len());
            }
            let (from, to) = (self.first[owner] as usize, self.first[owner + 1] as usize);
            let wires = self.starts[from] as usize..self.starts[to] as usize;
            for wire in &self.wires[wires] {
                match wire {
                    Wire::Mailbox if waiting == 0 => {
                        return Err(CheckError::Missing {
                            of: Source::Mailbox,
                        });
                    }
                    Wire::Mailbox => waiting -= 1,
                    Wire::Import(_) | Wire::Edge(_) if waiting > 0 => {
                        return Err(CheckError::Fifo {
                            account: account.account,
                        });
                    }
                    Wire::External(_) | Wire::Import(_) | Wire::Edge(_) => {}
                }
            }
        }
        Ok(())
    }
}

impl Edge {
    /// The edge as σ writes it.
    pub(crate) const fn source(&self) -> Source {
        Source::Output {
            step: self.producer,
            output: self.output,
        }
    }
}

fn recipient(source: &Source, account: &AccountId, to: &AccountId) -> Result<(), CheckError> {
    if account == to {
        Ok(())
    } else {
        Err(CheckError::Recipient { of: *source })
    }
}

const fn once(source: &Source, before: bool) -> Result<(), CheckError> {
    if before {
        Err(CheckError::Twice { of: *source })
    } else {
        Ok(())
    }
}
