//! Any text as a URI and as an AOR, alone and beside another.

use sip::name::{Aor, Host, Uri, UriRef};

/// One text.
pub fn name(text: &str) {
    if let Ok(uri) = UriRef::parse(text) {
        assert!(uri.equivalent(&uri), "{text} is itself");
        assert_eq!(
            uri.to_uri(),
            Uri::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
        );
        let _ = (uri.socket_addr(), uri.is_loose(), uri.password());
        for (name, _) in uri.params() {
            assert!(uri.param(name).is_some(), "{text} has {name}");
        }
        let host = uri.host().to_string();
        assert!(host.is_empty() || Host::parse(&host) == Some(uri.host()));
        let without = UriRef::parse(uri.without_headers());
        let without = without.unwrap_or_else(|why| panic!("{text} without headers: {why}"));
        assert_eq!(without.headers().count(), 0);
        assert_eq!(
            (without.user(), without.host(), without.port()),
            (uri.user(), uri.host(), uri.port())
        );
    }
    if let Ok(aor) = Aor::parse(text) {
        assert_eq!(
            Aor::parse(aor.as_str()).as_ref(),
            Ok(&aor),
            "canonical is its own canonical form"
        );
        assert!(aor.as_str().is_ascii());
    }
}

/// Two texts, the second behind the first line end.
pub fn names(text: &str) {
    let (one, other) = text.split_once('\n').unwrap_or((text, text));
    name(one);
    name(other);
    if let (Ok(a), Ok(b)) = (UriRef::parse(one), UriRef::parse(other)) {
        assert_eq!(a.equivalent(&b), b.equivalent(&a), "{one} and {other}");
        if let (true, Ok(a), Ok(b)) = (a.equivalent(&b), Aor::from_uri(a), Aor::from_uri(b)) {
            assert_eq!(a, b, "who is called the same is the same");
        }
    }
}
