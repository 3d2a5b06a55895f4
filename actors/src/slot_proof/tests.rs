use borsh::to_vec;
use store::{StateTree, Value};
use types::{AccountId, Amount, ChainId};

use super::{AccountDigest, SlotProof, SlotProofError};
use crate::{Account, Contract, Slot, State};

const KEY: [u8; 32] = [3; 32];

fn id(number: u32) -> AccountId {
    AccountId::system(ChainId(1), number)
}

fn account(number: u8) -> Account {
    let slots = [
        (KEY, Slot([number; 40].as_slice().into())),
        ([9; 32], Slot([1].as_slice().into())),
    ];
    Account {
        balance: Amount(number.into()),
        storage: slots.into_iter().collect(),
        ..Account::default()
    }
}

fn state() -> State {
    State::genesis((1..6).map(|number| (id(number), account(number as u8)))).unwrap()
}

#[test]
fn a_digest_commits_to_the_same_as_the_account() {
    let coded = Account {
        contract: Some(Box::new(Contract::new([7; 32].into(), Some(id(1))))),
        nonce: 4,
        ..account(2)
    };
    for account in [account(1), coded, Account::with_balance(Amount(5))] {
        assert_eq!(
            AccountDigest::of(&account).commitment(),
            account.commitment()
        );
    }
}

#[test]
fn what_is_stored_is_proven_and_nothing_else() {
    let state = state();
    let (bytes, proof) = state.prove_slot(&id(3), &KEY).unwrap();
    assert_eq!(bytes, [3; 40]);
    let root = state.root();
    assert_eq!(proof.verify(&root, &id(3), &KEY, bytes), Ok(()));
    let refused =
        |root, id, key: &[u8; 32], bytes: &[u8]| proof.verify(&root, &id, key, bytes).unwrap_err();
    use SlotProofError as E;
    assert!(matches!(
        refused([0; 32].into(), id(3), &KEY, &[3; 40]),
        E::Account(_)
    ));
    assert!(matches!(
        refused(root, id(2), &KEY, &[3; 40]),
        E::Account(_)
    ));
    assert!(matches!(refused(root, id(3), &[9; 32], &[1]), E::Slot(_)));
    assert_eq!(refused(root, id(3), &KEY, &[3; 41]), E::OtherBytes);
    assert_eq!(refused(root, id(3), &KEY, &[4; 40]), E::OtherBytes);
    assert!(state.prove_slot(&id(9), &KEY).is_none());
    assert!(state.prove_slot(&id(3), &[8; 32]).is_none());
}

#[test]
fn absence_proves_no_bytes() {
    let state = state();
    let (bytes, good) = state.prove_slot(&id(3), &KEY).unwrap();
    let other = state.account(&id(3)).unwrap();
    let absent = SlotProof {
        slot: other.storage.prove(&[8; 32]),
        ..good.clone()
    };
    let found = absent.verify(&state.root(), &id(3), &[8; 32], bytes);
    assert_eq!(found, Err(SlotProofError::OtherBytes));
    let stranger = SlotProof {
        position: state.prove(&id(9)),
        ..good.clone()
    };
    let found = stranger.verify(&state.root(), &id(9), &KEY, bytes);
    assert_eq!(found, Err(SlotProofError::OtherAccount));
    let mut bare = good;
    bare.account.storage = None;
    let found = bare.verify(&state.root(), &id(3), &KEY, bytes);
    assert_eq!(found, Err(SlotProofError::OtherAccount));
    assert_ne!(StateTree::<Slot>::new().root(), state.root());
}

#[test]
fn any_changed_bit_is_refused() {
    let state = state();
    let (bytes, proof) = state.prove_slot(&id(4), &KEY).unwrap();
    let encoded = to_vec(&proof).unwrap();
    for at in 0..encoded.len() * 8 {
        let mut changed = encoded.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let Ok(changed) = borsh::from_slice::<SlotProof>(&changed) else {
            continue;
        };
        assert!(
            changed.verify(&state.root(), &id(4), &KEY, bytes).is_err(),
            "bit {at}"
        );
    }
}
