//! A day of an office in virtual time: phones register, refresh, vanish, come back by other flows, dial each other, give
//! up, are called from the page and hang up, in bad weather. Nothing may grow with time, and when all have gone
//! nothing may be left: no transaction, context, call, binding, nor memory.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "../support/mod.rs"]
mod support;

mod office;

use std::alloc::System;

use office::Office;
use server::limits;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const HOUR: u64 = 3_600;

/// What the whole process holds, in octets.
fn held() -> usize {
    let stats = GLOBAL.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[test]
fn a_day_of_registrations_and_calls_leaves_nothing_behind() {
    let mut office = Office::new(4);
    let mut most = Vec::new();
    for hour in 1..=24 {
        office.work(HOUR);
        let load = office.load();
        office.look_at_the_board();
        office.forget_the_past();
        println!("hour {hour:2}: {load:?}, {} octets", held());
        // Three calls a minute, each with some transactions and a context for 32 s.
        assert!(load.transactions < 60, "hour {hour}: {load:?}");
        assert!(load.proxied < 12, "hour {hour}: {load:?}");
        assert!(load.calls + load.followed < 12, "hour {hour}: {load:?}");
        assert!(load.legs < 20, "hour {hour}: {load:?}");
        assert!(load.remembered < 40, "hour {hour}: {load:?}");
        assert!(load.asked <= office::PHONES, "hour {hour}: {load:?}");
        assert!(office.registered() <= office::PEOPLE, "hour {hour}");
        most.push(held());
    }
    // Tables have their size after some hours, and in the quietest ones no call that is under way hides what others have
    // left. Twenty octets left behind by each call or each registration would show.
    let (morning, evening) = most.split_at(12);
    let least = |hours: &[usize]| hours.iter().copied().min().unwrap();
    let (at_first, at_last) = (least(morning), least(evening));
    assert!(
        at_last < at_first + 30_000,
        "from {at_first} to {at_last} octets"
    );

    office.close();
    // A call whose phones have both vanished is followed for so long.
    office.wait(limits::TRACKED_TIME.as_secs() + HOUR);
    let load = office.load();
    let nothing = [
        load.transactions,
        load.proxied,
        load.calls,
        load.legs,
        load.followed,
        load.asked,
    ];
    assert_eq!(nothing, [0; 6], "{load:?}");
    assert_eq!(office.registered(), 0);
    // Those of the last half minute are forgotten when the next request comes.
    assert!(load.remembered < 20, "{load:?}");
    assert!(!office.waits_for_anything());
    let open = office.look_at_the_board();
    assert_eq!(open, 0);
    office.forget_the_past();
    let busiest = morning.iter().copied().max().unwrap();
    assert!(held() < busiest, "{} of {busiest} octets", held());
    office.assert_busy();
}
