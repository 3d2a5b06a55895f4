//! What decoding refuses before anything is verified.

use super::*;

#[test]
fn a_long_path_is_refused_before_it_is_read() {
    let mut bytes = borsh::to_vec(&(0u64, 1u64, u32::MAX)).unwrap();
    assert!(borsh::from_slice::<InclusionProof>(&bytes).is_err());
    bytes.truncate(16);
    bytes.extend_from_slice(&65u32.to_le_bytes());
    bytes.extend_from_slice(&[0; 65 * 32]);
    assert!(borsh::from_slice::<InclusionProof>(&bytes).is_err());
    assert!(borsh::from_slice::<ConsistencyProof>(&bytes[16..]).is_err());
    let json = serde_json::to_string(&ConsistencyProof {
        path: vec![Hash::ZERO; 65],
    })
    .unwrap();
    assert!(serde_json::from_str::<ConsistencyProof>(&json).is_err());
}

#[test]
fn proofs_survive_both_encodings() {
    let proof = MerkleTree::from_leaf_hashes(leaves(13)).prove(12).unwrap();
    let json = serde_json::to_string(&proof).unwrap();
    assert_eq!(
        serde_json::from_str::<InclusionProof>(&json).unwrap(),
        proof
    );
    let bytes = borsh::to_vec(&proof).unwrap();
    assert_eq!(borsh::from_slice::<InclusionProof>(&bytes).unwrap(), proof);
}

#[test]
fn a_frontier_has_one_peak_per_set_bit() {
    let mut frontier = Frontier::new();
    for leaf in leaves(11) {
        frontier.append(leaf);
    }
    let bytes = borsh::to_vec(&frontier).unwrap();
    let mut decoded: Frontier = borsh::from_slice(&bytes).unwrap();
    assert_eq!(decoded, frontier);
    decoded.append(leaf_hash(&11u64.to_le_bytes()));
    assert_eq!(decoded.root(), root_of(&leaves(12)));
    for size in (0u8..=255).filter(|size| size.count_ones() != 3) {
        let mut wrong = bytes.clone();
        wrong[0] = size;
        assert!(
            borsh::from_slice::<Frontier>(&wrong).is_err(),
            "size {size}"
        );
    }
}
