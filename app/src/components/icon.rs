//! An icon of the sprite that `shell` puts into every page.

use leptos::prelude::*;

/// The icons that there are: each is a symbol `icon-…` of `icons.svg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    /// A handset: place a call.
    Call,
    /// A handset put down: end a call.
    End,
    /// A bell: it rings.
    Bell,
    /// Three dots: something is on its way.
    Dots,
    /// An empty ring: not yet, or nothing.
    Ring,
    /// A handset with a tick: answered.
    Answered,
    /// A sound wave: they talk.
    Wave,
    /// Two ends and a line: in a call with each other.
    Linked,
    /// A cross: over.
    Cross,
    /// A tick: free.
    Tick,
    /// A triangle: look here.
    Warning,
    /// An open lock: anybody may register.
    OpenLock,
    /// A desk phone.
    Phone,
    /// A broken line: not registered, not connected.
    Broken,
}

impl IconName {
    /// The address of the symbol in the page.
    pub const fn href(self) -> &'static str {
        match self {
            Self::Call => "#icon-call",
            Self::End => "#icon-end",
            Self::Bell => "#icon-bell",
            Self::Dots => "#icon-dots",
            Self::Ring => "#icon-ring",
            Self::Answered => "#icon-answered",
            Self::Wave => "#icon-wave",
            Self::Linked => "#icon-linked",
            Self::Cross => "#icon-cross",
            Self::Tick => "#icon-tick",
            Self::Warning => "#icon-warning",
            Self::OpenLock => "#icon-open-lock",
            Self::Phone => "#icon-phone",
            Self::Broken => "#icon-broken",
        }
    }
}

/// A picture that says nothing that the text beside it does not say.
#[component]
pub fn Icon(
    /// Which.
    #[prop(into)]
    name: Signal<IconName>,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=move || name.get().href()></use>
        </svg>
    }
}
