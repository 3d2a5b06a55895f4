//! One chain on one node: from messages to final blocks, and across lanes to other chains.
//!
//! ```text
//!  external ─▶ mempool ─┐                          ┌─▶ tree ──▶ Final ─▶ outbox ─▶ (pull)
//!  messages             ├─ proposer ─▶ consensus ──┤                └─▶ anchoring ─▶ Submit
//!  bundles ──▶ inbox ───┤      ▲          │        └─▶ Proposed, Early
//!  anchors ─────────────┘      │          ▼
//!                          root view   verifier
//!                              ▲
//!                    root-final blocks
//! ```
//!
//! The root is a chain like any other: it runs this machine with a `System` that records anchors,
//! and tells itself and everyone else of each final block. A node without a seat runs it too,
//! follows and never votes.
//!
//! # Rules
//!
//! * **[C1] Durable first.** Effects run in order; nothing leaves a node before every earlier
//!   `Persist` is durable. What this crate adds to consensus needs no log of its own: it follows
//!   from final blocks.
//! * **[C2] Verify once.** A signature is checked when a message is admitted and remembered with
//!   it; a block's check looks up what it knows and batches the rest.
//! * **[C3] In flight.** A message in a block stays in the mempool until the block is final or can
//!   never be; so a skipped round loses nothing, and no message is proposed twice in one branch.
//! * **[C4] Bounded.** Per sender, in all, and by expiry; nothing is evicted for a newcomer, so
//!   nobody can push out what others have waiting. A sender must cover all it has waiting. Messages
//!   behind a missing nonce can't run, so they pay nothing for their place: they have an eighth of
//!   the room, those of one sender a 32nd of its bytes, and lie a few nonces past what is missing.
//!   Where more strand later, as when one before them expires, the farthest leave, of the sender
//!   that takes most.
//! * **[C5] Root-final only.** Whatever crosses chains is judged against root-final blocks at the
//!   root height that a block cites. The citation never moves back. A voter that does not know
//!   the cited block yet answers later, not no.
//! * **[C6] Lanes.** A block takes whole bundles of a lane exactly from its cursor on: each message
//!   once, in order. Sources take turns; while bundles wait, they have half of the gas.
//!   A voter that holds what has waited on a lane for long does not vote for a proposal that
//!   ignores it; a block that is certified all the same is valid, or a source that withholds
//!   bundles could halt its destinations.
//! * **[C7] Kept until taken.** A bundle is served until the root shows that it was taken.
//! * **[C8] One anchor at a time**, covering every height since the last. Members take turns, so
//!   a silent one delays and does not stop it.
//! * **[C9] One transition.** Proposer, verifier and replay share it: the header that a body gives
//!   is computed by the same function and compared whole, so what a proposer builds passes.
//! * **[C10] Booked.** Of a lane no more is taken, by count, bytes and value, than its source has
//!   booked as sent in its last anchor. So what a chain takes never costs it its own anchors.
//! * **[C11] Forks are shown.** When the root has recorded another block than the one that is final
//!   here, the node hands out its own certified block: the root freezes the chain, and whoever
//!   signed both sides pays ([`Effect::Rival`]).
//! * **[C12] Clocks decide no validity.** A block that is ahead of this node's clock gets no vote
//!   here, and what others certify all the same is built upon: clocks differ, and a block that was
//!   invalid to some would stop the chain.
//! * **[C13] Declarations take turns.** The root records what anybody may say about itself. Of each
//!   subject one declaration waits, each kind has room of its own, a block takes the kinds in turn
//!   in an order that its parent draws, and of what others pass on only so much is checked in a
//!   second: so nobody keeps others' words out, or a node busy with its own.
//! * **[C14] A lie ends one chain.** What its committee certifies is executed before any of it is
//!   final. A block that is not what its header says makes nothing of its lot final: the machine
//!   says so ([`Effect::Diverged`]), takes nothing in any more and wants nothing, a checkpoint
//!   neither. So no state, journal or message ever builds on the block, a restart comes to the
//!   same end, and what else runs in the process goes on: it reads of a chain only what the root
//!   shows. Honest committees never get there, so it costs no liveness that was left. A node can't
//!   go on like that without the root: there its shell stops the process.
//! * **[C15] Proofs are renewed.** A bundle that waits is proved under a tip that the root view
//!   forgets after a while. Long before, it is asked for again, and takes the proof under a newer
//!   one, so a lane that stood still for long goes on. Until then it stays and may be taken, for
//!   maybe nobody serves it any more.
//! * **[C16] Rounds last.** A block lies above its parent by at most [`types::limits::ROUND_STEP`]
//!   rounds, so none is higher than its height allows. The next term counts on from the last block
//!   of this one: a committee that could name any round would leave it none.
//! * **[C17] A block fits.** How large σ is shows only when a block was executed: messages may take
//!   more of it than of a body. A leader whose block is too large makes it again with half of the
//!   external messages, then with none, then without imports. So no messages, whoever sends them,
//!   can cost a round, and none that is left out is lost.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod anchoring;
mod books;
pub mod chain;
mod declarations;
mod divergence;
mod filings;
mod finals;
mod following;
mod handover;
pub mod history;
pub mod inbox;
pub mod journal;
pub mod keyring;
mod listening;
pub mod machine;
pub mod mempool;
pub mod outbox;
mod overdue;
mod proposer;
mod rescue;
pub mod root_view;
pub mod rules;
pub mod signed;
pub mod start;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod transition;
pub mod tree;
pub mod verifier;

pub use chain::{Chain, Load};
pub use handover::Opening;
pub use history::History;
pub use inbox::ImportError;
pub use journal::{Journal, JournalError};
pub use keyring::{Keyring, Keys};
pub use machine::{Effect, Input};
pub use mempool::{Mempool, MempoolLimits, Refusal};
pub use outbox::{Outbox, Pull};
pub use root_view::RootView;
pub use rules::Rules;
pub use signed::SignedMessage;
pub use start::{Config, Snapshot, Start};
pub use terms::{Term, Terms};
pub use tree::{ExecutedBlock, FinalBlock};
