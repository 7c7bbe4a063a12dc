//! Where the keyboard stands in the matrix: one cell can be reached by Tab, arrows lead to the others.

use std::collections::HashMap;

use leptos::html::Button;
use leptos::prelude::*;

use super::Board;
use super::roving::{self, Step};
use crate::model::Aor;

/// Row and column of a cell.
type Pair = (Aor, Aor);

/// The roving focus of one matrix. Copies are handles on the same focus.
#[derive(Clone, Copy)]
pub struct GridFocus {
    board: Board,
    wanted: RwSignal<Option<Pair>>,
    current: Memo<Option<Pair>>,
    buttons: StoredValue<HashMap<Pair, NodeRef<Button>>>,
}

impl GridFocus {
    /// The focus of a matrix that has not been entered yet: on its first cell.
    pub fn new(board: Board) -> Self {
        let wanted = RwSignal::new(None::<Pair>);
        let current = Memo::new(move |_| {
            board.order.with(|order| {
                let there = |pair: &Pair| order.contains(&pair.0) && order.contains(&pair.1);
                let first = || Some((order.first()?.clone(), order.get(1)?.clone()));
                wanted.get().filter(there).or_else(first)
            })
        });
        Self {
            board,
            wanted,
            current,
            buttons: StoredValue::default(),
        }
    }

    /// Whether Tab leads to this cell.
    pub fn is_at(self, from: &Aor, to: &Aor) -> bool {
        self.current
            .with(|at| at.as_ref().is_some_and(|at| at.0 == *from && at.1 == *to))
    }

    /// The operator went there by pointer or Tab.
    pub fn entered(self, from: &Aor, to: &Aor) {
        self.wanted.set(Some((from.clone(), to.clone())));
    }

    /// The operator wants to go on from where he is.
    pub fn go(self, step: Step) {
        let target = self.board.order.with_untracked(|order| {
            let index = |aor: &Aor| order.iter().position(|other| other == aor);
            let (from, to) = self.current.get_untracked()?;
            let (row, column) = roving::go(order.len(), (index(&from)?, index(&to)?), step);
            Some((order.get(row)?.clone(), order.get(column)?.clone()))
        });
        let Some(target) = target else { return };
        let button = self
            .buttons
            .with_value(|buttons| buttons.get(&target).copied());
        self.wanted.set(Some(target));
        if let Some(button) = button.and_then(|button| button.try_get_untracked().flatten()) {
            // Fails only for what is no longer in the page.
            let _ = button.focus();
        }
    }

    /// Makes the button of a cell known for as long as the cell is shown.
    pub fn enrol(self, from: &Aor, to: &Aor, button: NodeRef<Button>) {
        let pair = (from.clone(), to.clone());
        self.buttons.update_value(|buttons| {
            buttons.insert(pair.clone(), button);
        });
        on_cleanup(move || {
            self.buttons
                .try_update_value(|buttons| buttons.remove(&pair));
        });
    }
}
