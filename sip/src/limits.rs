//! Every bound on what a peer can make the core hold or read, each with its reason.

/// Octets of one message. The header index holds 16-bit offsets, and no UDP datagram is longer.
pub const MAX_MESSAGE: usize = 65_535;

/// Header lines of one message. A request that has made all of its 70 hops carries 70 Via and 70 Record-Route lines
/// beside some 40 of its own; more is an attempt to make us count.
pub const MAX_HEADERS: usize = 256;

/// Octets of a URI (RFC 3261 section 21.4.12 answers a longer Request-URI with 414). Room for an escaped AOR with a GRUU
/// and some parameters many times over; each URI is read more than once on its way.
pub const MAX_URI: usize = 2_048;

/// Parameters of a URI, and headers of a URI. Two URIs are compared each part with each (RFC 3261 section 19.1.4); real
/// ones have below ten.
pub const MAX_URI_PARTS: usize = 64;

/// Octets of a Call-ID, a tag or a branch. They are keys of our tables and live as long as a call; the longest seen
/// from real devices are below 200.
pub const MAX_TOKEN: usize = 512;

/// Octets of a canonical AOR. It is a key of the location table and a label of the board.
pub const MAX_AOR: usize = 320;

/// How many forks of one INVITE are remembered, early or answered. One person's phones ring at once, and those of a
/// small group; whoever sends more tags only wants to fill our memory.
pub const MAX_FORKS: usize = 16;

/// How many ACKs are kept for repeated 2xx. Each answers an INVITE of its own, and a new INVITE is not sent before
/// the ACK to the last 2xx: more than the last few are of no use to anybody.
pub const MAX_ACKS: usize = 4;

/// How many requests of one peer may wait for the user. One re-INVITE and a few keys is much.
pub const MAX_ASKED: usize = 8;

/// How many requests may wait for their response at once. A phone sends one at a time; a relay of a phone's keys
/// sends a few.
pub const MAX_SENT: usize = 32;

/// How many contacts of a 3xx are kept: a call tries a handful of targets, not a list of any length.
pub const MAX_CONTACTS: usize = 16;

/// Parameters of one Authorization or WWW-Authenticate. The RFCs know twelve.
pub const MAX_AUTH_PARAMS: usize = 32;

/// How many Authorization headers of one request are looked at: a phone carries one for each proxy on its way.
pub const MAX_CREDENTIALS: usize = 8;
