//! The store at its edges: versions, strangers, a full disk, a clock that was set back.

mod calls;
mod refreshes;

use std::fs;
use std::path::Path;

use sip::name::{Aor, ConnectionId, Flow, Transport};
use tempfile::TempDir;

use super::*;
use crate::auth::{Culprit, Offence, SilentPhone};
use crate::binding::{Binding, BindingTexts, Q};
use crate::config;
use crate::event::PhoneCause;
use crate::location::{Full, Revision};

const NOON: Instant = Instant::from_unix_micros(1_767_268_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn aor(user: &str) -> Aor {
    Aor::parse(&format!("sip:{user}@click.test")).unwrap()
}

fn binding(user: &str, until: Instant) -> Binding {
    let flow = Flow {
        transport: Transport::Udp,
        local: "10.0.0.1:5080".parse().unwrap(),
        peer: "10.0.0.2:5060".parse().unwrap(),
        connection: ConnectionId::NONE,
    };
    let contact = format!("sip:{user}@10.0.0.2:5060");
    let texts = BindingTexts {
        contact: &contact,
        call_id: "registration",
        ..BindingTexts::default()
    };
    Binding::new(flow, until, 1, None, Q::MAX, texts)
}

/// A location service kept in `dir`, with what it held when the last one ended.
fn keep(dir: &Path, now: Instant) -> (Arc<Location>, Store, Restored) {
    let location = Location::new(2, 1_000);
    let mut store = Store::open(dir).unwrap();
    let restored = store.restore(&location, now, HOUR, |_| true).unwrap();
    let location = Arc::new(location.watched(store.waker()));
    (location, store, restored)
}

fn auth() -> Arc<Auth> {
    Arc::new(Auth::new(&config::Config::default(), &[7; 32]))
}

fn register(location: &Location, user: &str, until: Instant) {
    register_at(location, NOON, user, until);
}

fn register_at(location: &Location, now: Instant, user: &str, until: Instant) {
    let bindings = vec![Arc::new(binding(user, until))];
    let revise = |_: &_| Ok::<_, Full>(Revision::Replace(bindings, PhoneCause::Bound));
    location.update(now, &aor(user), revise).unwrap();
}

/// Keeps `users` until `until`, in a store that is closed again.
fn kept(dir: &Path, users: &[&str], until: Instant) {
    let (location, store, _) = keep(dir, NOON);
    let running = store
        .start(
            Arc::clone(&location),
            auth(),
            Duration::from_millis(1),
            || NOON,
        )
        .unwrap();
    for user in users {
        register(&location, user, until);
    }
    running.close();
}

#[test]
fn a_store_grows_from_every_version_to_the_latest() {
    for version in 0..=schema::latest() {
        let dir = TempDir::new().unwrap();
        let path = place::database(dir.path());
        let mut db = Connection::open(&path).unwrap();
        schema::upgrade_to(&mut db, version).unwrap();
        if version >= 1 {
            let row = "INSERT INTO bindings VALUES ('sip:alice@click.test', 0, 'sip:alice@10.0.0.2', 'UDP', '10.0.0.1:5080',
                       '10.0.0.2:5060', 0, ?1, 1, 'id', 1000, NULL, NULL, NULL, NULL, NULL)";
            let until = i64::try_from((NOON + HOUR).unix_millis()).unwrap();
            db.execute(row, [until]).unwrap();
        }
        drop(db);
        let (_, store, restored) = keep(dir.path(), NOON);
        assert_eq!(schema::version(&store.db).unwrap(), schema::latest());
        assert_eq!(restored.bindings, usize::from(version >= 1));
    }
}

