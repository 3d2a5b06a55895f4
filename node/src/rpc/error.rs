//! Errors that clients can rely on: a stable number, a stable word, a hint for people. [R6]

use serde::{Deserialize, Serialize};

use root_chain::evidence::ReportError;

use super::backend::{AccountError, ProveError, ReportRefusal, SubmitError, ViewError};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $word:literal, $hint:literal;)*) => {
        /// Every error that the server answers with. Numbers and words never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The number in `error.code`.
            pub const fn code(self) -> i32 {
                match self { $(Self::$name => $code),* }
            }

            /// The word in `error.data.reason`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// What to do, in `error.data.hint`.
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint),* }
            }
        }
    };
}

reasons! {
    /// The bytes are no JSON, or nested too deeply.
    Parse = -32700, "parse", "send one JSON object or array, not nested deeper than 32";
    /// JSON, but no request.
    InvalidRequest = -32600, "invalid_request",
        "send {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":…,\"params\":…}";
    /// No such method.
    MethodNotFound = -32601, "method_not_found", "rpc.discover lists all methods";
    /// The parameters are not the method's.
    InvalidParams = -32602, "invalid_params", "rpc.discover describes them, with an example";
    /// The node's fault.
    Internal = -32603, "internal", "look into the node's log";
    /// Too many requests from one address.
    RateLimited = -32001, "rate_limited", "wait a second, or send fewer requests at a time";
    /// Too many items in a batch.
    BatchTooLarge = -32002, "batch_too_large", "split the batch: 50 requests at most";
    /// Too many bytes asked.
    RequestTooLarge = -32003, "request_too_large", "send less than 1 MiB at once";
    /// Too many bytes to answer.
    ResponseTooLarge = -32004, "response_too_large", "ask for less at once";
    /// Not answered in time.
    TimedOut = -32005, "timed_out", "try again; the node may be busy";
    /// The node has no room for more work.
    Busy = -32006, "busy", "try again in a second";
    /// Subscriptions are for WebSocket.
    NeedsWebSocket = -32007, "needs_websocket", "connect to the same address with ws://";
    /// Too many subscriptions on a connection.
    TooManySubscriptions = -32008, "too_many_subscriptions",
        "unsubscribe from something first: 32 at most on a connection";
    /// No such subscription.
    UnknownSubscription = -32009, "unknown_subscription", "it was ended already";

    /// No such chain here.
    UnknownChain = 1001, "unknown_chain", "chain_list lists the chains that this node follows";
    /// No such block here.
    UnknownBlock = 1002, "unknown_block", "chain_status tells the newest height";
    /// No such message here.
    UnknownMessage = 1003, "unknown_message",
        "check the id; a message that was never included leaves no trace";
    /// The network has the chain, this node does not follow it.
    ChainNotServed = 1004, "chain_not_served", "ask a node that serves that chain";
    /// An address of another network.
    WrongNetwork = 1005, "wrong_network",
        "the address, key or message is of another network than this node";
    /// No proof yet.
    NotFinal = 1006, "not_final", "wait until its trace is settled";
    /// No proof any more.
    Pruned = 1007, "pruned", "ask an archive node";
    /// Early consensus of a number of seats that a committee can't give.
    EarlySeats = 1008, "early_seats",
        "ask for seats from the quorum to all of them: chain_status tells both";
    /// More handovers than a file holds.
    TooLong = 1010, "too_long",
        "ask for a proof from a newer checkpoint: `thinkey checkpoint` makes one";

    /// Code that gave no answer.
    ViewFailed = 1009, "view_failed",
        "check method and arguments against the contract; account_get tells whether it has code";

    /// A signature that does not fit.
    BadSignature = 1101, "bad_signature",
        "sign again with the account's key and this network's id";
    /// Nothing to send from.
    UnknownAccount = 1102, "unknown_account",
        "the first credit makes an account: send something to it first";
    /// A nonce below the next.
    NonceUsed = 1103, "nonce_used", "sign again with the account's next_nonce";
    /// A nonce above the next.
    NonceGap = 1104, "nonce_gap", "send the messages before it first";
    /// Too little to spend.
    Balance = 1105, "balance", "send less, or credit the account first";
    /// Too late.
    Expired = 1106, "expired", "sign again with a later expiry";
    /// Too far ahead.
    ExpiryTooFar = 1107, "expiry_too_far", "sign again with an earlier expiry";
    /// Too little gas, or too much.
    Gas = 1108, "gas", "root_network tells the gas of a transfer and its price";
    /// It would do nothing.
    WouldFail = 1109, "would_fail", "change the message";
    /// A message with the nonce waits.
    Replacement = 1110, "replacement", "pay a tenth more for gas to replace it";
    /// No room to wait in.
    MempoolFull = 1111, "mempool_full", "wait, or pay more for gas";
    /// The node is behind.
    NotSynced = 1112, "not_synced", "wait until /readyz says ready, or ask another node";

    /// Evidence about a committee that the root does not know.
    UnknownTerm = 1201, "unknown_term",
        "the root forgets a term some time after its end: evidence about it no longer counts";
    /// Evidence about a term that ended too long ago.
    EvidenceTooOld = 1202, "evidence_too_old", "nothing can be done: the stake may be gone already";
    /// Evidence against those who are convicted.
    EvidenceKnown = 1203, "evidence_known", "nothing is left to do: the root has recorded it";
    /// Evidence that convicts nobody.
    ProvesNothing = 1204, "proves_nothing", "it may be damaged, or made up: trust its source less";
}

