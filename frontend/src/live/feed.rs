//! The life of the feed: connect, follow, notice silence, connect again. Sans-IO: time and randomness are arguments.
//!
//! ```text
//!   start -> Connecting -- first frame --> Live
//!                ^  |                        |
//!     wait over, |  | closed, no answer      | closed, silence, gap
//!     or woken   |  v                        v
//!              Waiting <---------------------+
//! ```

use app::model::{ClientHello, Epoch, Frame, Link, Seq};

use super::backoff::Backoff;

/// Milliseconds of the browser's clock.
pub type Millis = u64;

/// How long the server may take to say the first word.
const CONNECT_LIMIT: Millis = 10_000;
/// The server beats every five seconds; a late beat is forgiven, a missing one is not.
const SILENCE_LIMIT: Millis = Frame::BEAT_MILLIS + 3_000;
/// A line that stood for so long was a good one: the next attempt comes soon again.
const GOOD_LINE: Millis = 10_000;

/// What happens to the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Begin.
    Start,
    /// A text came.
    Text(&'a str),
    /// The connection closed or could not be made.
    Closed,
    /// The board could not follow the last frame.
    Gap,
    /// The browser is online again, or the page is looked at again.
    Wake,
    /// The deadline may have passed.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a connection and say this.
    Connect(ClientHello),
    /// Drop the connection; nothing more may be heard of it.
    Disconnect,
    /// Show this.
    Follow(Frame),
    /// Tell how well the page is connected.
    Show(Link),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Connecting { since: Millis },
    Live { since: Millis, heard: Millis },
    Waiting { until: Millis },
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Feed {
    phase: Phase,
    backoff: Backoff,
    /// What the board has cannot be continued.
    needs_snapshot: bool,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            backoff: Backoff::default(),
            needs_snapshot: false,
        }
    }
}

impl Feed {
    /// Takes an input; `position` is what the board has, `random` is from 0 to 1.
    pub fn handle(
        &mut self,
        now: Millis,
        input: Input<'_>,
        position: (Epoch, Seq),
        random: f64,
        out: &mut Vec<Effect>,
    ) {
        match (self.phase, input) {
            (Phase::Idle, Input::Start) | (Phase::Waiting { .. }, Input::Wake) => {
                self.connect(now, position, out);
            }
            (Phase::Waiting { until }, Input::Timeout) if now >= until => {
                self.connect(now, position, out);
            }
            (Phase::Connecting { .. } | Phase::Live { .. }, Input::Text(text)) => {
                self.hear(now, text, random, out);
            }
            (Phase::Connecting { .. } | Phase::Live { .. }, Input::Closed) => {
                self.lose(now, random, out);
            }
            (Phase::Connecting { .. } | Phase::Live { .. }, Input::Gap) => {
                self.needs_snapshot = true;
                out.push(Effect::Disconnect);
                self.lose(now, random, out);
            }
            (Phase::Connecting { .. } | Phase::Live { .. }, Input::Timeout | Input::Wake)
                if self.deadline().is_some_and(|deadline| now >= deadline) =>
            {
                out.push(Effect::Disconnect);
                self.lose(now, random, out);
            }
            // Too early, too late, or said twice.
            (
                Phase::Idle | Phase::Connecting { .. } | Phase::Live { .. } | Phase::Waiting { .. },
                Input::Start
                | Input::Text(_)
                | Input::Closed
                | Input::Gap
                | Input::Wake
                | Input::Timeout,
            ) => {}
        }
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        match self.phase {
            Phase::Idle => None,
            Phase::Connecting { since } => Some(since + CONNECT_LIMIT),
            Phase::Live { heard, .. } => Some(heard + SILENCE_LIMIT),
            Phase::Waiting { until } => Some(until),
        }
    }

    fn connect(&mut self, now: Millis, position: (Epoch, Seq), out: &mut Vec<Effect>) {
        self.phase = Phase::Connecting { since: now };
        let since = (!self.needs_snapshot).then_some(position);
        out.push(Effect::Connect(ClientHello { since }));
    }

    fn hear(&mut self, now: Millis, text: &str, random: f64, out: &mut Vec<Effect>) {
        let Ok(frame) = Frame::decode(text) else {
            // A server of another version; a snapshot may be understood, and if not, we wait longer each time.
            self.needs_snapshot = true;
            out.push(Effect::Disconnect);
            self.lose(now, random, out);
            return;
        };
        let since = match self.phase {
            Phase::Live { since, .. } => since,
            Phase::Idle | Phase::Connecting { .. } | Phase::Waiting { .. } => {
                out.push(Effect::Show(Link::Live));
                now
            }
        };
        self.phase = Phase::Live { since, heard: now };
        if matches!(frame, Frame::Snapshot(_)) {
            self.needs_snapshot = false;
        }
        out.push(Effect::Follow(frame));
    }

    fn lose(&mut self, now: Millis, random: f64, out: &mut Vec<Effect>) {
        if let Phase::Live { since, .. } = self.phase
            && now.saturating_sub(since) >= GOOD_LINE
        {
            self.backoff.reset();
        }
        self.phase = Phase::Waiting {
            until: now + self.backoff.next(random),
        };
        out.push(Effect::Show(Link::Lost));
    }
}
