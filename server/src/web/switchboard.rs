//! The page's port: wishes of server functions and of the API become commands of call control, refusals become
//! words that people can act on.
//!
//! Texts become typed addresses here and nowhere else.

use std::sync::Arc;

use app::model::{self, AppError, CallView, Party, Snapshot};
use app::ports::{Answer, Switchboard};
use sip::name::Aor;
use tokio::time::timeout;

use crate::command::{HangUpError, Manner, PlaceCall, PlaceError};
use crate::event::{CallRef, Side};
use crate::limits;
use crate::live::Feed;
use crate::runtime::{Handle, Refused};

/// The switchboard as one kind of client sees it.
#[derive(Clone, Debug)]
pub(super) struct Board {
    pub(super) handle: Handle,
    pub(super) feed: Arc<Feed>,
    /// Who asks, for the records: `page` or `api`.
    pub(super) by: &'static str,
}

impl Board {
    /// Opens a call between two addresses as people write them.
    pub(super) async fn place(
        self,
        from: &str,
        to: &str,
        first: Party,
        manner: Manner,
    ) -> Result<CallRef, AppError> {
        let place = PlaceCall {
            from: address(from)?,
            to: address(to)?,
            ring_first: match first {
                Party::From => Side::A,
                Party::To => Side::B,
            },
            by: self.by.into(),
            manner,
        };
        let placed = self.handle.place_call(place).await;
        if let Ok(call) = &placed {
            // Whoever is answered may look at once: a program at the Location, a plain form at the page.
            let call = model::CallRef::new(&call.to_string());
            self.shown(&call, |view| view.is_some()).await;
        }
        placed.map_err(|refused| match refused {
            Refused::Busy => AppError::Busy,
            Refused::ByCallControl(PlaceError::SameParty(_)) => AppError::SameParty,
            Refused::ByCallControl(PlaceError::NotRegistered(aor)) => {
                AppError::NotRegistered(model::Aor::new(aor.as_str()))
            }
            Refused::ByCallControl(PlaceError::AlreadyInCall(_)) => AppError::AlreadyInCall,
            Refused::ByCallControl(PlaceError::PartyBusy { aor, may_insist }) => {
                let aor = model::Aor::new(aor.as_str());
                AppError::PartyBusy { aor, may_insist }
            }
            Refused::ByCallControl(PlaceError::TooManyCalls { .. }) => AppError::TooManyCalls,
            Refused::ByCallControl(PlaceError::Refused { status, reason }) => {
                AppError::ByRule(format!("{status} {reason}"))
            }
            Refused::ByCallControl(PlaceError::Draining) => AppError::Draining,
        })
    }

    /// Begins to release a call, wherever it stands; the board shows that it ends when this answers.
    pub(super) async fn release(&self, call: CallRef) -> Result<(), AppError> {
        let released = self.handle.hang_up(call).await;
        released.map_err(|refused| match refused {
            Refused::Busy => AppError::Busy,
            Refused::ByCallControl(HangUpError::NoSuchCall(_)) => AppError::CallGone,
        })?;
        let call = model::CallRef::new(&call.to_string());
        let ends = |view: Option<&CallView>| view.is_none_or(|view| view.ended_at.is_some());
        self.shown(&call, ends).await;
        Ok(())
    }

    /// What else goes on from the same phone to the same phone: one may have dialled while somebody clicked. "End" on
    /// the page ends what the cell stands for; a program ends the call that it names.
    fn others_of_the_cell(&self, call: &model::CallRef) -> Vec<CallRef> {
        let calls = self.feed.snapshot(self.handle.now()).calls;
        let Some(named) = calls.find(call) else {
            return Vec::new();
        };
        let others = calls.iter().filter(|other| {
            let is_of_cell = other.from == named.from && other.to == named.to;
            is_of_cell && other.id != *call && !other.is_done()
        });
        others
            .filter_map(|other| CallRef::parse(other.id.as_str()))
            .collect()
    }

    /// Waits for the board, but not long: events may be late, and phones may not answer.
    async fn shown(&self, call: &model::CallRef, wanted: impl Fn(Option<&CallView>) -> bool) {
        let _ = timeout(limits::SHOWN_TIME, self.feed.until(call, wanted)).await;
    }
}

impl Switchboard for Board {
    fn snapshot(&self) -> Snapshot {
        self.feed.snapshot(self.handle.now())
    }

    fn place_call(
        &self,
        from: model::Aor,
        to: model::Aor,
        first: Party,
    ) -> Answer<Result<model::CallRef, AppError>> {
        let board = self.clone();
        Box::pin(async move {
            let manner = Manner::default();
            let call = board.place(from.as_str(), to.as_str(), first, manner);
            let call = call.await?;
            Ok(model::CallRef::new(&call.to_string()))
        })
    }

    fn hang_up(&self, call: model::CallRef) -> Answer<Result<(), AppError>> {
        let board = self.clone();
        Box::pin(async move {
            let reference = CallRef::parse(call.as_str()).ok_or(AppError::CallGone)?;
            let others = board.others_of_the_cell(&call);
            board.release(reference).await?;
            for other in others {
                // It may have ended by itself meanwhile.
                let _ = board.release(other).await;
            }
            // A plain form leads to the page at once, and nothing tells that one what comes after.
            let done = |view: Option<&CallView>| view.is_none_or(CallView::is_done);
            board.shown(&call, done).await;
            Ok(())
        })
    }
}

fn address(text: &str) -> Result<Aor, AppError> {
    Aor::parse(text).map_err(|_| AppError::BadAor(text.to_owned()))
}
