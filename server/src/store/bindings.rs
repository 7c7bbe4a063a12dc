//! Bindings as rows, and back.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use rusqlite::{Connection, Row, Statement, Transaction, params};
use sip::name::{Aor, ConnectionId, Flow, Transport, UriRef};
use sip::time::Instant;

use crate::binding::{Binding, BindingTexts, Bindings, Q};
use crate::event::PhoneChange;
use crate::location::Location;

/// Writes what stands for addresses of record, within one transaction.
pub(super) struct Writing<'a> {
    put: Statement<'a>,
    cut: Statement<'a>,
    clock: Statement<'a>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(in_transaction: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            put: in_transaction.prepare(
                "INSERT OR REPLACE INTO bindings
                 (aor, rank, contact, transport, local, peer, connected, expires, cseq, call_id, q,
                  reg_id, instance, path, display_name, user_agent)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?,
            cut: in_transaction.prepare("DELETE FROM bindings WHERE aor = ?1 AND rank >= ?2")?,
            clock: in_transaction.prepare("UPDATE clock SET at = ?1")?,
        })
    }

    /// These are the bindings of `aor` now, and no others.
    pub(super) fn put(&mut self, aor: &Aor, bindings: &Bindings) -> rusqlite::Result<()> {
        for (rank, binding) in (0_i64..).zip(bindings.iter()) {
            self.put.execute(params![
                aor.as_str(),
                rank,
                binding.contact(),
                binding.flow.transport.via_token(),
                binding.flow.local.to_string(),
                binding.flow.peer.to_string(),
                binding.flow.connection != ConnectionId::NONE,
                millis(binding.expires),
                binding.cseq,
                binding.call_id(),
                binding.q.in_thousandths(),
                binding.reg_id.map(NonZeroU32::get),
                binding.instance(),
                binding.path(),
                binding.display_name(),
                binding.user_agent(),
            ])?;
        }
        let rest = i64::try_from(bindings.len()).unwrap_or(i64::MAX);
        self.cut.execute(params![aor.as_str(), rest])?;
        Ok(())
    }

    /// It is `now`.
    pub(super) fn stamp(&mut self, now: Instant) -> rusqlite::Result<()> {
        self.clock.execute([millis(now)])?;
        Ok(())
    }
}

/// From now on `expires` may be earlier than what was granted, by so much.
pub(super) fn set_slack(db: &Connection, slack: Duration) -> rusqlite::Result<()> {
    let slack = i64::try_from(slack.as_millis()).unwrap_or(i64::MAX);
    db.execute("UPDATE clock SET slack = ?1", [slack])?;
    Ok(())
}

/// What came back at a start.
#[derive(Debug, Default)]
pub struct Restored {
    /// For whoever shows phones, in the order of their addresses.
    pub phones: Vec<PhoneChange>,
    /// How many bindings these have.
    pub bindings: usize,
    /// How many of them cannot be reached before they register again.
    pub unreachable: usize,
    /// Bindings that ran out meanwhile.
    pub expired: usize,
    /// Rows that nobody can read.
    pub unreadable: usize,
    /// Addresses of record for which there is no room (`limits.aors`).
    pub no_room: usize,
    /// How much longer they last than what was kept says, since the process before had no time to write each refresh.
    pub slack: Duration,
    /// By how much the clock is behind the last commit.
    pub clock_back: Option<Duration>,
}

