//! Whom we want to stay connected to, and when to try again. Pure: `now` is an input.

use std::collections::BTreeMap;
use std::time::Duration;

use libp2p::Multiaddr;

use crate::identity::NodeId;

const LONGEST: u32 = 6;

/// How far we reach out ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// So many connections that we opened are above the limit.
    TooFar(usize),
    Enough,
    TooNear,
}

/// \[P7\] `dialled` says of each stranger whether we opened a connection with it. Those who came to
/// us count for nothing here: we didn't choose them.
pub(crate) fn reach(dialled: impl Iterator<Item = bool>, limit: usize) -> Reach {
    let out = dialled.filter(|dialled| *dialled).count();
    match out.checked_sub(limit) {
        Some(beyond) if beyond > 0 => Reach::TooFar(beyond),
        _ if out < limit.div_ceil(2) => Reach::TooNear,
        _ => Reach::Enough,
    }
}

#[derive(Default)]
struct Target {
    addrs: Vec<Multiaddr>,
    bootstrap: bool,
    attempts: u32,
    next: Duration,
}

/// Bootstrap nodes and committee members, with exponential back-off from one second to a minute.
#[derive(Default)]
pub(crate) struct Dialer {
    targets: BTreeMap<NodeId, Target>,
}

impl Dialer {
    /// Stay connected to `peer`, always, at `addr`.
    pub(crate) fn bootstrap(&mut self, peer: NodeId, addr: Multiaddr) {
        let target = self.targets.entry(peer).or_default();
        target.bootstrap = true;
        target.addrs.push(addr);
    }

    /// Stay connected to `peers`, wherever they are, and to bootstrap nodes, and to no others.
    pub(crate) fn want(&mut self, peers: impl IntoIterator<Item = NodeId>) {
        let mut kept = std::mem::take(&mut self.targets);
        for peer in peers {
            self.targets
                .insert(peer, kept.remove(&peer).unwrap_or_default());
        }
        self.targets
            .extend(kept.into_iter().filter(|(_, target)| target.bootstrap));
    }

    /// Everybody we want.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &NodeId> {
        self.targets.keys()
    }

    pub(crate) fn wants(&self, peer: &NodeId) -> bool {
        self.targets.contains_key(peer)
    }

    /// Whom to dial now, with the addresses we were given. Call it about once a second.
    pub(crate) fn due(
        &mut self,
        now: Duration,
        connected: impl Fn(&NodeId) -> bool,
    ) -> Vec<(NodeId, Vec<Multiaddr>)> {
        let mut due = Vec::new();
        for (peer, target) in &mut self.targets {
            if target.next > now {
                continue;
            }
            if connected(peer) {
                // It outlasted the wait, so it was no connection that closes at once.
                target.attempts = 0;
                continue;
            }
            target.next = now + Duration::from_secs(1 << target.attempts.min(LONGEST)).min(MINUTE);
            target.attempts += 1;
            due.push((*peer, target.addrs.clone()));
        }
        due
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
