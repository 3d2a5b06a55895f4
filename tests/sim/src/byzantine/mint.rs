//! A block that is right in all but one thing: a credit that nobody sent. Its roots are those
//! that execution gives, so only the proof of the import can give it away.

use actors::{Incoming, Inputs};
use borsh::BorshDeserialize;
use consensus::Message;
use crypto::merkle::{MerkleTree, leaf_hash};
use types::{
    AccountId, Amount, Block, Body, Bundle, BundleProof, ChainId, Gas, Import, MessageId,
    RelayBody, RelayMessage,
};

use super::{Fault, Hands, Letter, proposal};

/// Mints.
pub(crate) struct Mint;

impl Fault for Mint {
    fn name(&self) -> &'static str {
        "minted value"
    }

    fn send(&mut self, hands: &mut Hands, letter: Letter) -> Vec<Letter> {
        let (to, wire) = letter;
        let Some(block) = proposal(hands, &wire).filter(|_| hands.dice.chance(600)) else {
            return vec![(to, wire)];
        };
        match mint(hands, block) {
            None => vec![(to, wire)],
            Some(minted) => {
                hands.fired += 1;
                vec![(to, hands.wire(Message::Proposal(Box::new(minted))))]
            }
        }
    }
}

/// The block with a forged import, executed and sealed as if it were good.
fn mint(hands: &mut Hands, block: &Block) -> Option<Block> {
    let parent = hands.blocks.get(&block.header.parent)?.clone();
    let mut body = Body::try_from_slice(&block.body).ok()?;
    let source = ChainId(u32::from(hands.chain.0 == 0));
    body.imports.retain(|import| import.source != source);
    let cursor = parent.state.lanes().lane(source).next_import;
    let to = AccountId(crypto::Hash::from({
        let mut id = *block.header.parent.as_bytes();
        // Somewhere on this chain: the parts of a devnet's chains begin so.
        (id[0], id[1]) = home_bytes(&hands.rules()?.routing, hands.chain)?;
        id
    }));
    body.imports.push(forged(source, hands.chain, cursor, to)?);
    let rules = hands.rules()?;
    let context = actors::Context {
        network: rules.network,
        chain: rules.chain,
        height: block.header.height,
        time: block.header.time,
        epoch: block.header.epoch,
        phase: block.header.phase,
        root_height: block.header.root_ref.height,
        seed: None,
        routing: rules.routing.clone(),
        behaviours: rules.behaviours.clone(),
        system: rules.certified.clone(),
        gas_limit: rules.gas_limit,
        min_gas_price: rules.min_gas_price,
        quota: rules.quota,
        rotation: AccountId(parent.hash.0),
    };
    let externals = body.externals.iter();
    let inputs = Inputs {
        externals: externals
            .map(|message| (message.id(hands.network), message))
            .collect(),
        imports: body.imports.iter().map(Incoming::from).collect(),
        filings: tx_chain::transition::filings(&body),
        acks: body.acks.clone(),
    };
    let executed = actors::execute(&parent.state, &inputs, &context, rules.parallelism).ok()?;
    if executed.externals.len() != body.externals.len() {
        return None;
    }
    let ids: Vec<MessageId> = inputs.externals.iter().map(|(id, _)| *id).collect();
    let mut minted = block.clone();
    let header = &mut minted.header;
    header.state_root = executed.state.root();
    header.lanes_root = executed.state.lanes().root();
    header.order_root = executed.order.root();
    header.message_root = executed.message_root();
    header.outbox_root = executed.outbox_root();
    header.receipt_root = executed.receipt_root();
    header.gas = executed.gas;
    header.input_root =
        tx_chain::transition::input_tree(&ids, &body.imports, tx_chain::transition::filings(&body))
            .root();
    body.order = executed.order;
    minted.body = body.encode();
    hands.sign(&mut minted);
    Some(minted)
}

fn home_bytes(routing: &types::RoutingTable, chain: ChainId) -> Option<(u8, u8)> {
    (0..=255_u8).map(|high| (high, 0x80)).find(|(high, low)| {
        let mut id = [1; 32];
        (id[0], id[1]) = (*high, *low);
        routing.home(&AccountId(crypto::Hash::from(id))) == chain
    })
}

/// A bundle of one credit that never left anywhere.
pub(super) fn forged(
    source: ChainId,
    destination: ChainId,
    cursor: u64,
    to: AccountId,
) -> Option<Import> {
    let message = RelayMessage {
        trace: MessageId::default(),
        parent: MessageId::default(),
        output: cursor as u32,
        depth: 1,
        from: AccountId::system(source, 1),
        to,
        payer: to,
        value: Amount(1_000_000),
        gas: Gas { limit: 0, price: 1 },
        deadline: u64::MAX,
        body: RelayBody::Credit,
    };
    let messages = vec![message];
    let bundle = Bundle::of(destination, cursor, &messages)?;
    let leaf = bundle.leaf();
    let tree = MerkleTree::from_leaf_hashes(vec![leaf, leaf_hash(b"other")]);
    let mut header = blank_header(source);
    header.outbox_root = tree.root();
    Some(Import {
        source,
        bundle,
        messages,
        proof: BundleProof {
            header,
            outbox: tree.prove(0)?,
            history: None,
        },
    })
}

fn blank_header(chain: ChainId) -> types::Header {
    let zero = crypto::Hash::ZERO;
    types::Header {
        version: 1,
        chain,
        epoch: 0,
        height: 1,
        round: 1,
        parent: types::BlockHash(zero),
        parent_round: 0,
        justification: zero,
        root_ref: types::RootRef::default(),
        time: types::Time(1),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: zero,
        input_root: zero,
        order_root: zero,
        message_root: zero,
        outbox_root: zero,
        receipt_root: zero,
        history_root: zero,
        lanes_root: zero,
        body: zero,
        body_bytes: 0,
        gas: 0,
    }
}
