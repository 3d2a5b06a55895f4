//! Which external messages may be included in a block.

use types::{AccountId, Amount, ExternalMessage, Height, Input};

use crate::{Account, Context, gas};

/// Why an external message can't be included now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sender lives on another chain.
    #[error("the sender's account lives on another chain")]
    WrongChain,
    /// The key does not control the sender's account.
    #[error("the key does not control the sender's account")]
    Key,
    /// The nonce was used.
    #[error("the nonce was used already; the next one is {expected}")]
    NonceUsed {
        /// The account's next nonce.
        expected: u64,
    },
    /// Messages with lower nonces are missing.
    #[error("the nonce is too high; the next one is {expected}")]
    NonceAhead {
        /// The account's next nonce.
        expected: u64,
    },
    /// The expiry has passed.
    #[error("the message expired at root height {expiry}")]
    Expired {
        /// The last root height for it.
        expiry: Height,
    },
    /// The gas price is below the chain's least.
    #[error("the gas price is too low; the least is {least}")]
    GasPrice {
        /// The least price.
        least: u64,
    },
    /// The gas limit does not pay for what the message must do.
    #[error("the gas limit is too low; the least for this message is {least}")]
    GasLimit {
        /// The least limit.
        least: u64,
    },
    /// The balance does not cover the prepaid gas.
    #[error("the balance does not cover the gas")]
    Funds,
    /// A key rotation moves no value and names its own account as recipient.
    #[error("a key rotation goes to the sender itself and moves no value")]
    Rotation,
    /// A deploy names another account than the one that it makes.
    #[error("the account to be made is {account}, not the message's recipient")]
    Deploy {
        /// The account that would be made.
        account: AccountId,
    },
    /// The block had no room left.
    #[error("no room left in the block")]
    BlockFull,
}

/// Checks that the message could run next for its sender, whose account is `account`.
///
/// The signature is not looked at.
pub fn admit(account: &Account, message: &ExternalMessage, ctx: &Context) -> Result<(), Refusal> {
    let call = &message.call;
    if !ctx.is_home(&call.from) {
        return Err(Refusal::WrongChain);
    }
    nonce(account.nonce, call.nonce)?;
    if call.expiry < ctx.root_height {
        return Err(Refusal::Expired {
            expiry: call.expiry,
        });
    }
    if call.gas.price < ctx.min_gas_price {
        return Err(Refusal::GasPrice {
            least: ctx.min_gas_price,
        });
    }
    let least = gas::least(call);
    if call.gas.limit < least {
        return Err(Refusal::GasLimit { least });
    }
    if account.balance < call.gas.cost() {
        return Err(Refusal::Funds);
    }
    let rotates = matches!(call.input, Input::RotateKey { .. });
    if rotates && !moves_nothing(&call.from, &call.to, call.value) {
        return Err(Refusal::Rotation);
    }
    if let Input::Deploy(deploy) = &call.input {
        let account = deploy.account(&call.from);
        if account != call.to {
            return Err(Refusal::Deploy { account });
        }
    }
    if !account.is_controlled_by(&call.from, &message.key) {
        return Err(Refusal::Key);
    }
    Ok(())
}

fn moves_nothing(from: &AccountId, to: &AccountId, value: Amount) -> bool {
    from == to && value.is_zero()
}

/// The last nonce is never used, so that the counter can't overflow.
const fn nonce(expected: u64, found: u64) -> Result<(), Refusal> {
    if found < expected {
        Err(Refusal::NonceUsed { expected })
    } else if found > expected || found == u64::MAX {
        Err(Refusal::NonceAhead { expected })
    } else {
        Ok(())
    }
}
