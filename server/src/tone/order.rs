//! Who is to hear a tone, from when to when.

use std::net::{IpAddr, SocketAddr};

use sip::time::Instant;

use crate::event::CallRef;

/// What is wanted of the tone source. Orders of one call are carried out in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Let a phone hear ringing from now on. A second one for a call replaces the first.
    Start {
        /// By what it is stopped.
        call: CallRef,
        /// Who hears it.
        target: Target,
        /// The address of ours that the phone was told.
        from: SocketAddr,
        /// When it ends at the latest, should it not be stopped.
        until: Instant,
    },
    /// No more of it. To stop what is not sounding is no error.
    Stop {
        /// Of whom.
        call: CallRef,
    },
}

/// Which G.711 (RFC 3551 section 4.5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// PCMU.
    Mu,
    /// PCMA.
    A,
}

/// A phone's place for audio, as it described it itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    to: SocketAddr,
    payload_type: u8,
    law: Law,
}

impl Target {
    /// `None` where nothing may be sent to from `from`: another address family, no port, an address that is nobody's or
    /// everybody's, and the machine's own loopback for whoever is elsewhere.
    pub fn new(to: SocketAddr, payload_type: u8, law: Law, from: IpAddr) -> Option<Self> {
        let ip = to.ip();
        let is_one = match ip {
            IpAddr::V4(v4) => !v4.is_broadcast() && !v4.is_multicast() && v4.octets()[0] != 0,
            IpAddr::V6(v6) => !v6.is_multicast() && !v6.is_unspecified(),
        };
        let is_there = !ip.is_loopback() || from.is_loopback();
        let may = is_one && is_there && to.port() != 0 && ip.is_ipv4() == from.is_ipv4();
        (may && payload_type < 128).then_some(Self {
            to,
            payload_type,
            law,
        })
    }

    /// Where the audio goes.
    pub const fn to(&self) -> SocketAddr {
        self.to
    }

    /// The payload type that the phone gave the codec.
    pub const fn payload_type(&self) -> u8 {
        self.payload_type
    }

    /// The codec.
    pub const fn law(&self) -> Law {
        self.law
    }
}
