//! What the server does with clients that mean harm: robustness of the limits.

use std::time::Duration;

use node::client::ClientError;
use node::rpc::{Reason, RpcConfig, RpcError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rpc::{config, start};

/// Sends raw bytes, reads until the server closes or is silent.
async fn raw(addr: std::net::SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    // The server may close before it has read everything.
    let _cut = stream.write_all(request).await;
    let mut answer = Vec::new();
    let mut chunk = vec![0; 65_536];
    while let Ok(Ok(read)) =
        tokio::time::timeout(Duration::from_millis(700), stream.read(&mut chunk)).await
    {
        if read == 0 {
            break;
        }
        answer.extend(&chunk[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(host: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{more}\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"chain_status","params":[1]}"#;

fn batch(items: usize) -> String {
    format!("[{}]", vec![CALL; items].join(","))
}

#[tokio::test]
async fn pages_in_a_browser_are_refused() {
    let listed = RpcConfig {
        origins: vec!["https://wallet.example".to_owned()],
        ..config()
    };
    let (server, _client, _fake) = start(listed).await;
    let table = [
        ("evil.example", "", "403"),
        ("localhost", "Origin: null\r\n", "403"),
        ("localhost", "Origin: https://evil.example\r\n", "403"),
        ("localhost", "Origin: https://wallet.example\r\n", "200"),
        ("localhost", "", "200"),
    ];
    for (host, more, status) in table {
        let answer = raw(server.addr, &post(host, more, CALL)).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{host} {more}: {answer}"
        );
        assert!(!answer.contains("allow-origin: *"));
    }
    // Neither may a page connect with WebSocket, nor read the metrics.
    for path in ["/", "/metrics", "/livez"] {
        let get = format!(
            "GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let answer = raw(server.addr, get.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    // A form can be sent across sites without asking; it is not JSON.
    let form = String::from_utf8(post("localhost", "", CALL)).unwrap();
    let form = form.replace("application/json", "text/plain");
    let answer = raw(server.addr, form.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
}

#[tokio::test]
async fn a_batch_pays_for_each_item() {
    let limited = RpcConfig {
        units_per_second: 5,
        ..config()
    };
    let (server, _client, _fake) = start(limited).await;
    let answer = raw(server.addr, &post("localhost", "", &batch(50))).await;
    let served = answer.matches("\"result\"").count();
    let refused = answer.matches("rate_limited").count();
    assert!(
        (10..=15).contains(&served),
        "{served} of 50 within 10 units"
    );
    assert_eq!(served + refused, 50);
    // The bucket is the address's, whatever the connection.
    let again = raw(server.addr, &post("localhost", "", &batch(20))).await;
    assert!(again.matches("\"result\"").count() <= 10, "{again}");
}

#[tokio::test]
async fn batches_have_a_bound() {
    let (server, _client, _fake) = start(config()).await;
    let fifty = raw(server.addr, &post("localhost", "", &batch(50))).await;
    assert_eq!(fifty.matches("\"result\"").count(), 50);
    for body in [batch(51), format!("[{}0]", "0,".repeat(500_000))] {
        let answer = raw(server.addr, &post("localhost", "", &body)).await;
        assert!(
            answer.contains("batch_too_large"),
            "{}",
            &answer[..200.min(answer.len())]
        );
        assert!(!answer.contains("\"result\""));
    }
}

#[tokio::test]
async fn bodies_have_a_bound_said_or_unsaid() {
    let (server, client, _fake) = start(config()).await;
    let large = "x".repeat((1 << 20) + 1);
    let answer = raw(server.addr, &post("localhost", "", &large)).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("request_too_large"));
    // 64 MiB in chunks, whose end is never told.
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut sent = 0;
    while sent < 64 << 20 && stream.write_all(chunk.as_bytes()).await.is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 64 << 20, "the server reads on for ever");
    let _alive: Value = client.call("chain_list", json!({})).await.unwrap();
}

#[tokio::test]
async fn responses_have_a_bound_that_a_batch_shares() {
    let small = RpcConfig {
        response_bytes: 20_000,
        ..config()
    };
    let fake = crate::fake::Fake {
        genesis_bytes: 9_000,
        ..crate::fake::Fake::new()
    };
    let server = node::rpc::serve(small, fake.shared() as _).await.unwrap();
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"root_genesis"}"#;
    let body = format!("[{one},{one},{one}]");
    let answer = raw(server.addr, &post("localhost", "", &body)).await;
    assert_eq!(answer.matches("\"result\"").count(), 2);
    assert_eq!(answer.matches("response_too_large").count(), 1);
}

#[tokio::test]
async fn garbage_is_answered_and_nothing_breaks() {
    let (server, client, _fake) = start(config()).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"rpc.discover"}"#;
    let table = [
        ("", "parse"),
        ("{", "parse"),
        (&deep, "parse"),
        (twice, "invalid_request"),
        ("[1,\"a\",null]", "invalid_request"),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"rpc.discover"}"#,
            "invalid_request",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"../../etc/passwd"}"#,
            "method_not_found",
        ),
    ];
    for (body, word) in table {
        let answer = raw(server.addr, &post("localhost", "", body)).await;
        assert!(
            answer.contains(&format!("\"reason\":\"{word}\"")),
            "{body}: {answer}"
        );
    }
    let bytes: [&[u8]; 4] = [
        b"\x00\x01\x02\xff\xff\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for request in bytes {
        let answer = raw(server.addr, request).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let answer = raw(server.addr, long.as_bytes()).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer}"
    );
    let _alive: Value = client.call("chain_list", json!({})).await.unwrap();
}

