//! What a root block records, in which order, and how much of it.

use actors::{System, SystemError};
use types::{Blame, Declaration};

use super::{BLOCK_WEIGHT, DeclarationError, RootSystem};
use crate::declaration::{RootDeclaration, Seed};
use crate::elections::{ElectionRules, SeedError};
use crate::testing::{Chain, ONE, Root};

fn root() -> Root {
    Root::new(&[&Chain::new(ONE)])
}

fn junk(tag: u8) -> Declaration {
    Declaration::new(vec![tag, 1, 2, 3]).unwrap()
}

fn seed(height: u64) -> RootDeclaration {
    let key = crypto::bls::SecretKey::from_seed(&[1; 32]);
    RootDeclaration::Seed(Seed {
        height,
        signature: key.sign(b"seed"),
    })
}

fn filed(root: &Root, declarations: &[Declaration]) -> SystemError {
    let ctx = root.context(types::ChainId::ROOT);
    let mut edit = actors::Edit::new(&root.state);
    let filings = actors::Filings {
        anchors: &[],
        declarations,
        parent: None,
    };
    root.system().record(&mut edit, filings, &ctx).unwrap_err()
}

#[test]
fn an_error_names_the_declaration_and_whose_fault_it_is() {
    let root = root();
    for tag in 0..=255 {
        let error = filed(&root, &[junk(tag)]);
        let SystemError::Declaration { at: 0, source } = &error else {
            panic!("{error}");
        };
        let cause = source.downcast_ref::<DeclarationError>().unwrap();
        assert_eq!(cause.blame(), Blame::Sender, "{cause}");
    }
    // Without a beacon no seed is known, and that is nobody's fault.
    let error = filed(&root, &[seed(5).encode().unwrap()]);
    assert!(error.to_string().contains("no beacon is running"));
    assert_eq!(
        DeclarationError::from(SeedError::NoBeacon).blame(),
        Blame::Nobody
    );
}

/// Fixed committees: no term, so nothing of an election can be declared, and nothing is due.
#[test]
fn a_network_with_fixed_committees_elects_nobody() {
    let mut root = root();
    assert_eq!(root.rules, ElectionRules::FIXED);
    let before = root.state.root();
    let recorded = root.block(&[], &[]).unwrap();
    assert_eq!(recorded, actors::Recorded::default());
    assert_eq!(root.state.root(), before);
    root.phase = types::Phase::Closing;
    let error = root.block(&[], &[]).unwrap_err();
    assert!(matches!(error, SystemError::Term { epoch: 0 }));
}

#[test]
fn a_block_holds_so_many_signatures_of_declarations() {
    let system: RootSystem = root().system();
    // Candidacies weigh 3, readiness and seeds 1, certificates 6, evidence 12.
    let table: [(u8, usize); 6] = [(0, 20), (1, 60), (2, 60), (3, 10), (4, 10), (6, 5)];
    for (tag, most) in table {
        let mut waiting = vec![junk(tag); 120];
        system.fit(&mut waiting);
        assert_eq!(waiting.len(), most, "tag {tag}");
    }
    // What is too heavy is left out, what still fits is not.
    let mut waiting = [vec![junk(3); 2], vec![junk(6); 5], vec![junk(1); 5]].concat();
    system.fit(&mut waiting);
    assert_eq!(waiting.len(), 2 + 4);
    assert_eq!(waiting.last(), Some(&junk(6)));
    let mut waiting = [vec![junk(0); 19], vec![junk(3), junk(1)]].concat();
    system.fit(&mut waiting);
    assert_eq!(waiting.last(), Some(&junk(1)), "57, not 63, then 58");
    assert_eq!(BLOCK_WEIGHT, 60);
}
