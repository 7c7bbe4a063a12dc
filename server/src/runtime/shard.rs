//! One shard: a thread's loop around one [`Switch`].
//!
//! It waits until something can be done, takes up to [`limits::TURN`] of each kind, looks at the timers, and sends
//! what came of it. Whatever belongs to another shard is passed on. Knows no SIP but whose a message is.

#![expect(
    clippy::disallowed_methods,
    reason = "the shard is what waits for deadlines"
)]

use std::future::{Future, poll_fn};
use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use sip::msg::{last_resort, lex};
use sip::name::{Flow, Owners};
use sip::time::Instant;
use sip::transaction::Transmit;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Sleep, sleep_until};

use super::allowance::Allowance;
use super::clock::Clock;
use super::counters::Counters;
use super::lookups::{Found, Lookups};
use super::mailbox::{Letter, Mailboxes};
use super::teller::Teller;
use super::wire::Wire;
use crate::event::CallRef;
use crate::limits;
use crate::proxy::Lookup;
use crate::store::Ledger;
use crate::switch::{Input, Outbox, Switch};
use crate::transport::stream::{Arrival, Table, Unsent, home};
use crate::transport::udp::UdpPort;

/// What a shard is made of.
pub(super) struct Shard {
    pub(super) number: u8,
    pub(super) clock: Clock,
    pub(super) switch: Switch,
    pub(super) lookups: Lookups,
    pub(super) owners: Owners,
    pub(super) mailboxes: Mailboxes,
    pub(super) letters: mpsc::Receiver<Letter>,
    pub(super) arrivals: mpsc::Receiver<Arrival>,
    pub(super) ports: Vec<Rc<UdpPort>>,
    pub(super) table: Table,
    pub(super) teller: Teller,
    pub(super) allowance: Allowance,
    pub(super) counters: Arc<Counters>,
    /// Told when the last call of the shard has ended.
    pub(super) idle: Arc<Notify>,
    /// Where calls are written down that outlive the process.
    pub(super) ledger: Option<Arc<Ledger>>,
}

/// What a shard uses again from turn to turn.
pub(super) struct Turn {
    pub(super) out: Outbox,
    letters: Vec<Letter>,
    arrivals: Vec<Arrival>,
    /// Flows by which something did not leave; the switch hears of it in the next turn.
    broken: Vec<Flow>,
    /// Lookups that nobody had to be asked for; the switch hears of them in the next turn.
    located: Vec<(Lookup, Found)>,
    pub(super) datagram: Box<[u8]>,
    timer: Pin<Box<Sleep>>,
    /// When the timer goes off. Earlier than the deadline costs a look; setting it anew each turn would cost more.
    armed: Option<Instant>,
    /// More is there than one turn takes.
    more: bool,
    stop: bool,
}

impl Shard {
    /// Takes up again what was `saved` of its calls, and runs until it is told to stop.
    pub(super) async fn run(mut self, saved: Vec<(CallRef, Bytes)>) {
        let mut turn = Turn {
            out: Outbox::default(),
            letters: Vec::with_capacity(limits::TURN),
            arrivals: Vec::with_capacity(limits::TURN),
            broken: Vec::new(),
            located: Vec::new(),
            datagram: vec![0; sip::limits::MAX_MESSAGE].into_boxed_slice(),
            timer: Box::pin(sleep_until(self.clock.timer(self.clock.now()))),
            armed: None,
            more: false,
            stop: false,
        };
        if !saved.is_empty() {
            self.switch.restore(self.clock.now(), saved, &mut turn.out);
            self.ship(&mut turn);
            self.tell_load();
        }
        while !turn.stop {
            self.teller.catch_up().await;
            self.wait(&mut turn).await;
            let now = self.clock.now();
            self.take(now, &mut turn);
            if self
                .switch
                .deadline()
                .is_some_and(|deadline| deadline <= now)
            {
                self.switch.handle(now, Input::Timeout, &mut turn.out);
            }
            self.ship(&mut turn);
            self.tell_load();
        }
        self.teller.catch_up().await;
    }

