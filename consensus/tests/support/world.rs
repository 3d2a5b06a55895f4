//! The world: nodes, their disks, the network between them, and the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use consensus::{Config, Consensus, Effect, Input, Message, Restored, Seat, Timing, Verdict};
use crypto::{Domain, Hash, Hasher};
use types::{Block, BlockHash, Committee, Header, Height, NodeId, Round, Time};

use super::byzantine::{Behaviour, distort};
use super::chain::{self, INVALID};
use super::disk::Disk;
use super::random::Random;

/// The network's manners until `until`; afterwards it is good.
#[derive(Clone, Debug)]
pub struct Weather {
    /// When it clears up.
    pub until: Time,
    /// Longest delay in milliseconds before that; the shortest is 5.
    pub delay: u64,
    /// Longest delay afterwards.
    pub good: u64,
    /// Percent of messages lost.
    pub loss: u64,
    /// Percent of messages that arrive twice.
    pub twice: u64,
    /// Longest time in milliseconds until what is written is durable.
    pub sync: u64,
    /// Percent of votes that make their node crash as it writes or sends them.
    pub fragile: u64,
    /// Nodes that hear only one another, and from when to when.
    pub partitions: Vec<(Time, Time, BTreeSet<usize>)>,
    /// Who crashes when, and for how long.
    pub crashes: Vec<(Time, usize, u64)>,
}

impl Weather {
    /// Good from the start.
    pub fn good() -> Self {
        Self {
            until: Time(0),
            delay: 60,
            good: 60,
            loss: 0,
            twice: 0,
            sync: 8,
            fragile: 0,
            partitions: Vec::new(),
            crashes: Vec::new(),
        }
    }
}

/// How a world is made.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub seats: Vec<u32>,
    pub observers: usize,
    pub liars: Vec<(usize, Behaviour)>,
    pub weather: Weather,
    pub timing: Timing,
    pub body: usize,
    pub inline: usize,
}

