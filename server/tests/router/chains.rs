//! Which applications a request meets.

use server::config::{Blocked, Forwarding, Router as Rules};
use server::router::{Application, Dar, Origin, Router};

use super::{request, trace};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";

/// As the click-to-call example ships it.
const CLICK_TO_CALL: &str = "\
REGISTER: (\"ClickToCallAsyncApplication\", \"DAR:From\", \"ORIGINATING\", \"\", \"NO_ROUTE\", \"0\")\n\
OPTIONS: (\"ClickToCallAsyncApplication\", \"DAR:From\", \"ORIGINATING\", \"\", \"NO_ROUTE\", \"0\")\n";

fn parse(text: &str) -> Dar {
    Dar::parse(text).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_file_of_the_click_to_call_example_works_as_it_is() {
    let dar = parse(CLICK_TO_CALL);
    let told = |method| trace(Some(&dar), &Rules::default(), &request(method, BOB, ALICE));
    assert_eq!(
        told("REGISTER"),
        "click-to-call (line 1) registers the phone\nso the registrar answers\n"
    );
    assert_eq!(
        told("OPTIONS"),
        "click-to-call (line 2) tells what this server can do\n\
         so it is answered 200 with what this server can do\n"
    );
    assert_eq!(
        told("INVITE"),
        "INVITE: no application is named for it, and none for ALL\n\
         so nobody has taken it: a request for this server itself is answered by it, any other 404\n"
    );
}

#[test]
fn servlet_names_are_read_with_their_package_and_lines_may_be_continued() {
    let dar = parse(
        "# a chain of two\n\
         INVITE: (\"org.mobicents.servlet.sip.example.LocationServiceApplication\", \"DAR\\:From\", \"ORIGINATING\", \"\", \\\n\
         \"NO_ROUTE\", \"1\", \"DIRECTION=INBOUND\"), \\\n\
         (\"SpeedDialApplication\", \"DAR:To\", \"TERMINATING\", \"\", \"NO_ROUTE\", \"0\")\n",
    );
    let chain: Vec<_> = dar.chain("INVITE").iter().collect();
    let names: Vec<_> = chain.iter().map(|entry| entry.application).collect();
    assert_eq!(names, [Application::SpeedDial, Application::Proxy]);
    assert_eq!(&*chain[1].subscriber, "DAR:From");
    assert_eq!(chain[1].line, 2);
}

#[test]
fn a_named_method_goes_before_all() {
    let dar = parse(
        "ALL: (\"proxy\",\"DAR:From\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\")\n\
         MESSAGE: (\"click-to-call\",\"DAR:From\",\"NEUTRAL\",\"\",\"NO_ROUTE\",\"0\")\n",
    );
    let first = |method| dar.chain(method)[0].application;
    assert_eq!(first("MESSAGE"), Application::ClickToCall);
    assert_eq!(first("INVITE"), Application::Proxy);
    assert_eq!(first("NEWMETHOD"), Application::Proxy);
}

#[test]
fn direction_and_pattern_decide_who_is_asked() {
    let dar = parse(
        "INVITE: (\"call-forwarding\",\"DAR:To\",\"TERMINATING\",\"\",\"NO_ROUTE\",\"0\",\"DIRECTION=OUTBOUND\"), \
         (\"proxy\",\"DAR:To\",\"TERMINATING\",\"\",\"NO_ROUTE\",\"1\",\"REGEX=From:.*sip:.*@example\\\\.com\")\n",
    );
    let told = |from| trace(Some(&dar), &Rules::default(), &request("INVITE", BOB, from));
    assert_eq!(
        told(ALICE),
        "call-forwarding (line 1) is not asked: it takes requests of this server only\n\
         proxy (line 1) lets it pass\n\
         so it is forwarded to whom it names\n"
    );
    assert!(
        told("sip:mallory@example.org")
            .contains("proxy (line 1) is not asked: its REGEX is not found")
    );
}

#[test]
fn a_click_meets_what_a_phone_meets_but_for_what_is_meant_for_one_of_them() {
    let dar = parse(
        "INVITE: (\"call-blocking\",\"DAR:From\",\"ORIGINATING\",\"\",\"NO_ROUTE\",\"0\",\"DIRECTION=INBOUND\"), \
         (\"call-forwarding\",\"DAR:To\",\"TERMINATING\",\"\",\"NO_ROUTE\",\"1\",\"DIRECTION=OUTBOUND\")\n",
    );
    let rules = Rules {
        blocked: vec![Blocked::read(ALICE).unwrap()],
        forwarded: vec![Forwarding::read("sip:bob@example.com=sip:carol@example.com").unwrap()],
        ..Rules::default()
    };
    let router = Router::new(Some(dar.clone()), &rules);
    let click = router.trace(&request("INVITE", BOB, ALICE), Origin::Page);
    assert_eq!(
        click.unwrap().to_string(),
        "call-blocking (line 1) is not asked: it takes requests from outside only\n\
         call-forwarding (line 1) sends it to sip:carol@example.com\n\
         so sip:carol@example.com is called instead\n"
    );
    assert_eq!(
        trace(Some(&dar), &rules, &request("INVITE", BOB, ALICE)),
        "call-blocking (line 1) refuses it: 403 Forbidden\nso it is answered 403 Forbidden\n"
    );
    let click = |rules| {
        let router = Router::new(None, &rules);
        let told = router.trace(&request("INVITE", BOB, ALICE), Origin::Page);
        told.unwrap().to_string().lines().last().unwrap().to_owned()
    };
    assert_eq!(
        click(rules),
        "so nobody is called: the application router refuses it: 403 Forbidden"
    );
    assert_eq!(click(Rules::default()), "so whom it names is called");
}

#[test]
fn a_route_leads_out_and_may_lead_back() {
    let dar = parse(include_str!("../proxy/screened.dar"));
    let rules = Rules {
        forwarded: vec![Forwarding::read("sip:bob@example.com=sip:carol@example.com").unwrap()],
        ..Rules::default()
    };
    let told = |method| trace(Some(&dar), &rules, &request(method, BOB, ALICE));
    assert_eq!(
        told("INVITE"),
        "call-blocking (line 3) has nothing to do with it\n\
         proxy (line 3) is not asked: the request leaves for sip:198.51.100.9:5060;lr, and goes on behind here when it comes back\n\
         so it is sent to sip:198.51.100.9:5060;lr, with a Route back to here\n"
    );
    assert_eq!(
        told("MESSAGE"),
        "proxy (line 6) is not asked: the request leaves for sip:198.51.100.9;lr\n\
         so it is sent to sip:198.51.100.9;lr\n"
    );
    let router = Router::new(Some(dar), &rules);
    let click = router.trace(&request("INVITE", BOB, ALICE), Origin::Page);
    assert!(
        click
            .unwrap()
            .to_string()
            .ends_with("501 Calls From The Page Take No Route\n"),
        "it cannot be carried out there"
    );
}

#[test]
fn without_a_file_phones_register_and_call_each_other() {
    let told = |method| trace(None, &Rules::default(), &request(method, BOB, ALICE));
    assert!(told("REGISTER").ends_with("so the registrar answers\n"));
    for method in ["INVITE", "MESSAGE", "OPTIONS", "NEWMETHOD"] {
        assert!(
            told(method).ends_with("so it is forwarded to whom it names\n"),
            "{method}"
        );
    }
}
