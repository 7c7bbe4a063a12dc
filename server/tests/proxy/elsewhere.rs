//! Requests for other domains: RFC 3261 section 16.5, RFC 3263. Bob, Carol and Dave are servers of `elsewhere.test`.

use std::net::IpAddr;

use server::config::{Config, Domains, NextHop, Proxy, Sip};
use server::locate::{Question, Records, Srv};
use sip::msg::Message;
use sip::name::Transport::Udp;

use crate::rig::{ALICE, BOB, CAROL, Rig, address, invite, list, to_bob};
use crate::support::{Request, addr};

const DAVE: usize = 3;

fn told(heard: &[Message]) -> Vec<u16> {
    heard.iter().filter_map(Message::status).collect()
}

/// `elsewhere.test` may be called, and is served by these peers, in this order.
fn rig_of(servers: &[usize]) -> Rig {
    let config = Config {
        sip: Sip {
            domains: vec!["click.test".to_owned()],
            ..Config::default().sip
        },
        proxy: Proxy {
            domains: Domains(vec!["elsewhere.test".to_owned()]),
        },
        ..Config::default()
    };
    let mut rig = Rig::with(1, config);
    let name = |n: usize| format!("server{n}.elsewhere.test").into_boxed_str();
    let records = servers.iter().enumerate().map(|(n, server)| Srv {
        priority: u16::try_from(n).unwrap(),
        weight: 0,
        port: 5060,
        target: name(*server),
    });
    let service = Question::Srv("_sip._udp.elsewhere.test".into());
    let services = [(service, Records::Srv(records.collect()))];
    let hosts = servers.iter().map(|server| {
        let address: IpAddr = address(*server).ip();
        (
            Question::V4(name(*server)),
            Records::Addresses(vec![address]),
        )
    });
    let zone = services.into_iter().chain(hosts).collect();
    rig.net.act(rig.house, |house, _, _| house.zone = zone);
    rig.register(ALICE, "alice", "");
    rig
}

fn silence_dns(rig: &mut Rig) {
    rig.net
        .act(rig.house, |house, _, _| house.dns_answers = false);
}

fn call(cseq: u32) -> Request {
    let request = invite().cseq(cseq);
    request.with(|r| r.uri = "sip:carol@elsewhere.test".to_owned())
}

#[test]
fn section_16_5_a_domain_of_sip_hosts_is_for_our_users_and_comes_before_the_dns() {
    let config = Config {
        sip: Sip {
            hosts: vec![NextHop {
                host: "elsewhere.test".to_owned(),
                address: addr("10.0.0.3:5060"),
                tcp: false,
            }],
            ..Config::default().sip
        },
        ..Config::default()
    };
    let mut rig = Rig::with(1, config);
    assert_eq!(told(&rig.ask(&call(1))), [403]);
    // Somebody else's registration is none of Alice's.
    rig.register(CAROL, "alice", "");
    assert_eq!(told(&rig.ask(&call(2))), [403]);
    rig.register(ALICE, "alice", "");
    rig.ask(&call(3));
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:carol@elsewhere.test"));
    rig.answer(BOB, &copy, 486);
    assert_eq!(rig.statuses(ALICE), [486]);
}

#[test]
fn section_16_5_a_named_domain_is_found_by_dns_and_no_other() {
    let mut rig = rig_of(&[BOB]);
    rig.ask(&call(1));
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:carol@elsewhere.test"));
    rig.answer(BOB, &copy, 200);
    assert_eq!(rig.statuses(ALICE), [200]);
    for (n, uri, status) in [
        (2, "sip:carol@another.test", 403),
        (3, "sip:carol@sub.elsewhere.test", 403),
        (4, "sip:carol@elsewhere.test;maddr=203.0.113.9", 403),
        (5, "sip:carol@elsewhere.test;transport=ws", 403),
        // It came in clear.
        (6, "sips:carol@elsewhere.test", 403),
        (7, "sip:carol@elsewhere.test:5099", 404),
    ] {
        let request = call(n).with(|r| r.uri = uri.to_owned());
        assert_eq!(told(&rig.ask(&request)).last(), Some(&status), "{uri}");
    }
    // Section 16.4.
    let uri = "sip:carol:pw@elsewhere.test:5080;maddr=10.0.0.1;x=y;transport=udp";
    rig.ask(&call(10).with(|r| r.uri = uri.to_owned()));
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:carol:pw@elsewhere.test;x=y"));
    rig.answer(BOB, &copy, 200);
    rig.heard(ALICE);
    // A Route counts as the Request-URI does, and stands before it.
    let routed = |n, route| to_bob("MESSAGE").cseq(n).header("Route", route);
    let heard = rig.ask(&routed(8, "<sip:another.test;lr>"));
    assert_eq!(told(&heard), [403]);
    rig.ask(&routed(9, "<sip:elsewhere.test;lr>"));
    let copy = rig.one(BOB);
    assert_eq!(
        list(&copy, sip::msg::Name::Route),
        ["<sip:elsewhere.test;lr>"]
    );
}

#[test]
fn rfc_3263_section_4_3_503_and_silence_lead_to_the_next_server_and_a_refusal_does_not() {
    let mut rig = rig_of(&[BOB, CAROL, DAVE]);
    rig.ask(&call(1));
    let first = rig.one(BOB);
    rig.answer(BOB, &first, 503);
    assert_eq!(rig.one(BOB).method().unwrap().as_str(), "ACK");
    let second = rig.one(CAROL);
    assert_ne!(
        first.via().unwrap().branch(),
        second.via().unwrap().branch()
    );
    // Timer B.
    rig.run_for(33);
    rig.heard(CAROL);
    let third = rig.one(DAVE);
    rig.answer(DAVE, &third, 486);
    assert_eq!(rig.statuses(ALICE), [100, 486]);

    rig.ask(&call(2));
    let first = rig.one(BOB);
    rig.answer(BOB, &first, 404);
    assert_eq!(rig.statuses(ALICE), [404]);
    rig.assert_over();
    rig.heard(DAVE);
    assert_eq!(rig.heard(CAROL), []);
}

#[test]
fn rfc_3263_section_4_3_when_no_server_is_left_the_best_answer_counts() {
    let mut rig = rig_of(&[BOB, CAROL]);
    rig.ask(&call(1));
    for peer in [BOB, CAROL] {
        let copy = rig.one(peer);
        rig.answer(peer, &copy, 503);
    }
    // RFC 3261 section 16.7 step 6.
    assert_eq!(rig.statuses(ALICE), [500]);
    rig.assert_over();
}

#[test]
fn a_dns_that_is_silent_holds_a_request_no_longer_than_its_time() {
    let mut rig = rig_of(&[BOB]);
    silence_dns(&mut rig);
    assert_eq!(told(&rig.ask(&call(1))), [0; 0]);
    rig.run_for(7);
    assert_eq!(rig.statuses(ALICE), [100]);
    rig.run_for(2);
    assert_eq!(rig.statuses(ALICE), [500]);
    rig.assert_over();
}

#[test]
fn section_16_10_a_caller_who_gives_up_while_servers_are_looked_for_is_told_487() {
    let mut rig = rig_of(&[BOB]);
    silence_dns(&mut rig);
    let request = call(1);
    rig.ask(&request);
    let cancel = request.clone().with(|r| r.method = "CANCEL".to_owned());
    let heard = rig.exchange(ALICE, Udp, cancel.bytes());
    let mut statuses = told(&heard);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 487]);
    assert_eq!(rig.heard(BOB), []);
    rig.assert_over();
}
