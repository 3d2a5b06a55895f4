//! Where elections stand in the storage of their system account.

use actors::Edit;
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::threshold::EncryptionKey;
use crypto::{Domain, hash};
use types::{AccountId, AnchorRecord, ChainId, Epoch, Finality, Height, News};

use super::candidate::Candidate;
use super::term::Term;
use crate::slots::Slots;

const SLOT: Domain = Domain::new("thinkey/elections");

/// The system account that holds terms and elections.
pub fn account_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 5)
}

/// The term of a chain; none when first committees serve forever.
pub fn term(slots: &impl Slots, chain: ChainId) -> Option<Term> {
    read(slots, term_key(chain))
}

/// The runners-up of a chain's election, best first.
pub fn auditors(slots: &impl Slots, chain: ChainId, epoch: Epoch) -> Vec<AccountId> {
    read(slots, auditors_key(chain, epoch)).unwrap_or_default()
}

/// What the block at a root height told, given the state after it.
pub fn news(slots: &impl Slots, height: Height) -> Vec<News> {
    let told: Option<(Height, Vec<News>)> = read(slots, key(NEWS, &[]));
    told.filter(|(at, _)| *at == height)
        .map_or_else(Vec::new, |(_, news)| news)
}

/// Keeps what a block tells until another one tells something.
pub(crate) fn put_news(edit: &mut Edit<'_>, height: Height, news: &[News]) {
    if !news.is_empty() {
        write(edit, key(NEWS, &[]), &(height, news));
    }
}

pub(super) fn put_term(edit: &mut Edit<'_>, chain: ChainId, term: &Term) {
    write(edit, term_key(chain), term);
}

pub(super) fn put_auditors(edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch, all: &[AccountId]) {
    write(edit, auditors_key(chain, epoch), &all);
}

pub(super) fn remove_auditors(edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch) {
    edit.put(account_id(), auditors_key(chain, epoch), None);
}

/// To which shares of the next root committee's members are encrypted, by member number.
pub fn encryption_keys(slots: &impl Slots, epoch: Epoch) -> Vec<EncryptionKey> {
    let key = election_key(ENCRYPTION, ChainId::ROOT, epoch, &[]);
    read(slots, key).unwrap_or_default()
}

/// The same, encoded as they are stored.
pub fn encoded_encryption_keys(slots: &impl Slots, epoch: Epoch) -> Option<&[u8]> {
    let key = election_key(ENCRYPTION, ChainId::ROOT, epoch, &[]);
    slots.slot(&account_id(), &key)
}

pub(super) fn put_encryption_keys(edit: &mut Edit<'_>, epoch: Epoch, keys: &[EncryptionKey]) {
    let key = election_key(ENCRYPTION, ChainId::ROOT, epoch, &[]);
    write(edit, key, &keys);
}

/// Chains with a term, ascending.
pub fn chains(slots: &impl Slots) -> Vec<ChainId> {
    read(slots, key(CHAINS, &[])).unwrap_or_default()
}

/// Answers to an election in a thousand, smoothed; see the rules of the module.
pub(super) fn turnout(slots: &impl Slots) -> u32 {
    read(slots, key(TURNOUT, &[])).unwrap_or(1_000)
}

pub(super) fn put_turnout(edit: &mut Edit<'_>, permille: u32) {
    write(edit, key(TURNOUT, &[]), &permille);
}

/// Which candidate a staker is.
pub(super) fn place(
    slots: &impl Slots,
    chain: ChainId,
    epoch: Epoch,
    staker: &AccountId,
) -> Option<u32> {
    read(slots, staker_key(chain, epoch, staker))
}

/// Whether a consensus key is taken, and by which candidate.
pub(super) fn key_place(
    slots: &impl Slots,
    chain: ChainId,
    epoch: Epoch,
    public: &[u8; 96],
) -> Option<u32> {
    read(slots, public_key(chain, epoch, public))
}

pub(super) fn candidate(
    slots: &impl Slots,
    chain: ChainId,
    epoch: Epoch,
    place: u32,
) -> Option<Candidate> {
    read(slots, candidate_key(chain, epoch, place))
}

/// Writes a candidate under its place, its staker and its key.
pub(super) fn put_candidate(
    edit: &mut Edit<'_>,
    (chain, epoch): (ChainId, Epoch),
    place: u32,
    candidate: &Candidate,
) {
    if let Some(before) = self::candidate(edit, chain, epoch, place) {
        edit.put(account_id(), public_key(chain, epoch, &before.key), None);
    }
    write(edit, candidate_key(chain, epoch, place), candidate);
    write(edit, staker_key(chain, epoch, &candidate.staker), &place);
    write(edit, public_key(chain, epoch, &candidate.key), &place);
}

