//! The domain tags of every hash in the system, in one place so that none is used twice. [Y2]

use crypto::Domain;

/// Id of an external message; also the bytes that its sender signs.
pub const EXTERNAL: Domain = Domain::new("thinkey/external");
/// Id of a relay message.
pub const RELAY: Domain = Domain::new("thinkey/relay");
/// Id of an account that a key controls.
pub const KEY_ACCOUNT: Domain = Domain::new("thinkey/key-account");
/// Id of an account that began with code.
pub const CODE_ACCOUNT: Domain = Domain::new("thinkey/code-account");
/// Hash of code.
pub const CODE: Domain = Domain::new("thinkey/code");
/// Hash of a block header.
pub const HEADER: Domain = Domain::new("thinkey/header");
/// Hash of a block body.
pub const BODY: Domain = Domain::new("thinkey/body");
/// Hash of a justification.
pub const JUSTIFICATION: Domain = Domain::new("thinkey/justification");
/// The statement that a vote signs.
pub const VOTE: Domain = Domain::new("thinkey/vote");
/// The statement that a leader signs over its proposal.
pub const PROPOSAL: Domain = Domain::new("thinkey/proposal");
/// Hash of the order σ of a block.
pub const ORDER: Domain = Domain::new("thinkey/order");
/// Hash of an anchor, a leaf of a root block's inputs.
pub const ANCHOR: Domain = Domain::new("thinkey/anchor");
/// Hash of a declaration, a leaf of a root block's inputs.
pub const DECLARATION: Domain = Domain::new("thinkey/declaration");
/// Hash of an account, a value of the state tree.
pub const ACCOUNT: Domain = Domain::new("thinkey/account");
/// Hash of a routing table.
pub const ROUTING: Domain = Domain::new("thinkey/routing");
/// Hash of a chain spec: the network id.
pub const GENESIS: Domain = Domain::new("thinkey/genesis");
/// What a committee's leader schedule is drawn from.
pub const LEADER_SEED: Domain = Domain::new("thinkey/leader-seed");
/// The leader schedule of a committee.
pub const LEADER: Domain = Domain::new("thinkey/leader");
