//! Bounds on everything that comes from outside. [Y6]

/// Bytes of data in one message.
pub const MESSAGE_DATA: usize = 128 * 1024;
/// Bytes of an account's code: with the input of its first run it fits into a message.
pub const CODE: usize = 112 * 1024;
/// Bytes of the input of an account's first run.
pub const INIT: usize = 12 * 1024;
/// Bytes that answer a call.
pub const REPLY: usize = 4 * 1024;
/// Bytes of the context that a handler gets back.
pub const HANDLER_CONTEXT: usize = 1024;
/// Messages that code may send in one run.
pub const OUTPUTS: usize = 256;
/// Log entries of one message.
pub const LOGS: usize = 64;
/// Bytes of a log entry's topic.
pub const LOG_TOPIC: usize = 64;
/// Bytes of topics and data of all log entries of one message.
pub const LOG_BYTES: usize = 64 * 1024;
/// Bytes of the text with which code gives up; longer ones are cut.
pub const ABORT_TEXT: usize = 1024;
/// Bytes of a method's name.
pub const METHOD_NAME: usize = 64;
/// Bytes of the failed message's data that a bounce carries back.
pub const BOUNCE_HEAD: usize = 64;
/// How deep a tree of relay messages may grow.
pub const DEPTH: u8 = 64;
/// Members of one committee.
pub const COMMITTEE_MEMBERS: usize = 2_048;
/// Seats of one committee.
pub const COMMITTEE_SEATS: u64 = 1 << 20;
/// Rounds of a chain: one a millisecond for millions of years. Nobody can name a higher one, so
/// counting on from it never overflows.
pub const ROUNDS: u64 = 1 << 62;
/// Rounds that a block may lie above its parent. An honest one shows a certificate of each round
/// in between, so it never gets there, and no committee can use up the rounds of its chain.
pub const ROUND_STEP: u64 = 1 << 24;
/// Bytes of one encoded block body.
pub const BODY_BYTES: usize = 4 * 1024 * 1024;
/// Messages of one bundle.
pub const BUNDLE_MESSAGES: usize = 1_024;
/// Bytes of one bundle's messages.
pub const BUNDLE_BYTES: usize = 512 * 1024;
/// Messages on a lane that the destination has not acknowledged.
pub const LANE_MESSAGES: u64 = 4_096;
/// Bytes on a lane that the destination has not acknowledged.
pub const LANE_BYTES: u64 = 4 * 1024 * 1024;
/// Heights that one anchor may cover.
pub const ANCHOR_RUN: u64 = 1_024;
/// Blocks above a closing block that an anchor may need to show that it is final.
pub const ANCHOR_TAILS: usize = 64;
/// Bytes of one declaration.
pub const DECLARATION_BYTES: usize = 64 * 1024;
/// Root heights after which a relay message may no longer be executed, counted from its sending.
pub const DEADLINE_HEIGHTS: u64 = 2_000;

/// The highest round that a block of that height can have: a [`ROUND_STEP`] for each block.
pub const fn highest_round(height: u64) -> u64 {
    height.saturating_mul(ROUND_STEP)
}
