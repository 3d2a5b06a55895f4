//! Judging what stakers and members declare about elections.

use actors::Edit;
use crypto::bls::{PublicKey, SecretKey, Signature};
use crypto::{Domain, Hash, hash_borsh, vrf};
use types::{AccountId, Blame, ChainId, Epoch, Height, NetworkId, Signers};

use super::candidate::{Candidate, Elected, ready_digest};
use super::checked::Checked;
use super::rules::ElectionRules;
use super::slots;
use super::stakes::{Stake, Stakes};
use super::term::{Election, Known, Stage, Term};
use super::ticket::ticket_hash;
use crate::committees::CommitteeCache;

/// What [`Checked`] remembers of a candidacy.
const CANDIDACY: Domain = Domain::new("thinkey/checked/candidacy");
/// What it remembers of a readiness.
const READINESS: Domain = Domain::new("thinkey/checked/readiness");

/// A member says that it follows the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Ready {
    /// The chain.
    pub chain: ChainId,
    /// The committee that it is a member of: the next one, or a frozen chain's own.
    pub epoch: Epoch,
    /// Its number.
    pub member: u16,
    /// By its consensus key over [`ready_digest`].
    pub signature: Signature,
}

impl Ready {
    /// A member's word, signed with its consensus key: that it follows the chain, or its answer
    /// to a freeze at a root height.
    pub fn signed(
        network: NetworkId,
        (chain, epoch): (ChainId, Epoch),
        member: u16,
        frozen: Option<Height>,
        key: &SecretKey,
    ) -> Self {
        let digest = ready_digest(network, (chain, epoch), member, frozen);
        Self {
            chain,
            epoch,
            member,
            signature: key.sign(digest.as_bytes()),
        }
    }
}

/// Why a declaration about elections is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElectionError {
    /// No election of that chain, term and attempt takes candidates now.
    #[error("chain {chain} elects nobody for epoch {epoch}, attempt {attempt} now")]
    Closed {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
        /// The attempt.
        attempt: u32,
    },
    /// The staker has no ticket in this election.
    #[error("staker {staker} has no ticket in this election")]
    NoStake {
        /// The staker.
        staker: AccountId,
    },
    /// It declared itself before.
    #[error("staker {staker} has declared itself in this attempt")]
    Repeated {
        /// The staker.
        staker: AccountId,
    },
    /// More tickets than a committee has seats.
    #[error("{named} tickets named, {most} at most")]
    TooManyTickets {
        /// How many were named.
        named: usize,
        /// How many may be.
        most: u32,
    },
    /// A ticket that the stake does not buy.
    #[error("ticket {ticket} of a staker who has {tickets}")]
    BeyondStake {
        /// The ticket.
        ticket: u64,
        /// The staker's tickets.
        tickets: u64,
    },
    /// A ticket that does not win.
    #[error("ticket {ticket} does not win")]
    Loses {
        /// The ticket.
        ticket: u64,
    },
    /// Shares are encrypted to the root's members and to nobody else.
    #[error("a key for shares is due from candidates of the root, and only from them")]
    EncryptionKey,
    /// The consensus key is that of another candidate.
    #[error("another candidate has this consensus key")]
    RepeatedKey,
    /// The bytes are no key.
    #[error("the consensus key is no key")]
    Key,
    /// The proof is not the stake key's for this drawing.
    #[error("the proof is not that of the stake key for this drawing")]
    Proof,
    /// A proof of possession does not hold.
    #[error("the proof of possession does not hold")]
    Possession,
    /// A signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// The two declarations do not prove that their staker declared itself twice.
    #[error("these are not two different words of one staker in one attempt")]
    NoBallots,
    /// It was punished before.
    #[error("this was punished before")]
    Punished,
    /// Nobody is waited for there.
    #[error("chain {chain} waits for no member of its committee of epoch {epoch}")]
    NotAwaited {
        /// The chain.
        chain: ChainId,
        /// The term.
        epoch: Epoch,
    },
    /// Two words were reported too late.
    #[error("words of that election count as evidence until root height {last}")]
    BallotsTooOld {
        /// The last height at which they did.
        last: Height,
    },
    /// The committee has no such member.
    #[error("no member {member} in the committee of chain {chain}")]
    NoMember {
        /// The chain.
        chain: ChainId,
        /// The number.
        member: u16,
    },
    /// The member said so before.
    #[error("member {member} has said so")]
    Known {
        /// The number.
        member: u16,
    },
}

