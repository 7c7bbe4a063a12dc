//! Phones that only prolong their registration: told together, a little later, and never so that a page goes wrong.

use app::model::{Change, Frame, Refreshed, Snapshot};
use app::state::fold::{self, Verdict};
use server::limits;
use server::live::{Feed, Joined};
use tokio::sync::broadcast::error::TryRecvError;

use crate::feed::{START, after, bound, feed, heard, join, phone, snapshot};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";

/// Registers or refreshes: the same device until then.
fn register(feed: &Feed, aor: &str, version: u64, until: u64) {
    feed.publish(&phone(aor, version, vec![bound("", "by hand", until)]));
}

fn told(changes: Vec<Change>) -> Vec<(String, u64)> {
    let [Change::PhonesRefreshed { phones }] = &changes[..] else {
        panic!("not one change of refreshes: {changes:#?}");
    };
    let plain = |phone: &Refreshed| (phone.aor.to_string(), phone.expires_at[0]);
    phones.iter().map(plain).collect()
}

/// The board of a page that has been told all this.
fn follow(board: &mut Snapshot, page: &mut Joined) {
    loop {
        match page.next.try_recv() {
            Ok(text) => {
                let Ok(Frame::Delta(delta)) = Frame::decode(&text) else {
                    panic!("no change but {text}");
                };
                let verdict = fold::apply(board, &delta);
                assert!(
                    matches!(verdict, Verdict::Applied(_)),
                    "{verdict:?}: {text}"
                );
            }
            Err(TryRecvError::Empty) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn those_of_a_second_are_told_together() {
    let feed = feed();
    register(&feed, ALICE, 1, 60);
    register(&feed, BOB, 1, 60);
    let mut page = join(&feed, None);
    let shown = feed.snapshot(START);
    for version in 2..=9 {
        register(&feed, BOB, version, 60 + version);
    }
    register(&feed, ALICE, 2, 120);
    assert_eq!(heard(&mut page), [], "not yet");
    assert_eq!(
        feed.snapshot(START),
        shown,
        "the board shows what pages know"
    );

    let due = after(2) + limits::REFRESH_PAUSE;
    assert_eq!(feed.sweep(after(2)), Some(due));
    assert_eq!(heard(&mut page), []);
    assert_eq!(feed.sweep(due), None);
    let millis = |seconds| after(seconds).unix_millis();
    let last_words = [
        (ALICE.to_owned(), millis(120)),
        (BOB.to_owned(), millis(69)),
    ];
    assert_eq!(told(heard(&mut page)), last_words);
    assert_eq!(feed.snapshot(START).seq, shown.seq.next());
}

#[test]
fn enough_of_them_do_not_wait() {
    let feed = feed();
    let aor = |n: usize| format!("sip:{n:04}@example.com");
    for n in 0..=limits::REFRESHES_TOGETHER {
        register(&feed, &aor(n), 1, 60);
    }
    let mut page = join(&feed, None);
    for n in 0..=limits::REFRESHES_TOGETHER {
        register(&feed, &aor(n), 2, 120);
    }
    assert_eq!(told(heard(&mut page)).len(), limits::REFRESHES_TOGETHER);
    feed.sweep(after(2) + limits::REFRESH_PAUSE);
    let last = aor(limits::REFRESHES_TOGETHER);
    assert_eq!(told(heard(&mut page))[0].0, last);
}

#[test]
fn what_is_told_at_once_overtakes_them_without_harm() {
    let feed = feed();
    register(&feed, ALICE, 1, 60);
    register(&feed, BOB, 1, 60);
    let mut page = join(&feed, None);
    let mut board = snapshot(&page);
    register(&feed, ALICE, 2, 120);
    register(&feed, BOB, 2, 120);
    feed.publish(&phone(ALICE, 3, vec![bound("", "another", 180)]));
    feed.publish(&phone(BOB, 3, vec![]));
    assert_eq!(feed.sweep(after(60)), None);
    follow(&mut board, &mut page);
    assert_eq!(board.phones.len(), 1);
    let expires_at = board.phones.iter().next().unwrap().devices[0].expires_at;
    assert_eq!(expires_at, after(180).unix_millis());
}

/// The law of the feed, whatever phones do: what a page has folded is what the server shows.
#[test]
fn a_page_is_the_fold_of_what_it_was_told() {
    let feed = feed();
    let mut page = join(&feed, None);
    let mut board = snapshot(&page);
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    for step in 1..4_000 {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let aor = format!("sip:{}@example.com", chance % 300);
        match chance >> 32 & 7 {
            0 => feed.publish(&phone(&aor, step, vec![])),
            1 => feed.publish(&phone(&aor, step, vec![bound("", "another", step)])),
            2 => {
                feed.sweep(after(step));
            }
            _ => register(&feed, &aor, step, step + 60),
        }
        follow(&mut board, &mut page);
        let shown = feed.snapshot(START);
        assert_eq!((&board.phones, board.seq), (&shown.phones, shown.seq));
    }
    assert!(board.seq.0 > 1_000, "{:?}", board.seq);
}

/// What each phone costs each page, several times an hour.
#[test]
fn a_refresh_is_a_short_text() {
    let feed = feed();
    for n in 0..100 {
        register(&feed, &format!("sip:{n}@example.com"), 1, 60);
    }
    let mut page = join(&feed, None);
    for n in 0..100 {
        register(&feed, &format!("sip:{n}@example.com"), 2, 120);
    }
    feed.sweep(after(60));
    let text = page.next.try_recv().unwrap();
    assert!(text.len() <= 100 * 60, "{} bytes: {text}", text.len());
}
