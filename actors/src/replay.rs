//! Replaying σ: the check that its graph has no cycle is that all its steps run. [G2]
//!
//! Each step waits for the step before it of the same account and for the producers of its inter
//! messages. Steps that wait for nothing run; what they produce lets others run. If all ran, the
//! order was a topological one, so the graph has no cycle; if not, those that are left wait for
//! each other. Accounts run in waves on many threads; a step touches its own account only.

use std::sync::Arc;

use types::{Order, RelayBody, Source};

use crate::actor::{Actor, Actors};
use crate::graph::{Graph, Wire};
use crate::inputs::Prepared;
use crate::{CheckError, Context, Inputs, Letter, Parallelism};

/// σ while it is being replayed.
pub(crate) struct Replay<'a> {
    letters: &'a [Arc<Letter>],
    inputs: &'a Inputs<'a>,
    ctx: &'a Context,
    parallelism: Parallelism,
    graph: Graph,
    players: Vec<Option<Player>>,
    /// For each edge its message, once produced.
    arrived: Vec<Option<Arc<Letter>>>,
    ready: Vec<u32>,
    gas: u64,
}

/// An account of σ on its way through its steps.
struct Player {
    actor: Box<Actor>,
    number: u32,
    /// The next step, globally numbered, and where its steps end.
    next: usize,
    end: usize,
    fault: Option<Box<CheckError>>,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        prepared: &'a Prepared,
        inputs: &'a Inputs<'a>,
        order: &Order,
        ctx: &'a Context,
        parallelism: Parallelism,
        graph: Graph,
    ) -> Self {
        let bounds = graph.first.windows(2).enumerate();
        let seats: Vec<_> = bounds
            .zip(&order.accounts)
            .map(|((number, bounds), account)| (number, bounds[0], bounds[1], account.account))
            .collect();
        let players = parallelism.map(&seats, |(number, next, end, id)| {
            Some(Player {
                actor: Box::new(Actor::load(&prepared.state, *id)),
                number: *number as u32,
                next: *next as usize,
                end: *end as usize,
                fault: None,
            })
        });
        let players_in_order = players.iter().flatten();
        let ready = players_in_order.filter(|player| graph.missing[player.next] == 0);
        Self {
            letters: &prepared.letters,
            inputs,
            ctx,
            parallelism,
            ready: ready.map(|player| player.number).collect(),
            arrived: vec![None; graph.edges.len()],
            graph,
            players,
            gas: 0,
        }
    }

    /// Runs all steps.
    pub(crate) fn run(&mut self) -> Result<(), CheckError> {
        while !self.ready.is_empty() {
            self.wave()?;
        }
        let stuck = self
            .players
            .iter()
            .flatten()
            .find(|player| player.next < player.end);
        match stuck {
            Some(player) => Err(CheckError::Cycle {
                account: player.actor.id,
            }),
            None => Ok(()),
        }
    }

    fn wave(&mut self) -> Result<(), CheckError> {
        let ready = std::mem::take(&mut self.ready);
        let take = |at: u32| {
            let player = self.players.get_mut(at as usize)?.take()?;
            Some((player.next, player.actor.gas, player))
        };
        let mut batch: Vec<_> = ready.into_iter().filter_map(take).collect();
        let this = &*self;
        this.parallelism
            .each(&mut batch, |(_, _, player)| this.play(player));
        let mut ran = Vec::with_capacity(batch.len());
        for (from, gas, mut player) in batch {
            if let Some(fault) = player.fault.take() {
                return Err(*fault);
            }
            self.gas = self.gas.saturating_add(player.actor.gas - gas);
            ran.push((player.number, from..player.next));
            let number = player.number as usize;
            self.players[number] = Some(player);
        }
        if self.gas > self.ctx.gas_limit {
            return Err(CheckError::Gas {
                limit: self.ctx.gas_limit,
            });
        }
        for (number, steps) in ran {
            for step in steps {
                self.hand_on(number as usize, step)?;
            }
        }
        Ok(())
    }

    /// Runs the player's steps as far as what they consume is there.
    fn play(&self, player: &mut Player) {
        let spare = self.ctx.gas_limit.saturating_add(player.actor.gas);
        while player.next < player.end && self.graph.missing[player.next] == 0 {
            if let Err(fault) = self.step(&mut player.actor, player.next) {
                player.fault = Some(Box::new(fault));
                return;
            }
            player.next += 1;
            if player.actor.gas > spare {
                return;
            }
        }
    }

    fn step(&self, actor: &mut Actor, step: usize) -> Result<(), CheckError> {
        let wires = self.graph.wires(step);
        let alone = wires.len() == 1;
        for wire in wires {
            if let Wire::External(number) = wire {
                self.external(actor, *number, alone)?;
                continue;
            }
            let popped;
            let letter = match wire {
                Wire::Mailbox => {
                    popped = actor.account.mailbox.pop();
                    popped.as_ref()
                }
                Wire::Import(at) => self.letters.get(*at as usize),
                Wire::Edge(at) => self.arrived[*at as usize].as_ref(),
                Wire::External(_) => None,
            };
            let letter = letter.ok_or(CheckError::Missing {
                of: Source::Mailbox,
            })?;
            if !alone && letter.message().body != RelayBody::Credit {
                return Err(CheckError::Merge { account: actor.id });
            }
            actor.relay(letter, self.ctx);
        }
        actor.end_step();
        Ok(())
    }

    fn external(&self, actor: &mut Actor, number: u32, alone: bool) -> Result<(), CheckError> {
        let input = number as usize;
        if !alone {
            return Err(CheckError::Merge { account: actor.id });
        }
        let (id, message) = self.inputs.externals[input];
        let refused = actor.external(id, message, self.ctx);
        refused.map_err(|refusal| CheckError::External { input, refusal })
    }

    /// Gives the outputs of a step to the steps that consume them.
    fn hand_on(&mut self, number: usize, step: usize) -> Result<(), CheckError> {
        let edges = self.graph.edges_of(step);
        if edges.is_empty() {
            return Ok(());
        }
        let local = step - self.graph.first[number] as usize;
        for at in edges {
            let edge = self.graph.edges[at];
            let Some(player) = self.players[number].as_mut() else {
                continue;
            };
            let outputs = player.actor.outputs_of(local);
            let produced = player.actor.outputs[outputs].get_mut(edge.output as usize);
            let output = produced
                .filter(|output| output.inter)
                .ok_or(CheckError::Missing { of: edge.source() })?;
            output.consumed = true;
            let letter = Arc::clone(&output.letter);
            self.arrive(at, letter)?;
        }
        Ok(())
    }

    fn arrive(&mut self, at: usize, letter: Arc<Letter>) -> Result<(), CheckError> {
        let edge = self.graph.edges[at];
        let consumer = edge.consumer as usize;
        let owner = self.graph.owner[consumer];
        let Some(player) = &self.players[owner as usize] else {
            return Ok(());
        };
        if player.actor.id != letter.message().to {
            return Err(CheckError::Recipient { of: edge.source() });
        }
        self.arrived[at] = Some(letter);
        let missing = &mut self.graph.missing[consumer];
        *missing -= 1;
        if *missing == 0 && player.next == consumer {
            self.ready.push(owner);
        }
        Ok(())
    }

    /// The graph, and the actors after all steps in account order.
    pub(crate) fn finish(self) -> (Graph, Actors) {
        let players = self.players.into_iter().flatten();
        (self.graph, players.map(|player| player.actor).collect())
    }
}
