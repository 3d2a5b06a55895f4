//! One committee agrees on one block a round: a pure state machine without clock, network, disk
//! or randomness. This page is its specification; code cites its rules.
//!
//! The protocol is Simplex (Chan and Pass, ePrint 2023/463): a round ends with a certificate for
//! its block or with one that its leader is faulty. There are no locks and no view-change
//! message. One thing is added: *skip votes declare the signer's prepare vote*, which makes a
//! fast path (early consensus) safe without another round of votes.
//!
//! ```text
//!              Message  Work  Built  Checked  Blocks  Tick
//!                 │       │     │       │        │      │
//!                 ▼       ▼     ▼       ▼        ▼      ▼
//!  round v:  proposal ─▶ check ─▶ P(v,h) ══▶ PC(v,h) ─▶ C(v,h) ══▶ CC(v,h) ─▶ final
//!               │                   ║           └─▶ round v+1
//!               │ overdue, invalid, ╚══════════▶ FC(v,h) ─▶ early
//!               │ two of them
//!               └───────▶ S(v,d) ═════════════▶ SC(v) ─▶ round v+1
//!                 │       │     │       │        │      │
//!                 ▼       ▼     ▼       ▼        ▼      ▼
//!        Persist  Broadcast  Send  Build  Check  Fetch  Early  Finalize  Blame
//! ```
//!
//! [`Consensus::handle`] takes an [`Input`] and appends [`Effect`]s; [`Consensus::deadline`] says
//! when it wants a tick. Both are total: no input makes a machine panic, except a chain of the
//! same node that breaks its word ([`Input::Built`]).
//!
//! # Seats and certificates
//!
//! A committee has n seats, of which b are Byzantine; all thresholds count seats.
//! f = ⌊(n−1)/3⌋, q = n − f, so 2q − n ≥ f+1. Early consensus of F seats, q ≤ F ≤ n, has the
//! slack p = n − F and holds if b ≤ F − q = f − p. How many seats are enough is for whoever acts
//! on it to say; p = ⌊f/2⌋ is a good choice. PC is early consensus of its own seats.
//!
//! | Certificate | is | and means |
//! |---|---|---|
//! | PC(v,h) | ≥ q of P(v,h) | h may be extended |
//! | SC(v) | m ≥ q signers of S(v,·) | round v is left |
//! | … pinning h | ≥ m − f of them declare h | h may be final: it may be extended |
//! | … unpinned | no such h | no block of v is final: v may be passed over |
//! | CC(v,h) | ≥ q of C(v,h) | h and its ancestors are final |
//! | FC(v,h) | ≥ F of P(v,h) | h and its ancestors are early |
//!
//! # Rules
//!
//! State of a round v: prep, skipped, conf. Votes of round v are cast while in it, except C.
//!
//! Rounds and leaders
//! * **[R1]** leader(v) is seat v mod n of permutation ⌊v/n⌋, which is shuffled with the seed of
//!   the epoch: in n rounds every seat leads once, so runs of faulty leaders are bounded.
//! * **[R2]** The leader builds on the block of the highest round that has PC or a pinning SC, or
//!   on the last final block, if every round above has an unpinned SC; it builds when there is
//!   work, when a heartbeat is due, or when a certified block stayed unfinished for 2Δ. When the
//!   chain has nothing, it is asked again after Δ. A leader that lacks a certificate asks.
//! * **[R3]** A leader signs one block a round. Block and vote are durable before either leaves,
//!   and a block found after a restart is the proposal.
//!
//! Proposals
//! * **[P1]** A proposal counts if sent and signed by leader(v).
//! * **[P2]** It is eligible if its parent (u,g) has PC(u,g) or an SC(u) pinning g, or is genesis,
//!   and every round between has an unpinned SC; all of them verified, all inside the block.
//! * **[P3]** On an invalid, unwelcome or ineligible proposal, two signed proposals, the leader's
//!   own S(v,·), or T_v: if conf = ⊥ and not skipped, skipped := true, broadcast S(v,prep). A copy
//!   whose justification or body is not the header's is the fault of whoever brings it.
//! * **[P4]** On an eligible, valid proposal of the current round whose body is here: if
//!   prep = ⊥ and not skipped, the body is made durable, prep := h, broadcast P(v,h).
//!
//! Votes
//! * **[V1]** One P, one S, one C a round; after S no P and no C, after C no S.
//! * **[V2]** A vote is taken from its member only: the transport authenticates the sender.
//! * **[V3]** Votes are held unverified. When the seats of a value are enough, all are aggregated
//!   and verified at once; if that fails, bisection finds the liars, who are heard no more in
//!   that round, and counting goes on.
//! * **[V4]** A certificate that tells nothing new is dropped before any pairing; each is
//!   verified once. One that contradicts a known one is verified as long as it convicts members
//!   that are not blamed yet. FC is news when it has more seats than the P-certificate held, and
//!   no fewer than are reported.
//! * **[V5]** Pairings that prove nothing are owed by whoever caused them: of a certificate or a
//!   proposal's signature its sender, of a signed justification its leader. Nodes that are no
//!   members owe together. From who owes more than two of the largest certificates take, nothing
//!   is verified until that has faded, by 8 pairings a second. What is good costs nothing and is
//!   news once, so honest members never owe, and each of them brings what is needed. One copy may
//!   keep another away: where gossip names a proposal by its bytes, a copy that a stranger who owes
//!   brings first hides the leader's own from that node, until others certify it. [B2]
//!
//! Certificates
//! * **[C1]** On PC(v,h): forward once; if not skipped and conf = ⊥: conf := h, broadcast C(v,h);
//!   enter v+1. Also when v is over.
//! * **[C2]** On SC(v): forward once; enter v+1.
//! * **[C3]** On CC(v,h): send it once, together with PC(v,h); enter v+1.
//! * **[C4]** A certificate of any later round moves the node there.
//! * **[F1]** h of CC(v,h) and its ancestors become final once PC(v,h) and all bodies are here.
//! * **[F2]** h and the seats of its PC or FC are reported, each number of seats once, from the
//!   configured number on. The leader alone sends FC on, for observers.
//! * **[F3]** PC(v,h) or FC(v,h) grows by all P(v,h) that it lacks, until h is final: at once when
//!   4 seats or fewer are missing or the votes are half of what is missing, else Δ0/4 after it
//!   last grew. The leader grows it for everyone, others if it comes to what they report. Only
//!   the votes added are verified, all at once, so a round costs about log₂ f verifications
//!   more, and a false vote costs its sender its say and nobody else's.
//! * **[F4]** Nothing becomes final that cites a root block which is not final here: what it does
//!   depends on it.
//! * **[F5]** A block that is not of its certificate's round and of this term, or lies more than
//!   [`types::limits::ROUND_STEP`] rounds above its parent, never becomes final: more than f seats
//!   lie, as in a fork, and the machine signs nothing any more. Nothing counts on from a round that
//!   only a header tells, and no term leaves the next one without rounds.
//!
//! Bodies
//! * **[B1]** A block is checked when its parent is valid or final.
//! * **[B2]** A block that a certificate or the leader vouches for and that is missing is fetched
//!   from the certificate's signers, each attempt starting with another one and waiting twice as
//!   long, until something at or above its round is final.
//! * **[B3]** Fetched blocks are believed as far as hashes lead from what is vouched for. Final
//!   blocks need no check: ≥ q − b honest seats made it.
//!
//! Time
//! * **[T1]** A block is expected if there is work, if a message of this or a later round was
//!   seen, if a certified block is unfinished (from 2Δ on), or if nothing was final for a
//!   heartbeat. Otherwise no timer runs and nothing is sent.
//! * **[T2]** T_v = 3Δ_v + execution, from when a block is first expected.
//! * **[T3]** Δ_v = min(Δmax, Δ0·1.5^r), r = rounds since the last final block.
//! * **[T4]** T_v = 0 for a leader not heard of in 2n rounds while a quorum was.
//! * **[T5]** Every T_s in which a block is expected and nothing becomes final, own votes and
//!   proposal and all certificates above the last final block are repeated, and a member is asked.
//! * **[T6]** A repeated vote of a past round, or a question, is answered with certificates, once
//!   in Δ for each node.
//! * **[T7]** A proposal's justification is learned: it brings a node up to the proposal's round.
//!
//! Memory
//! * **[W1]** Votes are durable before they leave. **[W2]** A restarted node repeats its votes and
//!   contradicts none; a node whose term begins signs once it knows what its key has signed in it,
//!   here or elsewhere. **[W3]** A member that is told to be quiet signs nothing new until its
//!   time: it listens whether somebody else signs with its key, or whether its term is over.
//! * **[M1]** Votes further ahead than 64 rounds are not held. **[M2]** Bodies above the last
//!   final block and **[M3]** bodies wanted are bounded, and so are **[M4]** nodes helped. A
//!   member has one slot a round for each kind of vote.
//!
//! Evidence, from the committee's record alone: [`Evidence::check`]
//! * **[E1]** two signed headers of a leader in a round. **[E2]** P(v,h), P(v,h').
//!   **[E3]** S(v,d), S(v,d'). **[E4]** P(v,h), S(v,d≠h). **[E5]** C(v,·), S(v,·).
//!   **[E6]** C(v,h), C(v,h'). **[E7]** PC over a header whose justification is invalid.
//! * [E2]–[E6] come as two votes, a vote and a certificate, or two certificates: every honest
//!   seat of a bitmap truly signed, so their intersection is at fault.
//!
//! # Why it is safe
//!
//! **L1.** PC(v,h) and PC(v,h') imply h = h': they share ≥ 2q − n ≥ f+1 > b seats, and an honest
//! one prepares once.
//!
//! **L2.** CC(v,h) excludes any SC(v): they share an honest seat, which signs one of C and S. And
//! an honest C(v,h) saw PC(v,h), so by L1 no other block of v has a PC.
//!
//! **L3.** FC(v,h) and b ≤ f − p imply that every SC(v) pins h, and nothing else has PC(v,·).
//! *Proof.* Honest seats outside h's voters are at most p; in an SC of m signers at most
//! p + b ≤ f declare anything but h, since honest voters of h declare h. So h has ≥ m − f, and
//! any other h' ≤ f < m − f. A PC(v,h') would share F + q − n = q − p > b seats with FC.
//!
//! **Theorem.** If h of round v is final by CC (b ≤ f) or FC (b ≤ f − p), every block of a later
//! round with an honest P descends from h. *Proof* by induction over its round w; let (u,g) be
//! its parent. u < v would need an unpinned SC(v): excluded by L2, L3. u = v: g has PC or a
//! pinning SC, hence g = h. u > v: g's PC or pin holds an honest P (≥ m − f > b), so g descends
//! from h. ∎
//!
//! # Why it is live
//!
//! *Progress.* If no honest node gets PC(v), none confirms, all n − b ≥ q skip and SC(v) forms;
//! otherwise PC(v) is forwarded. Either way everyone leaves v. *Finality.* After GST with Δ_v
//! large enough and an honest leader: everyone enters v within Δ, the proposal carries its own
//! justification so that nobody's hidden state can refuse it, all prepare by 3Δ, before any timer
//! runs out, all confirm. Honest leaders recur within 2f+1 rounds and Δ_v grows. *Bodies.* A PC
//! or a pin names ≥ q − f − b honest holders.
//!
//! # Deviations and limits
//!
//! * T_v does not start on entering a round but when a block is first expected [T1]: an idle chain
//!   is silent. A member can keep it awake with one skip vote in each T_v.
//! * C(v,h) does not contain PC(v,h): both are sent, PC first, PC once.
//! * CC travels with its PC as one message, so whoever gets it can store the proof.
//! * A proposal needs its leader's signature, whoever brings it. Two that went to different nodes
//!   are noticed when one of them is brought on, certified and fetched, or by votes in two
//!   certificates.
//! * A node that missed more blocks than [M2] holds is brought closer by chain synchronization,
//!   which starts the machine anew from a later final block.
//! * [E7] believes a header that shows no certificate of its parent and claims that the term began
//!   on it. The root's record of that block would not do: after a fork or a rescue of the term
//!   before, honest members may have begun on another one. Only q liars can make use of it.
//! * Late votes are added to FC alone. Handover and rescue of a committee are not here.
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "rules are cited in brackets"
)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

#[cfg(test)]
extern crate self as consensus;
#[cfg(test)]
#[path = "../tests/support/chain.rs"]
#[allow(unreachable_pub, reason = "shared with the simulation")]
mod chain;

mod config;
mod debts;
mod effect;
mod evidence;
mod fault;
mod justification;
mod leader;
mod machine;
mod message;
mod round;
mod tally;
mod tree;

pub use config::{Config, Restored, Seat, Timing, unsigned};
pub use effect::{Effect, Record};
pub use evidence::{Evidence, EvidenceError, SignedHeader};
pub use fault::Fault;
pub use machine::Consensus;
pub use message::{Closed, Input, Message, Verdict};
