//! Judging what members declare: cheap things first.

use actors::Edit;
use crypto::bls::{self, SignatureError};
use crypto::threshold::{Dealing, Seat, Verdict};
use crypto::{Domain, hash_borsh};
use types::{ChainId, Epoch, Height};

use super::{Complained, Dealt, KeyReady, Keygen, KeygenError, Roster, Run, Stage, store};
use super::{dealing, run, test_message};
use crate::beacon;
use crate::committees;
use crate::slashing::{self, About, Fault};
use crate::staking::StakerId;

const CHECKED: Domain = Domain::new("thinkey/keygen/checked");
const TOGETHER: Domain = Domain::new("thinkey/keygen/together");

/// Bits of a dealer's number and a seat's in what a false complaint is about.
const PLACE_BITS: u32 = 18;

impl Keygen {
    /// [K2] Takes a dealing in.
    pub(crate) fn dealt(
        &self,
        edit: &mut Edit<'_>,
        dealt: &Dealt,
        trusted: bool,
    ) -> Result<(), KeygenError> {
        let mut run = self.running(edit, (dealt.epoch, dealt.attempt), Stage::Dealing)?;
        let member = dealt.member;
        let roster = self.roster(edit, run.epoch);
        let roster = roster.filter(|roster| member < roster.dealers);
        let roster = roster.ok_or(KeygenError::NoDealer { member })?;
        check_size(&dealt.dealing, &roster)?;
        let context = run.context(self.network);
        let digest = dealt.dealing.digest();
        let at = usize::from(member);
        let before = store::digest(edit, run.epoch, member);
        if run.guilty.contains(at) || before == Some(digest) {
            return Err(KeygenError::Repeated { member });
        }
        let record = roster.committee.members.get(at);
        let record = record.ok_or(KeygenError::NoDealer { member })?;
        if !trusted {
            let signed = dealt.digest(&context);
            record.key.verify(signed.as_bytes(), &dealt.signature)?;
        }
        if before.is_some() {
            // Two, both signed.
            return self.convict(edit, &mut run, member, None);
        }
        let terms = roster.terms(&context, member);
        // Signed or not, a dealing that was checked before needs no second look.
        let name = hash_borsh(CHECKED, &(roster.name, context, member, digest));
        let checked = self.dealings.get(name, || dealt.dealing.verify(&terms))?;
        store::put_dealing(edit, run.epoch, member, &digest, &checked.keep());
        run.dealt.insert(at);
        store::put_run(edit, &run);
        Ok(())
    }

    /// [K3] Judges a complaint; one of the two is punished.
    pub(crate) fn complained(
        &self,
        edit: &mut Edit<'_>,
        said: &Complained,
    ) -> Result<(), KeygenError> {
        let mut run = self.running(edit, (said.epoch, said.attempt), Stage::Complaining)?;
        let member = said.dealer;
        let unknown = KeygenError::NoDealing { member };
        let no_seat = KeygenError::NoSeat { seat: said.seat };
        let at = usize::from(member);
        if !run.dealt.contains(at) || run.guilty.contains(at) {
            return Err(unknown);
        }
        let seat = Seat::new(said.seat).ok_or(no_seat)?;
        let roster = self.roster(edit, run.epoch).ok_or(unknown)?;
        let key = roster.keys.get(seat.position()).ok_or(no_seat)?;
        let owner = roster.owners.get(seat.position()).ok_or(no_seat)?;
        let (_, kept) = dealing(edit, run.epoch, member).ok_or(unknown)?;
        let verdict = said.complaint.judge(&kept.restore()?, key, seat)?;
        match verdict {
            Verdict::DealerGuilty(_) => {
                // Only the victim can complain, so nobody can run ahead of it.
                let victim = holder(edit, run.epoch, *owner);
                self.convict(edit, &mut run, member, victim)
            }
            Verdict::AccuserGuilty => accuse(edit, &run, *owner, said),
        }
    }

