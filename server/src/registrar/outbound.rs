//! Which registrations are flows of RFC 5626 (section 6). Knows no bindings.

use std::time::Duration;

use sip::msg::{Contact, Message, Name, NameAddr};
use sip::name::{Flow, Transport};

use super::refusal::Refusal;
use super::wishes::Wish;
use crate::limits;

/// The option tag.
pub(super) const TAG: &str = "outbound";

/// Judges the `reg-id` of each wish, and takes away those that count for nothing.
pub(super) fn judge(request: &Message, wishes: &mut [Wish<'_>]) -> Result<(), Refusal> {
    for wish in wishes.iter_mut() {
        // It tells the flows of one instance apart; without an instance it tells nothing.
        if wish.instance.is_empty() {
            wish.reg_id = None;
        }
    }
    let mut flows = wishes.iter().filter(|wish| wish.reg_id.is_some());
    if flows.next().is_none() {
        return Ok(());
    }
    if !first_hop_has_it(request) {
        if request.lists(Name::Supported, TAG) {
            return Err(Refusal::FirstHopLacksOutbound);
        }
        wishes.iter_mut().for_each(|wish| wish.reg_id = None);
        return Ok(());
    }
    // A request comes by one flow.
    let standing = wishes.iter().filter(|wish| wish.expires > 0).count();
    let has_flow = wishes
        .iter()
        .any(|wish| wish.expires > 0 && wish.reg_id.is_some());
    if has_flow && standing > 1 {
        return Err(Refusal::ManyContactsOneFlow);
    }
    Ok(())
}

/// Whether a REGISTER that is accepted is one of RFC 5626, and its phone is to be told so.
pub(super) fn is_promised(request: &Message) -> bool {
    request.lists(Name::Supported, TAG)
        && request.contacts().any(|contact| match contact {
            Ok(Contact::Address(address)) => {
                address.param("reg-id").is_some() && address.param("+sip.instance").is_some()
            }
            Ok(Contact::Star) | Err(_) => false,
        })
}

/// How often the phone has to show that its flow lives; `None` where nobody asks it to. Only the first hop may ask
/// (section 5.4), and on a WebSocket we ask by ourselves (RFC 7118 section 6).
pub(super) fn flow_timer(request: &Message, flow: &Flow, longest: Duration) -> Option<Duration> {
    let timer = match flow.transport {
        Transport::Udp => longest.min(limits::FLOW_TIMER_DATAGRAM),
        Transport::Tcp | Transport::Tls => longest,
        Transport::Ws | Transport::Wss => Duration::ZERO,
    };
    let is_first_hop = request.values(Name::Via).count() <= 1;
    (!timer.is_zero() && is_first_hop && is_promised(request)).then_some(timer)
}

/// Whether the phone's flow ends at us, or at a proxy that says it keeps flows: the one that wrote its Path first, which
/// stands last, with `ob` in its URI.
fn first_hop_has_it(request: &Message) -> bool {
    if request.values(Name::Via).count() <= 1 {
        return true;
    }
    let first_hop = request.values(Name::Path).last();
    first_hop
        .and_then(|value| NameAddr::parse(value).ok())
        .is_some_and(|path| path.uri().is_ok_and(|uri| uri.param("ob").is_some()))
}
