use borsh::BorshSerialize;
use crypto::Hash;
use proptest::prelude::*;
use types::{AccountId, Address};

use super::*;

const NETWORK: &str = "devnet";

fn module(name: &str) -> Vec<u8> {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../vm/contracts/built");
    std::fs::read(format!("{built}/{name}.wasm")).unwrap()
}

fn abi(name: &str) -> Abi {
    Abi::of_module(&module(name)).unwrap().unwrap()
}

/// A contract with one message.
fn one(args: &str, types: &str) -> Abi {
    let line = format!(
        "{{\"abi\":1,\"contract\":\"T\",\"doc\":\"\",\"methods\":[{{\"kind\":\"message\",\
         \"name\":\"m\",\"doc\":\"\",\"payable\":false,\"args\":[{args}],\"returns\":\"()\"}}]}}\n"
    );
    Abi::read(&(line + types)).unwrap()
}

const TYPES: &str = "{\"type\":\"Offer\",\"fields\":[[\"kwh\",\"u64\"],[\"price\",\"u128\"]]}\n\
                     {\"type\":\"Side\",\"variants\":[[\"Buy\"],[\"Sell\",\"u64\",\"Offer\"]]}\n";

fn given(texts: &[&str]) -> Vec<Given> {
    let split = |text: &&str| match text.split_once('=') {
        Some((name, text)) => (Some(name.to_owned()), text.to_owned()),
        None => (None, (*text).to_owned()),
    };
    let texts = texts.iter().map(split);
    texts.map(|(name, text)| Given { name, text }).collect()
}

fn encode(abi: &Abi, texts: &[&str]) -> Result<Vec<u8>, String> {
    let method = abi.method(Role::Message, "m").unwrap();
    let encoded = abi.encode(method, &given(texts), NETWORK);
    encoded.map_err(|error| error.to_string())
}

#[test]
fn every_contract_describes_itself() {
    for name in [
        "auctioneer",
        "collector",
        "hello",
        "home",
        "market",
        "multisig",
        "names",
        "recorder",
        "token",
    ] {
        let abi = abi(name);
        assert!(
            !abi.doc.is_empty() && abi.methods.len() > 2,
            "{name}: {abi:?}"
        );
        assert!(
            abi.methods.iter().all(|method| !method.doc.is_empty()),
            "{name}"
        );
    }
    let token = abi("token");
    assert_eq!(token.contract, "Ledger");
    let to = token.method(Role::Message, "transfer_to").unwrap();
    assert_eq!(
        to.signature(),
        "transfer_to(ledger: AccountId, to: AccountId, amount: u128)"
    );
    assert_eq!(
        token.handler(Role::Reply, "credit").unwrap().name,
        "credited"
    );
    // Late or refused: one handler.
    for role in [Role::Bounce, Role::Timeout] {
        assert_eq!(token.handler(role, "credit").unwrap().name, "not_credited");
    }
    assert_eq!(token.handler(Role::Reply, "transfer"), None);
}

