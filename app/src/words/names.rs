//! What people call a phone: short, unique, and safe to read.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::model::{Aor, Phone};

/// The longest name that is shown, in characters.
const NAME: usize = 64;

/// The longest name within a sentence, in characters.
const BRIEF: usize = 16;

/// A name short enough to leave room for what is said of it; cut at a space where there is one.
pub fn brief(name: &str) -> Cow<'_, str> {
    let Some((end, _)) = name.char_indices().nth(BRIEF) else {
        return Cow::Borrowed(name);
    };
    let head = &name[..end];
    let words = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    Cow::Owned(format!("{words}…"))
}

/// Text of a peer without anything that could disturb a line: controls and characters that turn the direction of
/// reading go, runs of white space become one space, what is longer than `most` characters is cut.
pub fn plain(text: &str, most: usize) -> String {
    let mut plain = String::with_capacity(text.len().min(most));
    let mut room = most;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut letters = word.chars().filter(|c| !turns_direction(*c)).peekable();
        if letters.peek().is_some() && !plain.is_empty() && room > 0 {
            plain.push(' ');
            room -= 1;
        }
        for letter in letters {
            if room == 0 {
                plain.pop();
                plain.push('…');
                return plain;
            }
            plain.push(letter);
            room -= 1;
        }
    }
    plain
}

/// Marks and overrides of the bidirectional algorithm, and characters without width.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// A label for each phone: its display name, else the user part of its AOR. Where two would read the same, or one
/// reads like the address of another, both are called by their whole AOR.
pub fn labels<'a>(
    phones: impl Iterator<Item = (&'a Aor, Option<&'a Phone>)>,
) -> BTreeMap<Aor, String> {
    let mut labels: BTreeMap<Aor, String> = phones
        .map(|(aor, phone)| (aor.clone(), wished(aor, phone)))
        .collect();
    let mut claims: HashMap<String, u32> = HashMap::new();
    for (aor, label) in &labels {
        let (label, whole, short) = (fold(label), fold(aor.as_str()), fold(aor.short()));
        for other in [whole, short] {
            if other != label {
                *claims.entry(other).or_default() += 1;
            }
        }
        *claims.entry(label).or_default() += 1;
    }
    for (aor, label) in &mut labels {
        if claims.get(&fold(label)).is_some_and(|claims| *claims > 1) {
            *label = aor.as_str().to_owned();
        }
    }
    labels
}

fn wished(aor: &Aor, phone: Option<&Phone>) -> String {
    let name = phone.and_then(|phone| phone.name.as_deref());
    let candidates = [name, aor.user(), Some(aor.short()), Some(aor.as_str())];
    candidates
        .into_iter()
        .flatten()
        .map(|text| plain(text, NAME))
        .find(|label| !label.is_empty())
        .unwrap_or_else(|| "?".to_owned())
}

fn fold(label: &str) -> String {
    label.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{brief, labels, plain};
    use crate::model::{Aor, Phone};

    fn label(phones: &[(&str, Option<&str>)]) -> Vec<String> {
        let phones: Vec<Phone> = phones
            .iter()
            .map(|(aor, name)| Phone {
                aor: Aor::new(aor),
                name: name.map(str::to_owned),
                devices: Vec::new(),
            })
            .collect();
        labels(phones.iter().map(|phone| (&phone.aor, Some(phone))))
            .into_values()
            .collect()
    }

    #[test]
    fn a_phone_is_called_by_its_name_else_by_its_user() {
        assert_eq!(
            label(&[("sip:a@x", Some("Alice")), ("sip:bob@x", None)]),
            ["Alice", "bob"]
        );
        assert_eq!(
            label(&[("sip:a@x", Some("  ")), ("sip:x", None)]),
            ["a", "x"]
        );
    }

    #[test]
    fn two_of_the_same_name_are_called_by_their_addresses() {
        assert_eq!(
            label(&[
                ("sip:a@x", Some("Alice")),
                ("sip:alice@y", None),
                ("sip:bob@x", None)
            ]),
            ["sip:a@x", "sip:alice@y", "bob"]
        );
    }

    #[test]
    fn nobody_passes_for_the_address_of_another() {
        assert_eq!(
            label(&[
                ("sip:boss@x", None),
                ("sip:eve@x", Some("Boss@X")),
                ("sip:eva@x", Some("SIP:boss@x"))
            ]),
            ["boss", "sip:eva@x", "sip:eve@x"].map(str::to_owned)
        );
    }

    #[test]
    fn long_names_are_cut_at_a_word() {
        assert_eq!(brief("Alice"), "Alice");
        assert_eq!(brief("Bartholomew Featherstonehaugh"), "Bartholomew…");
        assert_eq!(brief("49123456789012345"), "4912345678901234…");
        assert_eq!(brief("4912345678901234"), "4912345678901234");
        assert_eq!(brief("Иван Петрович Петров"), "Иван Петрович…");
    }

    #[test]
    fn text_of_peers_is_one_plain_bounded_line() {
        assert_eq!(plain("  a\r\n\tb\u{0}c  ", 9), "a b c");
        assert_eq!(plain("\u{202e}evil\u{202c}", 9), "evil");
        assert_eq!(plain("abcdef", 4), "abc…");
        assert_eq!(plain("abcd", 4), "abcd");
        assert_eq!(
            plain("<b>\"'&", 9),
            "<b>\"'&",
            "escaping is the part of whoever shows it"
        );
    }
}
