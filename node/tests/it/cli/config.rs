//! `thinkey config check`, and what a node with a staker refuses to start with.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use genesis::{ChainSpec, Secrets};
use node::config::{NodeConfig, Prepared};
use node::keystore::{Cost, Password, SecretFile, SecretKind};
use node::services::clock::Clock;
use node::services::node::Opened;
use node::single;
use p2p::{LaneLimits, MemoryHub};
use serde_json::Value;
use types::Address;

use super::{Place, Ran};

/// A network with terms, and a validator's files in `val`.
struct Staker {
    place: Place,
    spec: ChainSpec,
    secrets: Secrets,
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl Staker {
    fn new() -> Self {
        let place = Place::new();
        let (spec, secrets) = genesis::devnet_with_terms(4, 1, [7; 32]);
        spec.save(&place.path("genesis.toml")).unwrap();
        std::fs::create_dir(place.path("val")).unwrap();
        write(&place.path("val/password"), "swordfish\n");
        let this = Self {
            place,
            spec,
            secrets,
        };
        let own = &this.secrets.validators[4];
        let seed = |name: &str, seed: [u8; 32]| {
            write(&this.place.path(&format!("val/{name}")), &hex::encode(seed));
        };
        seed("node.seed", own.node_seed);
        seed("key.seed", own.bls_seed);
        this.seal(SecretKind::Stake, own.stake_seed, "stake.json");
        this.seal(SecretKind::Ratchet, own.duty_seed, "ratchet.json");
        this.config("");
        this
    }

    fn seal(&self, kind: SecretKind, seed: [u8; 32], name: &str) {
        let password = Password::new("swordfish".to_owned());
        let sealed = SecretFile::seal(kind, &seed, &password, Cost::DEVNET).unwrap();
        sealed
            .write_new(&self.place.path(&format!("val/{name}")))
            .unwrap();
    }

    fn address(&self, network: &str) -> String {
        let owner = self.secrets.validators[4].owner_id();
        Address::new(network, owner).to_string()
    }

    /// Writes `node.toml`, with more lines in the staker's section.
    fn config(&self, more: &str) {
        self.write_config(&self.address(&self.spec.name), "val/stake.json", more);
    }

    fn write_config(&self, account: &str, stake: &str, more: &str) {
        let text = format!(
            "genesis = \"genesis.toml\"\ndata_dir = \"data\"\nnode_seed = \"val/node.seed\"\n\
             listen = []\n[[seats]]\nchain = 1\nkey_seed = \"val/key.seed\"\n\
             [staker]\naccount = \"{account}\"\nstake = \"{stake}\"\n\
             ratchet = \"val/ratchet.json\"\npassword_file = \"val/password\"\n{more}"
        );
        std::fs::write(self.place.path("node.toml"), text).unwrap();
    }

    fn check(&self) -> Ran {
        self.place.run("config check node.toml --json")
    }

    #[track_caller]
    fn mistake(&self, reason: &str, words: &str) {
        let ran = self.check();
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let said = ran.json();
        let mistakes = said["mistakes"].as_array().unwrap();
        let found = mistakes.iter().any(|mistake| {
            let message = mistake["message"].as_str().unwrap();
            mistake["reason"] == reason && message.contains(words)
        });
        assert!(found, "{reason}, {words}: {said}");
    }

    /// Starts the node, says what hinders it, and stops it again.
    fn start(&self) -> Result<(), String> {
        let config = NodeConfig::load(&self.place.path("node.toml")).unwrap();
        let said = |wrong: Vec<node::exit::Failure>| wrong[0].message.clone();
        let prepared = Prepared::of(&config).map_err(said)?;
        let hub = MemoryHub::default();
        let id = p2p::NodeId(*prepared.node.0.as_bytes());
        let network = hub.join(
            id,
            *prepared.assembled.id().as_bytes(),
            LaneLimits::default(),
        );
        let mut ended = Ok(());
        let running = node::runtime::run(async {
            match single::start(prepared, None, network, Clock::new()).await {
                Ok(node) => node.stop().await,
                Err(failure) => ended = Err(failure.message),
            }
            Ok(node::exit::Exit::Done)
        });
        running.unwrap();
        ended
    }
}

#[test]
fn a_good_configuration_says_what_the_node_would_be() {
    let staker = Staker::new();
    let ran = staker.check();
    ran.done();
    let said = ran.json();
    assert_eq!(said["good"], true, "{said}");
    assert_eq!(said["staker"], staker.address("devnet"), "{said}");
    let node = staker.secrets.validators[4].node_id();
    assert_eq!(said["node"], node.to_string(), "{said}");
    assert_eq!(said["follow"], Value::from(vec![0, 1]), "{said}");
    let told = staker.place.run("config check node.toml");
    told.done();
    assert!(told.out.contains("does the duties of"), "{}", told.out);
    assert!(!staker.place.path("data").exists(), "nothing is written");
}

#[test]
fn each_mistake_is_explained_and_all_of_them_at_once() {
    let staker = Staker::new();
    let place = &staker.place;
    staker.config("colour = \"red\"\n");
    staker.check().failed(1, "unknown field `colour`");
    let here = staker.address("devnet");
    staker.write_config(&staker.address("elsewhere"), "val/stake.json", "");
    staker.mistake("config", "is no address of network");
    staker.write_config(&here, "val/ratchet.json", "");
    staker.mistake(
        "config",
        "holds the secret of later keys, not the stake key",
    );
    staker.write_config(&here, "val/none.json", "");
    staker.mistake("file", "none.json");
    staker.config("");
    write(&place.path("val/password"), "guess\n");
    staker.mistake("wrong_password", "stake.json");
    for file in [
        "password",
        "stake.json",
        "ratchet.json",
        "node.seed",
        "key.seed",
    ] {
        let path = place.path(&format!("val/{file}"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        staker.mistake("key_readable_by_others", file);
    }
    let all = staker.check().json();
    assert_eq!(all["mistakes"].as_array().unwrap().len(), 5, "{all}");
    // A network whose committees stay has no use for a staker.
    let (fixed, _) = genesis::devnet(4, 1, [7; 32]);
    fixed.save(&place.path("genesis.toml")).unwrap();
    staker.mistake("config", "committees of genesis serve forever");
}

#[test]
fn the_secret_of_later_keys_is_moved_and_a_lost_directory_is_no_fresh_start() {
    let staker = Staker::new();
    let place = &staker.place;
    let ratchet = place.path("val/ratchet.json");
    let backup = std::fs::read(&ratchet).unwrap();
    staker.start().unwrap();
    assert!(!ratchet.exists() && place.path("data/duty/ratchet").exists());
    staker.check().done();
    staker.start().unwrap();
    // Lost: neither the later keys nor the key of genesis start afresh.
    std::fs::rename(place.path("data"), place.path("away")).unwrap();
    staker.mistake("no_ratchet", "keys that were used must not be made again");
    assert!(
        staker
            .start()
            .unwrap_err()
            .contains("must not be made again")
    );
    // A backup of the secret makes no votes come back.
    std::fs::write(&ratchet, backup).unwrap();
    std::fs::set_permissions(&ratchet, std::fs::Permissions::from_mode(0o600)).unwrap();
    let refused = staker.start().unwrap_err();
    assert!(refused.contains("this node will not sign"), "{refused}");
}

#[test]
fn another_secret_beside_the_kept_one_is_refused() {
    let staker = Staker::new();
    staker.start().unwrap();
    staker.seal(SecretKind::Ratchet, [3; 32], "ratchet.json");
    let refused = staker.start().unwrap_err();
    assert!(
        refused.contains("is not the secret of later keys"),
        "{refused}"
    );
    assert!(staker.place.path("val/ratchet.json").exists());
}

#[test]
fn a_chain_folder_that_is_lost_with_its_votes_stops_the_key() {
    let staker = Staker::new();
    staker.start().unwrap();
    std::fs::remove_dir_all(staker.place.path("data/chain-1")).unwrap();
    let refused = staker.start().unwrap_err();
    assert!(refused.contains("this node will not sign"), "{refused}");
}

#[test]
fn two_nodes_on_one_directory_and_readable_kept_secrets_are_refused() {
    let staker = Staker::new();
    let config = NodeConfig::load(&staker.place.path("node.toml")).unwrap();
    let prepared = Prepared::of(&config).map_err(|wrong| wrong[0].message.clone());
    let prepared = prepared.unwrap();
    let held = Opened::new(prepared.plan, &prepared.assembled).map_err(|error| error.to_string());
    let held = held.unwrap();
    let refused = staker.start().unwrap_err();
    assert!(refused.contains("in use by another process"), "{refused}");
    drop(held);
    staker.start().unwrap();
    let kept = staker.place.path("data/duty/ratchet");
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = staker.start().unwrap_err();
    assert!(refused.contains("chmod 600"), "{refused}");
}
