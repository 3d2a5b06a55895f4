use super::*;

#[test]
fn endpoints_are_read_as_people_write_them() {
    let same = [
        "http://127.0.0.1:8645",
        "ws://127.0.0.1:8645",
        "http://127.0.0.1/",
    ];
    for text in same {
        assert_eq!(text.parse(), Ok(Endpoint::default()), "{text}");
    }
    let v6: Endpoint = "http://[::1]:80".parse().unwrap();
    assert_eq!(v6.socket_address(), ("::1", 80));
    assert_eq!(v6.to_string(), "http://[::1]:80");
    assert_eq!(
        "https://a".parse::<Endpoint>(),
        Err(EndpointError::Encrypted)
    );
    for text in [
        "",
        "127.0.0.1:8645",
        "http://",
        "http://a b",
        "http://a/path",
        "http://u@a",
    ] {
        assert_eq!(text.parse::<Endpoint>(), Err(EndpointError::Text), "{text}");
    }
}

#[test]
fn errors_are_told_apart() {
    let endpoint = Endpoint::default();
    let answer = |text: &str| match read_response(text, &endpoint) {
        Ok((_, answer)) => answer.map(|_| ()),
        Err(error) => Err(error),
    };
    let known = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1103,"message":"nonce 1 was used"}}"#;
    assert_eq!(answer(known).unwrap_err().to_string(), "nonce 1 was used");
    let unknown = r#"{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"x"}}"#;
    assert!(matches!(
        answer(unknown),
        Err(ClientError::Unknown { code: 7 })
    ));
    for text in ["", "<html>", "{}", "[]"] {
        assert!(
            matches!(answer(text), Err(ClientError::NotANode { .. })),
            "{text}"
        );
    }
}
