//! As much of a session description (RFC 4566, RFC 3264) as a scripted phone needs: one audio stream.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use sip::dialog::Body;

/// Which way the audio flows, as its owner says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// It only sends: it holds the other one.
    SendOnly,
    /// It only receives.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    const ALL: [Self; 4] = [
        Self::SendRecv,
        Self::SendOnly,
        Self::RecvOnly,
        Self::Inactive,
    ];

    const fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What an answer to an offer of this direction says (RFC 3264 section 6.1).
    pub(super) const fn answered(self) -> Self {
        match self {
            Self::SendRecv => Self::SendRecv,
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }
}

/// Where a party wants its audio, and which way it flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where it receives.
    pub address: SocketAddr,
    /// Which way.
    pub direction: Direction,
}

impl Media {
    /// Reads a description; `None` if it is none, or has no audio.
    pub fn of(body: &Body) -> Option<Self> {
        if !body.content_type.starts_with("application/sdp") {
            return None;
        }
        let text = std::str::from_utf8(&body.bytes).ok()?;
        let value = |prefix: &str| {
            text.lines()
                .rev()
                .find_map(|line| line.strip_prefix(prefix))
        };
        let ip: IpAddr = value("c=IN IP4 ")
            .or_else(|| value("c=IN IP6 "))?
            .parse()
            .ok()?;
        let port = value("m=audio ")?.split(' ').next()?.parse().ok()?;
        let is_held = ip.is_unspecified();
        let said = Direction::ALL.into_iter().find(|direction| {
            let is_it = |line: &str| line.strip_prefix("a=") == Some(direction.attribute());
            text.lines().any(is_it)
        });
        let direction = match said {
            // The way of RFC 2543 to hold.
            Some(Direction::SendRecv) | None if is_held => Direction::SendOnly,
            Some(direction) => direction,
            None => Direction::SendRecv,
        };
        Some(Self {
            address: SocketAddr::new(ip, port),
            direction,
        })
    }

    /// Writes a description; `version` grows with each one of a session (RFC 3264 section 8).
    pub(super) fn describe(&self, user: &str, version: u32) -> Body {
        let ip = self.address.ip();
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        Body::sdp(format!(
            "v=0\r\no={user} 1 {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 0 8\r\na={}\r\n",
            self.address.port(),
            self.direction.attribute(),
        ))
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.address, self.direction.attribute())
    }
}
