//! The file as a list of keys with their values and lines. Tables of Leptos and cargo are not ours.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::Found;
use super::{ConfigError, Origin};

/// Tables in which Leptos keeps its own settings (it reads the same file).
const FOREIGN: [&str; 2] = ["workspace", "package"];

/// A key of the file, with its section.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) found: Found,
    pub(super) origin: Origin,
}

/// Every key of `text`, in no particular order.
pub(super) fn entries(path: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let origin = |at: usize| Origin::File {
        path: path.to_owned(),
        line: line(text, at),
    };
    let table = DeTable::parse(text).map_err(|error| ConfigError::NotToml {
        origin: origin(error.span().map_or(0, |span| span.start)),
        cause: error.message().to_owned(),
    })?;
    let mut entries = Vec::new();
    for (key, value) in table.get_ref() {
        let section = key.get_ref().as_ref();
        if FOREIGN.contains(&section) {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(inner) => entries.extend(inner.iter().map(|(name, value)| Entry {
                key: format!("{section}.{}", name.get_ref()),
                found: found(value),
                origin: origin(name.span().start),
            })),
            _ => entries.push(Entry {
                key: section.to_owned(),
                found: found(value),
                origin: origin(key.span().start),
            }),
        }
    }
    Ok(entries)
}

fn found(value: &Spanned<DeValue<'_>>) -> Found {
    match value.get_ref() {
        DeValue::String(text) => Found::Text(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Found::Other(number.as_str().to_owned()), Found::Integer),
        DeValue::Boolean(truth) => Found::Boolean(*truth),
        DeValue::Array(items) => Found::List(items.iter().map(found).collect()),
        DeValue::Float(number) => Found::Other(number.as_str().to_owned()),
        DeValue::Datetime(date) => Found::Other(date.to_string()),
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                (key.to_string(), found(value))
            };
            Found::Table(table.iter().map(entry).collect())
        }
    }
}

/// The line, counted from 1, of the byte at `at`.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
}
