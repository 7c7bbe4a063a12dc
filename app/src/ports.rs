//! What the page asks of its host. The server implements it and puts it into the context as [`Host`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::model::{Aor, AppError, CallRef, Party, Snapshot};

/// A future that can be named in a trait object.
pub type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The switchboard behind the page.
pub trait Switchboard: Send + Sync {
    /// The board as it is now, at one number. Must cost no more than a copy: pages are rendered while it waits.
    fn snapshot(&self) -> Snapshot;

    /// Opens a call; answers as soon as it exists, long before anybody lifts. Text that names no AOR is
    /// [`AppError::BadAor`].
    fn place_call(&self, from: Aor, to: Aor, first: Party) -> Answer<Result<CallRef, AppError>>;

    /// Releases a call, wherever it stands; answers when it is over, or soon if its phones take their time.
    /// [`AppError::CallGone`] when there is nothing to release.
    fn hang_up(&self, call: CallRef) -> Answer<Result<(), AppError>>;
}

/// The [`Switchboard`] as it stands in the context of pages and server functions.
#[derive(Clone)]
pub struct Host(pub Arc<dyn Switchboard>);