/// See [`super::Store::restore`].
pub(super) fn restore(
    db: &mut Connection,
    location: &Location,
    now: Instant,
    longest: Duration,
    serves: impl Fn(SocketAddr) -> bool,
) -> rusqlite::Result<Restored> {
    let mut restored = Restored::default();
    let work = db.transaction()?;
    // A clock that was set back would let bindings last longer than was granted: then no time has passed since the
    // last commit, as far as anybody knows.
    let last: i64 = work.query_row("SELECT at FROM clock", [], |row| row.get(0))?;
    let back = last.saturating_sub(millis(now));
    if back > 0 {
        restored.clock_back = Some(Duration::from_millis(back.unsigned_abs()));
        work.execute("UPDATE bindings SET expires = expires - ?1", [back])?;
        work.execute("UPDATE clock SET at = ?1", [millis(now)])?;
    }
    let slack: i64 = work.query_row("SELECT slack FROM clock", [], |row| row.get(0))?;
    restored.slack = Duration::from_millis(u64::try_from(slack).unwrap_or(0));
    restored.expired = work.execute(
        "DELETE FROM bindings WHERE expires + ?2 <= ?1",
        [millis(now), slack],
    )?;
    {
        let mut rows = work.prepare("SELECT * FROM bindings ORDER BY aor, rank")?;
        let mut rows = rows.query([])?;
        let mut phone: Option<(Aor, Vec<Binding>)> = None;
        while let Some(row) = rows.next()? {
            let Some((aor, mut binding)) = read(row, restored.slack, now + longest)? else {
                restored.unreadable += 1;
                continue;
            };
            if binding.flow.transport == Transport::Udp && !serves(binding.flow.local) {
                binding.flow.connection = ConnectionId::GONE;
            }
            match &mut phone {
                Some((whose, bindings)) if *whose == aor => bindings.push(binding),
                other => {
                    let done = other.replace((aor, vec![binding]));
                    restored.take(location, done);
                }
            }
        }
        restored.take(location, phone);
    }
    work.commit()?;
    Ok(restored)
}

impl Restored {
    fn take(&mut self, location: &Location, phone: Option<(Aor, Vec<Binding>)>) {
        let Some((aor, bindings)) = phone else {
            return;
        };
        match location.restore(&aor, bindings, self.slack) {
            Ok(change) => {
                self.bindings += change.bindings.len();
                let lost = change.bindings.iter().filter(|it| !it.is_reachable());
                self.unreachable += lost.count();
                self.phones.push(change);
            }
            Err(_) => self.no_room += 1,
        }
    }
}

/// `None` for a row that was not written here.
fn read(
    row: &Row<'_>,
    slack: Duration,
    latest: Instant,
) -> rusqlite::Result<Option<(Aor, Binding)>> {
    let text = |column: &str| -> rusqlite::Result<String> { row.get(column) };
    let optional = |column: &str| -> rusqlite::Result<String> {
        Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
    };
    let number = |column: &str| -> rusqlite::Result<i64> { row.get(column) };
    let (contact, call_id) = (text("contact")?, text("call_id")?);
    let (instance, path) = (optional("instance")?, optional("path")?);
    let (display_name, user_agent) = (optional("display_name")?, optional("user_agent")?);
    let texts = BindingTexts {
        contact: &contact,
        display_name: &display_name,
        user_agent: &user_agent,
        call_id: &call_id,
        instance: &instance,
        path: &path,
    };
    let flow = flow(
        &text("transport")?,
        &text("local")?,
        &text("peer")?,
        number("connected")? != 0,
    );
    let expires = (instant(number("expires")?) + slack).min(latest);
    let cseq = u32::try_from(number("cseq")?);
    let q = u16::try_from(number("q")?);
    let reg_id: Option<i64> = row.get("reg_id")?;
    let reg_id = reg_id.and_then(|id| NonZeroU32::new(u32::try_from(id).ok()?));
    let aor = Aor::parse(&text("aor")?);
    let (Ok(aor), Some(flow), Ok(cseq), Ok(q), Ok(_)) =
        (aor, flow, cseq, q, UriRef::parse(&contact))
    else {
        return Ok(None);
    };
    let binding = Binding::new(flow, expires, cseq, reg_id, Q::thousandths(q), texts);
    Ok(Some((aor, binding)))
}

fn flow(transport: &str, local: &str, peer: &str, connected: bool) -> Option<Flow> {
    const ALL: [Transport; 5] = [
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
        Transport::Ws,
        Transport::Wss,
    ];
    Some(Flow {
        transport: ALL.into_iter().find(|each| each.via_token() == transport)?,
        local: local.parse::<SocketAddr>().ok()?,
        peer: peer.parse::<SocketAddr>().ok()?,
        connection: if connected {
            ConnectionId::GONE
        } else {
            ConnectionId::NONE
        },
    })
}

pub(super) fn millis(at: Instant) -> i64 {
    i64::try_from(at.unix_millis()).unwrap_or(i64::MAX)
}

pub(super) fn instant(millis: i64) -> Instant {
    Instant::from_unix_micros(u64::try_from(millis).unwrap_or(0).saturating_mul(1_000))
}
