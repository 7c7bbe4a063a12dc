//! Flows as a whole server keeps them (RFC 5626 sections 5.4 and 7), phones that are asked whether they are there, and by
//! which name each of them knows the server.

use std::time::Duration;

use bytes::Bytes;
use server::binding::Reach;
use server::config::{Config, LocalNetworks};
use server::event::PhoneCause;
use server::limits;
use sip::msg::build::Response;
use sip::msg::{Message, Method, Name};
use sip::name::{Tag, Transport};

use crate::support::{Request, SERVER, Stage, with_shards};

const INSTANCE: &str = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";

fn by_flow(cseq: u32) -> Request {
    Request::register("alice")
        .cseq(cseq)
        .contact(&format!("<sip:alice@10.0.0.2>;reg-id=1;{INSTANCE}"))
        .header("Supported", "path, outbound")
}

fn causes(stage: &Stage) -> Vec<PhoneCause> {
    stage.phones().map(|change| change.why).collect()
}

fn flow_timer(answer: &Message) -> Option<String> {
    let mut headers = answer.headers();
    let found = headers.find(|header| header.text() == "Flow-Timer")?;
    Some(String::from_utf8_lossy(found.value()).into_owned())
}

#[test]
fn rfc_5626_5_4_a_silent_flow_by_datagrams_is_dead_and_a_keep_alive_is_life() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let answer = stage.answer(&by_flow(1));
        let timer = limits::FLOW_TIMER_DATAGRAM.as_secs().to_string();
        assert_eq!(flow_timer(&answer), Some(timer));
        for _ in 0..10 {
            stage.net.run_for(limits::FLOW_TIMER_DATAGRAM);
            stage.send(Transport::Udp, Bytes::from_static(b"\r\n\r\n"));
        }
        assert_eq!(causes(&stage), [PhoneCause::Bound]);
        // It was heard a second ago.
        let patience = limits::FLOW_TIMER_DATAGRAM + limits::FLOW_GRACE;
        stage.net.run_for(patience - Duration::from_secs(2));
        assert_eq!(causes(&stage), [PhoneCause::Bound]);
        stage.net.run_for(Duration::from_secs(2));
        assert_eq!(causes(&stage), [PhoneCause::Bound, PhoneCause::FlowLost]);
        // It may come back.
        assert_eq!(stage.answer(&by_flow(2)).status(), Some(200));
        assert_eq!(causes(&stage).last(), Some(&PhoneCause::Bound));
    });
}

#[test]
fn a_phone_that_keeps_no_flow_may_be_silent() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let answer = stage.answer(&Request::register("alice").contact("<sip:alice@10.0.0.2>"));
        assert_eq!(flow_timer(&answer), None);
        stage.net.run_for(Duration::from_secs(600));
        assert_eq!(causes(&stage), [PhoneCause::Bound]);
    });
}

#[test]
fn rfc_5626_5_4_a_flow_timer_is_asked_of_flows_alone_and_not_of_websockets() {
    let off = {
        let mut config = Config::default();
        config.sip.flow_timer = Duration::ZERO;
        config
    };
    for (config, transport, timer) in [
        (Config::default(), Transport::Udp, Some("29")),
        (Config::default(), Transport::Tcp, Some("120")),
        (Config::default(), Transport::Tls, Some("120")),
        (Config::default(), Transport::Ws, None),
        (Config::default(), Transport::Wss, None),
        (off, Transport::Tcp, None),
    ] {
        let mut stage = Stage::with(1, 1, config);
        let via = format!(
            "SIP/2.0/{} 10.0.0.2:5060;branch=z9hG4bK-1",
            transport.via_token()
        );
        let answer = stage.ask_by(transport, &by_flow(1).with(|r| r.via = via));
        assert_eq!(flow_timer(&answer[0]).as_deref(), timer, "{transport}");
        assert_eq!(answer[0].text(Name::Require).as_deref(), Some("outbound"));
    }
}

/// RFC 5627: who is given a GRUU uses it in every dialog, so one that nobody looks up would be worse than none.
#[test]
fn no_gruu_is_given() {
    with_shards(|shards| {
        let mut stage = Stage::new(shards);
        let request = by_flow(1).header("Supported", "gruu");
        let answer = stage.answer(&request);
        assert_eq!(answer.status(), Some(200));
        let text = String::from_utf8_lossy(answer.bytes()).to_lowercase();
        assert!(!text.contains("gruu"), "{text}");
    });
}

