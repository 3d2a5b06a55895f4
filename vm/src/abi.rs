//! What a module may import and must export: one table, for the validator, the engine, the SDK
//! and the documentation.
//!
//! Everything is in the import module [`MODULE`]. Pointers and lengths are `i32` offsets and byte
//! counts of the exported memory [`MEMORY`]; ids and hashes are 32 bytes, amounts 16 bytes little
//! endian. A pointer outside of the memory traps with `MemoryOutOfBounds`, an argument outside of
//! its bound with `Argument`, and what the account model refuses with `HostRefused`: no host
//! function reports a failure that a contract could forget to look at.
//!
//! Entry points are exported functions without parameters and results, see [`Entry`]. Code reads
//! what it was called with by host functions and answers by `reply`.

use crate::schedule::Price;

/// The import module of all host functions.
pub const MODULE: &str = "thinkey";
/// The export that every module needs: its memory.
pub const MEMORY: &str = "memory";
/// The custom section with the description of a contract's methods.
pub const ABI_SECTION: &str = "thinkey.abi";

/// The bit of `send`'s flags that asks for a reply. The bits above it are the thousands of gas to
/// set aside for its handler; 0 stands for [`HANDLER_GAS`].
pub const WANTS_REPLY: u32 = 1;
/// Gas for a handler in one unit of `send`'s flags above [`WANTS_REPLY`].
pub const HANDLER_GAS_UNIT: u64 = 1_000;
/// Gas that the account model sets aside for the handlers of an answer, reply or bounce alike,
/// when `send`'s flags leave it that; `gas_left` tells a handler how much of it remains. What it
/// does not use goes back to the payer of the tree.
pub const HANDLER_GAS: u64 = 500_000;

/// Why code runs, and the export that answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Entry {
    /// The account was created with this code; runs once.
    Init = 0,
    /// A call. Every module has this entry.
    Call = 1,
    /// The answer to a call that asked for one.
    Reply = 2,
    /// A call of ours failed; its value came back.
    Bounce = 3,
    /// A call of ours was not executed by its deadline; its value came back.
    Timeout = 4,
    /// A question that may change nothing.
    View = 5,
}

impl Entry {
    /// All entries, by number.
    pub const ALL: [Self; 6] = [
        Self::Init,
        Self::Call,
        Self::Reply,
        Self::Bounce,
        Self::Timeout,
        Self::View,
    ];

    /// The name of the export.
    pub const fn export(self) -> &'static str {
        match self {
            Self::Init => "thinkey_init",
            Self::Call => "thinkey_call",
            Self::Reply => "thinkey_reply",
            Self::Bounce => "thinkey_bounce",
            Self::Timeout => "thinkey_timeout",
            Self::View => "thinkey_view",
        }
    }

    /// The entry with this export.
    pub fn of_export(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entry| entry.export() == name)
    }
}

/// A value type that crosses the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A pointer, length, index, truth or small number.
    I32,
    /// Gas, heights, times.
    I64,
}

use Type::{I32, I64};

/// A host function as a module sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its name in [`MODULE`].
    pub name: &'static str,
    /// Parameters.
    pub params: &'static [Type],
    /// Result, if any.
    pub result: Option<Type>,
    /// Its price under schedule 1.
    pub price: Price,
    /// Whether a view may call it.
    pub in_views: bool,
    /// What it does, for reports and the SDK's documentation.
    pub about: &'static str,
}

