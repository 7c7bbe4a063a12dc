//! The examples that the RFCs give, to the digit.

use sip::auth::{Claim, Credentials, Hash, Hashed};
use sip::msg::Method;

use crate::RFC_2617;

fn get() -> Method {
    Method::parse(b"GET").unwrap()
}

fn ha1(hash: Hash, name: &str, realm: &str, password: &str) -> Hashed {
    hash.of(&[name, ":", realm, ":", password].map(str::as_bytes))
}

/// RFC 7616 section 3.9.1.
fn rfc_7616(algorithm: &str, response: &str) -> String {
    format!(
        "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
         algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
         cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
         opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
    )
}

#[test]
fn rfc_7616_3_9_1_md5_and_sha_256() {
    for (hash, algorithm, response) in [
        (Hash::Md5, "MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            Hash::Sha256,
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let line = rfc_7616(algorithm, response);
        let credentials = Credentials::parse(line.as_bytes()).unwrap();
        assert!(credentials.is_for("http-auth@example.org"));
        let realm = "http-auth@example.org";
        let right = ha1(hash, "Mufasa", realm, "Circle of Life");
        assert!(credentials.prove(&get(), right.octets()), "{algorithm}");
        let wrong = ha1(hash, "Mufasa", realm, "Circle of Lies");
        assert!(!credentials.prove(&get(), wrong.octets()), "{algorithm}");
        let post = Method::parse(b"POST").unwrap();
        assert!(!credentials.prove(&post, right.octets()), "{algorithm}");
    }
}

#[test]
fn rfc_2617_3_5_without_an_algorithm_it_is_md5() {
    let credentials = Credentials::parse(RFC_2617.as_bytes()).unwrap();
    let right = ha1(Hash::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    assert!(credentials.prove(&get(), right.octets()));
}

#[test]
fn rfc_2617_3_5_each_part_counts() {
    let right = ha1(Hash::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    for (part, other) in [
        ("/dir/index.html", "/dir/index.htm"),
        ("nc=00000001", "nc=00000002"),
        ("0a4f113b", "0a4f113c"),
        ("dcd98b71", "dcd98b72"),
        ("6629fae4", "6629fae5"),
        ("4ef1\"", "4ef\""),
        ("4ef1\"", "4efx\""),
        ("6629fae49393a05397450978507c4ef1", ""),
    ] {
        let line = RFC_2617.replace(part, other);
        assert_ne!(line, RFC_2617);
        let credentials = Credentials::parse(line.as_bytes()).unwrap();
        assert!(!credentials.prove(&get(), right.octets()), "{line}");
    }
}

#[test]
fn rfc_7616_3_4_2_sess_hashes_nonce_and_cnonce_in() {
    for (hash, algorithm) in [(Hash::Md5, "MD5-sess"), (Hash::Sha256, "SHA-256-sess")] {
        // Section 3.4.2 step by step, with nothing of what is tested.
        let text = |parts: &[&str]| {
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
            hash.of(&parts).hex().as_str().to_owned()
        };
        let plain = text(&["alice", ":", "crosspoint", ":", "secret"]);
        let a1 = text(&[&plain, ":", "nonce", ":", "cnonce"]);
        let a2 = text(&["REGISTER", ":", "sip:click.test"]);
        let response = text(&[&a1, ":nonce:00000001:cnonce:auth:", &a2]);
        let line = format!(
            "Digest username=\"alice\", realm=\"crosspoint\", nonce=\"nonce\", uri=\"sip:click.test\", \
             algorithm={algorithm}, cnonce=\"cnonce\", nc=00000001, qop=auth, response=\"{response}\""
        );
        let credentials = Credentials::parse(line.as_bytes()).unwrap();
        let ha1 = ha1(hash, "alice", "crosspoint", "secret");
        assert!(credentials.prove(&Method::Register, ha1.octets()), "{line}");
        let without = line.replace("-sess", "");
        let credentials = Credentials::parse(without.as_bytes()).unwrap();
        assert!(!credentials.prove(&Method::Register, ha1.octets()));
    }
}

#[test]
fn rfc_7616_3_9_2_a_name_that_is_not_ascii() {
    let line = RFC_2617.replace(
        "username=\"Mufasa\"",
        "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe",
    );
    let credentials = Credentials::parse(line.as_bytes()).unwrap();
    assert_eq!(credentials.claim(), Some(Claim::Name("Jäsøn Doe".into())));
}

#[test]
fn rfc_7616_3_4_4_a_hidden_name() {
    for hash in [Hash::Md5, Hash::Sha256] {
        let hidden = hash.of(&[b"Mufasa:testrealm@host.com"]);
        let line = RFC_2617.replace("Mufasa", hidden.hex().as_str()) + ", userhash=true";
        let credentials = Credentials::parse(line.as_bytes()).unwrap();
        let mut octets = [0; 32];
        octets[..hash.width()].copy_from_slice(hidden.octets());
        let claim = Claim::Hash(octets, hash.width());
        assert_eq!(credentials.claim(), Some(claim));
    }
}
