//! What the live region speaks: changes that an operator wants to hear, never every step.

use std::collections::VecDeque;
use std::sync::Arc;

use super::fold::{self, Touched};
use crate::model::{Aor, CallRef, CallView, Change, Delta, Snapshot};
use crate::words;
use crate::words::call::Names;

/// How many sentences stay in the page.
const KEPT: usize = 4;

/// The last sentences, oldest first, each with a number of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcements {
    spoken: u64,
    kept: VecDeque<(u64, Arc<str>)>,
}

impl Announcements {
    /// Adds a sentence.
    pub fn say(&mut self, sentence: String) {
        self.spoken += 1;
        self.kept.push_back((self.spoken, sentence.into()));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// The sentences with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Arc<str>)> + '_ {
        self.kept.iter().cloned()
    }
}

/// The sentence for a change that `board` contains already, if it is worth one.
pub fn sentence(
    delta: &Delta,
    touched: &Touched,
    board: &Snapshot,
    name: impl Fn(&Aor) -> Arc<str>,
) -> Option<String> {
    let with_call = |id: &CallRef, say: &dyn Fn(&CallView) -> Option<String>| {
        fold::call(board, id).and_then(say)
    };
    match &delta.change {
        Change::Phone { phone, why } => {
            let new = matches!(touched, Touched::PhoneAdded(_));
            words::phone::heard_change(*why, new, &name(&phone.aor))
        }
        Change::PhoneGone { aor, why } => Some(words::phone::heard_gone(*why, &name(aor))),
        Change::Leg { call, side, state } => with_call(call, &|view| {
            words::call::heard_leg(state, &name(view.party(*side)))
        }),
        Change::CallState { call, .. } => with_call(call, &|view| {
            let (from, to) = (name(&view.from), name(&view.to));
            words::call::heard_call(
                view,
                Names {
                    from: &from,
                    to: &to,
                },
            )
        }),
        Change::PhonesRefreshed { .. }
        | Change::CallOpened { .. }
        | Change::Device { .. }
        | Change::CallGone { .. } => None,
    }
}

/// The phone that a change takes off the board.
pub fn leaving(delta: &Delta) -> Option<&Aor> {
    match &delta.change {
        Change::PhoneGone { aor, .. } => Some(aor),
        Change::Phone { .. }
        | Change::PhonesRefreshed { .. }
        | Change::CallOpened { .. }
        | Change::Leg { .. }
        | Change::Device { .. }
        | Change::CallState { .. }
        | Change::CallGone { .. } => None,
    }
}
