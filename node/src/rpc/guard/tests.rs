use super::*;

fn check(headers: &[(&str, &str)]) -> Result<Option<HeaderValue>, Refusal> {
    let guard = Guard::new(
        &["Node.Example".to_owned()],
        &[
            "https://wallet.example".to_owned(),
            "null".to_owned(),
            "*".to_owned(),
        ],
        "10.1.2.3".parse().unwrap(),
    );
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        map.append(name, value.parse().unwrap());
    }
    guard.check(&Uri::from_static("/"), &map)
}

#[test]
fn known_hosts_are_served_under_any_port() {
    for host in [
        "localhost",
        "127.0.0.1:8645",
        "[::1]",
        "[::1]:80",
        "10.1.2.3",
        "NODE.example:1",
    ] {
        assert_eq!(check(&[("host", host)]), Ok(None), "{host}");
    }
}

#[test]
fn rebinding_is_refused() {
    let evil = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        ":80",
    ];
    for host in evil {
        assert_eq!(check(&[("host", host)]), Err(Refusal::Host), "{host}");
    }
    assert_eq!(check(&[]), Err(Refusal::NoHost));
    let two = [("host", "localhost"), ("host", "evil.example")];
    assert_eq!(check(&two), Err(Refusal::NoHost));
}

#[test]
fn only_listed_pages_may_call_and_null_never() {
    let from = |origin| check(&[("host", "localhost"), ("origin", origin)]);
    assert_eq!(
        from("https://wallet.example").unwrap().unwrap(),
        "https://wallet.example"
    );
    for origin in [
        "null",
        "https://evil.example",
        "http://wallet.example",
        "http://localhost",
    ] {
        assert_eq!(from(origin), Err(Refusal::Origin), "{origin}");
    }
}
