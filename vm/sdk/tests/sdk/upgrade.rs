//! Answers, and accounts that become another.

use thinkey_sdk::mock::World;
use thinkey_sdk::prelude::*;

/// Asks somebody, and is asked.
#[account]
struct Young {
    answers: Vec<u64>,
    next: [u8; 32],
}

#[contract]
impl Young {
    #[message]
    fn grow(&mut self, code: [u8; 32]) {
        become_code(&code);
    }

    #[message]
    fn ask(&mut self, whom: AccountId, heights: u64) {
        Young::at(whom)
            .double(21)
            .deadline(heights)
            .remember(&7u64)
            .send();
    }

    #[message]
    fn double(&mut self, number: u64) -> u64 {
        ensure!(number < 100, "too large");
        number * 2
    }

    #[reply(double)]
    fn doubled(&mut self, answer: u64, note: u64) {
        self.answers.push(answer + note);
    }

    #[bounce(double)]
    fn not_doubled(&mut self, note: u64) {
        self.answers.push(note);
    }
}

/// The same account later: it knows more, and answers time-outs by themselves.
#[account]
struct Grown {
    answers: Vec<u64>,
    next: [u8; 32],
    age: u64,
    late: Cell<u64>,
}

#[contract]
impl Grown {
    #[reply(double)]
    fn doubled(&mut self, answer: u64, note: u64) {
        self.age += 1;
        self.answers.push(1_000 + answer + note);
    }

    #[timeout(double)]
    fn too_late(&mut self, note: u64) {
        self.late.set(&note);
    }

    #[view]
    fn answers(&self) -> (Vec<u64>, u64, u64) {
        (self.answers.clone(), self.age, self.late.get())
    }
}

#[interface]
trait Doubling {
    /// Twice the number.
    fn double(&mut self, number: u64) -> u64;
}

fn two(world: &mut World) -> [AccountId; 2] {
    ["one", "two"].map(|name| world.deploy::<Young>(name, 0, 0, &()))
}

#[test]
fn answers_that_are_on_their_way_reach_the_new_code() {
    let mut world = World::new();
    let user = world.user("user", 0);
    let [one, other] = two(&mut world);
    let grown = world.code::<Grown>();
    world
        .call(user, Young::at(one).ask(other, 0))
        .expect("asks");
    world.send(user, Young::at(one).ask(other, 0));
    world.send(user, Young::at(one).grow(grown));
    world.run();
    let answers = world.ask(Grown::at(one).answers());
    assert_eq!(
        answers,
        (vec![49, 1_049], 1, 0),
        "old fields are there, new ones begin"
    );
}

#[test]
fn one_answer_of_three_kinds() {
    let mut world = World::new();
    let user = world.user("user", 0);
    let [one, other] = two(&mut world);
    world.break_down(other, true);
    world
        .call(user, Young::at(one).ask(other, 0))
        .expect("asks");
    world.break_down(other, false);
    world.lose(other, true);
    world
        .call(user, Young::at(one).ask(other, 5))
        .expect("asks; a bounce without a time-out");
    let grown = world.code::<Grown>();
    world.send(user, Young::at(one).ask(other, 5));
    world.send(user, Young::at(one).grow(grown));
    world.run();
    assert_eq!(world.ask(Grown::at(one).answers()), (vec![7, 7], 0, 7));
}

#[test]
fn an_interface_calls_what_it_does_not_know() {
    let mut world = World::new();
    let user = world.user("user", 0);
    let [one, _] = two(&mut world);
    assert_eq!(world.call(user, DoublingHandle::at(one).double(4)), Ok(8));
    let refused = world.call(user, DoublingHandle::at(one).double(100));
    assert_eq!(refused, Err("too large".to_owned()));
}
