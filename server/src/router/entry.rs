//! One application of a chain: the `sip-router-info` of JSR 289, appendix C.

use regex_lite::Regex;
use sip::name::{Scheme, Uri};

use super::application::Application;
use super::fault::What;

/// One application of a chain.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Of the file, from 1; 0 for what no file says.
    pub line: usize,
    /// Who gets the request.
    pub application: Application,
    /// Whose request it counts as: `DAR:From` names a header, anything else stands for itself.
    pub subscriber: Box<str>,
    /// On whose behalf; of no consequence here, as it is of none in the containers this format comes from.
    pub region: Region,
    /// Its place in the chain.
    pub order: u32,
    /// Where the request leaves this server, in place of being heard here.
    pub(super) route: Option<Route>,
    /// From where requests are taken; from anywhere when none is given.
    pub direction: Option<Direction>,
    /// What the request has to contain.
    pub(super) pattern: Option<Regex>,
}

/// A way out of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The server that gets the request; a loose router.
    pub(super) to: Uri,
    /// Whether it is to come back for the applications behind this one.
    pub(super) back: bool,
}

/// The routing region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// On behalf of the caller.
    Originating,
    /// On behalf of the callee.
    Terminating,
    /// Neither.
    Neutral,
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From outside.
    Inbound,
    /// From this server itself.
    Outbound,
    /// From this server itself, and back to the application that began it.
    UacRouteBack,
}

impl Entry {
    /// Reads the values of one tuple.
    pub(super) fn read(line: usize, fields: &[String]) -> Result<Self, What> {
        let ([name, subscriber, region, route, modifier, order], options) = fields
            .split_first_chunk()
            .ok_or(What::Fields(fields.len()))?;
        if options.len() > 1 {
            return Err(What::Fields(fields.len()));
        }
        let options = options.first().map_or("", String::as_str);
        let application = Application::of_name(name).ok_or_else(|| What::Unknown(name.clone()))?;
        let region = Region::read(region)?;
        let route = Route::read(modifier, route)?;
        Ok(Self {
            line,
            application,
            subscriber: subscriber.as_str().into(),
            region,
            route,
            order: order
                .trim()
                .parse()
                .map_err(|_| What::Order(order.clone()))?,
            direction: option(options, "DIRECTION")
                .map(Direction::read)
                .transpose()?,
            pattern: option(options, "REGEX").map(pattern).transpose()?,
        })
    }
}

impl Region {
    fn read(text: &str) -> Result<Self, What> {
        match text {
            "ORIGINATING" => Ok(Self::Originating),
            "TERMINATING" => Ok(Self::Terminating),
            "NEUTRAL" => Ok(Self::Neutral),
            _ => Err(What::Region(text.to_owned())),
        }
    }
}

impl Route {
    /// Reads route and modifier. A server that is sent to by a Route of ours knows loose routing (RFC 3261 section
    /// 16.12), also where the file does not say `lr`.
    fn read(modifier: &str, route: &str) -> Result<Option<Self>, What> {
        let back = match modifier {
            "NO_ROUTE" => return Ok(None),
            "ROUTE" => false,
            "ROUTE_BACK" => true,
            _ => return Err(What::Modifier(modifier.to_owned())),
        };
        let wrong = || What::Route(route.to_owned());
        let uri = Uri::parse(route).map_err(|_| wrong())?;
        let is_sip = matches!(uri.as_ref().scheme(), Scheme::Sip | Scheme::Sips);
        let to = match uri.as_ref() {
            named if !is_sip || named.headers().next().is_some() => return Err(wrong()),
            named if named.is_loose() => uri,
            _ => Uri::parse(&format!("{route};lr")).map_err(|_| wrong())?,
        };
        Ok(Some(Self { to, back }))
    }
}

impl Direction {
    fn read(text: &str) -> Result<Self, What> {
        match text {
            "INBOUND" => Ok(Self::Inbound),
            "OUTBOUND" => Ok(Self::Outbound),
            "UAC_ROUTE_BACK" => Ok(Self::UacRouteBack),
            _ => Err(What::Direction(text.to_owned())),
        }
    }
}

fn pattern(text: &str) -> Result<Regex, What> {
    Regex::new(text).map_err(|why| What::Regex {
        pattern: text.to_owned(),
        why: why.to_string(),
    })
}

/// The value of `KEY=value`; it ends before the next ` KEY=`, so that a pattern may contain blanks. Keys that nobody
/// knows are passed over, as the format wants it.
fn option<'a>(options: &'a str, key: &str) -> Option<&'a str> {
    let starts: Vec<usize> = options
        .match_indices('=')
        .filter_map(|(at, _)| {
            let head = &options[..at];
            let start = head.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
            let is_key = |name: &str| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            };
            is_key(&head[start..]).then_some(start)
        })
        .collect();
    starts.iter().enumerate().find_map(|(nth, &start)| {
        let end = starts.get(nth + 1).copied().unwrap_or(options.len());
        let (name, value) = options[start..end].split_once('=')?;
        (name == key).then(|| value.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::option;

    #[test]
    fn options_stand_in_any_order_and_unknown_ones_are_passed_over() {
        let options = "DIRECTION=INBOUND REGEX=From: .*a=b.* LATER=1";
        assert_eq!(option(options, "DIRECTION"), Some("INBOUND"));
        assert_eq!(option(options, "REGEX"), Some("From: .*a=b.*"));
        assert_eq!(option(options, "LATER"), Some("1"));
        assert_eq!(
            option("REGEX=^A DIRECTION=OUTBOUND", "DIRECTION"),
            Some("OUTBOUND")
        );
        assert_eq!(option("", "REGEX"), None);
    }
}
