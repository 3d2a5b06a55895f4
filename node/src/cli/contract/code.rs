//! What the code of an account, or of a file, says of itself.

use serde_json::json;
use types::Address;

use super::build::read_module;
use super::values::{ValueArgs, wrong};
use crate::abi::{Abi, Method, Role};
use crate::cli::Context;
use crate::exit::Failure;
use crate::rpc::view::{AddressText, CodeView};

/// Code and what it says of itself.
#[derive(Default)]
pub(super) struct Described {
    /// Its methods, if it describes them.
    pub(super) abi: Option<Abi>,
}

impl Described {
    /// The code of an account, as the node tells it.
    pub(super) async fn of_account(
        context: &Context,
        account: &Address,
        values: &ValueArgs,
    ) -> Result<Self, Failure> {
        let seen = read_code(context, account).await?;
        // Accounts of the system answer without code of their own.
        let system = account.account.system_chain().is_some();
        if seen.code.is_none() && !system && !values.unchecked {
            let message = format!("{account} has no code");
            let hint = "`thinkey contract deploy` prints the addresses of accounts with code";
            return Err(Failure::new("no_code", message, hint));
        }
        if let Some(file) = &values.abi {
            return Self::of_module(&read_module(file)?);
        }
        Self::read(seen.abi.as_deref().map(Abi::read).transpose())
    }

    /// The code of a file.
    pub(super) fn of_module(code: &[u8]) -> Result<Self, Failure> {
        Self::read(Abi::of_module(code))
    }

    fn read(abi: Result<Option<Abi>, crate::abi::AbiError>) -> Result<Self, Failure> {
        let abi = abi.map_err(|error| {
            let hint = "name a module that describes it: --abi FILE";
            Failure::new("wrong_abi", error, hint)
        })?;
        Ok(Self { abi })
    }

    /// The method with a role and a name; `None` when the code describes none at all.
    pub(super) fn method(
        &self,
        role: Role,
        name: &str,
        values: &ValueArgs,
    ) -> Result<Option<&Method>, Failure> {
        let Some(abi) = &self.abi else {
            return Ok(None);
        };
        match abi.method(role, name) {
            Some(method) => Ok(Some(method)),
            None if values.unchecked => Ok(None),
            None => Err(no_method(abi, role, name)),
        }
    }
}

fn no_method(abi: &Abi, role: Role, name: &str) -> Failure {
    let message = match role {
        Role::View => format!("{} has no view `{name}`", abi.contract),
        _ => format!("{} has no message `{name}`", abi.contract),
    };
    let other = match role {
        Role::View => (Role::Message, "a message: thinkey contract call"),
        _ => (Role::View, "a view: thinkey contract view"),
    };
    if abi.method(other.0, name).is_some() {
        return wrong(message, format!("it is {}", other.1));
    }
    let known = abi.methods.iter().filter(|method| method.role == role);
    let known: Vec<_> = known.map(Method::signature).collect();
    wrong(message, format!("it has {}", known.join(", ")))
}

/// An account's code, as the node tells it.
pub(super) async fn read_code(context: &Context, account: &Address) -> Result<CodeView, Failure> {
    let params = json!({ "address": AddressText(account.clone()) });
    Ok(context.client.call("account_code", params).await?)
}
