//! The location service at its edges, and against a model that keeps everything in one list.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use sip::name::{Flow, Transport};

use super::*;
use crate::binding::{BindingTexts, Q};
use crate::limits;

const START: Instant = Instant::from_unix_micros(1_767_268_800_000_000);

fn at(seconds: u64) -> Instant {
    START + Duration::from_secs(seconds)
}

fn aor(user: &str) -> Aor {
    Aor::parse(&format!("sip:{user}@click.test")).unwrap()
}

fn flow(connection: u64) -> Flow {
    Flow {
        transport: if connection == 0 {
            Transport::Udp
        } else {
            Transport::Tcp
        },
        local: SocketAddr::from(([10, 0, 0, 1], 5080)),
        peer: SocketAddr::from(([10, 0, 0, 2], 40_000)),
        connection: ConnectionId(connection),
    }
}

fn binding(contact: &str, until: u64, connection: u64) -> Arc<Binding> {
    let texts = BindingTexts {
        contact,
        ..BindingTexts::default()
    };
    Arc::new(Binding::new(
        flow(connection),
        at(until),
        1,
        None,
        Q::MAX,
        texts,
    ))
}

fn set(
    location: &Location,
    now: u64,
    user: &str,
    bindings: Vec<Arc<Binding>>,
) -> Result<Updated, Full> {
    location.update(at(now), &aor(user), |_| {
        Ok(Revision::Replace(bindings, PhoneCause::Bound))
    })
}

#[test]
fn what_runs_out_is_removed_at_its_deadline_and_told() {
    let location = Location::new(1, 10);
    assert_eq!(location.deadline(0), None);
    set(
        &location,
        0,
        "alice",
        vec![binding("sip:a@x", 60, 0), binding("sip:b@x", 90, 0)],
    )
    .unwrap();
    assert_eq!(location.deadline(0), Some(at(60)));
    assert_eq!(location.expire(0, at(59)), []);

    let changes = location.expire(0, at(60));
    assert_eq!((changes.len(), changes[0].why), (1, PhoneCause::Expired));
    assert_eq!(changes[0].bindings[0].contact(), "sip:b@x");
    assert_eq!((location.deadline(0), location.len()), (Some(at(90)), 1));

    let changes = location.expire(0, at(200));
    assert!(changes[0].bindings.is_empty());
    assert_eq!((location.deadline(0), location.len()), (None, 0));
}

#[test]
fn what_ran_out_is_not_found_even_before_it_is_removed() {
    let location = Location::new(1, 10);
    set(&location, 0, "alice", vec![binding("sip:a@x", 60, 0)]).unwrap();
    assert_eq!(location.lookup(&aor("alice"), at(59)).len(), 1);
    assert!(location.lookup(&aor("alice"), at(60)).is_empty());
    location
        .update(at(60), &aor("alice"), |before| {
            assert!(before.is_empty());
            Ok::<_, Full>(Revision::Keep)
        })
        .unwrap();
}

#[test]
fn a_shard_is_woken_when_its_deadline_has_come_nearer_and_only_then() {
    let location = Location::new(4, 10);
    let index = location.index(&aor("alice"));
    let wake = |until| {
        set(&location, 0, "alice", vec![binding("sip:a@x", until, 0)])
            .unwrap()
            .wake
    };
    assert_eq!(wake(60), Some(index));
    assert_eq!(wake(60), None);
    assert_eq!(wake(90), None);
    assert_eq!(wake(89), Some(index));
    assert_eq!(location.deadline(index), Some(at(89)));
    assert_eq!(set(&location, 0, "alice", vec![]).unwrap().wake, None);
}

#[test]
fn versions_never_go_back_though_the_aor_goes_and_comes() {
    let location = Location::new(1, 10);
    let mut versions = Vec::new();
    for bindings in [
        vec![binding("sip:a@x", 60, 0)],
        vec![],
        vec![binding("sip:a@x", 60, 0)],
    ] {
        versions.push(
            set(&location, 0, "alice", bindings)
                .unwrap()
                .change
                .unwrap()
                .version,
        );
    }
    versions.push(location.expire(0, at(60))[0].version);
    assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
}

#[test]
fn a_failed_update_changes_nothing() {
    let location = Location::new(1, 1);
    set(&location, 0, "alice", vec![binding("sip:a@x", 60, 0)]).unwrap();
    let failed = location.update(at(0), &aor("alice"), |_| Err(Full { limit: 7 }));
    assert_eq!(failed.unwrap_err(), Full { limit: 7 });
    assert_eq!(
        set(&location, 0, "bob", vec![binding("sip:b@x", 60, 0)]).unwrap_err(),
        Full { limit: 1 }
    );
    assert_eq!(
        (location.len(), location.lookup(&aor("alice"), at(0)).len()),
        (1, 1)
    );
    assert!(location.lookup(&aor("bob"), at(0)).is_empty());
}