/// An error as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// Which.
    pub reason: Reason,
    /// What happened, with figures.
    pub message: String,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    code: i32,
    message: String,
    #[serde(default)]
    data: WireData,
}

#[derive(Default, Serialize, Deserialize)]
struct WireData {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    hint: String,
}

impl RpcError {
    /// An error with a message of its own.
    pub fn new(reason: Reason, message: impl std::fmt::Display) -> Self {
        /// Messages may quote what was sent.
        const LONGEST: usize = 300;
        let message: String = message.to_string().chars().take(LONGEST).collect();
        Self { reason, message }
    }

    /// The `error` member of a response.
    pub fn to_json(&self) -> String {
        let wire = Wire {
            code: self.reason.code(),
            message: self.message.clone(),
            data: WireData {
                reason: self.reason.word().to_owned(),
                hint: self.reason.hint().to_owned(),
            },
        };
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads an `error` member; `None` when it is none of ours.
    pub fn from_json(text: &str) -> Option<Self> {
        let wire: Wire = serde_json::from_str(text).ok()?;
        let mut all = Reason::ALL.iter().copied();
        Some(Self {
            reason: all.find(|reason| reason.code() == wire.code)?,
            message: wire.message,
        })
    }
}

impl From<SubmitError> for RpcError {
    fn from(error: SubmitError) -> Self {
        let reason = match error {
            SubmitError::BadSignature => Reason::BadSignature,
            SubmitError::UnknownAccount => Reason::UnknownAccount,
            SubmitError::NonceUsed { .. } => Reason::NonceUsed,
            SubmitError::NonceGap { .. } => Reason::NonceGap,
            SubmitError::Balance { .. } => Reason::Balance,
            SubmitError::Expired { .. } => Reason::Expired,
            SubmitError::ExpiryTooFar { .. } => Reason::ExpiryTooFar,
            SubmitError::Gas { .. } => Reason::Gas,
            SubmitError::WouldFail { .. } => Reason::WouldFail,
            SubmitError::ChainNotServed { .. } => Reason::ChainNotServed,
            SubmitError::Replacement { .. } => Reason::Replacement,
            SubmitError::MempoolFull => Reason::MempoolFull,
            SubmitError::NotSynced => Reason::NotSynced,
            SubmitError::Busy => Reason::Busy,
        };
        Self::new(reason, error)
    }
}

impl From<ProveError> for RpcError {
    fn from(error: ProveError) -> Self {
        let reason = match error {
            ProveError::Unknown => Reason::UnknownMessage,
            ProveError::NotFinal => Reason::NotFinal,
            ProveError::ChainNotServed { .. } => Reason::ChainNotServed,
            ProveError::Pruned => Reason::Pruned,
            ProveError::UnknownRoot { .. } => Reason::UnknownBlock,
            ProveError::TooLong => Reason::TooLong,
            ProveError::Busy => Reason::Busy,
        };
        Self::new(reason, error)
    }
}

impl From<ViewError> for RpcError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Account(error) => error.into(),
            ViewError::Failed { .. } => Self::new(Reason::ViewFailed, error),
        }
    }
}

impl From<ReportRefusal> for RpcError {
    fn from(error: ReportRefusal) -> Self {
        let reason = match error {
            ReportRefusal::NoRoot => Reason::UnknownChain,
            ReportRefusal::Busy => Reason::Busy,
            ReportRefusal::Root(why) => match why {
                ReportError::UnknownTerm { .. } => Reason::UnknownTerm,
                ReportError::TooOld { .. } => Reason::EvidenceTooOld,
                ReportError::Known => Reason::EvidenceKnown,
                ReportError::Evidence(_) => Reason::ProvesNothing,
                // Of promises, which nobody makes here.
                ReportError::NoStaker
                | ReportError::PromiseTooSoon { .. }
                | ReportError::PromiseExpired { .. }
                | ReportError::Promised
                | ReportError::Signature(_) => Reason::Internal,
            },
        };
        Self::new(reason, error)
    }
}

impl From<AccountError> for RpcError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::ChainNotServed { .. } => Self::new(Reason::ChainNotServed, error),
        }
    }
}
