//! Phones come, stay and go: REGISTER on the wire, and what is told of it.

use std::time::Duration;

use server::event::{PhoneCause, What};
use sip::name::Transport;

use crate::support::{PEER, Request, SERVER, Stage, with_shards};

#[test]
fn a_binding_runs_out_on_time_whoever_wrote_it() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let start = stage.net.now();
        // Different Call-IDs belong to different shards, and so do the AORs.
        for n in 0..8 {
            let user = format!("phone{n}");
            let request = Request::register(&user)
                .call_id(&user)
                .branch(&format!("z9hG4bK-{n}"))
                .contact("<sip:x@10.0.0.2>")
                .expires(60 + n);
            assert_eq!(stage.answer(&request).status(), Some(200));
        }
        stage.net.run_for(Duration::from_secs(120));
        let expired: Vec<_> = stage
            .events()
            .iter()
            .filter(|event| matches!(&event.what, What::Phone(change) if change.why == PhoneCause::Expired))
            .collect();
        assert_eq!(expired.len(), 8);
        for (n, event) in (0..).zip(expired) {
            // Each was asked for a second after the one before, and for a second more.
            let granted = Duration::from_secs(60 + 2 * n);
            let late = event.at.since(start).abs_diff(granted);
            assert!(late < Duration::from_millis(100), "{event:?} {late:?}");
        }
        assert!(stage.net.node(stage.house).location.is_empty());
    });
}

#[test]
fn a_repeated_request_is_answered_and_told_once() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        let first = stage.answer(&request);
        assert_eq!(stage.answer(&request), first);
        assert_eq!(stage.phones().count(), 1);
        // Long after the transaction has ended it is still done already.
        stage.net.run_for(Duration::from_secs(60));
        assert_eq!(stage.answer(&request).status(), Some(200));
        assert_eq!(stage.phones().count(), 1);
    });
}

#[test]
fn a_cut_connection_takes_the_phone_off_the_board() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = Request::register("alice")
            .with(|r| r.via = "SIP/2.0/TCP 10.0.0.2:5060;branch=z9hG4bK-1".to_owned())
            .contact("<sip:alice@10.0.0.2:5060;transport=tcp>");
        assert_eq!(stage.ask_by(Transport::Tcp, &request).len(), 1);
        stage.net.cut(PEER, SERVER);
        stage.net.run_for(Duration::from_secs(1));
        let causes: Vec<_> = stage.phones().map(|change| change.why).collect();
        assert_eq!(causes, [PhoneCause::Bound, PhoneCause::FlowLost]);
    });
}
