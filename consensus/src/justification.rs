//! May a block extend its parent in its round? [P2]

use types::{
    BlockHash, Certificate, CertificateError, CertificateKind, Committee, Header, Justification,
    NetworkId, Round,
};

#[cfg(test)]
mod tests;

/// Why a justification does not make its block eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JustificationError {
    /// Not the justification that the header commits to.
    #[error("the header commits to another justification")]
    Hash,
    /// The parent's round is not below the block's.
    #[error("the parent's round is not below the block's")]
    Rounds,
    /// No prepare certificate of the parent and no skip certificate that pins it.
    #[error("nothing shows that the parent may be extended")]
    Parent,
    /// A round between lacks its unpinned skip certificate.
    #[error("the rounds between are not all skipped")]
    Skips,
    /// A certificate does not verify.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// Checks a justification: `eligible` of rule [P2]. `genesis` needs no certificate; certificates
/// that `known` says were verified before are not verified again.
pub(crate) fn check(
    header: &Header,
    justification: &Justification,
    genesis: (BlockHash, Round),
    committee: &Committee,
    network: NetworkId,
    known: impl Fn(&Certificate) -> bool,
) -> Result<(), JustificationError> {
    if header.justification != justification.hash() {
        return Err(JustificationError::Hash);
    }
    if header.parent_round >= header.round {
        return Err(JustificationError::Rounds);
    }
    check_parent(header, justification, genesis, committee)?;
    check_skips(header, justification, committee)?;
    for certificate in justification.parent.iter().chain(&justification.skips) {
        if !known(certificate) {
            certificate.verify(committee, network, 0)?;
        }
    }
    Ok(())
}

fn check_parent(
    header: &Header,
    justification: &Justification,
    genesis: (BlockHash, Round),
    committee: &Committee,
) -> Result<(), JustificationError> {
    let shown = match &justification.parent {
        None => genesis == (header.parent, header.parent_round),
        Some(certificate) if certificate.round == header.parent_round => match certificate.kind {
            CertificateKind::Prepare => certificate.block() == Some(header.parent),
            CertificateKind::Skip => certificate.pinned(committee) == Some(header.parent),
            CertificateKind::Confirm | CertificateKind::Early => false,
        },
        Some(_) => false,
    };
    shown.then_some(()).ok_or(JustificationError::Parent)
}

fn check_skips(
    header: &Header,
    justification: &Justification,
    committee: &Committee,
) -> Result<(), JustificationError> {
    if cfg!(feature = "plant-missing-skip") {
        return Ok(());
    }
    let rounds = header.parent_round + 1..header.round;
    let all = rounds
        .clone()
        .zip(&justification.skips)
        .all(|(round, certificate)| {
            certificate.kind == CertificateKind::Skip
                && certificate.round == round
                && certificate.pinned(committee).is_none()
        });
    let count = rounds.end.saturating_sub(rounds.start);
    if all && justification.skips.len() as u64 == count {
        Ok(())
    } else {
        Err(JustificationError::Skips)
    }
}
