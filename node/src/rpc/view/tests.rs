use super::*;

#[test]
fn big_numbers_are_strings_and_numbers_are_read_too() {
    let text = serde_json::to_string(&U64(u64::MAX)).unwrap();
    assert_eq!(text, "\"18446744073709551615\"");
    assert_eq!(serde_json::from_str::<U64>(&text).unwrap(), U64(u64::MAX));
    assert_eq!(serde_json::from_str::<U64>("7").unwrap(), U64(7));
    for bad in [
        "-1",
        "1.5",
        "\"1e3\"",
        "\"\"",
        "null",
        "\"18446744073709551616\"",
    ] {
        assert!(serde_json::from_str::<U64>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_block_is_named_by_word_height_or_hash() {
    assert_eq!("latest".parse(), Ok(BlockId::Latest));
    assert_eq!("17".parse(), Ok(BlockId::Height(17)));
    let hash = "ab".repeat(32);
    assert_eq!(hash.parse::<BlockId>().unwrap().to_string(), hash);
    for bad in [
        "",
        "+1",
        "-1",
        "newest",
        "0x10",
        "99999999999999999999",
        &"zz".repeat(32),
    ] {
        assert_eq!(bad.parse::<BlockId>(), Err(NoBlockId), "{bad}");
    }
}

#[test]
fn levels_have_one_word_everywhere() {
    for level in ["early", "committed", "anchored", "root-final", "settled"] {
        let parsed: Level = level.parse().unwrap();
        assert_eq!(parsed.to_string(), level);
        assert_eq!(
            serde_json::to_string(&parsed).unwrap(),
            format!("\"{level}\"")
        );
        let on_the_command_line = <Level as clap::ValueEnum>::from_str(level, false);
        assert_eq!(on_the_command_line, Ok(parsed));
    }
    assert!(Level::Committed < Level::RootFinal && Level::RootFinal < Level::Settled);
    assert_eq!(
        serde_json::to_string(&Word::PartlyFailed).unwrap(),
        "\"partly_failed\""
    );
}
