//! The world: nodes, their disks, the network between them, and the checks.

mod effects;
mod network;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use consensus::{Config, Consensus, Input, Message, Restored, Seat};
use crypto::{Domain, Hash, Hasher};
use types::{Block, BlockHash, Committee, Header, Height, NodeId, Round, Time};

use super::byzantine::Behaviour;
use super::chain;
use super::disk::Disk;
use super::plan::Plan;
use super::random::Random;

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once")]
enum Event {
    Deliver {
        to: usize,
        from: usize,
        message: Message,
    },
    Leave {
        from: usize,
        twin: usize,
        life: u64,
        to: Option<usize>,
        message: Message,
    },
    Answer {
        to: usize,
        twin: usize,
        life: u64,
        input: Input,
    },
    Serve {
        by: usize,
        to: usize,
        twin: usize,
        life: u64,
        hash: BlockHash,
        above: Height,
    },
    Report {
        node: usize,
        twin: usize,
        life: u64,
        header: Box<Header>,
        seats: u64,
    },
    Tick {
        to: usize,
        twin: usize,
        life: u64,
    },
    Crash {
        node: usize,
        down: u64,
    },
    Restart {
        node: usize,
    },
    Work(bool),
}

struct Machine {
    consensus: Option<Consensus>,
    disk: Disk,
    life: u64,
    ticking: Option<Time>,
}

struct Node {
    machines: Vec<Machine>,
    behaviour: Behaviour,
    member: Option<u16>,
    bodies: BTreeMap<BlockHash, Arc<Block>>,
}

/// A network under way.
pub struct World {
    pub now: Time,
    plan: Plan,
    committee: Arc<Committee>,
    random: Random,
    events: BTreeMap<(Time, u64), Event>,
    sequence: u64,
    nodes: Vec<Node>,
    headers: BTreeMap<BlockHash, Header>,
    seen: Vec<(Round, BlockHash)>,
    finals: BTreeMap<Height, BlockHash>,
    log: Hasher,
    built: u64,
    /// Final height of each node.
    pub heights: Vec<Height>,
    /// Highest round final at each node.
    pub rounds: Vec<Round>,
    /// Members that evidence named.
    pub blamed: BTreeSet<u16>,
    /// Blocks reported early by more seats than could lie.
    pub early: BTreeMap<Height, BlockHash>,
    /// Seats behind each early block as each life of a node knows.
    pub early_seats: BTreeMap<(usize, u64, BlockHash), u64>,
    /// Messages sent, blocks asked for, fetches.
    pub sent: u64,
    pub builds: u64,
    pub fetches: u64,
}

impl World {
    /// Starts all nodes at time 0.
    pub fn new(plan: Plan) -> Self {
        let committee = Arc::new(chain::committee(&plan.seats));
        let count = plan.seats.len() + plan.observers;
        let genesis = chain::genesis();
        let mut world = Self {
            now: Time(0),
            committee,
            random: Random::new(plan.seed),
            events: BTreeMap::new(),
            sequence: 0,
            nodes: Vec::new(),
            headers: BTreeMap::from([(genesis.hash(), genesis)]),
            seen: Vec::new(),
            finals: BTreeMap::new(),
            log: Hasher::new(Domain::new("test/world")),
            built: 0,
            heights: vec![0; count],
            rounds: vec![0; count],
            blamed: BTreeSet::new(),
            early: BTreeMap::new(),
            early_seats: BTreeMap::new(),
            sent: 0,
            builds: 0,
            fetches: 0,
            plan,
        };
        for number in 0..count {
            world.add_node(number);
        }
        for (at, node, down) in world.plan.weather.crashes.clone() {
            world.schedule(at, Event::Crash { node, down });
        }
        world
    }

    fn add_node(&mut self, number: usize) {
        let liar = self.plan.liars.iter().find(|(liar, _)| *liar == number);
        let behaviour = liar.map_or(Behaviour::Honest, |(_, behaviour)| *behaviour);
        let member = (number < self.plan.seats.len()).then_some(number as u16);
        let twins = if behaviour == Behaviour::Twins { 2 } else { 1 };
        let machines = (0..twins).map(|_| Machine {
            consensus: None,
            disk: Disk::default(),
            life: 0,
            ticking: None,
        });
        self.nodes.push(Node {
            machines: machines.collect(),
            behaviour,
            member,
            bodies: BTreeMap::new(),
        });
        self.start(number, false);
    }

    fn start(&mut self, number: usize, again: bool) {
        for twin in 0..self.nodes[number].machines.len() {
            let config = self.config(self.nodes[number].member);
            let node = &mut self.nodes[number];
            let machine = &mut node.machines[twin];
            let restored = if again {
                node.bodies = machine.disk.bodies();
                machine.disk.restored()
            } else {
                Restored::default()
            };
            machine.consensus = Some(Consensus::new(config, restored, self.now));
            machine.life += 1;
            machine.ticking = None;
            let life = machine.life;
            let to = number;
            self.schedule(self.now, Event::Tick { to, twin, life });
        }
    }

