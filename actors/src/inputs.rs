//! What a block brings in besides σ.

use std::sync::Arc;

use types::{Ack, Blame, Bundle, ChainId, ExternalMessage, Import, Lanes, MessageId, RelayMessage};

use crate::queue::sum;
use crate::{Context, Edit, Filings, Letter, Parallelism, Recorded, State, SystemError};

/// The inputs of a block. Signatures, proofs and message ids have been checked before.
///
/// Input numbers in σ: the externals first, then the messages of all imports in order.
#[derive(Clone, Debug, Default)]
pub struct Inputs<'a> {
    /// External messages with their ids. For a proposer: candidates.
    pub externals: Vec<(MessageId, &'a ExternalMessage)>,
    /// Bundles from other chains, those of one lane in index order.
    pub imports: Vec<Incoming<'a>>,
    /// Anchors and declarations; on the root only.
    pub filings: Filings<'a>,
    /// How far other chains have taken this chain's messages, as the root shows.
    pub acks: Vec<Ack>,
}

/// A bundle that has been proved to have left its source.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The chain that it left.
    pub source: ChainId,
    /// What was committed there.
    pub bundle: &'a Bundle,
    /// The bundle's messages.
    pub messages: &'a [RelayMessage],
}

impl<'a> From<&'a Import> for Incoming<'a> {
    fn from(import: &'a Import) -> Self {
        Self {
            source: import.source,
            bundle: &import.bundle,
            messages: &import.messages,
        }
    }
}

/// Why a block can't have these inputs.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// An acknowledgement moves back, or beyond what was sent.
    #[error("acknowledgement by chain {peer} moves back or beyond what was sent")]
    Ack {
        /// The other chain.
        peer: ChainId,
    },
    /// A bundle is not the next one of its lane to this chain.
    #[error("import {at} from chain {source_chain} starts at {found} instead of {expected}")]
    Cursor {
        /// Place of the import.
        at: usize,
        /// Where it is from.
        source_chain: ChainId,
        /// The lane's cursor.
        expected: u64,
        /// The bundle's first index.
        found: u64,
    },
    /// A bundle is for or from the wrong chain.
    #[error("import {at} is not from another chain to this one")]
    Destination {
        /// Place of the import.
        at: usize,
    },
    /// Sender or recipient of an imported message do not live at the two ends of the lane.
    #[error("import {at}: message {message} is not between accounts of the lane's two chains")]
    Home {
        /// Place of the import.
        at: usize,
        /// Place of the message in it.
        message: usize,
    },
    /// The counts of a bundle are not those of its messages, or its value overflows the ledger.
    #[error("import {at}: count, bytes or value are wrong or too large")]
    Sums {
        /// Place of the import.
        at: usize,
    },
    /// More messages than σ can number.
    #[error("too many input messages")]
    TooMany,
    /// What is filed can't be recorded.
    #[error(transparent)]
    System(#[from] SystemError),
}

