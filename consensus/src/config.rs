//! What a machine is told when it starts.

use std::sync::Arc;

use crypto::{Hash, bls};
use types::{Block, Certificate, Committee, Finality, Header, NetworkId, Time, Vote};

/// The committee, this node's place in it, and the numbers both sides agreed on.
#[derive(Clone, Debug)]
pub struct Config {
    /// The network that all signatures cover.
    pub network: NetworkId,
    /// The committee; it was validated where it was made.
    pub committee: Arc<Committee>,
    /// This node's seat; none for an observer, who follows and never votes.
    pub seat: Option<Seat>,
    /// Time-outs.
    pub timing: Timing,
    /// Seed of the leader schedule, the same on all nodes.
    pub leader_seed: Hash,
    /// The fewest seats of early consensus that are reported; kept between the quorum and all.
    /// Whoever acts on a report chooses how many it wants. A node on whose reports nobody acts
    /// gives the most, and saves itself the work.
    pub early_seats: u64,
    /// Larger bodies are not broadcast with the proposal: followers fetch them.
    pub inline_body_bytes: usize,
    /// Parent of the first block, in round 0; needs no certificate.
    pub genesis: Header,
    /// 32 bytes that senders of votes don't know: coefficients of batch verification.
    pub batch_secret: [u8; 32],
    /// Nothing new is signed before. [W3]
    pub quiet_until: Time,
}

/// A member's number and key.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Position in the committee's list.
    pub member: u16,
    /// The consensus key of this epoch.
    pub key: bls::SecretKey,
}

/// Time-outs, all in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Δ0: expected upper bound of a message's travel. [T2]
    pub delta_ms: u64,
    /// Δ grows up to this.
    pub delta_max_ms: u64,
    /// Time that building or checking a block may take.
    pub execution_ms: u64,
    /// Repeat everything undecided when nothing became final for so long. [T5]
    pub standstill_ms: u64,
    /// An empty block is due when nothing became final for so long; 0 means never. [T1]
    pub heartbeat_ms: u64,
}

impl Default for Timing {
    /// Values for a local network.
    fn default() -> Self {
        Self {
            delta_ms: 200,
            delta_max_ms: 60_000,
            execution_ms: 500,
            standstill_ms: 5_000,
            heartbeat_ms: 60_000,
        }
    }
}

/// What a node still knows after a restart; the default is a fresh start on genesis.
///
/// Votes, certificates and blocks are those given to `Persist`, above the last final block.
/// What is older is ignored, order does not matter.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Own votes. Leaving one out may cost the stake.
    pub votes: Vec<Vote>,
    /// Certificates, as verified before.
    pub certificates: Vec<Certificate>,
    /// Blocks with their bodies.
    pub blocks: Vec<Arc<Block>>,
    /// The last final block; none means genesis.
    pub last: Option<(Header, Finality)>,
}

/// The signature to put into a block that the machine will sign. See [`Input::Built`].
///
/// [`Input::Built`]: crate::Input::Built
pub fn unsigned() -> bls::Signature {
    bls::Signature::from([0; 48])
}
