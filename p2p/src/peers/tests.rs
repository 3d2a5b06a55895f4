use super::*;

const PEER: NodeId = NodeId([1; 32]);
const HOUR: u64 = 3600;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn peer(number: u8) -> NodeId {
    NodeId([number; 32])
}

#[test]
fn small_offences_add_up_to_a_ban_that_doubles_to_a_day() {
    let mut book = PeerBook::default();
    let mut now = 0;
    for hours in [1, 2, 4, 8, 16, 24, 24] {
        for _ in 0..4 {
            let standing = book.offend(at(now), PEER, Offence::InvalidGossip, 10);
            assert_eq!(standing, Standing::Good);
        }
        let until = at(now + hours * HOUR);
        let standing = book.offend(at(now), PEER, Offence::InvalidGossip, 10);
        assert_eq!(standing, Standing::Banned { until });
        assert!(book.pardon(until - at(1)).is_empty());
        assert_eq!(book.pardon(until), [PEER]);
        assert!(book.pardon(until).is_empty(), "named once");
        now = until.as_secs();
        assert_eq!(book.standing(at(now), &PEER), Standing::Good);
    }
}

#[test]
fn offences_half_a_minute_apart_add_up_and_rare_ones_do_not() {
    for (gap, banned) in [(25, true), (200, false)] {
        let mut book = PeerBook::default();
        let last = (0..5).fold(Standing::Good, |_, number| {
            book.offend(at(number * gap), PEER, Offence::InvalidGossip, 10)
        });
        assert_eq!(matches!(last, Standing::Banned { .. }), banned, "{gap} s");
    }
}

#[test]
fn a_forgery_is_a_ban_at_once() {
    let mut book = PeerBook::default();
    let standing = book.offend(at(0), PEER, Offence::Forgery, 10);
    assert_eq!(standing, Standing::Banned { until: at(HOUR) });
}

#[test]
fn points_come_back_by_ten_a_minute() {
    let mut book = PeerBook::default();
    book.offend(at(0), PEER, Offence::Malformed, 10);
    assert_eq!(book.score(at(0), &PEER), -50);
    assert_eq!(book.score(at(60), &PEER), -40);
    assert_eq!(book.score(at(400), &PEER), 0);
    assert_eq!(
        book.offend(at(400), PEER, Offence::Malformed, 10),
        Standing::Good
    );
}

#[test]
fn p1_a_protected_peer_is_throttled_and_never_banned() {
    let mut book = PeerBook::default();
    book.protect(BTreeSet::from([PEER]));
    for _ in 0..100 {
        let standing = book.offend(at(0), PEER, Offence::Forgery, 10);
        assert_eq!(standing, Standing::Throttled);
    }
    assert_eq!(book.standing(at(0), &PEER), Standing::Throttled);
    assert_eq!(
        book.standing(at(2 * HOUR), &PEER),
        Standing::Good,
        "the debt is bounded"
    );
}

#[test]
fn p1_what_a_protected_peer_did_is_kept_from_gossipsub() {
    let mut book = PeerBook::default();
    book.offend(at(0), PEER, Offence::Malformed, 10);
    assert_eq!(book.gossip_score(at(0), &PEER), -50);
    book.protect(BTreeSet::from([PEER]));
    for _ in 0..10 {
        book.offend(at(0), PEER, Offence::Forgery, 10);
    }
    assert_eq!(book.score(at(0), &PEER), -200);
    assert_eq!(book.gossip_score(at(0), &PEER), 0);
}

#[test]
fn p8_time_outs_alone_bring_nobody_below_minus_twenty() {
    let mut book = PeerBook::default();
    let time_out = |book: &mut PeerBook| book.offend(at(0), PEER, Offence::Unanswered, 10);
    for number in 1..=1000 {
        assert_eq!(time_out(&mut book), Standing::Good);
        assert_eq!(book.score(at(0), &PEER), (-2 * number).max(-20));
    }
    book.offend(at(0), PEER, Offence::Malformed, 10);
    time_out(&mut book);
    assert_eq!(book.score(at(0), &PEER), -70, "nor any lower");
    book.offend(at(0), PEER, Offence::Malformed, 10);
    assert!(matches!(
        book.standing(at(0), &PEER),
        Standing::Banned { .. }
    ));
}

#[test]
fn p1_protection_lifts_a_ban() {
    let mut book = PeerBook::default();
    book.offend(at(0), PEER, Offence::Forgery, 10);
    book.protect(BTreeSet::from([PEER]));
    assert_eq!(book.standing(at(1), &PEER), Standing::Throttled);
    assert_eq!(book.pardon(at(1)), [PEER]);
}

#[test]
fn p2_at_most_a_fifth_of_the_peers_is_banned_in_ten_minutes() {
    let mut book = PeerBook::default();
    let mut banned = 0;
    for number in 0..20 {
        let standing = book.offend(at(1), peer(number), Offence::Forgery, 20 - banned);
        banned += usize::from(matches!(standing, Standing::Banned { .. }));
    }
    assert_eq!(banned, 4);
    let later = at(1) + GUARD_WINDOW;
    let standing = book.offend(later, peer(19), Offence::Forgery, 16);
    assert!(
        matches!(standing, Standing::Banned { .. }),
        "a place is free again"
    );
}

#[test]
fn p2_a_lone_peer_can_be_banned() {
    let mut book = PeerBook::default();
    let standing = book.offend(at(0), PEER, Offence::Forgery, 1);
    assert!(matches!(standing, Standing::Banned { .. }));
}

#[test]
fn the_book_is_bounded_and_forgets_the_harmless_first() {
    let mut book = PeerBook::default();
    book.offend(at(0), PEER, Offence::Forgery, 1);
    for number in 0..10_000u32 {
        let mut id = [9; 32];
        id[..4].copy_from_slice(&number.to_be_bytes());
        book.offend(at(1), NodeId(id), Offence::Flood, 50);
    }
    assert!(book.entries.len() <= BOOK_SIZE);
    assert!(matches!(
        book.standing(at(1), &PEER),
        Standing::Banned { .. }
    ));
}
