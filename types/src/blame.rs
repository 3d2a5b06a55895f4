//! Whom an error caused by remote input is to be blamed on.

/// Who is at fault. Read by peer scoring and slashing only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The sender lied or broke the protocol.
    Sender,
    /// Nobody: a race, a delay, or something this node has not seen yet.
    Nobody,
    /// This node: a full disk, an exhausted limit of its own.
    Ourselves,
}
