//! Answering the challenge of a peer (RFC 3261 sections 22.2 and 22.3, RFC 8760 section 2.4).

use sip::auth::{Answer, Claim, Credentials, Hash, Login, Unanswerable, answer};
use sip::msg::{Message, Method, Name, lex};

const URI: &str = "sip:trunk.test";

fn login() -> Login {
    Login {
        name: "al\"ice".into(),
        password: "secret".into(),
        realm: None,
    }
}

fn challenged(status: u16, challenges: &[&str]) -> Message {
    let name = if status == 407 {
        "Proxy-Authenticate"
    } else {
        "WWW-Authenticate"
    };
    let lines: String = challenges
        .iter()
        .map(|value| format!("{name}: {value}\r\n"))
        .collect();
    lex(format!("SIP/2.0 {status} No\r\n{lines}Content-Length: 0\r\n\r\n").into()).unwrap()
}

fn ask(response: &Message, before: Option<&[u8]>) -> Result<Answer, Unanswerable> {
    answer(response, &Method::Register, URI, &login(), "c0", before)
}

fn challenge(algorithm: &str) -> String {
    format!(
        "Digest realm=\"trunk\", nonce=\"n-{algorithm}\", opaque=\"o\", algorithm={algorithm}, qop=\"auth,auth-int\""
    )
}

#[test]
fn what_we_answer_is_what_a_server_of_ours_takes() {
    for (algorithm, hash) in [
        ("MD5", Hash::Md5),
        ("MD5-sess", Hash::Md5),
        ("SHA-256", Hash::Sha256),
        ("SHA-256-sess", Hash::Sha256),
    ] {
        let response = challenged(401, &[&challenge(algorithm)]);
        let answer = ask(&response, None).unwrap();
        assert_eq!(answer.header, Name::Authorization);
        let credentials = Credentials::parse(answer.value.as_bytes()).unwrap();
        assert_eq!(credentials.claim(), Some(Claim::Name("al\"ice".into())));
        assert!(credentials.is_for("trunk") && credentials.are_for_uri(URI));
        assert_eq!(credentials.opaque(), Some(&b"o"[..]));
        assert_eq!(credentials.count(), Some(1));
        let ha1 = hash.of(&[b"al\"ice:trunk:secret"]);
        assert!(
            credentials.prove(&Method::Register, ha1.octets()),
            "{algorithm}"
        );
    }
}

#[test]
fn rfc_3261_22_3_a_proxy_is_answered_in_its_own_header() {
    let response = challenged(407, &[&challenge("MD5")]);
    assert_eq!(
        ask(&response, None).unwrap().header,
        Name::ProxyAuthorization
    );
}

#[test]
fn rfc_8760_2_4_the_topmost_that_we_know_is_answered() {
    let response = challenged(
        401,
        &[
            "Basic realm=\"trunk\"",
            &challenge("SHA-512-256"),
            &challenge("SHA-256").replace("auth,auth-int", "auth-int"),
            &challenge("MD5"),
            &challenge("SHA-256"),
        ],
    );
    assert_eq!(*ask(&response, None).unwrap().nonce, *b"n-MD5");
}

#[test]
fn only_the_realm_of_the_login_gets_it() {
    let response = challenged(401, &[&challenge("MD5")]);
    let elsewhere = Login {
        realm: Some("elsewhere".into()),
        ..login()
    };
    let asked = answer(&response, &Method::Register, URI, &elsewhere, "c0", None);
    assert_eq!(asked, Err(Unanswerable::NoneKnown));
}

#[test]
fn rfc_3261_22_4_without_qop_as_before_rfc_2617() {
    let response = challenged(401, &["Digest realm=\"trunk\", nonce=\"n\""]);
    let value = ask(&response, None).unwrap().value;
    let text = |parts: &[&[u8]]| Hash::Md5.of(parts).hex();
    let ha1 = text(&[b"al\"ice:trunk:secret"]);
    let ha2 = text(&[b"REGISTER:sip:trunk.test"]);
    let proof = text(&[ha1.digits(), b":n:", ha2.digits()]);
    assert!(
        value.contains(&format!("response=\"{}\"", proof.as_str())),
        "{value}"
    );
    assert!(
        !value.contains("cnonce") && !value.contains("qop"),
        "{value}"
    );
}

#[test]
fn once_for_each_nonce() {
    let first = challenged(401, &[&challenge("MD5")]);
    let nonce = ask(&first, None).unwrap().nonce;
    assert_eq!(ask(&first, Some(&nonce)), Err(Unanswerable::Refused));
    let other = challenge("MD5").replace("n-MD5", "n2");
    let again = challenged(401, &[&other]);
    assert_eq!(ask(&again, Some(&nonce)), Err(Unanswerable::Refused));
    let stale = challenged(401, &[&format!("{other}, stale=TRUE")]);
    assert_eq!(*ask(&stale, Some(&nonce)).unwrap().nonce, *b"n2");
    let same = challenged(401, &[&format!("{}, stale=true", challenge("MD5"))]);
    assert_eq!(ask(&same, Some(&nonce)), Err(Unanswerable::Refused));
}

#[test]
fn what_is_no_challenge_is_not_answered() {
    assert_eq!(
        ask(&challenged(200, &[]), None),
        Err(Unanswerable::NoChallenge)
    );
    for nothing in [&[][..], &["Digest realm=\"x\""], &["Digest \u{e4}"]] {
        assert_eq!(
            ask(&challenged(401, nothing), None),
            Err(Unanswerable::NoneKnown)
        );
    }
}

#[test]
fn neither_password_nor_proof_is_printed() {
    let answer = ask(&challenged(401, &[&challenge("MD5")]), None).unwrap();
    let printed = format!("{:?} {answer:?}", login());
    assert!(
        !printed.contains("secret") && !printed.contains("response"),
        "{printed}"
    );
}
