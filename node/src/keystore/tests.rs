use std::os::unix::fs::PermissionsExt;

use super::*;

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn sealed() -> (SecretKey, KeyFile) {
    let key = SecretKey::from_seed([9; 32]);
    let network = Some(NetworkId::default());
    let file = KeyFile::seal(
        &key,
        "thinkeydev",
        network,
        &password("swordfish"),
        Cost::DEVNET,
    );
    (key, file.unwrap())
}

#[test]
fn a_key_comes_back_with_its_password_only() {
    let (key, file) = sealed();
    let opened = file.open(&password("swordfish")).unwrap();
    assert_eq!(opened.public(), key.public());
    for wrong in ["Swordfish", "swordfish ", ""] {
        let error = file.open(&password(wrong)).unwrap_err();
        assert!(
            matches!(error, KeystoreError::WrongPassword),
            "{wrong:?}: {error}"
        );
    }
}

#[test]
fn the_secret_is_not_in_the_file_and_two_files_of_a_key_share_nothing() {
    let (key, file) = sealed();
    let text = serde_json::to_string(&file).unwrap();
    assert!(!text.contains(&hex::encode(key.seed())));
    let (_, other) = sealed();
    assert_ne!(file.cipher.text, other.cipher.text);
    assert_ne!(file.kdf.salt, other.kdf.salt);
}

#[test]
fn no_field_can_be_changed_unseen() {
    let (_, file) = sealed();
    let changes: [fn(&mut KeyFile); 7] = [
        |file| file.address = Address::new("thinkeydev", AccountId::default()).to_string(),
        |file| file.address = file.address.replace("thinkeydev", "thinkey"),
        |file| file.network = None,
        |file| file.kdf.log_n = 11,
        |file| file.kdf.salt.replace_range(..2, "00"),
        |file| file.cipher.nonce.replace_range(..2, "00"),
        |file| file.cipher.text.replace_range(..2, "00"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = file.clone();
        change(&mut changed);
        let opened = changed.open(&password("swordfish"));
        assert!(changed == file || opened.is_err(), "change {number}");
    }
}

#[test]
fn a_file_can_not_ask_for_endless_work() {
    let (_, mut file) = sealed();
    file.kdf.log_n = 40;
    assert!(matches!(
        file.open(&password("swordfish")),
        Err(KeystoreError::Cost)
    ));
    file.kdf.log_n = 10;
    file.kdf.p = 1 << 20;
    assert!(matches!(
        file.open(&password("swordfish")),
        Err(KeystoreError::Cost)
    ));
}

#[test]
fn files_are_private_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let (_, file) = sealed();
    file.write_new(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(KeyFile::read(&path).unwrap(), file);

    let again = file.write_new(&path).unwrap_err();
    assert!(matches!(again, KeystoreError::Exists { .. }));
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyFile::read(&path).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn garbage_is_no_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    for text in [
        "",
        "{}",
        "[1,2]",
        "{\"kind\":\"thinkey-account-key\"}",
        "\u{0}\u{1}",
    ] {
        let _old = std::fs::remove_file(&path);
        disk::write_new(&path, text.as_bytes()).unwrap();
        let error = KeyFile::read(&path).unwrap_err();
        assert!(
            matches!(error, KeystoreError::NotAKeyFile { .. }),
            "{text:?}"
        );
    }
    let missing = KeyFile::read(&folder.path().join("none.json")).unwrap_err();
    assert!(missing.to_string().starts_with("can't open "), "{missing}");
}

#[test]
fn a_password_file_is_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    for (text, expected) in [("abc", "abc"), ("abc\n", "abc"), ("a b\r\nrest", "a b")] {
        std::fs::write(&path, text).unwrap();
        let read = Password::from_file(&path).unwrap();
        assert_eq!(read.as_bytes(), expected.as_bytes());
    }
    std::fs::write(&path, "\nabc").unwrap();
    assert!(matches!(
        Password::from_file(&path),
        Err(KeystoreError::EmptyPassword)
    ));
    assert_eq!(format!("{:?}", password("abc")), "Password(…)");
}
