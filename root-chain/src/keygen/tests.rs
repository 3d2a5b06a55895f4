//! What is refused, and with which words. The rest is shown with whole nodes, in `duty`.

use actors::{Account, Edit, State};
use crypto::bls::{SecretKey, Signature};
use crypto::threshold::{Complaint, Dealing, DecryptionKey, Seat};
use types::{AccountId, Blame, ChainId, Committee, Lanes, Member, NodeId, RoutingTable};

use super::{Complained, Dealt, KeyReady, Keygen, KeygenRules, Stage, run};
use crate::elections::ElectionRules;
use crate::testing::{first_header, network};
use crate::{CommitteeCache, Committees, Seated, beacon, first_accounts, keygen, staking};

mod payment;

const RULES: ElectionRules = ElectionRules {
    chain_epoch: 60,
    root_epoch: 120,
    ..ElectionRules::FIXED
};

const WINDOWS: KeygenRules = KeygenRules {
    dealing: 4,
    complaints: 4,
};

fn key(member: u8) -> SecretKey {
    SecretKey::from_seed(&[member + 1; 32])
}

fn share_key(member: u8) -> DecryptionKey {
    DecryptionKey::from_seed(&[member + 51; 32])
}

/// Members with 1, 2, 1 and 3 seats: n = 7, f = 2, t = 3.
const SEATS: [u32; 4] = [1, 2, 1, 3];

/// Nobody's stake stands behind the seats.
fn state() -> State {
    genesis(&[None; 4], None)
}

/// The members' seats are those of these stakers.
fn genesis(holders: &[Option<AccountId>], staking: Option<Account>) -> State {
    let member = |(number, seats): (u8, u32)| Member {
        node: NodeId([number; 32].into()),
        key: key(number).public(),
        seats,
    };
    let committee = Committee {
        chain: ChainId::ROOT,
        epoch: 0,
        members: (0..).zip(SEATS).map(member).collect(),
    };
    let one = Committee {
        chain: crate::testing::ONE,
        ..committee.clone()
    };
    let seated = [committee, one].map(|committee| Seated {
        committee,
        holders: holders.to_vec(),
    });
    let committees = Committees::genesis(seated).unwrap();
    let (header, lanes) = (
        first_header(crate::testing::ONE, &Lanes::default()),
        Lanes::default(),
    );
    let table = RoutingTable::even(1);
    let mut accounts = first_accounts([(&header, &lanes)], &table, &committees, &RULES);
    accounts.push((
        beacon::account_id(),
        beacon::first_account([1; 32].into(), None),
    ));
    let keys: Vec<_> = (0..4).map(|member| *share_key(member).public()).collect();
    accounts.push((keygen::account_id(), keygen::first_account(&keys)));
    accounts.extend(staking.map(|account| (staking::account_id(), account)));
    State::genesis(accounts).unwrap()
}

fn machine() -> Keygen {
    Keygen::new(network(), WINDOWS, CommitteeCache::default())
}

fn dealt(keygen: &Keygen, edit: &Edit<'_>, member: u8, seed: u8) -> Dealt {
    let context = run(edit).unwrap().context(network());
    let roster = keygen.roster(edit, 0).unwrap();
    let terms = roster.terms(&context, member.into());
    let dealing = Dealing::create(&[seed; 32], &terms).unwrap();
    Dealt::sign((0, 0, member.into()), dealing, &context, &key(member))
}

#[test]
fn a_roster_counts_seats() {
    let state = state();
    let roster = machine().roster(&state, 0).unwrap();
    assert_eq!((roster.threshold, roster.keys.len()), (3, 7));
    assert_eq!(roster.owners, [0, 1, 1, 2, 3, 3, 3]);
    assert_eq!(roster.dealers, 4);
    let seats: Vec<u16> = roster.seats(3).map(Seat::number).collect();
    assert_eq!(seats, [5, 6, 7]);
}

