//! A devnet that runs as a process of its own, and what scripts do with it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::{Value, json};

use crate::run::{Ran, run, spawn_with, text, until, wait};

/// A funded account, as the ready line names it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) chain: u64,
    pub(crate) address: String,
    pub(crate) key_file: String,
    pub(crate) password_file: String,
}

/// A running devnet. Dropping it kills it.
pub(crate) struct Devnet {
    folder: PathBuf,
    child: Option<Child>,
    /// The line that says it is ready.
    pub(crate) ready: Value,
    /// Where it serves.
    pub(crate) rpc: String,
    /// Its funded accounts.
    pub(crate) accounts: Vec<Account>,
}

impl Devnet {
    /// Starts a devnet with its data in `net` under `folder` and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(folder: &Path, flags: &[&str]) -> Self {
        Self::start_with(folder, flags, &[])
    }

    /// The same, with variables of its environment.
    #[track_caller]
    pub(crate) fn start_with(folder: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        match Self::spawn(folder, flags, variables) {
            Ok(devnet) => devnet,
            Err(ran) => panic!("no devnet: {ran:?}"),
        }
    }

    /// The same; a devnet that ends instead is handed back.
    pub(crate) fn try_start(folder: &Path, flags: &[&str]) -> Result<Self, Ran> {
        Self::spawn(folder, flags, &[])
    }

    fn spawn(folder: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Result<Self, Ran> {
        let data_dir = folder.join("net").display().to_string();
        let mut words = vec!["devnet", "--json", "--data-dir", &data_dir];
        if !flags.contains(&"--rpc-port") {
            words.extend(["--rpc-port", "0"]);
        }
        words.extend(flags);
        // Several may run, or try to, on one directory: each prints to files of its own.
        let logs = tempfile::tempdir_in(folder).unwrap().keep();
        let mut child = spawn_with(&logs, "devnet", &words, variables);
        let line = until("the devnet is ready", || {
            if child.try_wait().unwrap().is_some() {
                return Some(None);
            }
            let out = text(&logs, "devnet", "out");
            out.split_once('\n').map(|(line, _)| Some(line.to_owned()))
        });
        let Some(line) = line else {
            return Err(wait(child, &logs, "devnet").calm());
        };
        let ready: Value = serde_json::from_str(&line).unwrap();
        let word = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        let accounts = ready["accounts"].as_array().unwrap().iter();
        let accounts = accounts.map(|account| Account {
            chain: account["chain"].as_u64().unwrap(),
            address: word(account, "address"),
            key_file: word(account, "key_file"),
            password_file: word(account, "password_file"),
        });
        Ok(Self {
            accounts: accounts.collect(),
            rpc: word(&ready, "rpc"),
            folder: logs,
            child: Some(child),
            ready,
        })
    }

    /// The `at`-th funded account of a chain.
    pub(crate) fn account(&self, chain: u64, at: usize) -> Account {
        let mut of_chain = self
            .accounts
            .iter()
            .filter(|account| account.chain == chain);
        of_chain.nth(at).unwrap().clone()
    }

    /// Runs a client command against it.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        let mut all = vec!["--json", "--rpc", &self.rpc];
        all.extend(words);
        run(&all).calm()
    }

    /// Sends value, with more words of the command line.
    pub(crate) fn send(&self, from: &Account, to: &str, amount: u64, more: &[&str]) -> Ran {
        let amount = amount.to_string();
        let mut words = vec!["wallet", "send", "--key", &from.key_file, "--to", to];
        words.extend(["--amount", &amount]);
        if !more.contains(&"--password-file") {
            words.extend(["--password-file", &from.password_file]);
        }
        words.extend(more);
        self.run(&words)
    }

    /// Sends value to an account of another chain, waits until it is settled, returns the id.
    #[track_caller]
    pub(crate) fn settle(&self, from: &Account, to: &Account) -> String {
        let ran = self.send(from, &to.address, 1_000, &["--wait", "settled"]);
        let sent = ran.done().json();
        assert_eq!(sent["status"], "settled", "{sent}");
        sent["id"].as_str().unwrap().to_owned()
    }

    /// An account as the node shows it.
    #[track_caller]
    pub(crate) fn read(&self, address: &str) -> Value {
        self.run(&["wallet", "balance", address]).done().json()
    }

    /// An account's balance.
    #[track_caller]
    pub(crate) fn balance(&self, account: &Account) -> u128 {
        number(&self.read(&account.address)["balance"])
    }

    /// The committed height of every chain.
    #[track_caller]
    pub(crate) fn heights(&self) -> Vec<u128> {
        let chains = self.run(&["chain", "list"]).done().json();
        let chains = chains.as_array().unwrap().iter();
        chains.map(|chain| number(&chain["committed"])).collect()
    }

    /// The network's id.
    pub(crate) fn id(&self) -> String {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "root_network", "params": []});
        let body = body.to_string();
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = self.raw(request.as_bytes());
        let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
        let answer: Value = serde_json::from_str(answer).unwrap();
        answer["result"]["id"].as_str().unwrap().to_owned()
    }

    /// What all nodes of this process have burned as fees, as the gateway sees it.
    pub(crate) fn burned(&self) -> u128 {
        let request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        let answer = self.raw(request.as_bytes());
        let lines = answer
            .lines()
            .filter(|line| line.starts_with("thinkey_burned{"));
        let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u128>().ok());
        values.sum()
    }

    /// Sends bytes to its port and reads what comes back, to the end.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.rpc.trim_start_matches("http://")).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut answer = Vec::new();
        // It may hang up before it has read everything.
        let _ = stream.write_all(bytes);
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// What it has printed on standard error so far.
    pub(crate) fn err(&self) -> String {
        text(&self.folder, "devnet", "err")
    }

    /// What it has printed on standard output so far.
    pub(crate) fn out(&self) -> String {
        text(&self.folder, "devnet", "out")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Ctrl-C.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        signal("INT", self.pid());
        let child = self.child.take().unwrap();
        wait(child, &self.folder, "devnet").done();
    }

    /// `kill -9`; returns what it had printed on standard error.
    pub(crate) fn kill(mut self) -> String {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.err()
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            if std::thread::panicking() {
                eprintln!("the devnet said: {}", self.err());
            }
        }
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// A number that is text in JSON.
#[track_caller]
pub(crate) fn number(value: &Value) -> u128 {
    value
        .as_str()
        .unwrap_or_default()
        .parse()
        .unwrap_or_else(|_| panic!("{value}"))
}
