use thinkey_sdk::mock::World;

use super::*;

#[test]
fn greets_and_counts() {
    let mut world = World::new();
    let alice = world.user("alice", 0);
    let id = world.deploy::<Hello>("hello", 1, 0, &("Good morning",));
    let hello = Hello::at(id);
    assert_eq!(
        world.call(alice, hello.hello("Alice".into())).as_deref(),
        Ok("Good morning, Alice")
    );
    world
        .call(alice, hello.set("Good night".into()))
        .expect("anyone may");
    assert_eq!(
        world.call(alice, hello.hello("Bob".into())).as_deref(),
        Ok("Good night, Bob")
    );
    assert_eq!(world.ask(hello.count()), 2);
    let long = world.call(alice, hello.set("!".repeat(65)));
    assert_eq!(long, Err("at most 64 bytes".to_owned()));
}
