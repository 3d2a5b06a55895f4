//! The root's [`System`]: what a root block records.
//!
//! In this order: anchors, then declarations one after the other, then what falls due at the
//! block's height. Each declaration sees what those before it did.

use std::sync::Arc;

use actors::{Context, Edit, Filings, Recorded, State, Subject, System, SystemError};
use types::{AnchorRecord, Blame, ChainId, Declaration, Epoch, Height, News, Phase};

use crate::anchors::{AnchorError, Anchors, Place};
use crate::beacon::degraded::Patience;
use crate::beacon::{self, LotError, ThresholdBeacon};
use crate::committees;
use crate::declaration::{self, BLOCK_WEIGHT, RootDeclaration, Seed, Seeds, Undecodable};
use crate::elections::rescue::{self, RescueError};
use crate::elections::{
    self, Beacon, Checked, Clock, ElectionError, ElectionRules, Judge, NoBeacon, SeedError, Stakes,
};
use crate::evidence::{self, Ballots, Court, Report, ReportError};
use crate::keygen::{Keygen, KeygenError, KeygenRules};
use crate::slashing;
use crate::staking::StakingRules;

#[cfg(test)]
mod tests;

/// Records anchors and declarations, and keeps terms.
#[derive(Clone)]
pub struct RootSystem {
    /// The rules of anchors.
    pub anchors: Anchors,
    /// The numbers of elections.
    pub rules: ElectionRules,
    /// The numbers of staking.
    pub staking: StakingRules,
    /// Who may win; [`StakingRules`] but in tests.
    pub stakes: Arc<dyn Stakes>,
    /// Where seeds come from.
    pub beacon: Arc<dyn Beacon>,
    /// The beacon runs at root heights that are multiples of this.
    pub beacon_every: u64,
    /// How the beacon's next key is made; none where there is no beacon.
    pub keygen: Option<Keygen>,
    /// Signatures of candidates and members that held before.
    pub checked: Checked,
}

/// Why a declaration is refused.
#[derive(Debug, thiserror::Error)]
pub enum DeclarationError {
    /// It does not decode.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
    /// The declarations up to this one weigh more than a block may hold.
    #[error("the declarations of one block may weigh {BLOCK_WEIGHT} signatures")]
    TooMuch,
    /// It is about an election and refused there.
    #[error(transparent)]
    Election(#[from] ElectionError),
    /// It is about a seed and refused there.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// It is about the beacon's next key and refused there.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// It is a lot and refused.
    #[error(transparent)]
    Lot(#[from] LotError),
    /// It is evidence and refused.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It is about a fork or a rescue and refused there.
    #[error(transparent)]
    Rescue(#[from] RescueError),
}

impl DeclarationError {
    /// Whether whoever passed it on should have known.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Undecodable(_) | Self::Seed(SeedError::Signature | SeedError::Run { .. }) => {
                Blame::Sender
            }
            Self::Election(error) => error.blame(),
            Self::Report(error) => error.blame(),
            Self::Keygen(error) => error.blame(),
            Self::Lot(error) => error.blame(),
            Self::Rescue(RescueError::Anchor(error)) => error.blame(),
            Self::Rescue(_) | Self::Seed(_) | Self::TooMuch => Blame::Nobody,
        }
    }
}

impl RootSystem {
    /// A root without a beacon.
    pub fn new(anchors: Anchors, rules: ElectionRules, staking: StakingRules) -> Self {
        Self {
            anchors,
            rules,
            staking,
            stakes: Arc::new(staking),
            beacon: Arc::new(NoBeacon),
            beacon_every: 1,
            keygen: None,
            checked: Checked::default(),
        }
    }

    /// The same with a threshold beacon whose keys are made in such windows.
    #[must_use]
    pub fn with_beacon(self, beacon: ThresholdBeacon, rules: KeygenRules) -> Self {
        let committees = self.anchors.committees.clone();
        Self {
            keygen: Some(Keygen::new(beacon.network, rules, committees)),
            beacon_every: beacon.every,
            beacon: Arc::new(beacon),
            ..self
        }
    }

    /// The same rules for filings whose signatures were checked before.
    #[must_use]
    pub fn trusting(&self) -> Self {
        Self {
            anchors: self.anchors.trusting(),
            ..self.clone()
        }
    }

