//! The OpenAPI document: what it names is there, what is there it names, and the page for people shows it.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;

use crate::desk::Desk;

/// Method and path of every operation of the document.
fn operations(document: &Value) -> Vec<(Method, String)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase().parse().unwrap(), path.clone()))
    });
    each.collect()
}

#[tokio::test]
async fn every_documented_path_is_there_and_told_to_people() {
    let desk = Desk::open();
    let answer = desk.get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let guide = include_str!("../../../docs/api.md");
    let page = desk.get("/api").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let operations = operations(&document);
    assert!(operations.len() >= 5, "{operations:?}");
    for (method, path) in operations {
        let some = path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8000");
        // Asked by a page of another site, nothing is changed.
        let request = Request::builder()
            .method(method.clone())
            .uri(&some)
            .header(header::CONTENT_TYPE, "application/json");
        if method == Method::GET && path.ends_with("/events") {
            continue;
        }
        let answer = desk.ask(request.body(Body::from("{}")).unwrap()).await;
        assert_ne!(answer.status.as_u16(), 405, "{method} {path}");
        assert!(!answer.body.contains("no_such_resource"), "{method} {path}");
        assert!(guide.contains(&path), "docs/api.md does not name {path}");
        assert!(page.body.contains(&path), "/api does not name {path}");
    }
    desk.close().await;
}

/// Whoever adds a route by another way than the list that makes the document would hide it.
#[test]
fn the_api_has_no_route_beside_the_document() {
    let list = include_str!("../../src/web/openapi/mod.rs");
    let api = list.split("pub(super) fn api()").nth(1).unwrap();
    let api = api.split("\n}\n").next().unwrap();
    assert!(!api.contains(".route("), "name the handler in routes!(...)");
    let host = include_str!("../../src/web/mod.rs");
    let others = host
        .lines()
        .filter(|line| line.contains(".route(\"/api/v1") && !line.contains("\"/api/v1/\""));
    assert_eq!(others.count(), 0, "name the handler in openapi::api");
}

/// References that lead nowhere make a document that no generator takes.
#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let desk = Desk::open();
    let document = desk.get("/api/openapi.json").await.json();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    desk.close().await;
}
