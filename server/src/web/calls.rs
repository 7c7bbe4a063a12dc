//! `/api/v1`: calls and registrations for programs. `GET` never changes anything.

use app::model::{self, AppError, Party};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Web;
use super::problem::Problem;
use super::resource::{Call, Registration};
use crate::event::CallRef;

/// The wish to put two phones through.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCall {
    /// The address of record that rings first.
    from: String,
    /// The one that rings when the first has answered.
    to: String,
    /// Turns that order round.
    #[serde(default)]
    ring_first: Party,
}

#[derive(Debug, Serialize)]
pub(super) struct Placed {
    id: String,
}

/// `POST /calls`: answers as soon as the call exists, long before anybody lifts.
pub(super) async fn place(
    State(web): State<Web>,
    body: Result<Json<NewCall>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(wish) = body.map_err(unreadable)?;
    let call = web
        .board("api")
        .place(&wish.from, &wish.to, wish.ring_first)
        .await?;
    let id = call.to_string();
    let location = [(header::LOCATION, format!("/api/v1/calls/{id}"))];
    Ok((StatusCode::ACCEPTED, location, Json(Placed { id })))
}

/// `GET /calls`: what the board shows.
pub(super) async fn list(State(web): State<Web>) -> Response {
    let calls = web.snapshot().calls;
    Json(calls.iter().map(Call::from).collect::<Vec<_>>()).into_response()
}

/// `GET /calls/{id}`.
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

/// `DELETE /calls/{id}`: begins to release the call. Asking again is no error while the board still shows it.
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

/// `GET /registrations`: who is there, by which devices.
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
