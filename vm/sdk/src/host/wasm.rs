//! The imports of a module. Every pointer handed over is that of a live slice, with its length.

#![allow(unsafe_code, reason = "imports are foreign functions")]

use alloc::vec::Vec;

use super::{Create, Send};

/// What a method's name may have.
const METHOD: usize = 64;
/// Bytes that can be remembered.
const NOTE: usize = 1024;
/// A guess at a value's length that saves asking twice.
const GUESS: usize = 256;

mod raw {
    #[link(wasm_import_module = "thinkey")]
    unsafe extern "C" {
        pub(super) fn own_id(out: *mut u8);
        pub(crate) safe fn chain() -> u32;
        pub(super) fn balance(out: *mut u8);
        pub(super) fn deposit(out: *mut u8);
        pub(crate) safe fn height() -> u64;
        pub(crate) safe fn root_height() -> u64;
        pub(crate) safe fn time() -> u64;
        pub(super) fn seed(out: *mut u8) -> u32;
        pub(super) fn sender(out: *mut u8);
        pub(super) fn value(out: *mut u8);
        pub(super) fn method(out: *mut u8, cap: usize) -> usize;
        pub(crate) safe fn input_length() -> usize;
        pub(super) fn input(from: usize, out: *mut u8, length: usize);
        pub(crate) safe fn gas_left() -> u64;
        pub(super) fn trace(out: *mut u8);
        pub(super) fn about(out: *mut u8) -> u32;
        pub(crate) safe fn failure() -> i32;
        pub(super) fn storage_get(key: *const u8, n: usize, out: *mut u8, cap: usize) -> isize;
        pub(super) fn storage_put(key: *const u8, n: usize, value: *const u8, length: usize);
        pub(super) fn storage_delete(key: *const u8, n: usize) -> u32;
        pub(super) fn storage_next(
            after: *const u8,
            after_length: usize,
            prefix: *const u8,
            prefix_length: usize,
            out: *mut u8,
        ) -> isize;
        pub(super) fn send(
            to: *const u8,
            value: *const u8,
            gas: u64,
            deadline: u64,
            method: *const u8,
            method_length: usize,
            data: *const u8,
            length: usize,
            flags: u32,
        ) -> u32;
        pub(super) fn create(
            code: *const u8,
            salt: *const u8,
            value: *const u8,
            gas: u64,
            init: *const u8,
            length: usize,
            out: *mut u8,
        ) -> u32;
        pub(super) fn output_id(index: u32, out: *mut u8);
        pub(super) fn remember(index: u32, note: *const u8, length: usize);
        pub(super) fn remembered(out: *mut u8, cap: usize) -> usize;
        pub(super) fn drop_code(code: *const u8);
        pub(super) fn r#become(code: *const u8);
        pub(super) fn reply(data: *const u8, length: usize);
        pub(super) fn emit(topic: *const u8, n: usize, data: *const u8, length: usize);
        pub(super) fn sha3_256(data: *const u8, length: usize, out: *mut u8);
        pub(super) fn sha2_256(data: *const u8, length: usize, out: *mut u8);
        pub(super) fn ed25519_verify(
            key: *const u8,
            signature: *const u8,
            message: *const u8,
            length: usize,
        ) -> u32;
        pub(super) fn bls_verify(
            key: *const u8,
            signature: *const u8,
            message: *const u8,
            length: usize,
        ) -> u32;
        pub(super) fn abort(text: *const u8, length: usize);
    }
}

pub(crate) use raw::{chain, failure, gas_left, height, root_height, time};

fn filled<const N: usize>(fill: impl FnOnce(*mut u8)) -> [u8; N] {
    let mut bytes = [0; N];
    fill(bytes.as_mut_ptr());
    bytes
}

pub(crate) fn own_id() -> [u8; 32] {
    // SAFETY: the host writes as many bytes as `filled` has here.
    filled(|out| unsafe { raw::own_id(out) })
}

pub(crate) fn balance() -> u128 {
    // SAFETY: the host writes as many bytes as `filled` has here.
    u128::from_le_bytes(filled(|out| unsafe { raw::balance(out) }))
}

