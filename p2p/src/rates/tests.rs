use super::*;

const PEER: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const KIND: TopicKind = TopicKind::Consensus;
const VOTES: Account = Account::Author(PEER, KIND);

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
        .filter(|_| rates.admit(now, &[VOTES], bytes, throttled))
        .count()
}

/// How many messages of the stranger in `slot` get in through `via`, all in one burst.
fn strangers(rates: &mut Rates, slot: u8, via: NodeId) -> usize {
    let accounts = [
        Account::Slot(slot, KIND),
        Account::Via(via, KIND),
        Account::Strangers(KIND),
    ];
    (0..300)
        .filter(|_| rates.admit(Duration::ZERO, &accounts, 1, false))
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
fn a_throttled_peer_has_an_eighth_and_always_something() {
    let mut rates = rates(80, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 1000, 1, true), 20);
    let mut rates = self::rates(1, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 10, 1, true), 2);
    assert_eq!(admitted(&mut rates, 1000, 10, 1, true), 1);
}

#[test]
fn who_is_throttled_narrows_no_shared_account() {
    let mut rates = rates(800, 1_000_000);
    let accounts = |via| {
        [
            Account::Slot(0, KIND),
            Account::Via(via, KIND),
            Account::Strangers(KIND),
        ]
    };
    let mut admitted = |via, throttled| {
        (0..1000)
            .filter(|_| rates.admit(Duration::ZERO, &accounts(via), 1, throttled))
            .count()
    };
    assert_eq!(admitted(PEER, true), 100);
    assert_eq!(admitted(OTHER, false), 100, "what remains of the slot");
}

#[test]
fn accounts_are_apart() {
    let mut rates = rates(1, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 10, 1, false), 2);
    for account in [
        Account::Author(OTHER, KIND),
        Account::Author(PEER, TopicKind::Anchors),
        Account::Direct(PEER, KIND),
        Account::Request(PEER),
        Account::Via(PEER, KIND),
    ] {
        let admitted = rates.admit(Duration::ZERO, &[account], 1, false);
        assert!(admitted, "{account:?}");
    }
}

/// The figure is 800 a second, so 1600 in a burst: a slot's part is 200, a peer's 800, all of
/// theirs 3200.
#[test]
fn p5_strangers_share_whatever_they_call_themselves() {
    let mut rates = rates(800, 1_000_000);
    assert_eq!(strangers(&mut rates, 0, PEER), 200);
    assert_eq!(strangers(&mut rates, 0, OTHER), 0, "the slot is the same");
    let swarm: usize = (1..64).map(|slot| strangers(&mut rates, slot, PEER)).sum();
    assert_eq!(swarm, 600, "what remains of one peer's part");
    assert_eq!(strangers(&mut rates, 63, OTHER), 200, "not of another's");
    let via = |number| NodeId([number; 32]);
    let all: usize = (3..64)
        .map(|n| {
            (1..64)
                .map(|s| strangers(&mut rates, s, via(n)))
                .sum::<usize>()
        })
        .sum();
    assert_eq!(all, 3200 - 800 - 200);
    assert_eq!(
        admitted(&mut rates, 0, 5000, 1, false),
        1600,
        "whom we know"
    );
}

#[test]
fn a_message_that_is_refused_costs_nothing() {
    let mut rates = rates(100, 1_000_000);
    let (spent, shared) = (Account::Slot(0, KIND), Account::Strangers(KIND));
    let burst = |rates: &mut Rates, accounts: &[Account]| {
        (0..10_000)
            .filter(|_| rates.admit(Duration::ZERO, accounts, 1, false))
            .count()
    };
    assert_eq!(burst(&mut rates, &[spent]), 24);
    assert_eq!(burst(&mut rates, &[shared, spent]), 0);
    assert_eq!(burst(&mut rates, &[shared]), 400);
}

#[test]
fn only_what_is_full_again_is_forgotten() {
    let mut rates = rates(100, 1_000_000);
    assert_eq!(admitted(&mut rates, 0, 1000, 1, false), 200);
    rates.tidy(Duration::from_millis(1000));
    assert_eq!(admitted(&mut rates, 1000, 1000, 1, false), 100);
    rates.tidy(Duration::from_millis(3000));
    assert!(rates.buckets.is_empty());
    assert_eq!(admitted(&mut rates, 3000, 1000, 1, false), 200);
}