    fn clock(&self, ctx: &Context) -> Clock<'_> {
        let committees = &self.anchors.committees;
        let (stakes, beacon) = (&*self.stakes, &*self.beacon);
        let mut clock = Clock::new(&self.rules, stakes, beacon, committees, ctx.height);
        clock.beacon_every = self.beacon_every;
        clock.closes = ctx.phase == Phase::Closing;
        clock
    }

    fn declare(
        &self,
        edit: &mut Edit<'_>,
        declaration: &Declaration,
        ctx: &Context,
        news: &mut Vec<News>,
    ) -> Result<(), DeclarationError> {
        let judge = Judge {
            network: ctx.network,
            rules: &self.rules,
            stakes: &*self.stakes,
            committees: &self.anchors.committees,
            checked: &self.checked,
            height: ctx.height,
            trusted: self.anchors.trust_certificates,
        };
        let place = Place {
            height: ctx.height,
            cited: ctx.root_height,
        };
        match RootDeclaration::decode(declaration)? {
            RootDeclaration::Elected(elected) => judge.elected(edit, &elected)?,
            RootDeclaration::Ready(ready) => judge.ready(edit, &ready)?,
            RootDeclaration::Seed(seed) => self.seed(edit, seed, ctx, news)?,
            RootDeclaration::Rescue(anchor) => {
                rescue::rescue(edit, &self.anchors, place, &anchor)?;
            }
            RootDeclaration::Rival(rival) => {
                let clock = self.clock(ctx);
                rescue::rival(edit, &self.anchors, &rival, &clock, news)?;
            }
            RootDeclaration::Promise(promise) => {
                self.court(ctx).record_promise(edit, &promise)?;
            }
            RootDeclaration::Evidence(report) => {
                self.evidence(edit, &report, ctx)?;
                rescue::distrust(edit, report.place(), &self.clock(ctx), news);
            }
            RootDeclaration::Ballots(ballots) => {
                self.court(ctx).ballots(edit, &ballots)?;
            }
            RootDeclaration::Seeds(seeds) => self.seeds(edit, seeds, ctx, news)?,
            RootDeclaration::Lot(lot) => {
                let trusted = self.anchors.trust_certificates;
                let committees = &self.anchors.committees;
                let committee = committees.get(edit, ChainId::ROOT, lot.epoch);
                beacon::degraded::take(edit, &lot, committee.as_deref(), ctx.network, trusted)?;
            }
            RootDeclaration::Dealt(dealt) => {
                let trusted = self.anchors.trust_certificates;
                self.keygen(dealt.epoch, dealt.attempt)?
                    .dealt(edit, &dealt, trusted)?;
            }
            RootDeclaration::Complained(said) => {
                self.keygen(said.epoch, said.attempt)?
                    .complained(edit, &said)?;
            }
            RootDeclaration::KeyReady(said) => {
                let trusted = self.anchors.trust_certificates;
                self.keygen(said.epoch, said.attempt)?
                    .key_ready(edit, &said, ctx.height, trusted)?;
            }
        }
        Ok(())
    }

    fn keygen(&self, epoch: Epoch, attempt: u32) -> Result<&Keygen, KeygenError> {
        let closed = KeygenError::Closed { epoch, attempt };
        self.keygen.as_ref().ok_or(closed)
    }

    const fn court(&self, ctx: &Context) -> Court<'_> {
        Court {
            network: ctx.network,
            height: ctx.height,
            rules: &self.staking,
        }
    }

    fn evidence(
        &self,
        edit: &mut Edit<'_>,
        report: &Report,
        ctx: &Context,
    ) -> Result<(), ReportError> {
        let (chain, epoch) = report.place();
        let committee = self.anchors.committees.get(edit, chain, epoch);
        let holders = committees::holders(edit, chain, epoch);
        let known = committee.as_deref().zip(holders.as_deref());
        let term = known.map(|(committee, holders)| evidence::Term {
            committee,
            holders,
            ended: committees::ended(edit, chain, epoch),
        });
        self.court(ctx).record(edit, report, term).map(drop)
    }

    /// The members whom a report would convict, ascending, in a block of a height on a state.
    ///
    /// # Errors
    /// Why it would change nothing.
    pub fn judges(
        &self,
        state: &State,
        report: &Report,
        height: Height,
    ) -> Result<Vec<u16>, ReportError> {
        let (chain, epoch) = report.place();
        let committee = self.anchors.committees.get(state, chain, epoch);
        let holders = committees::holders(state, chain, epoch);
        let known = committee.as_deref().zip(holders.as_deref());
        let term = known.map(|(committee, holders)| evidence::Term {
            committee,
            holders,
            ended: committees::ended(state, chain, epoch),
        });
        self.court_at(height).check(state, report, term)
    }

    /// The same for two words in one election.
    pub(crate) fn judges_ballots(
        &self,
        state: &State,
        ballots: &Ballots,
        height: Height,
    ) -> Result<(), ElectionError> {
        self.court_at(height).check_ballots(state, ballots)
    }

    const fn court_at(&self, height: Height) -> Court<'_> {
        Court {
            network: self.anchors.network,
            height,
            rules: &self.staking,
        }
    }

    fn seeds(
        &self,
        edit: &mut Edit<'_>,
        declared: Seeds,
        ctx: &Context,
        news: &mut Vec<News>,
    ) -> Result<(), SeedError> {
        let found = declared.signatures.len();
        if !(1..=beacon::RUN).contains(&found) {
            return Err(SeedError::Run { found });
        }
        let mut height = declared.first;
        for signature in declared.signatures {
            self.seed(edit, Seed { height, signature }, ctx, news)?;
            height = beacon::after(height, self.beacon_every);
        }
        Ok(())
    }

    fn seed(
        &self,
        edit: &mut Edit<'_>,
        declared: Seed,
        ctx: &Context,
        news: &mut Vec<News>,
    ) -> Result<(), SeedError> {
        let trusted = self.anchors.trust_certificates;
        let Seed { height, signature } = declared;
        // [E2] Only what the block cites as final has a seed.
        if height > ctx.root_height {
            return Err(SeedError::NotFinal { height });
        }
        let seed = self
            .beacon
            .seed(edit, height, &signature, ctx.height, trusted)?;
        self.clock(ctx).seeded(edit, height, seed);
        news.push(News::Seed { height, seed });
        Ok(())
    }

    /// [B7]
    fn draw_without_group(&self, edit: &mut Edit<'_>, ctx: &Context) {
        if self.keygen.is_none() {
            return;
        }
        let patience = Patience {
            late: self.rules.late,
            window: self.rules.window,
        };
        let committees = &self.anchors.committees;
        let committee = |edit: &Edit<'_>, epoch| committees.get(edit, ChainId::ROOT, epoch);
        if let Some(seed) = beacon::degraded::tick(edit, ctx.height, patience, committee) {
            self.clock(ctx).drawn(edit, seed);
        }
    }

    /// The root's own term: its blocks are of the term that the state is in, and one may close it
    /// once all were told that the next committee is ready. [E7]
    fn check_term(&self, edit: &Edit<'_>, ctx: &Context) -> Result<(), SystemError> {
        let closes = ctx.phase == Phase::Closing;
        let (epoch, cited) = (ctx.epoch, ctx.root_height);
        let root = ChainId::ROOT;
        let known = elections::term(edit.before(), root);
        let fits = match known {
            Some(term) => {
                term.epoch == epoch
                    && (!closes || elections::may_close(edit.before(), root, epoch, cited))
            }
            None => !closes,
        };
        if fits {
            Ok(())
        } else {
            Err(SystemError::Term { epoch })
        }
    }
}

