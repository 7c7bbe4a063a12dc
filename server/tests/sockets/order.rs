//! A 180 and a 200 that a phone sends one behind the other arrive in this order (RFC 3261 section 17 leaves it to the
//! transport, and phones take a 180 behind a 200 for a new one), whatever shards they pass on their way.

use std::collections::HashMap;
use std::net::SocketAddr;

use sip::msg::{Message, Method};

use crate::house::House;
use crate::peer::{Draft, TcpPeer, UdpPeer, response};

const CALLS: u32 = 600;
/// INVITEs on their way at once: what the receive buffers of the phones' sockets have room for.
const AT_ONCE: u32 = 40;

fn invite(n: u32, from: SocketAddr) -> Draft {
    Draft {
        method: "INVITE",
        user: "bob".to_owned(),
        call_id: format!("call-{n}-of-{}", from.port()),
        cseq: 1,
        extra: format!("Contact: <sip:alice@{from}>\r\n"),
    }
}

/// Drafts are for the server itself.
fn to_bob(text: String) -> String {
    text.replacen("INVITE sip:", "INVITE sip:bob@", 1)
}

/// What Bob says to an INVITE, at once.
fn answers(invite: &Message) -> [String; 2] {
    let ok = response(invite, "200 OK").replace(
        "Content-Length",
        "Contact: <sip:bob@127.0.0.1>\r\nContent-Length",
    );
    [response(invite, "180 Ringing"), ok]
}

/// The final responses by call; none may be followed by a provisional one, and none comes before the 180.
#[derive(Default)]
struct Heard {
    calls: HashMap<String, Vec<u16>>,
    answered: u32,
}

impl Heard {
    fn hear(&mut self, message: &Message) {
        let Some(status @ 101..) = message.status() else {
            return;
        };
        let call = message.call_id().unwrap().to_owned();
        let heard = self.calls.entry(call).or_default();
        match status {
            180 => assert!(heard.is_empty(), "a 180 comes first, and once: {heard:?}"),
            200 => {
                assert_eq!(heard.first(), Some(&180), "no 200 before its 180");
                self.answered += u32::from(heard.len() == 1);
            }
            other => panic!("{other}"),
        }
        heard.push(status);
    }
}

#[tokio::test]
async fn ringing_comes_before_the_answer_by_datagrams() {
    let house = House::open_with(4, |config| config.limits.requests_per_source = 0);
    let bob = UdpPeer::new(house.udp()).await;
    bob.register("bob").await;
    let alice = UdpPeer::new(house.udp()).await;
    let ring = async {
        loop {
            let request = bob.receive().await;
            if request.method() == Some(&Method::Invite) {
                for answer in answers(&request) {
                    bob.send(answer).await;
                }
            }
        }
    };
    let call = async {
        let (mut heard, mut begun) = (Heard::default(), 0);
        while heard.answered < CALLS {
            while begun < CALLS && begun - heard.answered < AT_ONCE {
                begun += 1;
                let draft = invite(begun, alice.addr());
                alice
                    .send(to_bob(draft.text("UDP", alice.addr(), house.udp())))
                    .await;
            }
            heard.hear(&alice.receive().await);
        }
    };
    tokio::select! { () = ring => {}, () = call => {} }
    house.close().await;
}

#[tokio::test]
async fn ringing_comes_before_the_answer_by_connections() {
    let house = House::open(4);
    let mut bob = TcpPeer::new(house.tcp()).await;
    bob.register("bob").await;
    let mut alice = TcpPeer::new(house.tcp()).await;
    let from = alice.stream().local_addr().unwrap();
    let ring = async {
        loop {
            let request = bob.receive().await;
            if request.method() == Some(&Method::Invite) {
                bob.send(answers(&request).concat()).await;
            }
        }
    };
    let call = async {
        let (mut heard, mut begun) = (Heard::default(), 0);
        while heard.answered < CALLS {
            while begun < CALLS && begun - heard.answered < AT_ONCE {
                begun += 1;
                let text = to_bob(alice.text(&invite(begun, from)));
                alice.send(text).await;
            }
            heard.hear(&alice.receive().await);
        }
    };
    tokio::select! { () = ring => {}, () = call => {} }
    house.close().await;
}
