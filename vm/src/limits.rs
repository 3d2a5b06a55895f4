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
/// Bytes that the handler of an answer can be reminded of.
pub const NOTE: usize = 1024;
/// Outputs of one message.
pub const OUTPUTS: u32 = 256;
/// Bytes of the text of an abort; longer ones are cut.
pub const ABORT_TEXT: usize = 1024;

/// Function types of a module.
pub const TYPES: u64 = 1_024;
/// Parameters of a function or block.
pub const PARAMS: u64 = 32;
/// Results of a function or block.
pub const RESULTS: u64 = 16;
/// Functions of a module.
pub const FUNCTIONS: u64 = 4_096;
/// Local variables of a function, besides parameters.
pub const LOCALS: u64 = 1_024;
/// Values on the operand stack of a function.
pub const OPERANDS: u64 = 2_048;
/// Constants of a function: values that it names or that follow from such alone.
pub const CONSTANTS: u64 = 16 * 1024;
/// Blocks nested in one another; compilers nest one for each arm of a `match`.
pub const NESTING: u64 = 1_024;
/// Targets of a `br_table`.
pub const BRANCH_TARGETS: u64 = 1_024;
/// Global variables of a module.
pub const GLOBALS: u64 = 256;
/// Exports of a module.
pub const EXPORTS: u64 = 256;
/// Bytes of an export's name.
pub const EXPORT_NAME: u64 = 256;
/// Elements of the table.
pub const TABLE: u64 = 8_192;
/// Element segments of a module.
pub const ELEMENT_SEGMENTS: u64 = 64;
/// Data segments of a module.
pub const DATA_SEGMENTS: u64 = 1_024;
/// Custom sections of a module.
pub const CUSTOM_SECTIONS: u64 = 16;
/// Bytes of the section that describes a contract's methods.
pub const ABI: u64 = 32 * 1024;
/// Pages of memory, 64 KiB each: 4 MiB.
pub const PAGES: u64 = 64;

/// Slots of eight bytes that nested calls may take together.
pub const STACK: u64 = 64 * 1024;
/// Slots that a call takes besides its parameters, locals, operands and constants.
pub const FRAME: u64 = 8;
/// Slots that the largest call takes.
pub(crate) const LARGEST_FRAME: u64 = FRAME + PARAMS + LOCALS + OPERANDS + CONSTANTS;
/// The most gas of one run; above, it counts as this much.
pub const GAS: u64 = 1 << 60;

// [V5] Whatever a function's own bounds let it have, it can be called, and call such another.
const _: () = assert!(3 * LARGEST_FRAME <= STACK);
