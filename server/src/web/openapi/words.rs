//! Schemas of members that have one of a few words.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use app::model::{EndedBy, Outcome};

fn one_of(words: Vec<&'static str>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
}

fn one_of_or_null(words: Vec<&'static str>) -> ObjectBuilder {
    let words: Vec<_> = words.into_iter().map(Some).chain([None]).collect();
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(words))
}

macro_rules! words {
    ($($(#[$about:meta])* $name:ident: $($word:literal)+;)+) => {$(
        $(#[$about])*
        pub(in crate::web) fn $name() -> ObjectBuilder {
            one_of(vec![$($word),+])
        }
    )+};
}

words! {
    /// From or to.
    party: "from" "to";
    /// From where a call was placed.
    placed: "board" "phone";
    /// Where a call stands.
    call_state: "calling_a" "a_waiting" "calling_b" "connecting" "talking" "releasing" "done";
    /// Where a leg stands.
    leg_state: "planned" "inviting" "ringing" "early_media" "answered" "confirmed" "ending" "ended";
    /// How a device is reached.
    transport: "udp" "tcp" "tls" "ws" "wss";
}

/// What became of a call.
pub(in crate::web) fn outcome() -> ObjectBuilder {
    one_of_or_null(Outcome::ALL.map(Outcome::word).to_vec())
}

/// Who or what ended a leg.
pub(in crate::web) fn ended_by() -> ObjectBuilder {
    one_of(EndedBy::ALL.map(EndedBy::word).to_vec())
}
