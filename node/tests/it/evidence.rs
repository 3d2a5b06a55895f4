//! Evidence over RPC, and what a node keeps that catches a liar.

use std::time::Duration;

use consensus::{Evidence, Message};
use crypto::{Hash, bls};
use node::client::ClientError;
use node::devnet::{DevnetFiles, Validators, Watch, assemble};
use node::evidence::{EVIDENCE_BYTES, EvidenceFile, FOLDER, encode};
use node::exit::Exit;
use node::rpc::view::ConvictionView;
use node::rpc::{Reason, RpcError};
use node::services::chain::Head;
use p2p::{LaneLimits, Topic, TopicKind};
use root_chain::staking::staker;
use serde_json::{Value, json};
use tokio::sync::watch;
use types::{BlockHash, ChainId, Epoch, NetworkId, Round, Statement, Vote, VoteKind};

use crate::fake;
use crate::rpc::{config, start};

const CHAIN: ChainId = ChainId(1);
/// A member of chain 1's first committee.
const LIAR: u16 = 3;
const PATIENCE: Duration = Duration::from_secs(90);

/// What a member of chain 1 says of a block.
fn vote(
    network: NetworkId,
    (epoch, round): (Epoch, Round),
    block: u8,
    (member, key): (u16, &bls::SecretKey),
) -> Vote {
    let statement = Statement {
        network,
        chain: CHAIN,
        epoch,
        round,
        kind: VoteKind::Prepare,
        value: Some(BlockHash(Hash::new([block; 32]))),
    };
    Vote::sign(&statement, member, key)
}

/// The consensus key of a member of chain 1 in the fake's network.
fn key(member: u16) -> bls::SecretKey {
    let mut validators = fake::ROOT.1.validators.iter();
    let found = validators.find(|validator| (validator.chain, validator.member) == (CHAIN, member));
    found.unwrap().bls_key()
}

/// Two blocks, said by a member of the fake's network in a term.
pub(crate) fn lie(member: u16, epoch: Epoch, blocks: [u8; 2]) -> Evidence {
    let key = key(member);
    let [first, second] =
        blocks.map(|block| vote(fake::NETWORK, (epoch, 7), block, (member, &key)));
    Evidence::Votes { first, second }
}

fn params(evidence: &Evidence) -> Value {
    json!({ "network": fake::NETWORK, "evidence": encode(evidence) })
}

#[tokio::test]
async fn evidence_is_judged_by_the_roots_rules_and_handed_in_when_it_convicts() {
    let (_server, client, fake) = start(config()).await;
    let good = lie(1, 0, [1, 2]);
    let answer = client.call("evidence_report", params(&good)).await;
    let conviction: ConvictionView = answer.unwrap();
    let owner = |at: usize| Some(fake::address(fake::ROOT.1.validators[at].owner_id()));
    assert_eq!(conviction.convicts.len(), 1);
    assert_eq!(conviction.convicts[0].member, 1);
    assert_eq!(conviction.convicts[0].staker, owner(5));
    assert_eq!(conviction.reporter, owner(0));
    assert_eq!(*fake.reported.lock().unwrap(), [good]);
}

#[tokio::test]
async fn evidence_that_convicts_nobody_is_refused_with_the_reason_and_handed_to_nobody() {
    let (_server, client, fake) = start(config()).await;
    let good = lie(1, 0, [1, 2]);
    let of_another = {
        let Evidence::Votes { first, mut second } = good.clone() else {
            unreachable!()
        };
        second.member = 2;
        let first = Vote { member: 2, ..first };
        Evidence::Votes { first, second }
    };
    let with = |field: &str, value: Value| {
        let mut params = params(&good);
        params[field] = value;
        params
    };
    let hex = encode(&good);
    let long = "00".repeat(EVIDENCE_BYTES + 1);
    let table = [
        (params(&lie(1, 9, [1, 2])), Reason::UnknownTerm),
        (params(&lie(1, 0, [1, 1])), Reason::ProvesNothing),
        (params(&of_another), Reason::ProvesNothing),
        (with("network", json!(Hash::ZERO)), Reason::WrongNetwork),
        (with("evidence", json!("zz")), Reason::InvalidParams),
        (with("evidence", json!(long)), Reason::InvalidParams),
        (
            with("evidence", json!(format!("{hex}00"))),
            Reason::InvalidParams,
        ),
        (
            with("evidence", json!(hex[..hex.len() - 2])),
            Reason::InvalidParams,
        ),
    ];
    for (params, expected) in table {
        let answer = client.call::<Value>("evidence_report", params).await;
        match answer {
            Err(ClientError::Refused(RpcError { reason, .. })) => assert_eq!(reason, expected),
            other => panic!("{expected:?}: {other:?}"),
        }
    }
    assert!(fake.reported.lock().unwrap().is_empty());
}

