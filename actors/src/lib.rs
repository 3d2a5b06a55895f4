//! The account model: every account is an actor that owns its state, takes one message at a time
//! and reaches others by messages only. Deterministic and pure.
//!
//! ```text
//!             Inputs                              Context (chain, root height, routing, limits)
//!  externals  imports  acks  anchors                  │
//!      │         │       │      │                     ▼
//!      │         ▼       ▼      └──── System ──▶ state before
//!      │      mailboxes  lanes                        │
//!      ▼         ▼                                    ▼
//!   ┌───────── step: one actor, one message ──────────────┐   execute: any schedule, writes σ
//!   │ receipt, changed account, outputs                   │   check:   σ as a graph, same steps
//!   └──────┬──────────────────────┬───────────────────────┘
//!          │ inter: same block    │ outer
//!          ▼                      ▼
//!       mailbox              lane with room ──▶ Bundle ──▶ another chain
//!    (what gas forbids        else the sender's outbox
//!     stays there)
//! ```
//!
//! [`execute`] is for whoever proposes a block: it picks messages and writes down the order σ.
//! [`check`] is for everyone else: it replays σ. Both run the same steps and settle the same way,
//! so what one makes the other accepts.
//!
//! # Rules
//!
//! * **[G1] Who consumes.** An external message is consumed by its sender's account, a relay
//!   message by its recipient's. Each consumed message has exactly one receipt.
//! * **[G2] The order.** Step `s` waits for the step before it of the same account and for the
//!   steps that produced what it consumes. A block is valid only if this graph has no cycle; then
//!   any topological order is a sequential run, and all give the same result since a step reads
//!   and writes nothing but its own account. A cycle of messages that create one another would
//!   replay well account by account, and mint.
//! * **[G3] Exactly once.** No message is consumed twice; every external message of a block is
//!   consumed in it. A relay message that is not consumed stays in its recipient's mailbox.
//! * **[G4] FIFO.** A mailbox is taken from the front, and whole before what the block brings.
//!   Imports to one account are consumed in input order, inter messages from one account to
//!   another in the order of their production; only a tail may be left over. Leftovers join the
//!   mailbox behind what is there: imports in input order, then inter messages by (step, output).
//! * **[G5] Value is debited when sent and credited when executed.** Counters and deletions come
//!   before effects. A message carries its value and its prepaid gas.
//! * **[G6] Failure returns.** A relay message that fails changes nothing and sends one bounce
//!   with its value. Bounces and refunds never fail: what can't be credited is kept claimable in
//!   the account.
//! * **[G7] Gas.** Who sends pays for every step that must follow: the credit, and the return if it
//!   fails (see [`gas`]). Fees are burned where they are taken. Every message names the tree's
//!   payer, who signed the external message at its top: gas that nobody used is refunded to it,
//!   not to the code in between, which neither pays nor earns gas. It comes along with a bounce
//!   whose sender is the payer, waits for it [G12], or when it is not worth a message of its own.
//!   An account that no chain has can send nothing over a lane: what it would refund is burned.
//!   Depth, gas and value bound every tree of messages. A call that code sends ends no later than
//!   the one that it handles; what code pays has no deadline, since it is not told of a payment
//!   that comes back.
//! * **[G8] Lanes.** Outer messages get dense indices while the lane has room, first those that
//!   waited for it, each account a quota at a time, then new ones by (step, output). Once a lane
//!   had no room for a message, all later ones of the block wait for it in their senders'
//!   outboxes, so order survives per pair of accounts. A message waits for the lane to the chain
//!   that answered for its recipient when it was sent: the network's routing table never changes.
//! * **[G9] Conservation.** After every block held + exported + burned = minted + imported, where
//!   held is summed over the accounts that changed, not over what the steps claim. Checked in
//!   release builds; since the sums fit in a `u128`, so does every part of them.
//! * **[G10] Credits merge.** One step may consume several messages if all are credits. A credit
//!   never runs code.
//! * **[G11] Code is the account's own.** A deploy brings the code along, so an account never
//!   depends on another one's state: the id commits to creator, salt and code hash, and the bytes
//!   lie in the account's storage beside what it writes (see [`slots`]). Deploying again credits
//!   the value and runs nothing: whoever repeats a deploy gets the account that there is. An
//!   account may hold more than one code: its owner gives it code to run or to hold (upgrade), and
//!   code makes accounts with code that it holds, or becomes it from the next message on. Deploy,
//!   upgrade, transfer and key rotation are the system's work; no code can refuse or fake them.
//! * **[G12] Answers.** Who sends a call with a [`Wish`] names a handler and sets gas aside for
//!   it. Both stay in the sender's account: the handler, and what it is to be reminded of, in a
//!   slot under the call's id, the gas as a part of the balance that nothing else can spend, so no
//!   callee can starve it. The callee's system sends a reply, or a bounce on failure and past the
//!   deadline; when it arrives, the slot is emptied before the handler runs, so an answer is
//!   handled at most once, a handler that calls back into itself finds nothing, and one that fails
//!   leaves nothing behind. The handler is a name in whatever code the account has then, not a
//!   continuation, so an upgrade in between loses nothing. A handler that fails keeps what came
//!   back. What is left of the gas goes to whoever paid for it, not to the code.
//! * **[G13] Deposits.** Each byte of an account's storage, code and handlers included, locks
//!   [`DEPOSIT_BYTE`](contract::DEPOSIT_BYTE) of its balance and frees it when removed. What is
//!   locked can't be sent; a write or a deploy that the balance does not cover fails.
//! * **[G14] What waits costs nothing.** A block's work follows from what it moves, not from what
//!   waits. An account is copied, hashed and stored again only if a message was consumed there,
//!   came to wait there or left. Queues, outboxes and the sets of accounts that wait share what
//!   did not change with the state before. A proposer looks at mailboxes as far as gas goes.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

pub mod account;
pub mod account_set;
mod actor;
pub mod admission;
pub mod behaviour;
mod calls;
pub mod check;
pub mod context;
pub mod contract;
mod credits;
pub mod execute;
pub mod executed;
mod externals;
mod fifo;
pub mod gas;
mod graph;
mod handlers;
pub mod inputs;
pub mod letter;
mod numbers;
pub mod outbox;
mod outgoing;
pub mod own;
pub mod queue;
mod replay;
mod runner;
mod schedule;
pub mod send;
mod settle;
pub mod slot_proof;
pub mod slots;
pub mod state;
pub mod system;
#[cfg(test)]
mod testing;
mod touched;
pub mod view;

pub use account::{Account, Slot};
pub use account_set::AccountSet;
pub use admission::{Refusal, admit};
pub use behaviour::{Behaviour, Code, CodeEngine, Entry, Fault, Registry};
pub use check::{CheckError, check};
pub use context::{Context, Parallelism};
pub use contract::Contract;
pub use execute::execute;
pub use executed::Executed;
pub use inputs::{Incoming, InputError, Inputs};
pub use letter::Letter;
pub use outbox::Outbox;
pub use own::{Facts, Own};
pub use queue::Queue;
pub use send::{Send, Terms, Wish};
pub use slot_proof::{AccountDigest, SlotProof, SlotProofError};
pub use state::State;
pub use system::{
    Edit, Filings, NoSystem, NothingToBurn, Recorded, Shown, Subject, System, SystemError,
};
pub use view::{View, view};
