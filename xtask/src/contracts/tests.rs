use super::strip;

fn custom(name: &str, data: &[u8]) -> Vec<u8> {
    let mut section = vec![0, (1 + name.len() + data.len()) as u8, name.len() as u8];
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(data);
    section
}

#[test]
fn only_the_abi_of_custom_sections_stays() {
    let header = b"\0asm\x01\0\0\0";
    let types = [1, 1, 0];
    let (abi, names) = (custom("thinkey.abi", b"{}"), custom("name", b"xy"));
    let module = [&header[..], &names, &types, &abi, &names].concat();
    assert_eq!(strip(&module), Some([&header[..], &types, &abi].concat()));
    let cut = module.split_last().map(|(_, front)| front);
    assert_eq!(cut.and_then(strip), None);
}