#[tokio::test]
async fn slow_senders_are_cut_off() {
    let hasty = RpcConfig {
        header_timeout_ms: 300,
        timeout_ms: 300,
        ..config()
    };
    let (server, _client, _fake) = start(hasty).await;
    let starts = [
        "",
        "POST / HTTP/1.1\r\nHost: loc",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{",
        // Whole, and then idle.
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];
    for start in starts {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let closing = stream.read_to_end(&mut answer);
        let closed = tokio::time::timeout(Duration::from_secs(3), closing).await;
        assert!(closed.is_ok(), "{start:?} is left open");
    }
}

#[tokio::test]
async fn connections_have_a_bound_and_places_are_given_back() {
    let few = RpcConfig {
        connections: 3,
        ..config()
    };
    let (server, client, _fake) = start(few).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = client.connect().await.unwrap();
        let _here: Value = socket.call("chain_list", json!({})).await.unwrap();
        sockets.push(socket);
    }
    // A WebSocket keeps its place for as long as it is open.
    let answer = raw(server.addr, &post("localhost", "", CALL)).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 503"),
        "{answer}"
    );
    drop(sockets);
    for _ in 0..100 {
        if client.call::<Value>("chain_list", json!({})).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no place was given back");
}

#[tokio::test]
async fn subscriptions_have_a_bound_and_leave_nothing_behind() {
    let (_server, client, fake) = start(config()).await;
    let mut socket = client.connect().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..32 {
        let id: String = socket
            .call("chain_subscribeHeads", json!({}))
            .await
            .unwrap();
        ids.push(id);
    }
    let one_more = socket
        .call::<String>("chain_subscribeHeads", json!({}))
        .await;
    let Err(ClientError::Refused(RpcError { reason, .. })) = one_more else {
        panic!("33 subscriptions");
    };
    assert_eq!(reason, Reason::TooManySubscriptions);
    for _ in 0..2_000 {
        let id = ids.pop().unwrap();
        let _: bool = socket
            .call("chain_unsubscribeHeads", json!([id]))
            .await
            .unwrap();
        let id: String = socket
            .call("chain_subscribeHeads", json!({}))
            .await
            .unwrap();
        ids.push(id);
    }
    drop(socket);
    for _ in 0..200 {
        if fake.events.receiver_count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} subscriptions are left", fake.events.receiver_count());
}

#[tokio::test]
async fn a_subscriber_that_never_reads_is_dropped() {
    let hasty = RpcConfig {
        timeout_ms: 300,
        ..config()
    };
    let (_server, client, fake) = start(hasty).await;
    let mut socket = client.connect().await.unwrap();
    let _id: String = socket
        .call("chain_subscribeHeads", json!({}))
        .await
        .unwrap();
    // Far more than the buffers of both ends of the connection hold.
    for height in 0..400_000_u64 {
        let head = crate::fake::head(1, height);
        if fake
            .events
            .send(node::rpc::view::Event::Head(head))
            .is_err()
        {
            return;
        }
        if height % 500 == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    panic!("the subscriber is kept");
}

#[tokio::test]
async fn slow_reads_end_in_an_error_not_in_waiting() {
    let fake = crate::fake::Fake {
        slow: Some(Duration::from_millis(900)),
        ..crate::fake::Fake::new()
    };
    let hasty = RpcConfig {
        timeout_ms: 200,
        ..config()
    };
    let server = node::rpc::serve(hasty, fake.shared() as _).await.unwrap();
    let client = crate::rpc::client(&server);
    let params = json!([crate::fake::address(types::AccountId::default())]);
    let answer = client.call::<Value>("account_get", params).await;
    let Err(ClientError::Refused(RpcError { reason, .. })) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(reason, Reason::TimedOut);
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let (server, _client, _fake) = start(config()).await;
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let metrics = raw(server.addr, &get("/metrics")).await;
    assert!(
        metrics.contains("thinkey_blocks_total{chain=\"1\"} 5"),
        "{metrics}"
    );
    let live = raw(server.addr, &get("/livez")).await;
    assert!(live.starts_with("HTTP/1.1 200"), "{live}");
    let ready = raw(server.addr, &get("/readyz")).await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(ready.contains("not ready: chain 2 is behind the network"));
    let lost = raw(server.addr, &get("/admin")).await;
    assert!(lost.starts_with("HTTP/1.1 404"), "{lost}");
}
