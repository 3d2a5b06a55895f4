//! Bounds on everything that code brings or asks for. Part of the protocol.

/// Bytes of a module: with it and 16 KiB of input a deploying message is full.
pub const MODULE: usize = 112 * 1024;
/// Bytes of a storage key.
pub const STORAGE_KEY: usize = 31;
/// Bytes of a storage value.
pub const STORAGE_VALUE: usize = 16 * 1024;
/// Bytes of a method's name.
pub const METHOD: usize = types::limits::METHOD_NAME;
/// Bytes of an output's data.
pub const DATA: usize = types::limits::MESSAGE_DATA;
/// Bytes of a reply or a view's answer.
pub const REPLY: usize = 64 * 1024;
/// Bytes of an event's topic.
pub const TOPIC: usize = 64;
/// Bytes of an event.
pub const EVENT: usize = 4 * 1024;
/// Events of one message.
pub const EVENTS: u32 = 64;
/// Outputs of one message.
pub const OUTPUTS: u32 = 256;
/// Bytes of the text of an abort; longer ones are cut.
pub const ABORT_TEXT: usize = 1024;
