//! What can go wrong with a wish of the operator, in variants that the page can explain (`words::refusal`).
//!
//! Crosses the wire typed; after a plain form it travels in the address of the redirect.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Aor;

/// Why a wish was not granted. The text is for logs; people are told more.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// The phone has no binding any more.
    #[error("{0} is not registered")]
    NotRegistered(Aor),
    /// A phone cannot be put through to itself.
    #[error("a phone cannot call itself")]
    SameParty,
    /// The two are in a call with each other already.
    #[error("these two are in a call with each other already")]
    AlreadyInCall,
    /// A party is in another call, and the server is set not to disturb it.
    #[error("{aor} is in another call")]
    PartyBusy {
        /// Who.
        aor: Aor,
        /// Whether the server grants it to who insists.
        may_insist: bool,
    },
    /// The call ended in the meantime.
    #[error("the call has ended already")]
    CallGone,
    /// The text is no address of record.
    #[error("{0:?} is no address of record")]
    BadAor(String),
    /// An application of the router refuses it, with this answer (`403 Forbidden`).
    #[error("the application router refuses it: {0}")]
    ByRule(String),
    /// As many calls as the server was told to allow.
    #[error("too many calls")]
    TooManyCalls,
    /// Queues are full.
    #[error("the server is busy")]
    Busy,
    /// The server is about to stop and takes no new calls.
    #[error("the server is shutting down")]
    Draining,
    /// The request did not come from this page, or this operator may not do that.
    #[error("forbidden")]
    Forbidden,
    /// No answer from the server.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The request or its answer could not be read: page and server are of different versions.
    #[error("request or answer could not be read")]
    Garbled,
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::ServerError(_) | ServerFnErrorErr::MiddlewareError(_) => Self::Busy,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Response(_) => Self::Garbled,
        }
    }
}
