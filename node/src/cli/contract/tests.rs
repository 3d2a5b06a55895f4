use types::{AccountId, ChainId, RoutingTable};

use super::build::readable;
use super::deploy::salt;
use super::project::sources;
use super::strip::strip;
use super::values::{Argument, Value, ValueError, describe};

/// A custom section with a name and one byte.
fn custom(name: &str) -> Vec<u8> {
    let mut section = vec![0, name.len() as u8 + 2, name.len() as u8];
    section.extend(name.as_bytes());
    section.push(7);
    section
}

#[test]
fn only_the_abi_is_left_of_custom_sections() {
    let header = *b"\0asm\x01\0\0\0";
    let types = [1, 4, 1, 0x60, 0, 0];
    let abi = custom("thinkey.abi");
    let parts = [
        &header[..],
        &custom("name"),
        &types,
        &abi,
        &custom("producers"),
    ];
    let kept = [&header[..], &types, &abi].concat();
    let keep = ["thinkey.abi"];
    assert_eq!(strip(&parts.concat(), &keep), Some(kept.clone()));
    assert_eq!(strip(&kept, &keep), Some(kept));
}

#[test]
fn names_of_functions_are_readable() {
    let mangled = "function 24 (_ZN11thinkey_sdk3env4take17h59d791e7dc9f9f72E), offset 0x4d5";
    assert_eq!(
        readable(mangled),
        "function 24 (thinkey_sdk::env::take), offset 0x4d5"
    );
    for plain in [
        "function 2, offset 0x1: no",
        "_ZN9",
        "_ZNE",
        "_ZN99999999999999999999x",
    ] {
        readable(plain);
    }
    assert_eq!(readable("function 0 (offender)"), "function 0 (offender)");
}

#[test]
fn a_malformed_module_is_not_stripped() {
    let header = b"\0asm\x01\0\0\0";
    for tail in [
        &[1][..],
        &[1, 9, 0],
        &[0, 0x80, 0x80, 0x80, 0x80, 0x80],
        &[0, 1, 9],
    ] {
        assert_eq!(strip(&[header, tail].concat(), &[]), None, "{tail:?}");
    }
    assert_eq!(strip(b"\0asm", &[]), None);
}

/// The encoding of contracts is borsh's.
#[test]
fn arguments_are_encoded_as_borsh_does() {
    let value = |text: &str| text.parse::<Value>().map(|value| value.bytes().to_vec());
    let borsh = |bytes: Result<Vec<u8>, _>| Ok(bytes.unwrap());
    assert_eq!(value("u8:255"), borsh(borsh::to_vec(&255_u8)));
    assert_eq!(value("u128:1_000"), borsh(borsh::to_vec(&1_000_u128)));
    assert_eq!(value("i64:-2"), borsh(borsh::to_vec(&-2_i64)));
    assert_eq!(value("bool:true"), borsh(borsh::to_vec(&true)));
    assert_eq!(value("text:a:b"), borsh(borsh::to_vec("a:b")));
    assert_eq!(value("bytes:0102"), borsh(borsh::to_vec(&vec![1_u8, 2])));
    let id = AccountId(crypto::Hash::new([9; 32]));
    let address = types::Address::new("devnet", id);
    assert_eq!(
        value(&format!("account:{address}")),
        borsh(borsh::to_vec(&id))
    );
    assert_eq!(value("u8:256"), Err(ValueError::Value));
    assert_eq!(value("f64:1"), Err(ValueError::Type));
    assert_eq!(value("7"), Err(ValueError::Form));
}

#[test]
fn an_argument_has_a_name_or_a_type() {
    let named = |name: &str, text: &str| Ok(Argument::Named(name.to_owned(), text.to_owned()));
    let typed = |text: &str| text.parse().map(Argument::Typed);
    assert_eq!("to=devnet1x".parse(), named("to", "devnet1x"));
    assert_eq!("note=a=b".parse(), named("note", "a=b"));
    assert_eq!("sale=".parse(), named("sale", ""));
    assert_eq!("text:a=b".parse::<Argument>(), typed("text:a=b"));
    assert_eq!("seven".parse::<Argument>(), Err(ValueError::Form));
    assert_eq!("=7".parse::<Argument>(), Err(ValueError::Form));
}

#[test]
fn answers_are_shown_as_text_or_numbers() {
    assert_eq!(describe(&7_u64.to_le_bytes()), "0700000000000000  7");
    assert_eq!(
        describe(&borsh::to_vec("hi").unwrap()),
        "020000006869  \"hi\""
    );
    assert_eq!(describe(&[1, 2, 3]), "010203");
}

#[test]
fn a_salt_is_found_for_every_chain_and_none_for_others() {
    let table = RoutingTable::even(5);
    let account = |number: u64, chain| {
        let of = |salt: &[u8; 32]| {
            AccountId::of_code(&AccountId::default(), salt, &crypto::Hash::new([1; 32]))
        };
        salt(&table, ChainId(chain), number, &of).map(|salt| of(&salt))
    };
    for chain in 0..=5 {
        let id = account(0, chain).unwrap();
        assert_eq!(table.home(&id), ChainId(chain));
        assert_eq!(account(0, chain), Some(id));
        assert_ne!(account(1, chain), Some(id));
    }
    assert_eq!(account(0, 6), None);
}

#[test]
fn sources_are_where_they_are_said_to_be_or_where_the_program_was_built() {
    let folder = tempfile::tempdir().unwrap();
    let (here, gone) = (folder.path().join("here"), folder.path().join("gone"));
    for part in ["vm/sdk", "testkit"] {
        let refused = sources(Some(&here), &gone).unwrap_err();
        assert!(refused.message.contains(&format!("here has no {part}")));
        std::fs::create_dir_all(here.join(part)).unwrap();
        std::fs::write(here.join(part).join("Cargo.toml"), "").unwrap();
    }
    let whole = here.canonicalize().unwrap();
    assert_eq!(sources(Some(&here), &gone), Ok(whole.clone()));
    assert_eq!(sources(None, &here), Ok(whole));
    let refused = sources(None, &gone).unwrap_err();
    assert!(refused.message.contains("built from are not here any more"));
    assert!(refused.message.contains(&gone.display().to_string()));
    assert!(refused.hint.contains("--sources DIR"));
}

/// A project is built by the compiler that the SDK is tested with.
#[test]
fn projects_have_the_toolchain_of_the_sources() {
    let channel = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("channel"));
        line.map(str::to_owned)
    };
    let ours = channel(include_str!("../../../../rust-toolchain.toml"));
    let theirs = include_str!("../../../assets/contract/rust-toolchain.toml.in");
    assert!(ours.is_some());
    assert_eq!(channel(theirs), ours);
}