    /// Until there is something to take, or a deadline comes.
    async fn wait(&mut self, turn: &mut Turn) {
        let more = turn.more || !turn.broken.is_empty() || !turn.located.is_empty();
        if more {
            // Connections live on this thread too.
            tokio::task::yield_now().await;
        }
        if let Some(deadline) = self.switch.deadline()
            && turn.armed.is_none_or(|armed| deadline < armed)
        {
            turn.timer.as_mut().reset(self.clock.timer(deadline));
            turn.armed = Some(deadline);
        }
        poll_fn(|cx| {
            let mut ready = more;
            ready |= self
                .letters
                .poll_recv_many(cx, &mut turn.letters, limits::TURN)
                .is_ready();
            ready |= self
                .arrivals
                .poll_recv_many(cx, &mut turn.arrivals, limits::TURN)
                .is_ready();
            for port in &self.ports {
                ready |= port.poll_readable(cx).is_ready();
            }
            if turn.armed.is_some() && turn.timer.as_mut().poll(cx).is_ready() {
                turn.armed = None;
                ready = true;
            }
            if ready {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn take(&mut self, now: Instant, turn: &mut Turn) {
        for flow in mem::take(&mut turn.broken) {
            self.switch.handle(now, Input::Broken(flow), &mut turn.out);
        }
        for (lookup, found) in mem::take(&mut turn.located) {
            self.switch
                .handle(now, Input::Located { lookup, found }, &mut turn.out);
        }
        let mut letters = mem::take(&mut turn.letters);
        for letter in letters.drain(..) {
            self.letter(now, letter, turn);
        }
        turn.letters = letters;
        let mut arrivals = mem::take(&mut turn.arrivals);
        for arrival in arrivals.drain(..) {
            self.arrival(now, arrival, turn);
        }
        turn.arrivals = arrivals;
        turn.more = false;
        for port in 0..self.ports.len() {
            turn.more |= self.datagrams(now, port, turn);
        }
    }

    fn arrival(&mut self, now: Instant, arrival: Arrival, turn: &mut Turn) {
        match arrival {
            Arrival::Opened(flow, line) => self.table.opened(flow, line),
            Arrival::Message(message, flow) => self.message(now, message, flow, turn),
            Arrival::Ping(flow) => turn.out.transmit.push(Transmit {
                flow,
                bytes: Bytes::from_static(b"\r\n"),
            }),
            Arrival::Unreachable(flow) => {
                tracing::debug!(%flow.peer, "nobody there");
                let input = Input::Unreachable(flow);
                self.switch.handle(now, input, &mut turn.out);
                // The sockets of all shards have one address, so any shard may have sent it.
                for shard in 0..self.mailboxes.shards() {
                    // A flood of errors may be dropped: each transaction has its time limit as well.
                    let _ = self.mailboxes.post(shard, Letter::Broken(flow));
                }
            }
            Arrival::Closed(flow) => {
                self.forget(flow);
                for shard in 0..self.mailboxes.shards() {
                    self.mailboxes.insist(shard, Letter::Closed(flow));
                }
            }
            Arrival::Untaken(flow) => {
                self.forget(flow);
                self.switch.handle(now, Input::Untaken(flow), &mut turn.out);
            }
        }
    }

    /// Tells whoever waits for a connection that is no more.
    fn forget(&mut self, flow: Flow) {
        for (shard, flow) in self.table.closed(flow.connection) {
            self.mailboxes.insist(shard, Letter::Broken(flow));
        }
    }

    fn letter(&mut self, now: Instant, letter: Letter, turn: &mut Turn) {
        match letter {
            Letter::Message(message, flow) => {
                self.switch
                    .handle(now, Input::Message { message, flow }, &mut turn.out)
            }
            Letter::Transmit(origin, transmit) => {
                let flow = transmit.flow;
                if !self.by_own_connection(origin, transmit) {
                    self.counters.traffic.stream_unsent.add(1);
                    self.mailboxes.insist(origin, Letter::Broken(flow));
                }
            }
            Letter::Broken(flow) => self.switch.handle(now, Input::Broken(flow), &mut turn.out),
            Letter::Closed(flow) => self.switch.handle(now, Input::Closed(flow), &mut turn.out),
            Letter::KeepAlive(flow, silence) => self.table.keep_alive(&flow, silence),
            Letter::Adopt(socket) => self.table.adopt(socket),
            Letter::Located(lookup, found) => {
                self.switch
                    .handle(now, Input::Located { lookup, found }, &mut turn.out);
            }
            Letter::Wake => self.switch.handle(now, Input::Timeout, &mut turn.out),
            // Counted before it is answered: whoever asked may look. It may also have stopped waiting.
            Letter::Place(place, answer) => {
                let placed = self.switch.place_call(now, &place, &mut turn.out);
                self.tell_load();
                let _ = answer.send(placed);
            }
            Letter::HangUp(call, answer) => {
                let done = self.switch.hang_up(now, call, &mut turn.out);
                self.tell_load();
                let _ = answer.send(done);
            }
            Letter::Drain(answer) => {
                self.switch.drain();
                self.tell_load();
                let _ = answer.send(());
            }
            Letter::HangUpAll => self.switch.hang_up_all(now, &mut turn.out),
            Letter::Stop => turn.stop = true,
        }
    }

    /// Does what the switch wants done.
    fn ship(&mut self, turn: &mut Turn) {
        for transmit in turn.out.transmit.drain(..) {
            let flow = transmit.flow;
            tracing::trace!(%flow.transport, %flow.peer, bytes = %Wire(&transmit.bytes), "sent");
            if !self.transmit(transmit) {
                turn.broken.push(flow);
            }
        }
        for (lookup, sought) in turn.out.lookups.drain(..) {
            let found = self.lookups.begin(lookup, sought);
            turn.located.extend(found.map(|found| (lookup, found)));
        }
        for (flow, silence) in turn.out.keep_alive.drain(..) {
            let home = home(&flow, self.mailboxes.shards());
            if home == self.number {
                self.table.keep_alive(&flow, silence);
            } else {
                // What finds no room is watched from the next registration on.
                let _ = self.mailboxes.post(home, Letter::KeepAlive(flow, silence));
            }
        }
        self.teller.tell(turn.out.events.drain(..));
        for (call, state) in turn.out.journal.drain(..) {
            match (&self.ledger, state) {
                (Some(ledger), Some(state)) => ledger.put(call, state),
                (Some(ledger), None) => ledger.forget(call),
                (None, _) => {}
            }
        }
        for shard in turn.out.wake.drain(..) {
            // A shard whose mailbox is full looks at its deadline anyway.
            let _ = self.mailboxes.post(shard, Letter::Wake);
        }
    }

    /// `false` if it is known not to leave.
    fn transmit(&mut self, transmit: Transmit) -> bool {
        let Transmit { flow, ref bytes } = transmit;
        if flow.transport.is_reliable() {
            let sent = self.by_connection(self.number, transmit);
            if !sent {
                self.counters.traffic.stream_unsent.add(1);
            }
            return sent;
        }
        let traffic = &self.counters.traffic;
        let sent = match self.ports.iter().find(|port| port.serves(flow.local)) {
            Some(port) => port.send(flow.local, flow.peer, bytes),
            None => Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        match sent {
            Ok(()) => {
                traffic.udp_sent.add(1);
                true
            }
            Err(error) => {
                traffic.udp_unsent.add(1);
                tracing::debug!(%flow.peer, %error, "datagram not sent");
                // A full buffer loses a datagram as the network does; the transaction repeats it.
                error.kind() == io::ErrorKind::WouldBlock
            }
        }
    }

    /// Sends over a stream, for the shard `origin`; `false` if it is known not to leave.
    fn by_connection(&mut self, origin: u8, transmit: Transmit) -> bool {
        let home = home(&transmit.flow, self.mailboxes.shards());
        if home == self.number {
            self.by_own_connection(origin, transmit)
        } else {
            let letter = Letter::Transmit(origin, transmit);
            self.mailboxes.post(home, letter).is_ok()
        }
    }

    fn by_own_connection(&mut self, origin: u8, transmit: Transmit) -> bool {
        let transmit = match self.table.send(origin, transmit) {
            Ok(()) => return true,
            Err(Unsent::Refused) => return false,
            Err(Unsent::Gone(transmit)) => *transmit,
        };
        // A flow without a connection is never gone, so this goes round once.
        let flow = lex(transmit.bytes.clone())
            .ok()
            .and_then(|response| last_resort(&response, &transmit.flow));
        flow.is_some_and(|flow| self.by_connection(origin, Transmit { flow, ..transmit }))
    }

    fn tell_load(&self) {
        let load = self.switch.load();
        let held = |counters: &Counters| counters.calls.get() + counters.followed.get();
        let before = held(&self.counters);
        let of = |number: usize| number as u64;
        self.counters.transactions.set(of(load.transactions));
        self.counters.proxied.set(of(load.proxied));
        self.counters.calls.set(of(load.calls));
        self.counters.followed.set(of(load.followed));
        if before > 0 && held(&self.counters) == 0 {
            self.idle.notify_waiters();
        }
    }
}
