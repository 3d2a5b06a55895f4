//! Printing: for people or for scripts, and never a panic when nobody reads.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::exit::Failure;

/// Where results and errors go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// For scripts.
    pub json: bool,
    quiet: bool,
}

impl Output {
    /// An output for scripts, or for people.
    pub const fn new(json: bool) -> Self {
        Self { json, quiet: false }
    }

    /// An output that prints nothing: for commands that are part of another.
    pub const fn quiet() -> Self {
        Self {
            json: true,
            quiet: true,
        }
    }

    /// One result: one line of JSON, or `text` for people.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            self.line(&serde_json::to_string(value).unwrap_or_default());
        } else {
            self.line(&text());
        }
    }

    /// One line of JSON, for scripts only.
    pub fn json_line(&self, value: &impl Serialize) {
        if self.json {
            self.line(&serde_json::to_string(value).unwrap_or_default());
        }
    }

    /// Words for people on standard output.
    pub fn say(&self, text: &str) {
        if !self.json {
            self.line(text);
        }
    }

    /// Words about progress, for people, on standard error.
    pub fn progress(&self, text: &str) {
        if !self.json {
            let _nobody_reads = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// An error on standard error.
    pub fn fail(&self, failure: &Failure) {
        if self.quiet {
            return;
        }
        let text = match self.json {
            true => failure.to_json(),
            false => failure.to_text(),
        };
        let _nobody_reads = writeln!(std::io::stderr(), "{text}");
    }

    /// Text as it is, with no end of line.
    pub fn raw(&self, text: &str) {
        if self.quiet {
            return;
        }
        let mut out = std::io::stdout();
        let _nobody_reads = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Whether standard output can be drawn on again.
    pub fn is_terminal(&self) -> bool {
        !self.json && std::io::stdout().is_terminal()
    }

    fn line(&self, text: &str) {
        self.raw(&format!("{text}\n"));
    }
}
