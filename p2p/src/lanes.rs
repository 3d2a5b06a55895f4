//! The queue of events from the network to the node: bounded, one lane for each kind of traffic.
//!
//! | lane | what | when full |
//! |---|---|---|
//! | control | peers come and go, addresses | pending news of one peer merge; never dropped |
//! | consensus | gossip and direct messages | the oldest go: a new vote is worth more |
//! | requests | questions | the newcomer is answered "busy" |
//! | anchors | gossip and direct messages | the oldest go |
//! | messages | gossip and direct messages | the newcomer goes: whoever sent it sends it again |
//!
//! The reader takes from the first lane that has something. Every eighth time it begins at the
//! other end, so that a flood on an urgent lane can't starve the rest.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::counters::Counters;
use crate::port::{Event, Ticket, TopicKind};

/// How many events may wait, and how many bytes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// Events on the consensus lane.
    pub consensus: usize,
    /// Events on the anchors lane.
    pub anchors: usize,
    /// Events on the messages lane.
    pub messages: usize,
    /// Questions waiting to be read.
    pub requests: usize,
    /// Bytes on each lane.
    pub bytes: usize,
}

impl Default for LaneLimits {
    fn default() -> Self {
        let bytes = 64 * 1024 * 1024;
        Self {
            consensus: 4096,
            anchors: 1024,
            messages: 8192,
            requests: 256,
            bytes,
        }
    }
}

const CONTROL: usize = 0;
const REQUESTS: usize = 2;
const LANES: usize = 5;
/// Every so many reads the order of the lanes is reversed.
const FAIRNESS: u32 = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Merge,
    DropOldest,
    RefuseNewest,
}

struct Lane {
    events: VecDeque<Event>,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
    policy: Policy,
}

impl Lane {
    fn new(policy: Policy, most_events: usize, most_bytes: usize) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            most_events,
            most_bytes,
            policy,
        }
    }

    fn is_full_for(&self, event: &Event) -> bool {
        self.events.len() >= self.most_events || self.bytes + weight(event) > self.most_bytes
    }

    fn push(&mut self, event: Event, shed: &mut Vec<Event>) {
        match self.policy {
            Policy::Merge => return self.merge(event),
            Policy::RefuseNewest if self.is_full_for(&event) => return shed.push(event),
            Policy::DropOldest => {
                while self.is_full_for(&event) {
                    match self.pop() {
                        Some(oldest) => shed.push(oldest),
                        None => return shed.push(event),
                    }
                }
            }
            Policy::RefuseNewest => {}
        }
        self.bytes += weight(&event);
        self.events.push_back(event);
    }

    /// "Connected" and "disconnected" of one peer cancel out when neither was read yet, so the lane
    /// never holds more than the peers of before and after.
    fn merge(&mut self, event: Event) {
        let opposite = match &event {
            Event::PeerConnected { peer } => Some(Event::PeerDisconnected { peer: *peer }),
            Event::PeerDisconnected { peer } => Some(Event::PeerConnected { peer: *peer }),
            _ => None,
        };
        if self.events.contains(&event) {
            return;
        }
        match self
            .events
            .iter()
            .position(|waiting| Some(waiting) == opposite.as_ref())
        {
            Some(at) => drop(self.events.remove(at)),
            None => self.events.push_back(event),
        }
    }

    fn retain(&mut self, keep: impl Fn(&Event) -> bool) {
        self.events.retain(keep);
        self.bytes = self.events.iter().map(weight).sum();
    }

    fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.bytes -= if self.policy == Policy::Merge {
            0
        } else {
            weight(&event)
        };
        Some(event)
    }
}

struct Lanes {
    lanes: [Lane; LANES],
    reads: u32,
}

impl Lanes {
    fn pop(&mut self) -> Option<Event> {
        self.reads = self.reads.wrapping_add(1);
        if self.reads.is_multiple_of(FAIRNESS) {
            self.lanes.iter_mut().rev().find_map(Lane::pop)
        } else {
            self.lanes.iter_mut().find_map(Lane::pop)
        }
    }
}

/// The queue. Many may push; one reads.
pub(crate) struct EventQueue {
    lanes: Mutex<Lanes>,
    ready: Notify,
    closed: AtomicBool,
    counters: std::sync::Arc<Counters>,
}

impl EventQueue {
    pub(crate) fn new(limits: LaneLimits, counters: std::sync::Arc<Counters>) -> Self {
        let lane = |policy, events| Lane::new(policy, events, limits.bytes);
        let lanes = [
            lane(Policy::Merge, usize::MAX),
            lane(Policy::DropOldest, limits.consensus),
            lane(Policy::RefuseNewest, limits.requests),
            lane(Policy::DropOldest, limits.anchors),
            lane(Policy::RefuseNewest, limits.messages),
        ];
        let lanes = Mutex::new(Lanes { lanes, reads: 0 });
        Self {
            lanes,
            ready: Notify::new(),
            closed: AtomicBool::new(false),
            counters,
        }
    }

    /// Puts `event` on its lane. Gives back what had to go for it, possibly `event` itself.
    pub(crate) fn push(&self, event: Event) -> Vec<Event> {
        let mut shed = Vec::new();
        if self.closed.load(Ordering::Acquire) {
            return vec![event];
        }
        self.lock().lanes[lane_of(&event)].push(event, &mut shed);
        shed.iter()
            .for_each(|event| self.counters.count_shed(event));
        self.ready.notify_one();
        shed
    }

    /// Takes back a question that nobody has read: whoever asked has given up.
    pub(crate) fn withdraw(&self, ticket: Ticket) {
        self.lock().lanes[REQUESTS]
            .retain(|event| !matches!(event, Event::Request { ticket: one, .. } if *one == ticket));
    }

    /// The next event if one is waiting.
    pub(crate) fn try_pop(&self) -> Option<Event> {
        self.lock().pop()
    }

    /// The next event; `None` once the queue is closed and empty.
    pub(crate) async fn pop(&self) -> Option<Event> {
        loop {
            if let Some(event) = self.try_pop() {
                return Some(event);
            }
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            self.ready.notified().await;
        }
    }

    /// No more events will come.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.ready.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Lanes> {
        self.lanes
            .lock()
            .expect("no thread panics while it holds the lanes")
    }
}

fn lane_of(event: &Event) -> usize {
    match event {
        Event::Gossip { topic, .. } | Event::Direct { topic, .. } => match topic.kind {
            TopicKind::Consensus => 1,
            TopicKind::Anchors => 3,
            TopicKind::Messages => 4,
        },
        Event::Request { .. } => REQUESTS,
        _ => CONTROL,
    }
}

fn weight(event: &Event) -> usize {
    match event {
        Event::Gossip { bytes, .. }
        | Event::Direct { bytes, .. }
        | Event::Request { bytes, .. } => bytes.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
