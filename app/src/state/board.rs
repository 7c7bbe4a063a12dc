//! The board as signals: one for each phone and each cell, so that one change paints one place anew.
//!
//! Knows nothing of sockets: whoever hears the feed hands its frames in.

use std::sync::Arc;

use leptos::prelude::*;

use super::announce::{self, Announcements};
use super::fold::{Touched, Verdict};
use super::held::Held;
pub use super::held::{CellSignal, PhoneSignals};

use crate::model::{
    Aor, AppError, Delta, Epoch, Frame, Link, Seq, ServerInfo, Snapshot, UnixMillis,
};

/// What the page knows and shows. Copies are handles on the same board.
#[derive(Clone, Copy)]
pub struct Board {
    held: StoredValue<Held>,
    /// The phones of rows and columns, in order: all that are registered or still in a call.
    pub order: RwSignal<Arc<[Aor]>>,
    /// How many phones are registered.
    pub registered: RwSignal<usize>,
    /// How many calls live.
    pub calls: RwSignal<usize>,
    /// What the server says of itself.
    pub server: RwSignal<ServerInfo>,
    /// The server's clock, as often as the page looks at it.
    pub now: RwSignal<UnixMillis>,
    /// When the server was last heard.
    pub heard_at: RwSignal<UnixMillis>,
    /// The state of the live feed.
    pub link: RwSignal<Link>,
    /// Why the last wish was refused, until the operator has read it.
    pub refused: RwSignal<Option<AppError>>,
    /// The sentences of the live region.
    pub announcements: RwSignal<Announcements>,
    /// Whether scripts run: before that, everything works by plain forms and links.
    pub awake: RwSignal<bool>,
}

/// Whether a frame could be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// The board is as new as the frame.
    Yes,
    /// Something was missed: only a snapshot helps.
    Gap,
}

impl Board {
    /// A board that shows `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        let held = Held::new(snapshot);
        let now = held.board.now;
        Self {
            order: RwSignal::new(held.order()),
            registered: RwSignal::new(held.board.phones.len()),
            calls: RwSignal::new(held.live_calls()),
            server: RwSignal::new(held.board.server.clone()),
            now: RwSignal::new(now),
            heard_at: RwSignal::new(now),
            link: RwSignal::default(),
            refused: RwSignal::new(None),
            announcements: RwSignal::default(),
            awake: RwSignal::new(false),
            held: StoredValue::new(held),
        }
    }

    /// What the board has: where the feed has to go on.
    pub fn position(self) -> (Epoch, Seq) {
        self.held
            .with_value(|held| (held.board.epoch, held.board.seq))
    }

    /// Takes one message of the feed in.
    pub fn follow(self, frame: Frame) -> Followed {
        match frame {
            Frame::Snapshot(snapshot) => {
                paint(self.server, snapshot.server.clone());
                self.held.update_value(|held| held.replace(snapshot));
                self.paint_counts();
                Followed::Yes
            }
            Frame::Delta(delta) => self.follow_delta(&delta),
            Frame::Beat { seq, now: _ } if seq <= self.position().1 => Followed::Yes,
            Frame::Beat { .. } => Followed::Gap,
        }
    }

    /// The signals of a phone; `None` when it has left [`Board::order`].
    pub fn phone(self, aor: &Aor) -> Option<PhoneSignals> {
        self.held.with_value(|held| held.phone(aor).cloned())
    }

    /// The signal of a cell.
    pub fn cell(self, from: &Aor, to: &Aor) -> CellSignal {
        self.held
            .try_update_value(|held| held.cell(from, to))
            .unwrap_or_default()
    }

    fn follow_delta(self, delta: &Delta) -> Followed {
        // The name of one who goes is known only before, the board as it became only afterwards.
        let label = |aor| self.held.with_value(|held| held.label(aor));
        let leaving = announce::leaving(delta).and_then(|aor| Some((aor, label(aor)?)));
        let verdict = self.held.try_update_value(|held| held.follow(delta));
        match verdict {
            Some(Verdict::Applied(touched)) => {
                let sentence = self.held.with_value(|held| {
                    let name = |aor: &Aor| match &leaving {
                        Some((left, label)) if *left == aor => label.clone(),
                        Some(_) | None => held.label(aor).unwrap_or_else(|| aor.short().into()),
                    };
                    announce::sentence(delta, &touched, &held.board, name)
                });
                if let Some(sentence) = sentence {
                    self.announcements.update(|all| all.say(sentence));
                }
                if !matches!(touched, Touched::Phone(_) | Touched::Refreshed(_)) {
                    self.paint_counts();
                }
                Followed::Yes
            }
            Some(Verdict::Old) => Followed::Yes,
            Some(Verdict::Gap) | None => Followed::Gap,
        }
    }

    fn paint_counts(self) {
        let (order, registered, calls) = self
            .held
            .with_value(|held| (held.order(), held.board.phones.len(), held.live_calls()));
        paint(self.order, order);
        paint(self.registered, registered);
        paint(self.calls, calls);
    }
}

/// Sets a signal only if that changes something.
fn paint<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}
