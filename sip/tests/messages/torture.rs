//! The verdict on each odd message of the corpus; most have a counterpart in RFC 4475.

use bytes::Bytes;
use sip::msg::{Contact, Method, Name, lex};
use sip::name::Scheme;

use crate::corpus;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Faulty(u16),
    Dropped,
}
use Verdict::{Dropped, Faulty, Good};

const EXPECTED: &[(&str, Verdict)] = &[
    ("all_transports.sip", Good),
    ("bad_separators.sip", Faulty(400)),
    ("bare_comma_in_name.sip", Good),
    ("binary_body.sip", Good),
    ("blank_in_address.sip", Good),
    ("blank_in_uri.sip", Faulty(400)),
    ("blanks_after_start.sip", Faulty(400)),
    ("blanks_everywhere.sip", Good),
    ("bracketed_uri.sip", Faulty(400)),
    ("contact_without_brackets.sip", Good),
    ("empty_branch.sip", Good),
    ("escaped_nulls.sip", Good),
    ("escapes.sip", Good),
    ("every_character.sip", Good),
    ("invite.sip", Good),
    ("ipv6.sip", Good),
    ("keep_alive.bin", Dropped),
    ("known_odd_scheme.sip", Faulty(416)),
    ("latin1.sip", Good),
    ("length_negative.sip", Faulty(400)),
    ("length_too_large.sip", Faulty(400)),
    ("length_twice.sip", Faulty(400)),
    ("line_feeds_only.sip", Good),
    ("long_values.sip", Good),
    ("many_blanks_in_start.sip", Faulty(400)),
    ("missing_headers.sip", Faulty(400)),
    ("no_blank_before_bracket.sip", Good),
    ("no_reason.sip", Good),
    ("not_sip.bin", Dropped),
    ("numbers_too_large.sip", Faulty(400)),
    ("odd_reason.sip", Good),
    ("open_quote.sip", Faulty(400)),
    ("other_method.sip", Faulty(400)),
    ("percent_is_no_escape.sip", Good),
    ("register.sip", Good),
    ("response_numbers_too_large.sip", Faulty(400)),
    ("rfc2543.sip", Good),
    ("ringing.sip", Good),
    ("semicolon_user.sip", Good),
    ("singles_twice.sip", Faulty(400)),
    ("status_too_large.sip", Faulty(400)),
    ("stun.bin", Dropped),
    ("truncated.sip", Dropped),
    ("two_in_one.sip", Good),
    ("unknown_scheme.sip", Faulty(416)),
    ("unregister_all.sip", Good),
    ("uri_with_headers.sip", Good),
    ("version_7.sip", Faulty(505)),
    ("zero_hops.sip", Good),
];

fn input(name: &str) -> Bytes {
    let (_, octets) = corpus::files()
        .iter()
        .find(|(path, _)| path.ends_with(&format!("/parse/{name}")))
        .unwrap_or_else(|| panic!("{name} is not in the corpus"));
    Bytes::from_static(octets)
}

#[test]
fn every_message_has_its_verdict() {
    for &(name, expected) in EXPECTED {
        let verdict = match lex(input(name)) {
            Err(_) => Dropped,
            Ok(message) => message
                .verify()
                .map_or_else(|fault| Faulty(fault.status), |()| Good),
        };
        assert_eq!(verdict, expected, "{name}");
    }
    let known = corpus::files()
        .iter()
        .filter(|(path, _)| path.contains("/parse/"))
        .count();
    assert!(known >= EXPECTED.len(), "each has its file");
}

