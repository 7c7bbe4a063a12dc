//! How many requests one source may send by datagrams, so that a flood of one does not take what all others need.
//!
//! What is over is dropped and not answered: a datagram's source may be forged, and a phone sends again by itself. What
//! ends work rather than begins it (ACK, BYE, all that is within a dialog) has a second's worth more, so it gets
//! through where new calls do not. Pure; each shard counts for itself.

use std::collections::HashMap;
use std::mem;
use std::net::IpAddr;
use std::time::Duration;

use sip::msg::{Message, Method};
use sip::time::Instant;

use crate::limits;
use crate::transport::stream::source;

/// Counts requests by source.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Between two requests at the full rate; `None` where there is no limit.
    spacing: Option<Duration>,
    /// When each source will have made up for what it has sent (the "theoretical arrival time" of ITU-T I.371).
    recent: HashMap<IpAddr, Instant>,
    /// Those seen before `recent` was full. Both are bounded, however many sources are forged.
    before: HashMap<IpAddr, Instant>,
}

impl Allowance {
    /// So many requests in a second; 0 means any number.
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            spacing: (per_second > 0).then(|| Duration::from_secs(1) / per_second),
            recent: HashMap::new(),
            before: HashMap::new(),
        }
    }

    /// Whether `peer` may send one more now. What it begins is asked only where that counts.
    pub(super) fn admits(
        &mut self,
        now: Instant,
        peer: IpAddr,
        begins: impl FnOnce() -> Begins,
    ) -> bool {
        let Some(spacing) = self.spacing else {
            return true;
        };
        let source = source(peer);
        let known = self
            .recent
            .get(&source)
            .or_else(|| self.before.get(&source));
        let even = known.copied().unwrap_or(now).max(now);
        let most = now + limits::REQUEST_BURST;
        if even > most {
            match begins() {
                Begins::Nothing if even <= most + limits::REQUEST_RESERVE => {}
                Begins::Nothing | Begins::New => return false,
            }
        }
        if self.recent.len() >= limits::SOURCES {
            self.before = mem::take(&mut self.recent);
        }
        self.recent.insert(source, even + spacing);
        true
    }
}

/// What a request begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// New work.
    New,
    /// Nothing: it goes on with what stands, or ends it.
    Nothing,
}

impl Begins {
    pub(super) fn of(message: &Message) -> Self {
        let of_dialog = || message.to().is_ok_and(|to| to.tag().is_some());
        match message.method() {
            None | Some(Method::Ack | Method::Bye | Method::Cancel | Method::Prack) => {
                Self::Nothing
            }
            Some(_) if of_dialog() => Self::Nothing,
            Some(_) => Self::New,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sip::msg::lex;

    use super::*;

    const START: Instant = Instant::from_unix_micros(1_000_000_000);

    fn peer(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    /// How many of `n` at once are let through.
    fn through(allowance: &mut Allowance, now: Instant, from: u32, begins: Begins, n: u32) -> u32 {
        let admitted = (0..n).filter(|_| allowance.admits(now, peer(from), || begins));
        u32::try_from(admitted.count()).unwrap()
    }

    #[test]
    fn a_source_has_its_rate_a_burst_and_a_reserve_for_what_ends_calls() {
        let mut allowance = Allowance::new(10);
        let burst = u32::try_from(limits::REQUEST_BURST.as_secs()).unwrap() * 10 + 1;
        let reserve = u32::try_from(limits::REQUEST_RESERVE.as_secs()).unwrap() * 10;
        assert_eq!(through(&mut allowance, START, 1, Begins::New, 1_000), burst);
        assert_eq!(through(&mut allowance, START, 1, Begins::New, 1), 0);
        assert_eq!(
            through(&mut allowance, START, 1, Begins::Nothing, 1_000),
            reserve
        );
        assert_eq!(
            through(&mut allowance, START, 2, Begins::New, 1_000),
            burst,
            "another source is another matter"
        );
        let later = START + limits::REQUEST_RESERVE + Duration::from_secs(1);
        assert_eq!(through(&mut allowance, later, 1, Begins::New, 1_000), 10);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let mut allowance = Allowance::new(0);
        assert_eq!(
            through(&mut allowance, START, 1, Begins::New, 100_000),
            100_000
        );
    }

    #[test]
    fn forged_sources_take_no_memory_without_bound() {
        let mut allowance = Allowance::new(10);
        for n in 0..3 * u32::try_from(limits::SOURCES).unwrap() {
            allowance.admits(START, peer(n), || Begins::New);
        }
        assert!(allowance.recent.len() <= limits::SOURCES);
        assert!(allowance.before.len() <= limits::SOURCES);
    }

    #[test]
    fn a_sweep_is_new_work_whatever_its_method_and_whomever_it_is_for() {
        let mut allowance = Allowance::new(10);
        let mut sweep = |method: &str, user: u32| {
            let text = format!(
                "{method} sip:{user}@x SIP/2.0\r\nTo: <sip:{user}@x>\r\nCall-ID: {user}\r\nCSeq: 1 {method}\r\n\r\n"
            );
            let message = lex(Bytes::from(text)).unwrap();
            allowance.admits(START, peer(1), || Begins::of(&message))
        };
        let methods = ["OPTIONS", "INVITE", "REGISTER", "SUBSCRIBE", "HACK"];
        let all = methods.iter().cycle().zip(0..1_000);
        let admitted = all.filter(|(method, user)| sweep(method, *user)).count();
        let burst = 10 * limits::REQUEST_BURST.as_secs() + 1;
        assert_eq!(u64::try_from(admitted), Ok(burst));
    }
}
