//! Every bound on what a peer can make us hold or do, each with its reason.
//!
//! A bound here is a promise: a test stands at its edge.

use std::time::Duration;

// Settings start from these; see the table of settings for their range.

/// AORs that may have bindings: about 500 octets for each binding (the bench `register` measures it), so that with four
/// phones each the location service stays below 512 MiB.
pub const AORS: u32 = 250_000;
/// Bindings of one AOR: nobody owns more phones, and a call would have to ring them all.
pub const BINDINGS_PER_AOR: u32 = 16;
/// Calls at the same time on all shards, ringing ones included: two dialogs each, about 32 KiB together. Each shard
/// keeps as many done ones for 32 s, because phones may still repeat a 2xx.
pub const CALLS: u32 = 10_000;
/// Transactions of one shard: at 32 s for each request over UDP room for 3 000 a second, in about 200 MB. Beyond
/// them new requests are answered 503. A REGISTER takes none.
pub const TRANSACTIONS: u32 = 100_000;
/// Requests that one shard is sending on, and 2xx that may be repeated: a few hundred octets and the request each. At 32 s
/// for each call room for 1 500 new calls a second. Beyond them new requests are answered 503; what belongs to a dialog
/// has [`PROXIED_RESERVE`] more, and then goes on without being remembered.
pub const PROXIED: u32 = 50_000;
/// Calls between phones that one shard follows for the board, at about 3 KiB each; beyond them phones talk unseen.
pub const FOLLOWED: u32 = 10_000;
/// SIP connections at the same time: a file descriptor and about 16 KiB of buffers each.
pub const CONNECTIONS: u32 = 10_000;
/// SIP connections from one address: an office behind one NAT fits, a flood does not take all of
/// [`CONNECTIONS`].
pub const CONNECTIONS_PER_SOURCE: u32 = 1_000;
/// HTTP connections at the same time, without the pages that follow the live feed ([`PAGES`]): a file descriptor and up
/// to [`HTTP_BUFFER`] each.
pub const HTTP_CONNECTIONS: u32 = 4_096;
/// HTTP connections from one address: a browser opens six, so an office behind one NAT or one proxy fits, and a flood
/// does not take all of [`HTTP_CONNECTIONS`].
pub const HTTP_CONNECTIONS_PER_SOURCE: u32 = 1_000;
/// Silence after which a connection is closed; longer than the longest registration, because a phone
/// may say nothing between two of them.
pub const CONNECTION_IDLE: Duration = Duration::from_secs(9_000);

// Fixed.

/// Shards: a call's reference, a connection's number and a Call-ID each keep the shard in one byte, and
/// more threads than this only wait for each other.
pub const SHARDS: u8 = 64;

// What one registration may make us keep. Longer ones are refused by 403, texts that are only shown are cut.

/// Octets of a Contact URI: the longest that phones send, with GRUU and push parameters, have about 300.
pub const CONTACT: usize = 512;
/// Octets of a `+sip.instance`; a longer one counts as none.
pub const INSTANCE: usize = 128;
/// Octets of the Call-ID of a REGISTER: it is kept to tell old requests from new ones.
pub const CALL_ID: usize = 256;
/// Octets of a Path: four proxies.
pub const PATH: usize = 512;
/// Octets that are kept of a display name.
pub const DISPLAY_NAME: usize = 64;
/// Octets that are kept of a User-Agent.
pub const USER_AGENT: usize = 128;

/// Seconds in the Retry-After of a 503: long enough for a restart or a peak to pass, short enough that nobody
/// misses a call for long.
pub const RETRY_AFTER: u32 = 10;

/// Requests of the last 32 s that one shard remembers, to know merged and repeated ones: 16 000 registrations a second, in
/// about 40 MB. Beyond them the oldest is forgotten early, and a repetition of it judged by what is registered.
pub const REQUESTS_REMEMBERED: usize = 512 * 1_024;

// The proxy.

