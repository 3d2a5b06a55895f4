//! Nodes start, stop and come back.

use tx_chain::JournalError;
use types::{ChainId, Height, Time};

use super::{Event, World};
use crate::node::Started;
use crate::plan::Stop;

/// A doomed node that writes nothing stops anyway after this time.
const DOOMED_MS: u64 = 400;

impl World {
    /// Starts a node from its disks.
    pub(super) fn start(&mut self, node: usize) {
        if self.nodes[node].is_up() || self.nodes[node].gone {
            return;
        }
        self.log.note(self.now, 2, node, &[]);
        self.say(|| format!("{node} starts"));
        match self.nodes[node].start(self.now, &self.setup, &self.plan) {
            Ok(all) => {
                self.started(node, all);
                self.resume_duty(node);
            }
            Err(error) => {
                self.nodes[node].running.clear();
                let what = format!("node {node} does not come back: {error} ({error:?})");
                self.oracle.bad.add("restart", what);
            }
        }
    }

    /// The root tells the other chains what they need in order to read their blocks back.
    fn started(&mut self, node: usize, all: Vec<Started>) {
        let (mut heights, mut told) = (Vec::new(), Vec::new());
        for started in all {
            let Started {
                chain,
                effects,
                height,
            } = started;
            heights.push((chain, height));
            match self.perform(node, chain, effects) {
                Ok(inputs) => told.extend(inputs),
                Err(error) => return self.broke(node, &error),
            }
        }
        self.feed_all(node, told);
        for (chain, height) in heights {
            self.check_restart(node, chain, height);
        }
    }

    /// A chain must have read back all that it had written down.
    fn check_restart(&mut self, node: usize, chain: ChainId, height: Height) {
        if let Some(running) = self.nodes[node].running.get(&chain) {
            let last = running.chain.last_final();
            let reached = (last.header().height, last.hash);
            if reached.0 < height {
                let what = format!(
                    "node {node} read {height} blocks of {chain}, has {}",
                    reached.0
                );
                self.oracle.bad.add("I8", what);
            }
            if !self.oracle.honesty.is_traitor(node) {
                let (agreement, bad) = (&self.oracle.agreement, &mut self.oracle.bad);
                self.oracle
                    .durability
                    .restarted(node, chain, reached, agreement, bad);
            }
        }
        self.reschedule(node, chain);
        self.feed(node, chain, tx_chain::Input::Tick);
    }

    /// A crash of the plan begins.
    pub(super) fn doom(&mut self, number: usize) {
        let crash = self.plan.crashes[number].clone();
        let name = match crash.stop {
            Stop::Between => "crash",
            Stop::Power(_) => "power loss",
            Stop::Full(_) => "disk full",
            Stop::Broken(_) => "disk error",
            Stop::Database(_) => "database error",
        };
        for node in crash.nodes {
            let host = &mut self.nodes[node];
            if !host.is_up() || host.doomed.is_some() {
                continue;
            }
            *self.faults.entry(name).or_default() += 1;
            host.doom(crash.stop, crash.down_ms);
            let life = host.life;
            let wait = match crash.stop {
                Stop::Between => 0,
                _ => DOOMED_MS,
            };
            let at: Time = self.now.after(wait);
            self.events.put(at, Event::Stop { node, life });
        }
    }

    pub(super) fn stop_doomed(&mut self, node: usize, life: u64) {
        let host = &self.nodes[node];
        if host.is_up() && host.life == life && host.doomed.is_some() {
            self.stop(node);
        }
    }

    /// A write failed. That is planned, or it is a bug.
    pub(super) fn broke(&mut self, node: usize, error: &JournalError) {
        if self.nodes[node].doomed.is_none() {
            let what = format!("node {node} can't write: {error} ({error:?})");
            self.oracle.bad.add("restart", what);
        }
        self.stop(node);
    }

    fn stop(&mut self, node: usize) {
        if !self.nodes[node].is_up() {
            return;
        }
        self.log.note(self.now, 3, node, &[]);
        self.say(|| format!("{node} stops"));
        *self.faults.entry("stop").or_default() += 1;
        let down = self.nodes[node].doomed.unwrap_or(500);
        self.nodes[node].crash();
        // Everybody is back when the network is well.
        let back = self
            .now
            .after(down)
            .min(self.plan.gst)
            .max(self.now.after(1));
        self.events.put(back, Event::Restart(node));
    }
}