/// The OPTIONS that the peer has heard since, each answered at once.
fn questions(stage: &mut Stage) -> Vec<Message> {
    let heard = stage.send(Transport::Udp, Bytes::from_static(b"\r\n"));
    let is_question = |message: &Message| message.method() == Some(&Method::Options);
    let questions: Vec<_> = heard.into_iter().filter(is_question).collect();
    for question in &questions {
        let answer = Response::to(question, 200, None, Some(&Tag::new("here"))).finish();
        stage.send(Transport::Udp, answer);
    }
    questions
}

fn qualifying() -> Config {
    let mut config = Config::default();
    config.sip.qualify = Duration::from_secs(10);
    config
}

/// Whichever shards the registrations of a phone come to, one asks it, once in the interval, and all know the answer.
#[test]
fn a_phone_is_asked_once_whichever_shard_registers_it() {
    with_shards(|shards| {
        let mut stage = Stage::with(shards, 1, qualifying());
        for boot in 0..8 {
            let request = Request::register("alice")
                .call_id(&format!("boot-{boot}"))
                .contact("<sip:alice@10.0.0.2>");
            stage.ask(&request);
        }
        let mut asked = 0;
        for _ in 0..25 {
            asked += questions(&mut stage).len();
        }
        // Each round takes a second or two, and so do the answers.
        assert!((2..=6).contains(&asked), "{asked}");
        let last = stage.phones().last().unwrap();
        assert!(matches!(last.bindings[0].reach, Reach::Answers(_)));
        // What is known of it outlives its next registration, on whichever shard.
        for boot in 8..12 {
            let request = Request::register("alice")
                .call_id(&format!("boot-{boot}"))
                .contact("<sip:alice@10.0.0.2>");
            stage.ask(&request);
            let last = stage.phones().last().unwrap();
            assert!(matches!(last.bindings[0].reach, Reach::Answers(_)));
        }
    });
}

#[test]
fn what_we_call_ourselves_depends_on_who_is_told() {
    for (local, host) in [
        (
            LocalNetworks::Listed(Vec::new()),
            "203.0.113.7:5080".to_owned(),
        ),
        (
            LocalNetworks::Listed(vec!["10.0.0.0/8".parse().unwrap()]),
            SERVER.to_string(),
        ),
    ] {
        let mut config = qualifying();
        config.sip.advertised = Some("203.0.113.7".to_owned());
        config.sip.local_networks = local;
        let mut stage = Stage::with(1, 1, config);
        let request = Request::register("alice").contact("<sip:alice@10.0.0.2>");
        assert_eq!(stage.answer(&request).status(), Some(200));
        let asked = (0..11).find_map(|_| questions(&mut stage).into_iter().next());
        let asked = asked.unwrap();
        let via = asked.text(Name::Via).unwrap();
        assert!(via.starts_with(&format!("SIP/2.0/UDP {host};")), "{via}");
        let from = asked.text(Name::From).unwrap();
        assert!(from.contains(&host), "{from}");

        let bob = Request::register("bob")
            .call_id("bob")
            .contact("<sip:bob@10.0.0.2>");
        assert_eq!(stage.answer(&bob).status(), Some(200));
        stage.net.act(stage.house, |house, now, out| {
            let call = house.place_call(now, "sip:alice@click.test", "sip:bob@click.test", out);
            call.unwrap();
        });
        let heard = stage.send(Transport::Udp, Bytes::from_static(b"\r\n"));
        let is_invite = |message: &&Message| message.method() == Some(&Method::Invite);
        let invite = heard.iter().find(is_invite).unwrap();
        let via = invite.text(Name::Via).unwrap();
        assert!(via.starts_with(&format!("SIP/2.0/UDP {host};")), "{via}");
        let contact = invite.text(Name::Contact).unwrap();
        assert_eq!(contact, format!("<sip:{host};transport=udp>"));
        // What follows in the dialog says the same.
        let busy = Response::to(invite, 200, None, Some(&Tag::new("here")));
        let busy = busy.contact("<sip:alice@10.0.0.2>").finish();
        stage.send(Transport::Udp, busy);
        let heard = stage.send(Transport::Udp, Bytes::from_static(b"\r\n"));
        let ours = heard.iter().filter(|message| message.is_request());
        for request in ours.filter(|message| message.method() != Some(&Method::Options)) {
            let via = request.text(Name::Via).unwrap();
            assert!(via.contains(&format!(" {host};")), "{via}");
        }
    }
}
