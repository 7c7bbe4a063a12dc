//! The handshake of a WebSocket for SIP (RFC 7118 section 4, RFC 6455 section 4.2).
//!
//! The client must offer the sub-protocol `sip`; a page must be one that may. Which path it asks for is all the same.

use std::net::{SocketAddr, TcpStream};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::handshake::server::{
    ErrorResponse, Request, Response, create_response_with_body,
};
use tokio_tungstenite::tungstenite::http::{self, HeaderMap, HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use crate::limits;
use crate::transport::OriginRule;
use crate::transport::origin::Foreign;

/// The sub-protocol of RFC 7118.
const SIP: HeaderValue = HeaderValue::from_static("sip");

/// A WebSocket whose handshake was done on the page's address.
#[derive(Debug)]
pub(crate) struct Upgraded {
    pub(crate) stream: TcpStream,
    /// What came behind the handshake already.
    pub(crate) read: Bytes,
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

/// Why a handshake is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    NoWebSocket(Box<tungstenite::Error>),
    #[error("SIP is spoken here: offer it as Sec-WebSocket-Protocol: sip (RFC 7118)")]
    NoSip,
    #[error("{0}")]
    Foreign(#[from] Foreign),
}

impl Refusal {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NoWebSocket(_) | Self::NoSip => StatusCode::BAD_REQUEST,
            Self::Foreign(_) => StatusCode::FORBIDDEN,
        }
    }
}

/// The response to a request that asks for a WebSocket; with it the connection becomes one.
pub(crate) fn answer<B, T: Default>(
    request: &http::Request<B>,
    rule: &OriginRule,
) -> Result<http::Response<T>, Refusal> {
    let mut response = create_response_with_body(request, T::default)
        .map_err(|error| Refusal::NoWebSocket(Box::new(error)))?;
    judge(request.headers(), rule)?;
    response
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, SIP);
    Ok(response)
}

/// Shakes hands with a client that has just connected.
pub(in super::super) async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    rule: &OriginRule,
) -> Result<WebSocketStream<S>, Box<tungstenite::Error>> {
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    let callback = |request: &Request, mut response: Response| match judge(request.headers(), rule)
    {
        Ok(()) => {
            response
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, SIP);
            Ok(response)
        }
        Err(refusal) => {
            let mut response = ErrorResponse::new(Some(refusal.to_string()));
            *response.status_mut() = refusal.status();
            Err(response)
        }
    };
    accept_hdr_async_with_config(stream, callback, Some(config()))
        .await
        .map_err(Box::new)
}

/// Bounds of what a peer may send, and of what waits for it.
pub(in super::super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(limits::WEBSOCKET_READ)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::STREAM_BACKLOG)
        .max_message_size(Some(sip::limits::MAX_MESSAGE))
        .max_frame_size(Some(sip::limits::MAX_MESSAGE))
}

fn judge(headers: &HeaderMap, rule: &OriginRule) -> Result<(), Refusal> {
    let offers_sip = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|protocol| protocol.trim().eq_ignore_ascii_case("sip"));
    // What is no text is no origin of anybody's.
    let text = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
    };
    rule.judge(text(header::HOST), text(header::ORIGIN))?;
    if offers_sip {
        Ok(())
    } else {
        Err(Refusal::NoSip)
    }
}
