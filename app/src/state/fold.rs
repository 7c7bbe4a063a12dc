//! Snapshot + delta = snapshot: the one place that knows what a change means.
//!
//! Pure. The server keeps its board with it and each browser follows with it, so both show the same at every number.

use crate::model::{Aor, CallRef, CallState, CallView, Change, Delta, Phone, Snapshot, UnixMillis};

/// What [`apply`] made of a delta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was the next one; this is what must be painted anew.
    Applied(Touched),
    /// It is contained already.
    Old,
    /// Something before it is missing, or it speaks of what is not there: a new snapshot is needed. The snapshot is
    /// as it was.
    Gap,
}

/// The part of the board that a delta changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// A phone came: one row and one column more.
    PhoneAdded(Aor),
    /// A phone changed in itself.
    Phone(Aor),
    /// A phone went.
    PhoneRemoved(Aor),
    /// A call came, or changed.
    Call(CallRef),
    /// A call was taken off the board.
    CallRemoved {
        /// Its row.
        from: Aor,
        /// Its column.
        to: Aor,
    },
}

/// Takes the next change into `board`.
pub fn apply(board: &mut Snapshot, delta: &Delta) -> Verdict {
    if delta.seq <= board.seq {
        return Verdict::Old;
    }
    if delta.seq != board.seq.next() {
        return Verdict::Gap;
    }
    let Some(touched) = change(board, &delta.change, delta.at) else {
        return Verdict::Gap;
    };
    board.seq = delta.seq;
    board.now = board.now.max(delta.at);
    Verdict::Applied(touched)
}

/// Looks a phone up.
pub fn phone<'a>(board: &'a Snapshot, aor: &Aor) -> Option<&'a Phone> {
    let at = board
        .phones
        .binary_search_by(|phone| phone.aor.cmp(aor))
        .ok()?;
    board.phones.get(at)
}

/// Looks a call up.
pub fn call<'a>(board: &'a Snapshot, id: &CallRef) -> Option<&'a CallView> {
    let at = board.calls.binary_search_by(|call| call.id.cmp(id)).ok()?;
    board.calls.get(at)
}

fn change(board: &mut Snapshot, change: &Change, at: UnixMillis) -> Option<Touched> {
    match change {
        Change::Phone { phone, why: _ } => Some(upsert(&mut board.phones, phone)),
        Change::PhoneGone { aor, why: _ } => {
            let place = board
                .phones
                .binary_search_by(|phone| phone.aor.cmp(aor))
                .ok()?;
            board.phones.remove(place);
            Some(Touched::PhoneRemoved(aor.clone()))
        }
        Change::PhoneRefreshed { aor, expires_at } => {
            let place = board
                .phones
                .binary_search_by(|phone| phone.aor.cmp(aor))
                .ok()?;
            let devices = &mut board.phones[place].devices;
            if devices.len() != expires_at.len() {
                return None;
            }
            for (device, expires_at) in devices.iter_mut().zip(expires_at) {
                device.expires_at = *expires_at;
            }
            Some(Touched::Phone(aor.clone()))
        }
        Change::CallOpened {
            call,
            from,
            to,
            first,
        } => {
            let place = board
                .calls
                .binary_search_by(|known| known.id.cmp(call))
                .err()?;
            let opened = CallView::opened(call.clone(), from.clone(), to.clone(), *first, at);
            board.calls.insert(place, opened);
            Some(Touched::Call(call.clone()))
        }
        Change::Leg { call, side, state } => {
            let leg = find(&mut board.calls, call)?.leg_mut(*side);
            leg.state = state.clone();
            leg.since = at;
            if state.is_answered() {
                leg.answered_at = leg.answered_at.or(Some(at));
            }
            Some(Touched::Call(call.clone()))
        }
        Change::CallState { call, state } => {
            let view = find(&mut board.calls, call)?;
            view.state = *state;
            view.since = at;
            match state {
                CallState::Talking => view.talking_since = view.talking_since.or(Some(at)),
                CallState::Releasing | CallState::Done(_) => {
                    view.ended_at = view.ended_at.or(Some(at))
                }
                CallState::CallingA
                | CallState::AWaiting
                | CallState::CallingB
                | CallState::Connecting => {}
            }
            Some(Touched::Call(call.clone()))
        }
        Change::CallGone { call } => {
            let place = board
                .calls
                .binary_search_by(|known| known.id.cmp(call))
                .ok()?;
            let CallView { from, to, .. } = board.calls.remove(place);
            Some(Touched::CallRemoved { from, to })
        }
    }
}

fn upsert(phones: &mut Vec<Phone>, phone: &Phone) -> Touched {
    match phones.binary_search_by(|known| known.aor.cmp(&phone.aor)) {
        Ok(place) => {
            phones[place] = phone.clone();
            Touched::Phone(phone.aor.clone())
        }
        Err(place) => {
            phones.insert(place, phone.clone());
            Touched::PhoneAdded(phone.aor.clone())
        }
    }
}

fn find<'a>(calls: &'a mut [CallView], id: &CallRef) -> Option<&'a mut CallView> {
    let place = calls.binary_search_by(|call| call.id.cmp(id)).ok()?;
    calls.get_mut(place)
}
