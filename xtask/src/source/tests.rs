use super::*;

#[test]
fn comments_and_literals_are_told_apart() {
    let text =
        "let a = \"// no\\\" comment\"; // yes\nlet b = 'x'; /* one /* two */ */ let c = '\\'';";
    let source = Source::read(text);
    assert!(source.code.contains("let a =") && source.code.contains("let c ="));
    assert!(!source.code.contains("yes") && !source.code.contains("one"));
    assert!(source.prose.contains("// yes") && source.prose.contains("/* one /* two */ */"));
    assert!(!source.prose.contains("no\\\" comment") && !source.prose.contains('x'));
    assert_eq!(source.code.len(), text.len());
}

#[test]
fn raw_strings_end_at_their_own_fence() {
    let source = Source::read("f(r#\"a \" b\"#, b\"c\", br\"d\"); r#type");
    assert_eq!(
        words(&source.code).map(|(_, w)| w).collect::<Vec<_>>(),
        ["f", "r", "type"]
    );
}

#[test]
fn lifetimes_are_code() {
    let source = Source::read("fn f<'a>(x: &'a str) -> Cow<'_, str> { '{' }");
    assert!(source.code.contains("<'a>") && source.code.contains("Cow<'_, str>"));
    assert_eq!(source.code.matches('{').count(), 1);
}

#[test]
fn functions_are_measured() {
    let text = "\
/// fn in_a_comment() {}
fn one() -> [u8; 2] {
    let braces = \"}}}\";
    call(|x| { x })
}
trait T {
    fn without_body(&self) -> [u8; 4];
    fn pointer(f: fn(u8)) {}
}
";
    let found = Source::read(text).functions();
    let found: Vec<_> = found
        .iter()
        .map(|f| (f.name.as_str(), f.line, f.lines))
        .collect();
    assert_eq!(found, [("one", 2, 4), ("pointer", 8, 1)]);
}

#[test]
fn lines_count_from_one() {
    assert_eq!(line_of("a\nb\nc", 0), 1);
    assert_eq!(line_of("a\nb\nc", 4), 3);
}
