//! JSON-RPC 2.0 over HTTP and WebSocket on one port.
//!
//! ```text
//!  connection ─ guard ─┬─ POST / ────────┬─ dispatch ─ methods ─ Backend
//!   (≤ 100)   (Host,   ├─ WebSocket / ───┘  (per item:            (the node)
//!              Origin) │   └ subscriptions    cost, deadline,
//!                      │                      size)
//!                      └─ /metrics /livez /readyz
//! ```
//!
//! # Rules
//!
//! * **[R1]** One table of methods is what is served and what `rpc.discover` tells, so they
//!   can't differ.
//! * **[R2]** A batch is a list of requests: each item pays its own cost, counts against the same
//!   deadline and the same response size. No limit knows whether a request came in a batch.
//! * **[R3]** A page in somebody's browser is not the user: `Host` must be a known name (DNS
//!   rebinding), an `Origin` must be listed, `null` never is, and a request must say that it is
//!   JSON (no cross-site form).
//! * **[R4]** Everything that a client makes the server keep has a bound: connections, header
//!   and body time, body bytes, nesting, items, subscriptions, queued notifications.
//! * **[R5]** No keys: the node signs nothing for anyone, and nothing here administers it.
//! * **[R6]** Codes of errors are stable; see [`error::Reason`].

pub mod backend;
pub(crate) mod batch;
pub mod config;
mod convictions;
mod dispatch;
mod early;
pub mod error;
pub mod explain;
mod guard;
mod http;
mod method;
mod methods;
mod openrpc;
mod rate;
mod server;
mod subscription;
mod validators;
pub mod view;
mod ws;

pub use backend::{
    AccountError, Backend, NotReady, ProveError, Question, ReportRefusal, RootReading, SubmitError,
    ViewError,
};
pub use config::RpcConfig;
pub use error::{Reason, RpcError};
pub use openrpc::document;
pub use server::{RunningServer, ServeError, serve};
