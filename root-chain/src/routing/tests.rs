use actors::State;
use types::{ChainId, RoutingTable};

use super::{account_id, first_account, read};

#[test]
fn the_table_is_read_back_and_committed_to() {
    let state = |chains| {
        let table = RoutingTable::even(chains);
        State::genesis([(account_id(), first_account(&table))]).unwrap()
    };
    assert_eq!(read(&state(3)), Some(RoutingTable::even(3)));
    assert_ne!(state(3).root(), state(4).root());
    assert_eq!(read(&State::default()), None);
    assert_eq!(RoutingTable::even(3).home(&account_id()), ChainId::ROOT);
}