#[test]
fn a_store_of_a_newer_program_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    kept(dir.path(), &["alice"], NOON + HOUR);
    let path = place::database(dir.path());
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 1_000).unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let refused = Store::open(dir.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 1_000, .. }));
    let text = refused.to_string();
    assert!(
        text.contains("newer version of Crosspoint (its schema is 1000"),
        "{text}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = place::database(dir.path());
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let refused = Store::open(dir.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::write(
        &path,
        "no database at all, but long enough to be looked at".repeat(20),
    )
    .unwrap();
    let text = Store::open(dir.path()).unwrap_err().to_string();
    assert!(text.contains("restore a backup"), "{text}");
}

#[test]
fn one_server_has_a_data_directory_alone() {
    let dir = TempDir::new().unwrap();
    let first = Store::open(dir.path()).unwrap();
    let text = Store::open(dir.path()).unwrap_err().to_string();
    let pid = format!("another server (process {})", std::process::id());
    assert!(text.contains(&pid) && text.contains("--data-dir"), "{text}");
    drop(first);
    Store::open(dir.path()).unwrap();
}

#[test]
fn what_ran_out_is_dropped_and_nothing_lasts_longer_than_it_may() {
    let dir = TempDir::new().unwrap();
    kept(dir.path(), &["alice"], NOON + HOUR / 2);
    kept(dir.path(), &["bob"], NOON + 24 * HOUR);
    let now = NOON + HOUR / 2;
    let (location, store, restored) = keep(dir.path(), now);
    assert_eq!((restored.bindings, restored.expired), (1, 1));
    assert!(location.lookup(&aor("alice"), now).is_empty());
    assert_eq!(location.lookup(&aor("bob"), now)[0].expires, now + HOUR);
    drop(store);
    let (_, _, restored) = keep(dir.path(), now);
    assert_eq!(restored.expired, 0, "it was told and is gone");
}

#[test]
fn where_the_clock_was_set_back_bindings_do_not_live_on() {
    let dir = TempDir::new().unwrap();
    kept(dir.path(), &["alice"], NOON + HOUR / 2);
    let yesterday = Instant::from_unix_micros(NOON.unix_micros() - 24 * 3_600_000_000);
    for _ in 0..2 {
        let (location, _store, restored) = keep(dir.path(), yesterday);
        assert_eq!(restored.bindings, 1);
        let expires = location.lookup(&aor("alice"), yesterday)[0].expires;
        assert_eq!(expires, yesterday + HOUR / 2);
    }
}

#[test]
fn a_full_disk_is_told_calls_go_on_and_nothing_is_lost() {
    let dir = TempDir::new().unwrap();
    let (location, store, _) = keep(dir.path(), NOON);
    // As full as a disk can be for SQLite: not one page more.
    let pages: i64 = store
        .db
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    store
        .db
        .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))
        .unwrap();
    let health = Arc::new(Health::default());
    let now = || NOON;
    let window = Duration::from_millis(1);
    let door = Door::restore(&store.db, &auth(), NOON).unwrap();
    let mut writer = Writer::new(
        store,
        Arc::clone(&location),
        auth(),
        door,
        window,
        Arc::clone(&health),
        now,
    );
    for number in 0..100 {
        register(&location, &format!("phone-{number}"), NOON + HOUR);
    }
    writer.commit();
    let trouble = health.trouble().unwrap();
    assert!(trouble.contains("make room on the disk"), "{trouble}");
    assert_eq!(
        (health.commits(), health.failures(), health.waiting()),
        (0, 1, 100)
    );
    assert_eq!(location.lookup(&aor("phone-7"), NOON).len(), 1);

    writer
        .store()
        .db
        .pragma_update_and_check(None, "max_page_count", 1_000_000, |row| {
            row.get::<_, i64>(0)
        })
        .unwrap();
    writer.commit();
    assert_eq!(health.trouble(), None);
    assert_eq!((health.commits(), health.waiting()), (1, 0));
    drop(writer);
    let (_, _, restored) = keep(dir.path(), NOON);
    assert_eq!(restored.bindings, 100);
}

