//! The chain spec: what all nodes of a network agree on before the first block.

use std::collections::BTreeSet;
use std::path::Path;

use borsh::{BorshDeserialize, BorshSerialize};
use crypto::{Hash, bls, hash_borsh};
use serde::{Deserialize, Serialize};
use types::{
    AccountId, Amount, ChainId, Committee, Epoch, Member, NetworkId, NodeId, RoutingTable, Time,
    domain,
};

mod beacon;
mod error;
mod parameters;
mod routes;
mod staking;
mod terms;
#[cfg(test)]
mod tests;

pub use beacon::{Beacon, ShareKey};
pub use error::SpecError;
pub use parameters::{Anchoring, BlockLimits, Security, Timing};
pub use staking::{StakerEntry, Staking};
pub use terms::Terms;

/// Characters of a network's name at most.
pub const NAME_LENGTH: usize = 20;

/// Whether unsafe choices are refused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[borsh(use_discriminant = true)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum NetworkKind {
    /// Nothing of worth is on it: small committees only give a warning.
    Devnet = 0,
    /// Safe or refused. [S5]
    Public = 1,
}

/// One member of a genesis committee.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberEntry {
    /// The node that votes.
    pub node: NodeId,
    /// Its consensus key.
    pub key: bls::PublicKey,
    /// That it knows the key's secret. [S4]
    pub possession: bls::ProofOfPossession,
    /// Its voting weight, 1 or more.
    pub seats: u32,
}

/// One chain and its genesis committee.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainEntry {
    /// The chain; the root is 0, transaction chains count from 1 without gaps.
    pub id: ChainId,
    /// The members of epoch 0, in the order of signer bitmaps.
    pub members: Vec<MemberEntry>,
}

/// An account that has value from the start.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    /// The account; the routing table says on which chain it is.
    pub id: AccountId,
    /// Its balance.
    pub balance: Amount,
}

/// The spec of a network. Its hash is the network's id. [S1]
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSpec {
    /// The network's name, in front of its addresses: lowercase letters and digits.
    pub name: String,
    /// Devnet or public.
    pub kind: NetworkKind,
    /// The time of every first block, in milliseconds.
    pub start: Time,
    /// What the order of leaders is drawn from in epoch 0.
    pub seed: Hash,
    /// When consensus waits and for how long.
    pub timing: Timing,
    /// How much fits into a block.
    pub limits: BlockLimits,
    /// When chains anchor on the root.
    pub anchoring: Anchoring,
    /// What the committees are meant to withstand.
    pub security: Security,
    /// How long committees serve and how the next ones are elected.
    pub terms: Terms,
    /// What stake is, and who has some.
    pub staking: Staking,
    /// Where random seeds come from.
    #[serde(default)]
    pub beacon: Beacon,
    /// Which chain an account lives on.
    #[serde(deserialize_with = "routes::from_serde")]
    #[borsh(deserialize_with = "routes::from_borsh")]
    pub routing: RoutingTable,
    /// All chains, the root among them.
    pub chains: Vec<ChainEntry>,
    /// All accounts with a balance.
    pub accounts: Vec<AccountEntry>,
}

