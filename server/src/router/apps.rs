//! The small applications: speed dial, blocking and forwarding by rules from the configuration.

use std::collections::BTreeMap;

use sip::msg::Method;
use sip::name::{Aor, Uri};

use super::application::{Application, Asked, Leave, Onward, Said, Verdict};
use super::entry::Entry;
use super::select::{Selection, Skipped};
use crate::config::{self, Otherwise, When};

/// What an application is to the router.
trait App {
    /// Hears a request.
    fn hear(&self, asked: Asked<'_>) -> Said;
}

/// All applications, with their rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Apps {
    speed_dial: SpeedDial,
    blocking: CallBlocking,
    forwarding: CallForwarding,
}

impl Apps {
    /// With the rules of the configuration.
    pub(super) fn new(rules: &config::Router) -> Self {
        Self {
            speed_dial: SpeedDial::new(&rules.speed_dial),
            blocking: CallBlocking::new(&rules.blocked),
            forwarding: CallForwarding::new(&rules.forwarded),
        }
    }

    /// Whether there is a rule at all.
    pub(super) fn has_rules(&self) -> bool {
        !(self.speed_dial.0.is_empty() && self.blocking.is_empty() && self.forwarding.is_empty())
    }

    /// Asks one application.
    pub(super) fn hear(&self, application: Application, asked: Asked<'_>) -> Said {
        match application {
            Application::Registrar => Registrar.hear(asked),
            Application::Proxy => Proxy.hear(asked),
            Application::ClickToCall => ClickToCall.hear(asked),
            Application::SpeedDial => self.speed_dial.hear(asked),
            Application::CallBlocking => self.blocking.hear(asked),
            Application::CallForwarding => self.forwarding.hear(asked),
        }
    }

    /// Lets a request meet its chain; `heard` is told of each step.
    ///
    /// An application that lets a request pass acts as a proxy, as it did in the servlet container: what no one stops
    /// is forwarded. A request that no application cares for is nobody's. `verdict` is what is said already, of one that
    /// comes back from another server.
    pub(super) fn run<'a>(
        &self,
        chain: impl Iterator<Item = Selection<'a>>,
        asked: Asked<'_>,
        mut verdict: Verdict,
        mut heard: impl FnMut(&'a Entry, Result<&Said, Skipped>),
    ) -> Verdict {
        for Selection {
            entry,
            next,
            skipped,
        } in chain
        {
            if let Some(why) = skipped {
                heard(entry, Err(why));
                continue;
            }
            if let Some(route) = &entry.route {
                let leave = Verdict::Leave(Leave {
                    to: match verdict {
                        Verdict::Forward(Onward { to, .. }) => to,
                        _ => None,
                    },
                    by: route.to.clone(),
                    back: route.back.then_some(next),
                });
                heard(entry, Ok(&Said::Final(leave.clone())));
                return leave;
            }
            let target = match &verdict {
                Verdict::Forward(Onward { to: Some(uri), .. }) => uri.as_ref(),
                _ => asked.target,
            };
            let said = self.hear(entry.application, Asked { target, ..asked });
            heard(entry, Ok(&said));
            match said {
                Said::NotMine => {}
                Said::Pass if verdict == Verdict::Nobody => {
                    verdict = Verdict::Forward(Onward::default());
                }
                Said::Pass => {}
                Said::Retarget(uri) => {
                    verdict = Verdict::Forward(Onward {
                        to: Some(uri),
                        otherwise: Otherwise::default(),
                    });
                }
                Said::Unless(otherwise) => {
                    let to = match verdict {
                        Verdict::Forward(Onward { to, .. }) => to,
                        _ => None,
                    };
                    verdict = Verdict::Forward(Onward { to, otherwise });
                }
                Said::Final(last) => return last,
            }
        }
        verdict
    }
}

struct Registrar;

impl App for Registrar {
    fn hear(&self, asked: Asked<'_>) -> Said {
        match asked.request.method() {
            Some(Method::Register) => Said::Final(Verdict::Register),
            _ => Said::NotMine,
        }
    }
}

struct Proxy;

impl App for Proxy {
    fn hear(&self, _: Asked<'_>) -> Said {
        Said::Pass
    }
}

struct ClickToCall;

