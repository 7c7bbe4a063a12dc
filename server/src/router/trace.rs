//! Why a request meets the applications it meets, in words.

use std::fmt;

use sip::msg::Message;

use super::application::{Asked, Leave, Onward, Origin, Said, Verdict};
use super::apps::Apps;
use super::click;
use super::dar::Dar;
use super::entry::Entry;
use super::select::Skipped;
use crate::config::Otherwise;

/// One request on its way through its chain, told line by line.
#[derive(Clone, Debug)]
pub struct Trace {
    method: String,
    steps: Vec<(String, String)>,
    verdict: Verdict,
    origin: Origin,
}

impl Trace {
    /// Lets a request meet its chain. `None` for what has no method or target.
    pub(super) fn of(dar: &Dar, apps: &Apps, request: &Message, origin: Origin) -> Option<Self> {
        let asked = Asked {
            request,
            target: request.uri().ok()?,
        };
        let mut steps = Vec::new();
        let verdict = apps.run(
            dar.select(request, origin, 0),
            asked,
            Verdict::Nobody,
            |entry, said| {
                let what = match (said, origin) {
                    (Ok(Said::Unless(_)), Origin::Page) => {
                        "lets it pass: who rings instead of whom is for phones that dial".to_owned()
                    }
                    (Ok(said), _) => words(said),
                    (Err(why), _) => skip(why),
                };
                steps.push((name(entry), what));
            },
        );
        Some(Self {
            method: request.method()?.to_string(),
            steps,
            verdict,
            origin,
        })
    }
}

fn name(entry: &Entry) -> String {
    match entry.line {
        0 => format!("{} (built in)", entry.application),
        line => format!("{} (line {line})", entry.application),
    }
}

fn skip(why: Skipped) -> String {
    match why {
        Skipped::Inbound => "is not asked: it takes requests from outside only".to_owned(),
        Skipped::Outbound => "is not asked: it takes requests of this server only".to_owned(),
        Skipped::Pattern => "is not asked: its REGEX is not found in the request".to_owned(),
    }
}

fn words(said: &Said) -> String {
    match said {
        Said::NotMine => "has nothing to do with it".to_owned(),
        Said::Pass => "lets it pass".to_owned(),
        Said::Retarget(uri) => format!("sends it to {}", uri.as_str()),
        Said::Unless(otherwise) => format!("lets it pass{}", instead(otherwise)),
        Said::Final(Verdict::Register) => "registers the phone".to_owned(),
        Said::Final(Verdict::Capabilities) => "tells what this server can do".to_owned(),
        Said::Final(Verdict::Refuse { status, reason }) => format!("refuses it: {status} {reason}"),
        Said::Final(Verdict::Forward(_)) => "forwards it".to_owned(),
        Said::Final(Verdict::Leave(leave)) => match leave.back {
            None => format!("is not asked: the request leaves for {}", leave.by.as_str()),
            Some(_) => format!(
                "is not asked: the request leaves for {}, and goes on behind here when it comes back",
                leave.by.as_str()
            ),
        },
        Said::Final(Verdict::Nobody) => "leaves it".to_owned(),
    }
}

/// Who rings when, each with a comma before it.
fn instead(otherwise: &Otherwise) -> String {
    let Otherwise {
        busy,
        no_answer,
        unreachable,
    } = otherwise;
    let mut text = String::new();
    if let Some(other) = busy {
        text += &format!(", when busy to {other}");
    }
    if let Some((after, other)) = no_answer {
        text += &format!(", without an answer in {after:?} to {other}");
    }
    if let Some(other) = unreachable {
        text += &format!(", when unreachable to {other}");
    }
    text
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = &self.method;
        if self.steps.is_empty() {
            writeln!(
                f,
                "{method}: no application is named for it, and none for ALL"
            )?;
        }
        for (name, what) in &self.steps {
            writeln!(f, "{name} {what}")?;
        }
        match self.origin {
            Origin::Outside => writeln!(f, "{}", self.verdict),
            Origin::Page => match click::called(&self.verdict) {
                Ok(None) => f.write_str("so whom it names is called\n"),
                Ok(Some(other)) => writeln!(f, "so {other} is called instead"),
                Err(refused) => writeln!(f, "so nobody is called: {refused}"),
            },
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register => f.write_str("so the registrar answers"),
            Self::Capabilities => f.write_str("so it is answered 200 with what this server can do"),
            Self::Refuse { status, reason } => write!(f, "so it is answered {status} {reason}"),
            Self::Forward(Onward { to, otherwise }) => {
                match to {
                    None => f.write_str("so it is forwarded to whom it names")?,
                    Some(uri) => write!(f, "so it is forwarded to {}", uri.as_str())?,
                }
                f.write_str(&instead(otherwise))
            }
            Self::Leave(Leave { to, by, back }) => {
                write!(f, "so it is sent to {}", by.as_str())?;
                if let Some(to) = to {
                    write!(f, ", addressed to {}", to.as_str())?;
                }
                match back {
                    Some(_) => f.write_str(", with a Route back to here"),
                    None => Ok(()),
                }
            }
            Self::Nobody => f.write_str(
                "so nobody has taken it: a request for this server itself is answered by it, any other 404",
            ),
        }
    }
}
