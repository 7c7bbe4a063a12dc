//! What needs proof, and of what: the settings of `[auth]`, ready to be asked (RFC 3261 section 22.1, 22.3).
//!
//! Knows no users and no requests.

use sip::auth::Algorithm;
use sip::msg::Method;
use sip::name::Aor;

use super::users::User;
use crate::config::{AuthMode, Config, MethodRule};

/// The rules in force.
#[derive(Debug)]
pub(super) struct Policy {
    is_open: bool,
    pub(super) realm: Box<str>,
    pub(super) algorithms: Vec<Algorithm>,
    rules: Vec<MethodRule>,
    domains: Vec<String>,
}

impl Policy {
    pub(super) fn new(config: &Config) -> Self {
        let auth = &config.auth;
        Self {
            is_open: match auth.mode {
                AuthMode::OpenLab => true,
                AuthMode::Digest => false,
            },
            realm: auth.realm.0.clone(),
            algorithms: auth.algorithms.clone(),
            rules: auth.methods.clone(),
            domains: config.sip.domains.clone(),
        }
    }

    /// Whether nobody needs proof for anything.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// What a request of this method needs; `None`: no proof.
    ///
    /// ACK and CANCEL cannot be challenged (section 22.1). BYE and PRACK are not unless they are named: they do nothing
    /// without the tags of a call that stands, and a phone must be able to hang up.
    pub(super) fn rule(&self, method: &Method) -> Option<&MethodRule> {
        if self.is_open || matches!(method, Method::Ack | Method::Cancel) {
            return None;
        }
        let named = self
            .rules
            .iter()
            .find(|rule| rule.method.as_ref() == Some(method));
        let is_in_calls_only = matches!(method, Method::Bye | Method::Prack);
        named.or_else(|| {
            self.rules
                .iter()
                .find(|rule| rule.method.is_none() && !is_in_calls_only)
        })
    }

    /// Whether a user may use an address of record as his.
    pub(super) fn is_his(&self, user: &User, aor: &Aor) -> bool {
        let is_ours = self.domains.is_empty()
            || self
                .domains
                .iter()
                .any(|domain| domain.eq_ignore_ascii_case(aor.host()));
        // What stands among the aliases was put there by the operator, whatever its host.
        (is_ours && user.owns(aor)) || user.has_alias(aor)
    }

    /// Those of `wanted` that may be used at all; all of ours if none.
    pub(super) fn of(&self, wanted: &[Algorithm]) -> Vec<Algorithm> {
        let allowed: Vec<_> = wanted
            .iter()
            .copied()
            .filter(|algorithm| self.algorithms.contains(algorithm))
            .collect();
        if allowed.is_empty() {
            self.algorithms.clone()
        } else {
            allowed
        }
    }
}
