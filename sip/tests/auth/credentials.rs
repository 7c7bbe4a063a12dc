//! What is read from an Authorization, in whatever shape, and what is not (RFC 7616 section 3.4, RFC 3261 section 25.1).

use proptest::prelude::*;
use sip::auth::{Algorithm, AuthFault, Challenge, Claim, Credentials, Hash};
use sip::limits::{MAX_AUTH_PARAMS, MAX_URI};
use sip::msg::Method;

use crate::RFC_2617;

fn parse(line: &str) -> Credentials<'_> {
    Credentials::parse(line.as_bytes()).unwrap_or_else(|why| panic!("{line}: {why}"))
}

fn fault(line: &str) -> AuthFault {
    Credentials::parse(line.as_bytes()).expect_err(line)
}

#[test]
fn any_order_case_and_spacing_reads_the_same() {
    let ha1 = Hash::Md5.of(&[b"Mufasa:testrealm@host.com:Circle Of Life"]);
    let get = Method::parse(b"GET").unwrap();
    let (_, params) = RFC_2617.split_once(' ').unwrap();
    let mut turned: Vec<_> = params.split(", ").collect();
    turned.reverse();
    for line in [
        RFC_2617.replace(", ", ","),
        RFC_2617.replace(", ", " ,\r\n\t"),
        RFC_2617.replace('=', " = "),
        RFC_2617.replace("Digest ", "dIGEST\r\n "),
        RFC_2617
            .replace("username", "USERNAME")
            .replace("nc=", "Nc="),
        RFC_2617.replace("qop=auth", "qop=\"AUTH\""),
        RFC_2617.replace("nc=00000001", "nc=\"00000001\""),
        RFC_2617.replace(
            "6629fae49393a05397450978507c4ef1",
            "6629FAE49393A05397450978507C4EF1",
        ),
        format!("{RFC_2617}, algorithm=\"md5\", auth-param=\"a, b=\\\"c\\\"\",,"),
        format!("Digest {}", turned.join(", ")),
    ] {
        let credentials = parse(&line);
        assert_eq!(credentials.algorithm(), Some(Algorithm::Md5), "{line}");
        assert_eq!(credentials.count(), Some(1), "{line}");
        assert_eq!(credentials.claim(), Some(Claim::Name("Mufasa".into())));
        assert_eq!(
            credentials.opaque(),
            Some(&b"5ccc069c403ebaf9f0171e9517f40e41"[..])
        );
        assert!(credentials.prove(&get, ha1.octets()), "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_told_by_name() {
    assert_eq!(fault("Basic dTpw"), AuthFault::NotDigest);
    assert_eq!(fault(""), AuthFault::NotDigest);
    assert_eq!(fault("Digest"), AuthFault::Bad("username"));
    for line in [
        "Digest username",
        "Digest =x",
        "Digest username=\"open",
        "Digest username=\"a\" realm=\"b\"",
        "Digest \u{e4}=b",
    ] {
        assert_eq!(fault(line), AuthFault::Malformed, "{line}");
    }
    for (part, name) in [
        ("username=\"Mufasa\", ", "username"),
        ("realm=\"testrealm@host.com\", ", "realm"),
        ("nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", ", "nonce"),
        ("uri=\"/dir/index.html\", ", "uri"),
        ("nc=00000001, ", "nc"),
        ("cnonce=\"0a4f113b\", ", "cnonce"),
        (
            "response=\"6629fae49393a05397450978507c4ef1\", ",
            "response",
        ),
    ] {
        assert_eq!(fault(&RFC_2617.replacen(part, "", 1)), AuthFault::Bad(name));
    }
    for (part, other, name) in [
        ("qop=auth", "qop=auth-int", "qop"),
        ("nc=00000001", "nc=000000001", "nc"),
        ("nc=00000001", "nc=0000000g", "nc"),
        ("nc=00000001", "nc=+1", "nc"),
        ("username=", "username*=latin1''x, x=", "username*"),
        ("username=", "username*=UTF-8''x, username=", "username"),
    ] {
        assert_eq!(fault(&RFC_2617.replace(part, other)), AuthFault::Bad(name));
    }
    let twice = format!("{RFC_2617}, Realm=\"other\"");
    assert_eq!(fault(&twice), AuthFault::Twice("realm"));
}

#[test]
fn there_is_a_bound_to_parameters_and_uri() {
    let with = |n: usize| (0..n).map(|i| format!(", x{i}=1")).collect::<String>();
    let own = RFC_2617.matches('=').count();
    parse(&format!("{RFC_2617}{}", with(MAX_AUTH_PARAMS - own)));
    let more = format!("{RFC_2617}{}", with(MAX_AUTH_PARAMS + 1 - own));
    assert_eq!(fault(&more), AuthFault::Malformed);
    let long = RFC_2617.replace("/dir", &"x".repeat(MAX_URI));
    assert_eq!(fault(&long), AuthFault::Bad("uri"));
}

#[test]
fn without_qop_nothing_is_proven() {
    let line = RFC_2617.replace("qop=auth, ", "");
    let credentials = parse(&line);
    assert_eq!(credentials.count(), None);
    let ha1 = Hash::Md5.of(&[b"Mufasa:testrealm@host.com:Circle Of Life"]);
    assert!(!credentials.prove(&Method::parse(b"GET").unwrap(), ha1.octets()));
}

#[test]
fn an_unknown_algorithm_proves_nothing() {
    let line = format!("{RFC_2617}, algorithm=SHA-512-256");
    let credentials = parse(&line);
    assert_eq!(credentials.algorithm(), None);
    let ha1 = Hash::Md5.of(&[b"Mufasa:testrealm@host.com:Circle Of Life"]);
    assert!(!credentials.prove(&Method::parse(b"GET").unwrap(), ha1.octets()));
}

#[test]
fn realms_compare_exactly() {
    assert!(parse(RFC_2617).is_for("testrealm@host.com"));
    assert!(!parse(RFC_2617).is_for("Testrealm@host.com"));
    assert!(!parse(RFC_2617).is_for("testrealm"));
    let escaped = RFC_2617.replace("testrealm", "test\\realm");
    assert!(parse(&escaped).is_for("testrealm@host.com"));
}

#[test]
fn empty_credentials_are_known_as_such() {
    assert!(!parse(RFC_2617).are_empty());
    let ims = "Digest username=\"a@b\", realm=\"b\", nonce=\"\", uri=\"sip:b\", response=\"\"";
    assert!(parse(ims).are_empty());
}

#[test]
fn the_uri_is_that_of_the_request() {
    for (said, asked, same) in [
        ("sip:click.test", "sip:click.test", true),
        ("sip:CLICK.test", "sip:click.test", true),
        ("sip:click.test", "sip:click.test:5080;transport=tcp", true),
        ("sip:bob@click.test", "sip:bob@click.test;user=phone", true),
        ("sip:10.0.0.1", "sip:10.0.0.1:5080", true),
        ("sip:bob@click.test", "sip:carol@click.test", false),
        ("sip:click.test", "sip:bob@click.test", false),
        ("sip:click.test", "sip:elsewhere.test", false),
        ("*", "sip:click.test", false),
        ("", "sip:click.test", false),
    ] {
        let line = RFC_2617.replace("/dir/index.html", said);
        assert_eq!(parse(&line).are_for_uri(asked), same, "{said} {asked}");
    }
}

#[test]
fn a_name_may_hold_quotes_and_must_be_text() {
    let line = RFC_2617.replace("Mufasa", "a\\\"b\\\\c");
    assert_eq!(parse(&line).claim(), Some(Claim::Name("a\"b\\c".into())));
    let mut bytes = RFC_2617.as_bytes().to_vec();
    let at = RFC_2617.find("Mufasa").unwrap();
    bytes[at] = 0xff;
    assert_eq!(Credentials::parse(&bytes).unwrap().claim(), None);
    for broken in ["%", "%4", "%zz", "%ff"] {
        let line = RFC_2617.replace("username=\"Mufasa\"", &format!("username*=UTF-8''{broken}"));
        assert_eq!(parse(&line).claim(), None, "{broken}");
    }
}

#[test]
fn what_is_printed_tells_who_and_no_proof() {
    let printed = format!("{:?}", parse(RFC_2617));
    assert!(printed.contains("Mufasa"));
    for secret in ["6629fae4", "0a4f113b", "dcd98b71"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn a_challenge_is_written_as_phones_know_it() {
    let challenge = Challenge {
        realm: "crosspoint",
        nonce: "n0",
        opaque: "o0",
        algorithm: Algorithm::Sha256,
        stale: false,
        userhash: false,
    };
    let line =
        "Digest realm=\"crosspoint\", nonce=\"n0\", opaque=\"o0\", algorithm=SHA-256, qop=\"auth\"";
    assert_eq!(challenge.to_string(), line);
    let stale = Challenge {
        stale: true,
        userhash: true,
        ..challenge
    };
    assert_eq!(
        stale.to_string(),
        format!("{line}, stale=true, userhash=true")
    );
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Credentials::parse(&bytes);
        let mut line = b"Digest ".to_vec();
        line.extend(bytes);
        let _ = Credentials::parse(&line);
    }

    #[test]
    fn one_octet_changed_never_proves_more_than_its_own_text(at in 0_usize..400, octet in any::<u8>()) {
        let mut bytes = RFC_2617.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = octet;
        if let Ok(credentials) = Credentials::parse(&bytes) {
            let _ = (credentials.claim(), credentials.are_for_uri("sip:a@b"), credentials.is_for("x"));
            let ha1 = Hash::Md5.of(&[b"Mufasa:testrealm@host.com:Circle Of Lies"]);
            prop_assert!(!credentials.prove(&Method::parse(b"GET").unwrap(), ha1.octets()));
        }
    }

    #[test]
    fn any_name_that_is_quoted_is_read_back(name in "[^\\x00-\\x1f\\x7f]{1,60}") {
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        let line = RFC_2617.replace("Mufasa", &quoted);
        prop_assert_eq!(parse(&line).claim(), Some(Claim::Name(name.into())));
    }
}