impl Plan {
    /// Honest members with one seat each.
    pub fn of(seed: u64, members: usize) -> Self {
        Self {
            seed,
            seats: vec![1; members],
            observers: 0,
            liars: Vec::new(),
            weather: Weather::good(),
            timing: Timing {
                delta_ms: 150,
                delta_max_ms: 3_000,
                execution_ms: 100,
                standstill_ms: 1_500,
                heartbeat_ms: 0,
            },
            body: 40,
            inline: 1_000,
        }
    }
}

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
    /// Heights reported early.
    pub early: BTreeSet<Height>,
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
            early: BTreeSet::new(),
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
            early_seats: self.committee.thresholds().early(),
            inline_body_bytes: self.plan.inline,
            genesis: chain::genesis(),
            batch_secret: [3; 32],
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
            } => {
                self.serve(by, to, twin, life, hash, above);
            }
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

    fn perform(&mut self, from: usize, twin: usize, effect: Effect) {
        self.note(from, &effect);
        let life = self.nodes[from].machines[twin].life;
        let synced = self
            .now
            .after(self.random.between(2, self.plan.weather.sync));
        match effect {
            Effect::Persist(record) => {
                if let consensus::Record::Block(block) = &record {
                    self.keep(from, block);
                }
                if matches!(record, consensus::Record::Vote(_)) {
                    self.stumble(from);
                }
                self.nodes[from].machines[twin].disk.persist(synced, record);
            }
            Effect::Broadcast(message) => {
                let at = self.nodes[from].machines[twin].disk.barrier();
                let to = None;
                self.schedule(
                    at,
                    Event::Leave {
                        from,
                        twin,
                        life,
                        to,
                        message,
                    },
                );
            }
            Effect::Send { to, message } => {
                let at = self.nodes[from].machines[twin].disk.barrier();
                let to = self.number_of(&to);
                assert!(to.is_some(), "sent to a known node");
                self.schedule(
                    at,
                    Event::Leave {
                        from,
                        twin,
                        life,
                        to,
                        message,
                    },
                );
            }
            Effect::Build {
                round,
                parent,
                justification,
            } => {
                self.builds += 1;
                let block = self.build(from, twin, round, &parent, justification);
                self.keep(from, &Arc::new(block.clone()));
                let block = Some(block);
                let at = self.now.after(self.random.between(1, 20));
                let input = Input::Built { round, block };
                self.schedule(
                    at,
                    Event::Answer {
                        to: from,
                        twin,
                        life,
                        input,
                    },
                );
            }
            Effect::Check { block } => {
                self.keep(from, &block);
                let verdict = if block.header.gas == INVALID {
                    Verdict::Invalid
                } else {
                    Verdict::Valid
                };
                let block = block.header.hash();
                let at = self.now.after(self.random.between(1, 20));
                let input = Input::Checked { block, verdict };
                self.schedule(
                    at,
                    Event::Answer {
                        to: from,
                        twin,
                        life,
                        input,
                    },
                );
            }
            Effect::Fetch {
                hash,
                above,
                from: holders,
            } => {
                self.fetches += 1;
                let by = holders.first().and_then(|node| self.number_of(node));
                if let Some(by) = by {
                    let at = self.now.after(self.random.between(5, 60));
                    let to = from;
                    self.schedule(
                        at,
                        Event::Serve {
                            by,
                            to,
                            twin,
                            life,
                            hash,
                            above,
                        },
                    );
                }
            }
            Effect::Finalize { blocks, finality } => {
                let tip = Arc::clone(blocks.last().expect("some block became final"));
                assert_eq!(finality.confirm.block(), Some(tip.header.hash()));
                if self.is_honest(from) {
                    self.check_final(from, &blocks);
                }
                for block in &blocks {
                    self.keep(from, block);
                    let disk = &mut self.nodes[from].machines[twin].disk;
                    disk.finalize(synced, Arc::clone(block), finality.clone());
                }
            }
            Effect::Early { header, .. } => {
                self.early.insert(header.height);
            }
            Effect::Blame(evidence) => {
                let members = evidence.check(&self.committee, chain::network());
                let members = members.expect("evidence holds");
                for member in members {
                    assert!(
                        !self.is_honest(member.into()),
                        "{member} blamed: {evidence:?}"
                    );
                    self.blamed.insert(member);
                }
            }
            Effect::Penalize { node, fault } => {
                let number = self.number_of(&node).expect("a known node");
                assert!(!self.is_honest(number), "{number} penalized for {fault}");
            }
            Effect::Fork { ours, theirs } => {
                assert!(!self.is_honest(from), "forked: {ours:?} {theirs:?}");
            }
        }
    }

    fn keep(&mut self, node: usize, block: &Arc<Block>) {
        let hash = block.header.hash();
        self.headers.insert(hash, block.header.clone());
        self.seen.push((block.header.round, hash));
        self.nodes[node].bodies.insert(hash, Arc::clone(block));
    }

    fn note(&mut self, from: usize, effect: &Effect) {
        self.log.update(&self.now.0.to_le_bytes());
        self.log.update(&(from as u64).to_le_bytes());
        match effect {
            Effect::Broadcast(message) | Effect::Send { message, .. } => {
                self.log
                    .update(&borsh::to_vec(message).expect("messages have an encoding"));
            }
            Effect::Finalize { finality, .. } => {
                self.log
                    .update(&borsh::to_vec(finality).expect("finality has an encoding"));
            }
            other => self
                .log
                .update(format!("{:?}", std::mem::discriminant(other)).as_bytes()),
        }
    }

    /// Agreement and validity.
    fn check_final(&mut self, node: usize, blocks: &[Arc<Block>]) {
        for block in blocks {
            let (height, hash) = (block.header.height, block.header.hash());
            let agreed = *self.finals.entry(height).or_insert(hash);
            assert_eq!(agreed, hash, "two final blocks of height {height}");
            assert_ne!(block.header.gas, INVALID, "an invalid block is final");
            let parent = height
                .checked_sub(2)
                .and_then(|_| self.finals.get(&(height - 1)));
            assert!(parent.is_none_or(|parent| *parent == block.header.parent));
            self.heights[node] = self.heights[node].max(height);
            self.rounds[node] = self.rounds[node].max(block.header.round);
        }
    }

    fn build(
        &mut self,
        from: usize,
        twin: usize,
        round: Round,
        parent: &BlockHash,
        justification: types::Justification,
    ) -> Block {
        self.built += 1;
        let mut body = vec![twin as u8; self.plan.body];
        body.extend(self.built.to_le_bytes());
        let parent = self.headers.get(parent).expect("a known parent").clone();
        let mut block = chain::block(&parent, round, from as u16, justification, body);
        if self.nodes[from].behaviour == Behaviour::InvalidLeader {
            block.header.gas = INVALID;
        }
        block
    }

    fn leave(&mut self, from: usize, twin: usize, to: Option<usize>, message: &Message) {
        let behaviour = self.nodes[from].behaviour;
        let receivers: Vec<usize> = match to {
            Some(to) => vec![to],
            None => (0..self.nodes.len()).filter(|to| *to != from).collect(),
        };
        for to in receivers {
            if behaviour == Behaviour::Twins && to % 2 != twin {
                continue;
            }
            let said = match self.nodes[from].member {
                Some(member) => distort(
                    behaviour,
                    &self.committee,
                    member,
                    message,
                    &self.seen,
                    &mut self.random,
                ),
                None => vec![message.clone()],
            };
            for message in said {
                self.travel(from, to, message);
            }
        }
    }

    fn travel(&mut self, from: usize, to: usize, message: Message) {
        self.sent += 1;
        let weather = &self.plan.weather;
        let bad = self.now < weather.until;
        let apart = weather.partitions.iter().any(|(start, end, island)| {
            *start <= self.now && self.now < *end && island.contains(&from) != island.contains(&to)
        });
        let (delay, loss, twice) = if bad {
            (weather.delay, weather.loss, weather.twice)
        } else {
            (self.plan.weather.good, 0, 0)
        };
        if apart || self.random.chance(loss) {
            return;
        }
        let copies = if self.random.chance(twice) { 2 } else { 1 };
        for _ in 0..copies {
            let at = self.now.after(self.random.between(5, delay));
            let message = message.clone();
            self.schedule(at, Event::Deliver { to, from, message });
        }
    }

    fn serve(
        &mut self,
        by: usize,
        to: usize,
        twin: usize,
        life: u64,
        hash: BlockHash,
        above: Height,
    ) {
        let node = &self.nodes[by];
        let alive = node
            .machines
            .iter()
            .any(|machine| machine.consensus.is_some());
        if !alive || node.behaviour == Behaviour::Silent || node.behaviour == Behaviour::Withholder
        {
            return;
        }
        let mut blocks = Vec::new();
        let mut next = hash;
        while let Some(block) = node.bodies.get(&next).filter(|b| b.header.height > above) {
            next = block.header.parent;
            blocks.push((**block).clone());
            if blocks.len() == 8 {
                break;
            }
        }
        if self.nodes[by].behaviour == Behaviour::Forger
            && let Some(block) = blocks.first_mut()
        {
            block.body = vec![0; 3].into();
        }
        let at = self.now.after(self.random.between(5, 60));
        let input = Input::Blocks { blocks };
        self.schedule(
            at,
            Event::Answer {
                to,
                twin,
                life,
                input,
            },
        );
    }
}
