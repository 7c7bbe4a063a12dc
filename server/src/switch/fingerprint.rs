//! Several texts as one number that nobody else can foresee or aim at.

use std::hash::Hasher;

use smallvec::SmallVec;

/// What `keyed`, a hasher that was given a secret, makes of the texts. They are put together first: a hasher takes one
/// long text in much less time than many short ones.
pub(super) fn fingerprint<'a>(
    mut keyed: impl Hasher,
    texts: impl IntoIterator<Item = Option<&'a [u8]>>,
) -> u64 {
    let mut all = SmallVec::<[u8; 512]>::new();
    for text in texts {
        // Lengths keep the end of one text from counting as the beginning of the next; no text is that long.
        let len = text.map_or(u16::MAX, |text| {
            u16::try_from(text.len()).unwrap_or(u16::MAX)
        });
        all.extend_from_slice(&len.to_le_bytes());
        all.extend_from_slice(text.unwrap_or_default());
    }
    keyed.write(&all);
    keyed.finish()
}