impl App for ClickToCall {
    fn hear(&self, asked: Asked<'_>) -> Said {
        match asked.request.method() {
            Some(Method::Register) => Said::Final(Verdict::Register),
            Some(Method::Options) => Said::Final(Verdict::Capabilities),
            _ => Said::NotMine,
        }
    }
}

/// Digits and the addresses they stand for.
#[derive(Clone, Debug, Default)]
struct SpeedDial(BTreeMap<Box<str>, Uri>);

impl SpeedDial {
    fn new(rules: &[config::SpeedDial]) -> Self {
        let pairs = rules
            .iter()
            .map(|rule| (rule.digits.clone(), rule.to.clone()));
        Self(pairs.collect())
    }
}

impl App for SpeedDial {
    /// A single digit that stands for nobody is refused, as the servlet did; longer numbers may be phones.
    fn hear(&self, asked: Asked<'_>) -> Said {
        let Some(digits) = asked.target.user().filter(|_| is_invite(asked)) else {
            return Said::NotMine;
        };
        match self.0.get(digits) {
            Some(uri) => Said::Retarget(uri.clone()),
            None if !self.0.is_empty() && matches!(digits.as_bytes(), [b'1'..=b'9']) => {
                Said::Final(Verdict::Refuse {
                    status: 488,
                    reason: format!("No Mapping For {digits}"),
                })
            }
            None => Said::NotMine,
        }
    }
}

/// Callers who are refused.
#[derive(Clone, Debug, Default)]
struct CallBlocking {
    aors: Vec<Aor>,
    hosts: Vec<Box<str>>,
}

impl CallBlocking {
    fn new(rules: &[config::Blocked]) -> Self {
        let mut blocking = Self::default();
        for rule in rules {
            match rule {
                config::Blocked::Aor(aor) => blocking.aors.push(aor.clone()),
                config::Blocked::Host(host) => blocking.hosts.push(host.clone()),
            }
        }
        blocking
    }

    fn is_empty(&self) -> bool {
        self.aors.is_empty() && self.hosts.is_empty()
    }
}

impl App for CallBlocking {
    /// The servlet was a proxy for those it let pass; where nobody is blocked, this one is not there.
    fn hear(&self, asked: Asked<'_>) -> Said {
        if self.is_empty() || !is_invite(asked) {
            return Said::NotMine;
        }
        let is_blocked = asked.from().is_some_and(|from| {
            self.aors.contains(&from) || self.hosts.iter().any(|host| **host == *from.host())
        });
        if is_blocked {
            Said::Final(Verdict::Refuse {
                status: 403,
                reason: "Forbidden".to_owned(),
            })
        } else {
            Said::Pass
        }
    }
}

/// Parties whose calls go elsewhere.
#[derive(Clone, Debug, Default)]
struct CallForwarding {
    always: BTreeMap<Aor, Uri>,
    otherwise: BTreeMap<Aor, Otherwise>,
}

impl CallForwarding {
    fn new(rules: &[config::Forwarding]) -> Self {
        let mut forwarding = Self::default();
        for config::Forwarding { when, who, to } in rules {
            if *when == When::Always {
                forwarding.always.insert(who.clone(), to.clone());
                continue;
            }
            let otherwise = forwarding.otherwise.entry(who.clone()).or_default();
            let other = Aor::from_uri(to.as_ref()).ok();
            match when {
                When::Always => {}
                When::Busy => otherwise.busy = other,
                When::NoAnswer(after) => otherwise.no_answer = other.map(|other| (*after, other)),
                When::Unreachable => otherwise.unreachable = other,
            }
        }
        forwarding
    }

    fn is_empty(&self) -> bool {
        self.always.is_empty() && self.otherwise.is_empty()
    }
}

impl App for CallForwarding {
    fn hear(&self, asked: Asked<'_>) -> Said {
        if self.is_empty() || !is_invite(asked) {
            return Said::NotMine;
        }
        let Ok(who) = Aor::from_uri(asked.target) else {
            return Said::NotMine;
        };
        match (self.always.get(&who), self.otherwise.get(&who)) {
            (Some(uri), _) => Said::Retarget(uri.clone()),
            (None, Some(otherwise)) => Said::Unless(otherwise.clone()),
            (None, None) => Said::NotMine,
        }
    }
}

fn is_invite(asked: Asked<'_>) -> bool {
    asked.request.method() == Some(&Method::Invite)
}
