//! Running the program to its end.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take. The machine may be busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The last line of standard output, as JSON.
    pub(crate) fn json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// It went well.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.calm()
    }

    /// It failed with an exit code and a stable reason, says what happened and what to do.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, reason: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        let line = self.err.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        assert_eq!(error["error"]["reason"], reason, "{self:?}");
        assert_eq!(error["error"]["exit"], code, "{self:?}");
        let message = error["error"]["message"].as_str().unwrap_or_default();
        assert!(message.len() > 10, "{self:?}");
        self.calm()
    }

    /// Nothing panicked.
    #[track_caller]
    pub(crate) fn calm(self) -> Self {
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

/// The program, with these words; its output goes to files in `folder`.
pub(crate) fn spawn(folder: &Path, name: &str, words: &[&str]) -> Child {
    spawn_with(folder, name, words, &[])
}

/// The same, with variables of its environment.
pub(crate) fn spawn_with(
    folder: &Path,
    name: &str,
    words: &[&str],
    variables: &[(&str, &str)],
) -> Child {
    let file = |kind: &str| File::create(folder.join(format!("{name}.{kind}"))).unwrap();
    Command::new(env!("CARGO_BIN_EXE_thinkey"))
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("RUST_LOG")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(file("out"))
        .stderr(file("err"))
        .spawn()
        .unwrap()
}

/// Runs the program with these words in an empty folder of its own and waits.
pub(crate) fn run(words: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let child = spawn(folder.path(), "run", words);
    wait(child, folder.path(), "run")
}

/// Waits for a process to end; fails when that takes too long.
pub(crate) fn wait(child: Child, folder: &Path, name: &str) -> Ran {
    wait_within(PATIENCE, child, folder, name)
}

/// The same for what may take longer.
pub(crate) fn wait_within(patience: Duration, mut child: Child, folder: &Path, name: &str) -> Ran {
    let ended = until_within(patience, "the program ends", || child.try_wait().unwrap());
    Ran {
        code: ended.code(),
        out: text(folder, name, "out"),
        err: text(folder, name, "err"),
    }
}

/// What a process has printed so far.
pub(crate) fn text(folder: &Path, name: &str, kind: &str) -> String {
    let bytes = std::fs::read(folder.join(format!("{name}.{kind}"))).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, ask)
}

#[track_caller]
fn until_within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < patience, "too long until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
