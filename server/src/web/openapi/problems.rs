//! Which problems a route may answer with: the catalogue of codes, and sets of them for `#[utoipa::path]`.
//!
//! A code that a route can give stands in its set; `docs/api.md` has the same catalogue for people.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder};

/// Status, code, meaning; by status.
const CATALOGUE: &[(u16, &str, &str)] = &[
    (400, "bad_request", "the body or the query cannot be read"),
    (400, "bad_host", "the request names no host"),
    (403, "open_lab", "from a public address"),
    (403, "cross_site", "from a page of another site"),
    (
        403,
        "by_rule",
        "an application of the router refuses the call",
    ),
    (404, "no_such_call", "no call of that id, or not any more"),
    (405, "method_not_allowed", "see `Allow`"),
    (408, "too_slow", "the request took too long to arrive"),
    (
        409,
        "not_registered",
        "no phone is registered for that address",
    ),
    (
        409,
        "already_in_call",
        "these two are in a call with each other",
    ),
    (
        409,
        "party_busy",
        "a party is in another call, and `calls.when_busy` is not `allow`",
    ),
    (413, "too_large", "the body is too long"),
    (
        415,
        "unsupported_media_type",
        "`Content-Type` is not `application/json`",
    ),
    (421, "unknown_host", "called by a name that is not ours"),
    (422, "bad_address", "not a SIP address of record"),
    (422, "same_party", "`from` and `to` are the same"),
    (
        503,
        "busy",
        "the server has more to do than it can; see `Retry-After`",
    ),
    (
        503,
        "too_many_calls",
        "as many calls as there may be; see `Retry-After`",
    ),
    (
        503,
        "draining",
        "the server is about to stop; see `Retry-After`",
    ),
];

/// What whoever asks anything may hear: from the guard, before any handler.
const ALWAYS: &[&str] = &["bad_host", "open_lab", "unknown_host"];
/// What whoever wishes to change something may hear besides.
const CHANGES: &[&str] = &["cross_site", "too_slow", "too_large"];

/// A problem as it is written (RFC 9457 section 3.1).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "the shape of what `Problem` writes, for the document alone"
)]
pub(in crate::web) struct ProblemShape {
    /// Always `about:blank`: `code` says what kind it is.
    r#type: String,
    /// The phrase of the status.
    title: String,
    /// The status, again.
    status: u16,
    /// Stable: programs look at this.
    code: String,
    /// For people: what is wrong and what to do.
    detail: String,
}

/// Sets of problems as types, which is how `responses(...)` takes them: what others share, then codes of its own.
macro_rules! problems {
    ($($(#[$about:meta])* $name:ident: $shared:expr, $($code:literal)*;)+) => {$(
        $(#[$about])*
        pub(in crate::web) enum $name {}

        impl utoipa::IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                described(&[$($code),*], $shared)
            }
        }
    )+};
}

problems! {
    /// Of a list that is always there.
    Reading: &[], ;
    /// Of one call.
    OfCall: &[], "no_such_call";
    /// Of `POST /calls`.
    Placing: CHANGES, "bad_request" "unsupported_media_type" "by_rule" "not_registered" "already_in_call" "party_busy" "bad_address"
        "same_party" "busy" "too_many_calls" "draining";
    /// Of what changes one call.
    ChangingCall: CHANGES, "no_such_call" "busy";
}

/// One response for each status, with all its codes.
fn described(own: &[&str], shared: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (status, code, meaning) in CATALOGUE {
        if own.contains(code) || shared.contains(code) || ALWAYS.contains(code) {
            let codes = by_status.entry(*status).or_default();
            codes.push(format!("`{code}`: {meaning}"));
        }
    }
    let content = || {
        let schema = utoipa::openapi::Ref::from_schema_name(ProblemShape::name());
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let response = |codes: Vec<String>| {
        ResponseBuilder::new()
            .description(codes.join("; "))
            .content("application/problem+json", content())
            .build()
            .into()
    };
    let responses = by_status.into_iter();
    responses
        .map(|(status, codes)| (status.to_string(), response(codes)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::CATALOGUE;

    #[test]
    fn people_read_of_every_code() {
        let page = include_str!("../../../../docs/api.md");
        for (status, code, _) in CATALOGUE {
            let told = page.lines().any(|line| {
                line.starts_with(&format!("| {status} |")) && line.contains(&format!("`{code}`"))
            });
            assert!(told, "docs/api.md has no row for {status} `{code}`");
        }
    }
}