/// The part of `limits.proxied` that what belongs to a dialog has for itself, so that calls end when no others begin.
pub const PROXIED_RESERVE: u32 = 8;
/// Copies of one request, those that follow a redirection included; what [`BINDINGS_PER_AOR`] may be set to fits.
pub const BRANCHES: usize = 120;
/// Copies of one request that may be on their way at once, here and at all proxies behind us (RFC 5393 section 5.3.1).
pub const BREADTH: u32 = 60;
/// How often a 3xx to one request is followed: more is a circle.
pub const REDIRECTIONS: u8 = 5;
/// How long a phone may ring before it is taken for forgotten: timer C, which RFC 3261 section 16.6 step 11 wants longer
/// than three minutes.
pub const TIMER_C: Duration = Duration::from_secs(185);
/// How long the phones of one preference ring before those of the next do: four rings.
pub const TURN_OF_PREFERENCE: Duration = Duration::from_secs(20);
/// How long a request may be away at another server that the router's file names, before it is not known any more: as
/// long as it may ring there.
pub const TICKET_TIME: Duration = TIMER_C;
/// Between two questions to each phone of such a call whether it is still in it: two small messages a minute and phone.
pub const TRACKED_QUESTION: Duration = Duration::from_secs(60);
/// After a question that was not answered, or a connection that was closed, before a phone is asked again: it may be
/// registering anew. So the board shows a call whose phone has vanished for at most [`TRACKED_QUESTION`], this, and twice
/// the 32 s that a request takes to fail: 134 s; after a closed connection that nobody opened again for this long.
pub const TRACKED_DOUBT: Duration = Duration::from_secs(10);
/// After which a call within which its phones have sent nothing is taken off the board, whatever they answer: some answer
/// without knowing the call.
pub const TRACKED_TIME: Duration = Duration::from_secs(12 * 3_600);
/// Octets above which a request does not go by datagram where it can go by a stream (RFC 3261 section 18.1.1).
pub const DATAGRAM: usize = 1_300;

/// Servers of another domain that one request tries in turn (RFC 3263 section 4.3): more than anybody waits for.
pub const SERVERS: usize = 8;
/// Records of one answer of the DNS that are looked at: large services have four.
pub const DNS_ANSWERS: usize = 16;
/// Addresses at which one shard remembers to have found peers: each has a few.
pub const PEER_ADDRESSES: usize = 1_024;
/// How often the challenge of a peer is answered for one request: once, and again where its nonce was too old.
pub const PROOFS: u8 = 2;
/// Lookups in the DNS that one shard has under way; each is a few kilobytes and a datagram socket for each question.
pub const LOOKUPS: usize = 256;
/// How long a request waits for them before the caller hears that there is no way: three rounds of questions to a name
/// server that is slow.
pub const LOOKUP_TIME: Duration = Duration::from_secs(8);
/// How long one name server may take for one question; each is asked twice.
pub const DNS_TIME: Duration = Duration::from_secs(2);
/// Answers of the DNS that one shard keeps for as long as they say, about 500 octets each; beyond them the least used go.
pub const DNS_CACHE: u64 = 4_096;
/// For no longer than which an answer is kept, whatever it says: who moves a service must not wait for weeks.
pub const DNS_KEPT: Duration = Duration::from_secs(24 * 3_600);
/// For no longer than which it is kept that there is nothing (RFC 2308 section 5 has up to three hours).
pub const DNS_NOTHING_KEPT: Duration = Duration::from_secs(15 * 60);

/// The beginning of a text from the wire, no longer than `most` octets.
pub fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

// Authentication.

/// Nonces in use whose counts are remembered, in all 16 parts: one for each phone that logged in within
/// `auth.nonce_lifetime`, 56 octets and their share of a tree each. Beyond them the oldest is taken for expired.
pub const NONCES: usize = 262_144;
/// Addresses, and user names, whose failures are remembered; of more, those who did least are forgotten.
pub const OFFENDERS: usize = 16_384;
/// Pairs of user and address that have logged in, so that a user who is guessed at is not locked out of his own phones.
pub const KNOWN_SOURCES: usize = 262_144;
/// Phones that were asked twice and have not answered, and those that never will.
pub const PHONES_LEARNED: usize = 16_384;
/// Octets of the address, and of the User-Agent, of a phone that is remembered by name: usual ones have less than 100.
pub const PHONE_NAME: usize = 256;

// Session descriptions.

/// Octets of one that is read: a browser's with pictures and all its addresses has 10 000. Its lines are held by 16 bits.
pub const SDP_OCTETS: usize = 32 << 10;
/// Lines of one: a browser's has 300. Some are looked through once for each codec.
pub const SDP_LINES: usize = 1_024;
/// Streams of one, and places for streams that one leg keeps: sound, pictures, a screen, text, and some that were given
/// up. Each leg remembers about 50 octets of each.
pub const SDP_STREAMS: usize = 16;

// The live feed.

