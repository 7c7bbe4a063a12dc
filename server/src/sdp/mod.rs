//! Session descriptions (RFC 8866) as two legs of a call show them to each other (RFC 3264).
//!
//! A [`Description`] is what a phone said, kept line by line as it came. A [`View`] is what one leg has been shown: it
//! writes what the other phone said in a form that the phone of this leg can take, and makes up what neither has said.
//! Pure; knows no calls, no dialogs, and nothing of what codecs do.

mod codec;
mod description;
mod groups;
mod made;
mod meet;
mod stream;
mod view;
mod write;

pub use codec::Codec;
pub use description::{Description, Fault};
pub use meet::{Mismatch, Security, mismatch};
pub use stream::{Direction, Stream};
pub use view::View;
