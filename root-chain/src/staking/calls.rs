//! What stakers ask for. [S1] [S5]

use actors::{Behaviour, Context, Fault, Own};
use borsh::{BorshDeserialize, BorshSerialize};
use crypto::bls::{ProofOfPossession, PublicKey};
use types::{Amount, FailureCode, Height, NodeId, RelayBody, RelayMessage, limits};

use super::desk::{Desk, Trial};
use super::index::{PAGE, Totals, owner_key, page_key, staker_key, totals_key};
use super::{Leaving, Staker, StakerId, StakingError, StakingRules};
use crate::slots::Slots;

/// The methods of the staking account.
pub mod method {
    /// Registers the caller: [`super::Registration`], with the first stake as value.
    pub const REGISTER: &str = "register";
    /// Adds the value to the caller's stake; no arguments.
    pub const ADD_STAKE: &str = "add_stake";
    /// Ends the caller's eligibility and starts unbonding; no arguments, no value.
    pub const QUIT: &str = "quit";
    /// Sends all stake and rewards back after unbonding; no arguments, no value.
    pub const WITHDRAW: &str = "withdraw";
    /// Sends all rewards; no arguments, no value.
    pub const CLAIM_REWARDS: &str = "claim_rewards";
    /// Gas that is enough for any of them.
    pub const GAS: u64 = 1_000_000;
}

/// Decoding a key and two pairings, in what else takes the time of so much gas.
const POSSESSION_GAS: u64 = 300_000;

/// Root heights that a message must have left for a payment to go out.
const PAYMENT_TIME: Height = limits::DEADLINE_HEIGHTS / 2;

/// The arguments of `register`. The key is checked after all that is cheaper.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Registration {
    /// The stake key, compressed: draws tickets, signs declarations.
    pub key: [u8; 96],
    /// That its secret is known.
    pub possession: ProofOfPossession,
    /// The node that will serve.
    pub node: NodeId,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The account that calls.
    pub from: StakerId,
    /// What comes along.
    pub value: Amount,
    /// Last root height at which what it sends may arrive.
    pub deadline: Height,
    /// The method.
    pub method: &'a str,
    /// Its arguments.
    pub data: &'a [u8],
}

/// When a call is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The root block's height. [S2]
    pub height: Height,
    /// The root height that it cites as final, by which deadlines go.
    pub cited: Height,
}

/// Answers for the staking account.
#[derive(Clone, Copy, Debug)]
pub struct Staking {
    /// The numbers.
    pub rules: StakingRules,
}

impl Behaviour for Staking {
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), FailureCode> {
        self.answer(own, message, ctx)
            .map_err(|error| error.failure())
    }

    fn handle_or_say(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), Fault> {
        let answer = self.answer(own, message, ctx);
        answer.map_err(|error| Fault {
            code: error.failure(),
            trap: None,
            text: error.code().to_owned(),
        })
    }
}

impl Staking {
    fn answer(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), StakingError> {
        let RelayBody::Call { method, data, .. } = &message.body else {
            return Err(StakingError::Method);
        };
        let call = Call {
            from: message.from,
            value: message.value,
            deadline: message.deadline,
            method,
            data,
        };
        let when = When {
            height: ctx.height,
            cited: ctx.root_height,
        };
        execute(own, &self.rules, when, &call)
    }
}

/// What would become of a call after a state of the root, but for gas.
///
/// # Errors
/// Why it would be refused.
pub fn would_accept(
    slots: &impl Slots,
    rules: &StakingRules,
    when: When,
    call: &Call<'_>,
) -> Result<(), StakingError> {
    execute(&mut Trial::of(slots), rules, when, call)
}

