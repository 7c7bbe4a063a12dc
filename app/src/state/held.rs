//! The truth behind the page, and the signals that were handed out for its parts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use leptos::prelude::*;

use super::fold::{self, Touched, Verdict};
use crate::model::presence::Presence;
use crate::model::{Aor, CallView, Delta, Phone, Snapshot};
use crate::words::names;

/// The signals of one phone.
#[derive(Clone)]
pub struct PhoneSignals {
    /// Its devices; `None` when it is no longer registered but still in a call.
    pub phone: ArcRwSignal<Option<Phone>>,
    /// What people call it.
    pub label: ArcRwSignal<Arc<str>>,
    /// What it does.
    pub presence: ArcRwSignal<Presence>,
}

/// The call of one cell: of those from row to column the newest that lives, else the newest.
pub type CellSignal = ArcRwSignal<Option<CallView>>;

/// A plain [`Snapshot`] with one signal for each phone and each cell that is shown.
pub(super) struct Held {
    pub(super) board: Snapshot,
    phones: HashMap<Aor, PhoneSignals>,
    cells: HashMap<(Aor, Aor), CellSignal>,
}

impl Held {
    pub(super) fn new(board: Snapshot) -> Self {
        let mut held = Self {
            board,
            phones: HashMap::new(),
            cells: HashMap::new(),
        };
        held.paint_names();
        held
    }

    /// Shows another board; sets the signals of what differs.
    pub(super) fn replace(&mut self, board: Snapshot) {
        self.board = board;
        self.paint_names();
        for (aor, signals) in &self.phones {
            paint(&signals.phone, fold::phone(&self.board, aor).cloned());
            paint(
                &signals.presence,
                Presence::among(self.board.calls.iter(), aor),
            );
        }
        for ((from, to), cell) in &self.cells {
            paint(cell, newest(&self.board, from, to));
        }
    }

    /// Takes a delta in; sets the signals of what it touched.
    pub(super) fn follow(&mut self, delta: &Delta) -> Verdict {
        let verdict = fold::apply(&mut self.board, delta);
        match &verdict {
            Verdict::Applied(Touched::PhoneAdded(aor) | Touched::PhoneRemoved(aor)) => {
                self.paint_names();
                self.paint_phone(aor);
            }
            Verdict::Applied(Touched::Phone(aor)) => {
                let renamed = self.paint_phone(aor);
                if renamed {
                    self.paint_names();
                }
            }
            Verdict::Applied(Touched::Refreshed(aors)) => {
                for aor in aors {
                    self.paint_phone(aor);
                }
            }
            Verdict::Applied(Touched::Call(id)) => {
                if let Some(CallView { from, to, .. }) = fold::call(&self.board, id).cloned() {
                    self.paint_pair(&from, &to);
                }
            }
            Verdict::Applied(Touched::CallRemoved { from, to }) => self.paint_pair(from, to),
            Verdict::Old | Verdict::Gap => {}
        }
        verdict
    }

    /// The phones of rows and columns: registered, or still in a call.
    pub(super) fn order(&self) -> Arc<[Aor]> {
        let parties = self
            .board
            .calls
            .iter()
            .flat_map(|call| [&call.from, &call.to]);
        let registered = self.board.phones.iter().map(|phone| &phone.aor);
        registered
            .chain(parties)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect()
    }

    pub(super) fn live_calls(&self) -> usize {
        self.board
            .calls
            .iter()
            .filter(|call| !call.is_done())
            .count()
    }

    pub(super) fn phone(&self, aor: &Aor) -> Option<&PhoneSignals> {
        self.phones.get(aor)
    }

    pub(super) fn label(&self, aor: &Aor) -> Option<Arc<str>> {
        self.phones
            .get(aor)
            .map(|signals| signals.label.get_untracked())
    }

    pub(super) fn cell(&mut self, from: &Aor, to: &Aor) -> CellSignal {
        let Self { board, cells, .. } = self;
        cells
            .entry((from.clone(), to.clone()))
            .or_insert_with(|| ArcRwSignal::new(newest(board, from, to)))
            .clone()
    }

    /// Gives each phone its label, those who came their signals, and forgets those who went.
    fn paint_names(&mut self) {
        let order = self.order();
        let known = order.iter().map(|aor| (aor, fold::phone(&self.board, aor)));
        let mut labels = names::labels(known);
        self.phones.retain(|aor, _| labels.contains_key(aor));
        self.cells
            .retain(|(from, to), _| labels.contains_key(from) && labels.contains_key(to));
        for aor in order.iter() {
            let label: Arc<str> = labels.remove(aor).unwrap_or_default().into();
            match self.phones.get(aor) {
                Some(signals) => paint(&signals.label, label),
                None => {
                    let signals = PhoneSignals {
                        phone: ArcRwSignal::new(fold::phone(&self.board, aor).cloned()),
                        label: ArcRwSignal::new(label),
                        presence: ArcRwSignal::new(Presence::among(self.board.calls.iter(), aor)),
                    };
                    self.phones.insert(aor.clone(), signals);
                }
            }
        }
    }

    /// Shows the devices of a phone; `true` if its name is another one now.
    fn paint_phone(&self, aor: &Aor) -> bool {
        let Some(signals) = self.phones.get(aor) else {
            return false;
        };
        let name = |phone: &Option<Phone>| phone.as_ref().and_then(|phone| phone.name.clone());
        let phone = fold::phone(&self.board, aor).cloned();
        let renamed = signals.phone.with_untracked(name) != name(&phone);
        paint(&signals.phone, phone);
        renamed
    }

    /// Shows the call of a pair, and what it means for the two.
    fn paint_pair(&mut self, from: &Aor, to: &Aor) {
        let stranger = |aor| fold::phone(&self.board, aor).is_none();
        if stranger(from) || stranger(to) {
            self.paint_names();
        }
        if let Some(cell) = self.cells.get(&(from.clone(), to.clone())) {
            paint(cell, newest(&self.board, from, to));
        }
        for aor in [from, to] {
            if let Some(signals) = self.phones.get(aor) {
                paint(
                    &signals.presence,
                    Presence::among(self.board.calls.iter(), aor),
                );
            }
        }
    }
}

/// A phone may dial whom it is being connected with by a click: what has ended never hides what still stands.
fn newest(board: &Snapshot, from: &Aor, to: &Aor) -> Option<CallView> {
    let is_of_cell = |call: &&CallView| call.from == *from && call.to == *to;
    let newest_first = || board.calls.iter().rev().filter(is_of_cell);
    newest_first()
        .find(|call| !call.is_done())
        .or_else(|| newest_first().next())
        .cloned()
}

/// Sets a signal only if that changes something: nothing is painted twice.
fn paint<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: T) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}
