//! Runs the feed: gives it the clock and chance, carries out what it wants, keeps the page's clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use app::model::{ClientHello, Frame};
use app::state::Board;
use app::state::board::Followed;
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::feed::{Effect, Feed, Input, Millis};
use super::socket;

/// How often the page looks at the clock.
const TICK: Duration = Duration::from_secs(1);

/// Keeps `board` up to date for as long as the page is open.
pub fn start(board: Board) {
    let driver = Driver(Rc::new(RefCell::new(State {
        feed: Feed::default(),
        connection: None,
        alarm: None,
        skew: board.now.get_untracked() as i64 - clock() as i64,
        board,
    })));
    for event in ["online", "focus", "pageshow"] {
        let driver = driver.clone();
        // Never taken away again: the page is not torn down without its program.
        let _ = window_event_listener_untyped(event, move |_| driver.drive(Input::Wake));
    }
    driver.drive(Input::Start);
    set_interval(move || driver.tick(), TICK);
}

#[derive(Clone)]
struct Driver(Rc<RefCell<State>>);

struct State {
    board: Board,
    feed: Feed,
    connection: Option<AbortHandle>,
    /// When the next timeout comes that has been asked for.
    alarm: Option<Millis>,
    /// The server's clock minus ours, in milliseconds.
    skew: i64,
}

impl Driver {
    fn drive(&self, input: Input<'_>) {
        let mut effects = Vec::new();
        {
            let state = &mut *self.0.borrow_mut();
            let position = state.board.position();
            let random = js_sys::Math::random();
            state
                .feed
                .handle(clock(), input, position, random, &mut effects);
        }
        let mut followed = Followed::Yes;
        for effect in effects {
            match effect {
                Effect::Connect(hello) => self.connect(hello),
                Effect::Disconnect => self.disconnect(),
                Effect::Follow(frame) => followed = self.0.borrow_mut().follow(frame),
                Effect::Show(link) => self.0.borrow().board.link.set(link),
            }
        }
        self.arm();
        if followed == Followed::Gap {
            self.drive(Input::Gap);
        }
    }

    fn connect(&self, hello: ClientHello) {
        let on_text = {
            let driver = self.clone();
            move |text: &str| driver.drive(Input::Text(text))
        };
        let (conversation, handle) = abortable(socket::run(hello, on_text));
        self.0.borrow_mut().connection = Some(handle);
        let driver = self.clone();
        spawn_local(async move {
            // One that was dropped on purpose says nothing more.
            if conversation.await.is_ok() {
                driver.drive(Input::Closed);
            }
        });
    }

    fn disconnect(&self) {
        if let Some(connection) = self.0.borrow_mut().connection.take() {
            connection.abort();
        }
    }

    /// Asks for a timeout at the deadline, unless one comes before it anyway.
    fn arm(&self) {
        let state = &mut *self.0.borrow_mut();
        let Some(deadline) = state.feed.deadline() else {
            return;
        };
        if state.alarm.is_some_and(|alarm| alarm <= deadline) {
            return;
        }
        state.alarm = Some(deadline);
        let driver = self.clone();
        let wait = Duration::from_millis(deadline.saturating_sub(clock()));
        set_timeout(
            move || {
                driver.0.borrow_mut().alarm = None;
                driver.drive(Input::Timeout);
            },
            wait,
        );
    }

    fn tick(&self) {
        let state = self.0.borrow();
        state.board.now.set(state.server_clock());
    }
}

impl State {
    fn follow(&mut self, frame: Frame) -> Followed {
        match &frame {
            Frame::Snapshot(snapshot) => self.skew = snapshot.now as i64 - clock() as i64,
            Frame::Beat { now, .. } => self.skew = *now as i64 - clock() as i64,
            // A delta may be told long after it happened.
            Frame::Delta(_) => {}
        }
        self.board.heard_at.set(self.server_clock());
        self.board.follow(frame)
    }

    fn server_clock(&self) -> Millis {
        clock().saturating_add_signed(self.skew)
    }
}

/// The browser's clock.
fn clock() -> Millis {
    js_sys::Date::now() as Millis
}