fn execute(
    desk: &mut impl Desk,
    rules: &StakingRules,
    when: When,
    call: &Call<'_>,
) -> Result<(), StakingError> {
    if call.method == method::REGISTER {
        return register(desk, rules, when, call);
    }
    if !matches!(
        call.method,
        method::ADD_STAKE | method::QUIT | method::WITHDRAW | method::CLAIM_REWARDS
    ) {
        return Err(StakingError::Method);
    }
    if !call.data.is_empty() {
        return Err(StakingError::Arguments);
    }
    if call.method == method::ADD_STAKE {
        return add_stake(desk, rules, when, call);
    }
    if !call.value.is_zero() {
        return Err(StakingError::Value { value: call.value });
    }
    let staker = registered(desk, call)?;
    match call.method {
        method::QUIT => quit(desk, rules, when, staker),
        method::WITHDRAW => withdraw(desk, rules, when, call, staker),
        _ => claim(desk, when, call, staker),
    }
}

/// [S1] Cheap checks first: the key's come last.
fn register(
    desk: &mut impl Desk,
    rules: &StakingRules,
    when: When,
    call: &Call<'_>,
) -> Result<(), StakingError> {
    let Registration {
        key,
        possession,
        node,
    } = borsh::from_slice(call.data).map_err(|_| StakingError::Arguments)?;
    let (value, ticket) = (call.value, rules.ticket);
    if value < ticket || value.is_zero() {
        return Err(StakingError::BelowTicket { value, ticket });
    }
    if let Some(known) = desk.read::<Staker>(&staker_key(&call.from))? {
        return Err(match known.tombstoned {
            true => StakingError::Tombstoned,
            false => StakingError::AccountTaken,
        });
    }
    if desk.get(&owner_key(&key))?.is_some() {
        return Err(StakingError::KeyTaken);
    }
    desk.charge(POSSESSION_GAS)?;
    let public = PublicKey::from_bytes(&key).map_err(|reason| StakingError::Key { reason })?;
    let proved = public.verify_possession(&possession);
    proved.map_err(|reason| StakingError::Possession { reason })?;

    let mut totals = owe(desk, value)?;
    let mut staker = Staker::new(call.from, node, key, totals.stakers);
    let added = staker.add(value, rules.epoch(when.height));
    added.ok_or(StakingError::Overflow)?;
    totals.stakers = totals
        .stakers
        .checked_add(1)
        .ok_or(StakingError::Overflow)?;
    list(desk, staker.place, staker.id)?;
    desk.write(totals_key(), &totals)?;
    desk.write(owner_key(&key), &staker.id)?;
    desk.write(staker_key(&staker.id), &staker)
}

fn add_stake(
    desk: &mut impl Desk,
    rules: &StakingRules,
    when: When,
    call: &Call<'_>,
) -> Result<(), StakingError> {
    if call.value.is_zero() {
        return Err(StakingError::Nothing);
    }
    let mut staker = registered(desk, call)?;
    if staker.tombstoned {
        return Err(StakingError::Tombstoned);
    }
    if staker.leaving.is_some() {
        return Err(StakingError::HasQuit);
    }
    let totals = owe(desk, call.value)?;
    let added = staker.add(call.value, rules.epoch(when.height));
    added.ok_or(StakingError::Overflow)?;
    desk.write(totals_key(), &totals)?;
    desk.write(staker_key(&staker.id), &staker)
}

/// [S4]
fn quit(
    desk: &mut impl Desk,
    rules: &StakingRules,
    when: When,
    mut staker: Staker,
) -> Result<(), StakingError> {
    if staker.leaving.is_some() {
        return Err(StakingError::HasQuit);
    }
    let height = when.height;
    let epoch = rules.epoch(height);
    staker.leaving = Some(Leaving { epoch, height });
    desk.write(staker_key(&staker.id), &staker)
}

