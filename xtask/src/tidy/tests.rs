use super::*;

fn file(path: &str, text: &str) -> File {
    let (path, text) = (path.to_owned(), text.to_owned());
    File { path, text }
}

/// What the rules say of one file, as text.
fn said(path: &str, text: &str) -> Vec<String> {
    let found = findings(&[file(path, text)], &Ratchet::default());
    found.iter().map(ToString::to_string).collect()
}

fn function(name: &str, lines: usize) -> String {
    format!("fn {name}() {{\n{}}}\n", "    call();\n".repeat(lines - 2))
}

#[test]
fn a_tidy_file_is_left_alone() {
    assert!(
        said(
            "types/src/height.rs",
            "//! Heights.\npub struct Height(u64);\n"
        )
        .is_empty()
    );
    let full = "// ok\n".repeat(200);
    assert!(said("types/src/full.rs", &full).is_empty());
}

#[test]
fn files_and_lines_have_limits() {
    let long = said("types/src/long.rs", &"// line\n".repeat(601));
    assert!(long[0].contains("601 lines"), "{long:?}");
    assert!(long[1].contains("median"), "{long:?}");
    let wide = format!("// {}", "word ".repeat(20));
    assert_eq!(
        said("types/src/wide.rs", &wide),
        ["types/src/wide.rs:1: 103 characters; a line has at most 100"]
    );
    let vector = format!("const V: &str = \"{}\";", "0f".repeat(64));
    assert!(said("types/src/vector.rs", &vector).is_empty());
}

#[test]
fn unsafe_is_for_guest_code_and_says_why() {
    let block = "fn f() {\n    unsafe { g() }\n}\n";
    let why = "unsafe is for imports, allocator and exports of guest code alone";
    for path in ["vm/src/a.rs", "vm/sdk/src/env.rs", "node/tests/it/a.rs"] {
        assert_eq!(said(path, block), [format!("{path}:2: {why}")]);
    }
    let path = "vm/sdk/src/heap.rs";
    let why = "an unsafe block without a // SAFETY: comment above";
    assert_eq!(said(path, block), [format!("{path}:2: {why}")]);
    let reason = "fn f() {\n    // SAFETY: g is sound.\n    unsafe { g() }\n}\n";
    assert!(said(path, reason).is_empty());
    let impls = "unsafe impl Sync for A {}\n";
    assert_eq!(said(path, impls).len(), 1);
    let declared = "unsafe extern \"C\" {\n    fn g();\n}\n";
    assert!(said(path, declared).is_empty());
    let words = "// unsafe\nconst A: &str = \"unsafe {\";\n";
    assert!(said("types/src/a.rs", words).is_empty());
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let manifest = |lints: &str| format!("[package]\nname = \"a\"\n{lints}");
    let path = "types/Cargo.toml";
    assert!(said(path, &manifest("[lints]\nworkspace = true\n")).is_empty());
    assert_eq!(said(path, &manifest("")).len(), 1);
    assert!(said("Cargo.toml", "[workspace]\n").is_empty());
}

#[test]
fn long_functions_are_found_unless_known() {
    let path = "types/src/f.rs";
    assert!(said(path, &function("f", 70)).is_empty());
    let found = said(path, &function("f", 71));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("types/src/f.rs:1: fn f has 71 lines"));
}

#[test]
fn long_tests_move_out() {
    let path = "types/src/a.rs";
    let inline = |lines: usize| format!("mod tests {{\n{}}}\n", "    // t\n".repeat(lines - 2));
    assert!(said(path, &inline(100)).is_empty());
    assert_eq!(said(path, &inline(101)).len(), 1);
    assert!(said(path, &format!("mod tests;\n{}", function("f", 60))).is_empty());
}

