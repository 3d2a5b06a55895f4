//! A final block as the oracle reads it: plain values.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Account, Letter, State};
use crypto::Hash;
use crypto::bls::Signature;
use root_chain::{beacon, staking};
use tx_chain::ExecutedBlock;
use types::{
    AccountId, AnchorRecord, BlockHash, ChainId, ExternalCall, Header, Height, Lanes, MessageId,
    News, Phase, Receipt, RelayMessage,
};

use super::stakes::StakerSeen;

/// What an account holds, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    /// Balance and what can be claimed.
    pub(crate) spendable: u128,
    pub(crate) mailbox: u128,
    pub(crate) outbox: u128,
    pub(crate) nonce: u64,
}

impl Holding {
    fn of(account: &Account) -> Self {
        let carried = |letter: &Arc<Letter>| value(letter.message());
        Self {
            spendable: account.balance.0 + account.claimable.0,
            mailbox: account.mailbox.iter().map(carried).sum(),
            outbox: account.outbox.iter().map(carried).sum(),
            nonce: account.nonce,
        }
    }
}

/// Value and prepaid gas of a message.
pub(crate) fn value(message: &RelayMessage) -> u128 {
    message.value.0 + u128::from(message.gas.limit) * u128::from(message.gas.price)
}

/// What sets an account with code apart, as plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contract {
    pub(crate) code: Hash,
    pub(crate) owner: Option<AccountId>,
    /// Bytes that it pays a deposit for, and value set aside for handlers.
    pub(crate) bytes: u64,
    pub(crate) reserved: u128,
    pub(crate) balance: u128,
    /// What it stores: its own values, code, handlers that wait.
    pub(crate) slots: BTreeMap<[u8; 32], Arc<[u8]>>,
}

impl Contract {
    fn of(account: &Account) -> Option<Self> {
        let contract = account.contract.as_ref()?;
        let slots = account.storage.iter();
        Some(Self {
            code: contract.code,
            owner: contract.owner,
            bytes: contract.bytes,
            reserved: contract.reserved.0,
            balance: account.balance.0,
            slots: slots.map(|(key, slot)| (*key, slot.0.clone())).collect(),
        })
    }
}

/// A final block.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) chain: ChainId,
    pub(crate) height: Height,
    pub(crate) hash: BlockHash,
    pub(crate) header: Header,
    pub(crate) externals: BTreeMap<MessageId, ExternalCall>,
    pub(crate) imported: Vec<RelayMessage>,
    pub(crate) produced: Vec<RelayMessage>,
    /// Messages that left, by destination, in order.
    pub(crate) exported: Vec<(ChainId, RelayMessage)>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) records: Vec<AnchorRecord>,
    pub(crate) lanes: Lanes,
    pub(crate) holdings: BTreeMap<AccountId, Holding>,
    /// What a root block tells.
    pub(crate) news: Vec<News>,
    /// On the root.
    pub(crate) stakers: Vec<StakerSeen>,
    /// All stake that was ever burned, on the root.
    pub(crate) slashed: u128,
    /// The key of the beacon's group in the root block's term.
    pub(crate) group: Option<[u8; 96]>,
    /// What the root keeps of the seeds that it tells.
    pub(crate) seeds: BTreeMap<Height, (Hash, Signature)>,
    /// The seed that the members of the root's committee drew in place of a lost beacon, with the
    /// last block of their term.
    pub(crate) drawn: Option<Hash>,
    pub(crate) contracts: BTreeMap<AccountId, Contract>,
}

impl Seen {
    pub(crate) fn new(block: &ExecutedBlock) -> Self {
        let mut seen = Self::first(block.header(), &block.state);
        let externals = block.externals.iter();
        seen.externals = externals
            .map(|signed| (signed.id(), signed.message().call.clone()))
            .collect();
        seen.imported.clone_from(&block.imported);
        let produced = block.produced.iter();
        seen.produced = produced.map(|letter| letter.message().clone()).collect();
        for (bundle, messages) in &block.outbox {
            let messages = messages.iter().cloned();
            seen.exported
                .extend(messages.map(|message| (bundle.destination, message)));
        }
        seen.receipts.clone_from(&block.receipts);
        seen.records.clone_from(&block.recorded.records);
        seen.news.clone_from(&block.recorded.news);
        let told = seen.news.iter().filter_map(|told| match told {
            News::Seed { height, .. } => Some(*height),
            _ => None,
        });
        let kept = |height| Some((height, beacon::seed(&block.state, height, 1)?));
        seen.seeds = told.filter_map(kept).collect();
        if seen.header.phase == Phase::Closing {
            let drawn = beacon::degraded(&block.state);
            let own = drawn.filter(|drawn| drawn.epoch == seen.header.epoch);
            seen.drawn = own.and_then(|drawn| drawn.seed);
        }
        seen
    }

    /// A chain's first block.
    pub(crate) fn first(header: &Header, state: &State) -> Self {
        let id = |key: &[u8; 32]| AccountId((*key).into());
        let accounts = || state.accounts().iter();
        Self {
            chain: header.chain,
            height: header.height,
            hash: header.hash(),
            header: header.clone(),
            externals: BTreeMap::new(),
            imported: Vec::new(),
            produced: Vec::new(),
            exported: Vec::new(),
            receipts: Vec::new(),
            records: Vec::new(),
            lanes: state.lanes().clone(),
            holdings: accounts()
                .map(|(key, account)| (id(key), Holding::of(account)))
                .collect(),
            contracts: accounts()
                .filter_map(|(key, account)| Some((id(key), Contract::of(account)?)))
                .collect(),
            news: Vec::new(),
            stakers: staking::stakers(state).map(|own| seen_of(&own)).collect(),
            slashed: staking::burned(state).0,
            group: beacon::public_key(state, header.epoch),
            seeds: BTreeMap::new(),
            drawn: None,
        }
    }

    /// "chain 1 height 7"
    pub(crate) fn place(&self) -> String {
        format!("chain {} height {}", self.chain, self.height)
    }
}

fn seen_of(staker: &staking::Staker) -> StakerSeen {
    StakerSeen {
        id: staker.id,
        node: staker.node,
        stake: staker.stake.0,
        rewards: staker.rewards.0,
        jailed: staker.jailed_until > 0,
        tombstoned: staker.tombstoned,
        leaving: staker.leaving.is_some(),
    }
}
