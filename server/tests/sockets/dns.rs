//! Other domains found by a name server on loopback (RFC 3263): real questions and answers, real sockets.

#![expect(
    clippy::disallowed_methods,
    reason = "the name server is a task of the test"
)]

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, NAPTR, SOA, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use server::config::{Dns, Domains};
use tokio::net::UdpSocket;

use crate::house::House;
use crate::peer::{Draft, UdpPeer, response};

/// How long its answers may be kept.
const TTL: u32 = 300;

/// A name server for some records.
struct NameServer {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

type Zone = HashMap<(Name, RecordType), Vec<RData>>;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

impl NameServer {
    async fn open(records: Vec<(&str, RData)>) -> Self {
        let mut zone = Zone::new();
        for (owner, data) in records {
            let key = (name(owner), data.record_type());
            zone.entry(key).or_default().push(data);
        }
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = [0; 1_500];
            // Ends with the test.
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answer(&zone, &buffer[..length]);
                let _ = socket.send_to(&answer, from).await;
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(zone: &Zone, bytes: &[u8]) -> Vec<u8> {
    let question = Message::from_vec(bytes).unwrap();
    let query = question.queries[0].clone();
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_available = true;
    let owner = query.name().to_lowercase();
    let found = zone.get(&(owner.clone(), query.query_type()));
    for data in found.into_iter().flatten() {
        answer.add_answer(Record::from_rdata(owner.clone(), TTL, data.clone()));
    }
    if found.is_none() {
        if zone.keys().all(|(known, _)| *known != owner) {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        // RFC 2308 section 5: for how long there is nothing.
        let ttl = i32::try_from(TTL).unwrap();
        let soa = SOA::new(name("ns.test."), name("admin.test."), 1, ttl, ttl, ttl, TTL);
        let record = Record::from_rdata(name("test."), TTL, RData::SOA(soa));
        answer.authorities.push(record);
    }
    answer.add_query(query);
    answer.to_vec().unwrap()
}

fn srv(priority: u16, port: u16) -> RData {
    RData::SRV(SRV::new(priority, 0, port, name("server.elsewhere.test.")))
}

fn naptr(service: &[u8], replacement: &str) -> RData {
    RData::NAPTR(NAPTR::new(
        1,
        1,
        Box::from(*b"s"),
        service.into(),
        Box::default(),
        name(replacement),
    ))
}

fn house(server: SocketAddr) -> House {
    House::open_with(2, |config| {
        config.sip.domains = vec!["127.0.0.1".to_owned()];
        config.sip.dns = Dns::Servers(vec![server]);
        let domains = ["elsewhere.test", "nowhere.test"].map(str::to_owned);
        config.proxy.domains = Domains(domains.into());
    })
}

/// A MESSAGE of Alice's to somebody in another domain.
fn message(domain: &str, n: u32) -> Draft {
    Draft {
        method: "MESSAGE",
        user: "alice".to_owned(),
        call_id: format!("to-{domain}-{n}"),
        cseq: 1,
        extra: String::new(),
    }
}

async fn send(alice: &UdpPeer, house: &House, domain: &str, n: u32) {
    let text = message(domain, n).text("UDP", alice.addr(), house.udp());
    let (first, rest) = text.split_once("\r\n").unwrap();
    let own = format!("sip:{}", house.udp());
    let first = first.replace(&own, &format!("sip:bob@{domain}"));
    alice.send(format!("{first}\r\n{rest}")).await;
}

#[tokio::test]
async fn a_domain_is_found_by_naptr_srv_and_address_and_the_next_server_takes_what_the_first_cannot()
 {
    // Nobody listens there any more.
    let dead = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let dead_port = dead.local_addr().unwrap().port();
    drop(dead);
    let probe = House::open(1);
    let bob = UdpPeer::new(probe.udp()).await;
    let dns = NameServer::open(vec![
        (
            "elsewhere.test.",
            naptr(b"SIP+D2U", "_sip._udp.elsewhere.test."),
        ),
        ("_sip._udp.elsewhere.test.", srv(20, bob.addr().port())),
        ("_sip._udp.elsewhere.test.", srv(10, dead_port)),
        ("server.elsewhere.test.", RData::A(A(Ipv4Addr::LOCALHOST))),
    ])
    .await;
    let house = house(dns.address);
    let alice = UdpPeer::new(house.udp()).await;
    alice.register("alice").await;

    send(&alice, &house, "elsewhere.test", 1).await;
    let copy = bob.receive_from(house.udp()).await;
    assert_eq!(copy.request_uri(), Some("sip:bob@elsewhere.test"));
    bob.send_to(response(&copy, "200 OK"), house.udp()).await;
    assert_eq!(alice.receive().await.status(), Some(200));
    let asked = dns.asked();
    assert_eq!(asked, 3);

    // What is known is not asked again, whichever shard has the request; each keeps its own.
    for n in 2..10 {
        send(&alice, &house, "elsewhere.test", n).await;
        let copy = bob.receive_from(house.udp()).await;
        bob.send_to(response(&copy, "200 OK"), house.udp()).await;
        assert_eq!(alice.receive().await.status(), Some(200));
    }
    assert!(dns.asked() <= 2 * asked, "asked {} times", dns.asked());
    house.close().await;
    probe.close().await;
}

#[tokio::test]
async fn a_domain_that_is_not_there_is_404_and_that_is_remembered_too() {
    let dns = NameServer::open(Vec::new()).await;
    let house = house(dns.address);
    let alice = UdpPeer::new(house.udp()).await;
    alice.register("alice").await;
    for n in 0..8 {
        send(&alice, &house, "nowhere.test", n).await;
        assert_eq!(alice.receive().await.status(), Some(404));
    }
    // NAPTR, SRV for UDP and TCP, A; on two shards.
    assert!(
        (4..=8).contains(&dns.asked()),
        "asked {} times",
        dns.asked()
    );
    house.close().await;
}
