//! The lines of a Java properties file: comments, continued lines, escapes; each entry with the line it begins on.

use std::iter::Peekable;
use std::str::{Chars, Lines};

use super::fault::{Fault, What};

/// One `key: value`, unescaped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// Of the file, from 1.
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
}

/// All properties, in the order of the file.
pub(super) fn read(text: &str) -> Result<Vec<Property>, Vec<Fault>> {
    let (mut properties, mut faults) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    let mut number = 0;
    while let Some(logical) = Logical::next(&mut lines, &mut number) {
        match property(&logical) {
            Ok(property) => properties.push(property),
            Err(what) => faults.push(Fault {
                line: logical.line,
                what,
            }),
        }
    }
    if faults.is_empty() {
        Ok(properties)
    } else {
        Err(faults)
    }
}

/// A line with those that continue it.
struct Logical {
    line: usize,
    text: String,
}

impl Logical {
    /// The next line that is neither blank nor a comment. A comment is never continued.
    fn next(lines: &mut Lines<'_>, number: &mut usize) -> Option<Self> {
        let first = loop {
            *number += 1;
            let line = lines.next()?.trim_start();
            if !(line.is_empty() || line.starts_with(['#', '!'])) {
                break line;
            }
        };
        let line = *number;
        let mut text = String::new();
        let mut part = first;
        while let Some(continued) = without_continuation(part) {
            text.push_str(continued);
            *number += 1;
            part = lines.next().unwrap_or_default().trim_start();
        }
        text.push_str(part);
        Some(Self { line, text })
    }
}

/// The line without the backslash that continues it: one that no other backslash escapes.
fn without_continuation(line: &str) -> Option<&str> {
    let backslashes = line.bytes().rev().take_while(|&b| b == b'\\').count();
    (backslashes % 2 == 1).then(|| &line[..line.len() - 1])
}

fn property(logical: &Logical) -> Result<Property, What> {
    let mut chars = logical.text.chars().peekable();
    let mut key = String::new();
    while let Some(c) = chars.next_if(|c| !(c.is_whitespace() || matches!(c, ':' | '='))) {
        push(&mut key, c, &mut chars)?;
    }
    // White space, then one separator or none, then white space.
    skip_space(&mut chars);
    if chars.next_if(|c| matches!(c, ':' | '=')).is_some() {
        skip_space(&mut chars);
    }
    let mut value = String::new();
    while let Some(c) = chars.next() {
        push(&mut value, c, &mut chars)?;
    }
    Ok(Property {
        line: logical.line,
        key,
        value,
    })
}

fn skip_space(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

fn push(text: &mut String, c: char, rest: &mut Peekable<Chars<'_>>) -> Result<(), What> {
    if c != '\\' {
        text.push(c);
        return Ok(());
    }
    match rest.next() {
        Some('t') => text.push('\t'),
        Some('n') => text.push('\n'),
        Some('r') => text.push('\r'),
        Some('f') => text.push('\x0c'),
        Some('u') => {
            let digits: String = rest.by_ref().take(4).collect();
            let code = u32::from_str_radix(&digits, 16).ok();
            let read = code.filter(|_| digits.len() == 4).and_then(char::from_u32);
            text.push(read.ok_or(What::Escape(digits))?);
        }
        Some(other) => text.push(other),
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(usize, String, String)> {
        let read = read(text).expect("no fault");
        read.into_iter()
            .map(|property| (property.line, property.key, property.value))
            .collect()
    }

    fn pair(line: usize, key: &str, value: &str) -> (usize, String, String) {
        (line, key.to_owned(), value.to_owned())
    }

    #[test]
    fn separators_comments_and_blank_lines() {
        let text = "# one\n! two\n\n  INVITE: a b \nBYE=c\nACK d\nINFO  :  e";
        let expected = [
            pair(4, "INVITE", "a b "),
            pair(5, "BYE", "c"),
            pair(6, "ACK", "d"),
            pair(7, "INFO", "e"),
        ];
        assert_eq!(pairs(text), expected);
    }

    #[test]
    fn a_backslash_at_the_end_continues_a_line_but_not_a_comment() {
        let text = "INVITE: a, \\\n   b\\\\\nBYE: c\n# no \\\nACK: d";
        let expected = [
            pair(1, "INVITE", "a, b\\"),
            pair(3, "BYE", "c"),
            pair(5, "ACK", "d"),
        ];
        assert_eq!(pairs(text), expected);
    }

    #[test]
    fn escapes() {
        assert_eq!(
            pairs(r"A\:B: x\=\u0041\\.\t|"),
            [pair(1, "A:B", "x=A\\.\t|")]
        );
        assert_eq!(
            read("A: b\nC: \\u00G1"),
            Err(vec![Fault {
                line: 2,
                what: What::Escape("00G1".to_owned())
            }])
        );
    }
}
