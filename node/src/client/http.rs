//! One POST, on a connection of its own.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{ANSWER_BYTES, ClientError, Endpoint, not_a_node};

/// Sends a JSON body, reads the JSON answer.
#[allow(clippy::disallowed_methods, reason = "aborted below")]
pub(super) async fn post(endpoint: &Endpoint, body: String) -> Result<String, ClientError> {
    let stream = connect(endpoint).await?;
    let broken = |_: hyper::Error| not_a_node(endpoint);
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(broken)?;
    let driver = tokio::spawn(connection);
    let request = Request::post("/")
        .header(HOST, endpoint.authority())
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)));
    let request = request.map_err(|_| not_a_node(endpoint))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let text = read(response, endpoint).await;
    driver.abort();
    text
}

pub(super) async fn connect(endpoint: &Endpoint) -> Result<TcpStream, ClientError> {
    let connecting = TcpStream::connect(endpoint.socket_address()).await;
    let stream = connecting.map_err(|source| ClientError::Unreachable {
        endpoint: endpoint.clone(),
        source,
    })?;
    let _slower_without = stream.set_nodelay(true);
    Ok(stream)
}

async fn read(
    response: Response<hyper::body::Incoming>,
    endpoint: &Endpoint,
) -> Result<String, ClientError> {
    let status = response.status();
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == "application/json");
    if !is_json {
        return Err(match status {
            StatusCode::OK => not_a_node(endpoint),
            _ => ClientError::Rejected {
                endpoint: endpoint.clone(),
                status: status.as_u16(),
            },
        });
    }
    let body = Limited::new(response.into_body(), ANSWER_BYTES)
        .collect()
        .await;
    let bytes = body.map_err(|_| not_a_node(endpoint))?.to_bytes();
    String::from_utf8(bytes.into()).map_err(|_| not_a_node(endpoint))
}
