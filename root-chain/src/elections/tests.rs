//! Elections on a root whose stakers and beacon are played.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{Edit, Recorded};
use crypto::threshold::DecryptionKey;
use crypto::{Hash, bls};
use types::{AccountId, ChainId, Committee, Epoch, Height, News, NodeId};

use super::{
    Beacon, Candidacy, CandidateKeys, Drawing, Elected, ElectionRules, Ready, SeedError, Stake,
    Stakes, Term, term,
};
use crate::declaration::{RootDeclaration, Seed};
use crate::staking::{Certified, StakerId};
use crate::testing::{Chain, ONE, Root, network};

mod anchors;
mod fork;
mod lottery;
mod refusals;
mod rescue;
mod schedule;
mod stake;
mod statistics;

pub(super) const RULES: ElectionRules = ElectionRules {
    chain_epoch: 60,
    root_epoch: 120,
    lead: 30,
    root_lead: 40,
    window: 6,
    stall: 100,
    late: 10,
    rescue: 8,
    kept: 200,
    seats: 6,
    root_seats: 6,
    auditors: 2,
};

/// A staker with its keys.
#[derive(Clone)]
pub(super) struct Staker {
    pub(super) id: AccountId,
    pub(super) stake: bls::SecretKey,
    pub(super) consensus: bls::SecretKey,
    pub(super) tickets: u64,
}

/// Stakers of tests, and what elections told of them.
#[derive(Clone)]
pub(super) struct Stakers(pub(super) BTreeMap<AccountId, Staker>);

impl Stakes for Stakers {
    fn total(&self, _: &Edit<'_>, _: Height) -> u64 {
        self.0.values().map(|staker| staker.tickets).sum()
    }

    fn of(&self, _: &Edit<'_>, staker: &AccountId, _: Height) -> Option<Stake> {
        self.0.get(staker).map(|found| Stake {
            tickets: found.tickets,
            key: found.stake.public().to_bytes(),
        })
    }

    fn begin(&self, edit: &mut Edit<'_>, holders: &[Option<StakerId>]) {
        note(edit, 0, holders.iter().flatten().count());
    }

    fn end(&self, edit: &mut Edit<'_>, _: &Committee, holders: &[Option<StakerId>], _: Height) {
        note(edit, 1, holders.iter().flatten().count());
    }

    fn reward(&self, edit: &mut Edit<'_>, certified: &Certified<'_>) {
        note(edit, 2, certified.blocks as usize);
    }

    fn absent(&self, edit: &mut Edit<'_>, _: &StakerId, _: (ChainId, Epoch), _: Height) {
        note(edit, 3, 1);
    }
}

/// Counts what was told, in a slot of its own.
fn note(edit: &mut Edit<'_>, kind: u8, by: usize) {
    let (account, key) = (notes_id(), [kind; 32]);
    let before = edit.get(&account, &key).map_or(0, |bytes| bytes[0]);
    edit.put(account, key, Some(vec![before + by as u8]));
}

pub(super) fn noted(root: &Root, kind: u8) -> u8 {
    let found = root.state.slot(&notes_id(), &[kind; 32]);
    found.map_or(0, |bytes| bytes[0])
}

fn notes_id() -> AccountId {
    AccountId::system(ChainId::ROOT, 99)
}

/// One key that plays the group.
pub(super) struct OneKey(pub(super) bls::SecretKey);

impl Beacon for OneKey {
    fn seed(
        &self,
        _: &mut Edit<'_>,
        height: Height,
        signature: &bls::Signature,
        _: Height,
        _: bool,
    ) -> Result<Hash, SeedError> {
        let verified = self.0.public().verify(&height.to_be_bytes(), signature);
        verified.map_err(|_| SeedError::Signature)?;
        Ok(crypto::hash_borsh(
            crypto::Domain::new("test/seed"),
            signature,
        ))
    }

    fn keys_ready(&self, _: &Edit<'_>, _: Epoch) -> bool {
        true
    }
}

/// A network with chain 1 and a root that have terms, and stakers with some tickets.
pub(super) struct World {
    pub(super) root: Root,
    pub(super) one: Chain,
    pub(super) stakers: Stakers,
    beacon: bls::SecretKey,
}

impl World {
    pub(super) fn new(tickets: &[u64]) -> Self {
        let (one, own) = (Chain::new(ONE), Chain::new(ChainId::ROOT));
        let mut root = Root::with_terms(&[&own, &one], RULES);
        let stakers = tickets
            .iter()
            .zip(1..)
            .map(|(tickets, number)| staker(number, *tickets));
        let stakers = Stakers(stakers.map(|staker| (staker.id, staker)).collect());
        let beacon = bls::SecretKey::from_seed(&[77; 32]);
        root.stakes = Some(Arc::new(stakers.clone()));
        root.beacon = Arc::new(OneKey(beacon.clone()));
        root.height = 1;
        Self {
            root,
            one,
            stakers,
            beacon,
        }
    }

