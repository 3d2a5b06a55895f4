//! Names and values in traces, from how the code of accounts describes itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use types::AccountId;

use super::view::{LogView, RunEntry, RunView, Trace, TraceNode, ViewAnswer};
use crate::abi::{Abi, Kind, Method, Role};

/// Where descriptions come from: that of an account's code now, if it has one.
pub type AbiOf<'a> = &'a dyn Fn(&AccountId) -> Option<Abi>;

/// Adds handlers' names, arguments, answers and values of logs to a trace, wherever the code of
/// the account describes them.
pub fn explain(trace: &mut Trace, network: &str, abi_of: AbiOf<'_>) {
    let mut explainer = Explainer {
        network,
        abi_of,
        known: BTreeMap::new(),
    };
    explainer.node(&mut trace.root);
}

/// The same for the logs of a view.
pub fn explain_view(answer: &mut ViewAnswer, network: &str, abi: &Abi) {
    explain_logs(&mut answer.logs, network, abi);
}

struct Explainer<'a> {
    network: &'a str,
    abi_of: AbiOf<'a>,
    known: BTreeMap<AccountId, Option<Arc<Abi>>>,
}

impl Explainer<'_> {
    fn node(&mut self, node: &mut TraceNode) {
        if let Some(run) = &mut node.run {
            let account = node.to.0.account;
            let of = self.abi_of;
            let known = self.known.entry(account);
            if let Some(abi) = known.or_insert_with(|| of(&account).map(Arc::new)) {
                explain_run(run, self.network, abi);
            }
        }
        for child in &mut node.children {
            self.node(child);
        }
    }
}

fn explain_run(run: &mut RunView, network: &str, abi: &Abi) {
    explain_logs(&mut run.logs, network, abi);
    let method = match run.entry {
        RunEntry::Init => abi.init(),
        RunEntry::Message => abi.method(Role::Message, &run.method),
        RunEntry::Reply => abi.handler(Role::Reply, &run.method),
        RunEntry::Bounce => abi.handler(Role::Bounce, &run.method),
        RunEntry::Timeout => abi.handler(Role::Timeout, &run.method),
    };
    let Some(method) = method else { return };
    if run.entry != RunEntry::Message {
        run.handler = Some(method.name.clone());
    }
    run.args = hex::decode(&run.input)
        .ok()
        .and_then(|input| args(run.entry, method, &input, network, abi));
    if run.entry == RunEntry::Message {
        run.returned = hex::decode(&run.answer)
            .ok()
            .and_then(|answer| abi.decode(&method.returns, &answer, network).ok())
            .filter(|value| !value.is_nothing())
            .map(|value| value.json());
    }
}

/// The arguments that came with the message; what a handler remembered did not.
fn args(entry: RunEntry, method: &Method, input: &[u8], network: &str, abi: &Abi) -> Option<Value> {
    let came = match entry {
        RunEntry::Init | RunEntry::Message => method.args.len(),
        RunEntry::Reply => method.args.len().min(1),
        RunEntry::Bounce | RunEntry::Timeout => return None,
    };
    let args = method.args.get(..came).filter(|args| !args.is_empty())?;
    let kinds = args.iter().map(|(_, kind)| kind);
    let values = abi.decode_all(kinds, input, network).ok()?;
    let names = args.iter().map(|(name, _)| name.clone());
    Some(names.zip(values.iter().map(|value| value.json())).collect())
}

/// A topic that ends with types in brackets tells what the data is.
fn explain_logs(logs: &mut [LogView], network: &str, abi: &Abi) {
    for log in logs {
        let kinds = log.topic.find('(').and_then(|at| log.topic.get(at..));
        let Some(Ok(Kind::Tuple(kinds))) = kinds.map(str::parse) else {
            continue;
        };
        let data = hex::decode(&log.data).unwrap_or_default();
        if let Ok(values) = abi.decode_all(&kinds, &data, network) {
            log.values = Some(json!(
                values.iter().map(|value| value.json()).collect::<Vec<_>>()
            ));
        }
    }
}

#[cfg(test)]
mod tests;
