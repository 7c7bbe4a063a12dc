//! When nothing new is taken: a server that is full, and one that is about to stop (RFC 3261 section 21.5.4).

use std::time::Duration;

use server::config::Config;
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

#[test]
fn a_server_with_all_the_transactions_it_may_have_says_so_to_each_new_request() {
    with_shards(|shards| {
        let mut config = Config::default();
        config.limits.transactions = 3;
        let mut stage = Stage::with(shards, 1, config);
        // One Call-ID, so that one shard gets them all.
        for n in 1..=3 {
            assert_eq!(
                stage.answer(&Request::new("OPTIONS").cseq(n)).status(),
                Some(200)
            );
        }
        let late = Request::new("OPTIONS").cseq(4);
        let response = stage.answer(&late);
        assert_eq!(response.status(), Some(503));
        assert_eq!(response.reason(), "Too Many Transactions");
        assert_eq!(response.text(Name::RetryAfter).unwrap(), "10");
        assert_eq!(
            stage.answer(&late),
            response,
            "without a transaction, and alike"
        );
        assert_eq!(stage.ask(&Request::new("ACK").cseq(5)), []);
        // What has its transaction is answered still.
        assert_eq!(
            stage.answer(&Request::new("OPTIONS").cseq(3)).status(),
            Some(200)
        );
        // A REGISTER needs none.
        let register = Request::register("alice")
            .cseq(6)
            .contact("<sip:alice@10.0.0.2>");
        assert_eq!(stage.answer(&register).status(), Some(200));
        assert_eq!(stage.phones().count(), 1);

        stage.net.run_for(Duration::from_secs(32));
        assert_eq!(stage.answer(&late).status(), Some(200));
        assert_eq!(stage.net.node(stage.house).transactions(), 1);
    });
}