#[test]
fn the_ratchet_only_shrinks() {
    let ratchet = Ratchet::parse("# known\ntypes/src/f.rs f 80\n").expect("well formed");
    let said = |lines| findings(&[file("types/src/f.rs", &function("f", lines))], &ratchet);
    assert!(said(80).is_empty());
    assert!(said(81)[0].why.contains("it had 80 and may only shrink"));
    assert!(said(75)[0].why.contains("lower its line to 75"));
    assert!(said(60)[0].why.contains("remove its line"));
    assert!(Ratchet::parse("types/src/f.rs f").is_err());
    assert!(Ratchet::parse("types/src/f.rs f many").is_err());
}

#[test]
fn undone_work_needs_an_issue() {
    let path = "types/src/a.rs";
    let words = ["TO", "DO"].concat();
    assert_eq!(said(path, &format!("// {words}: later")).len(), 1);
    assert!(said(path, &format!("// {words} #12: later")).is_empty());
    assert!(said(path, &format!("let text = \"{words}\";")).is_empty());
    assert_eq!(said(path, "fn f() { unimplemented!() }").len(), 1);
    assert_eq!(said(path, "#[ignore = \"slow\"]").len(), 1);
    assert!(said(path, "#[ignore = \"slow, #7\"]").is_empty());
}

#[test]
fn empty_names_are_refused() {
    assert_eq!(said("types/src/utils.rs", "").len(), 1);
    assert_eq!(said("types/src/helpers/a.rs", "").len(), 1);
    assert_eq!(said("types/src/a.rs", "struct PeerManager;").len(), 1);
    assert_eq!(said("types/src/a.rs", "mod hash_util {}").len(), 1);
    assert_eq!(said("types/src/a.rs", "enum NodeInner {}").len(), 1);
    assert!(said("types/src/a.rs", "struct InnerNode;\nstruct Utility;").is_empty());
    assert!(said("types/src/a.rs", "// a struct Helper in words").is_empty());
}

#[test]
fn pure_crates_name_nothing_impure() {
    let text = "use std::collections::HashMap;\nfn f(x: f64) {}\n";
    let found = said("actors/src/a.rs", text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("actors/src/a.rs:1: HashMap"));
    assert!(found[1].starts_with("actors/src/a.rs:2: f64"));
    for free in [
        "p2p/src/a.rs",
        "actors/src/a/tests.rs",
        "actors/tests/a.rs",
        "store/src/db/a.rs",
    ] {
        assert!(said(free, text).is_empty(), "{free}");
    }
    assert!(said("actors/src/a.rs", "// HashMap\nstruct NoHashMapHere;").is_empty());
}

#[test]
fn the_node_sends_within_bounds() {
    let text = "fn f() { port.do_send(tick) }";
    assert_eq!(said("node/src/services/chain.rs", text).len(), 1);
    assert!(said("node/src/a.rs", "fn f() { port.try_send(tick) }").is_empty());
}

#[test]
fn every_crate_has_a_page() {
    assert_eq!(said("types/src/lib.rs", "//! types\n").len(), 1);
    assert_eq!(said("types/src/lib.rs", "pub mod a;\n").len(), 1);
    assert!(said("types/src/lib.rs", "//! The words that all share.\n").is_empty());
    assert!(said("types/src/a.rs", "pub mod a;\n").is_empty());
}

#[test]
fn nothing_leads_out_of_the_repository() {
    let home = ["/ho", "me/"].concat();
    let beside = ["sha", "red/"].concat();
    assert_eq!(said("docs/a.md", &format!("see {home}me/notes")).len(), 1);
    assert_eq!(
        said("docs/a.md", &format!("see `../{beside}notes`")).len(),
        1
    );
    assert_eq!(said("docs/a.md", &format!("see {beside}notes")).len(), 1);
    assert!(said("docs/a.md", &format!("src{home} and un{beside}")).is_empty());
}

#[test]
fn packages_come_from_the_public_registry() {
    let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    assert!(said("Cargo.lock", public).is_empty());
    assert_eq!(
        said("Cargo.lock", "source = \"git+https://example.org/a\"\n").len(),
        1
    );
}
