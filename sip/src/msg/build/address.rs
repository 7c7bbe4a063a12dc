//! A `name-addr` to be written: display name, URI, tag (RFC 3261 section 25.1).

use std::fmt;

/// Prints as `"Display" <uri>;tag=...`, the display name quoted and escaped.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// The display name, unescaped; none if empty.
    pub display: &'a str,
    /// The URI.
    pub uri: &'a str,
    /// The tag, if there is one.
    pub tag: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// Only a URI.
    pub const fn new(uri: &'a str) -> Self {
        Self {
            display: "",
            uri,
            tag: None,
        }
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        if !self.display.is_empty() {
            f.write_char('"')?;
            for letter in self.display.chars() {
                if matches!(letter, '"' | '\\') {
                    f.write_char('\\')?;
                }
                f.write_char(letter)?;
            }
            f.write_str("\" ")?;
        }
        write!(f, "<{}>", self.uri)?;
        match self.tag {
            Some(tag) => write!(f, ";tag={tag}"),
            None => Ok(()),
        }
    }
}
