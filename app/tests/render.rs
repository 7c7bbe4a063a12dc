//! The page as the server writes it, state by state: what it says, and that it works without scripts.

mod support;

use std::sync::Arc;

use app::App;
use app::model::{Aor, AppError, CallRef, CallState, Outcome, Party, Side, Snapshot};
use app::ports::{Answer, Host, Switchboard};
use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::location::RequestUrl;
use support::{Story, aor, call_ref};

struct Still(Snapshot);

impl Switchboard for Still {
    fn snapshot(&self) -> Snapshot {
        self.0.clone()
    }

    fn place_call(&self, _: Aor, _: Aor, _: Party) -> Answer<Result<CallRef, AppError>> {
        Box::pin(async { Err(AppError::Busy) })
    }

    fn hang_up(&self, _: CallRef) -> Answer<Result<(), AppError>> {
        Box::pin(async { Err(AppError::Busy) })
    }
}

fn in_request<V: IntoView>(story: Story, url: &str, view: impl FnOnce() -> V) -> String {
    Owner::new().with(|| {
        provide_context(Host(Arc::new(Still(story.board))));
        provide_context(RequestUrl::new(url));
        view().into_view().to_html()
    })
}

/// The page at `/` for the board of a story.
fn page(story: Story) -> String {
    in_request(story, "/", App)
}

/// The opening tag of the button with this name.
fn button<'a>(page: &'a str, name: &str) -> &'a str {
    let label = format!("aria-label=\"{name}\"");
    let mut tags = page
        .split("<button")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.0));
    tags.find(|tag| tag.contains(&label))
        .unwrap_or_else(|| panic!("no button {name:?} in {page}"))
}

/// Everything in the cell with that button.
fn cell<'a>(page: &'a str, name: &str) -> &'a str {
    let tag = button(page, name);
    let mut cells = page
        .split("<td")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("</td>")?.0));
    cells
        .find(|cell| cell.contains(tag))
        .expect("every button of the matrix stands in a cell")
}

fn buttons(page: &str) -> usize {
    page.matches("<button").count()
}

