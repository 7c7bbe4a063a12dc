//! What always holds, whatever phones say: nothing panics, a leg's places never go or change, versions count changes,
//! answers fit their offers.

use proptest::collection::vec;
use proptest::prelude::*;
use server::sdp::Description;
use sip::dialog::Body;

use crate::samples::{BROWSER, DESK, VIDEO, again, media, text, version, view};

/// Streams of all kinds, some given up, some with names, in any order.
fn description() -> impl Strategy<Value = String> {
    let stream =
        (0..3_usize, 0..3_u16, 0..4_usize, 0..3_usize).prop_map(|(kind, port, direction, mid)| {
            let kind = ["audio", "video", "image"][kind];
            let direction = ["sendrecv", "sendonly", "recvonly", "inactive"][direction];
            let mid = ["", "a=mid:0\r\n", "a=mid:x\r\n"][mid];
            format!("m={kind} {port} RTP/AVP 0\r\nc=IN IP4 192.0.2.5\r\na={direction}\r\n{mid}")
        });
    vec(stream, 0..5)
        .prop_map(|streams| format!("v=0\r\na=group:BUNDLE 0 x\r\n{}", streams.concat()))
}

/// Real ones with pieces cut out, put twice, and turned to noise.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let real = prop_oneof![Just(DESK), Just(VIDEO), Just(BROWSER)];
    (
        real,
        vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..8),
    )
        .prop_map(|(real, deeds)| {
            let mut octets = real.as_bytes().to_vec();
            for (at, octet, deed) in deeds {
                let at = at.index(octets.len());
                match deed {
                    0 => octets[at] = octet,
                    1 => octets.truncate(at.max(1)),
                    2 => octets.extend_from_within(at..),
                    _ => octets.insert(at, octet),
                }
            }
            octets
        })
}

fn kinds(body: &Body) -> Vec<String> {
    media(body)
        .iter()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

fn rest(body: &Body) -> Vec<&str> {
    text(body)
        .lines()
        .filter(|line| !line.starts_with("o="))
        .collect()
}

proptest! {
    #[test]
    fn places_stay_and_versions_count_changes(said in vec(description(), 1..8)) {
        let mut view = view();
        let mut before: Option<Body> = None;
        for said in said {
            let said = Description::parse(&Body::sdp(said)).unwrap();
            let shown = view.offer(&said);
            again(&shown);
            if let Some(before) = &before {
                prop_assert!(kinds(&shown).starts_with(&kinds(before)), "{}\n{}", text(before), text(&shown));
                let grown = u64::from(rest(before) != rest(&shown));
                prop_assert_eq!(version(&shown), version(before) + grown);
            }
            let mids: Vec<_> = crate::samples::lines(&shown, "a=mid");
            let mut once = mids.clone();
            once.sort_unstable();
            once.dedup();
            if said.streams().filter_map(|stream| stream.mid()).collect::<std::collections::BTreeSet<_>>().len()
                == said.streams().filter_map(|stream| stream.mid()).count()
            {
                prop_assert_eq!(once.len(), mids.len(), "{}", text(&shown));
            }
            before = Some(shown);
        }
    }

    #[test]
    fn answers_fit_their_offers(offer in description(), before in description(), answer in description()) {
        let read = |text: String| Description::parse(&Body::sdp(text)).unwrap();
        let (offer, before, answer) = (read(offer), read(before), read(answer));
        let offered: Vec<_> = offer.streams().collect();
        let mut view = view();
        view.offer(&before);
        for given in [view.answer(&offer, &answer), view.held_answer(&offer)] {
            let given = again(&given);
            prop_assert_eq!(given.streams().len(), offered.len());
            for (given, offered) in given.streams().zip(&offered) {
                prop_assert_eq!(given.kind(), offered.kind());
                prop_assert!(offered.is_live() || !given.is_live());
                prop_assert!(given.mid().is_none() || given.mid() == offered.mid());
            }
        }
    }

    #[test]
    fn nothing_that_a_phone_says_does_harm(one in mangled(), other in mangled(), noise in vec(any::<u8>(), 0..200)) {
        let read = |octets: Vec<u8>| Description::parse(&Body::sdp(octets));
        let _ = read(noise);
        if let (Ok(one), Ok(other)) = (read(one), read(other)) {
            let mut view = view();
            again(&view.offer(&one));
            again(&view.answer(&one, &other));
            again(&view.held_answer(&other));
            if let Some((body, _)) = view.tone_answer(&one, "192.0.2.1:40000".parse().unwrap()) {
                again(&body);
            }
            let _ = (server::sdp::mismatch(&one, &other), one.codecs(), one.holds());
        }
    }
}
