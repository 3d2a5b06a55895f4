//! A client of a node's RPC: one request over HTTP, or a conversation over WebSocket.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::rpc::batch::deeper_than;
use crate::rpc::config::PORT;
use crate::rpc::error::RpcError;

mod http;
mod socket;

pub use socket::Socket;

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of the largest answer that is read.
const ANSWER_BYTES: usize = 16 << 20;
/// Nested arrays and objects in an answer: a trace has two for each of its at most 64 levels,
/// which is more than serde_json reads when it is not told otherwise.
const DEPTH: usize = 2 * types::limits::DEPTH as usize + 32;

/// Where a node answers: `http://HOST[:PORT]`, or the same with `ws:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
}

/// A text that is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Encrypted connections are for a proxy in front of the node.
    #[error("only http:// and ws:// are supported; use a tunnel or a proxy for TLS")]
    Encrypted,
    /// Anything else.
    #[error("not a node's address; write it like http://127.0.0.1:8645")]
    Text,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: PORT,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.starts_with("https:") || text.starts_with("wss:") {
            return Err(EndpointError::Encrypted);
        }
        let schemes = ["http://", "ws://"];
        let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or(EndpointError::Text)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let authority: hyper::http::uri::Authority =
            authority.parse().map_err(|_| EndpointError::Text)?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(EndpointError::Text);
        }
        Ok(Self {
            host: authority.host().to_owned(),
            port: authority.port_u16().unwrap_or(PORT),
        })
    }
}

impl Endpoint {
    /// What to connect to; a literal IPv6 address loses its brackets.
    fn socket_address(&self) -> (&str, u16) {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        (host, self.port)
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Why a node gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing answers there.
    #[error("no node answers at {endpoint}: {source}")]
    Unreachable {
        /// Where.
        endpoint: Endpoint,
        /// Why.
        source: std::io::Error,
    },
    /// Something answers, but not in time.
    #[error("the node at {endpoint} does not answer in time")]
    TimedOut {
        /// Where.
        endpoint: Endpoint,
    },
    /// What answers is no node, or breaks off.
    #[error("what answers at {endpoint} is not a Thinkey node, or it broke off")]
    NotANode {
        /// Where.
        endpoint: Endpoint,
    },
    /// The server refused the connection or request before reading it.
    #[error("the server at {endpoint} refuses with HTTP status {status}")]
    Rejected {
        /// Where.
        endpoint: Endpoint,
        /// The status.
        status: u16,
    },
    /// The node says no.
    #[error(transparent)]
    Refused(#[from] RpcError),
    /// The node says no in a way that this program does not know.
    #[error("the node refuses with unknown error {code}")]
    Unknown {
        /// Its number.
        code: i64,
    },
}

/// Calls methods of one node.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Endpoint,
}

impl Client {
    /// A client of the node at `endpoint`; connects when it is used.
    pub const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    /// Where the node is.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls a method with named parameters.
    ///
    /// # Errors
    /// The node can't be reached, is none, or refuses.
    pub async fn call<R: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<R, ClientError> {
        let body = request(1, method, &params);
        let answering = http::post(&self.endpoint, body);
        let answer = tokio::time::timeout(PATIENCE, answering).await;
        let text = answer.map_err(|_| ClientError::TimedOut {
            endpoint: self.endpoint.clone(),
        })??;
        let (_, result) = read_response(&text, &self.endpoint)?;
        parse(result?.get(), &self.endpoint)
    }

    /// Opens a WebSocket connection, for subscriptions.
    ///
    /// # Errors
    /// The node can't be reached, or is none.
    pub async fn connect(&self) -> Result<Socket, ClientError> {
        Socket::connect(self.endpoint.clone()).await
    }
}

#[derive(serde::Deserialize)]
struct Response<'a> {
    #[serde(default)]
    id: Option<u64>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
struct UnknownError {
    code: i64,
}

/// A response's id, and its result or error.
type Answered<'a> = (Option<u64>, Result<&'a RawValue, ClientError>);

fn request(id: u64, method: &str, params: &impl Serialize) -> String {
    let params = serde_json::to_value(params).unwrap_or_default();
    serde_json::json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
        .to_string()
}

fn read_response<'a>(text: &'a str, endpoint: &Endpoint) -> Result<Answered<'a>, ClientError> {
    let response: Response<'a> = parse(text, endpoint)?;
    let answer = match (response.result, response.error) {
        (_, Some(error)) => Err(read_error(error.get(), endpoint)),
        (Some(result), None) => Ok(result),
        (None, None) => Err(not_a_node(endpoint)),
    };
    Ok((response.id, answer))
}

fn read_error(text: &str, endpoint: &Endpoint) -> ClientError {
    match (RpcError::from_json(text), parse(text, endpoint)) {
        (Some(error), _) => error.into(),
        (None, Ok(UnknownError { code })) => ClientError::Unknown { code },
        (None, Err(error)) => error,
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(
    text: &'a str,
    endpoint: &Endpoint,
) -> Result<T, ClientError> {
    if deeper_than(DEPTH, text.as_bytes()) {
        return Err(not_a_node(endpoint));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|_| not_a_node(endpoint))
}

fn not_a_node(endpoint: &Endpoint) -> ClientError {
    ClientError::NotANode {
        endpoint: endpoint.clone(),
    }
}

#[cfg(test)]
mod tests;
