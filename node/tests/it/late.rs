//! A node that joins a network some terms after its beginning.

use std::time::Duration;

use node::devnet::{DevnetFiles, Validators, Watch, assemble};
use node::exit::Exit;
use node::services::chain::Head;
use node::services::node::{Opened, Plan};
use p2p::LaneLimits;
use tokio::sync::watch;
use types::ChainId;

const CHAIN: ChainId = ChainId(1);
/// Three terms of thirty root heights, and catching up.
const PATIENCE: Duration = Duration::from_secs(120);

async fn until(what: &str, head: &watch::Receiver<Head>, seen: impl Fn(&Head) -> bool) {
    let mut head = head.clone();
    let waited = tokio::time::timeout(PATIENCE, head.wait_for(|head| seen(head))).await;
    let shown = waited.map(|seen| seen.is_ok());
    assert_eq!(shown.ok(), Some(true), "{what}");
}

/// Terms that ended before it joined are known from the root blocks that tell of them, and these
/// are not told faster than the chain can follow.
#[test]
fn a_node_that_joins_late_catches_up_over_the_terms_that_it_missed() {
    let folder = tempfile::tempdir().unwrap();
    let played = node::runtime::run(async {
        let files = DevnetFiles::for_rehearsal(folder.path(), 4, 1)?;
        let assembled = assemble(&files)?;
        let secrets = &files.secrets;
        let watch = Watch::default();
        let net = Validators::start(&assembled, secrets, folder.path(), watch).await?;
        let shown = net.nodes()[0].heads[&CHAIN].clone();
        let of_term = |head: &Head| head.block.header().epoch >= 3;
        until("the fourth term begins", &shown, of_term).await;
        let height = shown.borrow().block.header().height;

        let plan = Plan {
            follow: assembled.chains().collect(),
            ..Plan::watching(folder.path().join("late"), [9; 32])
        };
        let id = p2p::NodeId::from_seed(&[0x55; 32]);
        let limits = LaneLimits::default();
        let network = net.hub.join(id, *assembled.id().as_bytes(), limits);
        let opened = Opened::new(plan, &assembled).unwrap();
        let late = opened.start(&assembled, network, net.clock).await.unwrap();
        let there = |head: &Head| head.block.header().height >= height;
        until("the newcomer is there", &late.heads[&CHAIN], there).await;
        late.stop().await;
        net.stop().await;
        Ok(Exit::Done)
    });
    assert_eq!(played.unwrap(), Exit::Done);
}
