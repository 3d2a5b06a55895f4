//! `contract new` and `contract test`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::build::{build, cargo};
use crate::cli::Context;
use crate::cli::proof::file_failure;
use crate::exit::{Exit, Failure};

/// The template: names in a project, and contents.
const TEMPLATE: [(&str, &str); 6] = [
    (
        "Cargo.toml",
        include_str!("../../../assets/contract/Cargo.toml.in"),
    ),
    (
        ".gitignore",
        include_str!("../../../assets/contract/gitignore.in"),
    ),
    (
        "rust-toolchain.toml",
        include_str!("../../../assets/contract/rust-toolchain.toml.in"),
    ),
    (
        "src/lib.rs",
        include_str!("../../../assets/contract/lib.rs.in"),
    ),
    (
        "src/tests.rs",
        include_str!("../../../assets/contract/tests.rs.in"),
    ),
    (
        "tests/chains.rs",
        include_str!("../../../assets/contract/chains.rs.in"),
    ),
];
/// The folder that this program was built in, in the sources.
const BUILT_IN: &str = env!("CARGO_MANIFEST_DIR");
/// What a project takes from the sources.
const PARTS: [&str; 2] = ["vm/sdk", "testkit"];

/// Make a project that builds and tests.
///
/// It has a contract, a test of it alone, and a test of it on several chains.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract new auction\n  \
    thinkey contract new my-token --sources ../thinkey")]
pub(crate) struct NewArgs {
    /// The project's name and folder: small letters, digits and dashes.
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// Thinkey's sources, which hold the SDK and the test kit; the project uses them where they
    /// are. Without it those that this program was built from, if they are still there.
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,
}

/// Build the module of a project and run its tests.
///
/// Shows what the tests print: the template's print a trace, what methods cost, and what changed
/// in the state.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract test\n  \
    TESTKIT_SEED=7 thinkey contract test auction\n\n\
    A test on chains that fails prints the seed that replays it. With --json the tests' own words \
    go to standard error.")]
pub(crate) struct TestArgs {
    /// The project.
    #[arg(value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

fn name(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    match begins && text.chars().all(plain) && !text.ends_with('-') && text.len() <= 60 {
        true => Ok(text.to_owned()),
        false => Err("small letters, digits and dashes, beginning with a letter"),
    }
}

pub(super) fn new(context: &Context, args: &NewArgs) -> Result<Exit, Failure> {
    let folder = PathBuf::from(&args.name);
    if folder.exists() {
        let message = format!("{} exists already", folder.display());
        return Err(Failure::new("file_exists", message, "choose another name"));
    }
    let built = Path::new(BUILT_IN).parent().unwrap_or(Path::new(BUILT_IN));
    let sources = sources(args.sources.as_deref(), built)?;
    for (file, text) in TEMPLATE {
        write(&folder.join(file), &fill(text, &args.name, &sources))?;
    }
    // The versions of libraries that this program was built and tested with; cargo takes out what
    // the project does not use.
    if let Ok(versions) = std::fs::read_to_string(sources.join("Cargo.lock")) {
        write(&folder.join("Cargo.lock"), &versions)?;
    }
    let told = json!({ "project": folder, "files": TEMPLATE.map(|(file, _)| file) });
    context.output.result(&told, || {
        let name = &args.name;
        format!("made {name}\nnext: thinkey contract test {name}")
    });
    Ok(Exit::Done)
}

/// Where Thinkey's sources are: where they are said to be, else where this program was built.
pub(super) fn sources(given: Option<&Path>, built: &Path) -> Result<PathBuf, Failure> {
    let folder = given.unwrap_or(built);
    let found = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    let lacks = PARTS
        .into_iter()
        .find(|part| !found.join(part).join("Cargo.toml").exists());
    let Some(part) = lacks else {
        return Ok(found);
    };
    let folder = folder.display();
    let message = match given {
        Some(_) => format!("{folder} has no {part}, so it does not hold Thinkey's sources"),
        None => format!(
            "the sources that this program was built from are not here any more: {folder} has \
             no {part}"
        ),
    };
    let hint = "name the folder of Thinkey's sources, which has vm/sdk and testkit in it: \
                --sources DIR";
    Err(Failure::new("no_sources", message, hint))
}

/// The template's text for a project.
fn fill(text: &str, name: &str, sources: &Path) -> String {
    let words = name.split('-').filter(|word| !word.is_empty());
    let account: String = words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    text.replace("{{name}}", name)
        .replace("{{lib}}", &name.replace('-', "_"))
        .replace("{{Account}}", &account)
        .replace("{{sources}}", &sources.to_string_lossy())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| file_failure("make", folder, &error))?;
    std::fs::write(path, text).map_err(|error| file_failure("write", path, &error))
}

pub(super) fn test(context: &Context, args: &TestArgs) -> Result<Exit, Failure> {
    let built = build(&args.project)?;
    for module in &built {
        let (file, bytes) = (module.file.display(), module.bytes);
        context.output.progress(&format!("{file}: {bytes} bytes"));
    }
    let mut cargo = cargo(&args.project);
    // What tests print is shown even if they pass: gas reports, and what changed.
    cargo.args(["test", "--", "--show-output"]);
    if context.output.json {
        cargo.stdout(std::io::stderr());
    }
    let ran = cargo.status();
    let ran = ran.map_err(|error| Failure::new("no_cargo", error, "install Rust with rustup"))?;
    let passed = ran.success();
    let told = json!({ "passed": passed });
    let text = || {
        if passed {
            "all tests pass"
        } else {
            "a test failed"
        }
        .to_owned()
    };
    context.output.result(&told, text);
    Ok(if passed { Exit::Done } else { Exit::Failed })
}