/// Changes that a page may have missed and is still told one by one: at a hundred a second, ten seconds away.
pub const JOURNAL_DELTAS: usize = 1_024;
/// Bytes of those changes; a phone with many long device names is some kilobytes.
pub const JOURNAL_BYTES: usize = 1 << 20;
/// Changes that wait for a page that reads slowly, before it is sent a snapshot instead.
pub const PAGE_BACKLOG: usize = 256;
/// For which a phone that only prolonged its registration waits until pages are told, together with others. The page
/// shows no shorter time.
pub const REFRESH_PAUSE: Duration = Duration::from_secs(1);
/// Such phones in one change: about 30 kB, which a browser takes in without a halt.
pub const REFRESHES_TOGETHER: usize = 512;
/// For which the text of a whole board, made for one page, may be given to others: after a restart all come at once,
/// and a board of a quarter of a million phones is 60 MB.
pub const BOARD_TEXT_KEPT: Duration = Duration::from_secs(2);
/// AORs without bindings whose version is remembered, against news that two shards tell in the wrong order.
pub const GONE_PHONES_REMEMBERED: usize = 1_024;
/// Octets of a reason phrase or Reason text of a peer that are shown on the board and passed on to the other
/// phone: a sentence. What is longer is cut.
pub const REASON_TEXT: usize = 200;
/// Octets of a device's name on the board: two words and a version.
pub const DEVICE_NAME: usize = 48;

// Sockets.

/// Bytes of datagrams that the kernel may hold for one socket while its shard is busy: about 50 ms of the most that
/// one shard can take.
pub const UDP_RECEIVE_BUFFER: usize = 4 << 20;
/// Requests that one source may send by datagrams in a second, to one shard: an office of a thousand phones behind one
/// NAT that register all at once.
pub const REQUESTS_PER_SOURCE: u32 = 1_000;
/// How much of that rate a source may send at once.
pub const REQUEST_BURST: Duration = Duration::from_secs(2);
/// What a source has beyond the burst for what begins nothing new: ACK, BYE and the like.
pub const REQUEST_RESERVE: Duration = Duration::from_secs(1);
/// Sources whose rate is remembered; twice as many, with 40 bytes each. Who forges more is bounded by the shard alone.
pub const SOURCES: usize = 65_536;
/// Connections that the kernel may hold until they are accepted; it takes the smaller of this and its own limit.
pub const ACCEPT_BACKLOG: i32 = 1_024;
/// Before the next attempt to accept where the last one failed for want of descriptors or memory.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(250);
/// Between two log lines about refused connections, which a flood could otherwise turn into a flood of lines.
pub const REPEATED_WARNING: Duration = Duration::from_secs(10);
/// Bytes read from a connection at once: any message of a phone in one go.
pub const STREAM_READ: usize = 16 << 10;
/// Bytes that wait for a connection whose peer reads slowly: several of the largest messages, and the answers to all
/// that it may have asked before it was paused.
pub const STREAM_BACKLOG: usize = 512 << 10;
/// Bytes waiting for a connection above which nothing more is read from it.
pub const STREAM_PAUSE: usize = 64 << 10;
/// For a new connection to say something, and for a message to be complete once it has begun. Slower peers only
/// hold what others need.
pub const MESSAGE_TIME: Duration = Duration::from_secs(30);
/// For a connection to take one message.
pub const WRITE_TIME: Duration = Duration::from_secs(10);
/// For a peer to take a connection; a phone's INVITE must not wait as long as the system would.
pub const CONNECT_TIME: Duration = Duration::from_secs(4);
/// For a new connection to get through its handshake (TLS, WebSocket): several round trips around the world, and
/// no more, because half-open connections count like all others.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Between two pings to a WebSocket, which also keep the way through NATs and proxies open.
pub const WEBSOCKET_PING: Duration = Duration::from_secs(25);
/// A WebSocket on which nothing came for so long is gone: three pings without an answer.
pub const WEBSOCKET_SILENCE: Duration = Duration::from_secs(75);
/// Bytes that a WebSocket reads at once; held as long as it is open, so no more than most messages have.
pub const WEBSOCKET_READ: usize = 4 << 10;
/// Between two looks at the files of certificates: a renewed one is in use before anybody asks.
pub const CERTIFICATE_CHECK: Duration = Duration::from_secs(5);
/// The longest Flow-Timer (RFC 5626 section 4.4) for datagrams: translators forget them after 30 s.
pub const FLOW_TIMER_DATAGRAM: Duration = Duration::from_secs(29);
/// What a silent flow is given beyond its Flow-Timer: a STUN transaction repeats itself for 39.5 s (RFC 5389 section 7.2.1).
pub const FLOW_GRACE: Duration = Duration::from_secs(40);
/// For the answer to a bad message after which a stream can no longer be read.
pub const LAST_WORDS: Duration = Duration::from_millis(500);
/// Silence after which the system asks whether the peer is still there; it gives up after twice that time.
pub const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