pub(crate) fn deposit() -> u128 {
    // SAFETY: the host writes as many bytes as `filled` has here.
    u128::from_le_bytes(filled(|out| unsafe { raw::deposit(out) }))
}

pub(crate) fn seed() -> Option<[u8; 32]> {
    let mut has = 0;
    // SAFETY: the host writes as many bytes as `filled` has here.
    let seed = filled(|out| has = unsafe { raw::seed(out) });
    (has == 1).then_some(seed)
}

pub(crate) fn sender() -> [u8; 32] {
    // SAFETY: the host writes as many bytes as `filled` has here.
    filled(|out| unsafe { raw::sender(out) })
}

pub(crate) fn value() -> u128 {
    // SAFETY: the host writes as many bytes as `filled` has here.
    u128::from_le_bytes(filled(|out| unsafe { raw::value(out) }))
}

pub(crate) fn method() -> Vec<u8> {
    let mut name = Vec::with_capacity(METHOD);
    // SAFETY: the vector has room for `METHOD` bytes, which is all that the host writes.
    let length = unsafe { raw::method(name.as_mut_ptr(), METHOD) };
    // SAFETY: the host wrote so many bytes, and no more than `METHOD`.
    unsafe { name.set_len(length.min(METHOD)) };
    name
}

pub(crate) fn input() -> Vec<u8> {
    let length = raw::input_length();
    let mut bytes = Vec::with_capacity(length);
    // SAFETY: the vector has room for `length` bytes, and the host writes all of them.
    unsafe {
        raw::input(0, bytes.as_mut_ptr(), length);
        bytes.set_len(length);
    }
    bytes
}

pub(crate) fn trace() -> [u8; 32] {
    // SAFETY: the host writes as many bytes as `filled` has here.
    filled(|out| unsafe { raw::trace(out) })
}

pub(crate) fn about() -> Option<[u8; 32]> {
    let mut has = 0;
    // SAFETY: the host writes as many bytes as `filled` has here.
    let id = filled(|out| has = unsafe { raw::about(out) });
    (has == 1).then_some(id)
}

fn get_up_to(key: &[u8], cap: usize) -> Result<Option<Vec<u8>>, usize> {
    let mut bytes = Vec::with_capacity(cap);
    // SAFETY: a live key with its length; the vector has room for the `cap` bytes.
    let length = unsafe { raw::storage_get(key.as_ptr(), key.len(), bytes.as_mut_ptr(), cap) };
    let Ok(length) = usize::try_from(length) else {
        return Ok(None);
    };
    if length > cap {
        return Err(length);
    }
    // SAFETY: the host wrote so many bytes, which are not more than `cap`.
    unsafe { bytes.set_len(length) };
    Ok(Some(bytes))
}

pub(crate) fn get(key: &[u8]) -> Option<Vec<u8>> {
    match get_up_to(key, GUESS) {
        Ok(bytes) => bytes,
        Err(length) => get_up_to(key, length).ok().flatten(),
    }
}

pub(crate) fn put(key: &[u8], value: &[u8]) {
    // SAFETY: live slices with their lengths, which the host only reads.
    unsafe { raw::storage_put(key.as_ptr(), key.len(), value.as_ptr(), value.len()) };
}

pub(crate) fn delete(key: &[u8]) -> bool {
    // SAFETY: live slices with their lengths, which the host only reads.
    unsafe { raw::storage_delete(key.as_ptr(), key.len()) == 1 }
}

pub(crate) fn next(after: &[u8], prefix: &[u8]) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(31);
    let (a, p) = (after.as_ptr(), prefix.as_ptr());
    // SAFETY: live slices with their lengths; the vector has room for the longest key.
    let length = unsafe { raw::storage_next(a, after.len(), p, prefix.len(), key.as_mut_ptr()) };
    let length = usize::try_from(length).ok()?;
    // SAFETY: the host wrote so many bytes, and no key has more than 31.
    unsafe { key.set_len(length.min(31)) };
    Some(key)
}

