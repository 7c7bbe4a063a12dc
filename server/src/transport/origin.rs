//! Which pages may open a WebSocket for SIP (RFC 6455 section 10.2, RFC 7118 section 4.1).
//!
//! A browser lets every page open a WebSocket to anywhere, and says which page it was. So a page of our own host may, and
//! one of a site that is set; a page of any other site would register phones behind the back of whoever reads it. The
//! host must be one of ours as well: a foreign name that was pointed at us would make its page one of our own. What
//! names no origin is no browser.

use std::net::IpAddr;

use crate::config::{Config, Origins};

/// The rule in force.
#[derive(Debug)]
pub(crate) struct OriginRule {
    names: Box<[String]>,
    others: Origins,
}

/// A page may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Foreign {
    #[error("this server does not answer to the name in the address; add it to web.names")]
    Host,
    #[error("the page is of another site; add its origin to sip.origins")]
    Origin,
}

impl OriginRule {
    pub(crate) fn new(config: &Config) -> Self {
        let sip = &config.sip;
        let names = config.web.names.iter().chain(&sip.domains);
        Self {
            names: names.chain(&sip.advertised).cloned().collect(),
            others: sip.origins.clone(),
        }
    }

    /// Judges the headers Host and Origin of a handshake.
    pub(crate) fn judge(&self, host: Option<&str>, origin: Option<&str>) -> Result<(), Foreign> {
        let Some(origin) = origin else { return Ok(()) };
        let is_set = |other: &String| other == "*" || other.eq_ignore_ascii_case(origin);
        if self.others.0.iter().any(is_set) {
            return Ok(());
        }
        let host = name(host.unwrap_or_default());
        let page = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .map(name)
            .ok_or(Foreign::Origin)?;
        if !page.eq_ignore_ascii_case(host) {
            return Err(Foreign::Origin);
        }
        if self.is_ours(host) {
            Ok(())
        } else {
            Err(Foreign::Host)
        }
    }

    /// An address cannot be pointed elsewhere, and the rest are names that nobody else owns here.
    fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_matches(['[', ']']);
        bare.parse::<IpAddr>().is_ok()
            || host.eq_ignore_ascii_case("localhost")
            || host.to_ascii_lowercase().ends_with(".localhost")
            || self
                .names
                .iter()
                .any(|ours| ours.eq_ignore_ascii_case(host))
    }
}

/// Without the port: the page is served on another one than the phone speaks on.
fn name(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        Some(_) | None => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_our_own_host_may_and_one_that_is_set() {
        let mut config = Config::default();
        config.web.names = vec!["board.example".to_owned()];
        config.sip.origins = Origins(vec!["https://phone.example:8443".to_owned()]);
        let rule = OriginRule::new(&config);
        for (host, origin, judged) in [
            ("10.0.0.7:5082", None, Ok(())),
            ("10.0.0.7:5082", Some("http://10.0.0.7:8080"), Ok(())),
            ("[::1]:5083", Some("https://[::1]"), Ok(())),
            ("board.example:5083", Some("https://Board.Example"), Ok(())),
            ("10.0.0.7:5082", Some("https://phone.example:8443"), Ok(())),
            (
                "10.0.0.7:5082",
                Some("https://phone.example"),
                Err(Foreign::Origin),
            ),
            (
                "10.0.0.7:5082",
                Some("http://evil.example"),
                Err(Foreign::Origin),
            ),
            ("10.0.0.7:5082", Some("null"), Err(Foreign::Origin)),
            ("10.0.0.7:5082", Some("file://"), Err(Foreign::Origin)),
            // Pointed at us by its owner.
            (
                "evil.example:5082",
                Some("http://evil.example"),
                Err(Foreign::Host),
            ),
        ] {
            assert_eq!(rule.judge(Some(host), origin), judged, "{host} {origin:?}");
        }
        assert_eq!(
            rule.judge(None, Some("http://10.0.0.7")),
            Err(Foreign::Origin)
        );
        config.sip.origins = Origins(vec!["*".to_owned()]);
        let rule = OriginRule::new(&config);
        assert_eq!(rule.judge(Some("x"), Some("http://evil.example")), Ok(()));
    }
}
