//! I11: one seed per root height, the same on all nodes, the group's signature, and known to
//! nobody before the height is final.

use std::collections::BTreeMap;

use crypto::bls::{PublicKey, Signature};
use crypto::{Domain, Hash, hash_borsh};
use root_chain::duty::SeedShares;
use types::{Epoch, Height, NetworkId, News};

use crate::report::Violations;
use crate::setup::Setup;

/// What a group signs and what a seed is, restated.
const MESSAGE: Domain = Domain::new("thinkey/beacon");
const SEED: Domain = Domain::new("thinkey/beacon/seed");

/// All seeds that any honest node recorded or declared.
pub(crate) struct Beacon {
    network: NetworkId,
    /// It runs at root heights that are multiples of this.
    every: u64,
    /// With the node that named it first.
    seeds: BTreeMap<Height, (Hash, usize)>,
    /// The term of each final root block.
    epochs: BTreeMap<Height, Epoch>,
    /// The key of each term's group, while it serves.
    keys: BTreeMap<Epoch, [u8; 96]>,
    /// The last seed whose signature was verified here.
    head: (Height, Hash),
    /// Terms whose beacon was lost.
    drawn: usize,
}

/// A root block as the beacon's oracle reads it.
pub(crate) struct RootSeen<'a> {
    pub(crate) height: Height,
    pub(crate) epoch: Epoch,
    pub(crate) news: &'a [News],
    /// With the last block of a term whose beacon was lost: the seed that its members drew.
    pub(crate) drawn: Option<Hash>,
}

impl Beacon {
    pub(crate) fn new(setup: &Setup) -> Self {
        let spec = setup.network.spec();
        Self {
            network: setup.network.id(),
            every: spec.beacon.every.max(1),
            seeds: BTreeMap::new(),
            epochs: BTreeMap::new(),
            keys: BTreeMap::new(),
            head: (0, spec.seed),
            drawn: 0,
        }
    }

    /// A root block became final on an honest node.
    pub(crate) fn reported(&mut self, node: usize, root: &RootSeen<'_>, bad: &mut Violations) {
        self.epochs.insert(root.height, root.epoch);
        for told in root.news {
            if let News::Seed { height, seed } = told {
                self.name(node, *height, *seed, bad);
                if *height >= root.height {
                    let at = root.height;
                    bad.add("I11", format!("root block {at} tells the seed of {height}"));
                }
            }
        }
    }

    /// The observer made a root block final: its seeds are verified. `key` is that of the group
    /// that serves, `signature` what the root keeps for a height.
    pub(crate) fn see(
        &mut self,
        root: &RootSeen<'_>,
        key: Option<[u8; 96]>,
        signature: impl Fn(Height) -> Option<(Hash, Signature)>,
        bad: &mut Violations,
    ) {
        if let Some(key) = key {
            let known = *self.keys.entry(root.epoch).or_insert(key);
            if known != key && self.head.0 > 0 {
                let what = format!("the key of term {} changed while it served", root.epoch);
                bad.add("I11", what);
            }
            self.keys.insert(root.epoch, key);
        }
        for told in root.news {
            let News::Seed { height, seed } = told else {
                continue;
            };
            if let Err(why) = self.verify(*height, seed, signature(*height)) {
                bad.add("I11", format!("the seed of root height {height}: {why}"));
            }
            self.head = (*height, *seed);
        }
        // The next group goes on from what the members drew, and the heights before have no seed.
        let end = root.height - root.height % self.every;
        if let Some(seed) = root.drawn.filter(|_| self.head.0 < end) {
            self.head = (end, seed);
            self.drawn += 1;
        }
    }

    fn verify(
        &self,
        height: Height,
        seed: &Hash,
        kept: Option<(Hash, Signature)>,
    ) -> Result<(), &'static str> {
        let (last, previous) = self.head;
        // Where the first group makes its own key, no height has a seed before.
        if height != last + self.every && last > 0 || !height.is_multiple_of(self.every) {
            return Err("one was skipped or comes again");
        }
        let (kept, signature) = kept.ok_or("the root does not keep it")?;
        if kept != *seed || hash_borsh(SEED, &signature) != *seed {
            return Err("it is not that of its signature");
        }
        let epoch = self.epochs.get(&height).ok_or("its height is not final")?;
        let key = self.keys.get(epoch).ok_or("its term has no key")?;
        let key = PublicKey::from_bytes(key).map_err(|_| "its term's key is no key")?;
        let message = hash_borsh(MESSAGE, &(self.network, epoch, height, previous));
        let holds = key.verify(message.as_bytes(), &signature);
        holds.map_err(|_| "its signature is not that of the group")
    }

    /// An honest node hands out its shares; `known` is the last root height final there.
    pub(crate) fn released(
        &self,
        node: usize,
        shares: &SeedShares,
        known: Height,
        bad: &mut Violations,
    ) {
        if shares.height > known {
            let what = format!(
                "node {node} releases its share of {} while {known} is final there",
                shares.height
            );
            bad.add("I11", what);
        }
    }

    /// An honest node declares seeds; `known` is the last root height final there.
    pub(crate) fn declared(
        &mut self,
        node: usize,
        (first, signatures): (Height, &[Signature]),
        known: Height,
        bad: &mut Violations,
    ) {
        for (at, signature) in (0_u64..).zip(signatures) {
            let height = first + at * self.every;
            self.name(node, height, hash_borsh(SEED, signature), bad);
            if height > known {
                let what = format!("node {node} knows the seed of {height} while {known} is final");
                bad.add("I11", what);
            }
        }
    }

    fn name(&mut self, node: usize, height: Height, seed: Hash, bad: &mut Violations) {
        let (known, who) = *self.seeds.entry(height).or_insert((seed, node));
        if known != seed {
            let what = format!("root height {height}: node {who} has {known}, node {node} {seed}");
            bad.add("I11", what);
        }
    }

    /// How many terms ended without their beacon.
    pub(crate) const fn lost(&self) -> usize {
        self.drawn
    }

    /// How many heights have a seed.
    pub(crate) fn count(&self) -> usize {
        self.seeds.len()
    }
}