#[test]
fn the_place_is_what_is_named_else_what_the_system_has_for_it() {
    let named = |dir: Option<&str>| config::Store {
        dir: dir.map(PathBuf::from),
        ..config::Config::default().store
    };
    let given = |variables: &'static [(&str, &str)], dir: Option<&str>| {
        let variable = |name: &str| {
            let found = variables.iter().find(|(of, _)| *of == name);
            found.map(|(_, value)| value.into())
        };
        data_dir(&named(dir), variable).map(|dir| dir.display().to_string())
    };
    let all = &[
        ("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"),
        ("XDG_STATE_HOME", "/s"),
        ("HOME", "/h"),
    ];
    assert_eq!(given(all, Some("here")).unwrap(), "here");
    assert_eq!(given(all, None).unwrap(), "/var/lib/a");
    assert_eq!(
        given(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")], None).unwrap(),
        "/s/crosspoint"
    );
    assert_eq!(
        given(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")], None).unwrap(),
        "/h/.local/state/crosspoint"
    );
    assert!(matches!(given(&[], None), Err(StoreError::NoPlace)));
}

/// Every change reaches the disk by itself, without the store being closed.
#[test]
fn changes_are_written_within_the_window_and_each_once() {
    let dir = TempDir::new().unwrap();
    let (location, store, _) = keep(dir.path(), NOON);
    let path = store.path().to_owned();
    let window = Duration::from_millis(200);
    let running = store
        .start(Arc::clone(&location), auth(), window, || NOON)
        .unwrap();
    for _ in 0..50 {
        for user in ["alice", "bob"] {
            register(&location, user, NOON + HOUR);
        }
    }
    let db = Connection::open(path).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the store runs by the real clock"
    )]
    let started = std::time::Instant::now();
    while running.health().commits() == 0 {
        assert!(started.elapsed() < PATIENCE, "nothing was written");
        std::thread::yield_now();
    }
    let rows: i64 = db
        .query_row("SELECT count(*) FROM bindings", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 2);
    let _ = (location.update(NOON, &aor("bob"), |_| {
        Ok::<_, Full>(Revision::Replace(Vec::new(), PhoneCause::Removed))
    }))
    .unwrap();
    let commits = running.health().commits();
    running.close();
    assert!(commits <= 2, "{commits} commits for what one could hold");
    let rows: i64 = db
        .query_row("SELECT count(*) FROM bindings", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}

#[test]
fn what_the_door_knows_is_kept_until_a_command_takes_it_out() {
    let dir = TempDir::new().unwrap();
    let process = || {
        let (location, store, _) = keep(dir.path(), NOON);
        let auth = auth();
        let door = Door::restore(&store.db, &auth, NOON).unwrap();
        let health = Arc::default();
        let at = || NOON;
        let of = Arc::clone(&auth);
        let writer = Writer::new(store, location, of, door, HOUR, health, at);
        (writer, auth)
    };
    let silent = |user: &str| SilentPhone {
        address: format!("sip:{user}@click.test").into(),
        agent: "Silent 1.0".into(),
    };
    let banned = |auth: &Auth| {
        let all = auth.bans().list(NOON).into_iter();
        let banned = all.filter(|it| it.banned_until.is_some());
        banned.collect::<Vec<_>>()
    };
    let (mut writer, auth) = process();
    for user in ["alice", "bob"] {
        auth.learning().restore(NOON, &silent(user), NOON);
    }
    let source = "203.0.113.7".parse().unwrap();
    for _ in 0..100 {
        auth.bans().fail(NOON, "alice", source, Offence::Scanner);
    }
    let offenders = banned(&auth);
    assert_eq!(offenders.len(), 2);
    writer.look();
    drop(writer);

    let (mut writer, auth) = process();
    assert_eq!(banned(&auth), offenders);
    assert_eq!(auth.learning().silent(NOON).len(), 2);
    let mut tables = Tables::find(dir.path()).unwrap();
    assert_eq!(tables.clear_quirks(&[silent("bob")]).unwrap(), 1);
    let source = Culprit::source(source);
    assert_eq!(tables.clear_bans(&[source]).unwrap(), 1);
    // What begins at the same time is written by the same look.
    auth.learning().restore(NOON, &silent("carol"), NOON);
    writer.look();
    let mut left = auth.learning().silent(NOON);
    left.sort_unstable();
    assert_eq!(left, [(silent("alice"), NOON), (silent("carol"), NOON)]);
    let users = offenders.into_iter();
    let users = users.filter(|it| it.who == Culprit::User("alice".into()));
    assert_eq!(banned(&auth), users.collect::<Vec<_>>());
    let kept = tables.quirks().unwrap().into_iter().map(|it| it.phone);
    assert_eq!(kept.collect::<Vec<_>>(), [silent("alice"), silent("carol")]);
    // It is over by itself, and then the rows go too.
    auth.learning().forget(&silent("alice"));
    auth.bans().clear(None);
    writer.look();
    assert_eq!(tables.quirks().unwrap().len(), 1);
    let rows = "SELECT count(*) FROM bans";
    let db = &writer.store().db;
    let rows: i64 = db.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
}
