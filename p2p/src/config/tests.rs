use super::*;

fn config() -> NetworkConfig {
    NetworkConfig::new([1; 32], [2; 32])
}

fn addr(text: &str) -> Multiaddr {
    text.parse().expect("an address")
}

#[test]
fn the_defaults_are_valid() {
    assert_eq!(config().validate(), Ok(()));
}

#[test]
fn only_tcp_and_quic_are_listened_on() {
    let cases = [
        ("/ip4/127.0.0.1/tcp/0", true),
        ("/ip6/::/udp/30303/quic-v1", true),
        ("/ip4/127.0.0.1/udp/1", false),
        ("/ip4/127.0.0.1/tcp/1/ws", false),
        ("/memory/5", false),
        ("/dns4/example.org/tcp/1", false),
    ];
    for (text, valid) in cases {
        let listen = vec![addr(text)];
        assert_eq!(
            NetworkConfig { listen, ..config() }.validate().is_ok(),
            valid,
            "{text}"
        );
    }
}

#[test]
fn a_bootstrap_node_must_be_named() {
    let bare = addr("/ip4/10.0.0.1/tcp/1");
    let stranger = bare.clone().with(Part::P2p(PeerId::random()));
    let named = bare
        .clone()
        .with(Part::P2p(config().node_id().peer_id().expect("a key")));
    for (bootstrap, valid) in [(bare, false), (stranger, false), (named, true)] {
        let bootstrap = vec![bootstrap];
        assert_eq!(
            NetworkConfig {
                bootstrap,
                ..config()
            }
            .validate()
            .is_ok(),
            valid
        );
    }
}

#[test]
fn limits_of_nothing_are_refused() {
    let zero = NetworkConfig {
        commands: 0,
        ..config()
    };
    assert_eq!(
        zero.validate(),
        Err(ConfigError::Zero { field: "commands" })
    );
    let lanes = LaneLimits {
        bytes: 10,
        ..LaneLimits::default()
    };
    assert!(NetworkConfig { lanes, ..config() }.validate().is_err());
}

#[test]
fn the_seed_is_not_shown() {
    let shown = format!("{:?}", NetworkConfig::new([0xAB; 32], [0; 32]));
    assert!(
        !shown.contains("171") && !shown.to_lowercase().contains("seed"),
        "{shown}"
    );
}
