//! From the bindings before a REGISTER to those after it (RFC 3261 section 10.3 steps 6 and 7). Pure.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use sip::msg::{Fault, Message, Name, NameAddr, response_flow};
use sip::name::{Flow, UriRef};
use sip::time::Instant;

use super::refusal::Refusal;
use super::wishes::{Wish, Wishes};
use crate::binding::{Binding, BindingTexts, Reach};
use crate::event::PhoneCause;
use crate::limits;
use crate::location::Revision;

/// What a request says of all its bindings alike.
#[derive(Debug)]
pub(super) struct Registration<'a> {
    now: Instant,
    flow: Flow,
    call_id: &'a str,
    cseq: u32,
    display_name: Cow<'a, str>,
    user_agent: Cow<'a, str>,
    path: String,
}

impl<'a> Registration<'a> {
    pub(super) fn read(now: Instant, request: &'a Message, flow: &Flow) -> Result<Self, Refusal> {
        let call_id = request.call_id().map_err(Refusal::Malformed)?;
        if call_id.len() > limits::CALL_ID {
            return Err(Refusal::TooLong("Call-ID"));
        }
        let (cseq, _) = request.cseq().map_err(Refusal::Malformed)?;
        let display_name = request
            .to()
            .ok()
            .and_then(|to| to.display())
            .unwrap_or_default();
        let user_agent = request.user_agent().unwrap_or_default();
        Ok(Self {
            now,
            // Where the response goes, requests go too: back to the source where the phone asked for it by
            // `rport` or holds a connection, else to the port on which its Via says it listens.
            flow: response_flow(request, flow),
            call_id,
            cseq,
            display_name: cut(display_name, limits::DISPLAY_NAME),
            user_agent: cut(user_agent, limits::USER_AGENT),
            path: path(request)?,
        })
    }

    /// What `wish` asks for, in the place of `old`.
    fn binding(&self, wish: &Wish<'_>, old: Option<&Arc<Binding>>) -> Binding {
        let texts = BindingTexts {
            contact: wish.uri.as_str(),
            display_name: &self.display_name,
            user_agent: &self.user_agent,
            call_id: self.call_id,
            instance: wish.instance,
            path: &self.path,
        };
        let expires = self.now + Duration::from_secs(u64::from(wish.expires));
        let (flow, cseq, reg_id, q) = (self.flow, self.cseq, wish.reg_id, wish.q);
        match old {
            Some(old) => old.renewed(flow, expires, cseq, reg_id, q, texts),
            None => Binding::new(flow, expires, cseq, reg_id, q, texts),
        }
    }

    /// Whether this request came after the one that wrote `binding`, as far as one can tell.
    fn is_newer_than(&self, binding: &Binding) -> bool {
        binding.call_id() != self.call_id || self.cseq > binding.cseq
    }

    /// Whether what `wish` asks for is what this very request has brought about before.
    fn has_granted(&self, wish: &Wish<'_>, before: &[Arc<Binding>]) -> bool {
        let mut same = before
            .iter()
            .filter(|binding| is_same_device(binding, wish));
        match wish.expires {
            0 => same.next().is_none(),
            _ => same.any(|binding| {
                binding.call_id() == self.call_id
                    && binding.cseq == self.cseq
                    && binding.contact() == wish.uri.as_str()
                    && binding.q == wish.q
            }),
        }
    }
}

/// What is to stand after the request, or why nothing changes.
pub(super) fn revise(
    before: &[Arc<Binding>],
    wishes: &Wishes<'_>,
    by: &Registration<'_>,
    limit: usize,
) -> Result<Revision, Refusal> {
    match wishes {
        Wishes::Query => Ok(Revision::Keep),
        Wishes::RemoveAll if before.is_empty() => Ok(Revision::Keep),
        Wishes::RemoveAll if before.iter().all(|binding| by.is_newer_than(binding)) => {
            Ok(Revision::Replace(Vec::new(), PhoneCause::Removed))
        }
        Wishes::RemoveAll => Err(Refusal::OutOfOrder),
        Wishes::Each(wishes) => each(before, wishes, by, limit),
    }
}

