//! The live feed: a snapshot, then numbered deltas.
//!
//! A server start is an [`Epoch`]; in it each change of the board has one [`Seq`], without gaps. A browser says what
//! it has ([`ClientHello`]) and is sent what it lacks, or a new snapshot. Field names on the wire are short because
//! every change goes to every open page. Knows nothing of sockets.

use serde::{Deserialize, Serialize};

use super::{
    Aor, CallRef, CallState, CallView, LegState, Party, Phone, PhoneCause, Placed, Side, Sorted,
    Transport, UnixMillis,
};

/// Number of a change of the board, from 1; 0 is the empty board of a server that has just started.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Seq(pub u64);

impl Seq {
    /// The number after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Names one start of the server: numbers of different epochs have nothing to do with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// All that the board shows, at one number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The server start it belongs to.
    pub epoch: Epoch,
    /// The last change it contains.
    pub seq: Seq,
    /// The server's clock when it was taken.
    pub now: UnixMillis,
    /// What the server says of itself.
    pub server: ServerInfo,
    /// Every registered phone, in the order of AORs.
    pub phones: Sorted<Phone>,
    /// Calls that live, and finished ones that are still to be seen; in the order of references.
    pub calls: Sorted<CallView>,
}

/// What an operator must know of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// Its version.
    pub version: String,
    /// Whether any password is accepted (from loopback and private networks).
    pub open_lab: bool,
    /// Where phones register: what to type into them, the most useful address first.
    pub sip: Vec<SipAddress>,
    /// The address of the page, for people on other machines; such as `http://192.168.1.2:8080`.
    pub http: String,
}

/// One address to type into a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SipAddress {
    /// The transport.
    pub transport: Transport,
    /// A name or an IP address (IPv6 in brackets), never a wildcard.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// One numbered change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Its number.
    #[serde(rename = "q")]
    pub seq: Seq,
    /// When it happened.
    #[serde(rename = "t")]
    pub at: UnixMillis,
    /// What changed.
    #[serde(rename = "c")]
    pub change: Change,
}

/// What a [`Delta`] changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A phone is new or has other devices than before.
    #[serde(rename = "phone")]
    Phone {
        /// All of it.
        #[serde(rename = "p")]
        phone: Phone,
        /// Why.
        #[serde(rename = "w")]
        why: PhoneCause,
    },
    /// The last device of a phone is gone.
    #[serde(rename = "gone")]
    PhoneGone {
        /// Whose.
        #[serde(rename = "u")]
        aor: Aor,
        /// Why.
        #[serde(rename = "w")]
        why: PhoneCause,
    },
    /// Nothing but expiry moved: by far the most frequent change, so those of a second are told together, and carry no
    /// more than that.
    #[serde(rename = "fresh")]
    PhonesRefreshed {
        /// Which phones, in the order of AORs.
        #[serde(rename = "p")]
        phones: Vec<Refreshed>,
    },
    /// A call exists: see [`CallView::opened`].
    #[serde(rename = "call")]
    CallOpened {
        /// Its name.
        #[serde(rename = "i")]
        call: CallRef,
        /// The row.
        #[serde(rename = "f")]
        from: Aor,
        /// The column.
        #[serde(rename = "o")]
        to: Aor,
        /// Who rings first.
        #[serde(rename = "r")]
        first: Party,
        /// From where it was placed.
        #[serde(rename = "p", default, skip_serializing_if = "Placed::is_board")]
        placed: Placed,
    },
    /// A leg moved.
    #[serde(rename = "leg")]
    Leg {
        /// Of which call.
        #[serde(rename = "i")]
        call: CallRef,
        /// Which leg.
        #[serde(rename = "l")]
        side: Side,
        /// Where it stands now.
        #[serde(rename = "s")]
        state: LegState,
    },
    /// Which device speaks on a leg.
    #[serde(rename = "dev")]
    Device {
        /// Of which call.
        #[serde(rename = "i")]
        call: CallRef,
        /// Which leg.
        #[serde(rename = "l")]
        side: Side,
        /// See [`super::LegView::device`].
        #[serde(rename = "n")]
        name: String,
    },
    /// The call as a whole moved.
    #[serde(rename = "state")]
    CallState {
        /// Which call.
        #[serde(rename = "i")]
        call: CallRef,
        /// Where it stands now.
        #[serde(rename = "s")]
        state: CallState,
    },
    /// A finished call has been shown long enough ([`super::Outcome::linger_millis`]).
    #[serde(rename = "clear")]
    CallGone {
        /// Which call.
        #[serde(rename = "i")]
        call: CallRef,
    },
}

/// A phone that prolonged its registration and changed nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Whose.
    #[serde(rename = "u")]
    pub aor: Aor,
    /// The new expiry of each device, in the order of [`Phone::devices`].
    #[serde(rename = "x")]
    pub expires_at: Vec<UnixMillis>,
}

/// Server to browser: one text message of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame {
    /// Forget what you have; this is the board.
    #[serde(rename = "s")]
    Snapshot(Snapshot),
    /// The next change.
    #[serde(rename = "d")]
    Delta(Delta),
    /// Nothing new, the line is up: sent at least every [`Frame::BEAT_MILLIS`].
    #[serde(rename = "b")]
    Beat {
        /// The last number there is.
        #[serde(rename = "q")]
        seq: Seq,
        /// The server's clock.
        #[serde(rename = "n")]
        now: UnixMillis,
    },
}

impl Frame {
    /// The longest silence of a healthy feed, in milliseconds.
    pub const BEAT_MILLIS: u64 = 5_000;

    /// The text that travels.
    pub fn encode(&self) -> String {
        // Maps with text keys, numbers and strings only: nothing in these types can refuse to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Frame::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// Browser to server: the first and only message on a new feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The last change it has; `None` asks for a snapshot.
    pub since: Option<(Epoch, Seq)>,
}

impl ClientHello {
    /// The text that travels.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`ClientHello::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}
