//! The application router: which applications an initial request meets, and in which order.
//!
//! It reads the file of the Default Application Router (JSR 289, appendix C) as SIP servlet containers wrote it, so
//! that such a file works as it is. Pure; it knows no transaction, no binding and no file system.
//!
//! ```text
//! text --properties--> METHOD: value --dar--> Entry, Entry, ...      read once, with the line of each fault
//! request --select--> the entries of its method, in order            trace says why in words
//! request --apps--> Verdict: registered, forwarded (to whom), refused, sent to another server (and back here)
//! ```

mod application;
mod apps;
mod click;
mod dar;
mod entry;
mod fault;
mod properties;
mod select;
mod ticket;
mod trace;

use sip::msg::Message;

use application::Asked;
pub use application::{Application, Leave, Onward, Origin, Verdict};
use apps::Apps;
pub use click::request;
pub use dar::Dar;
pub use entry::{Direction, Entry, Region};
pub use fault::{Fault, Faults};
pub use ticket::Seen;
use ticket::Tickets;
pub use trace::Trace;

use crate::config;

/// The chains and the applications in them.
#[derive(Clone, Debug, Default)]
pub struct Router {
    dar: Dar,
    apps: Apps,
    /// Whether anything but the built-in chain is there to be asked.
    has_rules: bool,
    /// For requests that leave and come back; without a secret none may.
    tickets: Option<Tickets>,
}

impl Router {
    /// By a file, or by the built-in chains where there is none.
    pub fn new(dar: Option<Dar>, rules: &config::Router) -> Self {
        let apps = Apps::new(rules);
        Self {
            has_rules: dar.is_some() || apps.has_rules(),
            dar: dar.unwrap_or_default(),
            apps,
            tickets: None,
        }
    }

    /// With a secret for the tickets of requests that leave and come back.
    pub fn signing(self, secret: &[u8; 16]) -> Self {
        Self {
            tickets: Some(Tickets::new(secret)),
            ..self
        }
    }

    /// What becomes of an initial request; `from` is the place in its chain where it goes on, 0 for one that is new here.
    pub fn verdict(&self, request: &Message, from: u16) -> Verdict {
        if !self.has_rules {
            return match request.method() {
                Some(sip::msg::Method::Register) => Verdict::Register,
                _ => Verdict::Forward(Onward::default()),
            };
        }
        let Ok(target) = request.uri() else {
            return Verdict::Nobody;
        };
        let asked = Asked { request, target };
        let chain = self.dar.select(request, Origin::Outside, from);
        // What has been let out to come back has met an application, though that may be elsewhere.
        let verdict = if from > 0 {
            Verdict::Forward(Onward::default())
        } else {
            Verdict::Nobody
        };
        self.apps.run(chain, asked, verdict, |_, _| {})
    }

    /// The same, told step by step. `None` for what has no method or target.
    pub fn trace(&self, request: &Message, origin: Origin) -> Option<Trace> {
        Trace::of(&self.dar, &self.apps, request, origin)
    }
}
