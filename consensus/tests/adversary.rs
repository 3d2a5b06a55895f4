//! The safety argument, attacked: an adversary without cryptography that schedules everything.
//!
//! It delivers any message to anyone at any time, knows which certificates *could* be made from
//! the honest signatures given so far and the Byzantine ones (always available), and proposes any
//! eligible block. What it can't do is make honest members break rules [P1]–[P4], [C1], [C2],
//! which are written here once more and by hand: an oracle must not call the code it judges.
//!
//! Both sides are shown: within the stated bounds no two final blocks ever conflict, and one seat
//! beyond them they do, so the search is able to find what it looks for.

mod support;

use std::collections::BTreeMap;

use support::random::Random;

const ROUNDS: usize = 3;
const GENESIS: usize = 0;

#[derive(Clone, Copy)]
struct Block {
    round: usize,
    parent: usize,
}

#[derive(Clone, Copy, Default)]
struct Member {
    round: usize,
    prepared: [Option<usize>; ROUNDS + 2],
    /// Skipped; the declaration is `prepared` at that time, and nothing is prepared afterwards.
    skipped: [bool; ROUNDS + 2],
    confirmed: [Option<usize>; ROUNDS + 2],
}

struct Game {
    /// f, q, Byzantine seats.
    faulty: usize,
    quorum: usize,
    liars: usize,
    honest: Vec<Member>,
    blocks: Vec<Block>,
    /// What the adversary lets happen at present: weights of proposing, preparing, skipping,
    /// showing a prepare certificate, showing a skip certificate.
    mood: [u64; 5],
}

impl Game {
    fn new(seats: usize, liars: usize) -> Self {
        let faulty = (seats - 1) / 3;
        let start = Member {
            round: 1,
            ..Member::default()
        };
        let genesis = Block {
            round: 0,
            parent: GENESIS,
        };
        Self {
            faulty,
            quorum: seats - faulty,
            liars,
            honest: vec![start; seats - liars],
            blocks: vec![genesis],
            mood: [1; 5],
        }
    }

    fn count(&self, says: impl Fn(&Member) -> bool) -> usize {
        self.honest.iter().filter(|member| says(member)).count()
    }

    /// Seats that prepared, liars included.
    fn prepares(&self, block: usize) -> usize {
        let round = self.blocks[block].round;
        self.count(|member| member.prepared[round] == Some(block)) + self.liars
    }

    fn has_prepare_certificate(&self, block: usize) -> bool {
        self.prepares(block) >= self.quorum
    }

    fn skips(&self, round: usize) -> usize {
        self.count(|member| member.skipped[round]) + self.liars
    }

    fn declares(&self, round: usize, block: usize) -> usize {
        self.count(|member| member.skipped[round] && member.prepared[round] == Some(block))
    }

    fn has_skip_certificate(&self, round: usize) -> bool {
        self.skips(round) >= self.quorum
    }

    /// Could a skip certificate pin the block? Best made of q seats with the liars declaring it.
    fn can_pin(&self, block: usize) -> bool {
        let round = self.blocks[block].round;
        let most = self.declares(round, block) + self.liars;
        self.has_skip_certificate(round) && most >= self.quorum - self.faulty
    }

    /// Could one pin nothing? Best made of all seats with the liars declaring nothing.
    fn can_unpin(&self, round: usize) -> bool {
        let all = self.skips(round);
        self.has_skip_certificate(round)
            && (0..self.blocks.len())
                .filter(|block| self.blocks[*block].round == round)
                .all(|block| all - self.declares(round, block) > self.faulty)
    }

    fn eligible(&self, round: usize, parent: usize) -> bool {
        let from = self.blocks[parent].round;
        let shown =
            parent == GENESIS || self.has_prepare_certificate(parent) || self.can_pin(parent);
        shown && from < round && (from + 1..round).all(|between| self.can_unpin(between))
    }

    fn is_early(&self, block: usize, early: usize) -> bool {
        self.prepares(block) >= early
    }

    fn is_confirmed(&self, block: usize) -> bool {
        let round = self.blocks[block].round;
        let seats = self.count(|member| member.confirmed[round] == Some(block));
        seats + self.liars >= self.quorum
    }

    fn descends(&self, mut block: usize, from: usize) -> bool {
        while block != GENESIS && block != from {
            block = self.blocks[block].parent;
        }
        block == from
    }

    fn conflict(&self, early: Option<usize>) -> bool {
        let last = (1..self.blocks.len()).filter(|block| {
            self.is_confirmed(*block) || early.is_some_and(|seats| self.is_early(*block, seats))
        });
        let last: Vec<usize> = last.collect();
        last.iter().any(|a| {
            let clash = |b: &usize| !self.descends(*a, *b) && !self.descends(*b, *a);
            last.iter().any(clash)
        })
    }

