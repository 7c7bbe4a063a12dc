//! The four tables, pair by pair, as the figures of RFC 3261 and RFC 6026 have them.
//!
//! Each row is written by hand from the figure: state, input, next state, effects. A pair without a row
//! must change nothing and do nothing.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::machine::{Input, Step};
use super::{client_invite, client_non_invite, server_invite, server_non_invite};

const INPUTS: [Input; 9] = [
    Input::Request,
    Input::Ack,
    Input::Cancel,
    Input::Provisional,
    Input::Success,
    Input::Failure,
    Input::Repeat,
    Input::Expire,
    Input::Broken,
];

/// Holds every pair of a table against the rows.
fn check<State: Copy + Debug>(
    states: &[State],
    step: impl Fn(State, Input) -> Step<State>,
    rows: &str,
) {
    let mut expected = BTreeMap::new();
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let mut words = row.split_whitespace();
        let mut word = || {
            words
                .next()
                .expect("state, input and next state")
                .to_owned()
        };
        let (state, input, next) = (word(), word(), word());
        let effects: Vec<String> = words.map(str::to_owned).collect();
        let before = expected.insert((state, input), (next, effects));
        assert!(before.is_none(), "two rows for one pair: {row}");
    }
    for &state in states {
        for input in INPUTS {
            let (next, effects) = step(state, input);
            let effects: Vec<String> = effects.iter().map(|effect| format!("{effect:?}")).collect();
            let wanted = expected
                .remove(&(format!("{state:?}"), format!("{input:?}")))
                .unwrap_or_else(|| (format!("{state:?}"), Vec::new()));
            assert_eq!(
                (format!("{next:?}"), effects),
                wanted,
                "in {state:?} on {input:?}"
            );
        }
    }
    assert!(
        expected.is_empty(),
        "rows for pairs that do not exist: {expected:?}"
    );
}

#[test]
fn invite_client_is_figure_5() {
    use client_invite::State::{self, *};
    check(
        &[
            Calling, Proceeding, Cancelling, Accepted, Completed, Terminated,
        ],
        State::step,
        "
        Calling     Provisional  Proceeding  Stop(Repeat) Stop(End) Pass
        Calling     Success      Accepted    Stop(Repeat) Forget Start(M) Pass
        Calling     Failure      Completed   Stop(Repeat) Acknowledge Start(D) Pass
        Calling     Repeat       Calling     Send Again(A)
        Calling     Expire       Terminated  TellTimeout
        Calling     Broken       Terminated  TellBroken
        Proceeding  Provisional  Proceeding  Pass
        Proceeding  Success      Accepted    Forget Start(M) Pass
        Proceeding  Failure      Completed   Acknowledge Start(D) Pass
        Proceeding  Cancel       Cancelling  SendCancel Start(Cancelled)
        Cancelling  Provisional  Cancelling  Pass
        Cancelling  Success      Accepted    Forget Start(M) Pass
        Cancelling  Failure      Completed   Acknowledge Start(D) Pass
        Cancelling  Expire       Terminated  TellTimeout
        Accepted    Success      Accepted    Pass
        Accepted    Expire       Terminated
        Completed   Failure      Completed   Send
        Completed   Expire       Terminated
        Completed   Broken       Terminated  TellBroken
        ",
    );
}

#[test]
fn non_invite_client_is_figure_6() {
    use client_non_invite::State::{self, *};
    check(
        &[Trying, Proceeding, Completed, Terminated],
        State::step,
        "
        Trying      Provisional  Proceeding  Pass
        Trying      Success      Completed   Stop(Repeat) Forget Start(K) Pass
        Trying      Failure      Completed   Stop(Repeat) Forget Start(K) Pass
        Trying      Repeat       Trying      Send Again(E)
        Trying      Expire       Terminated  TellTimeout
        Trying      Broken       Terminated  TellBroken
        Proceeding  Provisional  Proceeding  Pass
        Proceeding  Success      Completed   Stop(Repeat) Forget Start(K) Pass
        Proceeding  Failure      Completed   Stop(Repeat) Forget Start(K) Pass
        Proceeding  Repeat       Proceeding  Send Start(SlowE)
        Proceeding  Expire       Terminated  TellTimeout
        Proceeding  Broken       Terminated  TellBroken
        Completed   Expire       Terminated
        ",
    );
}

#[test]
fn invite_server_is_figure_7() {
    use server_invite::State::{self, *};
    check(
        &[
            Proceeding, Cancelled, Accepted, Completed, Confirmed, Terminated,
        ],
        State::step,
        "
        Proceeding  Request      Proceeding  Stop(Repeat) Send
        Proceeding  Repeat       Proceeding  Stop(Repeat) Send
        Proceeding  Provisional  Proceeding  Stop(Repeat) Reply
        Proceeding  Success      Accepted    Stop(Repeat) Relay Forget Start(L)
        Proceeding  Failure      Completed   Reply Start(G) Start(H)
        Proceeding  Broken       Proceeding  TellBroken
        Proceeding  Cancel       Cancelled   Pass
        Cancelled   Request      Cancelled   Stop(Repeat) Send
        Cancelled   Repeat       Cancelled   Stop(Repeat) Send
        Cancelled   Provisional  Cancelled   Stop(Repeat) Reply
        Cancelled   Success      Accepted    Stop(Repeat) Relay Forget Start(L)
        Cancelled   Failure      Completed   Reply Start(G) Start(H)
        Cancelled   Broken       Cancelled   TellBroken
        Accepted    Success      Accepted    Relay
        Accepted    Ack          Accepted    Pass
        Accepted    Broken       Accepted    TellBroken
        Accepted    Expire       Terminated
        Completed   Request      Completed   Send
        Completed   Repeat       Completed   Send Again(G)
        Completed   Ack          Confirmed   Stop(Repeat) Forget Start(I)
        Completed   Broken       Completed   TellBroken
        Completed   Expire       Terminated  TellUnacknowledged
        Confirmed   Expire       Terminated
        ",
    );
}

#[test]
fn non_invite_server_is_figure_8() {
    use server_non_invite::State::{self, *};
    check(
        &[Trying, Proceeding, Completed, Terminated],
        State::step,
        "
        Trying      Provisional  Proceeding  Stop(Repeat) Reply
        Trying      Success      Completed   Stop(Repeat) Reply Start(J)
        Trying      Failure      Completed   Stop(Repeat) Reply Start(J)
        Trying      Repeat       Proceeding  PrepareTrying Send
        Trying      Expire       Terminated
        Trying      Broken       Terminated  TellBroken
        Proceeding  Request      Proceeding  Send
        Proceeding  Provisional  Proceeding  Reply
        Proceeding  Success      Completed   Stop(Repeat) Reply Start(J)
        Proceeding  Failure      Completed   Stop(Repeat) Reply Start(J)
        Proceeding  Expire       Terminated
        Proceeding  Broken       Terminated  TellBroken
        Completed   Request      Completed   Send
        Completed   Expire       Terminated
        Completed   Broken       Terminated  TellBroken
        ",
    );
}
