//! Any octets as credentials, and as a challenge of a peer (RFC 7616 sections 3.3 and 3.4).

use sip::auth::{Claim, Credentials, Login, Unanswerable, answer};
use sip::msg::{Message, Method, Name, lex};

const URI: &str = "sip:trunk.test";
const NAME: &str = "al\"ice\\";
const PASSWORD: &str = "secret";

/// The value of one header.
pub fn digest(octets: &[u8]) {
    credentials(octets);
    let lines = [
        b"SIP/2.0 401 No\r\nWWW-Authenticate: ",
        octets,
        b"\r\nContent-Length: 0\r\n\r\n",
    ];
    if let Ok(response) = lex(lines.concat().into()) {
        challenge(&response);
    }
}

fn credentials(octets: &[u8]) {
    let Ok(read) = Credentials::parse(octets) else {
        return;
    };
    let _ = (format!("{read:?}"), read.are_empty(), read.is_for("x"));
    let _ = (read.are_for_uri(URI), read.claim());
    let ha1 = [0; 32];
    let width = read.algorithm().map_or(0, |it| it.hash().width());
    let is_proof = read.prove(&Method::Invite, &ha1[..width]);
    assert!(
        !is_proof || (read.count().is_some() && read.algorithm().is_some()),
        "a proof counts its nonce, by an algorithm that is known"
    );
    let spaced = [b" \t", octets, b" , "].concat();
    let again = Credentials::parse(&spaced).expect("blanks and commas mean nothing");
    assert_eq!(
        (again.claim(), again.algorithm(), again.count()),
        (read.claim(), read.algorithm(), read.count())
    );
    assert_eq!(
        (again.nonce(), again.opaque()),
        (read.nonce(), read.opaque())
    );
}

/// Whatever a peer asks, what we answer is what a server of ours takes, and nothing else is.
fn challenge(response: &Message) {
    let login = Login {
        name: NAME.into(),
        password: PASSWORD.into(),
        realm: None,
    };
    let ask = |before| answer(response, &Method::Register, URI, &login, "c0", before);
    let Ok(answer) = ask(None) else {
        return;
    };
    let refused = Err(Unanswerable::Refused);
    assert_eq!(ask(Some(&answer.nonce)), refused, "once for each nonce");

    let value = answer.value.as_str();
    let request = format!("REGISTER {URI} SIP/2.0\r\nAuthorization: {value}\r\n\r\n");
    let Ok(request) = lex(request.into()) else {
        return; // Too large by what is added.
    };
    assert_eq!(request.headers().count(), 1, "one line stays one: {value}");
    assert_eq!(request.raw(Name::Authorization), Some(value.as_bytes()));

    let read = Credentials::parse(value.as_bytes());
    let read = read.unwrap_or_else(|why| panic!("{why}: {value}"));
    assert_eq!(read.claim(), Some(Claim::Name(NAME.into())));
    assert_eq!(read.nonce(), &*answer.nonce);
    assert!(read.are_for_uri(URI));
    let realm = realm(value);
    assert!(read.is_for(&realm), "{realm:?} in {value}");
    let Some(algorithm) = read.algorithm() else {
        panic!("answered by an algorithm that is not known: {value}");
    };
    let proves = |password: &str| {
        let parts = [NAME, ":", &realm, ":", password].map(str::as_bytes);
        read.prove(&Method::Register, algorithm.hash().of(&parts).octets())
    };
    assert_eq!(proves(PASSWORD), read.count().is_some(), "{value}");
    assert!(!proves("Secret"), "{value}");
}

/// What stands between the quotes of the realm that we wrote, read in another way than the core does.
fn realm(value: &str) -> String {
    let (_, rest) = value.split_once(" realm=\"").expect("a realm");
    let (mut realm, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next() {
            Some('"') | None => return realm,
            Some('\\') => realm.extend(chars.next()),
            Some(c) => realm.push(c),
        }
    }
}
