//! A dialog (RFC 3261 section 12): what two user agents must remember to go on talking, in both roles.
//!
//! Knows no transactions and no usages: it builds requests within the dialog and judges the peer's.

use crate::name::{CallId, Flow, Tag};

/// Names a dialog at our side (RFC 3261 section 12). A peer of RFC 2543 without a tag has an empty one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DialogId {
    /// The Call-ID.
    pub call_id: CallId,
    /// Our tag.
    pub local_tag: Tag,
    /// The peer's tag.
    pub remote_tag: Tag,
}

/// Why a request of the peer is not for this dialog (RFC 3261 section 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// 481 for wrong tags, 500 for a CSeq out of order.
    pub status: u16,
}

/// The state of one dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    id: DialogId,
    flow: Flow,
}

impl Dialog {
    /// Its name.
    pub fn id(&self) -> &DialogId {
        &self.id
    }

    /// The way by which the peer was last heard, and requests leave.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }
}