/// [S5] All of it, once nothing can be slashed for any more.
fn withdraw(
    desk: &mut impl Desk,
    rules: &StakingRules,
    when: When,
    call: &Call<'_>,
    mut staker: Staker,
) -> Result<(), StakingError> {
    if staker.leaving.is_none() {
        return Err(StakingError::HasNotQuit);
    }
    let duties = staker.duties;
    let free = staker.free_at(rules);
    let free = free.ok_or(StakingError::OnDuty { duties })?;
    let height = when.height;
    if height < free && !cfg!(feature = "plant-early-withdrawal") {
        return Err(StakingError::TooEarly { height, free });
    }
    let all = staker.stake.plus(staker.rewards);
    pay(desk, when, call, all.ok_or(StakingError::Overflow)?)?;
    unlist(desk, staker.place)?;
    let key = staker_key(&staker.id);
    if !staker.tombstoned {
        desk.put(owner_key(&staker.key), None)?;
        return desk.put(key, None);
    }
    // Its account and key stay known, so that they never register again.
    staker.stake = Amount::ZERO;
    staker.rewards = Amount::ZERO;
    staker.recent.clear();
    staker.withdrawn = true;
    desk.write(key, &staker)
}

fn claim(
    desk: &mut impl Desk,
    when: When,
    call: &Call<'_>,
    mut staker: Staker,
) -> Result<(), StakingError> {
    if staker.rewards.is_zero() {
        return Err(StakingError::NoRewards);
    }
    let rewards = std::mem::take(&mut staker.rewards);
    pay(desk, when, call, rewards)?;
    desk.write(staker_key(&staker.id), &staker)
}

/// The caller's record; that of a tombstoned staker that withdrew is none.
fn registered(desk: &mut impl Desk, call: &Call<'_>) -> Result<Staker, StakingError> {
    let found = desk.read::<Staker>(&staker_key(&call.from))?;
    let found = found.ok_or(StakingError::NotRegistered)?;
    if found.withdrawn {
        return Err(StakingError::Tombstoned);
    }
    Ok(found)
}

/// [S6] The totals with so much more owed to stakers.
fn owe(desk: &mut impl Desk, value: Amount) -> Result<Totals, StakingError> {
    let mut totals: Totals = desk.read(&totals_key())?.unwrap_or_default();
    let owed = totals.owed.plus(value);
    totals.owed = owed.ok_or(StakingError::Overflow)?;
    Ok(totals)
}

/// Sends what is owed to its owner.
fn pay(
    desk: &mut impl Desk,
    when: When,
    call: &Call<'_>,
    value: Amount,
) -> Result<(), StakingError> {
    if value.is_zero() {
        return Ok(());
    }
    if call.deadline < when.cited.saturating_add(PAYMENT_TIME) {
        return Err(StakingError::Late);
    }
    let mut totals: Totals = desk.read(&totals_key())?.unwrap_or_default();
    let owed = totals.owed.minus(value);
    totals.owed = owed.ok_or(StakingError::Overflow)?;
    desk.write(totals_key(), &totals)?;
    desk.pay(call.from, value)
}

/// Puts an id into the list, at its end.
fn list(desk: &mut impl Desk, place: u32, id: StakerId) -> Result<(), StakingError> {
    let key = page_key(place / PAGE);
    let mut page: Vec<StakerId> = desk.read(&key)?.unwrap_or_default();
    page.push(id);
    desk.write(key, &page)
}

/// Takes the last of the list away and puts it where `place` was.
fn unlist(desk: &mut impl Desk, place: u32) -> Result<(), StakingError> {
    let mut totals: Totals = desk.read(&totals_key())?.unwrap_or_default();
    totals.stakers = totals.stakers.saturating_sub(1);
    let last = totals.stakers;
    desk.write(totals_key(), &totals)?;
    let mut page: Vec<StakerId> = desk.read(&page_key(last / PAGE))?.unwrap_or_default();
    let moved = page.pop();
    let page = (!page.is_empty()).then(|| super::index::encode(&page));
    desk.put(page_key(last / PAGE), page)?;
    let Some(moved) = moved.filter(|_| place != last) else {
        return Ok(());
    };
    let key = page_key(place / PAGE);
    let mut page: Vec<StakerId> = desk.read(&key)?.unwrap_or_default();
    if let Some(slot) = page.get_mut((place % PAGE) as usize) {
        *slot = moved;
    }
    desk.write(key, &page)?;
    let key = staker_key(&moved);
    let Some(mut record) = desk.read::<Staker>(&key)? else {
        return Ok(());
    };
    record.place = place;
    desk.write(key, &record)
}
