//! How a command ends: exit codes that scripts rely on, and errors that say what to do.

use std::process::ExitCode;

use light::proof::{FailedStep, StepError};
use serde_json::json;

use crate::client::ClientError;
use crate::keystore::KeystoreError;
use crate::rpc::ServeError;

/// The documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// What was asked is done.
    Done = 0,
    /// It was not, and trying again as it is will not help.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// It is not known to have failed: time ran out first.
    NotReached = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked, for people and scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How to end.
    pub exit: Exit,
    /// One stable word.
    pub reason: &'static str,
    /// What happened.
    pub message: String,
    /// What to do; may be empty when the message says it.
    pub hint: String,
}

impl Failure {
    /// A failure with exit code 1.
    pub fn new(
        reason: &'static str,
        message: impl std::fmt::Display,
        hint: impl std::fmt::Display,
    ) -> Self {
        Self {
            exit: Exit::Failed,
            reason,
            message: message.to_string(),
            hint: hint.to_string(),
        }
    }

    /// The same failure with another exit code.
    #[must_use]
    pub fn with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The text for people: what happened, then what to do.
    pub fn to_text(&self) -> String {
        match self.hint.is_empty() {
            true => format!("error: {}", self.message),
            false => format!("error: {}\n  {}", self.message, self.hint),
        }
    }

    /// One line for scripts.
    pub fn to_json(&self) -> String {
        let error = json!({
            "reason": self.reason,
            "message": self.message,
            "hint": self.hint,
            "exit": self.exit as u8,
        });
        json!({ "error": error }).to_string()
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let start = "start a network here with `thinkey devnet`, or say where a node is with \
                     --rpc URL";
        match &error {
            ClientError::Unreachable { .. } => Self::new("unreachable", error, start),
            ClientError::TimedOut { .. } => {
                let hint = "try again; the node may be busy";
                Self::new("timed_out", error, hint).with(Exit::NotReached)
            }
            ClientError::NotANode { .. } => Self::new("not_a_node", error, start),
            ClientError::Rejected { .. } => {
                let hint = "the node's rpc.hosts, rpc.origins or limits keep this client out";
                Self::new("rejected", error, hint)
            }
            ClientError::Refused(refusal) => Self::new(
                refusal.reason.word(),
                &refusal.message,
                refusal.reason.hint(),
            ),
            ClientError::Unknown { .. } => Self::new(
                "unknown_error",
                error,
                "the node may be newer than this program",
            ),
        }
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let reason = match &error {
            KeystoreError::File { .. } => "file",
            KeystoreError::Exists { .. } => "file_exists",
            KeystoreError::Readable { .. } => "key_readable_by_others",
            KeystoreError::NotAKeyFile { .. } => "not_a_key_file",
            KeystoreError::NotASeed { .. } => "not_a_seed",
            KeystoreError::Version { .. } => "key_file_version",
            KeystoreError::Cost => "key_file_cost",
            KeystoreError::WrongPassword => "wrong_password",
            KeystoreError::EmptyPassword => "empty_password",
            KeystoreError::NoTerminal => "no_terminal",
            KeystoreError::PasswordsDiffer => "passwords_differ",
            KeystoreError::Random => "no_randomness",
        };
        Self::new(reason, error, "")
    }
}

impl From<genesis::SpecError> for Failure {
    fn from(error: genesis::SpecError) -> Self {
        let hint = "use the genesis file that the network was started with";
        Self::new("genesis", error, hint)
    }
}

/// What to do about a checkpoint that is too old.
pub(crate) const NEWER_CHECKPOINT: &str = "get a newer checkpoint from a node that you trust \
    (thinkey checkpoint --out FILE) and compare its digest with what others have";

impl From<FailedStep> for Failure {
    fn from(failed: FailedStep) -> Self {
        let message = match failed.evidence {
            0 => format!(
                "the proof fails at step \"{}\": {}",
                failed.step, failed.error
            ),
            number => format!(
                "the proof fails at step \"{}\" of evidence {number}: {}",
                failed.step, failed.error
            ),
        };
        let hint = match *failed.error {
            StepError::TooOld(_) => NEWER_CHECKPOINT,
            StepError::OtherStart { .. } => {
                "ask for one that starts there: thinkey prove ID --out FILE --from CHECKPOINT"
            }
            _ => "this file proves nothing; ask for a new one",
        };
        Self::new("proof_failed", message, hint)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let reason = match &error {
            ServeError::PortInUse { .. } => "port_in_use",
            ServeError::Forbidden { .. } => "port_forbidden",
            ServeError::NoSuchAddress { .. } => "no_such_address",
            ServeError::Listen { .. } => "listen",
            ServeError::NoHosts { .. } => "no_hosts",
        };
        Self::new(reason, error, "")
    }
}
