//! What the owner of a phone does, and how the phone is made. Knows no protocol.

use std::time::Duration;

/// Something the owner does, or the phone by itself, in the current call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// 180.
    Ring,
    /// 183 with a session description: the phone plays something before it is answered.
    PlayEarlyMedia,
    /// 200 with a session description: an offer if the INVITE had none, else the answer.
    Answer,
    /// A final response of 400 to 699.
    Decline(u16),
    /// A final response of 300 to 399 that points to these URIs.
    Redirect(u16, Vec<String>),
    /// Hangs up by the rules: before the answer 480, after it BYE, but not before the ACK came (RFC 3261 section 15).
    HangUp,
    /// BYE at once, even before the ACK, and not another word about the call.
    Bye,
    /// re-INVITE with `a=sendonly`.
    Hold,
    /// re-INVITE with `a=sendrecv`.
    Resume,
    /// UPDATE with a session description.
    Update,
    /// INFO with this body as `application/dtmf-relay`.
    Info(String),
    /// OPTIONS in the dialog.
    Options,
    /// REFER to this URI: the owner transfers the call.
    Refer(String),
}

/// What happens from each INVITE on, by itself. The default rings after 100 ms, and nobody answers.
#[derive(Clone, Debug)]
pub struct Script {
    /// From the INVITE on.
    pub(super) at_invite: Vec<(Duration, Deed)>,
    /// From the phone's 200 on.
    pub(super) at_answer: Vec<(Duration, Deed)>,
    /// From the ACK on.
    pub(super) at_connect: Vec<(Duration, Deed)>,
    pub(super) quirks: Quirks,
}

/// In what the phone differs from a well-made one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quirks {
    pub(super) is_deaf: bool,
    pub(super) ignores_bye: bool,
    pub(super) refuses_offerless: bool,
    pub(super) answers_into_cancel: bool,
    pub(super) refuses_changes: bool,
    pub(super) takes_second_call: bool,
    pub(super) answers_without_sdp: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self::new().at_invite(Duration::from_millis(100), Deed::Ring)
    }
}

impl Script {
    /// A phone that does nothing but what the protocol demands (100).
    pub const fn new() -> Self {
        Self {
            at_invite: Vec::new(),
            at_answer: Vec::new(),
            at_connect: Vec::new(),
            quirks: Quirks {
                is_deaf: false,
                ignores_bye: false,
                refuses_offerless: false,
                answers_into_cancel: false,
                refuses_changes: false,
                takes_second_call: false,
                answers_without_sdp: false,
            },
        }
    }

    /// Rings after 100 ms and is answered `after` the INVITE.
    pub fn answering(after: Duration) -> Self {
        Self::default().at_invite(after, Deed::Answer)
    }

    /// Rings after 100 ms and is declined with `status`, `after` the INVITE.
    pub fn declining(after: Duration, status: u16) -> Self {
        Self::default().at_invite(after, Deed::Decline(status))
    }

    /// Answers 302 at once, with this URI as Contact.
    pub fn redirecting(to: &str) -> Self {
        Self::new().at_invite(Duration::ZERO, Deed::Redirect(302, vec![to.to_owned()]))
    }

    /// Says nothing at all to an INVITE, not even 100: the phone is off, its binding still stands.
    pub fn deaf() -> Self {
        Self::new().with(|quirks| quirks.is_deaf = true)
    }

    /// Adds a deed this long after each INVITE.
    #[must_use]
    pub fn at_invite(mut self, after: Duration, deed: Deed) -> Self {
        self.at_invite.push((after, deed));
        self
    }

    /// Adds a deed this long after each answer (200).
    #[must_use]
    pub fn at_answer(mut self, after: Duration, deed: Deed) -> Self {
        self.at_answer.push((after, deed));
        self
    }

    /// Adds a deed this long after each ACK.
    #[must_use]
    pub fn at_connect(mut self, after: Duration, deed: Deed) -> Self {
        self.at_connect.push((after, deed));
        self
    }

    /// Never answers a BYE.
    #[must_use]
    pub fn ignoring_bye(self) -> Self {
        self.with(|quirks| quirks.ignores_bye = true)
    }

    /// Answers an INVITE without session description by 488, as some phones of the web do.
    #[must_use]
    pub fn refusing_offerless(self) -> Self {
        self.with(|quirks| quirks.refuses_offerless = true)
    }

    /// Answers 200 in the moment in which it is cancelled: the two cross.
    #[must_use]
    pub fn answering_into_cancel(self) -> Self {
        self.with(|quirks| quirks.answers_into_cancel = true)
    }

    /// Answers a re-INVITE or UPDATE by 488.
    #[must_use]
    pub fn refusing_changes(self) -> Self {
        self.with(|quirks| quirks.refuses_changes = true)
    }

    /// Rings for a second call too, where others are busy (486).
    #[must_use]
    pub fn with_call_waiting(self) -> Self {
        self.with(|quirks| quirks.takes_second_call = true)
    }

    /// Answers without any session description.
    #[must_use]
    pub fn answering_without_sdp(self) -> Self {
        self.with(|quirks| quirks.answers_without_sdp = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Quirks)) -> Self {
        change(&mut self.quirks);
        self
    }
}
