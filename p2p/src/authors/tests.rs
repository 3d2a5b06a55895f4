use proptest::prelude::*;

use super::*;

const AUTHOR: NodeId = NodeId([1; 32]);
const BEARER: NodeId = NodeId([2; 32]);
const KIND: TopicKind = TopicKind::Messages;

fn own(authors: &mut Authors, number: u64) -> bool {
    let accounts = authors.accounts((AUTHOR, number), BEARER, KIND, true);
    accounts == [Account::Author(AUTHOR, KIND)]
}

#[test]
fn p5_a_known_author_pays_for_itself_whoever_brings_it() {
    let mut authors = Authors::new([0; 32]);
    assert!(own(&mut authors, 7));
    let elsewhere = authors.accounts((AUTHOR, 8), AUTHOR, KIND, true);
    assert_eq!(elsewhere, [Account::Author(AUTHOR, KIND)]);
}

#[test]
fn p5_what_is_said_again_is_on_its_bearer() {
    let mut authors = Authors::new([0; 32]);
    assert!((1000..1100).all(|number| own(&mut authors, number)));
    assert!((1000..1100).all(|number| !own(&mut authors, number)));
    let accounts = authors.accounts((AUTHOR, 1000), BEARER, KIND, true);
    assert!(
        accounts.contains(&Account::Via(BEARER, KIND)),
        "{accounts:?}"
    );
    assert!(own(&mut authors, 1100), "the author is still heard");
}

#[test]
fn p5_one_new_message_ends_the_return_of_all_old_ones() {
    let mut authors = Authors::new([0; 32]);
    assert!((0..100).all(|number| own(&mut authors, number)));
    assert!(own(&mut authors, 1 << 40), "it was started again");
    assert!((100..5000).all(|number| !own(&mut authors, number)));
    assert!(own(&mut authors, (1 << 40) - 1), "one may overtake another");
}

#[test]
fn strangers_fall_into_slots_that_nobody_can_choose() {
    let slots = |secret| {
        let mut authors = Authors::new(secret);
        let slot = move |number: u8| {
            let author = (NodeId([number; 32]), 1);
            let accounts = authors.accounts(author, BEARER, KIND, false);
            assert_eq!(
                accounts[1..],
                [Account::Via(BEARER, KIND), Account::Strangers(KIND)]
            );
            accounts[0]
        };
        (0..200).map(slot).collect::<Vec<_>>()
    };
    let ours = slots([1; 32]);
    assert_eq!(ours, slots([1; 32]));
    assert_ne!(ours, slots([2; 32]));
    let different: BTreeSet<_> = ours.iter().collect();
    assert!((40..=64).contains(&different.len()), "{}", different.len());
}

#[test]
fn strangers_leave_nothing_behind() {
    let mut authors = Authors::new([0; 32]);
    for number in 0..100u8 {
        authors.accounts((NodeId([number; 32]), 1), BEARER, KIND, false);
    }
    assert!(authors.heard.is_empty());
    own(&mut authors, 1);
    authors.know(BTreeSet::from([AUTHOR]));
    authors.tidy(|_| false);
    assert!(authors.heard.contains_key(&AUTHOR) && authors.is_member(&AUTHOR));
    authors.know(BTreeSet::new());
    authors.tidy(|author| *author == AUTHOR);
    assert!(authors.heard.contains_key(&AUTHOR));
    authors.tidy(|_| false);
    assert!(authors.heard.is_empty());
}

proptest! {
    /// Against a set that remembers everything.
    #[test]
    fn each_number_counts_once(numbers in prop::collection::vec(0u64..20_000, 1..400)) {
        let mut authors = Authors::new([0; 32]);
        let (mut all, mut highest) = (BTreeSet::new(), numbers[0]);
        for number in numbers {
            highest = highest.max(number);
            let new = highest - number < WINDOW && all.insert(number);
            prop_assert_eq!(own(&mut authors, number), new);
        }
    }
}

#[test]
fn what_is_ignored_of_an_author_is_told_once_a_minute() {
    let mut authors = Authors::new([0; 32]);
    let told = (0..300).filter(|second| authors.is_news(Duration::from_secs(*second), &AUTHOR));
    assert_eq!(told.count(), 5);
    let names = (0..=255).filter(|name| authors.is_news(TOLD * 5, &NodeId([*name; 32])));
    assert!(names.count() <= SLOTS.into());
}
