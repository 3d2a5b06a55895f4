//! Small parts of a network for tests.

use crypto::Hash;
use crypto::merkle::{EMPTY_ROOT, InclusionProof};
use types::{
    Amount, AnchorRecord, Bundle, BundleProof, Certificate, CertificateKind, ChainId, Finality,
    Header, Height, Import, Lane, Lanes, RootBlock, RootRef, Time, Tip,
};

use crate::root_view::RootView;

/// The chain that takes.
pub(crate) const HERE: ChainId = ChainId(1);
/// The chain that sends.
pub(crate) const SOURCE: ChainId = ChainId(2);

/// A header of which only chain and height matter.
pub(crate) fn header(chain: ChainId, height: Height) -> Header {
    Header {
        version: 1,
        chain,
        epoch: 0,
        height,
        round: height,
        parent: Default::default(),
        parent_round: 0,
        justification: Hash::ZERO,
        root_ref: RootRef::default(),
        time: Time(height),
        proposer: 0,
        phase: types::Phase::Ordinary,
        state_root: EMPTY_ROOT,
        input_root: EMPTY_ROOT,
        order_root: Hash::ZERO,
        message_root: EMPTY_ROOT,
        outbox_root: EMPTY_ROOT,
        receipt_root: EMPTY_ROOT,
        history_root: EMPTY_ROOT,
        lanes_root: EMPTY_ROOT,
        body: Hash::ZERO,
        body_bytes: 0,
        gas: 0,
    }
}

/// A root that shows the source to have sent this much.
pub(crate) fn view(messages: u64, bytes: u64, value: u128) -> RootView {
    let sent = Lane {
        peer: HERE,
        next_index: messages,
        bytes_out: bytes,
        value_out: Amount(value),
        ..Lane::default()
    };
    let tip = header(SOURCE, 5);
    let record = AnchorRecord {
        tip: Tip::of(&tip),
        epoch: 0,
        closing: false,
        root_ref: 0,
        outbox_root: EMPTY_ROOT,
        state_root: EMPTY_ROOT,
        lanes: Lanes {
            lanes: vec![sent],
            ..Lanes::default()
        },
        recorded: 0,
    };
    let header = header(ChainId::ROOT, 0);
    RootView::genesis(&RootBlock {
        header,
        lanes: Lanes::default(),
        records: vec![record],
        news: vec![],
    })
}

/// A bundle of that many messages; they are left out.
pub(crate) fn import(first: u64, count: u32, bytes: u64, value: u128) -> Import {
    Import {
        source: SOURCE,
        bundle: Bundle {
            destination: HERE,
            first_index: first,
            count,
            bytes,
            value: Amount(value),
            root: EMPTY_ROOT,
        },
        messages: Vec::new(),
        proof: BundleProof {
            header: header(SOURCE, 5),
            outbox: InclusionProof {
                index: 0,
                size: 1,
                path: Vec::new(),
            },
            history: None,
        },
    }
}

/// Certificates of a block that nobody signed.
pub(crate) fn finality(header: &Header) -> Finality {
    let certificate = |kind| Certificate {
        kind,
        chain: header.chain,
        epoch: header.epoch,
        round: header.round,
        groups: Vec::new(),
        signature: consensus::unsigned(),
    };
    Finality {
        confirm: certificate(CertificateKind::Confirm),
        prepare: certificate(CertificateKind::Prepare),
    }
}
