//! JSON-RPC 2.0 over HTTP and WebSocket on one port.

pub mod backend;
pub mod view;

pub use backend::{AccountError, Backend, NotReady, ProveError, SubmitError};
