//! Users deploy code, change it and tell it what to do.

use actors::contract::deposit;
use actors::gas;
use types::{AccountId, Amount, ChainId, CodeBytes, Deploy, ExternalCall, Input, RoutingTable};

use super::Workload;
use super::program::argument;
use crate::dice::Dice;
use crate::modules::modules;
use crate::report::Counters;

/// Gas that a deploy or upgrade gets on top of the least.
const SPARE_GAS: u64 = 195_000;
/// What a puppet is deployed with, mostly: deposits for two codes, handlers and more.
const FUND: u64 = 200_000_000;
/// Salts that are tried for a chain.
const SALTS: usize = 2_000;

/// A puppet that there is or will be.
#[derive(Clone)]
pub(super) struct Puppet {
    pub(super) id: AccountId,
    pub(super) chain: ChainId,
    /// The number of the user who deploys it.
    creator: usize,
    salt: [u8; 32],
    owner: Option<AccountId>,
    asked_for: bool,
}

/// All puppets of a run.
#[derive(Default)]
pub(crate) struct Puppets {
    pub(super) list: Vec<Puppet>,
    /// Accounts that puppets were told to create, and others to call.
    pub(super) others: Vec<AccountId>,
    /// Everybody calls this one.
    pub(super) hot: usize,
}

impl Puppets {
    pub(crate) fn new(seed: u64, users: &[(ChainId, AccountId)], routing: &RoutingTable) -> Self {
        let mut dice = Dice::new(seed, "puppets");
        let mut list = Vec::new();
        for chain in routing.chains() {
            let count = if chain.is_root() {
                1
            } else {
                dice.between(2, 3)
            };
            for _ in 0..count {
                let creator = dice.below(users.len() as u64) as usize;
                let from = users[creator].1;
                let Some((salt, id)) = salt_for(&mut dice, chain, &from, routing) else {
                    continue;
                };
                list.push(Puppet {
                    id,
                    chain,
                    creator,
                    salt,
                    owner: dice.chance(800).then_some(from),
                    asked_for: false,
                });
            }
        }
        let hot = dice.below(list.len() as u64) as usize;
        Self {
            list,
            others: Vec::new(),
            hot,
        }
    }
}

/// A salt with which the first puppet's code gets to live on a chain.
fn salt_for(
    dice: &mut Dice,
    chain: ChainId,
    creator: &AccountId,
    routing: &RoutingTable,
) -> Option<([u8; 32], AccountId)> {
    let code = modules().puppets[0].0;
    let tries = std::iter::repeat_with(|| dice.bytes()).take(SALTS);
    let mut ids = tries.map(|salt| (salt, AccountId::of_code(creator, &salt, &code)));
    ids.find(|(_, id)| routing.home(id) == chain)
}

impl Workload {
    /// Turns a call into one about code.
    pub(super) fn direct(
        &mut self,
        at: usize,
        mut call: ExternalCall,
        did: &mut Counters,
    ) -> ExternalCall {
        let mut list = self.puppets.list.iter();
        let fresh = list.position(|puppet| puppet.creator == at && !puppet.asked_for);
        let kind = self.dice.below(100);
        let name = match (fresh, kind) {
            (Some(puppet), 0..90) => self.deploy(puppet, &mut call),
            (_, 0..4) => {
                let puppet = self.any();
                call.from = self.clients[at].id;
                self.deploy_again(at, puppet, &mut call)
            }
            (_, 4..10) => self.upgrade(at, &mut call),
            _ => self.tell(&mut call),
        };
        *did.entry(name).or_default() += 1;
        call
    }

    /// A user who has not deployed yet what it will.
    pub(super) fn beginner(&self) -> Option<usize> {
        let mut list = self.puppets.list.iter();
        let fresh = list.find(|puppet| !puppet.asked_for);
        fresh.map(|puppet| puppet.creator)
    }

    pub(super) fn any(&mut self) -> usize {
        if self.dice.chance(300) {
            return self.puppets.hot;
        }
        self.dice.below(self.puppets.list.len() as u64) as usize
    }

    fn deploy(&mut self, puppet: usize, call: &mut ExternalCall) -> &'static str {
        let program = self.program(1);
        let puppet = &mut self.puppets.list[puppet];
        puppet.asked_for = true;
        call.to = puppet.id;
        call.input = Input::Deploy(Box::new(Deploy {
            salt: puppet.salt,
            code: modules().puppets[0].1.clone(),
            init: argument(&program),
            owner: puppet.owner,
        }));
        call.value = Amount(FUND.into());
        call.gas.limit = gas::least(call) + SPARE_GAS + 300_000;
        // Too little for the deposit, or for the first run: it may be asked for again.
        if self.dice.chance(100) {
            call.value = Amount(self.dice.below(code_deposit()).into());
            puppet.asked_for = false;
        } else if self.dice.chance(60) {
            call.gas.limit -= self.dice.between(300_000, 440_000);
            puppet.asked_for = false;
        }
        "deploy"
    }

    /// The same once more, or what only looks alike.
    fn deploy_again(&mut self, at: usize, puppet: usize, call: &mut ExternalCall) -> &'static str {
        let creator = self.puppets.list[puppet].creator;
        if creator == at {
            return self.deploy(puppet, call);
        }
        // Another creator's account is another account; its home is wherever it falls.
        self.deploy(puppet, call);
        if let Input::Deploy(deploy) = &call.input {
            call.to = deploy.account(&call.from);
            self.puppets.others.push(call.to);
        }
        "deploy by another"
    }

    fn upgrade(&mut self, at: usize, call: &mut ExternalCall) -> &'static str {
        let mut own = self.puppets.list.iter();
        let own = own.position(|puppet| puppet.creator == at && puppet.asked_for);
        let stranger = self.dice.chance(150);
        let puppet = own.filter(|_| !stranger).unwrap_or_else(|| self.any());
        call.to = self.puppets.list[puppet].id;
        call.value = Amount(self.dice.below(2 * code_deposit()).into());
        let code = match self.dice.below(20) {
            0 => modules().hello.clone(),
            1 => CodeBytes::from(vec![7; 100]),
            number => modules().puppets[number as usize % modules().puppets.len()]
                .1
                .clone(),
        };
        let adopt = self.dice.chance(600);
        call.input = Input::Upgrade { code, adopt };
        call.gas.limit = gas::least(call) + SPARE_GAS + self.dice.below(100_000);
        "upgrade"
    }
}

/// What a puppet's code locks.
fn code_deposit() -> u64 {
    let code = modules().puppets[0].1.len() as u64;
    u64::try_from(deposit(code).0).unwrap_or(u64::MAX)
}