#[test]
fn blanks_and_folds_hide_nothing() {
    let invite = lex(input("blanks_everywhere.sip")).unwrap();
    assert_eq!(invite.to().unwrap().tag(), Some("1918181833n"));
    let from = invite.from().unwrap();
    assert_eq!(
        (from.display().as_deref(), from.tag()),
        (Some("J Rosenberg \\\""), Some("98asjd8"))
    );
    assert_eq!(invite.max_forwards(), Ok(Some(68)));
    assert_eq!(invite.cseq(), Ok((9, Method::Invite)));
    let branches: Vec<_> = invite.vias().map(|via| via.unwrap().branch()).collect();
    assert_eq!(
        branches,
        [
            Some("390skdjuw"),
            Some("z9hG4bK9ikj8"),
            Some("z9hG4bK30239")
        ]
    );
    let contacts: Vec<_> = invite
        .contacts()
        .flatten()
        .filter_map(|contact| contact.address())
        .collect();
    assert_eq!(contacts.len(), 1);
    assert_eq!(
        (contacts[0].display().as_deref(), contacts[0].q()),
        (Some("Quoted string \"\""), Some(330))
    );
    assert_eq!(invite.text(Name::Subject).as_deref(), Some(""));
    assert_eq!(&invite.body()[..], b"v=0\r\n");
}

#[test]
fn every_character_that_may_stand_stands() {
    let odd = lex(input("every_character.sip")).unwrap();
    assert_eq!(
        odd.method().unwrap().as_str(),
        "!interesting-Method0123456789_*+`.%indeed'~"
    );
    let uri = odd.uri().unwrap();
    assert_eq!(
        uri.user(),
        Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
    );
    assert_eq!(
        uri.password(),
        Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
    );
    assert_eq!(odd.via().unwrap().branch(), Some("z9hG4bK-.!%66*_+`'~"));
    assert_eq!(odd.from().unwrap().tag(), Some("_token~1'+`*%!-."));
    assert_eq!(
        odd.from().unwrap().param("fromparam''~+*_!.-%"),
        Some(Some("работа"))
    );
}

#[test]
fn percents_stand_for_nothing_outside_of_uris() {
    let odd = lex(input("percent_is_no_escape.sip")).unwrap();
    assert_eq!(odd.method().unwrap().as_str(), "RE%47IST%45R");
    assert_eq!(odd.to().unwrap().display().as_deref(), Some("%Z%45"));
    assert_eq!(odd.contacts().count(), 1, "C%6Fntact is another header");
}

#[test]
fn the_second_message_of_a_datagram_is_ignored() {
    let both = input("two_in_one.sip");
    let first = lex(both.clone()).unwrap();
    assert_eq!(first.method(), Some(&Method::Register));
    assert!(first.bytes().len() < both.len() && first.body().is_empty());
}

#[test]
fn a_contact_with_headers_needs_brackets() {
    let register = lex(input("contact_without_brackets.sip")).unwrap();
    assert!(
        register.contacts().all(|contact| contact.is_err()),
        "the registrar answers 400"
    );
    assert!(
        lex(input("unregister_all.sip"))
            .unwrap()
            .contacts()
            .all(|c| matches!(c, Ok(Contact::Star)))
    );
}

#[test]
fn addresses_of_version_six_are_addresses() {
    let invite = lex(input("ipv6.sip")).unwrap();
    assert_eq!(
        invite.uri().unwrap().socket_addr().unwrap().to_string(),
        "[2001:db8::9:1]:5070"
    );
    let second = invite.vias().nth(1).unwrap().unwrap();
    assert_eq!(second.received().unwrap().to_string(), "2001:db8::9:255");
}

#[test]
fn what_is_unknown_is_kept() {
    let odd = lex(input("known_odd_scheme.sip")).unwrap();
    assert_eq!(odd.uri().unwrap().scheme(), Scheme::Other("soap.beep"));
    let transports: Vec<_> = lex(input("all_transports.sip"))
        .unwrap()
        .vias()
        .map(|via| via.unwrap().transport().is_some())
        .collect();
    assert_eq!(transports, [true, false, true, false, true]);
    let binary = lex(input("binary_body.sip")).unwrap();
    assert!(
        binary
            .body()
            .windows(4)
            .any(|window| window == [0, 0xff, 0x80, 0x1f])
    );
}
