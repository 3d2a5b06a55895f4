//! Cells, maps and the plain fields.

use thinkey_sdk::mock::World;
use thinkey_sdk::prelude::*;

#[account]
struct Shelf {
    plain: u64,
    cell: Cell<Vec<u8>>,
    by_number: Map<u32, String>,
    by_name: Map<String, u32>,
    by_pair: Map<(u64, AccountId), u32>,
}

#[contract]
impl Shelf {
    #[message]
    fn fill(&mut self) -> Vec<u32> {
        for number in [300, 2, 1] {
            self.by_number.insert(&number, &String::from("x"));
        }
        self.by_number.remove(&2);
        self.cell.set(&vec![5]);
        self.by_number.entries().map(|(number, _)| number).collect()
    }

    /// Names of 28 to 32 bytes, around the length of a slot.
    #[message]
    fn long_names(&mut self) -> Vec<Option<u32>> {
        let name = |length| "n".repeat(length);
        (28..33).for_each(|n| self.by_name.insert(&name(n), &(n as u32)));
        (27..34).map(|n| self.by_name.get(&name(n))).collect()
    }

    #[message]
    fn pairs(&mut self) -> Vec<u32> {
        let (one, two) = (own_id(), sender());
        self.by_pair.insert(&(1, one), &11);
        self.by_pair.insert(&(1, two), &12);
        self.by_pair.update(&(2, one), |count| *count += 21);
        self.by_pair.update(&(2, one), |count| *count = 0);
        assert!(!self.by_pair.contains(&(2, one)), "zeros are not stored");
        let mut values: Vec<_> = self.by_pair.values().collect();
        values.sort_unstable();
        values
    }

    #[view]
    fn cell(&self) -> Vec<u8> {
        self.cell.get()
    }

    #[view]
    fn writes(&self) -> u64 {
        put(self);
        1
    }
}

fn put(_: &Shelf) {
    let mut map = Map::<u8, u8>::new(200);
    map.insert(&1, &1);
}

#[test]
fn entries_have_the_order_of_their_keys() {
    let mut world = World::new();
    let user = world.user("user", 0);
    let shelf = Shelf::at(world.deploy::<Shelf>("shelf", 0, 0, &()));
    assert_eq!(world.call(user, shelf.fill()), Ok(vec![1, 300]));
    assert_eq!(world.ask(shelf.cell()), [5]);
    let named = world.call(user, shelf.long_names()).expect("stores");
    assert_eq!(
        named,
        [None, Some(28), Some(29), Some(30), Some(31), Some(32), None]
    );
    assert_eq!(world.call(user, shelf.pairs()), Ok(vec![11, 12]));
}

#[test]
#[should_panic(expected = "a view changes nothing")]
fn views_write_nothing() {
    let mut world = World::new();
    let shelf = Shelf::at(world.deploy::<Shelf>("shelf", 0, 0, &()));
    world.ask(shelf.writes());
}
