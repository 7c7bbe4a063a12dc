//! Spans of time as people read them.

use crate::model::UnixMillis;

/// The span from one moment to a later one as a stopwatch shows it: `0:07`, `12:30`, `1:02:03`.
pub fn stopwatch(from: UnixMillis, until: UnixMillis) -> String {
    let seconds = until.saturating_sub(from) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// About how long, in one unit: `45 s`, `12 min`, `3 h`, `2 d`.
pub fn about(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5_399 => format!("{} min", (seconds + 30) / 60),
        5_400..=172_799 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{about, stopwatch};

    #[test]
    fn a_stopwatch_shows_hours_only_when_there_are_any() {
        assert_eq!(stopwatch(1_000, 1_999), "0:00");
        assert_eq!(stopwatch(0, 67_000), "1:07");
        assert_eq!(stopwatch(0, 3_599_999), "59:59");
        assert_eq!(stopwatch(0, 3_723_000), "1:02:03");
        assert_eq!(
            stopwatch(5_000, 4_000),
            "0:00",
            "clocks may differ a little"
        );
    }

    #[test]
    fn about_rounds_to_one_unit() {
        assert_eq!(about(0), "0 s");
        assert_eq!(about(89_999), "89 s");
        assert_eq!(about(90_000), "2 min");
        assert_eq!(about(3_600_000), "60 min");
        assert_eq!(about(5_400_000), "2 h");
        assert_eq!(about(172_800_000), "2 d");
    }
}