async fn until(what: &str, head: &watch::Receiver<Head>, seen: impl Fn(&Head) -> bool) {
    let mut head = head.clone();
    let waited = tokio::time::timeout(PATIENCE, head.wait_for(|head| seen(head))).await;
    let shown = waited.map(|seen| seen.is_ok());
    assert_eq!(shown.ok(), Some(true), "{what}");
}

/// Sends a vote to one node.
fn tell(from: &p2p::Network, to: p2p::NodeId, vote: Vote) {
    let topic = Topic {
        chain: CHAIN.0,
        kind: TopicKind::Consensus,
    };
    let bytes = borsh::to_vec(&Message::Vote(vote)).unwrap();
    from.handle().try_direct(to, topic, bytes.into()).unwrap();
}

/// The liar's place in the network is taken by one that speaks with its key and says two things.
#[test]
fn a_node_that_catches_a_liar_keeps_the_evidence_and_its_staker_is_paid() {
    let folder = tempfile::tempdir().unwrap();
    let played = node::runtime::run(async {
        let mut files = DevnetFiles::for_rehearsal(folder.path(), 4, 1)?;
        let assembled = assemble(&files)?;
        let validators = &mut files.secrets.validators;
        let is_liar = |v: &genesis::ValidatorSecret| (v.chain, v.member) == (CHAIN, LIAR);
        let at = validators.iter().position(is_liar).unwrap();
        let liar = validators.remove(at);
        let witness = validators.iter().position(|v| v.chain == CHAIN).unwrap();
        let reporter = validators[witness].owner_id();
        let to = p2p::NodeId(*validators[witness].node_id().0.as_bytes());
        let watch = Watch::default();
        let net = Validators::start(&assembled, &files.secrets, folder.path(), watch).await?;
        let heads = &net.nodes()[witness].heads;
        let (root, chain) = (&heads[&ChainId::ROOT], &heads[&CHAIN]);
        let stake = |head: &Head, id| staker(&head.block.state, &id).unwrap();
        let before = stake(&root.borrow(), liar.owner_id()).stake;

        let id = p2p::NodeId(*liar.node_id().0.as_bytes());
        let network = *assembled.id().as_bytes();
        let place = net.hub.join(id, network, LaneLimits::default());
        let at = {
            let head = chain.borrow();
            (head.block.header().epoch, head.block.header().round + 2)
        };
        let votes = [1, 2].map(|block| vote(assembled.id(), at, block, (LIAR, &liar.bls_key())));
        votes.into_iter().for_each(|vote| tell(&place, to, vote));
        let convicted = |head: &Head| stake(head, liar.owner_id()).tombstoned;
        until("the liar is convicted", root, convicted).await;
        let after = root.borrow().clone();
        let taken = before.0 - stake(&after, liar.owner_id()).stake.0;
        assert_eq!(taken, before.0 / 4 * 3, "of four seats one is guilty");
        // A twentieth, long before the first term's own rewards.
        assert_eq!(stake(&after, reporter).rewards.0, taken / 20);

        let name = files.secrets.validators[witness].node;
        let kept = folder.path().join(format!("nodes/{name}")).join(FOLDER);
        let kept: Vec<_> = std::fs::read_dir(kept).unwrap().collect();
        assert_eq!(kept.len(), 1);
        let file = EvidenceFile::read(&kept[0].as_ref().unwrap().path()).unwrap();
        assert_eq!(file.network, assembled.id());
        assert!(file.evidence.accused().into_iter().eq([LIAR]));
        net.stop().await;
        Ok(Exit::Done)
    });
    assert_eq!(played.unwrap(), Exit::Done);
}
