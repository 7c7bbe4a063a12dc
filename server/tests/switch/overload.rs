//! When nothing new is taken: a server that is full, and one that is about to stop (RFC 3261 section 21.5.4).

use server::limits;
use sip::msg::Name;

use crate::support::{Request, Stage, with_shards};

#[test]
fn a_server_that_stops_takes_no_registrations_and_no_calls() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        stage.net.act(stage.house, |house, _, _| house.drain());
        let invite = Request::new("INVITE")
            .cseq(2)
            .with(|r| r.uri = "sip:bob@click.test".to_owned());
        for request in [
            Request::register("alice").contact("<sip:alice@10.0.0.2>"),
            invite,
        ] {
            let response = stage.ask(&request).into_iter().next().unwrap();
            assert_eq!(
                (response.status(), response.reason().as_ref()),
                (Some(503), "Shutting Down")
            );
            assert_eq!(
                response.text(Name::RetryAfter).unwrap(),
                limits::RETRY_AFTER.to_string()
            );
        }
        assert_eq!(
            stage.answer(&Request::new("OPTIONS").cseq(3)).status(),
            Some(200)
        );
        assert_eq!(stage.phones().count(), 0);
    });
}
