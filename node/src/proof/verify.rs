//! Checking a proof, step by step. [F2]

use std::collections::BTreeSet;

use borsh::to_vec;
use crypto::merkle::{InclusionProof, leaf_hash};
use types::{BundleProof, CertificateKind, ChainId, Header, MessageId, Tip};

use super::{
    Certified, Evidence, Fact, FailedStep, FileError, ProofFile, StepError, StepName, StepReport,
    TrustedRoot,
};

/// The block format that this program knows.
const BLOCK_VERSION: u16 = 1;

/// Reads and verifies a file; also finds changes in bytes that prove nothing. [F1]
pub fn verify_bytes(
    bytes: &[u8],
    trusted: &TrustedRoot,
) -> Result<(ProofFile, Vec<StepReport>), FailedStep> {
    let failed = |error: FileError, held: Vec<StepReport>| FailedStep {
        evidence: 0,
        step: StepName::File,
        error: error.into(),
        held,
    };
    let file = ProofFile::decode_unchecked(bytes).map_err(|error| failed(error, Vec::new()))?;
    let held = verify(&file, trusted)?;
    match ProofFile::check(bytes) {
        Ok(()) => Ok((file, held)),
        Err(error) => Err(failed(error, held)),
    }
}

/// Verifies a proof against what the genesis file says. Every step that held, in order.
pub fn verify(file: &ProofFile, trusted: &TrustedRoot) -> Result<Vec<StepReport>, FailedStep> {
    let mut steps = Steps {
        evidence: 0,
        known: BTreeSet::from([file.message]),
        held: Vec::new(),
    };
    if file.network != trusted.network {
        let error = StepError::OtherNetwork {
            found: file.network,
            expected: trusted.network,
        };
        return Err(steps.failed((StepName::Genesis, error)));
    }
    if file.evidence.is_empty() {
        return Err(steps.failed((StepName::File, FileError::Contents.into())));
    }
    for evidence in &file.evidence {
        steps.evidence += 1;
        if let Err(broken) = steps.check(evidence, trusted) {
            return Err(steps.failed(broken));
        }
    }
    Ok(steps.held)
}

type Broken = (StepName, StepError);

/// A check under way.
struct Steps {
    evidence: usize,
    /// The file's message, and what proven receipts say it led to. [F3]
    known: BTreeSet<MessageId>,
    held: Vec<StepReport>,
}

impl Steps {
    fn failed(self, (step, error): Broken) -> FailedStep {
        FailedStep {
            evidence: self.evidence,
            step,
            error,
            held: self.held,
        }
    }

    fn check(&mut self, evidence: &Evidence, trusted: &TrustedRoot) -> Result<(), Broken> {
        self.check_fact(&evidence.fact, &evidence.header)?;
        self.check_header(evidence)?;
        let root = self.check_anchored(evidence)?;
        let certified = self.check_root(root, &evidence.certified)?;
        self.check_certificate(certified, &evidence.certified, trusted)?;
        if let Fact::Executed { receipt, .. } = &evidence.fact {
            self.known.extend(&receipt.outputs);
        }
        Ok(())
    }

    fn check_fact(&mut self, fact: &Fact, header: &Header) -> Result<(), Broken> {
        match fact {
            Fact::Left {
                message,
                position,
                bundle,
                outbox,
            } => {
                self.check_known(message.id())?;
                let leaf = leaf_hash(&to_vec(message).unwrap_or_default());
                position
                    .verify_in(&bundle.root, bundle.count.into(), &leaf)
                    .map_err(at(StepName::Bundle))?;
                self.held.push(StepReport::Bundle {
                    destination: bundle.destination,
                    lane_index: bundle.first_index.saturating_add(position.index),
                });
                outbox
                    .verify(&header.outbox_root, &bundle.leaf())
                    .map_err(at(StepName::Outbox))?;
                self.held.push(StepReport::Outbox {
                    chain: header.chain,
                });
            }
            Fact::Executed { receipt, position } => {
                self.check_known(receipt.message)?;
                let leaf = leaf_hash(&to_vec(receipt).unwrap_or_default());
                position
                    .verify(&header.receipt_root, &leaf)
                    .map_err(at(StepName::Receipt))?;
                self.held.push(StepReport::Receipt {
                    status: receipt.status,
                    outputs: receipt.outputs.len(),
                });
            }
        }
        Ok(())
    }

    fn check_known(&mut self, id: MessageId) -> Result<(), Broken> {
        if !self.known.contains(&id) {
            return Err((StepName::Message, StepError::OtherMessage { found: id }));
        }
        self.held.push(StepReport::Message {
            evidence: self.evidence,
            id,
        });
        Ok(())
    }

