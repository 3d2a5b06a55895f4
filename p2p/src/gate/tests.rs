use super::*;

fn addr(ip: &str) -> Multiaddr {
    let kind = if ip.contains(':') { "ip6" } else { "ip4" };
    format!("/{kind}/{ip}/tcp/1").parse().expect("an address")
}

fn connection(number: usize) -> ConnectionId {
    ConnectionId::new_unchecked(number)
}

fn inbound(gate: &mut Gate, number: usize, ip: &str) -> bool {
    gate.admit_inbound(connection(number), &addr(ip)).is_ok()
}

fn outbound(gate: &mut Gate, number: usize, ip: &str) -> bool {
    gate.admit_outbound(connection(number), &PeerId::random(), &addr(ip))
        .is_ok()
}

#[test]
fn p3_an_address_gets_four_places() {
    let mut gate = Gate::new(4, 2);
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

/// Twenty false nodes for each honest one, from 24 subnets: they get two places in each at most.
#[test]
fn p4_a_subnet_gets_two_places() {
    let mut gate = Gate::new(4, 2);
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
    let mut gate = Gate::new(4, 2);
    let friend = PeerId::random();
    gate.privilege([friend].into());
    assert!(outbound(&mut gate, 1, "20.0.0.1") && outbound(&mut gate, 2, "20.0.0.2"));
    assert!(!outbound(&mut gate, 3, "20.0.0.3"));
    assert_eq!(
        gate.admit_outbound(connection(4), &friend, &addr("20.0.0.4")),
        Ok(())
    );
}