pub(crate) fn send(send: &Send<'_>) -> u32 {
    let value = send.value.to_le_bytes();
    let (method, data) = (send.method, send.data);
    // SAFETY: live arrays of an id and an amount, live slices with their lengths.
    unsafe {
        raw::send(
            send.to.as_ptr(),
            value.as_ptr(),
            send.gas,
            send.deadline,
            method.as_ptr(),
            method.len(),
            data.as_ptr(),
            data.len(),
            send.flags,
        )
    }
}

pub(crate) fn create(create: &Create<'_>) -> [u8; 32] {
    let value = create.value.to_le_bytes();
    let (code, salt, init) = (create.code.as_ptr(), create.salt.as_ptr(), create.init);
    filled(|out| {
        let (init, length) = (init.as_ptr(), init.len());
        // SAFETY: live slices with their lengths; the host writes the 32 bytes of `filled`.
        unsafe { raw::create(code, salt, value.as_ptr(), create.gas, init, length, out) };
    })
}

pub(crate) fn output_id(index: u32) -> [u8; 32] {
    // SAFETY: the host writes as many bytes as `filled` has here.
    filled(|out| unsafe { raw::output_id(index, out) })
}

pub(crate) fn remember(index: u32, note: &[u8]) {
    // SAFETY: a live slice with its length, which the host only reads.
    unsafe { raw::remember(index, note.as_ptr(), note.len()) };
}

pub(crate) fn remembered() -> Vec<u8> {
    let mut note = Vec::with_capacity(NOTE);
    // SAFETY: the vector has room for `NOTE` bytes, which is all that the host writes.
    let length = unsafe { raw::remembered(note.as_mut_ptr(), NOTE) };
    // SAFETY: the host wrote so many bytes, and no more than `NOTE`.
    unsafe { note.set_len(length.min(NOTE)) };
    note
}

pub(crate) fn drop_code(code: &[u8; 32]) {
    // SAFETY: the host reads the 32 bytes of a live array.
    unsafe { raw::drop_code(code.as_ptr()) };
}

pub(crate) fn become_code(code: &[u8; 32]) {
    // SAFETY: the host reads the 32 bytes of a live array.
    unsafe { raw::r#become(code.as_ptr()) };
}

pub(crate) fn reply(data: &[u8]) {
    // SAFETY: live slices with their lengths, which the host only reads.
    unsafe { raw::reply(data.as_ptr(), data.len()) };
}

pub(crate) fn emit(topic: &[u8], data: &[u8]) {
    // SAFETY: live slices with their lengths, which the host only reads.
    unsafe { raw::emit(topic.as_ptr(), topic.len(), data.as_ptr(), data.len()) };
}

pub(crate) fn sha3(data: &[u8]) -> [u8; 32] {
    // SAFETY: a live slice with its length; the host writes the 32 bytes of `filled`.
    filled(|out| unsafe { raw::sha3_256(data.as_ptr(), data.len(), out) })
}

pub(crate) fn sha2(data: &[u8]) -> [u8; 32] {
    // SAFETY: a live slice with its length; the host writes the 32 bytes of `filled`.
    filled(|out| unsafe { raw::sha2_256(data.as_ptr(), data.len(), out) })
}

pub(crate) fn ed25519(key: &[u8; 32], signature: &[u8; 64], message: &[u8]) -> bool {
    let (key, signature) = (key.as_ptr(), signature.as_ptr());
    // SAFETY: live arrays of the key's and signature's lengths, a live slice with its own.
    unsafe { raw::ed25519_verify(key, signature, message.as_ptr(), message.len()) == 1 }
}

pub(crate) fn bls(key: &[u8; 96], signature: &[u8; 48], message: &[u8]) -> bool {
    let (key, signature) = (key.as_ptr(), signature.as_ptr());
    // SAFETY: live arrays of the key's and signature's lengths, a live slice with its own.
    unsafe { raw::bls_verify(key, signature, message.as_ptr(), message.len()) == 1 }
}

pub(crate) fn abort(text: &str) -> ! {
    // SAFETY: live slices with their lengths, which the host only reads.
    unsafe { raw::abort(text.as_ptr(), text.len()) };
    core::arch::wasm32::unreachable()
}
