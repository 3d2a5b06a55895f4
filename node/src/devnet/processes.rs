//! `thinkey devnet --processes`: the same network with a process for each node, over libp2p.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{DevnetFiles, report, simulated_stake};
use crate::cli::Output;
use crate::cli::args::DevnetArgs;
use crate::exit::{Exit, Failure};

mod configs;

/// How long a node may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a node may take to stop before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// Gossip finds its neighbours at its heartbeats; what is published before reaches few.
const ACQUAINTANCE: Duration = Duration::from_millis(1_500);

const SIMULATED: &str = "the operators: all keys come from one seed in the data directory";

/// A node that is a process of its own.
struct Process {
    name: String,
    child: Child,
    /// What it prints, a line of JSON at a time.
    lines: Lines<BufReader<ChildStdout>>,
}

/// Starts all processes and waits.
pub(super) async fn run(
    args: &DevnetArgs,
    files: &DevnetFiles,
    output: &Output,
) -> Result<Exit, Failure> {
    let addresses = configs::write_all(args, files)?;
    let mut validators = Vec::new();
    for validator in &files.secrets.validators {
        let name = validator.node.to_string();
        validators.push(start(&files.data_dir, &name).await?.0);
        output.progress(&format!("node {name} of {} runs", addresses.len()));
    }
    let (mut gateway, ready) = start(&files.data_dir, "gateway").await?;
    let addr = address(&ready)?;
    tokio::time::sleep(ACQUAINTANCE).await;
    let simulated = [SIMULATED, simulated_stake(&files.spec)].map(str::to_owned);
    report::announce(output, files, addr, &simulated);
    let mut lost = false;
    let watching = async {
        watch(&mut gateway, &mut validators, output).await;
        lost = true;
    };
    crate::runtime::until_stopped(watching).await;
    output.progress("stopping all processes");
    stop(gateway).await;
    for validator in validators {
        stop(validator).await;
    }
    match lost {
        false => Ok(Exit::Done),
        true => {
            let hint = "see its messages above, then start again with the same --data-dir";
            Err(Failure::new("gateway", "the gateway ended", hint))
        }
    }
}

/// Where the gateway serves.
fn address(ready: &serde_json::Value) -> Result<SocketAddr, Failure> {
    let url = ready
        .get("rpc")
        .and_then(|rpc| rpc.as_str())
        .unwrap_or_default();
    url.trim_start_matches("http://").parse().map_err(|error| {
        let hint = "see the node's messages above";
        Failure::new("gateway", format!("{url}: {error}"), hint)
    })
}

/// Starts one process and waits until it says that it is ready.
async fn start(data_dir: &Path, name: &str) -> Result<(Process, serde_json::Value), Failure> {
    let config = data_dir.join(format!("processes/{name}.toml"));
    let fail = |what: String| Failure::new("process", what, "see the node's messages above");
    let program = std::env::current_exe().map_err(|error| fail(error.to_string()))?;
    let mut child = Command::new(program)
        .args(["--json", "node", "--until-eof", "--config"])
        .arg(&config)
        // A pipe that nobody writes to: it ends with this process, however that ends.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Ctrl-C is for this process, which stops the others in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| fail(format!("node {name}: {error}")))?;
    let lines = child.stdout.take().map(|out| BufReader::new(out).lines());
    let Some(mut lines) = lines else {
        return Err(fail(format!("node {name} has no output")));
    };
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    let line = match first {
        Ok(Ok(Some(line))) => line,
        _ => return Err(fail(format!("node {name} did not start"))),
    };
    let ready = serde_json::from_str(&line).map_err(|error| fail(error.to_string()))?;
    let name = name.to_owned();
    Ok((Process { name, child, lines }, ready))
}

/// Passes the gateway's events on and tells of validators that end; itself ends when the gateway
/// does. A committee bears the loss of less than a third of its validators.
async fn watch(gateway: &mut Process, validators: &mut Vec<Process>, output: &Output) {
    loop {
        tokio::select! {
            line = gateway.lines.next_line() => match line {
                Ok(Some(line)) if output.json => output.raw(&format!("{line}\n")),
                Ok(Some(_)) => {}
                _ => return,
            },
            () = tokio::time::sleep(Duration::from_millis(200)) => validators.retain_mut(|process| {
                let Ok(Some(status)) = process.child.try_wait() else {
                    return true;
                };
                let (node, status) = (&process.name, status.to_string());
                output.progress(&format!("node {node} ended ({status}); the others go on"));
                output.json_line(&json!({"event": "ended", "node": node, "status": status}));
                false
            }),
        }
    }
}

/// Asks politely, then insists.
async fn stop(mut process: Process) {
    if let Some(id) = process.child.id() {
        let asked = Command::new("kill").arg(id.to_string()).status().await;
        let waited = tokio::time::timeout(GRACE, process.child.wait()).await;
        if asked.is_ok() && waited.is_ok() {
            return;
        }
    }
    let _ = process.child.kill().await;
}