// The store.

/// How long a change of a registration waits to be written together with others: what a crash may lose. Shorter costs
/// more commits (at most 20 a second, whatever each holds), longer gains little, because a phone that repeats itself
/// within the window is rare.
pub const COMMIT_WINDOW: Duration = Duration::from_millis(50);
/// By how much the expiries in the store may lag behind those granted: so a phone behind a NAT that registers each minute is
/// written every five. Who was killed gives all kept bindings so much longer when it starts again.
pub const REFRESH_SLACK: Duration = Duration::from_secs(300);
/// Between two looks at what other programs changed in the store, between two attempts to write when one failed, and
/// between two times that the disk is asked to have all: what a loss of power may take besides the window.
pub const STORE_PAUSE: Duration = Duration::from_secs(1);
/// How long the store waits for another program that writes to it; what `crosspoint user` writes takes milliseconds.
pub const STORE_PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of the log of the store from which it is begun anew, which makes a commit wait for the disk.
pub const STORE_LOG: u32 = 16 << 20;
/// Bytes of a page of the store, as SQLite makes them.
pub const STORE_PAGE: u32 = 4_096;

// Queues of a shard.

/// What may wait for a shard from other shards and the page: some milliseconds of work. A request that finds it full
/// is answered 503, anything else is dropped as the network might have dropped it.
pub const MAILBOX: usize = 4_096;
/// What is kept of it for what begins nothing new, so that calls can end while no others begin.
pub const MAILBOX_RESERVE: usize = MAILBOX / 8;
/// What may wait for a shard from its own connections; then they, and by TCP their peers, wait.
pub const ARRIVALS: usize = 256;
/// Events on their way to the board, of all shards together: seconds of the most that shards can produce. None is lost:
/// a shard that finds no room takes nothing new until it has told all.
pub const EVENTS: usize = 65_536;
/// Between two readings of the events: below what an eye sees, long enough to spare a shard most wake-ups.
pub const EVENTS_PAUSE: Duration = Duration::from_millis(5);
/// Datagrams, letters and arrivals that a shard takes before it sends what they caused and looks at its timers.
pub const TURN: usize = 64;
/// After the time that calls may take to end on a stop: for their releases to be answered, three repetitions included.
pub const RELEASE_TIME: Duration = Duration::from_secs(4);

// The web host.

/// For the head of a request to be complete, counted from the end of the one before; so a connection without requests
/// is closed then as well. Longer than browsers wait between the page and its files.
pub const HEADER_TIME: Duration = Duration::from_secs(10);
/// For a request to be answered, its body included: nothing here takes longer than [`SHOWN_TIME`].
pub const REQUEST_TIME: Duration = Duration::from_secs(15);
/// For a client to take what has been sent to it, before the system gives the connection up.
pub const HTTP_UNREAD_TIME: Duration = Duration::from_secs(30);
/// Bytes of one connection that wait to be understood or sent: several times the longest head that a browser sends.
pub const HTTP_BUFFER: usize = 64 << 10;
/// Pages that follow the live feed at the same time: a file descriptor and about 20 KiB each.
pub const PAGES: usize = 4_096;
/// A page's hello is below a hundred bytes, and it says nothing else.
pub const HELLO_BYTES: usize = 4_096;
/// How long a page may take to say hello.
pub const HELLO_WAIT: Duration = Duration::from_secs(10);
/// A page that answers no ping for so long is gone, though the system may not know it for a quarter of an hour.
pub const PAGE_SILENCE: Duration = Duration::from_secs(30);
/// For what a request did to be seen on the board: a call that has been opened, or one whose phones are released. The
/// answer waits for that, but no longer.
pub const SHOWN_TIME: Duration = Duration::from_secs(1);
/// The largest request body: a call is two addresses.
pub const BODY_BYTES: usize = 16 * 1_024;
/// What is read of a form that is too long: a browser hears no answer before it has sent everything. Nothing of it is kept.
pub const IGNORED_BODY_BYTES: usize = 1 << 20;
/// How long pages may take to hear that the server stops.
pub const FAREWELL_TIME: Duration = Duration::from_secs(2);
