//! Calls that outlive the process: their newest state, in the same commit as registrations.

use super::*;

fn call(number: u64) -> CallRef {
    CallRef::new(NOON + Duration::from_secs(number), 3, number)
}

fn state(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

type Kept = (
    Writer<fn() -> Instant>,
    Arc<Location>,
    Arc<Ledger>,
    Arc<Health>,
);

fn writer_of(dir: &Path) -> Kept {
    let (location, store, _) = keep(dir, NOON);
    store.calls().unwrap();
    let (ledger, health) = (store.ledger(), Arc::<Health>::default());
    let door = Door::restore(&store.db, &auth(), NOON).unwrap();
    let (of, at) = (Arc::clone(&location), (|| NOON) as fn() -> Instant);
    let writer = Writer::new(store, of, auth(), door, HOUR, Arc::clone(&health), at);
    (writer, location, ledger, health)
}

#[test]
fn calls_are_committed_with_registrations_and_come_back_in_order() {
    let dir = TempDir::new().unwrap();
    let (mut writer, location, ledger, health) = writer_of(dir.path());
    ledger.put(call(2), state("rings"));
    ledger.put(call(1), state("rings"));
    ledger.put(call(2), state("talks"));
    ledger.put(call(3), state("too short to be written"));
    ledger.forget(call(3));
    register(&location, "alice", NOON + HOUR);
    writer.commit();
    let written = (health.commits(), health.phones(), health.calls());
    assert_eq!(written, (1, 1, 2));
    writer.commit();
    assert_eq!(health.commits(), 1, "nothing has changed");
    drop(writer);

    let kept = |expected: &[(CallRef, Bytes)]| {
        let (_, store, _) = keep(dir.path(), NOON);
        assert_eq!(store.calls().unwrap(), (expected.to_vec(), 0));
    };
    kept(&[(call(1), state("rings")), (call(2), state("talks"))]);
    // The next process ends one that it did not begin.
    let (mut writer, _, ledger, _) = writer_of(dir.path());
    ledger.forget(call(1));
    ledger.put(call(2), state("is over"));
    ledger.forget(call(2));
    ledger.put(call(4), state("rings"));
    writer.commit();
    drop(writer);
    kept(&[(call(4), state("rings"))]);
}

#[test]
fn calls_wait_for_a_full_disk_with_all_else() {
    let dir = TempDir::new().unwrap();
    let (mut writer, _, ledger, health) = writer_of(dir.path());
    let pages = |writer: &Writer<_>, most: i64| {
        let db = &writer.store().db;
        db.pragma_update_and_check(None, "max_page_count", most, |row| row.get::<_, i64>(0))
            .unwrap();
    };
    pages(&writer, 1);
    let large = Bytes::from(vec![b'x'; 100_000]);
    ledger.put(call(1), large.clone());
    writer.commit();
    assert!(health.trouble().is_some());
    ledger.put(call(2), large.clone());
    writer.commit();
    assert_eq!((health.commits(), health.calls_waiting()), (0, 2));
    ledger.forget(call(1));
    pages(&writer, 1_000_000);
    writer.commit();
    assert_eq!((health.trouble(), health.calls_waiting()), (None, 0));
    drop(writer);
    let (_, store, _) = keep(dir.path(), NOON);
    assert_eq!(store.calls().unwrap(), (vec![(call(2), large)], 0));
}

#[test]
fn a_row_that_nobody_can_read_is_taken_out() {
    let dir = TempDir::new().unwrap();
    let (_, store, _) = keep(dir.path(), NOON);
    let row = "INSERT INTO calls VALUES (x'00', x'01')";
    store.db.execute(row, []).unwrap();
    assert_eq!(store.calls().unwrap(), (vec![], 1));
    assert_eq!(store.calls().unwrap(), (vec![], 0));
}
