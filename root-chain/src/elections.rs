//! Terms and elections: who runs which chain, from when to when.
//!
//! ```text
//!  end - lead            k'            k' + W                  end
//!      k ─── seed R_k ───┼─ candidates ───┤ cut-off ── ready ───┼── told ── closing block ── next
//!      opened            known            │ too few            │
//!                                         └► next attempt, T doubled; after three of them the
//!                                            seed draws publicly from all that declared themselves
//!  no anchor, a fork, or no end ──► frozen ── W_r: certified blocks are brought in ──► rescued
//! ```
//!
//! # Rules
//!
//! * **[E1] Height is the clock.** The election for a chain's next term opens `lead` root heights
//!   before the term's end, at a height k that everybody knows beforehand. The paper lets a chain
//!   signal its election; then whoever times the signal picks among seeds.
//! * **[E2] Nothing to grind.** k's seed is unknown before k is final, no content of any block
//!   enters it, and stake counts as it stood when the election opened.
//! * **[E3] Private, ranked tickets.** Each ticket's hash is a coin of its own under the staker's
//!   verifiable draw, so splitting stake gains nothing; hashes below T win. T makes one and a half
//!   times as many winners as seats likely, given the turnout.
//! * **[E4] One word a staker and attempt**, in (k', k' + W] where k' is the height at which the
//!   seed became known; cheap checks first, pairings last. W has an honest leader, so nobody is
//!   kept out. A second, different word is evidence ([`Elected::contradicts`]).
//! * **[E5] Rank decides.** Winning tickets are sorted by hash: the first n are seats, grouped by
//!   staker, the stakers of the next ones auditors. Two thirds of n seats, rounded up, are enough;
//!   of all tickets where there are fewer.
//! * **[E6] It ends.** Too few: another attempt with the next seed and T doubled. After
//!   [`ATTEMPTS`] the next seed draws publicly from the tickets of all that declared themselves
//!   for this term: they are known to live, and their keys are known. If there are none, the
//!   committee stays and the election begins anew.
//! * **[E7] Ready first.** A term may end once its end is reached and a quorum of the next
//!   committee's seats follows the chain; for the root its key must also be there. All are told
//!   once. If nobody is ready for `late` heights, another committee is elected.
//! * **[E8] Bounded work.** A block seats one committee at most, as decoding its keys costs, and
//!   its declarations weigh at most [`crate::declaration::BLOCK_WEIGHT`] signatures. First terms
//!   are shortened by chain, so that not all chains elect at once.
//! * **[E9] A seat is bound to one staker.** Stake key and consensus key both sign the whole
//!   declaration, so no proof of possession can be copied into another's.
//! * **[E11] Stalled**: no anchor for `stall` heights, though idle chains anchor with every
//!   heartbeat; or the old committee does not end its term for `late` heights after it might have.
//! * **[E12] Frozen**: nothing of the chain is recorded. Its next committee, elected already or
//!   now, will take over without the old one's word. Besides chains that stand still, those freeze
//!   of which somebody shows a fork, and those of whose committee more than f seats are convicted:
//!   no certificate of such a committee proves anything.
//! * **[E13] Rescued**: for Wr heights anybody may bring in a higher block that the old committee
//!   certified; the highest is what the new one builds on. So a certified block survives unless
//!   nobody gets its certificate into the root for 2f + 2 heights. The old committee's members
//!   that signed none of these and did not answer are jailed.

use actors::{Account, Slot, State};
use types::{ChainId, Epoch, Height};

mod candidacy;
mod candidate;
mod checked;
mod clock;
mod cut;
mod declare;
mod rules;
mod slots;
mod stakes;
mod term;
#[cfg(test)]
mod tests;
mod ticket;

pub use candidacy::Candidacy;
pub use candidate::{
    Candidate, CandidateKeys, Draw, Drawn, Elected, Encryption, Tickets, draw, ready_digest,
};
pub use checked::Checked;
pub use clock::ATTEMPTS;
pub(crate) use clock::Clock;
use clock::is_public;
pub use cut::{Cut, rank, sample};
pub(crate) use declare::Judge;
pub use declare::{ElectionError, Ready};
pub use rules::{Beacon, ElectionRules, NoBeacon, SeedError};
pub(crate) use slots::put_news;
pub use slots::{
    account_id, auditors, certified, chains, declared, encoded_encryption_keys, encryption_keys,
    news, rescued, rival, term,
};
pub use stakes::{Stake, Stakes};
pub use term::{Drawing, Election, Freeze, Known, Stage, Successor, Term};
pub use ticket::{LEAST_TURNOUT, Threshold, ticket_hash, winning};

pub(crate) mod rescue;

/// The account in the root's first state; none where first committees serve forever.
pub fn first_account(
    chains: impl IntoIterator<Item = ChainId>,
    rules: &ElectionRules,
) -> Option<Account> {
    if rules.is_fixed() {
        return None;
    }
    let begin = |chain| (chain, Term::begin(0, 0, first_length(chain, rules)));
    let terms: Vec<_> = chains.into_iter().map(begin).collect();
    let stored = slots::first_slots(&terms).into_iter();
    Some(Account {
        storage: stored
            .map(|(key, bytes)| (key, Slot(bytes.into())))
            .collect(),
        ..Account::default()
    })
}

/// [E8] Chains in groups of sixteen begin with terms that are shorter by a sixteenth each of what
/// is not needed for the first election.
const fn first_length(chain: ChainId, rules: &ElectionRules) -> Height {
    let length = rules.length(chain);
    let spare = length.saturating_sub(rules.lead(chain));
    let turn = chain.0.saturating_sub(1) % 16;
    length - spare * turn as Height / 16
}

/// Whether nothing of a chain is recorded now. [E12]
pub(crate) fn is_frozen(root: &State, chain: ChainId) -> bool {
    term(root, chain).is_some_and(|term| term.frozen.is_some())
}

/// Whether a block that cites a root height may close a term. [E7]
pub(crate) fn may_close(root: &State, chain: ChainId, epoch: Epoch, cited: Height) -> bool {
    term(root, chain).is_some_and(|term| {
        let told = term.successor().and_then(|successor| successor.told);
        term.epoch == epoch && told.is_some_and(|told| told <= cited)
    })
}