impl System for RootSystem {
    /// On an error the edit holds a part of the filings and is to be dropped.
    fn record(
        &self,
        edit: &mut Edit<'_>,
        filings: Filings<'_>,
        ctx: &Context,
    ) -> Result<Recorded, SystemError> {
        if !ctx.chain.is_root() || ctx.phase == Phase::Tail {
            // Tails are dropped, so they hold nothing and change nothing.
            return actors::NoSystem.record(edit, filings, ctx);
        }
        self.check_term(edit, ctx)?;
        let place = Place {
            height: ctx.height,
            cited: ctx.root_height,
        };
        let mut news = Vec::new();
        let recorded = self.anchors.record_all(edit, filings.anchors, place);
        let mut records = recorded.map_err(anchor_error)?;
        let mut clock = self.clock(ctx);
        if let Some(shown) = filings.parent {
            clock.prepared(edit, &shown);
        }
        for (anchor, record) in filings.anchors.iter().zip(&records) {
            clock.anchored(edit, anchor, record);
        }
        let mut weight = 0;
        for (at, declaration) in filings.declarations.iter().enumerate() {
            weight += declaration::weight(declaration);
            let declared = match weight {
                0..=BLOCK_WEIGHT => self.declare(edit, declaration, ctx, &mut news),
                _ => Err(DeclarationError::TooMuch),
            };
            declared.map_err(|error| SystemError::Declaration {
                at,
                source: Box::new(error),
            })?;
        }
        self.draw_without_group(edit, ctx);
        clock.tick(edit, &mut news);
        if let Some(keygen) = &self.keygen {
            keygen.tick(edit, ctx.height);
        }
        slashing::tick(edit, ctx.height, self.staking.evidence_window);
        records.extend(rescued(edit, &news));
        records.sort_by_key(|record| record.tip.chain);
        elections::put_news(edit, ctx.height, &news);
        Ok(Recorded { records, news })
    }

    fn weight(&self, declaration: &Declaration) -> u32 {
        declaration::weight(declaration)
    }

    fn subject(&self, declaration: &Declaration) -> Option<Subject> {
        declaration::subject(declaration)
    }

    fn fit(&self, declarations: &mut Vec<Declaration>) {
        let mut weight = 0;
        declarations.retain(|declaration| {
            let sum = weight + declaration::weight(declaration);
            let fits = sum <= BLOCK_WEIGHT;
            if fits {
                weight = sum;
            }
            fits
        });
    }
}

fn anchor_error((at, error): (usize, AnchorError)) -> SystemError {
    SystemError::Anchor {
        at,
        source: Box::new(error),
    }
}

/// The records of chains that a new committee took over.
fn rescued(edit: &Edit<'_>, news: &[News]) -> Vec<AnchorRecord> {
    let bases = news.iter().filter_map(|news| match news {
        News::Rescued { base, .. } => Some(base.chain),
        _ => None,
    });
    bases
        .filter_map(|chain| crate::anchors::written(edit, chain))
        .collect()
}
