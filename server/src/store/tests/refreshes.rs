//! Refreshes: what is written of them, and what a crash may not take.

use std::sync::Mutex;

use super::*;

/// A store that is written to by hand, at a time of ours.
struct ByHand {
    location: Arc<Location>,
    writer: Writer<Box<dyn Fn() -> Instant>>,
    health: Arc<Health>,
    time: Arc<Mutex<Instant>>,
}

fn by_hand(dir: &Path, now: Instant) -> ByHand {
    let (location, store, _) = keep(dir, now);
    bindings::set_slack(&store.db, limits::REFRESH_SLACK).unwrap();
    let door = Door::restore(&store.db, &auth(), now).unwrap();
    let health = Arc::new(Health::default());
    let time = Arc::new(Mutex::new(now));
    let clock = Arc::clone(&time);
    let clock: Box<dyn Fn() -> Instant> = Box::new(move || *clock.lock().unwrap());
    let (of, told) = (Arc::clone(&location), Arc::clone(&health));
    ByHand {
        writer: Writer::new(store, of, auth(), door, HOUR, told, clock),
        location,
        health,
        time,
    }
}

/// 200 phones behind NATs register for an hour each minute, for an hour: each was written 60 times, and is 12 times.
#[test]
fn phones_that_register_each_minute_are_written_every_five() {
    let dir = TempDir::new().unwrap();
    let ByHand {
        location,
        mut writer,
        health,
        time,
    } = by_hand(dir.path(), NOON);
    let mut now = NOON;
    for _ in 0..60 {
        *time.lock().unwrap() = now;
        for number in 0..200 {
            register_at(&location, now, &format!("phone-{number}"), now + HOUR);
        }
        writer.commit();
        now = now + Duration::from_secs(60);
    }
    assert_eq!(health.phones(), 200 * 12);
    assert_eq!(health.commits(), 12);
}

#[test]
fn a_crash_takes_no_refresh_back_and_a_crash_after_it_gives_nothing_more() {
    let dir = TempDir::new().unwrap();
    let ByHand {
        location,
        mut writer,
        ..
    } = by_hand(dir.path(), NOON);
    let until = |location: &Location| location.lookup(&aor("alice"), NOON)[0].expires;
    register(&location, "alice", NOON + HOUR / 2);
    writer.commit();
    let granted = NOON + HOUR / 2 + limits::REFRESH_SLACK / 2;
    register(&location, "alice", granted);
    writer.commit();
    // A crash: nothing is written at the end.
    drop(writer);
    let kept = NOON + HOUR / 2 + limits::REFRESH_SLACK;
    for _ in 0..3 {
        let restarted = by_hand(dir.path(), NOON);
        assert_eq!(until(&restarted.location), kept);
        assert!(kept >= granted);
    }
    // The next refresh is written at once, since nobody knows how old the row is.
    let mut restarted = by_hand(dir.path(), NOON);
    let later = kept + Duration::from_secs(1);
    register(&restarted.location, "alice", later);
    restarted.writer.commit();
    assert_eq!(restarted.health.phones(), 1);
}

#[test]
fn a_clean_end_writes_the_last_refresh_to_the_second() {
    let dir = TempDir::new().unwrap();
    let (location, store, _) = keep(dir.path(), NOON);
    let running = store
        .start(
            Arc::clone(&location),
            auth(),
            Duration::from_millis(1),
            || NOON,
        )
        .unwrap();
    register(&location, "alice", NOON + HOUR / 2);
    while running.health().phones() == 0 {
        std::thread::yield_now();
    }
    let granted = NOON + HOUR / 2 + Duration::from_secs(1);
    register(&location, "alice", granted);
    running.close();
    let (location, _store, restored) = keep(dir.path(), NOON);
    assert_eq!(location.lookup(&aor("alice"), NOON)[0].expires, granted);
    assert_eq!(restored.slack, Duration::ZERO);
}
