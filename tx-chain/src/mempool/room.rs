//! Room: how much messages take of a mempool, and how much they may.

use types::Height;

/// Of each limit, this part is for stranded messages.
const STRANDED_PART: usize = 8;
/// Of the bytes for stranded messages, this part is for one sender.
const SENDER_PART: usize = 32;

/// Bounds of a mempool. [C4]
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// Messages in all; stranded ones may be an eighth of it.
    pub messages: usize,
    /// Bytes of all messages; those of stranded ones may be an eighth of it, and those of one
    /// sender a 32nd of that.
    pub bytes: usize,
    /// Messages of one sender.
    pub per_sender: usize,
    /// How far a nonce may lie past the first one that is neither used nor waiting.
    pub nonce_gap: u64,
    /// Root heights that an expiry may lie ahead.
    pub expiry_ahead: Height,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self {
            messages: 100_000,
            bytes: 64 << 20,
            per_sender: 256,
            // Enough for what overtakes other messages on its way, and little to hold for nothing.
            nonce_gap: 16,
            expiry_ahead: 100_000,
        }
    }
}

impl MempoolLimits {
    pub(super) const fn room(&self) -> Size {
        Size {
            messages: self.messages,
            bytes: self.bytes,
        }
    }

    /// The part of the room that stranded messages may take.
    pub(super) const fn stranded_room(&self) -> Size {
        Size {
            messages: self.messages / STRANDED_PART,
            bytes: self.bytes / STRANDED_PART,
        }
    }

    /// Whether one sender may have this much stranded: one message, or little.
    pub(super) const fn may_strand(&self, size: Size) -> bool {
        size.messages <= 1 || size.bytes <= self.stranded_room().bytes / SENDER_PART
    }
}

/// What messages take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Size {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_add(other.messages),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            messages: self.messages - other.messages,
            bytes: self.bytes - other.bytes,
        }
    }

    pub(super) const fn fits(self, room: Self) -> bool {
        self.messages <= room.messages && self.bytes <= room.bytes
    }

    /// How much of a room it takes, for comparison: of messages or of bytes, whichever is more.
    pub(super) fn share_of(self, room: Self) -> u128 {
        let product = |a: usize, b: usize| a as u128 * b as u128;
        product(self.messages, room.bytes).max(product(self.bytes, room.messages))
    }
}
