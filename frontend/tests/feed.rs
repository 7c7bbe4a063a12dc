//! The life of the feed on a clock of the test's own.

use app::model::{ClientHello, Epoch, Frame, Link, Seq, Snapshot};
use frontend::live::feed::{Effect, Feed, Input};

const HERE: (Epoch, Seq) = (Epoch(7), Seq(42));

struct Page {
    feed: Feed,
    now: u64,
}

impl Page {
    /// A page whose first attempt is under way at second 1000.
    fn connecting() -> Self {
        let mut page = Self {
            feed: Feed::default(),
            now: 1_000_000,
        };
        assert_eq!(page.tell(Input::Start), [hello(Some(HERE))]);
        page
    }

    fn live() -> Self {
        let mut page = Self::connecting();
        assert_eq!(
            page.tell(Input::Text(&beat())),
            [Effect::Show(Link::Live), followed()]
        );
        page
    }

    fn tell(&mut self, input: Input<'_>) -> Vec<Effect> {
        let mut out = Vec::new();
        self.feed.handle(self.now, input, HERE, 1.0, &mut out);
        out
    }

    /// Goes on to the deadline; returns how long that took and what came of it.
    fn time_out(&mut self) -> (u64, Vec<Effect>) {
        let deadline = self.feed.deadline().expect("something is awaited");
        let passed = deadline - self.now;
        if passed > 0 {
            self.now = deadline - 1;
            assert_eq!(self.tell(Input::Timeout), [], "too early");
        }
        self.now = deadline;
        (passed, self.tell(Input::Timeout))
    }
}

fn beat() -> String {
    Frame::Beat {
        seq: HERE.1,
        now: 1,
    }
    .encode()
}

fn followed() -> Effect {
    Effect::Follow(Frame::Beat {
        seq: HERE.1,
        now: 1,
    })
}

fn hello(since: Option<(Epoch, Seq)>) -> Effect {
    Effect::Connect(ClientHello { since })
}

const LOST: Effect = Effect::Show(Link::Lost);

#[test]
fn a_page_goes_on_from_what_it_has() {
    let mut page = Page::live();
    assert_eq!(
        page.tell(Input::Text(&beat())),
        [followed()],
        "the link is shown once"
    );
}

#[test]
fn a_closed_feed_is_opened_again_from_what_the_page_has() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Closed), [LOST]);
    assert_eq!(page.time_out(), (400, vec![hello(Some(HERE))]));
}

#[test]
fn silence_is_noticed_when_a_beat_is_missing() {
    let mut page = Page::live();
    page.now += 5_000;
    page.tell(Input::Text(&beat()));
    let (passed, effects) = page.time_out();
    assert_eq!(
        (passed, effects),
        (Frame::BEAT_MILLIS + 3_000, vec![Effect::Disconnect, LOST])
    );
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let mut page = Page::connecting();
    assert_eq!(page.time_out(), (10_000, vec![Effect::Disconnect, LOST]));
}

#[test]
fn attempts_that_fail_come_less_and_less_often() {
    let mut page = Page::connecting();
    let mut waits = Vec::new();
    for _ in 0..4 {
        assert_eq!(page.tell(Input::Closed), [LOST]);
        let (passed, effects) = page.time_out();
        assert_eq!(effects, [hello(Some(HERE))]);
        waits.push(passed);
    }
    assert_eq!(waits, [400, 800, 1_600, 3_200]);
}

#[test]
fn only_a_good_line_makes_the_next_attempt_come_soon() {
    let mut page = Page::live();
    page.tell(Input::Closed);
    page.time_out();
    page.tell(Input::Text(&beat()));
    page.tell(Input::Closed);
    let (passed, _) = page.time_out();
    assert_eq!(passed, 800, "it was live, but not for long");

    page.tell(Input::Text(&beat()));
    page.now += 10_000;
    page.tell(Input::Closed);
    assert_eq!(page.time_out().0, 400);
}

#[test]
fn a_gap_asks_for_a_snapshot_until_one_has_come() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Gap), [Effect::Disconnect, LOST]);
    assert_eq!(page.time_out().1, [hello(None)]);
    page.tell(Input::Closed);
    assert_eq!(page.time_out().1, [hello(None)]);
    let snapshot = Frame::Snapshot(Snapshot::default());
    page.tell(Input::Text(&snapshot.encode()));
    page.tell(Input::Closed);
    assert_eq!(page.time_out().1, [hello(Some(HERE))]);
}

#[test]
fn what_cannot_be_read_asks_for_a_snapshot() {
    let mut page = Page::live();
    assert_eq!(
        page.tell(Input::Text("{\"unheard\":1}")),
        [Effect::Disconnect, LOST]
    );
    assert_eq!(page.time_out().1, [hello(None)]);
}

#[test]
fn a_page_that_wakes_does_not_wait() {
    let mut page = Page::connecting();
    page.tell(Input::Closed);
    assert_eq!(page.tell(Input::Wake), [hello(Some(HERE))]);
    assert_eq!(page.tell(Input::Wake), [], "one attempt at a time");

    let mut page = Page::live();
    assert_eq!(page.tell(Input::Wake), [], "all is well");
    page.now += 3_600_000;
    assert_eq!(
        page.tell(Input::Wake),
        [Effect::Disconnect, LOST],
        "it slept through the beats"
    );
}
