//! The paths of the server, over HTTP/1.1.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::dispatch::{Dispatcher, response};
use super::error::{Reason, RpcError};
use super::guard::Guard;
use super::ws;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const METHODS: HeaderValue = HeaderValue::from_static("POST");
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("content-type");
/// What reading the metrics costs.
const METRICS_COST: u32 = 5;

/// The other end of a connection.
#[derive(Clone)]
pub(super) struct Peer {
    /// Its address.
    pub(super) address: IpAddr,
    /// Its place among the connections. A WebSocket outlives the HTTP connection that it was,
    /// and keeps the place.
    pub(super) _slot: Arc<OwnedSemaphorePermit>,
}

/// What the paths share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) guard: Arc<Guard>,
    pub(super) stopping: watch::Receiver<bool>,
}

/// All paths. Each request must carry a [`Peer`].
pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", post(call).get(upgrade).options(StatusCode::NO_CONTENT))
        .route("/metrics", get(metrics))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .fallback(lost)
        .layer(middleware::from_fn_with_state(shared.clone(), guarded))
        .with_state(shared)
}

/// [R3] before anything is read.
async fn guarded(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    match shared.guard.check(request.uri(), request.headers()) {
        Err(refusal) => (refusal.status(), refusal.to_string()).into_response(),
        Ok(None) => next.run(request).await,
        Ok(Some(origin)) => {
            let mut response = next.run(request).await;
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, CONTENT_TYPE);
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
            response
        }
    }
}

async fn call(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !is_json(&headers) {
        let hint = "send JSON-RPC with the header content-type: application/json\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, hint).into_response();
    }
    let config = &shared.dispatcher.config;
    let reading = axum::body::to_bytes(body, config.request_bytes);
    let body = match tokio::time::timeout(config.timeout(), reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let message = format!("more than {} bytes, or cut short", config.request_bytes);
            let error = RpcError::new(Reason::RequestTooLarge, message);
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, error);
        }
        Err(_) => {
            let error = RpcError::new(Reason::TimedOut, "the request did not arrive in time");
            return refuse(StatusCode::REQUEST_TIMEOUT, error);
        }
    };
    match shared.dispatcher.respond(peer.address, &body, None).await {
        Some(text) => json(StatusCode::OK, text),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn upgrade(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let hint = "this is a Thinkey node: POST JSON-RPC here, or connect with WebSocket; \
                    the method rpc.discover lists all methods\n";
        return (StatusCode::METHOD_NOT_ALLOWED, hint).into_response();
    };
    let most = shared.dispatcher.config.request_bytes;
    upgrade
        .max_message_size(most)
        .max_frame_size(most)
        .on_upgrade(move |socket| ws::serve(socket, peer, shared.dispatcher, shared.stopping))
}

async fn metrics(State(shared): State<Shared>, Extension(peer): Extension<Peer>) -> Response {
    if shared.dispatcher.pay(peer.address, METRICS_COST).is_err() {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    match shared.dispatcher.node.read(|node| node.metrics()).await {
        Ok(text) => ([(header::CONTENT_TYPE, METRICS)], text).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn live(State(shared): State<Shared>) -> Response {
    match shared.dispatcher.node.backend.live() {
        true => "live\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "dead\n").into_response(),
    }
}

async fn ready(State(shared): State<Shared>) -> Response {
    match shared.dispatcher.node.backend.ready() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {reason}\n"),
        )
            .into_response(),
    }
}

async fn lost() -> Response {
    let hint = "nothing here; JSON-RPC is at /, and there are /metrics, /livez and /readyz\n";
    (StatusCode::NOT_FOUND, hint).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let text = content_type.and_then(|value| value.to_str().ok());
    let media = text.and_then(|text| text.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

fn refuse(status: StatusCode, error: RpcError) -> Response {
    json(status, response("null", &Err(error)))
}

fn json(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], text).into_response()
}
