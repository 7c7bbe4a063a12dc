//! One branch of a response context: a copy of the request, and what has become of it (RFC 3261 section 16.6).
//! Knows nothing of the other branches.

use std::borrow::Cow;
use std::sync::Arc;

use sip::name::{Flow, Transport, UriRef};
use sip::time::Instant;

use crate::binding::Binding;

/// A copy of the request on its way.
#[derive(Debug)]
pub(super) struct Branch {
    /// Of our Via.
    pub(super) name: sip::name::Branch,
    pub(super) way: Way,
    pub(super) state: State,
    /// When it has rung too long (timer C); only of INVITE.
    pub(super) timer_c: Option<Instant>,
    /// Its part of the breadth of the request (RFC 5393 section 5.3.3).
    pub(super) breadth: u32,
    /// Whether it went by a stream because of its size, though the phone registered by datagram.
    pub(super) by_stream: bool,
    /// Whether it is cancelled because others are to ring now: that it ends is no answer.
    pub(super) given_up: bool,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing was heard.
    Calling,
    /// Nothing was heard, and it is to be cancelled as soon as something is (RFC 3261 section 9.1); the Reason.
    Doomed(Option<Cow<'static, str>>),
    /// A 1xx was heard.
    Proceeding,
    /// CANCEL sent; the final response is due.
    Cancelled,
    /// A final response was heard, or none will be.
    Done,
}

/// Where a copy goes.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// The phone, where it is found by its registration.
    pub(super) binding: Option<Arc<Binding>>,
    /// How it is reached.
    pub(super) flow: Flow,
}

impl Branch {
    /// Whether a final response is still due.
    pub(super) fn is_active(&self) -> bool {
        self.state != State::Done
    }

    /// Ends it before it is answered. `true` when the CANCEL may go out now.
    pub(super) fn cancel(&mut self, reason: Option<&Cow<'static, str>>) -> bool {
        self.timer_c = None;
        match self.state {
            State::Calling => {
                self.state = State::Doomed(reason.cloned());
                false
            }
            State::Proceeding => {
                self.state = State::Cancelled;
                true
            }
            State::Doomed(_) | State::Cancelled | State::Done => false,
        }
    }
}

impl Way {
    /// To a phone, by the flow it registered on.
    pub(super) fn to(binding: &Arc<Binding>) -> Self {
        Self {
            binding: Some(Arc::clone(binding)),
            flow: binding.flow,
        }
    }

    /// The Request-URI that it wants (section 16.6 step 2).
    pub(super) fn uri(&self) -> Option<&str> {
        self.binding.as_ref().map(|binding| binding.request_uri())
    }

    /// The Request-URI with which a phone is asked: its Contact, as `sips:` where TLS is asked for on the whole way, else as
    /// `sip:` (RFC 5630 section 5.3).
    pub(super) fn request_uri(&self, is_secure: bool) -> Option<Cow<'_, str>> {
        let uri = self.uri()?;
        let (said, rest) = uri.split_once(':')?;
        let scheme = if is_secure { "sips" } else { "sip" };
        Some(if said.eq_ignore_ascii_case(scheme) {
            uri.into()
        } else {
            format!("{scheme}:{rest}").into()
        })
    }

    /// The Route that it wants (RFC 3327 section 5.1).
    pub(super) fn path(&self) -> Option<&str> {
        self.binding.as_ref().and_then(|binding| binding.path())
    }

    /// The same over a stream, for what is too large for a datagram (section 18.1.1): only where the phone says that it
    /// listens at the very address it registered from, and does not insist on UDP. Behind a NAT, or on a phone that
    /// listens on UDP only, the attempt would keep the call waiting for nothing.
    pub(super) fn by_stream(&self) -> Option<Flow> {
        let uri = UriRef::parse(self.uri()?).ok()?;
        let is_direct = uri.param("transport").is_none()
            && self.path().is_none()
            && uri.socket_addr() == Some(self.flow.peer);
        let is_udp = self.flow.transport == Transport::Udp;
        (is_udp && is_direct).then_some(Flow {
            transport: Transport::Tcp,
            ..self.flow
        })
    }
}
