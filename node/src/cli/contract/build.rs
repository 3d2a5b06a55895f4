//! `contract build`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use types::limits;
use vm::abi::ABI_SECTION;

use super::strip::strip;
use crate::cli::Context;
use crate::cli::proof::file_failure;
use crate::exit::{Exit, Failure};

/// The target of modules: Wasm without the features that chains refuse, and without a system.
pub(super) const TARGET: &str = "wasm32v1-none";
/// The folder of a project that modules are written to.
pub(super) const FOLDER: &str = "build";
/// The custom section with the names of functions.
const NAMES: &str = "name";
/// 16 KiB of stack, at the bottom of the memory, so that running over it traps.
const STACK: [&str; 2] = ["-Clink-arg=-zstack-size=16384", "-Clink-arg=--stack-first"];
/// Everything else that a module's bytes depend on.
const PROFILE: [(&str, &str); 7] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    // Names of functions, for whoever is told that one is refused; we take them out ourselves.
    ("CARGO_PROFILE_RELEASE_STRIP", "false"),
];

/// Build the module of a project and say whether it may be deployed.
///
/// Target, features, profile and flags are pinned, so the same sources give the same module.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract build\n  \
    thinkey contract build auction --json\n\n\
    The module is written to build/NAME.wasm in the project. Exit code 1 when chains would refuse \
    it; then the reason says why, and in which function.")]
pub(crate) struct BuildArgs {
    /// The project.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) project: PathBuf,
}

/// A module that may be deployed.
pub(super) struct Built {
    pub(super) file: PathBuf,
    pub(super) bytes: usize,
    stripped: usize,
}

pub(super) fn run(context: &Context, args: &BuildArgs) -> Result<Exit, Failure> {
    let all = build(&args.project)?;
    let modules: Vec<_> = all
        .iter()
        .map(
            |built| json!({ "file": built.file, "bytes": built.bytes, "stripped": built.stripped }),
        )
        .collect();
    context.output.result(&json!({ "modules": modules }), || {
        let lines = all.iter().map(|built| {
            format!(
                "{}: {} of {} bytes, {} stripped; may be deployed",
                built.file.display(),
                built.bytes,
                limits::CODE,
                built.stripped
            )
        });
        let mut lines: Vec<_> = lines.collect();
        if let Some(first) = all.first() {
            let file = first.file.display();
            lines.push(format!(
                "next: thinkey contract deploy {file} --chain N --key NAME"
            ));
        }
        lines.join("\n")
    });
    Ok(Exit::Done)
}

/// Builds all modules of a project, strips and judges them.
pub(super) fn build(project: &Path) -> Result<Vec<Built>, Failure> {
    let compiled = compile(project)?;
    let folder = project.join(FOLDER);
    let made = std::fs::create_dir_all(&folder);
    made.map_err(|error| file_failure("make", &folder, &error))?;
    let mut all = Vec::new();
    for from in compiled {
        let code = read_module(&from)?;
        let malformed = || Failure::new("not_a_module", "the compiler wrote no module", "");
        let stripped = strip(&code, &[ABI_SECTION]).ok_or_else(malformed)?;
        let file = folder.join(from.file_name().unwrap_or_default());
        judge(&stripped).map_err(|failure| {
            let named = strip(&code, &[ABI_SECTION, NAMES]).and_then(|code| judge(&code).err());
            named
                .filter(|named| named.reason == failure.reason)
                .unwrap_or(failure)
        })?;
        let written = std::fs::write(&file, &stripped);
        written.map_err(|error| file_failure("write", &file, &error))?;
        all.push(Built {
            file,
            bytes: stripped.len(),
            stripped: code.len() - stripped.len(),
        });
    }
    Ok(all)
}

/// A cargo that sees nothing of whoever runs this program but where it is.
pub(super) fn cargo(project: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(project).stdin(Stdio::null());
    cargo
}

/// What cargo says of each target and of each thing that it made.
#[derive(Deserialize)]
struct Told {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    crate_types: Vec<String>,
}

/// Compiles what makes modules: examples that are dynamic libraries, or else the library.
fn compile(project: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut cargo = cargo(project);
    match has_module_examples(project)? {
        true => cargo.args(["build", "--examples"]),
        false => cargo.args(["rustc", "--lib", "--crate-type", "cdylib"]),
    };
    cargo
        .args(["--release", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(project).join("\u{1f}"))
        .env_remove("RUSTFLAGS")
        .envs(PROFILE);
    let out = output(cargo, "the project does not build")?;
    let told = out
        .lines()
        .filter_map(|line| serde_json::from_str::<Told>(line).ok());
    let made = told.filter(|told| told.reason == "compiler-artifact");
    let files = made.flat_map(|told| told.filenames);
    let modules: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|end| end == "wasm"))
        .collect();
    if modules.is_empty() {
        let hint = "its library must export a contract: thinkey_sdk::export!(…)";
        return Err(Failure::new(
            "no_module",
            "the project makes no module",
            hint,
        ));
    }
    Ok(modules)
}

