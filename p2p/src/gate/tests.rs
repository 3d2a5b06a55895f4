use super::*;

fn addr(ip: &str) -> Multiaddr {
    let kind = if ip.contains(':') { "ip6" } else { "ip4" };
    format!("/{kind}/{ip}/tcp/1").parse().expect("an address")
}

/// Four from an address, two into a subnet, fifty inbound: thirteen from a subnet; 24 outbound.
fn gate() -> Gate {
    Gate::new(&ConnectionLimits::default())
}

/// So wide that only addresses and subnets matter.
fn wide() -> Gate {
    let limits = ConnectionLimits {
        outbound: 1000,
        ..ConnectionLimits::default()
    };
    Gate {
        room_in: Room {
            places: 1000,
            ..gate().room_in
        },
        ..Gate::new(&limits)
    }
}

fn connection(number: usize) -> ConnectionId {
    ConnectionId::new_unchecked(number)
}

fn inbound(gate: &mut Gate, number: usize, ip: &str) -> bool {
    gate.admit_inbound(connection(number), &addr(ip)).is_ok()
}

fn established(gate: &mut Gate, number: usize, peer: &PeerId, ip: &str) -> bool {
    let from = addr(ip);
    inbound(gate, number, ip)
        && gate
            .establish_inbound(connection(number), peer, &from)
            .is_ok()
}

fn outbound(gate: &mut Gate, number: usize, ip: &str) -> bool {
    gate.admit_outbound(connection(number), &PeerId::random(), &addr(ip))
        .is_ok()
}

#[test]
fn p3_an_address_gets_four_places() {
    let mut gate = gate();
    for number in 0..4 {
        assert!(inbound(&mut gate, number, "8.8.8.8"));
    }
    assert!(!inbound(&mut gate, 4, "8.8.8.8"));
    assert!(
        !inbound(&mut gate, 4, "::ffff:8.8.8.8"),
        "the same address in disguise"
    );
    assert!(inbound(&mut gate, 5, "8.8.8.9"));
    gate.forget(connection(0));
    assert!(inbound(&mut gate, 6, "8.8.8.8"));
    assert!((10..100).all(|number| inbound(&mut gate, number, "127.0.0.1")));
}

/// Everybody who has one IPv6 address has 2^64 of them.
#[test]
fn p3_the_addresses_of_one_ipv6_machine_are_one() {
    let mut gate = gate();
    let got_in = (0..100)
        .filter(|number| inbound(&mut gate, *number, &format!("2a01:4f8:1:2:{number:x}::1")))
        .count();
    assert_eq!(got_in, 4);
    assert!(inbound(&mut gate, 100, "2a01:4f8:1:3::1"), "a neighbour");
    gate.forget(connection(0));
    assert!(inbound(&mut gate, 101, "2a01:4f8:1:2:ffff::"));
    assert!((200..250).all(|number| inbound(&mut gate, number, "::1")));
}

#[test]
fn p3_a_subnet_gets_a_quarter_of_the_places() {
    let stranger = PeerId::random();
    let let_in = |gate: &mut Gate, ip: &dyn Fn(usize) -> String| {
        (0..200)
            .filter(|number| established(gate, *number, &stranger, &ip(*number)))
            .count()
    };
    assert_eq!(let_in(&mut wide(), &|n| format!("20.1.{n}.1")), 13);
    assert_eq!(let_in(&mut wide(), &|n| format!("2a01:4f8:{n:x}::1")), 13);
    assert_eq!(let_in(&mut wide(), &|n| format!("10.0.{n}.1")), 200);
    let mut gate = wide();
    assert_eq!(let_in(&mut gate, &|n| format!("20.{n}.0.1")), 200);
    assert!(established(&mut gate, 300, &stranger, "20.0.0.2"));
    gate.forget(connection(300));
    let of_subnet = |place: &&Place| place.subnet == Some([4, 20, 0, 0, 0]);
    assert_eq!(gate.inbound.values().filter(of_subnet).count(), 1);
}

/// As many as there are, and they leave the places to the others.
#[test]
fn p3_committee_members_of_one_subnet_all_get_in() {
    let mut gate = gate();
    let (friend, stranger) = (PeerId::random(), PeerId::random());
    gate.privilege([friend].into());
    for number in 0..40 {
        let ip = format!("20.1.{number}.1");
        assert!(established(&mut gate, number, &friend, &ip));
    }
    for number in 40..53 {
        let ip = format!("20.1.{number}.1");
        assert!(established(&mut gate, number, &stranger, &ip));
    }
    assert!(!established(&mut gate, 53, &stranger, "20.1.53.1"));
    assert!(established(&mut gate, 54, &friend, "20.1.54.1"));
}

/// Twenty false nodes for each honest one, from 24 subnets: they get two places in each at most.
#[test]
fn p4_a_subnet_gets_two_places() {
    let mut gate = wide();
    let reached = (0..480).filter(|number| {
        outbound(
            &mut gate,
            *number,
            &format!("20.{}.0.{}", number % 24, number / 24),
        )
    });
    assert_eq!(reached.count(), 48);
    assert!(outbound(&mut gate, 500, "21.0.0.1"));
    assert!(
        (600..650).all(|number| outbound(&mut gate, number, "172.18.0.5")),
        "private"
    );
}

#[test]
fn p4_a_privileged_peer_is_reached_wherever_it_is() {
    let mut gate = gate();
    let friend = PeerId::random();
    gate.privilege([friend].into());
    assert!(outbound(&mut gate, 1, "20.0.0.1") && outbound(&mut gate, 2, "20.0.0.2"));
    assert!(!outbound(&mut gate, 3, "20.0.0.3"));
    assert_eq!(
        gate.admit_outbound(connection(4), &friend, &addr("20.0.0.4")),
        Ok(())
    );
}

/// A committee of sixty: strangers have all their places nevertheless, and no more of them.
#[test]
fn p9_privileged_peers_take_nobodys_place() {
    let mut gate = gate();
    let friends: Vec<_> = (0..60).map(|_| PeerId::random()).collect();
    let stranger = PeerId::random();
    gate.privilege(friends.iter().copied().collect());
    for (number, friend) in friends.iter().enumerate() {
        let to = addr(&format!("20.1.{number}.2"));
        assert!(established(&mut gate, number, friend, "20.1.0.1"));
        let out = connection(1000 + number);
        assert_eq!(gate.admit_outbound(out, friend, &to), Ok(()));
    }
    let came = (100..200).filter(|n| established(&mut gate, *n, &stranger, &format!("20.{n}.0.1")));
    assert_eq!(came.count(), 50);
    assert!(
        outbound(&mut gate, 1100, "20.1.0.1"),
        "their subnet is free"
    );
    let reached = (1101..1200).filter(|n| outbound(&mut gate, *n, &format!("20.{}.0.1", n - 1000)));
    assert_eq!(reached.count(), 23);
    gate.forget(connection(100));
    assert!(established(&mut gate, 201, &stranger, "20.1.0.1"));
}

#[test]
fn p9_who_is_no_longer_privileged_counts_again() {
    let mut gate = gate();
    let (friend, stranger) = (PeerId::random(), PeerId::random());
    gate.privilege([friend].into());
    for number in 0..60 {
        assert!(established(&mut gate, number, &friend, "127.0.0.1"));
    }
    assert!(established(&mut gate, 60, &stranger, "127.0.0.1"));
    gate.privilege(BTreeSet::new());
    assert!(!established(&mut gate, 61, &stranger, "127.0.0.1"));
    gate.privilege([friend].into());
    assert!(established(&mut gate, 62, &stranger, "127.0.0.1"));
}
