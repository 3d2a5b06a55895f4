//! Terms of committees and seeds, as root-final blocks tell of them.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, hash};
use types::{AnchorRecord, ChainId, Committee, Epoch, Height, News, Tip, domain};

/// A term that the root told of.
#[derive(Clone, Debug, BorshSerialize, BorshDeserialize)]
pub struct Term {
    /// Who runs the chain in it.
    pub committee: Committee,
    /// The newest seed when the committee was recorded, known before its members chose their
    /// keys; zero before the first seed. The order of leaders is drawn from it.
    pub seed: Hash,
    /// The root height from which on the term before may end.
    pub ready: Option<Height>,
    /// The block on which the term begins without the word of the committee before.
    pub base: Option<Tip>,
}

impl Term {
    /// What the order of leaders is drawn from, given the seed of genesis.
    pub fn leader_seed(&self, genesis: &Hash) -> Hash {
        let (chain, epoch) = (self.committee.chain.0, self.committee.epoch);
        let parts: [&[u8]; 4] = [
            genesis.as_bytes(),
            self.seed.as_bytes(),
            &chain.to_le_bytes(),
            &epoch.to_le_bytes(),
        ];
        hash(domain::LEADER_SEED, &parts)
    }
}

/// Terms of other chains that the root remembers below the recorded one.
const KEPT: Epoch = 16;

/// The chain that looks at the root, and the term in which it is.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// The chain.
    pub chain: ChainId,
    /// Its term, which may be long over.
    pub epoch: Epoch,
    /// The root height that its last final block cites.
    pub cited: Height,
}

/// The terms of all chains from the recorded one on, those of the looking chain from its own one
/// on, and the newest seeds.
#[derive(Clone, Debug, Default, BorshSerialize, BorshDeserialize)]
pub struct Terms {
    terms: BTreeMap<(ChainId, Epoch), Term>,
    /// By the root height that told of them: the height that each belongs to, and the seed.
    seeds: BTreeMap<Height, (Height, Hash)>,
    /// For each chain that was ever frozen the term that ended it last.
    frozen: BTreeMap<ChainId, Epoch>,
}

impl Terms {
    /// A term that the root told of; those of genesis are in no root block.
    pub fn get(&self, chain: ChainId, epoch: Epoch) -> Option<&Term> {
        self.terms.get(&(chain, epoch))
    }

    /// Whether, by root height `at`, the term before `epoch` may end.
    pub fn is_ready(&self, chain: ChainId, epoch: Epoch, at: Height) -> bool {
        let ready = self.get(chain, epoch).and_then(|term| term.ready);
        ready.is_some_and(|ready| ready <= at)
    }

    /// The term after `of` if it begins on a block without the word of the committee before, or
    /// the last of those that the root let begin on that block one after the other.
    pub fn rescue(&self, chain: ChainId, of: Epoch) -> Option<(Epoch, Tip)> {
        let next = of.checked_add(1)?;
        let base = self.get(chain, next)?.base?;
        let later = self.terms.range((chain, next)..=(chain, Epoch::MAX));
        let again = later.take_while(|(_, term)| term.base == Some(base));
        again.last().map(|((_, epoch), _)| (*epoch, base))
    }

    /// Whether a chain's term only waits for the next one to begin by rescue.
    pub fn is_frozen(&self, chain: ChainId, epoch: Epoch) -> bool {
        let until = self.frozen.get(&chain);
        until.is_some_and(|until| epoch.checked_add(1) == Some(*until))
    }

    /// The newest seed that was known by root height `at`, and the height that it belongs to.
    pub fn seed_at(&self, at: Height) -> Option<(Height, Hash)> {
        self.seeds.range(..=at).next_back().map(|(_, seed)| *seed)
    }

    pub(crate) fn learn(&mut self, at: Height, news: &News) {
        match news {
            News::Elected(committee) => self.begin(at, committee, None),
            News::Rescued { committee, base } => self.begin(at, committee, Some(*base)),
            News::Ready { chain, epoch } => {
                if let Some(term) = self.terms.get_mut(&(*chain, *epoch)) {
                    term.ready.get_or_insert(at);
                }
            }
            News::Frozen { chain, until } => {
                self.frozen.insert(*chain, *until);
            }
            News::Seed { height, seed } => {
                self.seeds.insert(at, (*height, *seed));
            }
        }
    }

    /// A committee that was elected before its chain froze may have begun already: its order of
    /// leaders stays.
    fn begin(&mut self, at: Height, committee: &Committee, base: Option<Tip>) {
        let known = self.get(committee.chain, committee.epoch);
        let known = known.filter(|term| term.committee == *committee);
        let seed = match known {
            Some(term) => term.seed,
            None => self.seed_at(at).map_or(Hash::ZERO, |(_, seed)| seed),
        };
        let term = Term {
            committee: committee.clone(),
            seed,
            ready: base.map(|_| at),
            base,
        };
        self.terms.insert((committee.chain, committee.epoch), term);
    }

    /// Forgets seeds that no block which cites root height `low` or above can see.
    pub(crate) fn prune(&mut self, low: Height) {
        let seen = self.seeds.range(..=low).next_back().map(|(at, _)| *at);
        self.seeds = self.seeds.split_off(&seen.unwrap_or(low));
    }

    /// An anchor was recorded: terms before its own are over. Those that the looking chain has
    /// yet to go through stay: without the committee of its next term it can't go on.
    pub(crate) fn recorded(&mut self, record: &AnchorRecord, viewer: Viewer) {
        let chain = record.tip.chain;
        let needed = match viewer.chain {
            own if own == chain => viewer.epoch.min(record.epoch),
            // A chain of the node that begins anew takes over what the root's checkpoint knows.
            ChainId::ROOT => record.epoch.saturating_sub(KEPT),
            _ => record.epoch,
        };
        self.terms
            .retain(|(of, term), _| *of != chain || *term >= needed);
    }

    /// Takes over the seeds and the terms of a chain that an older view still had.
    pub(crate) fn take_over(&mut self, chain: ChainId, older: &Self) {
        for (at, seed) in &older.seeds {
            self.seeds.entry(*at).or_insert(*seed);
        }
        let theirs = older.terms.range((chain, 0)..=(chain, Epoch::MAX));
        for (key, term) in theirs {
            self.terms.entry(*key).or_insert_with(|| term.clone());
        }
    }
}
