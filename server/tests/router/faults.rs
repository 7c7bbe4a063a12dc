//! What is wrong with a file, with its line and the remedy.

use server::router::Dar;

fn faults(text: &str) -> String {
    Dar::parse(text).expect_err("a fault").to_string()
}

/// One line with this tuple.
fn invite(fields: &str) -> String {
    faults(&format!("\nINVITE: ({fields})\n"))
}

#[test]
fn an_application_that_is_not_here_is_named_beside_those_that_are() {
    assert_eq!(
        invite(r#""Parlay","DAR:From","ORIGINATING","","NO_ROUTE","0""#),
        "line 2: there is no application \"Parlay\"; there are: registrar, proxy, click-to-call, speed-dial, \
         call-blocking, call-forwarding"
    );
}

#[test]
fn every_field_is_judged() {
    let cases = [
        (
            r#""proxy","DAR:From","HERE","","NO_ROUTE","0""#,
            "\"HERE\" is no routing region",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","AWAY","0""#,
            "\"AWAY\" is no route modifier",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","ROUTE","0""#,
            "a route must be a SIP URI",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","tel:112","ROUTE_BACK","0""#,
            "a route must be a SIP URI",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","NO_ROUTE","first""#,
            "whole number from 0, not \"first\"",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","NO_ROUTE","0","DIRECTION=UP""#,
            "\"UP\" is no direction",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","NO_ROUTE","0","REGEX=(""#,
            "REGEX=( cannot be read",
        ),
        (
            r#""proxy","DAR:From","NEUTRAL","","NO_ROUTE""#,
            "here are 5",
        ),
        (
            r#""proxy","DAR:From" "NEUTRAL""#,
            "a comma or a closing bracket is expected before: \"NEUTRAL\"",
        ),
        (r#""proxy"#, "a closing quote is expected"),
    ];
    for (fields, expected) in cases {
        let told = invite(fields);
        assert!(
            told.starts_with("line 2: ") && told.contains(expected),
            "{fields}: {told}"
        );
    }
}

#[test]
fn registrations_stay_here() {
    let told = faults(r#"REGISTER: ("registrar","DAR:From","NEUTRAL","sip:10.0.0.1","ROUTE","0")"#);
    assert!(
        told.starts_with("line 1: registrations are taken here"),
        "{told}"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let told = faults(
        "invite: x\nBYE:\nACK: (\"proxy\",\"\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\"), \
         (\"proxy\",\"\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\")\n",
    );
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert!(lines[0].starts_with("line 1: \"invite\" is no SIP method"));
    assert_eq!(lines[1], "line 2: an opening bracket is missing at the end");
    assert_eq!(
        lines[2],
        "line 3: two applications have the order 0; give each its own"
    );
}

#[test]
fn a_method_that_stands_twice_is_told_with_the_first_line() {
    let line = "INVITE: (\"proxy\",\"\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\")\n";
    assert_eq!(
        faults(&format!("{line}{line}")),
        "line 2: INVITE stands in line 1 already; write its applications there, separated by commas"
    );
}
