//! What users tell puppets to do.

use actors::gas;
use crypto::Hash;
use types::{AccountId, Amount, ChainId, ExternalCall, Input};

use super::Workload;
use super::program::{Act, Order, argument, encode};
use crate::modules::modules;

/// The most that a call may use is half of a block; this stays below.
const MOST_GAS: u64 = 3_900_000;
/// Gas for handlers: too little, enough, plenty.
const HANDLER_GAS: &[u64] = &[11_000, 40_000, 40_000, 60_000];

impl Workload {
    /// Has a puppet do something.
    pub(super) fn tell(&mut self, call: &mut ExternalCall) -> &'static str {
        let puppet = self.any();
        let (id, chain) = (
            self.puppets.list[puppet].id,
            self.puppets.list[puppet].chain,
        );
        call.to = id;
        call.gas.limit = 200_000 + self.dice.below(300_000);
        let (name, acts) = match self.dice.below(100) {
            0..12 => self.rally(id, chain, call),
            12..22 => self.fan_out(call),
            22..34 => self.storm(call),
            34..46 => {
                call.to = self.puppets.list[self.puppets.hot].id;
                let set = Act::Set(1, self.dice.below(64) as u16);
                ("hot account", vec![set, Act::Look(3)])
            }
            46..56 => self.late(call),
            56..66 => self.stored(call),
            66..70 => (
                "fail",
                vec![Act::Set(2, 10), Act::Pay(call.from, 5), Act::Fail],
            ),
            70..73 => ("spin", vec![Act::Set(2, 10), Act::Spin]),
            73..79 => self.change(),
            79..84 => self.create(id, call),
            84..87 => {
                let length = *self.dice.pick(&[0, 1, 100, 4_000, 5_000]);
                ("answer", vec![Act::Answer(length)])
            }
            _ => {
                call.gas.limit = 1_500_000;
                ("tree", self.acts(3))
            }
        };
        let method = if self.dice.chance(20) { "none" } else { "act" };
        call.input = Input::Call {
            method: method.to_owned(),
            data: argument(&encode(&acts)),
        };
        name
    }

    /// Ping-pong. Far between chains it is short, as every leg takes its time.
    fn rally(
        &mut self,
        one: AccountId,
        home: ChainId,
        call: &mut ExternalCall,
    ) -> (&'static str, Vec<Act>) {
        let other = self.any();
        let (other, chain) = (self.puppets.list[other].id, self.puppets.list[other].chain);
        let most = if chain == home { MOST_GAS } else { 450_000 };
        call.gas.limit = self.dice.between(150_000, most);
        call.value = Amount(self.dice.below(1_000).into());
        let handler = self.dice.chance(300).then(|| *self.dice.pick(HANDLER_GAS));
        let value = self.dice.below(50);
        (
            "ping-pong",
            vec![Act::Rally(one, other, value, handler.unwrap_or(0))],
        )
    }

    fn fan_out(&mut self, call: &mut ExternalCall) -> (&'static str, Vec<Act>) {
        call.gas.limit = MOST_GAS;
        call.value = Amount(self.dice.below(10_000).into());
        let mut order = self.order(0, 500);
        (order.handler, order.deadline) = (0, 0);
        order.gas = self.dice.between(36_000, 48_000);
        ("fan-out 64", vec![Act::Spread(64, self.crowd(), order)])
    }

    /// All fail, and all that returns has a handler, which may fail too.
    fn storm(&mut self, call: &mut ExternalCall) -> (&'static str, Vec<Act>) {
        call.gas.limit = MOST_GAS;
        call.value = Amount(self.dice.below(10_000).into());
        let mut order = self.order(0, 1_000);
        order.program = encode(&[self.dice.pick(&[Act::Fail, Act::Spin]).clone()]);
        order.gas = 45_000;
        order.handler = *self.dice.pick(HANDLER_GAS);
        let count = self.dice.between(2, 24) as u8;
        (
            "bounce storm",
            vec![Act::Spread(count, self.crowd(), order)],
        )
    }

    fn late(&mut self, call: &mut ExternalCall) -> (&'static str, Vec<Act>) {
        call.gas.limit = 400_000;
        let mut order = self.order(1, 500);
        order.deadline = self.dice.between(1, 3);
        order.handler = order.handler.max(40_000);
        ("short deadline", vec![Act::Send(order)])
    }

    /// Storage comes, grows and goes, and with it what it locks.
    fn stored(&mut self, call: &mut ExternalCall) -> (&'static str, Vec<Act>) {
        let key = self.dice.below(6) as u8;
        let length = self.dice.below(900) as u16;
        let acts = match self.dice.below(4) {
            0 => vec![Act::Set(key, length)],
            1 => vec![Act::Delete(key)],
            // More than is ever there to lock.
            2 => (0..40).map(|key| Act::Set(key, 16_000)).collect(),
            // What the deposit frees can be sent away at once.
            _ => vec![
                Act::Set(key, length),
                Act::Delete(key),
                Act::Pay(call.from, u64::from(length) * 1_000),
            ],
        };
        call.gas.limit += 10 * 17_000;
        ("storage", acts)
    }

    fn change(&mut self) -> (&'static str, Vec<Act>) {
        let codes = &modules().puppets;
        let code: Hash = self.dice.pick(codes).0;
        let mut acts = vec![Act::Become(*code.as_bytes())];
        if self.dice.chance(500) {
            // The answer meets the new code.
            acts.insert(0, Act::Send(self.order(1, 500)));
        }
        ("become", acts)
    }

    fn create(&mut self, parent: AccountId, call: &mut ExternalCall) -> (&'static str, Vec<Act>) {
        let (code, size) = (modules().puppets[0].0, modules().puppets[0].1.len());
        let salt = self.dice.bytes();
        self.puppets
            .others
            .push(AccountId::of_code(&parent, &salt, &code));
        call.gas.limit = MOST_GAS;
        let value = *self.dice.pick(&[30_000_000, 30_000_000, 1_000]);
        let program = argument(&self.program(1));
        (
            "create",
            vec![Act::Create(
                *code.as_bytes(),
                salt,
                value,
                gas::validation(size) + 180_000,
                program,
            )],
        )
    }

    /// Some puppets, one of them perhaps not there.
    fn crowd(&mut self) -> Vec<AccountId> {
        let count = self.dice.between(1, 5);
        (0..count).map(|_| self.target()).collect()
    }

    fn target(&mut self) -> AccountId {
        if self.dice.chance(100) && !self.puppets.others.is_empty() {
            return *self.dice.pick(&self.puppets.others);
        }
        let puppet = self.any();
        self.puppets.list[puppet].id
    }

    fn order(&mut self, depth: u64, handled: u64) -> Order {
        let handler = self
            .dice
            .chance(handled)
            .then(|| *self.dice.pick(HANDLER_GAS));
        Order {
            to: self.target(),
            value: self.dice.below(100),
            gas: 50_000 + 90_000 * depth + self.dice.below(30_000),
            deadline: if self.dice.chance(100) { 2 } else { 0 },
            handler: handler.unwrap_or(0),
            program: self.program(depth),
            then: self.program(0),
        }
    }

    pub(super) fn program(&mut self, depth: u64) -> Vec<u8> {
        if self.dice.chance(400) {
            return Vec::new();
        }
        let acts = self.acts(depth);
        encode(&acts)
    }

    fn acts(&mut self, depth: u64) -> Vec<Act> {
        let count = self.dice.between(1, 3);
        (0..count).map(|_| self.act_of(depth)).collect()
    }

    fn act_of(&mut self, depth: u64) -> Act {
        let key = self.dice.below(6) as u8;
        match self.dice.below(12) {
            0..=5 if depth > 0 => {
                // [X5] All calls of a run ask for the same.
                let mut order = self.order(depth - 1, 1_000);
                order.handler = 60_000;
                Act::Send(order)
            }
            0..3 => Act::Set(key, self.dice.below(100) as u16),
            3..5 => Act::Delete(key),
            5 | 6 => Act::Pay(self.target(), self.dice.below(100)),
            7 => Act::Pay(self.recipient(ChainId(1)), self.dice.below(100)),
            8 => Act::Answer(self.dice.below(200) as u16),
            9 => Act::Fail,
            10 if self.dice.chance(200) => Act::Spin,
            _ => Act::Set(key, 30),
        }
    }
}