/// Each is refused and changes nothing, and then the untouched one is taken.
#[test]
fn dealings_that_are_refused() {
    let (state, keygen) = (state(), machine());
    let mut edit = Edit::new(&state);
    let early = of_threshold(&keygen, &edit, -1);
    let early = Dealt::sign((0, 0, 0), early, &[0; 32].into(), &key(0));
    let refused = keygen.dealt(&mut edit, &early, false).unwrap_err();
    assert!(refused.to_string().contains("takes no such thing now"));
    assert_eq!(refused.blame(), Blame::Nobody);
    keygen.tick(&mut edit, 1);
    let good = dealt(&keygen, &edit, 0, 7);
    let before = run(&edit);
    type Tamper = fn(&mut Dealt, &Keygen, &Edit<'_>);
    let tampered: [(Tamper, &str, Blame); 7] = [
        (
            |d, _, _| d.epoch = 1,
            "term 1 takes no such thing",
            Blame::Nobody,
        ),
        (
            |d, _, _| d.attempt = 1,
            "attempt 1 at the key",
            Blame::Nobody,
        ),
        (
            |d, _, _| d.member = 4,
            "member 4 does not deal",
            Blame::Sender,
        ),
        (
            |d, _, _| d.member = 1,
            "the signature does not hold",
            Blame::Sender,
        ),
        (
            |d, keygen, edit| d.dealing = of_threshold(keygen, edit, -1),
            "a dealing of 680 bytes; it must have 776",
            Blame::Sender,
        ),
        (
            |d, keygen, edit| d.dealing = of_threshold(keygen, edit, 1),
            "a dealing of 872 bytes; it must have 776",
            Blame::Sender,
        ),
        (
            |d, keygen, edit| {
                // Another member's dealing, under the own signature.
                let context = run(edit).unwrap().context(network());
                let other = dealt(keygen, edit, 1, 9).dealing;
                *d = Dealt::sign((0, 0, 0), other, &context, &key(0));
            },
            "the dealer's proof does not hold",
            Blame::Sender,
        ),
    ];
    for (tamper, words, blame) in tampered {
        let mut bad = good.clone();
        tamper(&mut bad, &keygen, &edit);
        let refused = keygen.dealt(&mut edit, &bad, false).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
        assert_eq!(refused.blame(), blame, "{words}");
        assert_eq!(run(&edit), before);
    }
    keygen.dealt(&mut edit, &good, false).unwrap();
    let again = keygen.dealt(&mut edit, &good, false).unwrap_err();
    assert!(again.to_string().contains("has said so"));
    assert_eq!(run(&edit).unwrap().dealt.iter().collect::<Vec<_>>(), [0]);
}

/// A polynomial of so many degrees more than the group's.
fn of_threshold(keygen: &Keygen, edit: &Edit<'_>, more: i16) -> Dealing {
    let context = run(edit).map_or([0; 32].into(), |run| run.context(network()));
    let roster = keygen.roster(edit, 0).unwrap();
    let mut terms = roster.terms(&context, 0);
    terms.threshold = terms.threshold.strict_add_signed(more);
    Dealing::create(&[7; 32], &terms).unwrap()
}

/// Members 0 to 2 have dealt, four of seven seats.
fn complaining<'a>(keygen: &Keygen, state: &'a State) -> Edit<'a> {
    let mut edit = Edit::new(state);
    keygen.tick(&mut edit, 1);
    for member in 0..3 {
        let good = dealt(keygen, &edit, member, member + 20);
        keygen.dealt(&mut edit, &good, false).unwrap();
    }
    keygen.tick(&mut edit, 5);
    assert_eq!(run(&edit).unwrap().stage, Stage::Complaining);
    edit
}

#[test]
fn complaints_that_are_refused() {
    let (state, keygen) = (state(), machine());
    let mut edit = complaining(&keygen, &state);
    let (_, kept) = super::dealing(&edit, 0, 1).unwrap();
    let seat = Seat::new(1).unwrap();
    let complaint = Complaint::create(&kept.restore().unwrap(), &share_key(0), seat);
    let groundless = Complained {
        epoch: 0,
        attempt: 0,
        dealer: 1,
        seat: 1,
        complaint,
    };
    let table = [
        (
            Complained {
                dealer: 3,
                ..groundless
            },
            "no dealing of member 3",
        ),
        (
            Complained {
                seat: 0,
                ..groundless
            },
            "no seat 0",
        ),
        (
            Complained {
                seat: 8,
                ..groundless
            },
            "no seat 8",
        ),
        (
            Complained {
                dealer: 0,
                ..groundless
            },
            "the proof does not hold",
        ),
        (
            Complained {
                seat: 2,
                ..groundless
            },
            "the proof does not hold",
        ),
        // Nobody's stake stands behind the seat, so nothing can be taken for it.
        (groundless, "groundless"),
    ];
    let before = run(&edit);
    for (said, words) in table {
        let refused = keygen.complained(&mut edit, &said).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
        assert_eq!(run(&edit), before);
    }
}

#[test]
fn signatures_that_are_refused() {
    let (state, keygen) = (state(), machine());
    let mut edit = complaining(&keygen, &state);
    keygen.tick(&mut edit, 9);
    assert_eq!(run(&edit).unwrap().stage, Stage::Trying);
    let signature: Signature = key(0).sign(b"not with a share");
    let ready = |member, count| KeyReady {
        epoch: 0,
        attempt: 0,
        member,
        signatures: vec![signature; count],
    };
    for (said, words) in [
        (ready(9, 1), "member 9"),
        (ready(1, 1), "1 signatures for 2 seats"),
        (ready(0, 1), "the signature does not hold"),
    ] {
        let refused = keygen.key_ready(&mut edit, &said, 10, false).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert_eq!(run(&edit).unwrap().ready.count(), 0);
}

/// Half of the dealers' seats are too few: members 0 and 1 have three of seven.
#[test]
fn too_few_dealers_make_no_key() {
    let (state, keygen) = (state(), machine());
    let mut edit = Edit::new(&state);
    keygen.tick(&mut edit, 1);
    for member in 0..2 {
        let good = dealt(&keygen, &edit, member, member + 20);
        keygen.dealt(&mut edit, &good, false).unwrap();
    }
    keygen.tick(&mut edit, 5);
    keygen.tick(&mut edit, 9);
    let again = run(&edit).unwrap();
    assert_eq!(
        (again.attempt, again.start, again.stage),
        (1, 9, Stage::Dealing)
    );
    assert_eq!(beacon::public_key(&edit, 0), None);
    assert!(
        super::dealing(&edit, 0, 0).is_none(),
        "what was dealt is gone"
    );
}
