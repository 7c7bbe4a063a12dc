//! What happened, in the words of the board: phones that come and go, calls and their legs.
//!
//! Registrar and call control speak these words; the live feed, records and metrics hear them. Knows
//! nothing of SIP messages or of browsers.

use std::fmt;
use std::sync::Arc;

use sip::name::{Aor, Transport};
use sip::time::Instant;
use uuid::Uuid;

use crate::binding::Bindings;
use crate::limits::{DEVICE_NAME, cut};

/// Something an operator can see, with the moment it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// The kinds of [`Event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The bindings of one AOR changed.
    Phone(PhoneChange),
    /// A call changed.
    Call(CallRef, CallChange),
}

/// All that is known of one AOR after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneChange {
    /// Whose devices.
    pub aor: Aor,
    /// Grows with every change of this AOR; an event with a smaller one came late and says nothing new.
    pub version: u64,
    /// Why the set is what it is now.
    pub why: PhoneCause,
    /// The bindings that now stand; empty when the AOR is gone.
    pub bindings: Bindings,
}

/// Why the bindings of an AOR changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneCause {
    /// A device registered that was not known.
    Bound,
    /// A known device prolonged its binding, changed it, or is reached by another flow now.
    Refreshed,
    /// A device unregistered.
    Removed,
    /// A binding ran out.
    Expired,
    /// The connection that was the only way to a device closed, or the device takes none where it said it would.
    FlowLost,
}

/// Names one call for people, the API and the records: a UUID version 7 whose shard is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallRef(Uuid);

impl CallRef {
    /// Not above any other.
    pub const LEAST: Self = Self(Uuid::nil());

    /// A new reference owned by `shard`, made of the time and 64 random bits.
    pub fn new(now: Instant, shard: u8, random: u64) -> Self {
        let mut tail = [0_u8; 10];
        tail[..8].copy_from_slice(&random.to_be_bytes());
        tail[9] = shard;
        Self(uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &tail).into_uuid())
    }

    /// The shard that owns the call.
    pub fn shard(self) -> u8 {
        self.0.as_bytes()[15]
    }

    /// The same where there may be fewer shards now than when the call was opened: it belongs to the one of that number,
    /// modulo theirs, as its Call-IDs do ([`sip::name::Owners`]).
    pub fn shard_among(self, shards: u8) -> u8 {
        self.shard() % shards.max(1)
    }

    /// Its 16 octets, by which it is kept; in their order calls were opened.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The one of these octets.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Reads what [`fmt::Display`] wrote; `None` for anything that is no UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which leg of a call: A is invited first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first party.
    A,
    /// The second party.
    B,
}

impl Side {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What changed in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallChange {
    /// The call exists. State [`CallState::CallingA`], both legs [`LegState::Planned`]; one that a phone placed begins at
    /// [`CallState::CallingB`] with leg A [`LegState::Answered`]: it is off the hook.
    Opened {
        /// The row: who clicked.
        from: Aor,
        /// The column: whom they want.
        to: Aor,
        /// Which of the two is leg A (normally `from`).
        first: Side,
        /// Who asked for it: see [`crate::command::PlaceCall::by`].
        by: Box<str>,
        /// From where.
        placed: Placed,
    },
    /// One leg moved.
    Leg(Side, LegState),
    /// Which device of the party speaks on a leg: the one that answered. Told when that is known.
    Device(Side, Arc<Device>),
    /// The call as a whole moved. [`CallState::Done`] is final.
    State(CallState),
}

/// The device of a party that has answered. Texts come from the wire: escape them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The User-Agent of its registration, if it sent one.
    pub user_agent: Option<Box<str>>,
    /// The Contact URI by which it was invited.
    pub contact: Box<str>,
    /// By what it is reached.
    pub transport: Transport,
    /// The Call-ID of its dialog with us.
    pub call_id: Box<str>,
}

impl Device {
    /// As people call it: the first words of its User-Agent, without what stands in brackets; else its Contact.
    pub fn short_name(&self) -> &str {
        let product = self.user_agent.as_deref().and_then(|text| {
            let product = text.split(['(', ';']).next().unwrap_or_default().trim();
            (!product.is_empty()).then_some(product)
        });
        cut(product.unwrap_or(&self.contact), DEVICE_NAME)
    }
}

/// From where a call was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// From the board: call control rings both phones.
    Board,
    /// On the phone of leg A: its owner dialled.
    Phone,
}

/// Where a leg stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Not invited yet.
    Planned,
    /// INVITE sent, nothing but 100 heard.
    Inviting,
    /// 180 or another 1xx without media.
    Ringing,
    /// A 1xx with SDP.
    EarlyMedia,
    /// 200 heard, our ACK is due.
    Answered,
    /// 200 and ACK: the dialog stands.
    Confirmed,
    /// CANCEL or BYE is on its way.
    Ending,
    /// Gone. Final.
    Ended(LegEnd),
}

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegEnd {
    /// Who or what ended it.
    pub by: EndedBy,
    /// The SIP status, where one says it.
    pub code: Option<u16>,
    /// The reason phrase or Reason text that came with it. From the wire: escape it.
    pub reason: Option<Box<str>>,
}

/// Who or what ended a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The phone of side A.
    A,
    /// The phone of side B.
    B,
    /// An operator, by page or API.
    Operator,
    /// A rule of ours.
    Policy,
    /// A named time limit.
    Timer,
    /// The network or a silent peer.
    Network,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// A is being invited.
    CallingA,
    /// A answered and waits; B's INVITE is about to leave.
    AWaiting,
    /// B is being invited.
    CallingB,
    /// B answered; ACKs and SDP are on their way.
    Connecting,
    /// Both dialogs are confirmed.
    Talking,
    /// Somebody ended it; the legs are being released.
    Releasing,
    /// Both dialogs are gone, or declared lost. Final.
    Done(Outcome),
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They talked.
    Answered,
    /// A party refused.
    Declined,
    /// A party was busy.
    Busy,
    /// A party did not answer in time.
    NoAnswer,
    /// An operator, or the first party, gave up before it was connected.
    Cancelled,
    /// A party could not be reached.
    Unreachable,
    /// The phones have no media in common.
    MediaMismatch,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// The word for a final response of 300 to 699 (RFC 3261 sections 21.3 to 21.6 and what came after).
    pub const fn of_status(status: u16) -> Self {
        match status {
            // The phone passes its calls on. Where to is kept in the text; whether to follow is a person's choice.
            300..=399 => Self::Declined,
            // A person, or a rule that a person made, said no: forbidden, anonymous callers (RFC 5079), declined,
            // unwanted (RFC 8197), rejected (RFC 8688).
            403 | 433 | 603 | 607 | 608 => Self::Declined,
            // Here or everywhere.
            486 | 600 => Self::Busy,
            // Nobody picked up: the phone's own limit, "try later", or an INVITE that ran out (section 13.3.1).
            408 | 480 | 487 => Self::NoAnswer,
            // Nobody there by that name: here, any more, anywhere; or the way to the phone is broken (RFC 5626).
            404 | 410 | 430 | 604 => Self::Unreachable,
            // The offer, or its absence, does not suit the phone.
            415 | 488 | 606 => Self::MediaMismatch,
            // 401 and 407 among them: nobody here has a password to give a phone.
            _ => Self::Failed,
        }
    }
}
