//! What cargo knows about the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{Context, ContextCompat, Result, ensure};
use serde_json::Value;

/// When a dependency is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    /// In the crate itself.
    Normal,
    /// In its tests.
    Dev,
    /// In its build script.
    Build,
}

/// One line of a manifest's dependency tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's own name, whatever the manifest calls it.
    pub(crate) package: String,
    /// The table it stands in.
    pub(crate) kind: DependencyKind,
}

/// A workspace member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// The name in its manifest.
    pub(crate) name: String,
    /// Its folder, relative to the workspace root, with `/`.
    pub(crate) folder: String,
    /// What it depends on.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its features.
    pub(crate) features: Vec<String>,
}

/// The members and where they are.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace manifest.
    pub(crate) root: PathBuf,
    /// The members.
    pub(crate) packages: Vec<Package>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .wrap_err("cargo metadata did not start")?;
        let problem = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo metadata failed: {problem}");
        Self::parse(&serde_json::from_slice(&output.stdout)?)
    }

    /// Reads the output of `cargo metadata`.
    pub(crate) fn parse(metadata: &Value) -> Result<Self> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let packages = list(metadata, "packages")?
            .iter()
            .map(|package| Package::parse(package, &root))
            .collect::<Result<_>>()?;
        Ok(Self { root, packages })
    }
}

impl Package {
    fn parse(package: &Value, root: &Path) -> Result<Self> {
        let manifest = Path::new(text(package, "manifest_path")?);
        let folder = manifest.parent().wrap_err("a manifest without folder")?;
        let folder = folder.strip_prefix(root).unwrap_or(folder);
        let features = package["features"].as_object();
        Ok(Self {
            name: text(package, "name")?.to_owned(),
            folder: folder.to_string_lossy().replace('\\', "/"),
            dependencies: list(package, "dependencies")?
                .iter()
                .map(Dependency::parse)
                .collect::<Result<_>>()?,
            features: features.map_or_else(Vec::new, |map| map.keys().cloned().collect()),
        })
    }
}

impl Dependency {
    fn parse(dependency: &Value) -> Result<Self> {
        let kind = match dependency["kind"].as_str() {
            Some("dev") => DependencyKind::Dev,
            Some("build") => DependencyKind::Build,
            _ => DependencyKind::Normal,
        };
        let package = text(dependency, "name")?.to_owned();
        Ok(Self { package, kind })
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    let found = value[key].as_str();
    found.wrap_err_with(|| format!("cargo metadata has no text {key:?}"))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value]> {
    let found = value[key].as_array().map(Vec::as_slice);
    found.wrap_err_with(|| format!("cargo metadata has no list {key:?}"))
}