    pub(super) fn term(&self, chain: ChainId) -> Term {
        term(&self.root.state, chain).unwrap()
    }

    pub(super) fn block(&mut self, declarations: &[RootDeclaration]) -> Recorded {
        self.root.block(&[], declarations).unwrap()
    }

    /// Empty root blocks up to and with a height.
    pub(super) fn run_to(&mut self, height: Height) -> Vec<News> {
        let mut news = Vec::new();
        while self.root.height <= height {
            news.extend(self.block(&[]).news);
        }
        news
    }

    pub(super) fn seed(&self, height: Height) -> RootDeclaration {
        let signature = self.beacon.sign(&height.to_be_bytes());
        RootDeclaration::Seed(Seed { height, signature })
    }

    pub(super) fn drawing(&self, chain: ChainId) -> Drawing {
        self.term(chain).drawing(chain).unwrap()
    }

    /// What a staker declares in the drawing that is on.
    pub(super) fn elected(&self, staker: &Staker, chain: ChainId) -> Option<Elected> {
        let decryption = chain.is_root().then(|| decryption(staker));
        let own = Candidacy {
            staker: staker.id,
            tickets: staker.tickets,
            keys: keys(staker),
            node: NodeId(staker.id.0),
            decryption: decryption.as_ref(),
        };
        self.drawing(chain)
            .candidacy(network(), RULES.seats(chain), &own)
    }

    /// What all stakers declare, one after the other.
    pub(super) fn all_elected(&self, chain: ChainId) -> Vec<Elected> {
        let stakers = self.stakers.0.values();
        stakers
            .filter_map(|staker| self.elected(staker, chain))
            .collect()
    }

    /// Goes to where chain 1 takes candidates: the term ends at 60, the election opens at 30.
    pub(super) fn open(&mut self) {
        self.run_to(31);
        let seed = self.seed(30);
        self.block(&[seed]);
    }

    /// Goes to where chain 1 has elected its next committee.
    pub(super) fn elect(&mut self) -> Committee {
        self.open();
        let declared: Vec<_> = self.all_elected(ONE).into_iter().map(boxed).collect();
        self.block(&declared);
        let news = self.run_to(38);
        let [News::Elected(committee)] = &news[..] else {
            panic!("a committee was due: {news:?}");
        };
        committee.clone()
    }

    /// The readiness of members of a committee that stakers hold.
    pub(super) fn ready(&self, committee: &Committee) -> Vec<RootDeclaration> {
        self.words(committee, None)
    }

    /// Their answers when their chain is frozen.
    pub(super) fn present(&self, committee: &Committee) -> Vec<RootDeclaration> {
        let frozen = self.term(committee.chain).frozen;
        self.words(committee, Some(frozen.unwrap().at))
    }

    fn words(&self, committee: &Committee, frozen: Option<Height>) -> Vec<RootDeclaration> {
        let members = committee.members.iter().zip(0..);
        let ready = members.map(|(member, number)| {
            let holder = self.holder(&member.key);
            let (chain, epoch) = (committee.chain, committee.epoch);
            let key = &holder.consensus;
            RootDeclaration::Ready(Ready::signed(
                network(),
                (chain, epoch),
                number,
                frozen,
                key,
            ))
        });
        ready.collect()
    }

    pub(super) fn holder(&self, key: &bls::PublicKey) -> &Staker {
        let stakers = &mut self.stakers.0.values();
        stakers.find(|s| s.consensus.public() == *key).unwrap()
    }

    /// Chain 1 goes on under a committee that stakers hold.
    pub(super) fn take_over(&mut self, committee: &Committee) {
        let keys = committee.members.iter();
        let keys = keys.map(|member| self.holder(&member.key).consensus.clone());
        self.one.keys = keys.collect();
        self.one.committee = committee.clone();
    }
}

pub(super) fn staker(number: u8, tickets: u64) -> Staker {
    let secret =
        |kind: u8| bls::SecretKey::from_seed(&[kind, number].repeat(16).try_into().unwrap());
    Staker {
        id: AccountId(Hash::from([number; 32])),
        stake: secret(200),
        consensus: secret(201),
        tickets,
    }
}

pub(super) const fn keys(staker: &Staker) -> CandidateKeys<'_> {
    CandidateKeys {
        stake: &staker.stake,
        consensus: &staker.consensus,
    }
}

pub(super) fn boxed(elected: Elected) -> RootDeclaration {
    RootDeclaration::Elected(Box::new(elected))
}

pub(super) fn decryption(staker: &Staker) -> DecryptionKey {
    DecryptionKey::from_seed(staker.id.as_bytes())
}