    fn check_header(&mut self, evidence: &Evidence) -> Result<(), Broken> {
        let header = &evidence.header;
        check_version(header).map_err(at(StepName::Header))?;
        if header.chain.is_root() == evidence.anchored.is_some() {
            let chain = header.chain;
            return Err((StepName::Header, StepError::Tie { chain }));
        }
        self.held.push(StepReport::Header {
            chain: header.chain,
            height: header.height,
            hash: header.hash(),
        });
        Ok(())
    }

    /// The root block that answers for the evidence's block.
    fn check_anchored<'a>(&mut self, evidence: &'a Evidence) -> Result<&'a Header, Broken> {
        let Some(anchored) = &evidence.anchored else {
            return Ok(&evidence.header);
        };
        let tip = &anchored.anchor.tip;
        check_history(&evidence.header, anchored.history.as_ref(), tip)
            .map_err(at(StepName::History))?;
        self.held.push(StepReport::History { tip: tip.height });
        let leaf = leaf_hash(anchored.anchor.hash().as_bytes());
        anchored
            .input
            .verify(&anchored.root.input_root, &leaf)
            .map_err(at(StepName::Anchor))?;
        self.held.push(StepReport::Anchor {
            chain: tip.chain,
            tip: tip.height,
        });
        Ok(&anchored.root)
    }

    /// The root block that the certificates must be of.
    fn check_root<'a>(
        &mut self,
        root: &'a Header,
        certified: &'a Certified,
    ) -> Result<&'a Header, Broken> {
        let later = certified.later.as_ref();
        let top = later.map_or(root, |(header, _)| header);
        let checked = check_version(root)
            .and_then(|()| check_chain(root, ChainId::ROOT))
            .and_then(|()| check_version(top))
            .and_then(|()| match later {
                Some((top, path)) => check_history(root, Some(path), top),
                None => Ok(()),
            });
        checked.map_err(at(StepName::RootBlock))?;
        self.held.push(StepReport::RootBlock {
            height: root.height,
            certified: top.height,
        });
        Ok(top)
    }

    fn check_certificate(
        &mut self,
        root: &Header,
        certified: &Certified,
        trusted: &TrustedRoot,
    ) -> Result<(), Broken> {
        let report = check_finality(root, certified, trusted);
        self.held.push(report.map_err(at(StepName::Certificate))?);
        Ok(())
    }
}

fn check_finality(
    root: &Header,
    certified: &Certified,
    trusted: &TrustedRoot,
) -> Result<StepReport, StepError> {
    let epoch = root.epoch;
    let committee = trusted
        .committees
        .iter()
        .find(|committee| committee.chain == ChainId::ROOT && committee.epoch == epoch)
        .ok_or(StepError::UnknownCommittee { epoch })?;
    let finality = &certified.finality;
    let expected = [
        (&finality.confirm, CertificateKind::Confirm),
        (&finality.prepare, CertificateKind::Prepare),
    ];
    for (certificate, kind) in expected {
        let of_block = certificate.block() == Some(root.hash()) && certificate.round == root.round;
        if !of_block || certificate.kind != kind {
            return Err(StepError::OtherBlock);
        }
        // No early certificate gets here, so their seat count does not matter.
        certificate.verify(committee, trusted.network, 0)?;
    }
    Ok(StepReport::Certificate {
        epoch,
        seats: finality.confirm.seats(committee),
        of: committee.thresholds().seats,
    })
}

fn check_version(header: &Header) -> Result<(), StepError> {
    if header.version == BLOCK_VERSION {
        Ok(())
    } else {
        Err(StepError::BlockVersion {
            found: header.version,
        })
    }
}

fn check_chain(header: &Header, expected: ChainId) -> Result<(), StepError> {
    if header.chain == expected {
        Ok(())
    } else {
        Err(StepError::OtherChain {
            found: header.chain,
            expected,
        })
    }
}

/// That `header` is `tip` or lies below it on the same chain. [F4]
fn check_history(
    header: &Header,
    path: Option<&InclusionProof>,
    tip: &Header,
) -> Result<(), StepError> {
    check_chain(header, tip.chain)?;
    let walk = BundleProof {
        header: header.clone(),
        outbox: InclusionProof {
            index: 0,
            size: 0,
            path: Vec::new(),
        },
        history: path.cloned(),
    };
    walk.verify_history(&Tip::of(tip)).map_err(StepError::from)
}

fn at<E: Into<StepError>>(step: StepName) -> impl FnOnce(E) -> Broken {
    move |error| (step, error.into())
}
