//! `/sip`: a browser phone on the address of the page.

use futures_util::{SinkExt, StreamExt};
use sip::msg::lex;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::desk::{Desk, PATIENCE};
use crate::peer::register;

#[tokio::test]
async fn a_phone_in_the_page_registers_and_goes_with_its_socket() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let mut request = format!("ws://{addr}/sip").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "sip".parse().unwrap());
    headers.insert("origin", format!("http://{addr}").parse().unwrap());
    let stream = TcpStream::connect(addr).await.unwrap();
    let (mut socket, answer) = client_async(request, stream).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "sip");

    let draft = register("alice", "<sip:alice@x.invalid;transport=ws>");
    let text = draft.text("WS", addr, addr);
    socket.send(Message::text(text)).await.unwrap();
    let frame = timeout(PATIENCE, socket.next()).await.unwrap().unwrap();
    let answer = lex(frame.unwrap().into_data()).unwrap();
    assert_eq!(answer.status(), Some(200), "{answer:?}");
    assert_eq!(desk.handle.location().len(), 1);

    socket.close(None).await.unwrap();
    let gone = async {
        while !desk.handle.location().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn a_page_of_another_site_may_not() {
    let desk = Desk::open();
    let addr = desk.listen().await;
    let mut request = format!("ws://{addr}/sip").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "sip".parse().unwrap());
    headers.insert("origin", "http://evil.example".parse().unwrap());
    let stream = TcpStream::connect(addr).await.unwrap();
    let Err(Error::Http(answer)) = client_async(request, stream).await else {
        panic!("it gets in")
    };
    assert_eq!(answer.status(), 403);
    desk.close().await;
}
