//! One WebSocket connection: a reader that answers in order, a writer that waits for no one long.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use tokio::sync::{mpsc, watch};

use super::dispatch::Dispatcher;
use super::http::Peer;
use super::subscription::Subscriptions;

/// Answers and notifications that wait for the writer.
const QUEUE: usize = 16;
/// How often a silent client is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// A client that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);

/// Serves a connection until the client leaves, stops reading, or the server stops.
pub(super) async fn serve(
    socket: WebSocket,
    peer: Peer,
    dispatcher: Arc<Dispatcher>,
    mut stopping: watch::Receiver<bool>,
) {
    let (sink, stream) = socket.split();
    let (outgoing, queue) = mpsc::channel(QUEUE);
    let writer = write(sink, queue, dispatcher.config.timeout());
    let reader = read(stream, peer, dispatcher, outgoing);
    // Whichever ends first ends the connection: dropping the others closes the socket and, with
    // the reader, its subscriptions.
    tokio::select! {
        () = writer => {}
        () = reader => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn read(
    mut stream: SplitStream<WebSocket>,
    peer: Peer,
    dispatcher: Arc<Dispatcher>,
    outgoing: mpsc::Sender<String>,
) {
    let most = dispatcher.config.subscriptions;
    let mut subscriptions = Subscriptions::new(dispatcher.node.clone(), outgoing.clone(), most);
    loop {
        let Ok(Some(Ok(message))) = tokio::time::timeout(SILENCE, stream.next()).await else {
            return;
        };
        let body = match &message {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) => {
                // Free for whoever answers ours, not for whoever floods.
                if dispatcher.pay(peer.address, 1).is_err() {
                    return;
                }
                continue;
            }
            Message::Close(_) => return,
        };
        let answer = dispatcher.respond(peer.address, body, Some(&mut subscriptions));
        if let Some(answer) = answer.await
            && outgoing.send(answer).await.is_err()
        {
            return;
        }
    }
}

/// Writes what is queued; ends when the client takes nothing for `patience`. [R4]
async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<String>,
    patience: Duration,
) {
    loop {
        let message = match tokio::time::timeout(PING, queue.recv()).await {
            Ok(Some(text)) => Message::Text(text.into()),
            Ok(None) => return,
            Err(_) => Message::Ping(Default::default()),
        };
        let sent = tokio::time::timeout(patience, sink.send(message)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}
