//! Where actors and tasks run, how logs are written, and what stops a process.

use std::future::Future;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::exit::{Exit, Failure};

/// Runs something inside an actix system on a tokio runtime of a few threads.
///
/// # Errors
/// Whatever it returns.
pub fn run(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let system = actix::System::with_tokio_rt(|| {
        let built = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        match built {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("thinkey: the system has no threads to give: {error}");
                std::process::exit(Exit::Failed as i32)
            }
        }
    });
    system.block_on(work)
}

/// What is logged when `RUST_LOG` does not say: warnings and worse. That several nodes hold and
/// publish the same certificate is normal, though gossipsub warns of it.
const LOGGED: &str = "warn,libp2p_gossipsub=error";

/// Logs go to standard error, warnings and worse unless `RUST_LOG` says more; lines are JSON
/// when `THINKEY_LOG=json`.
pub fn init_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let json = std::env::var("THINKEY_LOG").is_ok_and(|format| format == "json");
    // A second call, as in tests, changes nothing.
    let _ = if json {
        logs.json().try_init()
    } else {
        logs.try_init()
    };
}

/// Waits until Ctrl-C, a polite kill, or until `work` ends.
pub async fn until_stopped(work: impl Future<Output = ()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = work => {}
    }
}
