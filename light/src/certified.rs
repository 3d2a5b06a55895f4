//! Whether a committee made a root block final.

use types::{
    Certificate, CertificateError, CertificateKind, ChainId, Committee, Epoch, Finality, Header,
    NetworkId,
};

/// The block format that this program knows.
const VERSION: u16 = 1;

/// How many of a committee signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The committee's term.
    pub epoch: Epoch,
    /// Seats that confirmed.
    pub seats: u64,
    /// Seats of the committee.
    pub of: u64,
}

/// Why a root block does not count as final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertifiedError {
    /// The block is of an unknown version.
    #[error("block of version {found}, only 1 is known")]
    Version {
        /// Its version.
        found: u16,
    },
    /// The block is none of the root.
    #[error("a block of chain {found} where one of chain 0 must be")]
    Chain {
        /// Its chain.
        found: ChainId,
    },
    /// The block is of another term than the committee.
    #[error("a block of epoch {found} where one of epoch {expected} must be")]
    Epoch {
        /// Its term.
        found: Epoch,
        /// The committee's.
        expected: Epoch,
    },
    /// The certificates are of another block.
    #[error("the certificates are not of this root block")]
    OtherBlock,
    /// A certificate does not hold.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// That `header` is a root block of the committee's term.
pub(crate) fn check_form(header: &Header, committee: &Committee) -> Result<(), CertifiedError> {
    check_root(header)?;
    if header.epoch != committee.epoch {
        return Err(CertifiedError::Epoch {
            found: header.epoch,
            expected: committee.epoch,
        });
    }
    Ok(())
}

/// That `header` is a root block whose format is known.
pub(crate) fn check_root(header: &Header) -> Result<(), CertifiedError> {
    if header.version != VERSION {
        let found = header.version;
        return Err(CertifiedError::Version { found });
    }
    if !header.chain.is_root() {
        let found = header.chain;
        return Err(CertifiedError::Chain { found });
    }
    Ok(())
}

/// That a quorum confirmed and prepared `header`. [L2] [L5]
pub(crate) fn check_finality(
    header: &Header,
    finality: &Finality,
    committee: &Committee,
    network: NetworkId,
) -> Result<Signed, CertifiedError> {
    let names = |certificate: &Certificate, kind| {
        certificate.kind == kind
            && certificate.round == header.round
            && certificate.block() == Some(header.hash())
    };
    let both = names(&finality.confirm, CertificateKind::Confirm)
        && names(&finality.prepare, CertificateKind::Prepare);
    if !both {
        return Err(CertifiedError::OtherBlock);
    }
    for certificate in [&finality.confirm, &finality.prepare] {
        // No early certificate gets here, so their seat count does not matter.
        certificate.verify(committee, network, 0)?;
    }
    Ok(Signed {
        epoch: committee.epoch,
        seats: finality.confirm.seats(committee),
        of: committee.thresholds().seats,
    })
}
