//! As whom a user may come: RFC 3261 sections 10.3 step 4, 16.3 step 6 and 26.2; RFC 3323.

use server::auth::{Desk, User};
use server::config::MethodRule;
use sip::auth::Algorithm;
use sip::msg::Method;
use sip::name::Aor;

use crate::door::{Door, digest, login, name, offered, refused, user};
use crate::support::Request;

fn call(from: &str) -> Request {
    Request::new("INVITE").with(|r| {
        r.uri = "sip:bob@click.test".to_owned();
        r.from = format!("<{from}>;tag=1");
    })
}

fn status(door: &Door, desk: Desk, request: &Request) -> Option<u16> {
    let judged = door.log_in(desk, request, &login("alice", "secret"));
    judged.err().and_then(|response| response.status())
}

#[test]
fn rfc_3261_10_3_step_4_who_may_register_whom() {
    let door = Door::new();
    assert_eq!(
        status(&door, Desk::Registrar, &Request::register("alice")),
        None
    );
    assert_eq!(
        status(&door, Desk::Registrar, &Request::register("bob")),
        Some(403)
    );
    // By somebody else's hand (third-party registration): To is what counts.
    let by_hand =
        Request::register("alice").with(|r| r.from = "<sip:desk@click.test>;tag=1".to_owned());
    assert_eq!(status(&door, Desk::Registrar, &by_hand), None);
}

#[test]
fn rfc_3261_26_2_from_is_the_users_own_address() {
    let door = Door::with(|config| config.sip.domains = vec!["click.test".to_owned()]);
    door.auth.users().put(User {
        aliases: vec![
            Aor::parse("sip:100@click.test").unwrap(),
            Aor::parse("sip:+15550100@trunk.test").unwrap(),
        ],
        ..user("alice")
    });
    for (from, expected) in [
        ("sip:alice@click.test", None),
        ("sip:alice@CLICK.test:5080;transport=tcp", None),
        ("sip:100@click.test", None),
        ("sip:+15550100@trunk.test", None),
        ("sip:100@trunk.test", Some(403)),
        ("sip:bob@click.test", Some(403)),
        ("sip:alice@bank.test", Some(403)),
        ("tel:+15550100", Some(403)),
        ("sip:anonymous@anonymous.invalid", None),
    ] {
        assert_eq!(status(&door, Desk::Proxy, &call(from)), expected, "{from}");
    }
    assert_eq!(
        status(&door, Desk::Registrar, &Request::register("anonymous")),
        Some(403)
    );
}

#[test]
fn a_method_may_need_a_role() {
    let door = Door::with(|config| {
        config.auth.methods = vec![
            MethodRule {
                method: Some(Method::Invite),
                role: Some("caller".into()),
            },
            MethodRule {
                method: None,
                role: None,
            },
        ];
    });
    let request = call("sip:alice@click.test");
    assert_eq!(status(&door, Desk::Proxy, &request), Some(403));
    assert_eq!(
        status(&door, Desk::Registrar, &Request::register("alice")),
        None
    );
    door.auth.users().put(User {
        roles: vec!["caller".into()],
        ..user("alice")
    });
    assert_eq!(status(&door, Desk::Proxy, &request), None);
}

#[test]
fn a_user_may_have_algorithms_of_his_own() {
    let door = Door::new();
    door.auth.users().put(User {
        algorithms: Some(vec![Algorithm::Md5]),
        ha1_sha256: [0; 32],
        ..user("alice")
    });
    assert_eq!(offered(&door.challenge("alice")), ["MD5"]);
    assert_eq!(offered(&door.challenge("bob")), ["SHA-256", "MD5"]);
    assert_eq!(
        status(&door, Desk::Registrar, &Request::register("alice")),
        None
    );
}

#[test]
fn users_change_while_the_server_runs() {
    let door = Door::new();
    let request = Request::register("carol");
    let carol = login("carol", "secret");
    assert_eq!(
        refused(door.log_in(Desk::Registrar, &request, &carol)).status(),
        Some(401)
    );
    door.auth.users().put(user("carol"));
    assert_eq!(
        name(door.log_in(Desk::Registrar, &request, &carol)),
        "carol"
    );
    door.auth.users().replace_all([user("alice")]);
    assert_eq!(
        refused(door.log_in(Desk::Registrar, &request, &carol)).status(),
        Some(401)
    );
}

#[test]
fn nothing_secret_is_printed_or_logged() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer({
            let lines = lines.clone();
            move || lines.clone()
        })
        .finish();
    let door = tracing::subscriber::with_default(subscriber, || {
        let door = Door::new();
        let request = Request::register("alice");
        for password in [
            "secret", "wrong", "wrong", "wrong", "wrong", "wrong", "wrong",
        ] {
            let _ = door.log_in(Desk::Registrar, &request, &login("alice", password));
        }
        let _ = door.log_in(
            Desk::Registrar,
            &Request::register("bob"),
            &login("alice", "secret"),
        );
        door
    });
    let logged = lines.text();
    assert!(logged.contains("wrong password"), "{logged}");
    let printed = format!("{:?} {:?} {logged}", door.auth, digest(|_| {}));
    let alice = user("alice");
    let secrets = [
        "secret".to_owned(),
        "response=".to_owned(),
        sip::auth::Hex::of(&alice.ha1_sha256).as_str().to_owned(),
        sip::auth::Hex::of(&alice.ha1_md5).as_str().to_owned(),
        format!("{:?}", &alice.ha1_md5[..4])[1..10].to_owned(),
        format!("{:?}", &alice.ha1_sha256[..4])[1..10].to_owned(),
    ];
    for secret in secrets {
        assert!(!printed.contains(&secret), "{secret}");
    }
}

/// What is logged.
#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
