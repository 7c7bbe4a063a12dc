//! Whole servers, of one shard and of four: what a phone hears, and what stands afterwards (RFC 3261 section 22.2).

use server::auth::User;
use server::config::Config;
use sip::msg::{Message, Method, Name};
use sip::name::{Aor, Transport};

use crate::door::{answered, digest, is_stale, login, user};
use crate::support::{Request, Stage, with_shards};

fn stage(shards: u8) -> Stage {
    with(shards, digest(|_| {}))
}

fn with(shards: u8, config: Config) -> Stage {
    let stage = Stage::with(shards, 1, config);
    let house = stage.net.node(stage.house);
    house.auth.users().replace_all([user("alice")]);
    stage
}

fn is_registered(stage: &Stage) -> bool {
    let house = stage.net.node(stage.house);
    let alice = Aor::parse("sip:alice@click.test").unwrap();
    !house.location.lookup(&alice, stage.net.now()).is_empty()
}

fn register() -> Request {
    Request::register("alice").contact("<sip:alice@10.0.0.2>")
}

/// The first answer: that to an INVITE comes again until it is acknowledged.
fn ask(stage: &mut Stage, request: &Request) -> Message {
    stage.ask(request).remove(0)
}

#[test]
fn rfc_3261_22_2_without_the_password_nobody_registers() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        let challenge = ask(&mut stage, &register());
        assert_eq!(challenge.status(), Some(401));
        let wrong = answered(&register(), &challenge, &login("alice", "wrong"));
        assert_eq!(ask(&mut stage, &wrong).status(), Some(401));
        assert!(!is_registered(&stage));
        let right = answered(&register().cseq(5), &challenge, &login("alice", "secret"));
        assert_eq!(ask(&mut stage, &right).status(), Some(200));
        assert!(is_registered(&stage));
    });
}

#[test]
fn a_nonce_is_good_on_every_shard_and_its_count_used_up_on_all() {
    let mut stage = stage(4);
    let challenge = ask(&mut stage, &register());
    let mut answers = Vec::new();
    for n in 0..16 {
        let request = register().call_id(&format!("call-id-{n}")).cseq(10 + 2 * n);
        let again = answered(&request, &challenge, &login("alice", "secret"));
        let heard = ask(&mut stage, &again);
        answers.push((heard.status(), is_stale(&heard)));
    }
    assert_eq!(answers[0], (Some(200), false));
    assert!(
        answers[1..].iter().all(|it| *it == (Some(401), true)),
        "{answers:?}"
    );
}

#[test]
fn a_repeated_answer_is_answered_alike() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        let challenge = ask(&mut stage, &register());
        let right = answered(&register(), &challenge, &login("alice", "secret"));
        assert_eq!(ask(&mut stage, &right).status(), Some(200));
        assert_eq!(ask(&mut stage, &right).status(), Some(200));
        // When the transaction is over, too.
        stage.net.run_for(std::time::Duration::from_secs(40));
        assert_eq!(ask(&mut stage, &right).status(), Some(200));
    });
}

#[test]
fn a_password_opens_the_door_from_anywhere() {
    let mut stage = stage(1);
    stage.net.run_for(std::time::Duration::from_secs(1));
    for transport in [Transport::Udp, Transport::Tcp] {
        let request = register().cseq(if transport == Transport::Udp { 1 } else { 11 });
        let challenge = stage.ask_by(transport, &request).remove(0);
        let right = answered(&request, &challenge, &login("alice", "secret"));
        assert_eq!(stage.ask_by(transport, &right)[0].status(), Some(200));
    }
}

#[test]
fn a_guesser_is_banned_on_all_shards_and_hears_nothing() {
    let mut stage = stage(4);
    let mut cseq = 1;
    let mut heard = 0;
    for n in 0..200 {
        let request = register().call_id(&format!("call-id-{n}")).cseq(cseq);
        cseq += 2;
        if let Some(challenge) = stage.ask(&request).first() {
            let wrong = answered(&request, challenge, &login("alice", "wrong"));
            heard += u32::from(!stage.ask(&wrong).is_empty());
        }
    }
    assert!((10..40).contains(&heard), "{heard}");
    let scan = Request::new("OPTIONS").cseq(cseq);
    assert!(stage.ask(&scan).is_empty());
    let now = stage.net.now();
    let house = stage.net.node(stage.house);
    assert!(house.auth.bans().list(now)[0].banned_until.is_some());
}

fn call(to: &str) -> Request {
    Request::new("INVITE").cseq(100).with(|r| {
        r.uri = "sip:bob@click.test".to_owned();
        r.to = to.to_owned();
    })
}

#[test]
fn a_sweep_learns_nothing_of_who_is_there() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        let challenge = ask(&mut stage, &register());
        let right = answered(&register(), &challenge, &login("alice", "secret"));
        assert_eq!(ask(&mut stage, &right).status(), Some(200));
        let mut cseq = 200;
        for method in ["OPTIONS", "INVITE", "REGISTER", "MESSAGE", "SUBSCRIBE"] {
            let mut hear = |user: &str| {
                cseq += 2;
                let request = Request::new(method).cseq(cseq).with(|r| {
                    if method != "REGISTER" {
                        r.uri = format!("sip:{user}@click.test");
                    }
                    r.to = format!("<sip:{user}@click.test>");
                });
                let heard = ask(&mut stage, &request);
                let names: Vec<_> = heard.headers().map(|header| header.name()).collect();
                (heard.status(), heard.reason().into_owned(), names)
            };
            // Registered, and not even a user.
            let (alice, nobody) = (hear("alice"), hear("nobody"));
            assert!(matches!(alice.0, Some(401 | 407)), "{method} {alice:?}");
            assert_eq!(alice, nobody, "{method}");
        }
    });
}

