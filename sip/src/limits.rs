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
