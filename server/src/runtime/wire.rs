//! A message as a line of the log: escaped, without credentials.

use std::fmt;

/// Shows the bytes of a message.
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

/// Headers that prove who somebody is (RFC 3261 20.7, 20.28).
const CREDENTIALS: [&str; 2] = ["authorization", "proxy-authorization"];

impl fmt::Display for Wire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut withheld = false;
        for line in self.0.split_inclusive(|&byte| byte == b'\n') {
            let folded = line
                .first()
                .is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            let name = line
                .split(|&byte| byte == b':')
                .next()
                .unwrap_or_default()
                .trim_ascii_end();
            withheld = CREDENTIALS
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret.as_bytes()))
                || (withheld && folded);
            if withheld {
                f.write_str("(credentials)\\r\\n")?;
            } else {
                line.escape_ascii().fmt(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_line_and_keeps_credentials_to_itself() {
        let message = b"REGISTER sip:x SIP/2.0\r\nAUTHORIZATION : Digest username=\"u\",\r\n response=\"secret\"\r\nTo: \x1b[31m\r\n\r\n";
        let line = Wire(message).to_string();
        assert_eq!(
            line,
            r"REGISTER sip:x SIP/2.0\r\n(credentials)\r\n(credentials)\r\nTo: \x1b[31m\r\n\r\n"
        );
    }
}