#[test]
fn rfc_3261_22_3_a_call_to_somebody_else_needs_the_password() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        // Nobody learns without a password who is there.
        let challenge = ask(&mut stage, &call("<sip:bob@click.test>"));
        assert_eq!(challenge.status(), Some(407));
        let again = answered(
            &call("<sip:bob@click.test>"),
            &challenge,
            &login("alice", "secret"),
        );
        let heard = stage.ask(&again);
        let last = heard.last().map(|message| message.status());
        assert_eq!(last, Some(Some(404)), "there is no bob");
    });
}

/// Section 21.4.5, 21.4.18. Who has not proven who he is sees no difference: a scanner learns nothing.
#[test]
fn rfc_3261_16_5_only_who_has_logged_in_is_told_that_somebody_does_not_exist() {
    with_shards(|shards| {
        // INVITE alone needs a password here, MESSAGE none.
        let only_invite = digest(|config| {
            let rule = |method| server::config::MethodRule {
                method: Some(method),
                role: None,
            };
            config.auth.methods = vec![rule(Method::Invite), rule(Method::Register)];
        });
        let mut stage = with(shards, only_invite);
        let absent = User::new("bob", crate::door::REALM, "secret");
        let named = User {
            aliases: vec![Aor::parse("sip:reception@click.test").unwrap()],
            ..user("carol")
        };
        stage
            .net
            .node(stage.house)
            .auth
            .users()
            .replace_all([user("alice"), absent, named]);
        for (n, name, status) in [
            (1, "bob", 480),
            (2, "carol", 480),
            (3, "reception", 480),
            (4, "nobody", 404),
        ] {
            let to = |method: &str| {
                let uri = format!("sip:{name}@click.test");
                let request = Request::new(method).cseq(10 * n);
                request.with(|r| {
                    r.to = format!("<{uri}>");
                    r.uri = uri;
                })
            };
            let heard = ask(&mut stage, &to("MESSAGE"));
            assert_eq!(heard.status(), Some(480), "{name}");
            let challenge = ask(&mut stage, &to("INVITE"));
            assert_eq!(challenge.status(), Some(407), "{name}");
            let again = answered(&to("INVITE"), &challenge, &login("alice", "secret"));
            let heard = stage.ask(&again);
            let last = heard.last().unwrap();
            assert_eq!(last.status(), Some(status), "{name}");
        }
    });
}

/// Whoever claims to be somebody makes us remember nothing.
#[test]
fn rfc_3261_26_3_2_4_a_challenge_is_sent_once_and_nothing_is_kept_of_it() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        let invite = call("<sip:bob@click.test>");
        assert_eq!(ask(&mut stage, &invite).status(), Some(407));
        assert_eq!(stage.net.node(stage.house).transactions(), 0);
        // Not before the INVITE itself comes again.
        stage.net.run_for(std::time::Duration::from_secs(3));
        let again = stage.ask(&invite);
        assert_eq!(again.len(), 1);
        // Its ACK belongs to nothing, and hurts nobody.
        let ack = call(&again[0].text(Name::To).unwrap());
        assert_eq!(stage.ask(&ack.with(|r| r.method = "ACK".to_owned())), []);
        assert_eq!(stage.net.node(stage.house).transactions(), 0);
    });
}

#[test]
fn rfc_3261_22_3_a_tag_in_to_alone_opens_nothing() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        let forged = call("<sip:bob@click.test>;tag=forged");
        assert_eq!(ask(&mut stage, &forged).status(), Some(407));
        let bye = forged.with(|r| r.method = "BYE".to_owned()).cseq(102);
        assert_ne!(ask(&mut stage, &bye).status(), Some(407));
    });
}

#[test]
fn rfc_3261_11_options_tell_strangers_nothing_of_users() {
    let mut stage = stage(1);
    let of = |user: &str, cseq| {
        let uri = format!("sip:{user}@click.test");
        Request::new("OPTIONS").cseq(cseq).with(|r| r.uri = uri)
    };
    assert_eq!(ask(&mut stage, &of("alice", 1)).status(), Some(407));
    assert_eq!(ask(&mut stage, &of("nobody", 2)).status(), Some(407));
    assert_eq!(
        ask(&mut stage, &Request::new("OPTIONS").cseq(3)).status(),
        Some(200)
    );
}

#[test]
fn rfc_3261_22_3_credentials_for_us_go_no_further() {
    with_shards(|shards| {
        let mut stage = stage(shards);
        stage.net.node(stage.house).auth.users().put(user("bob"));
        let bob = Request::register("bob").contact("<sip:bob@10.0.0.2:5060>");
        let challenge = ask(&mut stage, &bob);
        let again = answered(&bob, &challenge, &login("bob", "secret"));
        assert_eq!(ask(&mut stage, &again).status(), Some(200));

        let theirs = "Digest username=\"a\", realm=\"elsewhere\", nonce=\"n\", uri=\"sip:x\", response=\"00\"";
        let invite = call("<sip:bob@click.test>").header("Proxy-Authorization", theirs);
        let challenge = ask(&mut stage, &invite);
        let again = answered(&invite, &challenge, &login("alice", "secret"));
        let heard = stage.send(Transport::Udp, again.bytes());
        let passed_on = heard.iter().find(|message| message.is_request()).unwrap();
        let left: Vec<_> = passed_on.all(sip::msg::Name::ProxyAuthorization).collect();
        assert_eq!(left, [theirs.as_bytes()]);
    });
}
