//! Tells whoever keeps the bindings beyond this process that some have changed, once until it looks.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) struct Watch {
    told: AtomicBool,
    tell: Box<dyn Fn() + Send + Sync>,
}

impl Watch {
    pub(super) fn new(tell: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            told: AtomicBool::new(false),
            tell: Box::new(tell),
        }
    }

    /// After a change is written down.
    pub(super) fn tell(&self) {
        // Most changes follow one that is told already, and then a read of a shared line costs less than a write.
        if !self.told.load(Ordering::SeqCst) && !self.told.swap(true, Ordering::SeqCst) {
            (self.tell)();
        }
    }

    /// Before the changes are taken: what is written down from now on is told again.
    pub(super) fn begin(&self) {
        self.told.store(false, Ordering::SeqCst);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
