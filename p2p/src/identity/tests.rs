use super::*;

#[test]
fn a_node_id_and_its_peer_id_are_the_same_thing() {
    for byte in 0..32 {
        let seed = [byte; 32];
        let node = NodeId::from_seed(&seed);
        let peer = node.peer_id().expect("a key");
        assert_eq!(peer, keypair(&seed).public().to_peer_id());
        assert_eq!(NodeId::from_peer_id(&peer), Some(node));
    }
}

/// RFC 8032, section 7.1, test 1.
#[test]
fn the_public_key_is_that_of_rfc_8032() {
    let seed = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c,
        0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
        0x7f, 0x60,
    ];
    let shown = NodeId::from_seed(&seed).to_string();
    assert_eq!(
        shown,
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    );
}

#[test]
fn a_name_that_is_no_ed25519_key_has_no_node() {
    assert_eq!(NodeId::from_peer_id(&PeerId::random()), None);
}
