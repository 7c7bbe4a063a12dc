//! The ladder diagram of what was sent: text that a reviewer reads and a snapshot keeps.
//!
//! ```text
//! alice  ->  switch             REGISTER sip:example.com  [c1 #1 t1>- b1]
//! alice  <-  switch             200 OK to REGISTER  [c1 #1 t1>t2 b1]
//!            switch  ->  bob    INVITE sip:bob@10.0.0.2 (sdp)  [c2 #1 t3>- b2]
//!            switch  x-  bob    180 Ringing to INVITE  [c2 #1 t3>t4 b2]
//! ```
//!
//! One row for each message, in the order of sending; no times. In brackets: the Call-ID, the CSeq number, the From
//! and To tag, the branch of the top Via, each by the order in which it first appeared, so that a change of a
//! random text changes nothing here. `x` is a message that was lost, `=` one that arrived twice.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::net::SocketAddr;

use sip::msg::{Message, Name, lex};

use crate::net::{Fate, Sent, VirtualNet};

/// A diagram in the making.
#[derive(Debug)]
pub struct Ladder<'a> {
    net: &'a VirtualNet,
    headers: Vec<Name>,
}

impl<'a> Ladder<'a> {
    /// The diagram of all that was sent on `net`.
    pub const fn of(net: &'a VirtualNet) -> Self {
        Self {
            net,
            headers: Vec::new(),
        }
    }

    /// Shows this header below each message that has it.
    pub fn with(mut self, header: Name) -> Self {
        self.headers.push(header);
        self
    }

    /// The text.
    pub fn print(&self) -> String {
        let columns = Columns::of(self.net);
        let mut names = Names::default();
        let mut seen = HashSet::new();
        let mut text = String::new();
        for sent in self.net.trace() {
            let row = columns.row(sent);
            let again = if seen.insert((sent.from, sent.to, &sent.bytes)) {
                ""
            } else {
                " (again)"
            };
            let Ok(message) = lex(sent.bytes.clone()) else {
                let octets = sent.bytes.len();
                let _ = writeln!(text, "{row}  {octets} octets that are no message{again}");
                continue;
            };
            let marks = names.marks(&message);
            let what = names.settle(&describe(&message));
            let _ = writeln!(text, "{row}  {what}{again}  {marks}");
            for &header in &self.headers {
                for value in message.all(header) {
                    let value = names.settle(&String::from_utf8_lossy(value));
                    let _ = writeln!(
                        text,
                        "{:width$}    {}: {value}",
                        "",
                        header.as_str(),
                        width = columns.width
                    );
                }
            }
        }
        text
    }
}

/// Start line and body, in the words of the field.
fn describe(message: &Message) -> String {
    let mut text = match (message.method(), message.status()) {
        (Some(method), _) => format!("{method} {}", message.request_uri().unwrap_or("?")),
        (None, status) => {
            let method = message
                .cseq()
                .map_or_else(|_| "?".to_owned(), |(_, method)| method.to_string());
            format!("{} {} to {method}", status.unwrap_or(0), message.reason())
        }
    };
    if !message.body().is_empty() {
        let kind = message.content_type().unwrap_or("body");
        let _ = write!(
            text,
            " ({})",
            kind.strip_prefix("application/").unwrap_or(kind)
        );
    }
    text
}

/// Where the nodes stand on the page.
struct Columns {
    names: Vec<(String, usize)>,
    of_address: BTreeMap<SocketAddr, usize>,
    width: usize,
}

/// Between two names: blanks and an arrow.
const GAP: usize = 6;

impl Columns {
    /// In the order in which the nodes were added; an address without a node comes after them.
    fn of(net: &VirtualNet) -> Self {
        let mut columns = Self {
            names: Vec::new(),
            of_address: BTreeMap::new(),
            width: 0,
        };
        for (name, addresses) in net.nodes() {
            columns.push(name, addresses);
        }
        for address in net.trace().iter().flat_map(|sent| [sent.from, sent.to]) {
            if !columns.of_address.contains_key(&address) {
                columns.push(&address.to_string(), vec![address]);
            }
        }
        columns
    }

    fn push(&mut self, name: &str, addresses: Vec<SocketAddr>) {
        let start = if self.names.is_empty() {
            0
        } else {
            self.width + GAP
        };
        for address in addresses {
            self.of_address.insert(address, self.names.len());
        }
        self.names.push((name.to_owned(), start));
        self.width = start + name.chars().count();
    }

    /// Sender, arrow and receiver, each in its place.
    fn row(&self, sent: &Sent) -> String {
        let (from, to) = (self.of_address[&sent.from], self.of_address[&sent.to]);
        let (left, right) = (from.min(to), from.max(to));
        let (name, start) = &self.names[left];
        let mut row = format!("{:start$}{name}", "");
        if left == right {
            row.push_str("  ->  itself");
        } else {
            let (other, end) = &self.names[right];
            let room = end - start - name.chars().count() - 4;
            let shaft = match sent.fate {
                Fate::Delivered | Fate::Lost => "-",
                Fate::Doubled => "=",
            };
            let head = match (sent.fate, from == left) {
                (Fate::Lost, _) => "x",
                (Fate::Delivered | Fate::Doubled, true) => ">",
                (Fate::Delivered | Fate::Doubled, false) => "<",
            };
            let shaft = shaft.repeat(room - 1);
            let arrow = if from == left {
                shaft + head
            } else {
                head.to_owned() + &shaft
            };
            let _ = write!(row, "  {arrow}  {other}");
        }
        format!("{row:width$}", width = self.width)
    }
}

/// Random texts and what they are called here.
#[derive(Default)]
struct Names {
    known: BTreeMap<(char, String), usize>,
    counts: BTreeMap<char, usize>,
}

impl Names {
    fn marks(&mut self, message: &Message) -> String {
        let call = message
            .call_id()
            .map_or("?".to_owned(), |call| self.name('c', call));
        let number = message
            .cseq()
            .map_or("?".to_owned(), |(number, _)| number.to_string());
        let mut tag =
            |address: Option<&str>| address.map_or("-".to_owned(), |tag| self.name('t', tag));
        let from = tag(message.from().ok().and_then(|from| from.tag()));
        let to = tag(message.to().ok().and_then(|to| to.tag()));
        let branch = message.via().ok().and_then(|via| via.branch());
        let branch = branch.map_or("-".to_owned(), |branch| self.name('b', branch));
        format!("[{call} #{number} {from}>{to} {branch}]")
    }

    fn name(&mut self, kind: char, text: &str) -> String {
        let count = self.counts.entry(kind).or_default();
        let number = *self
            .known
            .entry((kind, text.to_owned()))
            .or_insert_with(|| {
                *count += 1;
                *count
            });
        format!("{kind}{number}")
    }

    /// The text with its random parts named, where they are long enough to be no accident.
    fn settle(&self, text: &str) -> String {
        let long = self.known.iter().filter(|((_, known), _)| known.len() >= 8);
        long.fold(text.to_owned(), |text, ((kind, known), number)| {
            text.replace(known, &format!("{kind}{number}"))
        })
    }
}
