use super::*;

const PEER: NodeId = NodeId([1; 32]);
const VOTES: Class = Class::Topic(TopicKind::Consensus);

fn rates(messages: u32, bytes: u32) -> Rates {
    let consensus = Rate { messages, bytes };
    Rates::new(RateLimits {
        consensus,
        ..RateLimits::default()
    })
}

fn admitted(rates: &mut Rates, millis: u64, count: usize, bytes: usize, throttled: bool) -> usize {
    let now = Duration::from_millis(millis);
    (0..count)
        .filter(|_| rates.admit(now, PEER, VOTES, bytes, throttled))
        .count()
}

#[test]
fn a_burst_of_two_seconds_then_the_rate() {
    let mut rates = rates(100, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 1000, 10, false), 200);
    assert_eq!(admitted(&mut rates, 500, 1000, 10, false), 50);
    assert_eq!(
        admitted(&mut rates, 60_000, 1000, 10, false),
        200,
        "no more than a burst is saved"
    );
}

#[test]
fn bytes_are_an_allowance_of_their_own() {
    let mut rates = rates(100, 1000);
    assert_eq!(admitted(&mut rates, 0, 100, 500, false), 4);
    assert_eq!(admitted(&mut rates, 0, 100, 0, false), 100);
}

#[test]
fn a_throttled_peer_has_an_eighth() {
    let mut rates = rates(80, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 1000, 1, true), 20);
}

#[test]
fn peers_and_classes_do_not_share() {
    let mut rates = rates(1, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 10, 1, false), 2);
    let now = Duration::ZERO;
    assert!(rates.admit(now, NodeId([2; 32]), VOTES, 1, false));
    assert!(rates.admit(now, PEER, Class::Request, 1, false));
    rates.forget(PEER);
    assert_eq!(admitted(&mut rates, 0, 10, 1, false), 2);
}
