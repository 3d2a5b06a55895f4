//! The listening socket and its connections. [R4]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;

use super::Backend;
use super::config::RpcConfig;
use super::dispatch::Dispatcher;
use super::guard::Guard;
use super::http::{Peer, Shared, router};

/// Bytes of a request's head, and of what is read ahead.
const READ_AHEAD: usize = 64 * 1024;
/// How long connections may finish what they are doing when the server stops.
const GRACE: Duration = Duration::from_secs(2);
/// After a failed accept, such as one for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 21\r\n\
    connection: close\r\n\r\ntoo many connections\n";

/// Why the server can't start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens there.
    #[error(
        "port {} of {} is in use; stop the other program or choose another port (0 picks a free \
         one)",
        address.port(), address.ip()
    )]
    PortInUse {
        /// Where.
        address: SocketAddr,
    },
    /// Ports below 1024 are for the administrator.
    #[error("not allowed to listen on {address}; choose a port of 1024 or more")]
    Forbidden {
        /// Where.
        address: SocketAddr,
    },
    /// The machine has no such address.
    #[error("this machine does not have the address {}; use 127.0.0.1", address.ip())]
    NoSuchAddress {
        /// Where.
        address: SocketAddr,
    },
    /// Something else.
    #[error("can't listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Listening for everyone, without a name to be called by.
    #[error("listening on {address} needs rpc.hosts: the names under which clients call the node")]
    NoHosts {
        /// Where.
        address: SocketAddr,
    },
}

/// A server at work. Dropping it stops it at once.
#[derive(Debug)]
pub struct RunningServer {
    /// Where it listens, the port that was picked among it.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl RunningServer {
    /// Stops: takes no more connections and lets requests finish for a moment.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // It ends by itself after the grace period at the latest.
        let _ended = (&mut self.accepting).await;
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.accepting.abort();
    }
}

/// Starts to serve `backend`.
///
/// # Errors
/// The address can't be listened on; see [`ServeError`].
#[allow(clippy::disallowed_methods, reason = "ended by RunningServer")]
pub async fn serve(
    config: RpcConfig,
    backend: Arc<dyn Backend>,
) -> Result<RunningServer, ServeError> {
    let address = config.listen;
    if address.ip().is_unspecified() && config.hosts.is_empty() {
        return Err(ServeError::NoHosts { address });
    }
    let listen = TcpListener::bind(address).await;
    let listener = listen.map_err(|source| refused(address, source))?;
    let addr = listener
        .local_addr()
        .map_err(|source| refused(address, source))?;
    let (stop, stopping) = watch::channel(false);
    let shared = Shared {
        guard: Arc::new(Guard::new(&config.hosts, &config.origins, addr.ip())),
        dispatcher: Arc::new(Dispatcher::new(config, backend)),
        stopping,
    };
    let accepting = tokio::spawn(accept(listener, shared));
    Ok(RunningServer {
        addr,
        stop,
        accepting,
    })
}

fn refused(address: SocketAddr, source: io::Error) -> ServeError {
    match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { address },
        io::ErrorKind::PermissionDenied => ServeError::Forbidden { address },
        io::ErrorKind::AddrNotAvailable => ServeError::NoSuchAddress { address },
        _ => ServeError::Listen { address, source },
    }
}

#[allow(clippy::disallowed_methods, reason = "ends with its connection")]
async fn accept(listener: TcpListener, shared: Shared) {
    let most = shared.dispatcher.config.connections;
    let room = Arc::new(Semaphore::new(most));
    let mut stopping = shared.stopping.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stopping) => break,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        match Arc::clone(&room).try_acquire_owned() {
            Ok(permit) => {
                tokio::spawn(connection(stream, peer, shared.clone(), permit));
            }
            Err(_) => turn_away(stream),
        }
    }
    drop(listener);
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    let _finished = tokio::time::timeout(GRACE, room.acquire_many(all)).await;
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A server that is gone has stopped too.
    let _stopped = stopping.wait_for(|stopping| *stopping).await;
}

/// Says why, if that costs no waiting.
fn turn_away(stream: TcpStream) {
    let _best_effort = stream.try_write(FULL);
    tracing::debug!("a connection was turned away: there are too many");
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Shared,
    permit: OwnedSemaphorePermit,
) {
    let _nagle = stream.set_nodelay(true);
    let header_timeout = shared.dispatcher.config.header_timeout();
    let mut stopping = shared.stopping.clone();
    let peer = Peer {
        address: peer.ip(),
        _slot: Arc::new(permit),
    };
    let service = router(shared).layer(axum::Extension(peer));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(READ_AHEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ended = connection.as_mut() => {}
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            let _ended = tokio::time::timeout(GRACE, connection).await;
        }
    }
}
