//! What work costs. One unit of gas is about a nanosecond of the reference machine.

/// The price of a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Each call.
    pub base: u64,
    /// Each byte that it copies, hashes or writes.
    pub byte: u64,
    /// The share of the state tree and the disk, which the engine itself never sees.
    pub state: u64,
}

impl Price {
    /// What a call with so many bytes costs.
    pub const fn of(self, bytes: u64) -> u64 {
        let fixed = self.base.saturating_add(self.state);
        fixed.saturating_add(self.byte.saturating_mul(bytes))
    }
}
