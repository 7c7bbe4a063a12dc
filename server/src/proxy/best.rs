//! Which of several final responses the caller gets (RFC 3261 section 16.7 step 6). Knows no branches.

use sip::msg::Message;

use crate::forking::rank;

/// The final responses of the branches so far, none of them 2xx.
#[derive(Debug, Default)]
pub(super) struct Best {
    chosen: Option<Candidate>,
    /// 401 and 407 that were not chosen: their challenges go with the chosen one (step 7).
    challenges: Vec<Message>,
}

/// One that may be sent.
#[derive(Debug)]
struct Candidate {
    rank: u8,
    verdict: Verdict,
}

/// What to tell the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What a branch said.
    Response(Message),
    /// Something of our own: no branch said anything that could be passed on.
    Own(u16),
}

impl Best {
    /// Another branch has ended with this response.
    pub(super) fn add(&mut self, response: &Message) {
        let status = response.status().unwrap_or(500);
        let old = self.consider(status, Verdict::Response(response.clone()));
        if let Some(Verdict::Response(old)) = old
            && matches!(old.status(), Some(401 | 407))
        {
            self.challenges.push(old);
        }
    }

    /// Another branch has ended without a response: counts as this one of our own.
    pub(super) fn add_own(&mut self, status: u16) {
        if let Some(Verdict::Response(old)) = self.consider(status, Verdict::Own(status))
            && matches!(old.status(), Some(401 | 407))
        {
            self.challenges.push(old);
        }
    }

    /// The one that would be sent, if anything was heard.
    pub(super) fn chosen(&self) -> Option<&Verdict> {
        self.chosen.as_ref().map(|chosen| &chosen.verdict)
    }

    /// The one to send, and the challenges of others. Nothing was heard at all: `otherwise`.
    pub(super) fn take(&mut self, otherwise: u16) -> (Verdict, Vec<Message>) {
        let chosen = self.chosen.take().map(|chosen| chosen.verdict);
        let verdict = match chosen {
            None => Verdict::Own(otherwise),
            // Step 6: 503 is about one way, and the caller would take it for ours.
            Some(Verdict::Response(response)) if response.status() == Some(503) => {
                Verdict::Own(500)
            }
            Some(Verdict::Own(503)) => Verdict::Own(500),
            Some(other) => other,
        };
        let is_challenge = matches!(&verdict, Verdict::Response(response) if matches!(response.status(), Some(401 | 407)));
        let challenges = std::mem::take(&mut self.challenges);
        (verdict, if is_challenge { challenges } else { Vec::new() })
    }

    /// Gives back the one that is not chosen.
    fn consider(&mut self, status: u16, verdict: Verdict) -> Option<Verdict> {
        let rank = rank(status);
        match &self.chosen {
            Some(chosen) if chosen.rank <= rank => Some(verdict),
            Some(_) | None => {
                let old = self.chosen.replace(Candidate { rank, verdict });
                old.map(|old| old.verdict)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16) -> Message {
        let text = format!("SIP/2.0 {status} Whatever\r\nVia: SIP/2.0/UDP x\r\n\r\n");
        sip::msg::lex(text.into()).unwrap()
    }

    fn chosen(statuses: &[u16]) -> u16 {
        let mut best = Best::default();
        for status in statuses {
            best.add(&response(*status));
        }
        match best.take(480).0 {
            Verdict::Response(response) => response.status().unwrap(),
            Verdict::Own(status) => status,
        }
    }

    #[test]
    fn section_16_7_step_6_the_best_response() {
        for (heard, best) in [
            (&[][..], 480),
            (&[486], 486),
            (&[486, 302], 302),
            (&[302, 603], 603),
            (&[500, 486], 486),
            (&[486, 407], 407),
            (&[404, 484], 484),
            (&[486, 480], 486),
            (&[487, 486], 486),
            (&[408, 404], 404),
            (&[503], 500),
            (&[503, 501], 501),
            (&[500, 487], 487),
        ] {
            assert_eq!(chosen(heard), best, "{heard:?}");
        }
    }

    #[test]
    fn section_16_7_step_7_no_challenge_is_lost() {
        for order in [[401, 407, 486], [486, 401, 407], [407, 486, 401]] {
            let mut best = Best::default();
            for status in order {
                best.add(&response(status));
            }
            let (_, others) = best.take(480);
            assert_eq!(others.len(), 1, "{order:?}");
        }
        let mut best = Best::default();
        for status in [401, 603] {
            best.add(&response(status));
        }
        assert_eq!(best.take(480).1, []);
    }
}