    fn config(&self, member: Option<u16>) -> Config {
        Config {
            network: chain::network(),
            committee: Arc::clone(&self.committee),
            seat: member.map(|member| Seat {
                member,
                key: chain::key(member),
            }),
            timing: self.plan.timing,
            leader_seed: Hash::new([9; 32]),
            early_seats: 0,
            inline_body_bytes: self.plan.inline,
            genesis: chain::genesis(),
            batch_secret: [3; 32],
            quiet_until: Time(0),
        }
    }

    fn schedule(&mut self, at: Time, event: Event) {
        self.sequence += 1;
        self.events.insert((at.max(self.now), self.sequence), event);
    }

    /// Tells every node at `at` whether there is work.
    pub fn work(&mut self, at: u64, work: bool) {
        self.schedule(Time(at), Event::Work(work));
    }

    /// Tells one node now.
    pub fn work_at(&mut self, node: usize, work: bool) {
        self.input(node, 0, Input::Work(work));
    }

    /// Runs until this time.
    pub fn run_until(&mut self, until: u64) {
        while let Some(entry) = self.events.first_entry() {
            let (at, _) = *entry.key();
            if at > Time(until) {
                break;
            }
            let event = entry.remove();
            self.now = at;
            self.happen(event);
        }
        self.now = Time(until);
    }

    /// The hash of everything that happened.
    pub fn hash(&self) -> Hash {
        self.log.clone().finish()
    }

    /// Final heights of the honest nodes, lowest first.
    pub fn honest_heights(&self) -> Vec<Height> {
        let mut heights: Vec<Height> = (0..self.nodes.len())
            .filter(|node| self.is_honest(*node))
            .map(|node| self.heights[node])
            .collect();
        heights.sort_unstable();
        heights
    }

    fn is_honest(&self, node: usize) -> bool {
        self.nodes[node].behaviour == Behaviour::Honest
    }

    fn number_of(&self, node: &NodeId) -> Option<usize> {
        (0..self.nodes.len()).find(|number| chain::node(*number as u16) == *node)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { to, from, message } => {
                let from = chain::node(from as u16);
                for twin in 0..self.nodes[to].machines.len() {
                    let message = message.clone();
                    self.input(to, twin, Input::Message { from, message });
                }
            }
            Event::Leave {
                from,
                twin,
                life,
                to,
                message,
            } => {
                if self.nodes[from].machines[twin].life == life {
                    self.leave(from, twin, to, &message);
                }
            }
            Event::Answer {
                to,
                twin,
                life,
                input,
            } => {
                if self.nodes[to].machines[twin].life == life {
                    self.input(to, twin, input);
                }
            }
            Event::Serve {
                by,
                to,
                twin,
                life,
                hash,
                above,
            } => self.serve(by, to, twin, life, hash, above),
            Event::Report {
                node,
                twin,
                life,
                header,
                seats,
            } if self.nodes[node].machines[twin].life == life => {
                self.check_early(node, &header, seats);
            }
            Event::Report { .. } => {}
            Event::Tick { to, twin, life } => {
                let machine = &mut self.nodes[to].machines[twin];
                if machine.life == life {
                    machine.ticking = None;
                    self.input(to, twin, Input::Tick);
                }
            }
            Event::Crash { node, down } => self.crash(node, down),
            Event::Restart { node } => {
                self.start(node, true);
                self.input(node, 0, Input::Work(true));
            }
            Event::Work(work) => {
                for node in 0..self.nodes.len() {
                    for twin in 0..self.nodes[node].machines.len() {
                        self.input(node, twin, Input::Work(work));
                    }
                }
            }
        }
    }

    fn stumble(&mut self, node: usize) {
        if self.now < self.plan.weather.until && self.random.chance(self.plan.weather.fragile) {
            let at = self
                .now
                .after(self.random.between(1, self.plan.weather.sync + 4));
            let down = self.random.between(20, 120);
            self.schedule(at, Event::Crash { node, down });
        }
    }

    fn crash(&mut self, node: usize, down: u64) {
        if self.nodes[node].machines[0].consensus.is_none() {
            return;
        }
        for machine in &mut self.nodes[node].machines {
            machine.disk.crash(self.now);
            machine.consensus = None;
            machine.life += 1;
        }
        self.schedule(self.now.after(down), Event::Restart { node });
    }

    fn input(&mut self, number: usize, twin: usize, input: Input) {
        let machine = &mut self.nodes[number].machines[twin];
        let Some(consensus) = machine.consensus.as_mut() else {
            return;
        };
        let mut effects = Vec::new();
        consensus.handle(self.now, input, &mut effects);
        for effect in effects {
            self.perform(number, twin, effect);
        }
        let machine = &mut self.nodes[number].machines[twin];
        let deadline = machine.consensus.as_ref().and_then(Consensus::deadline);
        if let Some(at) = deadline.map(|at| at.max(self.now))
            && machine.ticking.is_none_or(|ticking| at < ticking)
        {
            machine.ticking = Some(at);
            let (to, life) = (number, machine.life);
            self.schedule(at, Event::Tick { to, twin, life });
        }
    }
}