#[test]
fn a_module_without_description_has_none() {
    assert!(matches!(Abi::of_module(b"\0asm\x01\0\0\0"), Ok(None)));
    assert!(matches!(Abi::of_module(b"\0asm"), Ok(None)));
    let bad = [
        ("", "no contract"),
        ("{\"type\":\"T\",\"fields\":[]}", "no contract"),
        ("{}", "line 1"),
        ("[[[", "line 1"),
        (
            "{\"type\":\"T\",\"fields\":[[\"a\",\"Vec<\"]]}",
            "\"Vec<\" is no type",
        ),
    ];
    for (text, why) in bad {
        let error = Abi::read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn types_are_read_as_rust_writes_them() {
    for text in [
        "u8",
        "i128",
        "bool",
        "String",
        "AccountId",
        "Vec<u8>",
        "[u8; 32]",
        "Option<(u64, Offer)>",
        "()",
        "Vec<Option<Vec<String>>>",
    ] {
        assert_eq!(text.parse::<Kind>().unwrap().to_string(), text);
    }
    assert_eq!("crate::Lot".parse(), Ok(Kind::Named("Lot".to_owned())));
    assert_eq!("&'staticstr".parse(), Ok(Kind::Text));
    let deep = "Vec<".repeat(9_999) + "u8";
    for text in [
        "",
        "Vec<",
        "Vec<u8",
        "HashMap<u8,u8>",
        "[u8;x]",
        "u8 u8",
        "(u8",
        &deep,
    ] {
        assert!(text.parse::<Kind>().is_err(), "{text}");
    }
}

#[derive(BorshSerialize)]
struct Offer {
    kwh: u64,
    price: u128,
}

#[derive(BorshSerialize)]
enum Side {
    Buy,
    Sell(u64, Offer),
}

/// Types, values as people write them, and their bytes.
fn written() -> Vec<(&'static str, String, Vec<u8>)> {
    let id = AccountId(Hash::new([9; 32]));
    let address = Address::new(NETWORK, id).to_string();
    let digits = hex::encode([9; 32]);
    let offer = Offer { kwh: 3, price: 4 };
    let sell = Side::Sell(2, Offer { kwh: 3, price: 4 });
    let table: Vec<(&str, &str, Vec<u8>)> = vec![
        ("u8", "255", vec![255]),
        ("i16", "-2", borsh::to_vec(&-2_i16).unwrap()),
        ("i128", "-1", borsh::to_vec(&-1_i128).unwrap()),
        ("u128", "1_000_000", borsh::to_vec(&1_000_000_u128).unwrap()),
        ("bool", "true", vec![1]),
        ("String", "a, b", borsh::to_vec("a, b").unwrap()),
        ("String", "\"a\\\"b\"", borsh::to_vec("a\"b").unwrap()),
        ("AccountId", &address, borsh::to_vec(&id).unwrap()),
        ("AccountId", &digits, borsh::to_vec(&id).unwrap()),
        (
            "Vec<u8>",
            "0x01ff",
            borsh::to_vec(&vec![1_u8, 255]).unwrap(),
        ),
        (
            "Vec<u8>",
            "[1, 255]",
            borsh::to_vec(&vec![1_u8, 255]).unwrap(),
        ),
        ("[u8;3]", "010203", vec![1, 2, 3]),
        ("Option<u16>", "none", borsh::to_vec(&None::<u16>).unwrap()),
        ("Option<u16>", "7", borsh::to_vec(&Some(7_u16)).unwrap()),
        ("Vec<u16>", "[]", borsh::to_vec(&Vec::<u16>::new()).unwrap()),
        (
            "Vec<u16>",
            "[1,2,]",
            borsh::to_vec(&vec![1_u16, 2]).unwrap(),
        ),
        (
            "Vec<String>",
            "[a b, \"c, d\"]",
            borsh::to_vec(&["a b", "c, d"].to_vec()).unwrap(),
        ),
        ("(u8,bool)", "(1, false)", vec![1, 0]),
        (
            "Offer",
            "{price: 4, kwh: 3}",
            borsh::to_vec(&offer).unwrap(),
        ),
        (
            "Offer",
            "{\"kwh\": 3, \"price\": 4}",
            borsh::to_vec(&offer).unwrap(),
        ),
        ("Offer", "(3, 4)", borsh::to_vec(&offer).unwrap()),
        ("Side", "Buy", borsh::to_vec(&Side::Buy).unwrap()),
        (
            "Side",
            "Sell(2, {kwh: 3, price: 4})",
            borsh::to_vec(&sell).unwrap(),
        ),
        ("Other", "0x0708", vec![7, 8]),
    ];
    let owned = table.into_iter();
    owned
        .map(|(kind, text, bytes)| (kind, text.to_owned(), bytes))
        .collect()
}

#[test]
fn arguments_are_encoded_as_borsh_does() {
    for (kind, text, bytes) in written() {
        let text = text.as_str();
        let abi = one(&format!("[\"a\",\"{kind}\"]"), TYPES);
        assert_eq!(encode(&abi, &[text]), Ok(bytes.clone()), "{kind} {text}");
        if kind != "Other" {
            let shown = abi.decode(&kind.parse().unwrap(), &bytes, NETWORK).unwrap();
            assert_eq!(
                encode(&abi, &[&shown.to_string()]),
                Ok(bytes),
                "{kind} {shown}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_type() {
    let elsewhere = Address::new("mainnet", AccountId::default()).to_string();
    let table = [
        (
            "u8",
            "256",
            "argument `a` (u8): \"256\" is no whole number of type u8",
        ),
        ("i8", "128", "\"128\" is no whole number of type i8"),
        ("u64", "-1", "no whole number of type u64"),
        ("u128", "0x10", "no whole number of type u128"),
        ("u64", "", "\"\" is no whole number"),
        ("bool", "yes", "\"yes\" is neither true nor false"),
        ("AccountId", "alice", "\"alice\" is no address"),
        (
            "AccountId",
            &elsewhere,
            "of network \"mainnet\", this is \"devnet\"",
        ),
        ("Vec<u8>", "xyz", "is not bytes in hexadecimal digits"),
        ("[u8;2]", "010203", "3 items instead of 2"),
        ("[u16;2]", "[1]", "1 items instead of 2"),
        ("Vec<u16>", "1, 2", "\"[\" is missing before \"1, 2\""),
        ("Vec<u16>", "[1, 2", "\"]\" is missing"),
        ("(u8,u8)", "(1)", "\",\" is missing"),
        (
            "Offer",
            "{kwh: 3}",
            "the field \"price\" of Offer is missing",
        ),
        (
            "Offer",
            "{kwh: 3, kwh: 3}",
            "Offer has no field \"kwh\" that is not given already",
        ),
        ("Side", "Hold", "Side is one of Buy, Sell, not \"Hold\""),
        ("Other", "7", "the code does not describe the type Other"),
        ("u8", "1 2", "\"1 2\" is no whole number"),
        ("u8", "1, 2", "\", 2\" follows the value"),
        ("String", "\"open", "does not end"),
    ];
    for (kind, text, why) in table {
        let abi = one(&format!("[\"a\",\"{kind}\"]"), TYPES);
        let error = encode(&abi, &[text]).unwrap_err();
        assert!(error.contains(why), "{kind} {text}: {error}");
    }
}

#[test]
fn arguments_have_names_and_an_order() {
    let abi = one("[\"a\",\"u8\"],[\"b\",\"u8\"]", "");
    for texts in [["1", "2"], ["a=1", "b=2"], ["b=2", "a=1"], ["b=2", "1"]] {
        assert_eq!(encode(&abi, &texts), Ok(vec![1, 2]), "{texts:?}");
    }
    let table: [(&[&str], &str); 4] = [
        (&["1"], "argument `b` (u8) of m(a: u8, b: u8) is missing"),
        (
            &["1", "2", "3"],
            "3 arguments for m(a: u8, b: u8), which has 2",
        ),
        (&["1", "c=2"], "m(a: u8, b: u8) has no argument `c`"),
        (
            &["a=1", "a=2"],
            "has no argument `a` that is not given already",
        ),
    ];
    for (texts, why) in table {
        let error = encode(&abi, texts).unwrap_err();
        assert!(error.contains(why), "{texts:?}: {error}");
    }
}

#[test]
fn values_have_json_for_scripts() {
    let abi = one("", TYPES);
    let side = borsh::to_vec(&Side::Sell(2, Offer { kwh: 3, price: 4 })).unwrap();
    let side = abi
        .decode(&"Side".parse().unwrap(), &side, NETWORK)
        .unwrap();
    let json = serde_json::json!({"Sell": ["2", {"kwh": "3", "price": "4"}]});
    assert_eq!(side.json(), json);
    let none = abi.decode(&"Option<u8>".parse().unwrap(), &[0], NETWORK);
    assert_eq!(none.unwrap().json(), serde_json::Value::Null);
}

#[test]
fn foreign_descriptions_make_no_endless_work() {
    let abi = one(
        "",
        "{\"type\":\"A\",\"fields\":[[\"a\",\"A\"],[\"b\",\"A\"]]}\n",
    );
    let decode = |kind: &str, bytes: &[u8]| abi.decode(&kind.parse().unwrap(), bytes, NETWORK);
    assert!(decode("A", &[0; 99]).is_err());
    assert!(decode("Vec<()>", &[255; 4]).is_err());
    assert!(decode("Vec<u8>", &[255; 4]).is_err());
    let wide = format!("({})", "(),".repeat(50));
    let mut kind = wide;
    for _ in 0..4 {
        kind = format!("({})", format!("{kind},").repeat(20));
    }
    assert!(decode(&kind, &[]).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,80}", kind in 0..8_usize) {
        let kinds = ["u64", "String", "AccountId", "Vec<u8>", "Option<bool>", "Offer", "Side",
            "Vec<(u8,String)>"];
        let abi = one(&format!("[\"a\",\"{}\"]", kinds[kind]), TYPES);
        let _any = encode(&abi, &[&text]);
        let _none = Abi::read(&text);
        let _kind = text.parse::<Kind>();
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let abi = one("", TYPES);
        for kind in ["Vec<Side>", "Offer", "Option<String>", "[AccountId;2]", "i32"] {
            let _any = abi.decode(&kind.parse().unwrap(), &bytes, NETWORK);
        }
        let _any = Abi::of_module(&bytes);
    }
}