    /// One step of somebody, chosen by chance.
    fn step(&mut self, random: &mut Random) {
        if random.chance(3) {
            self.mood = [0; 5].map(|_| [0, 1, 8][random.below(3) as usize]);
        }
        let mut left = random.below(self.mood.iter().sum());
        let chosen = self.mood.iter().position(|weight| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        let who = random.below(self.honest.len() as u64) as usize;
        match chosen {
            Some(0) => self.propose(random),
            Some(1) => self.prepare(who, random),
            Some(2) => {
                let me = &mut self.honest[who];
                me.skipped[me.round] |= me.confirmed[me.round].is_none();
            }
            Some(3) => self.confirm(who, random),
            _ => {
                let left = 1 + random.below(ROUNDS as u64) as usize;
                if self.has_skip_certificate(left) {
                    self.enter(who, left + 1);
                }
            }
        }
    }

    fn enter(&mut self, who: usize, round: usize) {
        let me = &mut self.honest[who];
        me.round = me.round.max(round).min(ROUNDS + 1);
    }

    fn any_block(&self, random: &mut Random) -> usize {
        random.below(self.blocks.len() as u64) as usize
    }

    fn propose(&mut self, random: &mut Random) {
        let who = random.below(self.honest.len() as u64) as usize;
        let round = self.honest[who].round;
        let parent = self.any_block(random);
        let rivals = self.blocks.iter().filter(|b| b.round == round).count();
        if round <= ROUNDS && rivals < 2 && self.eligible(round, parent) {
            self.blocks.push(Block { round, parent });
        }
    }

    fn prepare(&mut self, who: usize, random: &mut Random) {
        let me = self.honest[who];
        let offered = (0..self.blocks.len()).filter(|block| self.blocks[*block].round == me.round);
        let offered: Vec<usize> = offered.collect();
        // The earlier one more often, or too few would agree on any.
        let choice = random.below(offered.len() as u64 + 2) as usize;
        let Some(block) = offered.get(choice).or(offered.first()).copied() else {
            return;
        };
        let Block { round, parent } = self.blocks[block];
        let free = me.prepared[round].is_none() && !me.skipped[round];
        if block != GENESIS && round == me.round && free && self.eligible(round, parent) {
            self.honest[who].prepared[round] = Some(block);
        }
    }

    fn confirm(&mut self, who: usize, random: &mut Random) {
        let block = self.any_block(random);
        let round = self.blocks[block].round;
        if block == GENESIS || !self.has_prepare_certificate(block) {
            return;
        }
        let me = &mut self.honest[who];
        if !me.skipped[round] && me.confirmed[round].is_none() {
            me.confirmed[round] = Some(block);
        }
        self.enter(who, round + 1);
    }
}

/// How many of `runs` random games end with conflicting final blocks.
fn conflicts(seats: usize, liars: usize, early: Option<usize>, runs: u64) -> u64 {
    let mut found = 0;
    for seed in 0..runs {
        let mut random = Random::new(seed * 1_000 + seats as u64 * 10 + liars as u64);
        let mut game = Game::new(seats, liars);
        for _ in 0..60 * seats {
            game.step(&mut random);
        }
        found += u64::from(game.conflict(early));
    }
    found
}

/// n with f and p of the default early certificate F = n - p.
const SETTINGS: [(usize, usize, usize); 4] = [(4, 1, 0), (6, 1, 0), (7, 2, 1), (10, 3, 1)];

#[test]
fn confirmed_blocks_never_conflict_within_f() {
    for (seats, faulty, _) in SETTINGS {
        for liars in 0..=faulty {
            assert_eq!(
                conflicts(seats, liars, None, 3_000),
                0,
                "n={seats} b={liars}"
            );
        }
    }
}

#[test]
fn confirmed_blocks_conflict_when_quorums_share_liars_only() {
    for (seats, faulty, _) in SETTINGS {
        // Two quorums share 2q - n seats: f + 1 where n = 3f + 1, more at n = 6.
        let shared = 2 * (seats - faulty) - seats;
        assert!(shared > faulty);
        let found = conflicts(seats, shared, None, 6_000);
        assert!(found > 0, "n={seats}");
    }
}

#[test]
fn early_blocks_never_conflict_within_their_tolerance() {
    for (seats, faulty, slack) in SETTINGS {
        for liars in 0..=faulty - slack {
            let found = conflicts(seats, liars, Some(seats - slack), 3_000);
            assert_eq!(found, 0, "n={seats} b={liars}");
        }
    }
}

#[test]
fn early_blocks_conflict_beyond_their_tolerance() {
    for (seats, faulty, slack) in SETTINGS {
        let found = conflicts(seats, faulty - slack + 1, Some(seats - slack), 20_000);
        assert!(found > 0, "n={seats}");
    }
}

#[test]
fn the_games_reach_finality() {
    // Otherwise the zeros above would mean nothing.
    for (seats, faulty, _) in SETTINGS {
        let mut confirmed: BTreeMap<usize, u64> = BTreeMap::new();
        for seed in 0..2_000 {
            let mut random = Random::new(seed);
            let mut game = Game::new(seats, faulty);
            for _ in 0..60 * seats {
                game.step(&mut random);
            }
            let blocks = (1..game.blocks.len()).filter(|block| game.is_confirmed(*block));
            for block in blocks {
                *confirmed.entry(game.blocks[block].round).or_default() += 1;
            }
        }
        assert!(confirmed.len() >= 2, "n={seats}: {confirmed:?}");
    }
}
