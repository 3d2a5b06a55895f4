//! The host functions, the same for every engine: bounds, price, then the account model.
//!
//! Arguments and results are raw 64-bit values; an `i32` is zero-extended.

mod account;
mod hashes;
mod outputs;
mod storage;

use crate::abi::HostCall;
use crate::schedule::{GasSchedule, Price};
use crate::scope::Scope;
use crate::{Entry, Trap};

/// Calls a host function.
///
/// # Errors
/// The trap that ends the run.
pub(crate) fn call(
    call: HostCall,
    schedule: &GasSchedule,
    arguments: &[u64],
    scope: &mut Scope<'_, '_>,
) -> Result<u64, Trap> {
    if scope.run.entry == Entry::View && !call.import().in_views {
        return Err(Trap::ReadOnly);
    }
    let price = schedule.call(call);
    scope.charge(price.fixed())?;
    let mut argument = [0; 9];
    argument
        .iter_mut()
        .zip(arguments)
        .for_each(|(to, from)| *to = *from);
    let mut work = Work { price, scope };
    work.call(call, argument)
}

/// A call under way.
struct Work<'w, 'a, 'h> {
    price: Price,
    scope: &'w mut Scope<'a, 'h>,
}

impl Work<'_, '_, '_> {
    /// Takes the price of so many bytes.
    fn bytes(&mut self, count: u64) -> Result<(), Trap> {
        self.scope.charge(self.price.bytes(count))
    }

    fn call(&mut self, call: HostCall, a: [u64; 9]) -> Result<u64, Trap> {
        match call {
            HostCall::OwnId => self.own_id(a[0]),
            HostCall::Chain => Ok(self.facts().chain.0.into()),
            HostCall::Balance => self.balance(a[0]),
            HostCall::Deposit => self.deposit(a[0]),
            HostCall::Height => Ok(self.facts().height),
            HostCall::RootHeight => Ok(self.facts().root_height),
            HostCall::Time => Ok(self.facts().time.0),
            HostCall::Seed => self.seed(a[0]),
            HostCall::Sender => self.sender(a[0]),
            HostCall::Value => self.value(a[0]),
            HostCall::Method => self.method(a[0], a[1]),
            HostCall::InputLength => Ok(self.scope.run.host.input().len() as u64),
            HostCall::Input => self.input(a[0], a[1], a[2]),
            HostCall::GasLeft => Ok(self.scope.gas),
            HostCall::Trace => self.trace(a[0]),
            HostCall::About => self.about(a[0]),
            HostCall::Failure => Ok(self.failure()),
            HostCall::Get => self.get((a[0], a[1]), (a[2], a[3])),
            HostCall::Put => self.put((a[0], a[1]), (a[2], a[3])),
            HostCall::Delete => self.delete((a[0], a[1])),
            HostCall::Next => self.next((a[0], a[1]), (a[2], a[3]), a[4]),
            HostCall::Send => self.send(a),
            HostCall::Create => self.create(a),
            HostCall::OutputId => self.output_id(a[0], a[1]),
            HostCall::Remember => self.remember(a[0], (a[1], a[2])),
            HostCall::Remembered => self.remembered(a[0], a[1]),
            HostCall::Become => self.become_code(a[0]),
            HostCall::DropCode => self.drop_code(a[0]),
            HostCall::Reply => self.reply(a[0], a[1]),
            HostCall::Emit => self.emit((a[0], a[1]), (a[2], a[3])),
            HostCall::Sha3 => self.sha3(a[0], a[1], a[2]),
            HostCall::Sha2 => self.sha2(a[0], a[1], a[2]),
            HostCall::Ed25519 => self.ed25519(a[0], a[1], (a[2], a[3])),
            HostCall::Bls => self.bls(a[0], a[1], (a[2], a[3])),
            HostCall::Abort => self.abort(a[0], a[1]),
        }
    }
}
