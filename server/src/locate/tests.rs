//! The rules of RFC 3263 on zones made up here.

use std::collections::BTreeMap;

use super::*;

const ALL: Means = Means {
    udp: true,
    tcp: true,
    tls: true,
    v4: true,
    v6: true,
};

/// A zone in the words of a zone file, without TTL and class.
struct Zone(Vec<(String, String)>);

impl Zone {
    fn new(text: &str) -> Self {
        let records = text.lines().filter_map(|line| line.trim().split_once(' '));
        Self(records.map(|(n, r)| (n.into(), r.into())).collect())
    }

    fn answer(&self, question: &Question) -> Records {
        let (name, kind) = match question {
            Question::Naptr(name) => (name, "NAPTR"),
            Question::Srv(name) => (name, "SRV"),
            Question::V4(name) => (name, "A"),
            Question::V6(name) => (name, "AAAA"),
        };
        let records = self.0.iter().filter(|(owner, _)| **owner == **name);
        let fields = records.filter_map(|(_, record)| {
            let fields: Vec<_> = record.split(' ').collect();
            (fields[0] == kind).then(|| fields[1..].to_vec())
        });
        match question {
            Question::Naptr(_) => Records::Naptr(
                fields
                    .map(|f| Naptr {
                        order: f[0].parse().unwrap(),
                        preference: f[1].parse().unwrap(),
                        flags: f[2].into(),
                        service: f[3].into(),
                        replacement: f[4].into(),
                    })
                    .collect(),
            ),
            Question::Srv(_) => Records::Srv(
                fields
                    .map(|f| Srv {
                        priority: f[0].parse().unwrap(),
                        weight: f[1].parse().unwrap(),
                        port: f[2].parse().unwrap(),
                        target: f[3].trim_matches('.').into(),
                    })
                    .collect(),
            ),
            Question::V4(_) | Question::V6(_) => {
                Records::Addresses(fields.map(|f| f[0].parse().unwrap()).collect())
            }
        }
    }

    /// The servers as `transport address`, and how many rounds of questions it took.
    fn locate(&self, uri: &str, means: Means) -> (Vec<String>, usize) {
        let sought = Sought::of(UriRef::parse(uri).unwrap()).unwrap();
        let mut answers = Answers::default();
        for round in 0..6 {
            match locate(&sought, means, &answers, &mut |_| 0) {
                Ok(servers) => {
                    let shown = servers
                        .iter()
                        .map(|it| format!("{} {}", it.transport, it.address));
                    return (shown.collect(), round);
                }
                Err(Missing(questions)) => {
                    assert!(!questions.is_empty());
                    for question in questions {
                        let records = self.answer(&question);
                        answers.put(question, records);
                    }
                }
            }
        }
        panic!("no end of questions for {uri}");
    }

    fn found(&self, uri: &str) -> Vec<String> {
        self.locate(uri, ALL).0
    }
}

const EXAMPLE: &str = "
    example.com NAPTR 50 50 s SIPS+D2T _sips._tcp.example.com
    example.com NAPTR 90 50 s SIP+D2T _sip._tcp.example.com
    example.com NAPTR 100 50 s SIP+D2U _sip._udp.example.com
    example.com NAPTR 10 10 u E2U+sip !^.*$!sip:x@example.com!
    example.com A 192.0.2.99
    _sips._tcp.example.com SRV 1 0 5061 server1.example.com
    _sip._tcp.example.com SRV 1 1 5060 server2.example.com
    _sip._tcp.example.com SRV 0 1 5070 server1.example.com
    _sip._udp.example.com SRV 0 0 5060 server2.example.com
    server1.example.com A 192.0.2.1
    server1.example.com AAAA 2001:db8::1
    server2.example.com A 192.0.2.2
";

#[test]
fn section_4_1_an_address_is_asked_of_nobody() {
    let zone = Zone::new("");
    for (uri, server) in [
        ("sip:b@192.0.2.7", "UDP 192.0.2.7:5060"),
        ("sip:b@192.0.2.7:5090", "UDP 192.0.2.7:5090"),
        (
            "sip:b@[2001:db8::7];transport=tcp",
            "TCP [2001:db8::7]:5060",
        ),
        ("sip:b@192.0.2.7;transport=tls", "TLS 192.0.2.7:5061"),
        ("sips:b@192.0.2.7", "TLS 192.0.2.7:5061"),
        ("sips:b@192.0.2.7:5099;transport=tcp", "TLS 192.0.2.7:5099"),
        ("sip:b@example.com;maddr=192.0.2.8", "UDP 192.0.2.8:5060"),
    ] {
        assert_eq!(zone.locate(uri, ALL), (vec![server.to_owned()], 0), "{uri}");
    }
}

