//! Builds the modules of `vm/contracts`, all with the same flags, and keeps them under `built`, so
//! that tests of the node need no Wasm target.
//!
//! The linker has stripped names already; what remains besides code is the description of the
//! contract's methods. Other custom sections tell of tools, and are dropped.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{Context, ContextCompat, Result, ensure};

const FOLDER: &str = "vm/contracts";
const TARGET: &str = "wasm32v1-none";
/// The one custom section that stays.
const ABI: &str = "thinkey.abi";
/// Bytes of a module that may be kept in the repository.
const MODULE: usize = 32 * 1024;
/// Bytes of the smallest one: what the SDK costs by itself.
const HELLO: (&str, usize) = ("hello.wasm", 10 * 1024);

/// Modules by name.
type Modules = BTreeMap<String, Vec<u8>>;

/// Builds all modules; writes them, or only compares them with those that are there.
pub(crate) fn run(root: &Path, write: bool) -> Result<bool> {
    let modules = build(root)?;
    let kept = root.join(FOLDER).join("built");
    fs::create_dir_all(&kept)?;
    let mut all_well = true;
    for (name, module) in &modules {
        let path = kept.join(name);
        let same = fs::read(&path).is_ok_and(|before| before == *module);
        let word = if same { "as before" } else { "new" };
        println!("contracts: {name:20} {:6} bytes, {word}", module.len());
        let most = if *name == HELLO.0 { HELLO.1 } else { MODULE };
        ensure!(module.len() <= most, "{name} is larger than {most} bytes");
        if write && !same {
            fs::write(&path, module)?;
        }
        all_well &= write || same;
    }
    for name in names(&kept)? {
        if !modules.contains_key(&name) {
            eprintln!("contracts: built/{name} has no source");
            all_well = false;
        }
    }
    Ok(all_well)
}

/// Where modules are built: cargo's marks of crates, and so the order of functions, depend on it.
const STAGE: &str = "/tmp/thinkey-contracts";
/// What is copied there.
const SOURCES: [&str; 4] = ["rust-toolchain.toml", "vm/sdk", "vm/sdk-macros", FOLDER];

/// Copies the sources to where everybody builds them.
fn stage(root: &Path) -> Result<PathBuf> {
    let stage = PathBuf::from(STAGE);
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    fs::create_dir_all(stage.join("vm"))?;
    for source in SOURCES {
        let mut copy = Command::new("cp");
        copy.arg("-r")
            .arg(root.join(source))
            .arg(stage.join(source));
        ensure!(copy.status()?.success(), "{source} can't be copied");
    }
    Ok(stage)
}

fn build(root: &Path) -> Result<Modules> {
    let target = target_folder(root);
    let stage = stage(root)?;
    // Paths of a machine would make its modules differ from those of others.
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_default();
    let remap = |from: &str, to: &str| format!("--remap-path-prefix={from}={to}");
    let flags = [
        "-Clink-arg=-zstack-size=16384".to_owned(),
        "-Clink-arg=--stack-first".to_owned(),
        remap(STAGE, "/thinkey"),
        remap(&cargo_home, "/cargo"),
    ];
    let built = Command::new("cargo")
        .current_dir(stage.join(FOLDER))
        .args([
            "build",
            "--locked",
            "--release",
            "--examples",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env_remove("RUSTFLAGS")
        .status()
        .wrap_err("cargo build did not start")?;
    ensure!(built.success(), "the contracts do not build");
    let folder = target.join(TARGET).join("release/examples");
    let mut modules = Modules::new();
    for name in names(&folder)? {
        let module = fs::read(folder.join(&name))?;
        let stripped = strip(&module).wrap_err_with(|| format!("{name} is no module"))?;
        modules.insert(name, stripped);
    }
    Ok(modules)
}

fn target_folder(root: &Path) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join("contracts")
}

/// The modules in a folder; cargo's second copies have a dash and a number in their names.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".wasm") && !name.contains('-') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The module without custom sections other than the ABI.
fn strip(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(8)?;
    let mut out = header.to_vec();
    while let Some((&id, after_id)) = rest.split_first() {
        let (size, body) = leb(after_id)?;
        let (body, next) = body.split_at_checked(size)?;
        let keep = id != 0 || {
            let (length, name) = leb(body)?;
            name.get(..length)? == ABI.as_bytes()
        };
        if keep {
            out.extend_from_slice(rest.get(..rest.len() - next.len())?);
        }
        rest = next;
    }
    Some(out)
}

/// An unsigned number of at most five bytes, and what follows.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}
