//! Snapshot + delta = snapshot: the one place that knows what a change means.
//!
//! Pure. The server keeps its board with it and each browser follows with it, so both show the same at every number.

use crate::model::{
    Aor, CallRef, CallState, CallView, Change, Delta, Phone, Refreshed, Snapshot, Sorted,
    UnixMillis,
};

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
    /// The expiry of these moved.
    Refreshed(Vec<Aor>),
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
    board.phones.find(aor)
}

/// Looks a call up.
pub fn call<'a>(board: &'a Snapshot, id: &CallRef) -> Option<&'a CallView> {
    board.calls.find(id)
}

fn change(board: &mut Snapshot, change: &Change, at: UnixMillis) -> Option<Touched> {
    match change {
        Change::Phone { phone, why: _ } => {
            let aor = phone.aor.clone();
            let known = board.phones.put(phone.clone());
            Some(if known {
                Touched::Phone(aor)
            } else {
                Touched::PhoneAdded(aor)
            })
        }
        Change::PhoneGone { aor, why: _ } => {
            board.phones.remove(aor)?;
            Some(Touched::PhoneRemoved(aor.clone()))
        }
        Change::PhonesRefreshed { phones } => {
            refresh(&mut board.phones, phones)?;
            let aors = phones.iter().map(|phone| phone.aor.clone());
            Some(Touched::Refreshed(aors.collect()))
        }
        Change::CallOpened {
            call,
            from,
            to,
            first,
            placed,
        } => {
            if board.calls.find(call).is_some() {
                return None;
            }
            let opened = CallView::opened(call.clone(), from.clone(), to.clone(), *first, at);
            let opened = opened.placed_on(*placed);
            board.calls.put(opened);
            Some(Touched::Call(call.clone()))
        }
        Change::Leg { call, side, state } => {
            let leg = board.calls.find_mut(call)?.leg_mut(*side);
            leg.state = state.clone();
            leg.since = at;
            if state.is_answered() {
                leg.answered_at = leg.answered_at.or(Some(at));
            }
            Some(Touched::Call(call.clone()))
        }
        Change::Device { call, side, name } => {
            let leg = board.calls.find_mut(call)?.leg_mut(*side);
            leg.device = Some(name.clone());
            Some(Touched::Call(call.clone()))
        }
        Change::CallState { call, state } => {
            let view = board.calls.find_mut(call)?;
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
            let gone = board.calls.remove(call)?;
            Some(Touched::CallRemoved {
                from: gone.from.clone(),
                to: gone.to.clone(),
            })
        }
    }
}

/// All of them or none.
fn refresh(board: &mut Sorted<Phone>, fresh: &[Refreshed]) -> Option<()> {
    let fits = |fresh: &Refreshed| {
        let phone = board.find(&fresh.aor);
        phone.is_some_and(|phone| phone.devices.len() == fresh.expires_at.len())
    };
    if !fresh.iter().all(fits) {
        return None;
    }
    for Refreshed { aor, expires_at } in fresh {
        let devices = &mut board.find_mut(aor)?.devices;
        for (device, expires_at) in devices.iter_mut().zip(expires_at) {
            device.expires_at = *expires_at;
        }
    }
    Some(())
}
