//! `/api/v1`: calls and registrations for programs. `GET` never changes anything.

use app::model::{self, AppError, Party};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Web;
use super::openapi::problems::{ChangingCall, OfCall, Placing, Reading};
use super::openapi::words;
use super::problem::Problem;
use super::resource::{Call, Registration};
use crate::command::Manner;
use crate::event::CallRef;

/// The wish to put two phones through.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCall {
    /// The address of record that rings first.
    #[schema(example = "sip:alice@192.168.1.2")]
    from: String,
    /// The one that rings when the first has answered.
    #[schema(example = "sip:bob@192.168.1.2")]
    to: String,
    /// Turns that order round.
    #[serde(default)]
    #[schema(schema_with = words::party)]
    ring_first: Party,
    /// Whether the phone that rings first is asked to answer by itself; left out: as `calls.auto_answer` says.
    #[serde(default)]
    auto_answer: Option<bool>,
    /// Whether it is placed though a party is in another call, where `calls.when_busy` is `ask`.
    #[serde(default)]
    despite_busy: bool,
}

impl NewCall {
    const fn manner(&self) -> Manner {
        Manner {
            auto_answer: self.auto_answer,
            despite_busy: self.despite_busy,
        }
    }
}

/// A call that exists now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Placed {
    /// Its name: a UUID.
    id: String,
}

/// Place a call.
///
/// Answers as soon as the call exists, long before anybody lifts.
#[utoipa::path(
    post, path = "/calls", tag = "calls", operation_id = "placeCall",
    request_body = NewCall,
    responses(
        (status = 202, description = "The call exists", body = Placed, headers(("location" = String, description = "Where it can be looked at"))),
        Placing,
    )
)]
pub(super) async fn place(
    State(web): State<Web>,
    body: Result<Json<NewCall>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(wish) = body.map_err(unreadable)?;
    let call = web
        .board("api")
        .place(&wish.from, &wish.to, wish.ring_first, wish.manner())
        .await?;
    let id = call.to_string();
    let location = [(header::LOCATION, format!("/api/v1/calls/{id}"))];
    Ok((StatusCode::ACCEPTED, location, Json(Placed { id })))
}

/// List all calls.
///
/// What the board shows, in the order in which they were opened.
#[utoipa::path(
    get, path = "/calls", tag = "calls", operation_id = "listCalls",
    responses((status = 200, description = "All calls", body = [Call]), Reading)
)]
pub(super) async fn list(State(web): State<Web>) -> Response {
    let calls = web.snapshot().calls;
    Json(calls.iter().map(Call::from).collect::<Vec<_>>()).into_response()
}

/// Look at a call.
///
/// One that is over can be looked at for some seconds.
#[utoipa::path(
    get, path = "/calls/{id}", tag = "calls", operation_id = "showCall",
    params(("id" = String, Path, description = "The call")),
    responses((status = 200, description = "The call", body = Call), OfCall)
)]
pub(super) async fn show(
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let call = web
        .feed
        .call(&model::CallRef::new(&id))
        .ok_or_else(Problem::no_such_call)?;
    Ok(Json(Call::from(&call)).into_response())
}

/// End a call.
///
/// Begins to release it, wherever it stands. To ask again is no error while the board still shows it.
#[utoipa::path(
    delete, path = "/calls/{id}", tag = "calls", operation_id = "endCall",
    params(("id" = String, Path, description = "The call")),
    responses((status = 204, description = "Both phones are being released"), ChangingCall)
)]
pub(super) async fn release(
    State(web): State<Web>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let call = CallRef::parse(&id).ok_or_else(Problem::no_such_call)?;
    match web.board("api").release(call).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(AppError::CallGone) if web.feed.call(&model::CallRef::new(&id)).is_some() => {
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => Err(error.into()),
    }
}

/// List who is registered.
///
/// Every address of record with its devices, in the order of addresses.
#[utoipa::path(
    get, path = "/registrations", tag = "registrations", operation_id = "listRegistrations",
    responses((status = 200, description = "Who is there", body = [Registration]), Reading)
)]
pub(super) async fn registrations(State(web): State<Web>) -> Response {
    let phones = web.snapshot().phones;
    Json(phones.iter().map(Registration::from).collect::<Vec<_>>()).into_response()
}

fn unreadable(rejection: JsonRejection) -> Problem {
    let code = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        _ => "bad_request",
    };
    let status = match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    };
    Problem::new(
        status,
        code,
        format!(
            "{} Send {{\"from\": \"sip:alice@example.com\", \"to\": \"sip:bob@example.com\"}} as application/json.",
            rejection.body_text().trim_end_matches('.').to_owned() + "."
        ),
    )
}