impl ElectionError {
    /// What depends on how far the root is, is nobody's fault.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Closed { .. }
            | Self::Repeated { .. }
            | Self::NotAwaited { .. }
            | Self::Punished
            | Self::BallotsTooOld { .. }
            | Self::NoStake { .. }
            | Self::Known { .. } => Blame::Nobody,
            _ => Blame::Sender,
        }
    }
}

/// What judging needs besides the declaration.
pub(crate) struct Judge<'a> {
    pub(crate) network: NetworkId,
    pub(crate) rules: &'a ElectionRules,
    pub(crate) stakes: &'a dyn Stakes,
    pub(crate) committees: &'a CommitteeCache,
    pub(crate) checked: &'a Checked,
    pub(crate) height: Height,
    /// Whether signatures were checked before.
    pub(crate) trusted: bool,
}

impl Judge<'_> {
    /// [E4] Takes a candidate in: what is cheap first, pairings last.
    pub(crate) fn elected(
        &self,
        edit: &mut Edit<'_>,
        elected: &Elected,
    ) -> Result<(), ElectionError> {
        let mut term = self.electing(edit, elected)?;
        let Stage::Electing(election) = &mut term.stage else {
            return Err(closed(elected));
        };
        let Some(known) = election.seed else {
            return Err(closed(elected));
        };
        let stake = self.stakes.of(edit, &elected.staker, election.snapshot);
        let stake = stake.filter(|stake| stake.tickets > 0);
        let staker = elected.staker;
        let stake = stake.ok_or(ElectionError::NoStake { staker })?;
        let place = self.check_cheap(edit, elected, election, &stake)?;
        // What the proof would draw if it held: hashing comes before pairings.
        let drawn = *vrf::Output::claimed(&elected.proof).as_hash();
        check_tickets(elected, election, &drawn)?;
        self.check_keys(elected, &known.seed, &stake)?;
        let place = place.unwrap_or_else(|| {
            election.candidates += 1;
            election.candidates - 1
        });
        let candidate = Candidate {
            staker,
            attempt: election.attempt,
            stake: stake.tickets,
            drawn,
            tickets: elected.tickets.clone(),
            node: elected.node,
            key: elected.key,
            encryption: elected.encryption.as_ref().map(|own| own.key),
        };
        let (chain, epoch) = (elected.draw.chain, elected.draw.epoch);
        slots::put_candidate(edit, (chain, epoch), place, &candidate);
        slots::put_term(edit, chain, &term);
        Ok(())
    }

    /// The chain's term, if it elects for this drawing and its window is open: (k', k' + W].
    fn electing(&self, edit: &Edit<'_>, elected: &Elected) -> Result<Term, ElectionError> {
        let draw = &elected.draw;
        let term = slots::term(edit, draw.chain).ok_or_else(|| closed(elected))?;
        let open = term.election().is_some_and(|election| {
            let known = election.seed.as_ref();
            let within = |known: &Known| {
                let last = known.height.saturating_add(self.rules.window);
                known.height < self.height && self.height <= last
            };
            !super::is_public(election)
                && (election.snapshot, election.attempt) == (draw.opened, draw.attempt)
                && known.is_some_and(within)
        });
        if !open || term.next() != draw.epoch {
            return Err(closed(elected));
        }
        Ok(term)
    }

    /// No hashing of tickets, no point decoded. Gives the place of a candidate of before.
    fn check_cheap(
        &self,
        edit: &Edit<'_>,
        elected: &Elected,
        election: &Election,
        stake: &Stake,
    ) -> Result<Option<u32>, ElectionError> {
        let (chain, epoch) = (elected.draw.chain, elected.draw.epoch);
        let staker = elected.staker;
        if elected.encryption.is_some() != chain.is_root() {
            return Err(ElectionError::EncryptionKey);
        }
        let numbers = elected.tickets.numbers();
        let (named, most) = (numbers.len(), self.rules.seats(chain));
        if named > most as usize {
            return Err(ElectionError::TooManyTickets { named, most });
        }
        let tickets = stake.tickets;
        if let Some(ticket) = numbers.iter().copied().find(|ticket| *ticket >= tickets) {
            return Err(ElectionError::BeyondStake { ticket, tickets });
        }
        let place = slots::place(edit, chain, epoch, &staker);
        let before = place.and_then(|place| slots::candidate(edit, chain, epoch, place));
        if before.is_some_and(|before| before.attempt == election.attempt) {
            return Err(ElectionError::Repeated { staker });
        }
        let owner = slots::key_place(edit, chain, epoch, &elected.key);
        if owner.is_some() && owner != place {
            return Err(ElectionError::RepeatedKey);
        }
        Ok(place)
    }

    /// Proof, possession and signature, unless they were checked before.
    fn check_keys(
        &self,
        elected: &Elected,
        seed: &Hash,
        stake: &Stake,
    ) -> Result<(), ElectionError> {
        if !self.trusted {
            let input = elected.draw.input(self.network, seed);
            let said = (elected.digest(self.network), elected.signature);
            let statement = hash_borsh(CANDIDACY, &(said, input, stake.key));
            let check = || self.check_signatures(elected, &input, stake);
            self.checked.holds(statement, check)?;
        }
        Ok(())
    }

    fn check_signatures(
        &self,
        elected: &Elected,
        input: &Hash,
        stake: &Stake,
    ) -> Result<(), ElectionError> {
        // A record of the root holds a key.
        let stake_key = PublicKey::from_bytes(&stake.key).map_err(|_| ElectionError::Key)?;
        let output = vrf::verify(&stake_key, input, &elected.proof);
        output.map_err(|_| ElectionError::Proof)?;
        let key = PublicKey::from_bytes(&elected.key).map_err(|_| ElectionError::Key)?;
        let possessed = key.verify_possession(&elected.possession);
        possessed.map_err(|_| ElectionError::Possession)?;
        if let Some(own) = &elected.encryption {
            let context = Elected::encryption_context(self.network, elected.draw, &elected.staker);
            let possessed = own.key.verify_possession(&context, &own.possession);
            possessed.map_err(|_| ElectionError::Possession)?;
        }
        if !elected.is_signed(self.network, &stake_key, &key) {
            return Err(ElectionError::Signature);
        }
        Ok(())
    }

    /// [E7] A member of the next committee follows the chain, or one of a frozen chain's own
    /// committee shows up. Gives the term as changed.
    pub(crate) fn ready(&self, edit: &mut Edit<'_>, ready: &Ready) -> Result<(), ElectionError> {
        let (chain, epoch, member) = (ready.chain, ready.epoch, ready.member);
        let awaited = ElectionError::NotAwaited { chain, epoch };
        let mut term = slots::term(edit, chain).ok_or(awaited)?;
        let next = term.next();
        let (signers, frozen): (&mut Signers, _) = match (&mut term.stage, &mut term.frozen) {
            (Stage::Elected(successor), _) if next == epoch => (&mut successor.ready, None),
            (_, Some(freeze)) if term.epoch == epoch => (&mut freeze.present, Some(freeze.at)),
            _ => return Err(awaited),
        };
        let committee = self.committees.get(edit, chain, epoch).ok_or(awaited)?;
        let found = committee.members.get(usize::from(member));
        let found = found.ok_or(ElectionError::NoMember { chain, member })?;
        if signers.contains(member.into()) {
            return Err(ElectionError::Known { member });
        }
        let digest = ready_digest(self.network, (chain, epoch), member, frozen);
        // What an answer to a freeze has to say depends on the state: that it was right on another
        // one says nothing.
        if !self.trusted || frozen.is_some() {
            let statement = hash_borsh(READINESS, &(digest, ready.signature, &found.key));
            let signed = || found.key.verify(digest.as_bytes(), &ready.signature);
            let signed = self.checked.holds(statement, signed);
            signed.map_err(|_| ElectionError::Signature)?;
        }
        signers.insert(member.into());
        slots::put_term(edit, chain, &term);
        Ok(())
    }
}

/// Every ticket that is named wins.
fn check_tickets(
    elected: &Elected,
    election: &Election,
    drawn: &Hash,
) -> Result<(), ElectionError> {
    let loses = |ticket: &u64| {
        !election.threshold.admits(&ticket_hash(drawn, *ticket))
            && !cfg!(feature = "plant-losing-ticket")
    };
    match elected.tickets.numbers().iter().copied().find(loses) {
        Some(ticket) => Err(ElectionError::Loses { ticket }),
        None => Ok(()),
    }
}

const fn closed(elected: &Elected) -> ElectionError {
    ElectionError::Closed {
        chain: elected.draw.chain,
        epoch: elected.draw.epoch,
        attempt: elected.draw.attempt,
    }
}