macro_rules! imports {
    ($(
        $(#[doc = $about:literal])*
        $id:ident = $name:literal ($($param:ident),*) $(-> $result:ident)?, $views:ident,
            $base:literal + $line:literal * lines + state $state:literal + $byte:literal * n;
    )*) => {
        /// A host function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum HostCall { $($(#[doc = $about])* $id),* }

        impl HostCall {
            /// All host functions, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$id),*];

            /// The function's line of the table.
            pub const fn import(self) -> Import {
                match self {
                    $(Self::$id => Import {
                        name: $name,
                        params: &[$($param),*],
                        result: imports!(@result $($result)?),
                        price: Price {
                            base: $base,
                            line: $line,
                            state: $state,
                            state_byte: $byte,
                        },
                        in_views: imports!(@views $views),
                        about: concat!($($about),*),
                    }),*
                }
            }
        }
    };
    (@result) => { None };
    (@result $result:ident) => { Some($result) };
    (@views view) => { true };
    (@views act) => { false };
}

imports! {
    // The account and the block.
    /// `(out)`: the account's own id, 32 bytes.
    OwnId = "own_id"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// The chain that executes the message.
    Chain = "chain"() -> I32, view, 30 + 0 * lines + state 0 + 0 * n;
    /// `(out)`: the balance, 16 bytes, the message's value included, less what was sent.
    Balance = "balance"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// `(out)`: the part of the balance that storage locks, 16 bytes, writes of this run included;
    /// not what is set aside for handlers.
    Deposit = "deposit"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// The block's height.
    Height = "height"() -> I64, view, 30 + 0 * lines + state 0 + 0 * n;
    /// The root height that the block cites: the clock of deadlines.
    RootHeight = "root_height"() -> I64, view, 30 + 0 * lines + state 0 + 0 * n;
    /// The block's time, milliseconds of Unix time, as its proposer claims it.
    Time = "time"() -> I64, view, 30 + 0 * lines + state 0 + 0 * n;
    /// `(out) -> 0|1`: the beacon's seed at the newest root-final height, 32 bytes; 0 without one.
    /// Known to everyone before the block: decide with it only what was fixed at an earlier one.
    Seed = "seed"(I32) -> I32, view, 38 + 0 * lines + state 0 + 0 * n;

    // The message.
    /// `(out)`: who sent the message, 32 bytes.
    Sender = "sender"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// `(out)`: the value that came with it, 16 bytes.
    Value = "value"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// `(out, cap) -> length`: the method's name, at most 64 bytes. For replies, bounces and
    /// time-outs: the method of the call that they answer.
    Method = "method"(I32, I32) -> I32, view, 33 + 1 * lines + state 0 + 0 * n;
    /// The length of the input.
    InputLength = "input_length"() -> I32, view, 30 + 0 * lines + state 0 + 0 * n;
    /// `(from, out, length)`: copies a part of the input.
    Input = "input"(I32, I32, I32), view, 34 + 1 * lines + state 0 + 0 * n;
    /// Gas that may still be used or given away.
    GasLeft = "gas_left"() -> I64, view, 30 + 0 * lines + state 0 + 0 * n;
    /// `(out)`: id of the external message at the top of the tree, 32 bytes.
    Trace = "trace"(I32), view, 33 + 0 * lines + state 0 + 0 * n;
    /// `(out) -> 0|1`: id of the message that this reply, bounce or time-out answers, 32 bytes.
    About = "about"(I32) -> I32, view, 35 + 0 * lines + state 0 + 0 * n;
    /// Why the call failed that a bounce or time-out answers: its failure code, else -1.
    Failure = "failure"() -> I32, view, 30 + 0 * lines + state 0 + 0 * n;

    // Storage: an ordered map of keys of 1 to 31 bytes to values of at most 16 KiB.
    /// `(key, key_length, out, cap) -> length`: copies up to `cap` bytes of the value; -1 if none.
    Get = "storage_get"(I32, I32, I32, I32) -> I32, view, 70 + 1 * lines + state 930 + 1 * n;
    /// `(key, key_length, value, length)`.
    Put = "storage_put"(I32, I32, I32, I32), act, 90 + 1 * lines + state 4_910 + 10 * n;
    /// `(key, key_length) -> 0|1`: whether there was a value.
    Delete = "storage_delete"(I32, I32) -> I32, act, 50 + 0 * lines + state 4_950 + 0 * n;
    /// `(after, after_length, prefix, prefix_length, out) -> length`: the least key above `after`
    /// that starts with `prefix`, up to 31 bytes; -1 if none. An empty `after` starts at the first.
    Next = "storage_next"(I32, I32, I32, I32, I32) -> I32, view, 50 + 0 * lines + state 950 + 0 * n;

    // Outputs: they leave when the message has run to its end, in the order of these calls.
    /// `(to, value, gas, deadline, method, method_length, data, length, flags) -> index`: sends a
    /// call, or with an empty method value alone. `deadline` counts root heights from the block's;
    /// 0 is the longest. The gas is taken from what is left. Flag 1 asks for a reply; the flags
    /// above it are thousands of gas set aside for its handler, 0 for the usual.
    Send = "send"(I32, I32, I64, I64, I32, I32, I32, I32, I32) -> I32, act,
        100 + 12 * lines + state 0 + 10 * n;
    /// `(code, salt, value, gas, init, length, out) -> index`: creates an account with the code and
    /// writes its id, 32 bytes.
    Create = "create"(I32, I32, I32, I64, I32, I32, I32) -> I32, act,
        70 + 12 * lines + state 5_000 + 10 * n;
    /// `(index, out)`: id of the message that an output will be, 32 bytes; `about` of its answer.
    OutputId = "output_id"(I32, I32), act, 40 + 0 * lines + state 400 + 0 * n;
    /// `(index, note, length)`: what the handler of that output's answer gets back by
    /// `remembered`, at most 1 KiB; the last one counts. The output must want a reply.
    Remember = "remember"(I32, I32, I32), act, 330 + 12 * lines + state 0 + 10 * n;
    /// `(out, cap) -> length`: what `remember` kept for the answered call.
    Remembered = "remembered"(I32, I32) -> I32, view, 33 + 1 * lines + state 0 + 0 * n;
    /// `(code)`: from the next message on the account has this code.
    Become = "become"(I32), act, 35 + 0 * lines + state 4_965 + 0 * n;
    /// `(code)`: the account holds this code no longer, and its deposit is free. Refused for the
    /// code that it has from the next message on.
    DropCode = "drop_code"(I32), act, 35 + 0 * lines + state 4_965 + 0 * n;
    /// `(data, length)`: what the caller or asker gets; the last one counts.
    Reply = "reply"(I32, I32), view, 45 + 1 * lines + state 0 + 0 * n;
    /// `(topic, topic_length, data, length)`: an event, shown by the trace.
    Emit = "emit"(I32, I32, I32, I32), act, 90 + 16 * lines + state 400 + 10 * n;

    // Hashes and signatures.
    /// `(data, length, out)`: SHA3-256 (FIPS 202).
    Sha3 = "sha3_256"(I32, I32, I32), view, 200 + 205 * lines + state 0 + 0 * n;
    /// `(data, length, out)`: SHA-256 (FIPS 180-4).
    Sha2 = "sha2_256"(I32, I32, I32), view, 60 + 46 * lines + state 0 + 0 * n;
    /// `(key, signature, message, length) -> 0|1`: Ed25519 after ZIP-215; key 32, signature 64.
    Ed25519 = "ed25519_verify"(I32, I32, I32, I32) -> I32, view,
        38_000 + 128 * lines + state 0 + 0 * n;
    /// `(key, signature, message, length) -> 0|1`: BLS12-381, key 96 bytes in G2, signature 48
    /// bytes in G1, suite `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`.
    Bls = "bls_verify"(I32, I32, I32, I32) -> I32, view, 970_000 + 64 * lines + state 0 + 0 * n;

    /// `(text, length)`: gives up; nothing counts, the text is in the trace.
    Abort = "abort"(I32, I32), view, 50 + 1 * lines + state 0 + 0 * n;
}

impl HostCall {
    /// How many host functions there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The function with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|call| call.import().name == name)
    }

    /// Its place in the table.
    pub const fn index(self) -> usize {
        self as usize
    }
}
