//! RFC 6962 with SHA-256: roots and proofs made by another implementation.

use rs_merkle::Hasher;
use rs_merkle::algorithms::Sha256;
use serde::Deserialize;

use super::*;

#[derive(Clone)]
struct Rfc6962;

impl TreeHash for Rfc6962 {
    fn empty() -> Hash {
        Sha256::hash(&[]).into()
    }

    fn leaf(data: &[u8]) -> Hash {
        Sha256::hash(&[&[0], data].concat()).into()
    }

    fn node(left: &Hash, right: &Hash) -> Hash {
        Sha256::hash(&[&[1], left.as_ref(), right.as_ref()].concat()).into()
    }
}

#[derive(Deserialize)]
struct Vectors {
    leaves: Vec<String>,
    roots: Vec<Hash>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

#[derive(Deserialize)]
struct Inclusion {
    case: String,
    index: u64,
    size: u64,
    root: String,
    leaf: String,
    path: Vec<String>,
    error: bool,
}

#[derive(Deserialize)]
struct Consistency {
    case: String,
    old_size: u64,
    new_size: u64,
    old_root: String,
    new_root: String,
    path: Vec<String>,
    error: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/vectors/rfc6962.json")).unwrap()
}

fn leaf_data(vectors: &Vectors) -> Vec<Vec<u8>> {
    vectors
        .leaves
        .iter()
        .map(|leaf| hex::decode(leaf).unwrap())
        .collect()
}

/// The hashes of a case, or `None` where one does not have 32 bytes, which no proof of ours can.
fn hashes(texts: &[String]) -> Option<Vec<Hash>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}

#[test]
fn trees_and_frontiers_have_the_published_roots() {
    let vectors = vectors();
    let data = leaf_data(&vectors);
    let mut frontier = Frontier::new();
    for (n, root) in vectors.roots.iter().enumerate() {
        assert_eq!(
            Tree::<Rfc6962>::from_leaves(data[..n].iter()).root(),
            *root,
            "n = {n}"
        );
        assert_eq!(frontier.root_by::<Rfc6962>(), *root, "n = {n}");
        if let Some(leaf) = data.get(n) {
            frontier.append_by::<Rfc6962>(Rfc6962::leaf(leaf));
        }
    }
    assert_eq!(vectors.roots.len(), 9);
}

#[test]
fn published_inclusion_proofs_have_the_published_verdicts() {
    let vectors = vectors();
    let data = leaf_data(&vectors);
    for case in &vectors.inclusion {
        let verdict = || {
            let path = hashes(&case.path)?;
            let proof = InclusionProof {
                index: case.index,
                size: case.size,
                path,
            };
            let (root, leaf) = (case.root.parse().ok()?, case.leaf.parse().ok()?);
            proof
                .verify_by::<Rfc6962>(&root, &leaf)
                .ok()
                .map(|()| proof)
        };
        assert_eq!(verdict().is_none(), case.error, "{}", case.case);
        // Where it holds, our tree makes the same proof.
        if let Some(proof) = verdict() {
            let tree = Tree::<Rfc6962>::from_leaves(data[..case.size as usize].iter());
            if tree.root().to_string() == case.root {
                assert_eq!(tree.prove(case.index), Some(proof), "{}", case.case);
            }
        }
    }
    assert_eq!(vectors.inclusion.len(), 98);
}

#[test]
fn published_consistency_proofs_have_the_published_verdicts() {
    let vectors = vectors();
    let data = leaf_data(&vectors);
    let mut checked = 0;
    for case in &vectors.consistency {
        // Some cases have a few letters for a root; equal letters "hold" there, and have no
        // value of our type here.
        if case.old_root.len() != 64 || case.new_root.len() != 64 {
            continue;
        }
        checked += 1;
        let verdict = || {
            let proof = ConsistencyProof {
                path: hashes(&case.path)?,
            };
            let (old, new) = (case.old_root.parse().ok()?, case.new_root.parse().ok()?);
            let (old_size, new_size) = (case.old_size, case.new_size);
            proof
                .verify_by::<Rfc6962>(old_size, &old, new_size, &new)
                .ok()
                .map(|()| proof)
        };
        assert_eq!(verdict().is_none(), case.error, "{}", case.case);
        if let Some(proof) = verdict() {
            let tree = Tree::<Rfc6962>::from_leaves(data[..case.new_size as usize].iter());
            assert_eq!(
                tree.prove_consistency(case.old_size),
                Some(proof),
                "{}",
                case.case
            );
        }
    }
    assert_eq!((checked, vectors.consistency.len()), (79, 98));
}
