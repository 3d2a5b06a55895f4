//! What an operator may set, and the defaults that are safe.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The port when none is given.
pub const PORT: u16 = 8645;

/// Settings of the RPC server: the `[rpc]` section of a node's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RpcConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Names under which clients may call the node, besides the loopback ones and the address.
    pub hosts: Vec<String>,
    /// Origins of web pages that may call the node, such as `https://wallet.example`.
    pub origins: Vec<String>,
    /// Open connections.
    pub connections: usize,
    /// Bytes of one request or batch.
    pub request_bytes: usize,
    /// Bytes of one response, a whole batch's together.
    pub response_bytes: usize,
    /// Requests in one batch.
    pub batch: usize,
    /// Nested arrays and objects in one request.
    pub depth: usize,
    /// Cost units that one address may use in a second; 0 is no limit, for a devnet under test.
    pub units_per_second: u32,
    /// Subscriptions of one connection.
    pub subscriptions: usize,
    /// Milliseconds for reading a body, for answering, and for a client to take what it is sent.
    pub timeout_ms: u64,
    /// Milliseconds for reading a request's headers.
    pub header_timeout_ms: u64,
    /// Threads that read from the node's store.
    pub workers: usize,
}

impl Default for RpcConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            hosts: Vec::new(),
            origins: Vec::new(),
            connections: 100,
            request_bytes: 1 << 20,
            response_bytes: 10 << 20,
            batch: 50,
            depth: 32,
            units_per_second: 50,
            subscriptions: 32,
            timeout_ms: 10_000,
            header_timeout_ms: 5_000,
            workers: 16,
        }
    }
}

impl RpcConfig {
    /// For reading a body, answering, and taking an answer.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// For reading headers.
    pub(super) const fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms)
    }
}
