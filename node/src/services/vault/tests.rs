use super::*;

#[test]
fn what_is_kept_is_there_after_a_restart_and_what_is_erased_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Vault::open(folder.path().join("duty")).unwrap();
    assert!(open().ratchet().unwrap().is_none() && open().keys().unwrap().is_empty());
    let mut ratchet = Ratchet::new([7; 32]);
    open().keep_ratchet(&ratchet).unwrap();
    ratchet.advance(3);
    open().keep_ratchet(&ratchet).unwrap();
    let key = bls::SecretKey::from_seed(&[9; 32]);
    for epoch in [1, 12] {
        open().keep_key(ChainId(3), epoch, &key).unwrap();
    }
    open().erase_key(ChainId(3), 1).unwrap();
    open().erase_key(ChainId(3), 1).unwrap();
    assert!(open().ratchet().unwrap() == Some(ratchet));
    let keys = open().keys().unwrap();
    let terms: Vec<_> = keys
        .iter()
        .map(|(term, key)| (*term, key.public()))
        .collect();
    assert_eq!(terms, [((ChainId(3), 12), key.public())]);
}

#[test]
fn a_damaged_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path().to_owned()).unwrap();
    vault.write("chain-1-term-2.key", b"short").unwrap();
    let error = vault.keys().unwrap_err().to_string();
    assert!(
        error.contains("chain-1-term-2.key") && error.contains("damaged"),
        "{error}"
    );
}

#[test]
fn the_secret_of_later_keys_has_one_source_and_keys_are_never_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path().join("duty")).unwrap();
    let given = || Some(Ratchet::new([7; 32]));
    let missing = vault.take_over(None, None).unwrap_err();
    assert!(matches!(missing, VaultError::NoRatchet { .. }), "{missing}");
    let mut ratchet = vault.take_over(given(), None).unwrap();
    ratchet.advance(5);
    vault.keep_ratchet(&ratchet).unwrap();
    // A start that was cut short before the source was removed.
    assert!(vault.take_over(given(), None).unwrap() == ratchet);
    assert!(vault.take_over(None, None).unwrap() == ratchet);
    let other = vault.take_over(Some(Ratchet::new([8; 32])), None);
    assert!(matches!(other, Err(VaultError::TwoRatchets { .. })));
}

#[test]
fn what_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path().join("duty")).unwrap();
    vault.keep_ratchet(&Ratchet::new([7; 32])).unwrap();
    let path = folder.path().join("duty").join(RATCHET);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = vault.ratchet().unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}
