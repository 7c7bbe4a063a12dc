//! In which order the servers of SRV records are tried (RFC 2782, "Priority" and "Weight").

use super::answers::Srv;

/// By priority; among equals by lot, each with the chance that its weight gives it. `random(n)` is any of `0..=n`.
pub(super) fn ordered(records: &[Srv], random: &mut dyn FnMut(u32) -> u32) -> Vec<Srv> {
    let mut left = records.to_vec();
    // "all those with weight 0 are placed at the beginning of the list"
    left.sort_by_key(|record| (record.priority, record.weight != 0));
    let mut order = Vec::with_capacity(left.len());
    while let Some(first) = left.first() {
        let priority = first.priority;
        let equals = left.iter().take_while(|next| next.priority == priority);
        let sum = equals.clone().map(|next| u32::from(next.weight)).sum();
        let drawn = random(sum);
        let mut running = 0;
        let chosen = equals.into_iter().position(|next| {
            running += u32::from(next.weight);
            running >= drawn
        });
        order.push(left.remove(chosen.unwrap_or(0)));
    }
    order
}