fn each(
    before: &[Arc<Binding>],
    wishes: &[Wish<'_>],
    by: &Registration<'_>,
    limit: usize,
) -> Result<Revision, Refusal> {
    // The request came again after its transaction had ended. To refuse it as out of order would tell the phone
    // that it is not registered.
    if wishes.iter().all(|wish| by.has_granted(wish, before)) {
        return Ok(Revision::Keep);
    }
    let mut after = before.to_vec();
    let (mut bound, mut removed) = (false, false);
    for wish in wishes {
        let mut known = before
            .iter()
            .filter(|old| is_same_device(old, wish))
            .peekable();
        let old = known.peek().copied();
        if !known.all(|old| by.is_newer_than(old)) {
            return Err(Refusal::OutOfOrder);
        }
        // Of two Contacts of one request that name the same device the later one counts.
        after.retain(|binding| !is_same_device(binding, wish));
        if wish.expires > 0 {
            let mut new = by.binding(wish, old);
            // What is known of a phone stays known while it stays where it is. That it registers shows that it is not silent.
            let answers = before
                .iter()
                .filter(|old| is_same_device(old, wish) && old.flow == new.flow)
                .map(|old| old.reach)
                .find(|reach| matches!(reach, Reach::Answers(_)));
            new.reach = answers.unwrap_or(new.reach);
            after.insert(0, Arc::new(new));
            bound |= old.is_none();
        } else {
            removed |= old.is_some();
        }
    }
    if after.len() > limit {
        return Err(Refusal::TooManyContacts { limit });
    }
    let is_old = |(new, old): (&Arc<Binding>, &Arc<Binding>)| Arc::ptr_eq(new, old);
    if after.len() == before.len() && after.iter().zip(before).all(is_old) {
        return Ok(Revision::Keep);
    }
    let why = match (bound, removed) {
        (true, _) => PhoneCause::Bound,
        (false, true) => PhoneCause::Removed,
        (false, false) => PhoneCause::Refreshed,
    };
    Ok(Revision::Replace(after, why))
}

/// Whether a Contact means the device of a binding: by instance and `reg-id` where both name one, so that a phone
/// that moved replaces itself (RFC 5626 section 6), else by equal URIs (RFC 3261 section 19.1.4).
fn is_same_device(binding: &Binding, wish: &Wish<'_>) -> bool {
    match binding.instance() {
        Some(instance) if !wish.instance.is_empty() => {
            instance == wish.instance && binding.reg_id == wish.reg_id
        }
        Some(_) | None => {
            binding.contact() == wish.uri.as_str()
                || UriRef::parse(binding.contact()).is_ok_and(|uri| uri.equivalent(&wish.uri))
        }
    }
}

/// The Path values as they are, in one line (RFC 3327 section 5.3).
fn path(request: &Message) -> Result<String, Refusal> {
    let mut path = String::new();
    for value in request.values(Name::Path) {
        NameAddr::parse(value)
            .and_then(|address| address.uri().map(|_| ()))
            .map_err(Refusal::Malformed)?;
        let is_plain = |text: &&str| !text.bytes().any(|byte| byte.is_ascii_control());
        let text = std::str::from_utf8(value)
            .ok()
            .filter(is_plain)
            .ok_or(BAD_PATH)?;
        if path.len() + text.len() > limits::PATH {
            return Err(Refusal::TooLong("Path"));
        }
        path.push_str(if path.is_empty() { "" } else { ", " });
        path.push_str(text);
    }
    Ok(path)
}

const BAD_PATH: Refusal = Refusal::Malformed(Fault::bad_request("Malformed Path"));

/// At most `limit` bytes of a text that is only shown.
fn cut(text: Cow<'_, str>, limit: usize) -> Cow<'_, str> {
    let end = text.floor_char_boundary(limit);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}
