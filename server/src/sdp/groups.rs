//! The names of streams (`a=mid`, RFC 5888) and the groups that speak of them (`a=group`, RFC 9143), when streams of one
//! leg are shown to the other, whose phone may know its own by other names.

/// Header extension by which RTP packets carry the name of their stream (RFC 9143 section 15). What is renamed
/// must not be agreed to have it: the packets go past us and would carry the old name.
const MID_EXTENSION: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// Which streams have which names now.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Old and new name of each stream that is shown and not refused.
    pub(super) pairs: Vec<(&'a str, String)>,
}

impl Names<'_> {
    /// Whether any stream has got another name.
    pub(super) fn are_changed(&self) -> bool {
        self.pairs.iter().any(|(old, new)| old != new)
    }

    /// An attribute `group:...` in the new names; `None` when none of its streams is left.
    pub(super) fn group(&self, attribute: &str) -> Option<String> {
        let mut words = attribute.split_ascii_whitespace();
        let mut group = words.next()?.to_owned();
        let empty = group.len();
        for name in words {
            if let Some((_, new)) = self.pairs.iter().find(|(old, _)| *old == name) {
                group.push(' ');
                group.push_str(new);
            }
        }
        (group.len() > empty).then_some(group)
    }
}

/// Whether a line asks for that extension.
pub(super) fn is_mid_extension(line: &str) -> bool {
    let is_it = |uri: &str| uri == MID_EXTENSION;
    line.starts_with("a=extmap:") && line.split_ascii_whitespace().nth(1).is_some_and(is_it)
}

/// This name, or one that is not taken.
pub(super) fn fresh(name: &str, mut is_taken: impl FnMut(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    let mut numbers = (0_u32..).map(|number| number.to_string());
    let free = numbers.find(|number| !is_taken(number));
    free.unwrap_or_else(|| name.to_owned())
}
