//! The document as a page for people: plain HTML without scripts, so that the policy of answers that are no page suits it.
//!
//! Knows the shape of OpenAPI 3.1 and nothing of what ours says.

use std::fmt::Write;

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h2{margin-top:3rem}h3{margin:2rem 0 .25rem;font-family:ui-monospace,monospace;font-size:1rem}\
code{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%;margin:.5rem 0}\
td,th{border:1px solid color-mix(in srgb,currentColor 25%,transparent);padding:.25rem .5rem;text-align:left;vertical-align:top}\
.method{display:inline-block;min-width:4.5em;text-transform:uppercase}";

/// The whole page.
pub(super) fn render(document: &OpenApi) -> String {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut page = Page(String::with_capacity(64 << 10));
    page.add(format_args!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Crosspoint: the API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main>\
         <h1>Crosspoint: the API</h1>"
    ));
    page.paragraph(&document["info"]["description"]);
    page.add(format_args!(
        "<p>For programs: <a href=\"/api/openapi.json\">/api/openapi.json</a> (OpenAPI 3.1).</p>"
    ));
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(&tag["name"]);
        page.add(format_args!("<h2>{}</h2>", Escaped(name)));
        page.paragraph(&tag["description"]);
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                if operation["tags"][0] == tag["name"] {
                    page.operation(path, method, operation);
                }
            }
        }
    }
    page.add(format_args!("<h2>Schemas</h2>"));
    for (name, schema) in entries(&document["components"]["schemas"]) {
        page.schema(name, schema);
    }
    page.add(format_args!("</main></body></html>"));
    page.0
}

struct Page(String);

impl Page {
    fn add(&mut self, what: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.0.write_fmt(what);
    }

    fn paragraph(&mut self, value: &Value) {
        let value = text(value);
        if !value.is_empty() {
            self.add(format_args!("<p>{}</p>", Escaped(value)));
        }
    }

    fn rows(&mut self, head: [&str; 3], rows: Vec<[String; 3]>) {
        if rows.is_empty() {
            return;
        }
        let [a, b, c] = head;
        self.add(format_args!(
            "<table><thead><tr><th>{a}</th><th>{b}</th><th>{c}</th></tr></thead><tbody>"
        ));
        for [a, b, c] in rows {
            let (a, c) = (Escaped(&a), Escaped(&c));
            self.add(format_args!(
                "<tr><td><code>{a}</code></td><td>{b}</td><td>{c}</td></tr>"
            ));
        }
        self.add(format_args!("</tbody></table>"));
    }

    fn operation(&mut self, path: &str, method: &str, operation: &Value) {
        let id = Escaped(text(&operation["operationId"]));
        let (verb, at) = (Escaped(method), Escaped(path));
        self.add(format_args!(
            "<h3 id=\"{id}\"><span class=\"method\">{verb}</span> {at}</h3>"
        ));
        self.paragraph(&operation["summary"]);
        self.paragraph(&operation["description"]);
        let scopes = operation["security"].as_array().into_iter().flatten();
        for scope in scopes.flat_map(|one| one["key"].as_array().into_iter().flatten()) {
            let scope = Escaped(text(scope));
            self.add(format_args!(
                "<p>Needs a key of the scope <code>{scope}</code> where keys are asked for.</p>"
            ));
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameter = |it: &Value| {
            let place = format!("{}, {}", text(&it["in"]), kind(&it["schema"]));
            [
                text(&it["name"]).to_owned(),
                place,
                text(&it["description"]).to_owned(),
            ]
        };
        self.rows(
            ["Parameter", "Where", "Meaning"],
            parameters.map(parameter).collect(),
        );
        let bodies = entries(&operation["requestBody"]["content"]);
        for (media, body) in bodies {
            let (media, schema) = (Escaped(media), kind(&body["schema"]));
            self.add(format_args!(
                "<p>Body: {schema} as <code>{media}</code></p>"
            ));
        }
        let response = |(status, it): (&String, &Value)| {
            let bodies = entries(&it["content"]);
            let bodies: Vec<_> = bodies.map(|(_, body)| kind(&body["schema"])).collect();
            [
                status.clone(),
                bodies.join(", "),
                text(&it["description"]).to_owned(),
            ]
        };
        let responses = entries(&operation["responses"]).map(response).collect();
        self.rows(["Status", "Body", "Meaning"], responses);
    }

    fn schema(&mut self, name: &str, schema: &Value) {
        let name = Escaped(name);
        self.add(format_args!("<h3 id=\"schema-{name}\">{name}</h3>"));
        self.paragraph(&schema["description"]);
        let alternatives = schema["oneOf"].as_array().into_iter().flatten();
        let alternatives: Vec<_> = alternatives.map(kind).collect();
        if !alternatives.is_empty() {
            let list = alternatives.join(" or ");
            self.add(format_args!("<p>{list}</p>"));
        }
        let needed = |member: &str| {
            let mut needed = schema["required"].as_array().into_iter().flatten();
            needed.any(|it| it == member)
        };
        let member = |(name, it): (&String, &Value)| {
            let mark = if needed(name) { "" } else { " (optional)" };
            let name = format!("{name}{mark}");
            [name, kind(it), text(&it["description"]).to_owned()]
        };
        let members = entries(&schema["properties"]).map(member).collect();
        self.rows(["Member", "Type", "Meaning"], members);
    }
}

/// What a schema admits, in a few words of HTML.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = Escaped(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().map(|word| match word {
            Value::String(word) => format!("<code>{}</code>", Escaped(word)),
            other => format!("<code>{other}</code>"),
        });
        return words.collect::<Vec<_>>().join(", ");
    }
    let one = |name: &str| match name {
        "array" => format!("array of {}", kind(&schema["items"])),
        other => Escaped(other).to_string(),
    };
    match &schema["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => {
            let names = names.iter().map(|name| one(text(name)));
            names.collect::<Vec<_>>().join(" or ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "anything".to_owned(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text between tags or within quotes.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
