//! A conversation over WebSocket: calls, and notifications of one kind of interest at a time.

use std::collections::VecDeque;

use futures::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{ClientError, Endpoint, PATIENCE, http, not_a_node, parse, read_response, request};

/// Notifications that wait to be read while a call is answered.
const WAITING: usize = 1_024;

/// An open connection.
#[derive(Debug)]
pub struct Socket {
    endpoint: Endpoint,
    stream: WebSocketStream<TcpStream>,
    next_id: u64,
    waiting: VecDeque<String>,
}

#[derive(serde::Deserialize)]
struct Notification<'a> {
    #[serde(borrow)]
    params: Told<'a>,
}

#[derive(serde::Deserialize)]
struct Told<'a> {
    subscription: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

impl Socket {
    pub(super) async fn connect(endpoint: Endpoint) -> Result<Self, ClientError> {
        let connecting = async {
            let stream = http::connect(&endpoint).await?;
            let url = format!("ws://{}/", endpoint.authority());
            let shaken = tokio_tungstenite::client_async(url, stream).await;
            shaken.map_err(|_| not_a_node(&endpoint))
        };
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        let (stream, _) = connected.map_err(|_| ClientError::TimedOut {
            endpoint: endpoint.clone(),
        })??;
        Ok(Self {
            endpoint,
            stream,
            next_id: 1,
            waiting: VecDeque::new(),
        })
    }

    /// Calls a method; notifications that come before its answer wait.
    ///
    /// # Errors
    /// The node refuses, or the connection ends.
    pub async fn call<R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: impl Serialize,
    ) -> Result<R, ClientError> {
        let id = self.next_id;
        self.next_id += 1;
        self.send(request(id, method, &params)).await?;
        let answering = self.answer(id);
        let answer = tokio::time::timeout(PATIENCE, answering).await;
        let text = answer.map_err(|_| ClientError::TimedOut {
            endpoint: self.endpoint.clone(),
        })??;
        let (_, result) = read_response(&text, &self.endpoint)?;
        parse(result?.get(), &self.endpoint)
    }

    /// The next notification: its subscription and its result. Waits for as long as it takes.
    ///
    /// # Errors
    /// The connection ends.
    pub async fn next<R: DeserializeOwned>(&mut self) -> Result<(String, R), ClientError> {
        let text = match self.waiting.pop_front() {
            Some(text) => text,
            None => self.receive().await?,
        };
        let told: Notification<'_> = parse(&text, &self.endpoint)?;
        let result = parse(told.params.result.get(), &self.endpoint)?;
        Ok((told.params.subscription, result))
    }

    async fn send(&mut self, text: String) -> Result<(), ClientError> {
        let sent = self.stream.send(Message::Text(text.into())).await;
        sent.map_err(|_| not_a_node(&self.endpoint))
    }

    async fn answer(&mut self, id: u64) -> Result<String, ClientError> {
        loop {
            let text = self.receive().await?;
            if is_notification(&text) {
                if self.waiting.len() == WAITING {
                    self.waiting.pop_front();
                }
                self.waiting.push_back(text);
                continue;
            }
            // An answer without an id is to something that could not be read: to this.
            let (of, _) = read_response(&text, &self.endpoint)?;
            if of.is_none_or(|of| of == id) {
                return Ok(text);
            }
        }
    }

    async fn receive(&mut self) -> Result<String, ClientError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    // Sends the answer that the library has queued.
                    let flushed = self.stream.flush().await;
                    flushed.map_err(|_| not_a_node(&self.endpoint))?;
                }
                _ => return Err(not_a_node(&self.endpoint)),
            }
        }
    }
}

fn is_notification(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Peek {
        #[serde(default)]
        method: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Peek>(text).is_ok_and(|peek| peek.method.is_some())
}