/// Forgets the candidates of an election.
pub(super) fn remove_candidates(edit: &mut Edit<'_>, chain: ChainId, epoch: Epoch, count: u32) {
    for place in 0..count {
        if let Some(candidate) = candidate(edit, chain, epoch, place) {
            let keys = [
                candidate_key(chain, epoch, place),
                staker_key(chain, epoch, &candidate.staker),
                public_key(chain, epoch, &candidate.key),
            ];
            keys.into_iter()
                .for_each(|key| edit.put(account_id(), key, None));
        }
    }
}

/// The attempt in which a staker declared itself last for a term that elects its committee.
pub fn declared(
    slots: &impl Slots,
    chain: ChainId,
    epoch: Epoch,
    staker: &AccountId,
) -> Option<u32> {
    let place = place(slots, chain, epoch, staker)?;
    Some(candidate(slots, chain, epoch, place)?.attempt)
}

/// The highest block of a frozen chain that was brought in.
pub fn rescued(slots: &impl Slots, chain: ChainId) -> Option<AnchorRecord> {
    read(slots, chain_key(RESCUED, chain))
}

pub(super) fn put_rescued(edit: &mut Edit<'_>, chain: ChainId, record: Option<&AnchorRecord>) {
    let encoded = record.map(encode);
    edit.put(account_id(), chain_key(RESCUED, chain), encoded);
}

/// The certificates of the last recorded block of a chain, or of the last of its tails.
pub fn certified(slots: &impl Slots, chain: ChainId) -> Option<Finality> {
    read(slots, chain_key(CERTIFIED, chain))
}

pub(super) fn put_certified(edit: &mut Edit<'_>, chain: ChainId, finality: &Finality) {
    write(edit, chain_key(CERTIFIED, chain), finality);
}

/// The certificates of a block that contradicts what is recorded of a chain, while it is frozen.
pub fn rival(slots: &impl Slots, chain: ChainId) -> Option<Finality> {
    read(slots, chain_key(RIVAL, chain))
}

pub(super) fn put_rival(edit: &mut Edit<'_>, chain: ChainId, finality: Option<&Finality>) {
    let key = chain_key(RIVAL, chain);
    if finality.is_some() || edit.get(&account_id(), &key).is_some() {
        edit.put(account_id(), key, finality.map(encode));
    }
}

/// The slots of the account in the root's first state.
pub(super) fn first_slots(terms: &[(ChainId, Term)]) -> Vec<([u8; 32], Vec<u8>)> {
    let chains: Vec<ChainId> = terms.iter().map(|(chain, _)| *chain).collect();
    let terms = terms
        .iter()
        .map(|(chain, term)| (term_key(*chain), encode(term)));
    std::iter::once((key(CHAINS, &[]), encode(&chains)))
        .chain(terms)
        .collect()
}

const TERM: u8 = 0;
const NEWS: u8 = 1;
const CHAINS: u8 = 2;
const TURNOUT: u8 = 3;
const CANDIDATE: u8 = 4;
const STAKER: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const RESCUED: u8 = 7;
const AUDITORS: u8 = 8;
const ENCRYPTION: u8 = 9;
const CERTIFIED: u8 = 10;
const RIVAL: u8 = 11;

fn key(kind: u8, name: &[u8]) -> [u8; 32] {
    *hash(SLOT, &[&[kind], name]).as_bytes()
}

fn chain_key(kind: u8, chain: ChainId) -> [u8; 32] {
    key(kind, &chain.0.to_be_bytes())
}

fn term_key(chain: ChainId) -> [u8; 32] {
    chain_key(TERM, chain)
}

fn auditors_key(chain: ChainId, epoch: Epoch) -> [u8; 32] {
    election_key(AUDITORS, chain, epoch, &[])
}

fn candidate_key(chain: ChainId, epoch: Epoch, place: u32) -> [u8; 32] {
    election_key(CANDIDATE, chain, epoch, &place.to_be_bytes())
}

fn staker_key(chain: ChainId, epoch: Epoch, staker: &AccountId) -> [u8; 32] {
    election_key(STAKER, chain, epoch, staker.as_bytes())
}

fn public_key(chain: ChainId, epoch: Epoch, public: &[u8; 96]) -> [u8; 32] {
    election_key(PUBLIC_KEY, chain, epoch, public)
}

/// All names of one kind have one length, so no two keys share their bytes.
fn election_key(kind: u8, chain: ChainId, epoch: Epoch, name: &[u8]) -> [u8; 32] {
    let parts = [&chain.0.to_be_bytes()[..], &epoch.to_be_bytes(), name];
    key(kind, &parts.concat())
}

fn read<T: BorshDeserialize>(slots: &impl Slots, key: [u8; 32]) -> Option<T> {
    borsh::from_slice(slots.slot(&account_id(), &key)?).ok()
}

fn write(edit: &mut Edit<'_>, key: [u8; 32], value: &impl BorshSerialize) {
    edit.put(account_id(), key, Some(encode(value)));
}

fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}
