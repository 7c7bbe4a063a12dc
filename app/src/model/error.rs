//! What can go wrong with a wish of the operator, in variants that the page can explain.
//!
//! Crosses the wire typed; after a plain form it travels in the address of the redirect.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Aor;

/// Why a wish was not granted; the text tells the operator what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// The phone has no binding any more.
    #[error("{} is not registered. Check that the phone is switched on and connected.", .0.short())]
    NotRegistered(Aor),
    /// A phone cannot be put through to itself.
    #[error("A phone cannot call itself. Choose two different phones.")]
    SameParty,
    /// The two are in a call with each other already.
    #[error("These two are in a call with each other already. End it before you start another.")]
    AlreadyInCall,
    /// The call ended in the meantime.
    #[error("That call has ended already.")]
    CallGone,
    /// The text is no address of record.
    #[error("“{0}” is not a SIP address. Write it like sip:alice@example.com.")]
    BadAor(String),
    /// As many calls as the server was told to allow.
    #[error("The server has as many calls as it may. Try again when one has ended.")]
    TooManyCalls,
    /// Queues are full.
    #[error("The server is very busy. Try again in a moment.")]
    Busy,
    /// The server is about to stop and takes no new calls.
    #[error("The server is shutting down and takes no new calls. Try again when it is back.")]
    Draining,
    /// The request did not come from this page, or this operator may not do that.
    #[error("The server refused that: you may not do this from here.")]
    Forbidden,
    /// No answer from the server.
    #[error("The server cannot be reached. Nothing was changed; try again.")]
    Unreachable,
    /// The request or its answer could not be read: page and server are of different versions.
    #[error("This page and the server do not understand each other. Reload the page.")]
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
