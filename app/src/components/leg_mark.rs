//! One leg of a call as a mark: half of a cell.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::model::{CallState, CallView, LegState, Party};

/// What a mark shows of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The word that style sheets and tests read (`data-leg`).
    pub word: &'static str,
    /// The picture.
    pub icon: IconName,
}

impl Mark {
    /// No leg at all.
    pub const NONE: Self = Self {
        word: "none",
        icon: IconName::Ring,
    };

    /// A phone that is not registered yet.
    pub const ABSENT: Self = Self {
        word: "planned",
        icon: IconName::Ring,
    };
    /// A phone that is registered.
    pub const PRESENT: Self = Self {
        word: "confirmed",
        icon: IconName::Tick,
    };

    /// The mark of the leg of a party.
    pub fn of(call: &CallView, party: Party) -> Self {
        let side = call.side_of(party);
        let talking = call.state == CallState::Talking;
        let (word, icon) = match &call.leg(side).state {
            LegState::Planned => ("planned", IconName::Ring),
            LegState::Inviting => ("inviting", IconName::Dots),
            LegState::Ringing => ("ringing", IconName::Bell),
            LegState::EarlyMedia => ("early-media", IconName::Bell),
            LegState::Answered | LegState::Confirmed if talking => ("talking", IconName::Wave),
            LegState::Answered => ("answered", IconName::Answered),
            LegState::Confirmed => ("confirmed", IconName::Answered),
            LegState::Ending => ("ending", IconName::Dots),
            LegState::Ended(_) if call.failed_side() == Some(side) => ("failed", IconName::Cross),
            LegState::Ended(_) => ("ended", IconName::End),
        };
        Self { word, icon }
    }
}

/// Shows where one leg stands.
#[component]
pub fn LegMark(
    /// The mark to show.
    mark: Signal<Mark>,
) -> impl IntoView {
    let icon = Signal::derive(move || mark.get().icon);
    view! {
        <span class="leg-mark" data-leg=move || mark.get().word>
            <Icon name=icon/>
        </span>
    }
}
