//! The verdict on each odd message of the fuzzing corpus.

use bytes::Bytes;
use sip::msg::lex;

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
    ("uri_with_headers.sip", Faulty(400)),
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
