//! Which cell an arrow key leads to (the grid pattern of the ARIA authoring practices). Pure.

/// A cell by row and column.
pub type Place = (usize, usize);

/// A wish to go somewhere in the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// To the first cell of the row.
    RowStart,
    /// To the last cell of the row.
    RowEnd,
    /// To the first cell of all.
    First,
    /// To the last cell of all.
    Last,
}

impl Step {
    /// Reads the name of a key (UI Events, `KeyboardEvent.key`).
    pub fn of_key(key: &str, ctrl: bool) -> Option<Self> {
        Some(match (key, ctrl) {
            ("ArrowUp", false) => Self::Up,
            ("ArrowDown", false) => Self::Down,
            ("ArrowLeft", false) => Self::Left,
            ("ArrowRight", false) => Self::Right,
            ("Home", false) => Self::RowStart,
            ("End", false) => Self::RowEnd,
            ("Home", true) => Self::First,
            ("End", true) => Self::Last,
            _ => return None,
        })
    }
}

/// The cell that a step leads to among `count` phones. The diagonal has no cells and is jumped over; where it ends in
/// a corner, a step into that corner leads to the same pair the other way round, so that every cell can be reached
/// even among two phones. At any other edge the place stays.
pub fn go(count: usize, (row, column): Place, step: Step) -> Place {
    let Some(last) = count.checked_sub(1).filter(|last| *last > 0) else {
        return (row, column);
    };
    // From where we stand towards an edge, or from an edge towards us: the first cell off the diagonal.
    let target = match step {
        Step::Up => (0..row).rev().map(|row| (row, column)).find(has_cell),
        Step::Down => (row + 1..count).map(|row| (row, column)).find(has_cell),
        Step::Left => (0..column).rev().map(|column| (row, column)).find(has_cell),
        Step::Right => (column + 1..count)
            .map(|column| (row, column))
            .find(has_cell),
        Step::RowStart => (0..count).map(|column| (row, column)).find(has_cell),
        Step::RowEnd => (0..count).rev().map(|column| (row, column)).find(has_cell),
        Step::First => Some((0, 1)),
        Step::Last => Some((last, last - 1)),
    };
    let corner = match step {
        Step::Up => (row, column) == (1, 0),
        Step::Left => (row, column) == (0, 1),
        Step::Down => (row, column) == (last - 1, last),
        Step::Right => (row, column) == (last, last - 1),
        Step::RowStart | Step::RowEnd | Step::First | Step::Last => false,
    };
    let stay = if corner { (column, row) } else { (row, column) };
    target.unwrap_or(stay)
}

fn has_cell((row, column): &Place) -> bool {
    row != column
}

#[cfg(test)]
mod tests {
    use super::{Step, go};

    #[test]
    fn arrows_jump_over_the_diagonal_and_stop_at_edges() {
        assert_eq!(go(3, (0, 1), Step::Right), (0, 2));
        assert_eq!(go(3, (0, 2), Step::Right), (0, 2));
        assert_eq!(go(3, (1, 0), Step::Right), (1, 2));
        assert_eq!(go(3, (1, 2), Step::Left), (1, 0));
        assert_eq!(go(3, (0, 1), Step::Down), (2, 1));
        assert_eq!(go(3, (2, 1), Step::Up), (0, 1));
        assert_eq!(go(3, (0, 1), Step::Up), (0, 1));
    }

    #[test]
    fn a_step_into_a_corner_of_the_diagonal_turns_the_pair_round() {
        assert_eq!(go(2, (0, 1), Step::Down), (1, 0));
        assert_eq!(go(2, (0, 1), Step::Left), (1, 0));
        assert_eq!(go(2, (1, 0), Step::Up), (0, 1));
        assert_eq!(go(2, (1, 0), Step::Right), (0, 1));
        assert_eq!(go(3, (1, 2), Step::Down), (2, 1));
        assert_eq!(go(3, (1, 0), Step::Up), (0, 1));
        assert_eq!(go(3, (1, 2), Step::Right), (1, 2));
    }

    #[test]
    fn home_and_end_know_the_diagonal() {
        assert_eq!(go(3, (0, 2), Step::RowStart), (0, 1));
        assert_eq!(go(3, (2, 0), Step::RowEnd), (2, 1));
        assert_eq!(go(3, (2, 0), Step::First), (0, 1));
        assert_eq!(go(3, (0, 1), Step::Last), (2, 1));
    }

    #[test]
    fn there_is_nowhere_to_go_among_less_than_two() {
        for step in [Step::Up, Step::RowEnd, Step::First, Step::Last] {
            assert_eq!(go(0, (0, 0), step), (0, 0));
            assert_eq!(go(1, (0, 0), step), (0, 0));
        }
    }

    #[test]
    fn only_keys_of_the_grid_pattern_mean_something() {
        assert_eq!(Step::of_key("Home", true), Some(Step::First));
        assert_eq!(Step::of_key("ArrowUp", true), None);
        assert_eq!(Step::of_key("a", false), None);
    }
}
