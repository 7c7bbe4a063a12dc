//! Writes a description for one leg out of what the other leg's phone said, line by line.
//!
//! The `v=` and `o=` lines are not written here: the latter depends on the rest ([`super::view`]).

use super::description::Description;
use super::groups::{Names, is_mid_extension};
use super::stream::Stream;

/// One media description to be written.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Whose lines it has; of none, it is refused.
    pub(super) stream: Option<Stream<'a>>,
    /// The `m=` line, without `m=`, with which it is refused.
    pub(super) refusal: String,
    /// Its name on this leg.
    pub(super) mid: Option<String>,
}

/// All that follows the `o=` line: the session level of `of`, then the sections.
pub(super) fn write(of: &Description, sections: &[Section<'_>]) -> String {
    let names = names(sections);
    let mut out = String::with_capacity(2_048);
    session(of, &names, &mut out);
    for section in sections {
        match section.stream {
            Some(stream) => passed(stream, section.mid.as_deref(), &mut out),
            None => refused(of, section, &mut out),
        }
    }
    out
}

fn names<'a>(sections: &[Section<'a>]) -> Names<'a> {
    let mut names = Names::default();
    for section in sections {
        let old = section.stream.filter(Stream::is_live);
        let old = old.and_then(|stream| stream.mid());
        if let (Some(old), Some(new)) = (old, &section.mid) {
            names.pairs.push((old, new.clone()));
        }
    }
    names
}

/// In the order of RFC 8866 section 5: `s=` first, and a `t=`, where it is missing, before what must follow it.
fn session(of: &Description, names: &Names<'_>, out: &mut String) {
    let subject = of.session_value("s=").filter(|subject| !subject.is_empty());
    line(out, &["s=", subject.unwrap_or("-")]);
    let mut has_time = of.session_value("t=").is_some();
    for said in of.session() {
        match said.as_bytes()[0] {
            b'v' | b'o' | b's' => continue,
            b'a' | b'r' | b'z' | b'k' if !has_time => {
                line(out, &["t=0 0"]);
                has_time = true;
            }
            _ => {}
        }
        if said.starts_with("a=group:") {
            if let Some(group) = names.group(&said["a=".len()..]) {
                line(out, &["a=", &group]);
            }
        } else if !(names.are_changed() && is_mid_extension(said)) {
            line(out, &[said]);
        }
    }
    if !has_time {
        line(out, &["t=0 0"]);
    }
}

fn passed(stream: Stream<'_>, mid: Option<&str>, out: &mut String) {
    let is_renamed = stream.mid() != mid;
    for said in stream.of.section(stream.index) {
        if said.starts_with("a=mid:") {
            if let Some(mid) = mid {
                line(out, &["a=mid:", mid]);
            }
        } else if !(is_renamed && is_mid_extension(said)) {
            line(out, &[said]);
        }
    }
}

fn refused(of: &Description, section: &Section<'_>, out: &mut String) {
    line(out, &["m=", &section.refusal]);
    // Each media description has an address, of its own or the session's (RFC 8866 section 5.7).
    if of.session_value("c=").is_none() {
        line(out, &["c=IN IP4 0.0.0.0"]);
    }
    line(out, &["a=inactive"]);
    if let Some(mid) = &section.mid {
        line(out, &["a=mid:", mid]);
    }
}

/// Appends a line.
pub(super) fn line(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
    out.push_str("\r\n");
}
