//! A toy chain: a block is valid unless its gas says otherwise.

use crypto::{Hash, bls};
use types::{
    Block, BlockHash, Body, ChainId, Committee, Header, Justification, Member, NetworkId, NodeId,
    RootRef, Round, Time,
};

/// The gas of an invalid block.
#[allow(dead_code, reason = "each test uses its part")]
pub const INVALID: u64 = 666;

/// The network of all tests.
pub fn network() -> NetworkId {
    NetworkId(Hash::new([7; 32]))
}

/// The consensus key of a member.
pub fn key(member: u16) -> bls::SecretKey {
    let mut seed = [42; 32];
    seed[..2].copy_from_slice(&member.to_le_bytes());
    bls::SecretKey::from_seed(&seed)
}

/// The node of a member or observer.
pub fn node(number: u16) -> NodeId {
    let mut bytes = [1; 32];
    bytes[..2].copy_from_slice(&number.to_le_bytes());
    NodeId(Hash::new(bytes))
}

/// A committee with these seats.
pub fn committee(seats: &[u32]) -> Committee {
    let members = seats.iter().enumerate().map(|(number, seats)| Member {
        node: node(number as u16),
        key: key(number as u16).public(),
        seats: *seats,
    });
    Committee {
        chain: ChainId(3),
        epoch: 5,
        members: members.collect(),
    }
}

/// The parent of the first block.
pub fn genesis() -> Header {
    Header {
        version: 1,
        chain: ChainId(3),
        epoch: 5,
        height: 0,
        round: 0,
        parent: BlockHash(Hash::ZERO),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: RootRef::default(),
        time: Time(0),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: Hash::ZERO,
        input_root: Hash::ZERO,
        order_root: Hash::ZERO,
        message_root: Hash::ZERO,
        outbox_root: Hash::ZERO,
        receipt_root: Hash::ZERO,
        history_root: Hash::ZERO,
        lanes_root: Hash::ZERO,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

/// A block on `parent`, unsigned.
pub fn block(
    parent: &Header,
    round: Round,
    proposer: u16,
    justification: Justification,
    body: Vec<u8>,
) -> Block {
    let header = Header {
        height: parent.height + 1,
        round,
        parent: parent.hash(),
        parent_round: parent.round,
        justification: justification.hash(),
        time: parent.time.after(1),
        proposer,
        body: Body::hash_of(&body),
        body_bytes: body.len() as u32,
        ..genesis()
    };
    Block {
        header,
        justification,
        signature: consensus::unsigned(),
        body: body.into(),
    }
}

/// Signs a block as its proposer.
pub fn sign(mut block: Block) -> Block {
    let digest = block.header.proposal_digest(network());
    block.signature = key(block.header.proposer).sign(digest.as_bytes());
    block
}