#[test]
fn nobody_is_told_what_to_type() {
    let page = page(Story::new());
    for text in [
        "No registered users. Please register at least two SIP User Agents.",
        "<code>alice</code>",
        "<code>192.168.1.2</code>",
        "<code>5080</code>",
        "<code>192.168.1.2:5080</code>",
        "<code>UDP or TCP</code>",
        "no phones, no calls",
    ] {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
    assert!(!page.contains("role=\"grid\""));
}

#[test]
fn one_is_asked_for_one_more() {
    let mut story = Story::new();
    story.registers("alice", Some("Alice"));
    let page = page(story);
    for text in [
        "One phone is registered. Register one more.",
        "<code>bob</code>",
        "Linphone/5.2.6",
    ] {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
    assert_eq!(buttons(&page), 0, "there is nobody to call");
}

#[test]
fn two_have_a_cell_for_each_direction() {
    let page = page(Story::of_two());
    assert!(page.contains("role=\"grid\" aria-label=\"Call matrix\""));
    assert!(page.contains(">From \\ To</th>"));
    assert_eq!(buttons(&page), 2, "the diagonal is blank");
    for (from, to) in [("alice", "bob"), ("bob", "alice")] {
        let (from, to) = (aor(from), aor(to));
        let names = |aor: &Aor| {
            if aor.user() == Some("alice") {
                "Alice"
            } else {
                "Bob"
            }
        };
        let button = button(&page, &format!("Call {} to {}", names(&from), names(&to)));
        assert!(
            button.contains(&format!("name=\"to\" value=\"{to}\"")),
            "{button}"
        );
        assert!(
            button.contains("tabindex=\"0\""),
            "without scripts Tab must reach it: {button}"
        );
        let form = button
            .split_once("form=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(id, _)| id);
        let id = form.expect("a button belongs to a form");
        let form = page
            .split_once(&format!("<form id=\"{id}\""))
            .map(|(_, rest)| rest)
            .expect(id);
        let form = form
            .split_once("</form>")
            .map(|(form, _)| form)
            .expect("it ends");
        assert!(
            form.contains("method=\"post\" action=\"/actions/place_call\""),
            "{form}"
        );
        assert!(
            form.contains(&format!("name=\"from\" value=\"{from}\"")),
            "{form}"
        );
    }
}

#[test]
fn a_cell_says_which_phone_rings_and_can_end_the_call() {
    let page = page(Story::of_two().rings_first());
    let button = button(&page, "End call Alice to Bob");
    assert!(
        button.contains("formaction=\"/actions/hang_up\""),
        "{button}"
    );
    assert!(
        button.contains(&format!("name=\"call\" value=\"{}\"", call_ref())),
        "{button}"
    );
    assert!(
        button.contains("title=\"Alice rings, Bob is next\""),
        "{button}"
    );
    let cell = cell(&page, "End call Alice to Bob");
    assert!(cell.contains("data-state=\"calling-a\""), "{cell}");
    assert!(cell.contains("Alice rings</span>"), "{cell}");
    let marks = (
        cell.find("data-leg=\"ringing\""),
        cell.find("data-leg=\"planned\""),
    );
    assert!(
        matches!(marks, (Some(from), Some(to)) if from < to),
        "{cell}"
    );
}

#[test]
fn a_cell_says_who_has_answered() {
    let page = page(Story::of_two().rings_second());
    let cell = cell(&page, "End call Alice to Bob");
    assert!(cell.contains("data-state=\"calling-b\""), "{cell}");
    assert!(
        cell.contains("title=\"Alice answered, Bob rings\""),
        "{cell}"
    );
    assert!(cell.contains("Bob rings</span>"), "{cell}");
    assert!(cell.contains("data-leg=\"answered\""), "{cell}");
}

#[test]
fn a_cell_counts_the_seconds_of_a_conversation() {
    let page = page(Story::of_two().talk(42));
    let cell = cell(&page, "End call Alice to Bob");
    assert!(cell.contains("data-state=\"talking\""), "{cell}");
    assert!(cell.contains("0:42</span>"), "{cell}");
    assert!(page.contains("2 phones, 1 call"));
}

#[test]
fn a_cell_says_in_plain_words_why_a_call_failed() {
    for (outcome, code, reason, said) in [
        (Outcome::Busy, 486, "Busy Here", "Bob is busy"),
        (Outcome::Declined, 603, "Decline", "Bob declined"),
        (
            Outcome::NoAnswer,
            408,
            "Request Timeout",
            "Bob did not answer",
        ),
        (
            Outcome::Unreachable,
            480,
            "Temporarily Unavailable",
            "Bob cannot be reached",
        ),
    ] {
        let page = page(Story::of_two().fails(outcome, code, reason));
        let cell = cell(&page, "Call Alice to Bob");
        assert!(cell.contains("data-state=\"failed\""), "{cell}");
        assert!(cell.contains(&format!("{said}</span>")), "{cell}");
        assert!(
            cell.contains(&format!("title=\"{said} ({code} {reason})\"")),
            "{cell}"
        );
        assert!(cell.contains("data-leg=\"failed\""), "{cell}");
        assert!(!cell.contains("formaction"), "a click calls again: {cell}");
        assert!(page.contains("2 phones, no calls"));
    }
}

#[test]
fn the_other_direction_of_a_call_cannot_be_called() {
    let page = page(Story::of_two().rings_first());
    let button = button(&page, "Call Bob to Alice");
    assert!(button.contains("aria-disabled=\"true\""), "{button}");
    assert!(
        button.contains("title=\"These two are in a call"),
        "{button}"
    );
}

#[test]
fn a_phone_that_went_during_its_call_can_still_be_released() {
    let mut story = Story::of_two().talk(5);
    story.leaves("bob");
    let page = page(story);
    assert!(page.contains("1 phone, 1 call"));
    button(&page, "End call Alice to bob");
}

#[test]
fn whatever_a_phone_calls_itself_is_text() {
    const EVIL: &str = "\"><img src=x onerror=alert(1)>";
    let mut story = Story::of_two();
    let mut phone = support::phone("mallory", Some(EVIL));
    phone.aor = Aor::new(&format!("sip:{EVIL}@x"));
    phone.devices[0].user_agent = Some(EVIL.into());
    phone.devices[0].contact = EVIL.into();
    phone.devices[0].address = EVIL.into();
    let evil = phone.aor.clone();
    story.tell(app::model::Change::Phone {
        phone,
        why: app::model::PhoneCause::Bound,
    });
    story.tell(app::model::Change::CallOpened {
        call: CallRef::new(EVIL),
        from: evil,
        to: aor("bob"),
        first: Party::From,
        placed: app::model::Placed::Board,
    });
    let page = page(story);
    assert!(!page.contains("<img"), "{page}");
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "it is shown as what it is"
    );
    for tag in page
        .split('<')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.0))
    {
        assert!(
            !tag.contains("\"\""),
            "a quote of the phone has ended an attribute: {tag}"
        );
    }
}

