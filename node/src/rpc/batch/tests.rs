use super::*;

fn parse(text: &str) -> Result<usize, Reason> {
    match Requests::parse(text.as_bytes(), 50, 32) {
        Ok(Requests::One(_)) => Ok(1),
        Ok(Requests::Batch(items)) => Ok(items.len()),
        Err(error) => Err(error.reason),
    }
}

fn request(text: &str) -> Result<(), Reason> {
    let raw: &RawValue = serde_json::from_str(text).unwrap();
    Request::parse(raw)
        .map(|_| ())
        .map_err(|error| error.reason)
}

#[test]
fn a_batch_has_a_bound_however_long_it_is() {
    assert_eq!(parse("[1,2,3]"), Ok(3));
    let fifty = vec!["{}"; 50].join(",");
    assert_eq!(parse(&format!("[{fifty}]")), Ok(50));
    assert_eq!(parse(&format!("[{fifty},1]")), Err(Reason::BatchTooLarge));
    let million = "1,".repeat(1_000_000);
    assert_eq!(parse(&format!("[{million}1]")), Err(Reason::BatchTooLarge));
    assert_eq!(parse("[]"), Err(Reason::InvalidRequest));
}

#[test]
fn nesting_has_a_bound_and_strings_do_not_nest() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(parse(&format!("{{\"a\":{}}}", nested(31))), Ok(1));
    assert_eq!(
        parse(&format!("{{\"a\":{}}}", nested(32))),
        Err(Reason::Parse)
    );
    assert_eq!(parse(&nested(10_000)), Err(Reason::Parse));
    assert_eq!(parse(&"[".repeat(100_000)), Err(Reason::Parse));
    let brackets = "[".repeat(100);
    assert_eq!(parse(&format!("{{\"a\":\"\\\"{brackets}\"}}")), Ok(1));
}

#[test]
fn garbage_is_no_json() {
    for text in ["", " ", "{", "nul", "{}{}", "[1]x", "[1,]", "\u{0}"] {
        assert_eq!(parse(text), Err(Reason::Parse), "{text:?}");
    }
    assert!(Requests::parse(&[0xff, 0xfe], 50, 32).is_err());
}

#[test]
fn a_request_is_strict() {
    assert_eq!(
        request(r#"{"jsonrpc":"2.0","method":"m","id":null}"#),
        Ok(())
    );
    let bad = [
        r#"{"method":"m","id":1}"#,
        r#"{"jsonrpc":"1.0","method":"m","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","method":7,"id":1}"#,
        r#"{"jsonrpc":"2.0","method":"m","method":"n","id":1}"#,
        r#"{"jsonrpc":"2.0","method":"m","id":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"m","id":true}"#,
        "1",
        "[]",
    ];
    for text in bad {
        assert_eq!(request(text), Err(Reason::InvalidRequest), "{text}");
    }
    let long = format!(
        r#"{{"jsonrpc":"2.0","method":"m","id":"{}"}}"#,
        "x".repeat(300)
    );
    assert_eq!(request(&long), Err(Reason::InvalidRequest));
}
