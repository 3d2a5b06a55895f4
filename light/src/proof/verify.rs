//! Checking a proof, step by step. [F2]

use std::collections::BTreeSet;

use borsh::to_vec;
use crypto::merkle::{InclusionProof, leaf_hash};
use types::{BundleProof, ChainId, Header, MessageId, Tip};

use super::{Evidence, Fact, FailedStep, FileError, ProofFile, StepError, StepName, StepReport};
use crate::{Line, Trust};

/// The block format that this program knows.
const BLOCK_VERSION: u16 = 1;

/// Reads and verifies a file; also finds changes in bytes that prove nothing. [F1]
pub fn verify_bytes(
    bytes: &[u8],
    trust: &Trust,
) -> Result<(ProofFile, Vec<StepReport>), FailedStep> {
    let failed = |error: FileError, held: Vec<StepReport>| FailedStep {
        evidence: 0,
        step: StepName::File,
        error: Box::new(error.into()),
        held,
    };
    let file = ProofFile::decode_unchecked(bytes).map_err(|error| failed(error, Vec::new()))?;
    let held = verify(&file, trust)?;
    match ProofFile::check(bytes) {
        Ok(()) => Ok((file, held)),
        Err(error) => Err(failed(error, held)),
    }
}

/// Verifies a proof against a checkpoint. Every step that held, in order.
pub fn verify(file: &ProofFile, trust: &Trust) -> Result<Vec<StepReport>, FailedStep> {
    let mut steps = Steps {
        evidence: 0,
        known: BTreeSet::from([file.message]),
        held: Vec::new(),
    };
    match steps.check_all(file, trust) {
        Ok(()) => Ok(steps.held),
        Err(broken) => Err(steps.failed(broken)),
    }
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
            error: Box::new(error),
            held: self.held,
        }
    }

    fn check_all(&mut self, file: &ProofFile, trust: &Trust) -> Result<(), Broken> {
        let (found, expected) = (file.network, trust.checkpoint.network);
        if found != expected {
            let error = StepError::OtherNetwork { found, expected };
            return Err((StepName::Genesis, error));
        }
        if file.evidence.is_empty() {
            return Err((StepName::File, FileError::Contents.into()));
        }
        let line = self.follow(file, trust)?;
        for evidence in &file.evidence {
            self.evidence += 1;
            self.check(evidence, &line)?;
        }
        Ok(())
    }

    /// From the checkpoint over all handovers to the end of the line.
    fn follow(&mut self, file: &ProofFile, trust: &Trust) -> Result<Line, Broken> {
        let mut line = self.start(file, trust).map_err(at(StepName::Checkpoint))?;
        for step in &file.handovers {
            let epoch = line.committee().epoch;
            let signed = line.hand_over(step);
            let broken = |source| StepError::Handover { epoch, source };
            let signed = signed.map_err(broken).map_err(at(StepName::Handover))?;
            self.held.push(StepReport::Handover {
                epoch,
                height: step.closing.height,
                seats: signed.seats,
                of: signed.of,
            });
        }
        if let Some(head) = &file.head {
            let signed = line.reach(head).map_err(at(StepName::Certificate))?;
            self.held.push(StepReport::Certificate {
                height: head.block.height,
                epoch: signed.epoch,
                seats: signed.seats,
                of: signed.of,
            });
        }
        // [L4] What the line shows of the present counts like the caller's word.
        let aged = trust.check_age(line.last().height);
        aged.map_err(at(StepName::Checkpoint))?;
        Ok(line)
    }

    fn start(&mut self, file: &ProofFile, trust: &Trust) -> Result<Line, StepError> {
        let root = &trust.checkpoint.root;
        let (found, expected) = (file.from, root.height);
        let line = Line::start(&trust.checkpoint)?;
        trust.check_age(expected)?;
        // [F5]
        if found != expected {
            return Err(StepError::OtherStart { found, expected });
        }
        self.held.push(StepReport::Checkpoint {
            height: expected,
            hash: root.hash(),
            epoch: line.committee().epoch,
        });
        Ok(line)
    }

    fn check(&mut self, evidence: &Evidence, line: &Line) -> Result<(), Broken> {
        self.check_fact(&evidence.fact, &evidence.header)?;
        self.check_header(evidence)?;
        let root = self.check_anchored(evidence)?;
        let place = evidence.place.as_ref();
        let below = line.check(root, place).map_err(at(StepName::RootBlock))?;
        let height = root.height;
        self.held.push(StepReport::RootBlock { height, below });
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