impl InputError {
    /// Whoever proposes inputs can check them first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

/// Inputs that have been applied as far as they don't need execution.
pub(crate) struct Prepared {
    /// Filings recorded.
    pub(crate) state: State,
    pub(crate) recorded: Recorded,
    /// Acknowledgements and imports counted; `held` not yet.
    pub(crate) lanes: Lanes,
    /// The imported messages in input order.
    pub(crate) letters: Vec<Arc<Letter>>,
}

impl Prepared {
    pub(crate) fn new(
        state: &State,
        inputs: &Inputs<'_>,
        ctx: &Context,
        parallelism: Parallelism,
    ) -> Result<Self, InputError> {
        let mut edit = Edit::new(state);
        let recorded = ctx.system.record(&mut edit, inputs.filings, ctx)?;
        let state = edit.finish();
        let mut lanes = state.lanes().clone();
        for ack in &inputs.acks {
            acknowledge(&mut lanes, ack)?;
        }
        let letters = import(&mut lanes, inputs, ctx, parallelism)?;
        if u32::try_from(inputs.externals.len() + letters.len()).is_err() {
            return Err(InputError::TooMany);
        }
        Ok(Self {
            state,
            recorded,
            lanes,
            letters,
        })
    }
}

fn acknowledge(lanes: &mut Lanes, ack: &Ack) -> Result<(), InputError> {
    let lane = lanes.lane(ack.peer);
    let messages = lane.acked..=lane.next_index;
    let bytes = lane.acked_bytes..=lane.bytes_out;
    if !messages.contains(&ack.messages) || !bytes.contains(&ack.bytes) {
        return Err(InputError::Ack { peer: ack.peer });
    }
    if lane.next_index > 0 {
        let lane = lanes.lane_mut(ack.peer);
        lane.acked = ack.messages;
        // Who has taken all messages has taken all bytes, however its committee counted them: else
        // a lie would take the lane's room for good.
        lane.acked_bytes = match ack.messages == lane.next_index {
            true => lane.bytes_out,
            false => ack.bytes,
        };
    }
    Ok(())
}

fn import(
    lanes: &mut Lanes,
    inputs: &Inputs<'_>,
    ctx: &Context,
    parallelism: Parallelism,
) -> Result<Vec<Arc<Letter>>, InputError> {
    let mut letters = Vec::new();
    for (at, incoming) in inputs.imports.iter().enumerate() {
        between_chains(at, incoming, ctx)?;
        let sealed = parallelism.map(incoming.messages, |message| Letter::new(message.clone()));
        let first = letters.len();
        for letter in sealed {
            letters.push(Arc::new(letter.ok_or(InputError::Sums { at })?));
        }
        count(lanes, at, incoming, &letters[first..])?;
    }
    Ok(letters)
}

fn between_chains(at: usize, incoming: &Incoming<'_>, ctx: &Context) -> Result<(), InputError> {
    if incoming.bundle.destination != ctx.chain || incoming.source == ctx.chain {
        return Err(InputError::Destination { at });
    }
    let stranger = incoming.messages.iter().position(|message| {
        ctx.routing.home(&message.from) != incoming.source || !ctx.is_home(&message.to)
    });
    match stranger {
        Some(message) => Err(InputError::Home { at, message }),
        None => Ok(()),
    }
}

/// Moves the lane's counters over a bundle. [G9]
fn count(
    lanes: &mut Lanes,
    at: usize,
    incoming: &Incoming<'_>,
    letters: &[Arc<Letter>],
) -> Result<(), InputError> {
    let bundle = incoming.bundle;
    let bytes = letters.iter().map(|letter| letter.bytes()).sum::<u64>();
    let value = types::Amount::sum(letters.iter().map(|letter| letter.carried()));
    if u64::from(bundle.count) != letters.len() as u64
        || bundle.bytes != bytes
        || Some(bundle.value) != value
    {
        return Err(InputError::Sums { at });
    }
    let fits = fits_ledger(lanes, bundle.value);
    let lane = lanes.lane_mut(incoming.source);
    if lane.next_import != bundle.first_index {
        return Err(InputError::Cursor {
            at,
            source_chain: incoming.source,
            expected: lane.next_import,
            found: bundle.first_index,
        });
    }
    let cursor = lane.next_import.checked_add(u64::from(bundle.count));
    let bytes_in = lane.bytes_in.checked_add(bundle.bytes);
    let (Some(cursor), Some(bytes_in), true) = (cursor, bytes_in, fits) else {
        return Err(InputError::Sums { at });
    };
    lane.next_import = cursor;
    lane.bytes_in = bytes_in;
    lane.value_in = sum(lane.value_in, bundle.value);
    Ok(())
}

/// Whether minted + imported, and with it every part of the ledger, still fits in a `u128`.
fn fits_ledger(lanes: &Lanes, value: types::Amount) -> bool {
    let taken = lanes.lanes.iter().map(|lane| lane.value_in);
    let all = taken.chain([lanes.ledger.minted, value]);
    types::Amount::sum(all).is_some()
}
