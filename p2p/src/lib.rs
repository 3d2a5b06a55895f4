//! Moves bytes between the nodes of one network. It knows nothing of consensus: what a message
//! means, and whether it is good, the node above decides.
//!
//! ```text
//!               Command                                   Event
//!   node ──► NetworkHandle ──► urgent │ bulk      lanes ──► Network::next ──► node
//!                                  │                ▲
//!                         ┌────────┴────────────────┴───────┐
//!                         │ swarm    the loop, one task     │      ┌────────────┐
//!                         │ gossip · questions · letters    │  or  │ memory     │
//!                         │ connections · discovery         │      │ the twin   │
//!                         ├─ pure: peers · rates · dialer · ┤      └────────────┘
//!                         │ authors · answers               │
//!                         │ behaviour · gossip · requests   │
//!                         │ gate · names                    │
//!                         └────────────────┬────────────────┘
//!                             libp2p: TCP+noise+yamux, QUIC
//! ```
//!
//! `start` runs a network over libp2p; `MemoryHub::join` gives the same port within one process.
//! One suite of tests (`tests/conformance.rs`) runs over both.
//!
//! ## Rules
//!
//! Of the network:
//!
//! - \[N1\] **Every name carries the network**: the first eight bytes of the genesis hash are in
//!   the noise handshake, the names of protocols, topics and provider records. Over TCP a node of
//!   another network fails the handshake. QUIC has no place for a name in its handshake: there such
//!   a node connects, finds no protocol in common and is closed when identify shows its network, or
//!   after 15 seconds.
//! - \[N2\] A peer is announced to the node (`PeerConnected`) only when it has proven its network,
//!   by the handshake, by identify, or by using one of our names.
//! - \[N3\] Topics are an allow-list: our network, chains below the configured number, three kinds.
//!   All other subscriptions are ignored.
//! - \[N4\] Lengths are capped before allocation, and what is allocated grows with what arrives:
//!   gossip 1 MiB, direct messages 1 MiB, questions 64 KiB, answers 8 MiB.
//! - \[N5\] Kademlia stores providers of chains that can exist, and no values. It is for finding
//!   peers; committees are dialled by the identities that the root chain registers (`Protect`).
//!
//! Of gossip: messages are signed by their author (strict), named by a hash of network, topic,
//! author and bytes, and **passed on only after the node's verdict**, which must come within five
//! seconds. The same bytes on the same topic are dropped for ten seconds, our own included: sending
//! again sooner is free and without effect. What must get through at once goes out as a direct
//! message.
//!
//! - \[P5\] **Gossip is charged to its author**, not to whoever passes it on: what is above the
//!   author's allowance is ignored, and only an author that hands it over itself is to blame.
//!   Members of committees (`Know`, `Protect`) and peers have an allowance each, which only what
//!   they newly signed can use: an old message is charged to its bearer. All other authors are
//!   strangers, whose allowances are shared (`rates`).
//! - \[P6\] What was ignored keeps others of its name away for ten seconds, so a copy that another
//!   signed has another name. About consensus it has not: there all say the same certificates, and
//!   one copy will do.
//!
//! Of peers:
//!
//! - \[P1\] A member of our committees is throttled, never banned, and always let in. Its points
//!   are kept from gossipsub, which would stop listening to it. What gossipsub counts itself,
//!   above all gossip that our node rejects, can still silence it there for a while.
//! - \[P2\] At most a fifth of the peers, and always one, is banned in ten minutes.
//! - \[P3\] Four inbound connections from one address, an IPv6 /64 being one, and a quarter of all
//!   from one subnet (IPv4 /16, IPv6 /32). \[P4\] Two outbound connections into one subnet.
//! - Fifty connections in, sixteen out (and eight more for searches), two with one peer. What is
//!   beyond the sixteen is closed, but not while a question or a letter of ours is under way.
//! - \[P7\] Half of the places out are filled with whoever is found, however many have come in:
//!   who takes all our places in doesn't choose all our peers.
//! - \[P8\] A question left unanswered costs two points, and time-outs alone bring nobody below
//!   −20: from −40 on gossip is withheld, and an overloaded node is no hostile one.
//! - \[P9\] Bootstrap nodes and protected peers take nobody's place: connections with them, once
//!   the handshake is over, count in none of these limits but that of two with one peer.
//! - At −100 points a peer is banned for an hour, then two, … up to a day. Bans don't survive a
//!   restart.
//! - Bootstrap nodes and protected peers are re-dialled when lost, after 1 s, 2 s, … up to a
//!   minute.
//!
//! ## When there is too much
//!
//! | where | what | policy |
//! |---|---|---|
//! | commands, urgent | consensus, verdicts, control | `send` waits, `try_send` says `Full` |
//! | commands, bulk | users' messages, anchors, questions | the same, on a queue of its own |
//! | events, control | peers, addresses | unread news of one peer merge; never dropped |
//! | events, consensus | gossip, direct | the oldest go |
//! | events, anchors | gossip, direct | the oldest go |
//! | events, messages | gossip, direct | the newcomer goes |
//! | events, requests | questions | the newcomer is answered "busy" |
//! | an author's allowance | its gossip | ignored; a tenth of a point if it brings it itself |
//! | strangers' allowances | gossip of authors unknown | the same |
//! | a peer's allowance | direct, questions | dropped or answered "busy"; a tenth of a point |
//! | a slow peer's gossip queue | what we send it | newcomers go; with no pong in 35 s, the peer |
//! | a slow peer's outbox | direct messages | beyond 16 MiB the oldest go |
//! | answers under way | four of the largest to one peer, 32 to all, 24 to strangers | "busy" |
//! | the same, half of them taken | one to each stranger; eight to those of one subnet | "busy" |
//! | questions that the node has before it | 1024, 768 of strangers | "busy" |
//! | our open questions to one peer | questions | beyond 32: `Busy` |
//!
//! Gossip that is dropped counts as ignored: it is not passed on and nobody is blamed. Everything
//! dropped is counted (`NetworkHandle::counters`); whose gossip is above an allowance is logged at
//! the level of debug, once a minute.
//!
//! ## Safety, and what is left
//!
//! Why \[P5\] is safe. Nobody but the author signs what its allowance pays for, and none of it
//! pays twice, so nobody but the author can use it up: neither a swarm of fresh names, nor whoever
//! passes messages on or keeps them for later. An honest node never passes on more of one author
//! than an honest author may send, and is blamed for none of it. There are as many allowances as
//! members and peers, and three kinds of shared ones. What strangers say can be crowded out by
//! other strangers, as names are free: a node whose messages matter connects to some members.
//! About consensus a race is left (\[P6\]): who hands over a member's proposal under its own name,
//! with its own allowance used up or its name good for nothing with the node above, before the
//! member does, hides it from one node for ten seconds.
//! That node fetches the block once the others certify it.
//!
//! Frames are parsed by libp2p and by `requests`; no byte from outside is indexed or unwrapped
//! here. A peer can cost us at most its allowance, its streams' buffers, four answers and its
//! handshake; the whole is bounded by the connection limits and the size of our committees.
//! A peer that doesn't read is closed when it misses a ping. What remains: yamux and QUIC let each
//! stream buffer some hundred KiB before we read, so fifty hostile peers can hold on to a few GiB
//! for seconds; names are free, so a ban costs an attacker little, and \[P3\] and \[P4\] are what
//! it has to get around.
//!
//! Versions below which libp2p's parts have known holes are asserted by `tests/versions.rs`.

mod answers;
mod authors;
mod behaviour;
mod config;
mod connections;
mod counters;
mod dialer;
mod discovery;
mod exchange;
mod gate;
mod gossip;
mod handle;
mod identity;
mod lanes;
mod letters;
mod memory;
mod names;
mod peers;
mod port;
mod questions;
mod rates;
mod requests;
mod swarm;

pub use bytes::Bytes;
pub use config::{ConfigError, ConnectionLimits, NetworkConfig};
pub use counters::{CounterSnapshot, Counters};
pub use handle::{CommandError, Network, NetworkHandle};
pub use identity::NodeId;
pub use lanes::LaneLimits;
pub use libp2p::{Multiaddr, PeerId};
pub use memory::MemoryHub;
pub use port::{
    AnswerSender, Command, Event, MAX_ANSWER, MAX_DIRECT, MAX_GOSSIP, MAX_REQUEST, MessageId,
    Offence, Protocol, REQUEST_TIMEOUT, RequestError, Ticket, Topic, TopicKind, Verdict,
};
pub use rates::{Rate, RateLimits};
pub use swarm::{StartError, start};