/// The compiler's flags. Folders of a machine would make its modules differ from those of others.
fn flags(project: &Path) -> Vec<String> {
    let mut flags: Vec<_> = STACK.map(str::to_owned).into();
    let home = std::env::var("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|_| {
        std::env::home_dir()
            .map(|home| home.join(".cargo"))
            .ok_or(())
    });
    let project = std::fs::canonicalize(project);
    let named = [(project.ok(), "contract"), (home.ok(), "cargo")];
    for (folder, name) in named {
        if let Some(folder) = folder {
            flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
        }
    }
    flags
}

fn has_module_examples(project: &Path) -> Result<bool, Failure> {
    let mut cargo = cargo(project);
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let out = output(cargo, "this is not a project of cargo")?;
    let told = serde_json::from_str::<Metadata>(&out);
    let told = told.map_err(|error| Failure::new("cargo", error, "cargo may be too new"))?;
    let own = std::fs::canonicalize(project.join("Cargo.toml")).unwrap_or_default();
    let packages = told.packages.into_iter();
    let targets = packages
        .filter(|package| package.manifest_path == own)
        .flat_map(|package| package.targets);
    let is_module = |target: &Target| {
        let is = |list: &[String], word: &str| list.iter().any(|found| found == word);
        is(&target.kind, "example") && is(&target.crate_types, "cdylib")
    };
    Ok(targets.into_iter().any(|target| is_module(&target)))
}

/// Runs cargo; its words for people go to standard error.
fn output(mut cargo: Command, failed: &'static str) -> Result<String, Failure> {
    let ran = cargo.stderr(Stdio::inherit()).output();
    let ran = ran.map_err(|error| {
        let hint = "contracts are built by cargo: install Rust with rustup";
        Failure::new("no_cargo", format!("can't run cargo: {error}"), hint)
    })?;
    if !ran.status.success() {
        let hint = format!(
            "see what cargo says above; the target is added with: rustup target add {TARGET}"
        );
        return Err(Failure::new("build_failed", failed, hint));
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// Reads a module, but no more than any that is not stripped yet could have.
pub(super) fn read_module(path: &Path) -> Result<Vec<u8>, Failure> {
    const MOST: u64 = 64 << 20;
    let opened = std::fs::File::open(path);
    let file = opened.map_err(|error| file_failure("open", path, &error))?;
    let mut code = Vec::new();
    let read = file.take(MOST).read_to_end(&mut code);
    read.map_err(|error| file_failure("read", path, &error))?;
    Ok(code)
}

/// Whether chains take the module; if not, why.
pub(super) fn judge(code: &[u8]) -> Result<(), Failure> {
    if code.len() > limits::CODE {
        let message = format!(
            "the module has {} bytes; chains take {} at most",
            code.len(),
            limits::CODE
        );
        let hint = "leave out formatting and panics with text, or split the contract";
        return Err(Failure::new("too_large", message, hint));
    }
    match vm::validate(code) {
        Ok(_) => Ok(()),
        Err(invalid) => Err(Failure::new(
            "invalid_module",
            format!(
                "chains refuse the module: {}",
                readable(&invalid.to_string())
            ),
            "build it with `thinkey contract build`, which pins target and features",
        )),
    }
}

/// The text with names of functions as the source has them, instead of `_ZN4book4pays17h…E`.
pub(super) fn readable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, mangled)) = rest.split_once("_ZN") {
        out.push_str(before);
        let mut parts = Vec::new();
        rest = mangled;
        while let Some(end) = rest
            .find(|c: char| !c.is_ascii_digit())
            .filter(|at| *at > 0)
        {
            let length = rest
                .get(..end)
                .and_then(|digits| digits.parse::<usize>().ok());
            let part = length.and_then(|length| rest.get(end..end.checked_add(length)?));
            let Some(part) = part else { break };
            parts.push(part);
            rest = rest.get(end + part.len()..).unwrap_or_default();
        }
        rest = rest.strip_prefix('E').unwrap_or(rest);
        // The last part is a hash.
        out.push_str(
            &parts
                .split_last()
                .map(|(_, names)| names.join("::"))
                .unwrap_or_default(),
        );
    }
    out + rest
}
