//! The code that simulated users deploy.

use std::sync::OnceLock;

use crypto::Hash;
use types::CodeBytes;

const PUPPET: &[u8] = include_bytes!("../../../vm/contracts/built/puppet.wasm");
const HELLO: &[u8] = include_bytes!("../../../vm/contracts/built/hello.wasm");

/// So many codes that behave alike and differ in their hashes.
pub(crate) const VERSIONS: usize = 3;

/// All modules, made once.
pub(crate) struct Modules {
    /// Accounts that do what they are told.
    pub(crate) puppets: Vec<(Hash, CodeBytes)>,
    /// Something else: has no handlers and understands no programs.
    pub(crate) hello: CodeBytes,
}

/// The modules.
pub(crate) fn modules() -> &'static Modules {
    static MODULES: OnceLock<Modules> = OnceLock::new();
    MODULES.get_or_init(|| Modules {
        puppets: (0..VERSIONS).map(puppet).collect(),
        hello: CodeBytes::from(HELLO.to_vec()),
    })
}

/// Whether code with this hash is a puppet's.
pub(crate) fn is_puppet(hash: &Hash) -> bool {
    modules().puppets.iter().any(|(puppet, _)| puppet == hash)
}

/// A version: the module with one more section that nobody reads.
fn puppet(version: usize) -> (Hash, CodeBytes) {
    let mut module = PUPPET.to_vec();
    if version > 0 {
        let name = b"version";
        let section = [0, 2 + name.len() as u8, name.len() as u8];
        module.extend_from_slice(&section);
        module.extend_from_slice(name);
        module.push(version as u8);
    }
    let code = CodeBytes::from(module);
    (code.hash(), code)
}
