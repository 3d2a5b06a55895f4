//! What a devnet tells people and scripts.

use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use super::DevnetFiles;
use crate::cli::Output;
use crate::gateway::Gateway;
use crate::rpc::view::Event;

/// Says that the network runs, where, and with which accounts.
pub(super) fn ready(output: &Output, files: &DevnetFiles, gateway: &Gateway) {
    let simulated = gateway.backend.network().simulated;
    announce(output, files, gateway.addr, &simulated);
}

/// The same when the gateway is another process.
pub(super) fn announce(
    output: &Output,
    files: &DevnetFiles,
    addr: std::net::SocketAddr,
    simulated: &[String],
) {
    let accounts: Vec<_> = files.secrets.accounts.iter().collect();
    let balance = |id| {
        let entry = files.spec.accounts.iter().find(|entry| entry.id == id);
        entry.map_or(types::Amount::ZERO, |entry| entry.balance)
    };
    let value = json!({
        "ready": true,
        "rpc": format!("http://{addr}"),
        "ws": format!("ws://{addr}"),
        "genesis": files.genesis(),
        "simulated": simulated,
        "accounts": accounts.iter().map(|account| json!({
            "chain": account.chain,
            "address": files.address(account).to_string(),
            "key_file": files.key_file(account),
            "password_file": files.password(),
            "balance": balance(account.id).to_string(),
        })).collect::<Vec<_>>(),
    });
    output.result(&value, || text(files, addr, simulated));
}

fn text(files: &DevnetFiles, addr: std::net::SocketAddr, simulated: &[String]) -> String {
    let chains = files.spec.chains.len() - 1;
    let validators = files
        .spec
        .chains
        .first()
        .map_or(0, |chain| chain.members.len());
    let mut text = format!(
        "devnet: a root chain and {chains} transaction chains, {validators} validators each\n\
         RPC      http://{addr}  (WebSocket: ws://{addr})\n\
         genesis  {}\n\nfunded accounts (password file: {})\n",
        files.genesis().display(),
        files.password().display(),
    );
    for account in &files.secrets.accounts {
        let (address, key) = (files.address(account), files.key_file(account));
        text += &format!(
            "  chain {}  {address}\n           {}\n",
            account.chain,
            key.display()
        );
    }
    text += "\nsimulated here\n";
    for what in simulated {
        text += &format!("  {what}\n");
    }
    text + &example(files, addr) + "\nCtrl-C stops it; the same --data-dir goes on from there.\n"
}

/// A first command to try: from an account of chain 1 to one of chain 2, or of the root.
fn example(files: &DevnetFiles, addr: std::net::SocketAddr) -> String {
    let accounts = &files.secrets.accounts;
    let on = |chain: u32| accounts.iter().find(|account| account.chain.0 == chain);
    let (Some(from), Some(to)) = (on(1), on(2).or_else(|| on(0))) else {
        return String::new();
    };
    format!(
        "\ntry\n  thinkey wallet send --rpc http://{addr} --key {} \\\n    \
         --password-file {} \\\n    \
         --to {} --amount 1000 --wait settled\n",
        files.key_file(from).display(),
        files.password().display(),
        files.address(to),
    )
}

/// Prints a line per event for scripts; ends only with the network.
pub(crate) async fn follow(output: &Output, gateway: &Gateway) {
    let mut events = gateway.backend.events();
    loop {
        let line = match events.recv().await {
            Ok(Event::Head(head)) => json!({"event": "head", "head": head}),
            Ok(Event::Anchor(anchor)) => json!({"event": "anchor", "anchor": anchor}),
            Ok(Event::Trace(id)) => json!({"event": "trace", "id": id}),
            Err(RecvError::Lagged(missed)) => json!({"event": "missed", "count": missed}),
            Err(RecvError::Closed) => return,
        };
        output.json_line(&line);
    }
}