#[test]
fn a_crowd_runs_out_in_portions() {
    let location = Location::new(1, 1_000);
    for n in 0..257 {
        set(
            &location,
            0,
            &format!("u{n}"),
            vec![binding("sip:a@x", 60, 0)],
        )
        .unwrap();
    }
    assert_eq!(location.expire(0, at(60)).len(), 256);
    assert_eq!(location.deadline(0), Some(at(60)));
    assert_eq!(location.expire(0, at(60)).len(), 1);
    assert_eq!((location.deadline(0), location.len()), (None, 0));
}

#[test]
fn a_closed_connection_is_found_in_every_partition() {
    let location = Location::new(4, 100);
    for n in 0..20 {
        set(
            &location,
            0,
            &format!("u{n}"),
            vec![binding("sip:a@x", 60, 5), binding("sip:b@x", 60, 6)],
        )
        .unwrap();
    }
    let changes = location.connection_closed(ConnectionId(5));
    assert_eq!(changes.len(), 20);
    assert!(
        changes
            .iter()
            .all(|change| change.why == PhoneCause::FlowLost && change.bindings.len() == 1)
    );
    assert_eq!(location.connection_closed(ConnectionId(6)).len(), 20);
    assert!(location.is_empty());
}

#[test]
fn no_connection_is_not_a_connection() {
    let location = Location::new(1, 10);
    set(&location, 0, "alice", vec![binding("sip:a@x", 60, 0)]).unwrap();
    assert_eq!(location.connection_closed(ConnectionId::NONE), []);
    assert_eq!(location.len(), 1);
}

#[test]
fn shards_may_write_at_the_same_time() {
    let location = Location::new(4, 1_000);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let location = &location;
            scope.spawn(move || {
                for n in 0..200 {
                    // Each AOR is written by two threads.
                    let user = format!("u{}", n + 200 * (thread / 2));
                    set(location, 0, &user, vec![binding("sip:a@x", 60, 0)]).unwrap();
                }
            });
        }
    });
    assert_eq!(location.len(), 400);
    while (0..4).any(|shard| !location.expire(shard, at(60)).is_empty()) {}
    assert_eq!(location.len(), 0);
}

