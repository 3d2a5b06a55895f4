use tokio::sync::mpsc;
use types::ChainId;

use super::line::EACH;
use super::*;

fn node(number: u8) -> NodeId {
    NodeId([number; 32].into())
}

fn lane(destination: u32) -> Query {
    Query::Bundles(Pull {
        source: ChainId(1),
        destination: ChainId(destination),
        from: 0,
        tip: 0,
    })
}

fn blocks() -> Query {
    Query::Blocks(BlockHash::default(), 0)
}

/// A desk whose chain says that it works two milliseconds for an answer; and the answers.
fn served(desk: &Desk) -> mpsc::UnboundedReceiver<(u64, usize)> {
    let (answered, answers) = mpsc::unbounded_channel();
    let ask = |_| async {
        Timed {
            value: vec![1],
            took: Duration::from_millis(2),
        }
    };
    let reply = move |ticket: Ticket, bytes: Vec<u8>| {
        let sent = answered.send((ticket.0, bytes.len()));
        async move { sent.expect("heard") }
    };
    tokio::spawn(desk.clone().serve(ask, reply));
    answers
}

#[tokio::test]
async fn members_come_first_most_of_the_time_and_askers_take_turns() {
    let desk = Desk::default();
    let asked = [
        (1, false),
        (1, false),
        (2, false),
        (3, true),
        (4, true),
        (3, true),
        (3, true),
    ];
    for (ticket, (from, member)) in asked.into_iter().enumerate() {
        let turned_away = desk.put(node(from), member, Ticket(ticket as u64), blocks());
        assert_eq!(turned_away, None);
    }
    let mut answers = served(&desk);
    let mut order = Vec::new();
    for _ in asked {
        order.push(answers.recv().await.expect("answered").0);
    }
    assert_eq!(order, [3, 4, 5, 0, 6, 2, 1]);
}

#[tokio::test]
async fn the_chain_is_left_alone_most_of_the_time() {
    let desk = Desk::default();
    let began = Instant::now();
    for ticket in 0..20 {
        let from = node((ticket % 5) as u8);
        assert_eq!(desk.put(from, false, Ticket(ticket), blocks()), None);
    }
    let mut answers = served(&desk);
    for _ in 0..20 {
        assert_eq!(answers.recv().await.expect("answered").1, 1);
    }
    assert!(began.elapsed() >= Duration::from_millis(6 * 19));
}

#[test]
fn one_asker_has_few_places_and_one_for_each_lane() {
    let desk = Desk::default();
    for from in [1, 2] {
        let asked = |at: &u64| desk.put(node(from), false, Ticket(*at), blocks()).is_none();
        assert_eq!((0..20).filter(asked).count(), EACH);
    }
    let desk = Desk::default();
    assert_eq!(desk.put(node(1), false, Ticket(1), lane(2)), None);
    assert_eq!(desk.put(node(1), false, Ticket(2), lane(3)), None);
    let again = desk.put(node(1), false, Ticket(3), lane(2));
    assert_eq!(again, Some(Ticket(1)), "the newer question stands for it");
    assert_eq!(desk.put(node(2), false, Ticket(4), lane(2)), None);
}

#[tokio::test]
async fn what_waited_long_is_answered_with_nothing() {
    let desk = Desk::default();
    let (answered, mut answers) = mpsc::unbounded_channel();
    let reply = move |ticket: Ticket, bytes: Vec<u8>| {
        let sent = answered.send((ticket.0, bytes.len()));
        async move { sent.expect("heard") }
    };
    // The chain never answers the first.
    let ask = |_| std::future::pending();
    tokio::spawn(desk.clone().serve(ask, reply));
    desk.put(node(1), false, Ticket(1), blocks());
    tokio::time::sleep(Duration::from_millis(10)).await;
    let long_ago = Instant::now() - PATIENCE;
    let old = (Ticket(2), blocks(), long_ago);
    assert_eq!(desk.lines().push(node(2), false, old), None);
    assert_eq!(desk.put(node(2), false, Ticket(3), blocks()), None);
    assert_eq!(answers.recv().await, Some((2, 0)));
    let all = desk.lines().waiting_since(Instant::now());
    assert_eq!(all, [Ticket(3)]);
}

#[test]
fn a_newer_question_in_an_older_place_hides_none_behind_it() {
    let desk = Desk::default();
    let long_ago = Instant::now() - PATIENCE;
    let mut lines = desk.lines();
    for (ticket, lane) in [(1, lane(2)), (2, lane(3))] {
        let old = (Ticket(ticket), lane, long_ago);
        assert_eq!(lines.push(node(1), true, old), None);
    }
    let newer = (Ticket(3), lane(2), Instant::now());
    assert_eq!(lines.push(node(1), true, newer), Some(Ticket(1)));
    assert_eq!(lines.waiting_since(long_ago), [Ticket(2)]);
    assert_eq!(lines.next().map(|next| next.0), Some(Ticket(3)));
}
