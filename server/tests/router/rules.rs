//! Speed dial, blocking and forwarding, by their rules.

use server::config::{Blocked, Forwarding, Router as Rules, SpeedDial};

use super::{request, trace};

const ALICE: &str = "sip:alice@example.com";

/// Rules as they are written.
fn rules(speed_dial: &[&str], blocked: &[&str], forwarded: &[&str]) -> Rules {
    fn all<T>(texts: &[&str], read: fn(&str) -> Option<T>) -> Vec<T> {
        let rules = texts.iter().map(|text| read(text));
        rules.collect::<Option<_>>().expect("sound rules")
    }
    Rules {
        dar: None,
        speed_dial: all(speed_dial, SpeedDial::read),
        blocked: all(blocked, Blocked::read),
        forwarded: all(forwarded, Forwarding::read),
    }
}

/// The last line of the trace, by the built-in chain.
fn verdict(rules: &Rules, to: &str, from: &str) -> String {
    let told = trace(None, rules, &request("INVITE", to, from));
    told.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_digit_is_turned_into_its_address_and_refused_without_one() {
    let rules = rules(&["1=sip:bob@example.com"], &[], &[]);
    let dial = |to| verdict(&rules, to, ALICE);
    assert_eq!(
        dial("sip:1@example.com"),
        "so it is forwarded to sip:bob@example.com"
    );
    assert_eq!(
        dial("sip:2@example.com"),
        "so it is answered 488 No Mapping For 2"
    );
    assert_eq!(
        dial("sip:22@example.com"),
        "so it is forwarded to whom it names"
    );
    let without = verdict(&Rules::default(), "sip:2@example.com", ALICE);
    assert_eq!(without, "so it is forwarded to whom it names");
}

#[test]
fn who_is_blocked_is_refused_and_nobody_else() {
    let rules = rules(&[], &["sip:mallory@example.com", "*@spam.example"], &[]);
    let call = |from| verdict(&rules, "sip:bob@example.com", from);
    assert_eq!(
        call("sip:mallory@example.com:5099;x=y"),
        "so it is answered 403 Forbidden"
    );
    assert_eq!(
        call("sip:anyone@SPAM.example"),
        "so it is answered 403 Forbidden"
    );
    assert_eq!(call(ALICE), "so it is forwarded to whom it names");
}

#[test]
fn whose_calls_are_forwarded_and_a_speed_dial_may_lead_there() {
    let rules = rules(
        &["1=sip:bob@example.com"],
        &[],
        &["sip:bob@example.com=sip:carol@example.com"],
    );
    for to in ["sip:bob@example.com", "sip:1@example.com"] {
        let told = verdict(&rules, to, ALICE);
        assert_eq!(told, "so it is forwarded to sip:carol@example.com");
    }
}

#[test]
fn calls_may_go_elsewhere_only_when_nobody_is_to_be_had() {
    let texts = [
        "busy sip:bob@example.com=sip:carol@example.com",
        "no_answer 20s sip:bob@example.com=sip:dave@example.com",
        "unreachable sip:bob@example.com=sip:eve@example.com",
    ];
    for text in texts {
        assert_eq!(Forwarding::read(text).unwrap().to_string(), text);
    }
    assert_eq!(
        verdict(&rules(&[], &[], &texts), "sip:bob@example.com", ALICE),
        "so it is forwarded to whom it names, when busy to sip:carol@example.com, without an answer in 20s to \
         sip:dave@example.com, when unreachable to sip:eve@example.com"
    );
    for text in [
        "idle sip:bob@example.com=sip:carol@example.com",
        "no_answer sip:bob@example.com=sip:carol@example.com",
        "no_answer 0s sip:bob@example.com=sip:carol@example.com",
        "no_answer 181s sip:bob@example.com=sip:carol@example.com",
        "busy 20s sip:bob@example.com=sip:carol@example.com",
        "busy sip:bob@example.com=sip:example.com",
    ] {
        assert!(Forwarding::read(text).is_none(), "{text}");
    }
}

#[test]
fn a_rule_that_says_nothing_is_none() {
    for text in [
        "*",
        "=sip:bob@example.com",
        "1=bob",
        "one=sip:bob@example.com",
    ] {
        assert!(SpeedDial::read(text).is_none(), "{text}");
    }
    for text in ["", "*@", "mallory"] {
        assert!(Blocked::read(text).is_none(), "{text}");
    }
    for text in [
        "sip:bob@example.com",
        "bob=sip:carol@example.com",
        "sip:bob@example.com=",
    ] {
        assert!(Forwarding::read(text).is_none(), "{text}");
    }
}