/// One thing that can happen.
#[derive(Clone, Debug)]
enum Step {
    Set(u8, Vec<(u64, u64)>),
    Expire(u64),
    Close(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let bindings = prop::collection::vec((1..100_u64, 0..4_u64), 0..4);
    prop_oneof![
        (0..6_u8, bindings).prop_map(|(user, bindings)| Step::Set(user, bindings)),
        (0..20_u64).prop_map(Step::Expire),
        (1..4_u64).prop_map(Step::Close),
    ]
}

proptest! {
    #[test]
    fn it_knows_what_a_simple_list_knows(steps in prop::collection::vec(step(), 0..60)) {
        let location = Location::new(3, 100);
        let mut model: BTreeMap<Aor, Vec<(u64, u64)>> = BTreeMap::new();
        let mut now = 0;
        for step in steps {
            match step {
                Step::Set(user, bindings) => {
                    let user = format!("u{user}");
                    let bindings: Vec<_> = bindings.into_iter().map(|(left, id)| (now + left, id)).collect();
                    let made = bindings.iter().map(|(until, id)| binding("sip:a@phone.invalid", *until, *id)).collect();
                    set(&location, now, &user, made).unwrap();
                    model.insert(aor(&user), bindings);
                }
                Step::Expire(seconds) => {
                    now += seconds;
                    for shard in 0..3 {
                        location.expire(shard, at(now));
                    }
                    model.values_mut().for_each(|bindings| bindings.retain(|(until, _)| *until > now));
                }
                Step::Close(id) => {
                    location.connection_closed(ConnectionId(id));
                    model.values_mut().for_each(|bindings| bindings.retain(|(_, other)| *other != id));
                }
            }
            model.retain(|_, bindings| !bindings.is_empty());
            prop_assert_eq!(usize::try_from(location.len()).unwrap(), model.len());
            let due = (0..3).filter_map(|shard| location.deadline(shard)).min();
            prop_assert_eq!(due, model.values().flatten().map(|(until, _)| at(*until)).min());
            for (aor, expected) in &model {
                let mut found: Vec<_> = location.lookup(aor, at(now)).iter().map(|b| (b.expires, b.flow.connection.0)).collect();
                let mut expected: Vec<_> = expected.iter().map(|(until, id)| (at(*until), *id)).collect();
                found.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(found, expected);
            }
        }
        // Nothing is left in the indices when nothing is left at all.
        for shard in 0..3 {
            location.expire(shard, at(now + 1_000));
            prop_assert_eq!(location.deadline(shard), None);
        }
        prop_assert_eq!(location.len(), 0);
        for id in 1..4 {
            prop_assert_eq!(location.connection_closed(ConnectionId(id)), vec![]);
        }
    }
}

#[test]
fn whoever_watches_is_told_once_and_takes_each_change_once() {
    let told = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&told);
    let location = Location::new(4, 10).watched(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    for _ in 0..3 {
        set(&location, 0, "alice", vec![binding("sip:a@x", 60, 0)]).unwrap();
        set(&location, 0, "bob", vec![binding("sip:b@x", 90, 7)]).unwrap();
    }
    assert_eq!(told.load(Ordering::Relaxed), 1);
    let mut changed = location.take_changed();
    changed.sort();
    assert_eq!(changed, [aor("alice"), aor("bob")]);
    assert!(location.take_changed().is_empty());
    for shard in 0..4 {
        location.expire(shard, at(60));
    }
    assert_eq!(told.load(Ordering::Relaxed), 2);
    assert_eq!(location.take_changed(), [aor("alice")]);
    location.connection_closed(ConnectionId(7));
    assert_eq!(location.take_changed(), [aor("bob")]);
}

#[test]
fn refreshes_are_told_when_they_have_moved_an_expiry_by_enough() {
    let location = Location::new(1, 10).watched(|| ());
    let slack = limits::REFRESH_SLACK.as_secs();
    let told = |bindings: Vec<Arc<Binding>>| {
        set(&location, 0, "alice", bindings).unwrap();
        !location.take_changed().is_empty()
    };
    let desk = |expires| binding("sip:desk@x", expires, 0);
    let soft = |expires| binding("sip:soft@x", expires, 0);
    assert!(told(vec![desk(60)]));
    assert!(!told(vec![desk(60 + slack / 2)]));
    assert!(!told(vec![desk(59 + slack)]));
    assert!(told(vec![desk(60 + slack)]));
    assert!(!told(vec![desk(61 + slack)]));
    // Whatever else happens is told at once, an earlier end too.
    assert!(told(vec![desk(60 + slack)]));
    assert!(told(vec![soft(60), desk(60 + slack)]));
    assert!(!told(vec![desk(61 + slack), soft(60)]));
    assert_eq!(location.take_refreshed(), [aor("alice")]);
    assert!(location.take_refreshed().is_empty());
    assert!(told(vec![soft(60)]));
    assert!(told(vec![binding("sip:soft@x", 60, 7)]));
    assert!(told(vec![]));
}

#[test]
fn after_a_restart_a_phone_is_reached_where_it_listens_or_not_at_all() {
    let location = Location::new(1, 2);
    let datagrams = binding("sip:a@x", 60, 0);
    let connected = binding("sip:a@10.0.0.9", 60, 7);
    let listening = binding("sip:a@10.0.0.2:5060", 60, 7);
    let kept = [&datagrams, &connected, &listening].map(|binding| Binding::clone(binding));
    let change = location
        .restore(&aor("alice"), kept.to_vec(), Duration::ZERO)
        .unwrap();
    assert_eq!(change.bindings, location.lookup(&aor("alice"), at(0)));
    let ways: Vec<_> = change
        .bindings
        .iter()
        .map(|binding| (binding.flow.connection, binding.flow.peer.port()))
        .collect();
    assert_eq!(
        ways,
        [
            (ConnectionId::NONE, 40_000),
            (ConnectionId::GONE, 40_000),
            (ConnectionId::NONE, 5060)
        ]
    );
    let reachable: Vec<_> = change.bindings.iter().map(|it| it.is_reachable()).collect();
    assert_eq!(reachable, [true, false, true]);
    location
        .restore(&aor("bob"), kept.to_vec(), Duration::ZERO)
        .unwrap();
    let full = location.restore(&aor("carol"), kept.to_vec(), Duration::ZERO);
    assert_eq!(full, Err(Full { limit: 2 }));
    assert_eq!(location.expire(0, at(60)).len(), 2);
    assert!(location.is_empty());
}