impl ChainSpec {
    /// Reads a spec from a TOML or JSON file and checks its form.
    pub fn load(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path).map_err(|source| SpecError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Writes the spec: JSON when the file's name ends in `.json`, else TOML.
    pub fn save(&self, path: &Path) -> Result<(), SpecError> {
        let json = path.extension().is_some_and(|ending| ending == "json");
        let text = if json {
            self.to_json()?
        } else {
            self.to_toml()?
        };
        std::fs::write(path, text).map_err(|source| SpecError::Write {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a spec from text, JSON when it begins with `{`, else TOML, and checks its form.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let spec: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text)?
        } else {
            toml::from_str(text)?
        };
        spec.check_form()?;
        Ok(spec)
    }

    /// The spec as TOML.
    pub fn to_toml(&self) -> Result<String, SpecError> {
        Ok(toml::to_string(self)?)
    }

    /// The spec as JSON.
    pub fn to_json(&self) -> Result<String, SpecError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// The network's id. [S1]
    pub fn network_id(&self) -> NetworkId {
        NetworkId(hash_borsh(domain::GENESIS, &self.canonical()))
    }

    /// The spec with chains, accounts and stakers ascending. [S1]
    pub fn canonical(&self) -> Self {
        let mut canonical = self.clone();
        canonical.chains.sort_by_key(|chain| chain.id);
        canonical.accounts.sort_by_key(|account| account.id);
        let stakers = &mut canonical.staking.stakers;
        stakers.sort_by_key(|staker| staker.account);
        canonical
    }

    /// The committee of a chain's epoch, as far as the spec knows it: epoch 0.
    pub fn committee(&self, chain: ChainId, epoch: Epoch) -> Option<Committee> {
        let entry = self.chains.iter().find(|entry| entry.id == chain)?;
        (epoch == 0).then(|| entry.committee())
    }

    /// All committees of epoch 0, chains ascending.
    pub fn committees(&self) -> Vec<Committee> {
        let canonical = self.canonical();
        canonical.chains.iter().map(ChainEntry::committee).collect()
    }

    /// All chains, ascending, the root first.
    pub fn chain_ids(&self) -> Vec<ChainId> {
        let mut ids: Vec<_> = self.chains.iter().map(|chain| chain.id).collect();
        ids.sort_unstable();
        ids
    }

    /// The chain that an account lives on.
    pub fn home(&self, account: &AccountId) -> ChainId {
        self.routing.home(account)
    }

    /// Whose the seats of a chain's first committee are, in member order: a member's staker is the
    /// first one of its node.
    pub fn holders(&self, chain: ChainId) -> Vec<Option<AccountId>> {
        let entry = self.chains.iter().find(|entry| entry.id == chain);
        let members = entry.into_iter().flat_map(|entry| &entry.members);
        let stakers = &self.staking.stakers;
        let of = |node| stakers.iter().filter(move |staker| staker.node == node);
        let holder = |member: &MemberEntry| of(member.node).map(|staker| staker.account).min();
        members.map(holder).collect()
    }

    /// Checks what gives the spec a meaning at all; [`crate::safety::check`] judges the rest.
    pub fn check_form(&self) -> Result<(), SpecError> {
        self.check_name()?;
        self.check_chains()?;
        self.check_routing()?;
        self.check_accounts()
    }

    fn check_name(&self) -> Result<(), SpecError> {
        let starts = self.name.starts_with(|c: char| c.is_ascii_lowercase());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if starts && self.name.chars().all(plain) && self.name.len() <= NAME_LENGTH {
            return Ok(());
        }
        Err(SpecError::Name)
    }

    fn check_chains(&self) -> Result<(), SpecError> {
        if self.chains.is_empty() {
            return Err(SpecError::NoChains);
        }
        for (id, expected) in self.chain_ids().into_iter().zip(0..) {
            if id.0 != expected {
                return Err(SpecError::ChainIds {
                    found: id,
                    expected,
                });
            }
        }
        for chain in &self.chains {
            let valid = chain.committee().validate();
            valid.map_err(|source| SpecError::Committee {
                chain: chain.id,
                source,
            })?;
        }
        Ok(())
    }

    fn check_routing(&self) -> Result<(), SpecError> {
        let known = self.chain_ids();
        let routed = self.routing.chains();
        if let Some(chain) = routed.iter().find(|chain| !known.contains(chain)) {
            return Err(SpecError::UnknownRoute { chain: *chain });
        }
        match known.iter().find(|chain| !routed.contains(chain)) {
            Some(chain) => Err(SpecError::Unrouted { chain: *chain }),
            None => Ok(()),
        }
    }

    fn check_accounts(&self) -> Result<(), SpecError> {
        let mut seen = BTreeSet::new();
        for AccountEntry { id, .. } in &self.accounts {
            if id.system_chain().is_some() {
                return Err(SpecError::SystemAccount { id: *id });
            }
            if !seen.insert(id) {
                return Err(SpecError::RepeatedAccount { id: *id });
            }
        }
        let total = Amount::sum(self.accounts.iter().map(|account| account.balance));
        let total = total.and_then(|total| total.plus(self.staking.supply()?));
        total.map(|_| ()).ok_or(SpecError::Supply)
    }
}

impl ChainEntry {
    /// The committee of epoch 0.
    pub fn committee(&self) -> Committee {
        let members = self.members.iter().map(|member| Member {
            node: member.node,
            key: member.key.clone(),
            seats: member.seats,
        });
        Committee {
            chain: self.id,
            epoch: 0,
            members: members.collect(),
        }
    }
}
