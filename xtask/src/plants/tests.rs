use super::*;

fn package(name: &str, features: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: name.to_owned(),
        dependencies: Vec::new(),
        features: features.iter().map(|&f| f.to_owned()).collect(),
    }
}

#[test]
fn plants_of_one_name_are_one() {
    let found = plants(&[
        package("a", &["default", "plant-x", "plant-y"]),
        package("b", &["plant-x"]),
        package("c", &["implant-z"]),
    ]);
    let expected = [
        ("plant-x".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ("plant-y".to_owned(), vec!["a".to_owned()]),
    ];
    assert_eq!(found, Plants::from(expected));
}

#[test]
fn a_plant_is_named_with_or_without_prefix() {
    assert!(matches_name("plant-x", "plant-x"));
    assert!(matches_name("plant-x", "x"));
    assert!(!matches_name("plant-x", "y"));
}

#[test]
fn one_failing_suite_finds_a_plant() {
    let packages = ["a", "b"].map(str::to_owned);
    let by = |failing: &'static str| {
        finder("plant-x", &packages, move |package, _| {
            let fails = package == failing;
            Ok(if fails {
                Outcome::SomeFailed
            } else {
                Outcome::AllPassed
            })
        })
    };
    assert_eq!(by("a").expect("runs"), Some("a"));
    assert_eq!(by("b").expect("runs"), Some("b"));
    assert_eq!(by("none").expect("runs"), None);
}

#[test]
fn a_suite_that_does_not_build_finds_nothing() {
    let packages = ["a".to_owned()];
    assert!(finder("plant-x", &packages, |_, _| Ok(Outcome::NotRun)).is_err());
}