#[test]
fn section_4_1_naptr_chooses_the_transport_that_the_domain_prefers_among_ours() {
    let zone = Zone::new(EXAMPLE);
    let tls = ["TLS [2001:db8::1]:5061", "TLS 192.0.2.1:5061"];
    assert_eq!(zone.found("sip:b@example.com"), tls);
    assert_eq!(zone.found("sips:b@Example.COM."), tls);
    let without_tls = Means {
        tls: false,
        v6: false,
        ..ALL
    };
    let tcp = ["TCP 192.0.2.1:5070", "TCP 192.0.2.2:5060"];
    assert_eq!(zone.locate("sip:b@example.com", without_tls).0, tcp);
    let udp = Means {
        tcp: false,
        ..without_tls
    };
    let found = zone.locate("sip:b@example.com", udp).0;
    assert_eq!(found, ["UDP 192.0.2.2:5060"]);
    // RFC 3261 section 26.2.2: by TLS, or not at all.
    assert_eq!(zone.locate("sips:b@example.com", udp).0, [""; 0]);
}

#[test]
fn section_4_2_a_port_is_taken_as_it_stands_and_a_transport_narrows_the_search() {
    let zone = Zone::new(EXAMPLE);
    for (uri, found) in [
        ("sip:b@example.com:5080", &["UDP 192.0.2.99:5080"][..]),
        ("sips:b@example.com:5080", &["TLS 192.0.2.99:5080"]),
        ("sip:b@example.com;transport=udp", &["UDP 192.0.2.2:5060"]),
        (
            "sip:b@server2.example.com;transport=tcp",
            &["TCP 192.0.2.2:5060"],
        ),
        ("sip:b@server2.example.com", &["UDP 192.0.2.2:5060"]),
        ("sips:b@server2.example.com", &["TLS 192.0.2.2:5061"]),
        ("sip:b@nowhere.example.com", &[]),
    ] {
        assert_eq!(zone.found(uri), found, "{uri}");
    }
}

#[test]
fn section_4_1_without_naptr_the_services_of_each_transport_are_asked_for() {
    let services = "
        _sip._udp.example.com SRV 0 0 5062 a.example.com
        _sips._tcp.example.com SRV 0 0 5063 a.example.com
        a.example.com A 192.0.2.1
    ";
    let zone = Zone::new(services);
    assert_eq!(zone.found("sip:b@example.com"), ["TLS 192.0.2.1:5063"]);
    let plain = Means { tls: false, ..ALL };
    let (found, rounds) = zone.locate("sip:b@example.com", plain);
    assert_eq!(found, ["UDP 192.0.2.1:5062"]);
    // NAPTR; all SRV at once; all addresses at once.
    assert_eq!(rounds, 3);
}

#[test]
fn rfc_2782_a_target_of_nothing_means_no_service() {
    let zone = Zone::new(
        "_sip._udp.example.com SRV 0 0 0 .
         example.com A 192.0.2.1",
    );
    assert_eq!(zone.found("sip:b@example.com;transport=udp"), [""; 0]);
}

#[test]
fn a_uri_that_contradicts_itself_leads_nowhere() {
    for uri in [
        "sips:b@example.com;transport=udp",
        "sip:b@example.com;transport=ws",
        "sip:b@example.com;transport",
        "sip:b@example.com;maddr=",
        "tel:+4930123456",
    ] {
        assert_eq!(Sought::of(UriRef::parse(uri).unwrap()), None, "{uri}");
    }
}

#[test]
fn what_a_zone_can_make_us_try_is_bounded() {
    let many: Vec<String> = (0..1_000)
        .map(|n| format!("_sip._udp.example.com SRV {n} 0 5060 a.example.com"))
        .chain((0..1_000).map(|n| format!("a.example.com A 10.1.{}.{}", n / 250, n % 250)))
        .collect();
    let zone = Zone::new(&many.join("\n"));
    let found = zone.found("sip:b@example.com");
    assert_eq!(found.len(), crate::limits::SERVERS);
}

fn order(records: &[(u16, u16)], random: &mut dyn FnMut(u32) -> u32) -> Vec<(u16, u16)> {
    let record = |&(priority, weight): &(u16, u16)| Srv {
        priority,
        weight,
        port: 0,
        target: "x".into(),
    };
    let records: Vec<_> = records.iter().map(record).collect();
    let ordered = super::srv::ordered(&records, random);
    ordered.iter().map(|it| (it.priority, it.weight)).collect()
}

#[test]
fn rfc_2782_priority_stands_before_weight_and_none_is_lost() {
    let records = [(20, 5), (10, 0), (10, 60), (10, 40)];
    for draw in [0, 1, 60, 61, 100] {
        let ordered = order(&records, &mut |most| most.min(draw));
        assert_eq!(ordered[3], (20, 5));
        let mut all = ordered.clone();
        all.sort_unstable();
        assert_eq!(all, [(10, 0), (10, 40), (10, 60), (20, 5)]);
    }
}

#[test]
fn rfc_2782_weights_share_the_load() {
    let mut state = 1_u64;
    let mut random = |most: u32| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u32::try_from((state >> 33) % (u64::from(most) + 1)).unwrap()
    };
    let mut first = BTreeMap::new();
    for _ in 0..10_000 {
        let ordered = order(&[(1, 75), (1, 25), (1, 0)], &mut random);
        *first.entry(ordered[0].1).or_insert(0) += 1;
    }
    let share = |weight: u16| first.get(&weight).copied().unwrap_or(0);
    assert!((7_000..8_000).contains(&share(75)), "{first:?}");
    assert!((2_000..3_000).contains(&share(25)), "{first:?}");
    // "a very small chance of being selected"
    assert!((1..400).contains(&share(0)), "{first:?}");
}
