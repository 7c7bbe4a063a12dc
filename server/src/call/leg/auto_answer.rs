//! What an INVITE says so that the phone answers by itself: there is a standard (RFC 5373), and there is what phones heed.
//!
//! Only for the party who clicked, and only where one device rings: nobody wants all phones of a house to pick up.

/// One way to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `Answer-Mode: Auto` (RFC 5373 section 4.3).
    AnswerMode,
    /// `Call-Info: <sip:host>;answer-after=0`
    CallInfo,
    /// `Alert-Info: <sip:host>;info=alert-autoanswer;delay=0`
    AlertInfo,
}

/// What phones of one make heed.
struct Habit {
    /// With what their User-Agent begins, in any case.
    prefix: &'static str,
    forms: &'static [Form],
    #[cfg_attr(not(test), expect(dead_code, reason = "for who reads the table"))]
    why: &'static str,
}

/// The first row that fits counts. A phone that is told to answer by itself must be set to heed it, all makes of them.
const HABITS: &[Habit] = &[
    Habit {
        prefix: "Yealink",
        forms: &[Form::CallInfo, Form::AlertInfo],
        why: "heeds either, by its settings for intercom calls",
    },
    Habit {
        prefix: "Grandstream",
        forms: &[Form::CallInfo, Form::AlertInfo],
        why: "heeds either, older firmware Alert-Info alone",
    },
    Habit {
        prefix: "snom",
        forms: &[Form::CallInfo, Form::AlertInfo],
        why: "heeds either, by its settings for intercom calls",
    },
    Habit {
        prefix: "",
        forms: &[Form::AnswerMode, Form::CallInfo],
        why: "the standard, and what most phones heed in its place; both are ignored where they are unknown",
    },
];

/// The header fields, name and value, for a phone of this User-Agent. `host` is where we are.
pub(super) fn headers(
    user_agent: Option<&str>,
    host: &str,
) -> impl Iterator<Item = (&'static str, String)> {
    let name = user_agent.unwrap_or_default().as_bytes();
    let fits = |habit: &&Habit| {
        let start = name.get(..habit.prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(habit.prefix.as_bytes()))
    };
    let habit = HABITS.iter().find(fits);
    let forms = habit.map_or(&[][..], |habit| habit.forms);
    forms.iter().map(move |form| match form {
        Form::AnswerMode => ("Answer-Mode", "Auto".to_owned()),
        Form::CallInfo => ("Call-Info", format!("<sip:{host}>;answer-after=0")),
        Form::AlertInfo => (
            "Alert-Info",
            format!("<sip:{host}>;info=alert-autoanswer;delay=0"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_to(user_agent: Option<&str>) -> Vec<String> {
        let headers = headers(user_agent, "192.0.2.1:5080");
        headers
            .map(|(name, value)| format!("{name}: {value}"))
            .collect()
    }

    #[test]
    fn each_make_hears_what_it_heeds() {
        let usual = [
            "Answer-Mode: Auto",
            "Call-Info: <sip:192.0.2.1:5080>;answer-after=0",
        ];
        assert_eq!(said_to(None), usual);
        assert_eq!(said_to(Some("baresip v1.0.0")), usual);
        let alert = "Alert-Info: <sip:192.0.2.1:5080>;info=alert-autoanswer;delay=0";
        for make in [
            "Yealink SIP-T46S 66.85",
            "snomD735/10.1",
            "GRANDSTREAM GXP2170",
        ] {
            assert_eq!(said_to(Some(make)), [usual[1], alert], "{make}");
        }
    }

    #[test]
    fn each_row_says_why_and_the_last_fits_all() {
        assert!(HABITS.iter().all(|habit| !habit.why.is_empty()));
        assert!(HABITS.last().is_some_and(|habit| habit.prefix.is_empty()));
    }
}