    /// [K5] A member has shown that it holds its shares.
    pub(crate) fn key_ready(
        &self,
        edit: &mut Edit<'_>,
        said: &KeyReady,
        now: Height,
        trusted: bool,
    ) -> Result<(), KeygenError> {
        let mut run = self.running(edit, (said.epoch, said.attempt), Stage::Trying)?;
        let member = said.member;
        let roster = self.roster(edit, run.epoch);
        let roster = roster.filter(|roster| usize::from(member) < roster.committee.size());
        let roster = roster.ok_or(KeygenError::NoDealer { member })?;
        if run.ready.contains(member.into()) {
            return Err(KeygenError::Repeated { member });
        }
        let seats: Vec<Seat> = roster.seats(member).collect();
        let found = said.signatures.len();
        if found != seats.len() {
            let seats = seats.len();
            return Err(KeygenError::Signatures { found, seats });
        }
        if !trusted {
            let group = self.group(edit, run.epoch);
            let group = group.ok_or(KeygenError::NoDealing { member })?;
            let context = run.context(self.network);
            let message = test_message(&context, &group.public().to_bytes());
            let mut items = Vec::with_capacity(seats.len());
            for (seat, signature) in seats.iter().zip(&said.signatures) {
                let no_seat = KeygenError::NoSeat {
                    seat: seat.number(),
                };
                let key = group.seat(*seat).ok_or(no_seat)?;
                items.push((key, message.as_bytes().as_slice(), signature));
            }
            // All at once, whoever has many seats: a few pairings. The signatures themselves draw
            // the coefficients, so that none of them can be made to fit the others.
            let secret = hash_borsh(TOGETHER, &(&message, said));
            if !bls::verify_batch(&items, *secret.as_bytes()) {
                return Err(SignatureError::Mismatch.into());
            }
        }
        run.ready.insert(member.into());
        let committee = &roster.committee;
        if committee.seats_of(&run.ready) >= committee.thresholds().quorum {
            run.stage = Stage::Done;
            beacon::put_ready(edit, run.epoch, now);
        }
        store::put_run(edit, &run);
        Ok(())
    }

    /// The attempt that a declaration is about, if it is at that stage.
    fn running(
        &self,
        edit: &Edit<'_>,
        (epoch, attempt): (Epoch, u32),
        stage: Stage,
    ) -> Result<Run, KeygenError> {
        let closed = KeygenError::Closed { epoch, attempt };
        let run = run(edit).filter(|run| (run.epoch, run.attempt) == (epoch, attempt));
        let wanted = super::wanted(edit);
        let run = run.filter(|run| wanted == Some((run.epoch, run.elected)));
        run.filter(|run| run.stage == stage).ok_or(closed)
    }

    /// E10: a dealer is out, and slashed once.
    fn convict(
        &self,
        edit: &mut Edit<'_>,
        run: &mut Run,
        member: u16,
        reporter: Option<StakerId>,
    ) -> Result<(), KeygenError> {
        run.guilty.insert(member.into());
        store::put_run(edit, run);
        if let Some(staker) = holder(edit, run.epoch, member) {
            let about = about(run, 0);
            // Already punished: it was caught in this attempt before, which `guilty` rules out.
            let _ = slashing::punish(edit, &staker, Fault::BadDealing, about, reporter);
        }
        Ok(())
    }
}

/// Who complains without a reason is slashed once for it.
fn accuse(
    edit: &mut Edit<'_>,
    run: &Run,
    owner: u16,
    said: &Complained,
) -> Result<(), KeygenError> {
    let place = (u64::from(said.dealer) << 11) | u64::from(said.seat);
    let staker = holder(edit, run.epoch, owner).ok_or(KeygenError::Groundless)?;
    let about = about(run, place);
    let punished = slashing::punish(edit, &staker, Fault::FalseComplaint, about, None);
    punished.map(drop).map_err(|_| KeygenError::Groundless)
}

fn about(run: &Run, place: u64) -> About {
    About {
        chain: ChainId::ROOT,
        epoch: run.epoch,
        number: (run.start << PLACE_BITS) | place,
    }
}

fn holder(edit: &Edit<'_>, epoch: Epoch, member: u16) -> Option<StakerId> {
    let holders = committees::holders(edit, ChainId::ROOT, epoch)?;
    holders.get(usize::from(member)).copied().flatten()
}

/// Threshold points, an ephemeral key, a proof, a ciphertext for each seat, two lengths: cheaper
/// to see than a signature.
fn check_size(dealing: &Dealing, roster: &Roster) -> Result<(), KeygenError> {
    let needed = 4 + 96 * usize::from(roster.threshold) + 48 + 96 + 4 + 48 * roster.keys.len();
    let found = borsh::to_vec(dealing).map_or(0, |bytes| bytes.len());
    match found == needed {
        true => Ok(()),
        false => Err(KeygenError::Size { found, needed }),
    }
}