#[test]
fn two_of_one_name_are_told_apart_by_address() {
    let mut story = Story::new();
    story.registers("alice", Some("Alice"));
    story.registers("alice.2", Some("Alice"));
    let page = page(story);
    button(
        &page,
        "Call sip:alice@example.com to sip:alice.2@example.com",
    );
}

#[test]
fn an_error_of_a_plain_form_is_shown_after_the_redirect() {
    let error = AppError::NotRegistered(aor("bob"));
    let url = ServerFnUrlError::new("/actions/place_call", error).to_url("http://localhost/");
    let url = url.expect("a base that is an address");
    let page = in_request(Story::of_two(), url.as_str(), App);
    let alert = page
        .split_once("role=\"alert\"")
        .map(|(_, rest)| rest)
        .expect("a place for errors");
    let alert = alert
        .split_once("</div>")
        .map(|(alert, _)| alert)
        .expect("it ends");
    assert!(
        alert.contains("bob@example.com is not registered."),
        "{alert}"
    );
    assert!(
        alert.contains("href=\"/\""),
        "it can be closed without scripts: {alert}"
    );
}

#[test]
fn the_open_lab_says_so() {
    let mut story = Story::of_two();
    assert!(page(Story::of_two()).contains("Open lab."));
    story.board.server.open_lab = false;
    let page = page(story);
    assert!(!page.contains("Open lab."));
}

#[test]
fn without_scripts_the_page_is_loaded_again_only_if_wished() {
    let document = |url| {
        let options = LeptosOptions::builder().output_name("crosspoint").build();
        in_request(Story::of_two(), url, || app::shell(options))
    };
    assert!(!document("/").contains("http-equiv"));
    assert!(
        document("/?refresh=5").contains("<noscript><meta http-equiv=\"refresh\" content=\"5\">")
    );
    assert!(document("/").contains("<noscript><p class=\"script-hint\">"));
}

#[test]
fn how_a_call_ended_is_told_by_who_ended_it() {
    use app::model::EndedBy;
    let talked = |by| {
        let mut story = Story::of_two().talk(92);
        story.leg(Side::A, support::ended(by, None, None));
        story.state(CallState::Releasing);
        story.leg(Side::B, support::ended(by, None, None));
        story.state(CallState::Done(Outcome::Answered));
        page(story)
    };
    assert!(talked(EndedBy::A).contains("Alice hung up after 1:32"));
    assert!(talked(EndedBy::B).contains("Bob hung up after 1:32"));
    assert!(talked(EndedBy::Operator).contains("Ended after 1:32"));
}
